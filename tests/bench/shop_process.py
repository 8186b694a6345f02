"""Solve a shop in a process of its own, as the product does: spawned, with a flag to cancel."""

import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from domain.scheduling.shop import Shop, ShopResult
from domain.scheduling.shop_solve import solve_shop, warm_up
from tests.bench.report import peak_memory_mb

MESSAGE_SECONDS = 0.1


@dataclass(frozen=True)
class Outcome:
    """A result with the time it took as seen from outside, and what the process used."""

    result: ShopResult
    seconds: float
    cpu_seconds: float
    peak_memory_mb: float | None


def _work(pipe: Connection, cancelled: Event) -> None:
    warm_up()
    pipe.send("ready")
    while (order := pipe.recv()) is not None:
        shop, seconds, workers, seed = order
        sent, cpu = [0.0], time.process_time()

        def tell(value: int, bound: int, sent: list[float] = sent) -> None:
            if time.perf_counter() - sent[0] >= MESSAGE_SECONDS:
                sent[0] = time.perf_counter()
                pipe.send((value, bound))

        result = solve_shop(
            shop,
            seconds=seconds,
            workers=workers,
            seed=seed,
            on_progress=tell,
            should_stop=cancelled.is_set,
        )
        pipe.send((result, time.process_time() - cpu, peak_memory_mb()))


class ShopProcess:
    """A solver process that takes one shop after the other; a context manager."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.cancelled = context.Event()
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, self.cancelled), daemon=True)

    def __enter__(self) -> "ShopProcess":
        self._process.start()
        self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.send(None)
        self._process.join()

    def solve(self, shop: Shop, *, seconds: float, workers: int, seed: int) -> Outcome:
        """Plan a shop and wait for it."""
        self.cancelled.clear()
        started = time.perf_counter()
        self._pipe.send((shop, seconds, workers, seed))
        while True:
            while not self._pipe.poll(1.0):
                if not self._process.is_alive():
                    raise RuntimeError("the solver process ended")
            answer = self._pipe.recv()
            if isinstance(answer[0], ShopResult):
                result, cpu_seconds, peak = answer
                return Outcome(result, time.perf_counter() - started, cpu_seconds, peak)

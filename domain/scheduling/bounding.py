"""The thread beside the walks in which the bound is found."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from domain.scheduling.bottleneck import Bound, best_bound
from domain.scheduling.compiled import I32
from domain.scheduling.problem import Problem


class Bounding:
    """The thread beside the walks that looks for a better bound, and what it has found.

    Where time is limited it rests three times as long as it works, so that the walks keep their
    processors, and ends when they do.
    """

    def __init__(self, stop: I32, is_timed: bool) -> None:
        self.best = Bound(0, "path")
        self._stop, self._is_timed = stop, is_timed
        self._ended = Event()
        self._seconds = 0.0
        self._run: Future[Bound] | None = None

    def start(self, pool: ThreadPoolExecutor, problem: Problem) -> None:
        """Begin, in a thread of the pool."""
        self._run = pool.submit(best_bound, problem, self._should_stop, self._keep)

    def end(self) -> None:
        """Wait until it is over."""
        if self._is_timed:
            self._ended.set()
        if self._run is not None:
            self._run.result()

    def _should_stop(self) -> bool:
        if self._is_timed:
            self._ended.wait(3 * (time.thread_time() - self._seconds))
            self._seconds = time.thread_time()
        return self._ended.is_set() or bool(self._stop[0])

    def _keep(self, found: Bound) -> None:
        self.best = found

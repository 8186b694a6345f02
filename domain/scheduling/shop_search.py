"""A population of plans that searching threads improve, blend and replace.

In the manner of path relinking between elite plans (Peng, Lü and Cheng 2015): a plan between two
good ones is a better place to search on from than a random one.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import numpy.typing as npt

from domain.scheduling.compiled import I32
from domain.scheduling.shop import Shop, ShopPlan
from domain.scheduling.shop_bounds import heads_and_tails
from domain.scheduling.shop_graph import HEAD, MACHINE
from domain.scheduling.shop_start import list_schedule
from domain.scheduling.shop_tabu import Desk, load


@dataclass(frozen=True)
class Sequence:
    """A plan without times: a total order of the operations and the option of each."""

    value: int
    order: I32
    choice: I32
    fingerprint: bytes


@dataclass
class Board:
    """What all threads of one call share: the best plan, the bound, the population."""

    shop: Shop
    size: int
    on_progress: Callable[[int, int], None] | None = None
    started: float = field(default_factory=time.perf_counter)
    stop: I32 = field(default_factory=lambda: np.zeros(1, np.int32))
    lock: threading.RLock = field(default_factory=threading.RLock)
    population: list[Sequence] = field(default_factory=list)
    plan: ShopPlan | None = None
    bound: int = 0
    bound_origin: str = "nothing ends before it starts"
    first_value: int = 0
    first_seconds: float = 0.0
    moves: int = 0
    idle_tasks: int = 0
    """Searches in a row that changed nothing in the population."""

    def offer_plan(self, plan: ShopPlan) -> None:
        """Keep a plan if it is better than the best."""
        with self.lock:
            if self.plan is not None and plan.value >= self.plan.value:
                return
            if self.plan is None:
                self.first_value = plan.value
                self.first_seconds = time.perf_counter() - self.started
            self.plan = plan
            self._tell()

    def best_plan(self) -> ShopPlan:
        """The best plan; there is one as soon as the first list schedule is made."""
        if self.plan is None:
            raise LookupError("nothing is planned yet")
        return self.plan

    def offer_bound(self, bound: int, origin: str) -> None:
        """Keep a lower bound if it is better than the best, with its origin."""
        with self.lock:
            if bound > self.bound:
                self.bound, self.bound_origin = bound, origin
                self._tell()

    def _tell(self) -> None:
        if self.plan is None:
            return
        if self.on_progress is not None:
            self.on_progress(self.plan.value, self.bound)
        if self.plan.value <= self.bound:
            self.stop[0] = 1

    def admit(self, sequence: Sequence) -> None:
        """Take a sequence into the population instead of the worst, unless it is there already."""
        with self.lock:
            self.idle_tasks += 1
            if any(sequence.fingerprint == other.fingerprint for other in self.population):
                return
            full = len(self.population) >= self.size
            if full and sequence.value >= self.population[-1].value:
                return
            if full:
                self.population.pop()
            self.population.append(sequence)
            self.population.sort(key=lambda other: other.value)
            self.idle_tasks = 0

    def parents(self, random: np.random.Generator) -> tuple[Sequence, Sequence] | None:
        """Two members of a full population; None when a new start is wanted."""
        with self.lock:
            if self.idle_tasks > 3 * self.size:
                del self.population[1:]
                self.idle_tasks = 0
            if len(self.population) < self.size:
                return None
            one, other = random.choice(len(self.population), 2, replace=False)
            return self.population[int(one)], self.population[int(other)]


def work_left(shop: Shop) -> I32:
    """Shortest work from each operation on to the end of its job."""
    _, tails = heads_and_tails(shop)
    return (tails + shop.fastest()).astype(np.int32)


def first_sequence(shop: Shop, desk: Desk, left: I32, noise: int, thrift: int) -> tuple[I32, I32]:
    """A list schedule with `noise` and `thrift` as `list_schedule` explains."""
    count = shop.operation_count
    order, choice = np.zeros(count, np.int32), np.zeros(count, np.int32)
    scratch = np.zeros((4, max(shop.job_count, shop.machine_count)), np.int32)
    list_schedule(
        shop.job_start,
        desk.option_start,
        desk.options,
        desk.setups,
        left,
        noise,
        thrift,
        desk.random,
        scratch,
        order,
        choice,
    )
    return order, choice


def blend(one: Sequence, other: Sequence, random: np.random.Generator) -> tuple[I32, I32]:
    """A plan between two others.

    Sorting by a weighted mean of both places keeps every order that both agree on, so a job's own
    order too; the share of the second parent also decides whose machine an operation gets.
    """
    share = random.uniform(0.3, 0.7)
    places = np.empty((2, one.order.size))
    places[0, one.order] = places[1, other.order] = np.arange(one.order.size)
    order = np.argsort((1 - share) * places[0] + share * places[1], kind="stable")
    take = random.random(one.choice.size) < share
    choice = cast("npt.NDArray[np.int32]", np.where(take, other.choice, one.choice))
    return order.astype(np.int32), choice.astype(np.int32)


def remember(desk: Desk, value: int) -> Sequence:
    """The best sequence that a search left on its desk."""
    order, choice = desk.best_order.copy(), desk.best_choice.copy()
    machines = desk.options[choice[order], 0]
    line = order[np.argsort(machines, kind="stable")]
    return Sequence(value, order, choice, line.tobytes() + np.sort(machines).tobytes())


def plan_of(shop: Shop, desk: Desk, sequence: Sequence) -> ShopPlan:
    """Decode a sequence: everything as early as its machine sequences allow."""
    load(desk, sequence.order, sequence.choice)
    rows = desk.rows[:-1]
    starts = rows[:, HEAD].astype(np.int64)
    ends = starts + shop.option_duration[sequence.choice]
    return ShopPlan(shop.value_of(ends), starts, rows[:, MACHINE].copy())

"""Local repair of a plan: what an event hits goes elsewhere, what can wait makes room for it.

The rest keeps its machine and its time as far as it can; whatever starts over an hour from where
it was has a price. See `slots` and `ruin` for the search.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from domain.scheduling.chains import MOVE_MINUTES
from domain.scheduling.goals import plain_goals
from domain.scheduling.hits import hit_by
from domain.scheduling.problem import Problem, Solution, breach_of, slip_of
from domain.scheduling.promise import lateness_of
from domain.scheduling.reseat import Reseat
from domain.scheduling.right_shift import right_shift
from domain.scheduling.ruin import new_ruin, ruin_and_recreate
from domain.scheduling.slots import load_slots, new_slots
from domain.scheduling.walks import RoundWalk, new_round_walk

STABILITY_PRICE = 100
"""Weighted minutes that an operation counts which starts over an hour from where it was."""

_HOT, _COLD = 50.0, 5.0
_RUIN_HOT, _RUIN_COLD = 15.0, 3.0
_ROUNDS = 200
"""Ruins between two looks at the clock."""

_RUIN_LEGS, _WALK_LEGS = 8, 4
"""Of each search: after a leg they meet, and the last one goes on from the best plan of all."""

_HOT_OF_LINE = 0.01
"""A search that goes its own way begins at that share of a late line's cost."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Mended:
    """What an event does to a plan, and what a local repair makes of it.

    Attributes:
        pushed: Everything on its machine and in its order, later where it has to be.
        plan: The repaired plan, never worse than ``pushed``.
    """

    pushed: Solution
    plan: Solution


def mend(
    problem: Problem,
    present: Solution,
    *,
    seconds: float,
    workers: int = 2,
    seed: int = 1,
    should_stop: Callable[[], bool] = lambda: False,
    on_better: Callable[[Solution], object] = lambda _: None,
    iterations: int | None = None,
    pushed: Solution | None = None,
) -> Mended:
    """Mend a plan where something happened.

    Args:
        problem: As things are now.
        present: The plan made before, its times as they were then. Operations that are not in its
            order are new: they go into gaps.
        seconds: Time to search, from the call on.
        workers: Searches at the same time, one thread each.
        seed: Start of all random choices.
        should_stop: Asked often; the best plan so far is returned.
        on_better: Told each better plan.
        iterations: Rounds instead of a time limit: same seed, same plan.
        pushed: The pushed plan; None: it is made from the present one, which then holds all work.
    """
    pushed = pushed or right_shift(problem, present)
    seated = Reseat(problem, present).reseat(hit_by(problem, present))
    for each in seated:
        if slip_of(problem, each) < slip_of(problem, pushed):
            pushed = each
    run = _Mending(problem, present, pushed, should_stop)
    run.on_better = on_better
    for each in seated:
        run.offer(each)
    if problem.has_crews or problem.has_limits or problem.has_batches:
        starts = (run.best, pushed)
        searches: list[_Search] = [
            _Walking(run, starts[n % 2], seed * 101 + n, is_alone=n % 2 > 0) for n in range(workers)
        ]
        legs = _WALK_LEGS
    else:
        searches = [_Ruining(run, seed * 101 + n) for n in range(workers)]
        legs = _RUIN_LEGS
    _search(run, searches, legs, seconds, iterations)
    return Mended(pushed, run.best)


class _Mending:
    """The best repair so far, and what makes one better."""

    def __init__(
        self,
        problem: Problem,
        present: Solution,
        pushed: Solution,
        should_stop: Callable[[], bool],
    ) -> None:
        self.begun = time.perf_counter()
        self.problem, self.present, self.best = problem, present, pushed
        self.should_stop = should_stop
        self.on_better: Callable[[Solution], object] = lambda _: None
        self.stop = np.zeros(1, np.int32)
        self.least = 1 << 62
        """Of all timetables, what the best one costs before it is closed up."""
        self.kept_start = present.run_start.copy()
        self.stability = np.zeros(problem.operation_count, np.int64)
        self.stability[present.order] = STABILITY_PRICE

    def cost(self, solution: Solution) -> tuple[int, ...]:
        """What is smaller of a better repair: frozen work moved, then waits that are too long, then
        lateness and moves."""
        moves = int(self.stability[is_moved(self.present, solution)].sum())
        breach = breach_of(self.problem, solution)
        return *breach, solution.value + moves, solution.setup_minutes

    def offer(self, found: Solution) -> None:
        """Keep a plan if it is better than the best."""
        if self.cost(found) < self.cost(self.best):
            self.best = found
            self.on_better(found)


class _Ruining:
    """A search that takes jobs out of the timetable and puts them in again."""

    def __init__(self, run: _Mending, seed: int) -> None:
        self._run, self._problem, self._start = run, run.problem, run.best
        tables = run.problem.tables
        self._slots = new_slots(run.problem, run.best, run.kept_start, run.stability)
        before, after = lateness_of(run.problem, run.present), lateness_of(run.problem, run.best)
        cost = before.astype(np.int64) * tables.line_weight
        later = np.flatnonzero(after > before).astype(np.int32)
        is_free = (tables.pin < 0).astype(np.int32)
        self._ruin = new_ruin(run.problem, self._slots, is_free, later, cost, seed)

    def step(self, share: float, *, is_timed: bool) -> None:
        """Some ruins at the heat of that share of the time: hot again on each leg."""
        del is_timed
        heat = _RUIN_HOT * (_RUIN_COLD / _RUIN_HOT) ** (share * _RUIN_LEGS % 1.0)
        tables, stop = self._problem.tables, self._run.stop
        ruin_and_recreate(tables, self._slots, self._ruin, _ROUNDS, heat, stop)

    def best(self) -> list[Solution]:
        """The best timetable, as it stands and closed up; nothing if another one was better."""
        ruin, run = self._ruin, self._run
        if ruin.best_total[0] >= run.least:
            return []
        run.least = int(ruin.best_total[0])
        place = np.zeros(len(run.best.order), np.int32)
        place[run.best.order] = np.arange(len(place), dtype=np.int32)
        order = np.lexsort((place, ruin.best_start)).astype(np.int32)
        found = replace(
            run.best,
            alternative=ruin.best_alternative.copy(),
            run_start=ruin.best_start.copy(),
            order=order,
        )
        return [right_shift(self._problem, found, is_held=held) for held in (True, False)]

    def go_on_from(self, solution: Solution, *, is_last: bool) -> None:
        """Begin anew, or on the last leg continue from another plan.

        Whom a search makes wait is settled soon and hard to undo: what it comes to differs by as
        much as the whole search brings, and the best of several short ones is far better than one
        long one.
        """
        solution = solution if is_last else self._start
        load_slots(self._problem.tables, self._slots, solution)
        self._ruin.best_total[0] = self._slots.totals.sum()
        self._ruin.best_alternative[:] = solution.alternative
        self._ruin.best_start[:] = solution.run_start


class _Walking:
    """A search on sequences, for work that holds people or must not wait long.

    One that is alone goes its own way from another plan, hotter, to the end: where an event is
    large, as with a rush order in a small shop, what is best for now is far from all good plans.
    """

    def __init__(self, run: _Mending, start: Solution, seed: int, *, is_alone: bool) -> None:
        problem = run.problem
        self._walk: RoundWalk = new_round_walk(plain_goals(problem), start, seed, run.stop)
        is_kept = run.stability > 0
        kept = np.where(is_kept, run.kept_start, start.run_start).astype(np.int32)
        self._walk.keep_near(replace(start, run_start=kept))
        late = int((lateness_of(problem, start) > 0).sum())
        self._hot = max(_HOT, _HOT_OF_LINE * start.value / max(1, late)) if is_alone else _HOT
        self._is_alone = is_alone

    def step(self, share: float, *, is_timed: bool) -> None:
        """A round at the heat of that share of the time."""
        self._walk.run(self._hot * (_COLD / self._hot) ** share, is_timed)

    def best(self) -> list[Solution]:
        """The best plan seen."""
        return [self._walk.best_solution()]

    def go_on_from(self, solution: Solution, *, is_last: bool) -> None:
        """Continue from another plan, unless it is alone."""
        del is_last
        if not self._is_alone:
            self._walk.go_on_from(solution)


_Search = _Ruining | _Walking


def _search(
    run: _Mending, searches: list[_Search], legs: int, seconds: float, iterations: int | None
) -> None:
    """All searches side by side until time is up; from time to time they meet."""
    rounds = met = 0
    with ThreadPoolExecutor(max(1, len(searches))) as pool:
        while not run.should_stop():
            if iterations is not None:
                share = rounds / max(1, iterations)
            else:
                share = (time.perf_counter() - run.begun) / max(1e-9, 0.95 * seconds)
            if share >= 1.0:
                break
            if int(share * legs) > met:
                met = int(share * legs)
                _gather(run, searches)
                for search in searches:
                    search.go_on_from(run.best, is_last=met == legs - 1)
            timed = iterations is None
            list(pool.map(lambda each, s=share, t=timed: each.step(s, is_timed=t), searches))
            rounds += 1
    _gather(run, searches)


def _gather(run: _Mending, searches: list[_Search]) -> None:
    """Hear what every search has found."""
    for search in searches:
        for found in search.best():
            run.offer(found)


def is_moved(present: Solution, other: Solution) -> Mask:
    """By operation, whether it starts over an hour from where it was; what is new is not moved."""
    was_there = np.zeros(len(other.run_start), np.bool_)
    was_there[present.order] = True
    return was_there & (np.abs(other.run_start - present.run_start) > MOVE_MINUTES)

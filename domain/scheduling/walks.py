"""Annealing walks that run in rounds and hand out exact plans."""

from __future__ import annotations

import time

import numpy as np
from typing_extensions import override

from domain.scheduling.chains import (
    DISLIKED,
    MOVE_MINUTES,
    MOVE_WEIGHT,
    MOVED,
    PIN_WEIGHT,
    SETUP,
    load_order,
)
from domain.scheduling.compiled import I32
from domain.scheduling.decode import decode
from domain.scheduling.goals import Goals
from domain.scheduling.manned import MannedWalk
from domain.scheduling.order_search import anneal_order, new_order_walk
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.ruin import new_ruin, ruin_and_recreate
from domain.scheduling.search import (
    Walk,
    anneal,
    go_on_from,
    keep_best,
    keep_near,
    new_walk,
    solution_of_best,
)
from domain.scheduling.slots import load_times, new_slots
from domain.scheduling.urgency import urgency_of
from domain.scheduling.yardstick import SETUP_PRICE, Yardstick, is_less

ROUND_SECONDS = 0.1
RUIN_SECONDS = 0.07
ROUND_MOVES, ROUND_RUINS = 1000, 100
"""Moves of a walk in one round when the number of rounds is given instead of time."""

TRIES, TRIES_OF_MANY, MANY_OPERATIONS = 3, 1, 4000
"""Moves that are estimated before one is made: with many operations trying beats looking."""

CUTOFF = 3.0
"""Moves estimated to cost more than this many times the heat are not made."""

LEG = 8
"""Rounds from one exact plan to the next where work holds operators.

Much shorter legs hardly leave the plan they start from: 37,000 weighted minutes instead of 24,000
on the sample factory with three operators a skill.
"""


class _Paced:
    """How many moves make a round, and how long that should take."""

    def __init__(self, moves: int, seconds: float = ROUND_SECONDS) -> None:
        self.moves, self._seconds = moves, seconds

    def pace(self, seconds: float) -> None:
        """Aim at the wished length of a round after one that took this long."""
        factor = self._seconds / max(1e-4, seconds)
        self.moves = int(min(max(self.moves * min(2.0, factor), 4), 1_000_000))


def _anneal(
    problem: Problem, walk: Walk, pace: _Paced, heat: float, yardstick: Yardstick, stop: I32
) -> None:
    many = problem.operation_count > MANY_OPERATIONS
    tries = TRIES_OF_MANY if many else TRIES
    anneal(problem.tables, walk, pace.moves, heat, yardstick, tries, CUTOFF, stop)


class PlainWalk:
    """A walk on machine sequences."""

    def __init__(self, goals: Goals, start: Solution, seed: int, stop: I32) -> None:
        self._problem, self._goals, self._stop = goals.problem, goals, stop
        self._pace = _Paced(ROUND_MOVES)
        self._walk = new_walk(goals.problem, start, seed)
        _pursue(goals, self._walk)
        load_order(goals.problem.tables, self._walk.chains, start.order, start.alternative)
        keep_best(self._walk)

    def run(self, heat: float, is_timed: bool) -> int:
        """One round; returns the moves tried."""
        begun, moves = time.perf_counter(), self._pace.moves
        _anneal(self._problem, self._walk, self._pace, heat, self._goals.yardstick, self._stop)
        if is_timed:
            self._pace.pace(time.perf_counter() - begun)
        return moves

    def best_key(self) -> tuple[int, ...]:
        """`Goals.walk_key` of the best plan seen; a pinned start that slips counts as late."""
        value, setup, slipped, moved, disliked = (int(total) for total in self._walk.best_totals)
        return self._goals.key_of_totals(value + slipped * PIN_WEIGHT, setup, moved, disliked)

    def best_solution(self) -> Solution:
        """That plan."""
        return solution_of_best(self._problem, self._walk)

    def go_on_from(self, solution: Solution) -> None:
        """Continue from another plan."""
        go_on_from(self._problem, self._walk, solution, self._goals.yardstick)

    def keep_near(self, solution: Solution) -> None:
        """Pay for what starts far from where it starts in this plan."""
        keep_near(self._problem, self._walk, solution)


class RuiningWalk(PlainWalk):
    """A walk on machine sequences that in each round goes on in a timetable for a while.

    Sequences push whatever follows. In a timetable all else stays, and a late line takes the places
    of others, which then wait until there is room: that is how it is settled who should be late.
    """

    def __init__(self, goals: Goals, start: Solution, seed: int, stop: I32) -> None:
        super().__init__(goals, start, seed, stop)
        problem, tables = goals.problem, goals.problem.tables
        wished = np.clip(urgency_of(problem).latest_start, 0, tables.worktime.horizon)
        no_price = np.zeros(problem.operation_count, np.int64)
        self._slots = new_slots(problem, start, wished.astype(np.int32), no_price)
        is_free, no_line = (tables.pin < 0).astype(np.int32), np.zeros(0, np.int32)
        no_cost = np.zeros(len(tables.line_due), np.int64)
        self._ruin = new_ruin(problem, self._slots, is_free, no_line, no_cost, seed)
        self._ruin_pace = _Paced(ROUND_RUINS, RUIN_SECONDS)
        self._rank = np.zeros(problem.operation_count, np.int32)
        self._rank[start.order] = np.arange(len(start.order), dtype=np.int32)

    @override
    def run(self, heat: float, is_timed: bool) -> int:
        moves = super().run(heat, is_timed)
        begun, ruins = time.perf_counter(), self._ruin_pace.moves
        tables, chains, slots, ruin = (
            self._problem.tables,
            self._walk.chains,
            self._slots,
            self._ruin,
        )
        order = np.lexsort((chains.place, chains.run_start)).astype(np.int32)
        load_times(tables, slots, order, chains.alternative, chains.run_start, chains.end)
        ruin.best_total[0] = slots.totals.sum()
        ruin.best_alternative[:], ruin.best_start[:] = slots.alternative, slots.run_start
        ruin_and_recreate(tables, slots, ruin, ruins, heat, self._stop)
        self._close_up(ruin.best_alternative, ruin.best_start)
        self._close_up(slots.alternative, slots.run_start)
        if is_timed:
            self._ruin_pace.pace(time.perf_counter() - begun)
        return moves + ruins

    def _close_up(self, alternative: I32, run_start: I32) -> None:
        """Go on from a timetable, with nothing waiting that need not wait."""
        order = np.lexsort((self._rank, run_start)).astype(np.int32)
        load_order(self._problem.tables, self._walk.chains, order, alternative)
        if is_less(self._goals.yardstick.levels, self._walk.chains.totals, self._walk.best_totals):
            keep_best(self._walk)


class CrewedWalk:
    """Legs on machine sequences; where crews are in the way, every other one on the booking order.

    Sequences are by far quicker, the booking order knows exactly who is busy.
    """

    def __init__(self, goals: Goals, start: Solution, seed: int, stop: I32) -> None:
        problem = goals.problem
        self._problem, self._goals, self._stop = problem, goals, stop
        self._seed, self._random = seed, np.random.default_rng(seed)
        self._rounds = 0
        self._kept: Solution | None = None
        self._here = self._best = start
        self._sequences = MannedWalk(problem, start, seed)
        _pursue(goals, self._sequences.walk)
        self._sequences.begin(start)
        self._sequence_pace = _Paced(ROUND_MOVES)
        self._order = new_order_walk(problem, start, seed, goals.dislike)
        self._order_pace = _Paced(ROUND_MOVES // 10)
        self._by_order = False

    def run(self, heat: float, is_timed: bool) -> int:
        """One round; returns the moves tried."""
        begun = time.perf_counter()
        pace = self._order_pace if self._by_order else self._sequence_pace
        moves = pace.moves
        found = self._order_round(heat) if self._by_order else self._sequence_round(heat)
        if is_timed:
            pace.pace(time.perf_counter() - begun)
        self._rounds += 1
        if self._rounds == LEG:
            slack = -heat * np.log(1.0 - self._random.random())
            if self._energy(found) <= self._energy(self._here) + slack:
                self._here = found
            self._begin(other_way=True)
        return moves

    def _sequence_round(self, heat: float) -> Solution:
        legs = self._sequences
        yardstick = self._goals.yardstick
        _anneal(legs.eased, legs.walk, self._sequence_pace, heat, yardstick, self._stop)
        best, here = self._keep(legs.best()), self._keep(legs.here())
        return best if self._cost(best) < self._cost(here) else here

    def _order_round(self, heat: float) -> Solution:
        walk, moves = self._order, self._order_pace.moves
        yardstick = self._goals.yardstick
        anneal_order(self._problem.tables, walk, moves, heat, yardstick, self._stop)
        return self._keep(decode(self._problem, walk.best_order, walk.best_alternative))

    def _keep(self, found: Solution) -> Solution:
        if self._cost(found) < self._cost(self._best):
            self._best = found
        return found

    def _totals(self, found: Solution) -> tuple[int, int, int, int]:
        """Lateness with slipped pins and, in a repair, moved operations; the rest as the walks."""
        pin, kept = self._problem.tables.pin, self._kept
        slipped = int((found.run_start - pin)[pin >= 0].sum())
        cost = found.value + PIN_WEIGHT * (slipped + found.overrun)
        if kept is not None:
            is_far = abs(found.run_start - kept.run_start) > MOVE_MINUTES
            cost += MOVE_WEIGHT * int(is_far.sum())
        measured = self._goals.measured(found)
        moved = measured.changes - self._goals.left_out
        return cost, found.setup_minutes, moved, measured.preference

    def _cost(self, found: Solution) -> tuple[int, ...]:
        """What the walk minimises, first things first."""
        return self._goals.key_of_totals(*self._totals(found))

    def _energy(self, found: Solution) -> float:
        """The same as one number; setups at their plain price only decide between equals."""
        price = self._goals.yardstick.price
        cost, setup, changes, preference = self._totals(found)
        setup_cost = (price[SETUP] - SETUP_PRICE) * setup
        return cost + setup_cost + price[MOVED] * changes + price[DISLIKED] * preference

    def _begin(self, *, other_way: bool) -> None:
        """A new leg from the present plan."""
        self._rounds = 0
        self._sequences.begin(self._here)
        is_way_free = self._sequences.held == 0 or self._kept is not None
        # The booking order knows the crews, but not what must not wait.
        is_way_free |= self._problem.has_limits
        self._by_order = other_way and not self._by_order and not is_way_free
        if self._by_order:
            self._seed += 1000
            dislike = self._goals.dislike
            self._order = new_order_walk(self._problem, self._here, self._seed, dislike)

    def best_key(self) -> tuple[int, ...]:
        """`Goals.walk_key` of the best plan seen; a pinned start that slips counts as late."""
        return self._cost(self._best)

    def best_solution(self) -> Solution:
        """That plan."""
        return self._best

    def go_on_from(self, solution: Solution) -> None:
        """Continue from another plan."""
        self._here = self._keep(solution)
        self._begin(other_way=False)

    def keep_near(self, solution: Solution) -> None:
        """Pay for what starts far from where it starts in this plan; on sequences alone."""
        self._kept = solution
        self._sequences.walk.chains.reference[:] = solution.run_start
        self._begin(other_way=False)


RoundWalk = PlainWalk | CrewedWalk


def new_round_walk(goals: Goals, start: Solution, seed: int, stop: I32) -> RoundWalk:
    """The kind of walk that the problem needs."""
    problem, price = goals.problem, goals.yardstick.price
    if problem.has_crews or problem.has_limits:
        return CrewedWalk(goals, start, seed, stop)
    # A timetable knows of lateness alone.
    is_keeping = price[MOVED] > 0 and bool((goals.kept_start >= 0).any())
    is_plain = price[SETUP] <= SETUP_PRICE and price[DISLIKED] <= 0 and not is_keeping
    is_few = problem.operation_count <= MANY_OPERATIONS  # else moves are what there is no time for
    kind = RuiningWalk if is_plain and is_few and not problem.has_batches else PlainWalk
    return kind(goals, start, seed, stop)


def _pursue(goals: Goals, walk: Walk) -> None:
    """Let a walk see from its next plan on what else has a price than lateness and setup."""
    price, chains = goals.yardstick.price, walk.chains
    if price[DISLIKED] > 0:
        chains.dislike[:] = goals.dislike
    if price[MOVED] > 0:
        chains.reference[:] = goals.kept_start
        chains.reference_alternative[:] = goals.kept_alternative

"""How sure the dates of a plan are: it is replayed many times with times that vary.

Every replay keeps machines, crews and sequences; only when things happen differs. The same seed and
operations draw the same fates, so two plans of one problem can be compared.
"""

# Numba compiles these loops with plain integers where NumPy's types speak of arrays.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from domain.scheduling.batches import members
from domain.scheduling.compiled import I32, lean
from domain.scheduling.decode import (
    Shopfloor,
    Times,
    book_elapsed,
    earliest_work,
    manned_from,
    new_shopfloor,
    new_times,
    place_after,
    unbroken_length,
)
from domain.scheduling.problem import NONE, Problem, Solution, Tables, setup_between
from domain.scheduling.worktime import FAR, span, unbroken_from, work_before

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Variation:
    """How much the shop floor differs from the plan.

    Attributes:
        spread: Standard deviation of the logarithm of actual ÷ planned run time; the mean is 1.
            0.15: two runs out of three are within about 15 % of the plan.
        recorded: Actual ÷ planned of past operations, to draw from instead of ``spread``.
        hours_between_failures: Mean working hours of a machine between breakdowns; 0: none.
        repair_minutes: Mean working minutes a breakdown takes, exponentially distributed.
        supplier_spread: As ``spread``, for subcontracted operations.
    """

    spread: float = 0.15
    recorded: tuple[float, ...] = ()
    hours_between_failures: float = 200.0
    repair_minutes: float = 120.0
    supplier_spread: float = 0.1


@dataclass(frozen=True)
class Robustness:
    """What the replays say; arrays by line or operation number.

    Attributes:
        replays: How many there were.
        on_time: Probability that a line is finished by its due minute.
        mean_finish: Mean minute at which a line is finished.
        median_finish: Minute by which a line is finished in half of the replays.
        likely_finish: Minute by which a line is finished in nine of ten replays.
        fragility: Share of the replays in which an operation's own overrun was the largest on the
            chain of a line that was later than planned and late.
        blame: That operation, by replay and line; -1 where the line was not late.
    """

    replays: int
    on_time: F64
    mean_finish: F64
    median_finish: I32
    likely_finish: I32
    fragility: F64
    blame: I32

    def fragile_spots(self, most: int = 10) -> list[int]:
        """The operations that most often make an order late, the worst first."""
        ranked = np.argsort(-self.fragility, kind="stable")[:most]
        return [int(op) for op in ranked if self.fragility[op] > 0]

    def causes(self, line: int, most: int = 3) -> list[tuple[int, float]]:
        """What most often makes a line late, with its share of the replays, the worst first."""
        ops, counts = np.unique(self.blame[:, line], return_counts=True)
        found = [(int(op), int(n) / self.replays) for op, n in zip(ops, counts, strict=True)]
        return sorted((one for one in found if one[0] >= 0), key=lambda one: -one[1])[:most]


class _Draw(NamedTuple):
    """What the fates are drawn from; what ``is_done`` has had its fate."""

    variation: Variation
    seed: int
    is_done: npt.NDArray[np.bool_]


class _Kept(NamedTuple):
    """What every replay keeps of the plan."""

    order: I32
    alternative: I32
    crew: I32
    end: I32
    head: I32
    place: I32
    """Where each operation is in the order."""
    member_first: I32
    member: I32
    """Who else is in the batch that an operation leads."""


class _Replay(NamedTuple):
    """One thread's room: actual minutes, times, and what each operation waited for."""

    actual: I32
    times: Times
    floor: Shopfloor
    last_job: I32
    """Last operation of each operator."""
    held_by: I32


class _Fates(NamedTuple):
    """By replay and line: when it is finished, and whose overrun made it late (-1: nobody's)."""

    finish: I32
    blame: I32


def replay(
    problem: Problem,
    solution: Solution,
    variation: Variation | None = None,
    *,
    replays: int = 500,
    seed: int = 1,
    workers: int = 2,
    since: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
) -> Robustness:
    """Replay a plan under variation.

    Args:
        problem: What was planned.
        solution: The plan.
        variation: How much the shop floor varies.
        replays: How often; the probability's standard error is at most 0.5 ÷ √replays.
        seed: Start of all random draws; the result does not depend on `workers`.
        workers: Threads.
        since: Minute until when all went as planned: what ends by then does not vary.
        should_stop: Asked before each replay; once true, the rest is left out and the result void.
    """
    if replays < 1:
        raise ValueError("at least one replay")
    variation = variation or Variation()
    parts = np.array_split(np.arange(replays), max(1, workers))
    finish = np.zeros((replays, len(problem.line_ids)), np.int32)
    fates = _Fates(finish, np.full_like(finish, NONE))
    draw = _Draw(variation, seed, solution.end <= since)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        jobs = [
            pool.submit(_replay_some, problem, solution, draw, part, fates, should_stop)
            for part in parts
        ]
        for job in jobs:
            job.result()
    due = problem.tables.line_due
    return Robustness(
        replays=replays,
        on_time=(finish <= due).mean(axis=0),
        mean_finish=finish.mean(axis=0),
        median_finish=np.quantile(finish, 0.5, axis=0, method="higher").astype(np.int32),
        likely_finish=np.quantile(finish, 0.9, axis=0, method="higher").astype(np.int32),
        fragility=_hits(fates.blame, problem.operation_count) / replays,
        blame=fates.blame,
    )


def _hits(blame: I32, count: int) -> I64:
    """In how many replays each operation made something late."""
    hits = np.zeros(count, np.int64)
    for row in blame:
        hits[np.unique(row[row >= 0])] += 1
    return hits


def _replay_some(
    problem: Problem,
    solution: Solution,
    draw: _Draw,
    numbers: npt.NDArray[np.integer],
    fates: _Fates,
    should_stop: Callable[[], bool],
) -> None:
    tables, count = problem.tables, problem.operation_count
    # What must not wait long for the next was planned late on purpose.
    release = np.where(tables.is_limited > 0, solution.run_start, tables.release)
    tables = tables._replace(release=release.astype(np.int32))
    kept = _kept(solution)
    planned = planned_minutes(tables, solution)
    actual, held_by = np.zeros((2, count), np.int32)
    for number in numbers:
        if should_stop():
            return
        random = np.random.default_rng([draw.seed, int(number)])
        varied = _actual_minutes(tables, planned, draw.variation, random)
        actual[:] = np.where(draw.is_done, planned, varied)
        if problem.has_batches:
            # A door opens when the last one is done.
            np.maximum.at(actual, kept.head, actual.copy())
            actual[:] = actual[kept.head]
        last_job = np.full(len(tables.operator_calendar), NONE, np.int32)
        room = _Replay(actual, new_times(tables), new_shopfloor(tables), last_job, held_by)
        _run_through(tables, kept, room)
        _finish_lines(tables, kept, room, planned, fates.finish[number], fates.blame[number])


def _kept(solution: Solution) -> _Kept:
    plan = solution.order, solution.alternative, solution.crew, solution.end, solution.head
    return _Kept(*plan, np.argsort(solution.order).astype(np.int32), *members(solution.head))


def planned_minutes(tables: Tables, solution: Solution) -> I32:
    """Run minutes of every operation in a plan; elapsed ones for subcontracted work."""
    if not len(tables.alt_run):
        return tables.elapsed.copy()
    run = tables.alt_run[np.maximum(solution.alternative[solution.head], 0)]
    return np.where(solution.alternative >= 0, run, tables.elapsed).astype(np.int32)


def _actual_minutes(
    tables: Tables, planned: I32, variation: Variation, random: np.random.Generator
) -> I32:
    """What everything takes this time. All draws are made always, so that fates stay comparable."""
    count = len(planned)
    normal, failing = random.standard_normal(count), random.random(count)
    repair, past = random.exponential(1.0, count), random.random(count)
    is_outside = tables.elapsed >= 0
    spread = np.where(is_outside, variation.supplier_spread, variation.spread)
    factor = np.exp(spread * normal - 0.5 * spread**2)
    if variation.recorded:
        drawn = np.array(variation.recorded)[(past * len(variation.recorded)).astype(np.int64)]
        factor = np.where(is_outside, factor, drawn)
    minutes = planned * factor
    if variation.hours_between_failures > 0:
        chance = 1.0 - np.exp(-minutes / (60.0 * variation.hours_between_failures))
        fails = ~is_outside & (failing < chance)
        minutes = minutes + np.where(fails, repair * variation.repair_minutes, 0.0)
    return np.minimum(np.ceil(minutes - 1e-9), FAR >> 6).astype(np.int32)


@lean
def _run_through(tables: Tables, kept: _Kept, room: _Replay) -> None:
    """Book everything in the plan's order, with the plan's people, for as long as it takes now."""
    for at in range(kept.order.size):
        op = kept.order[at]
        alt = kept.alternative[op]
        times = room.times
        if alt < 0:
            book_elapsed(tables, op, kept.alternative, times)
            times.end[op] = times.run_start[op] + room.actual[op]
            room.held_by[op] = _last_arrival(tables, times, op)
            continue
        machine = tables.alt_machine[alt]
        calendar = tables.machine_calendar[machine]
        before = room.floor.last[machine]
        ready = earliest_work(tables, op, alt, kept.alternative, times.run_start, times.end)
        if kept.head[op] != op:
            if _goes_along(tables, kept, room, op, before, ready):
                continue
        elif tables.is_shared[op]:
            ready = _ready_for_all(tables, kept, room, at, ready)
        before = times.head[before] if before >= 0 else -1
        times.head[op] = op
        setup = setup_between(tables, machine, before, op)
        free = times.work_end[before] if before >= 0 else 0
        work = place_after(tables, op, alt, ready, free, setup)
        room.held_by[op] = before if free + setup >= ready else _last_arrival(tables, times, op)
        work = _wait_for_crew(tables, kept, room, op, work, setup)
        start, end = span(tables.worktime, calendar, work, room.actual[op])
        times.run_start[op], times.end[op] = start, end
        times.work_end[op] = work + room.actual[op]
        times.setup[op] = setup
        room.floor.last[machine] = op
        for place in range(tables.crew_size[op]):
            person = kept.crew[op, place]
            room.floor.operator_free[person] = end
            room.last_job[person] = op


@lean
def _goes_along(
    tables: Tables, kept: _Kept, room: _Replay, op: int, before: int, ready: int
) -> bool:
    """Let an operation run in its batch as planned; False if that has begun without it."""
    times, leader = room.times, kept.head[op]
    if before < 0 or times.head[before] != leader:
        return False
    if ready > times.work_end[leader] - room.actual[leader]:
        return False
    times.run_start[op], times.end[op] = times.run_start[leader], times.end[leader]
    times.work_end[op], times.setup[op], times.head[op] = times.work_end[leader], 0, leader
    room.held_by[op] = room.held_by[leader]
    for place in range(tables.crew_size[op]):
        person = kept.crew[op, place]
        room.floor.operator_free[person] = max(room.floor.operator_free[person], times.end[op])
        room.last_job[person] = op
    room.floor.last[tables.alt_machine[kept.alternative[op]]] = op
    return True


@lean
def _ready_for_all(tables: Tables, kept: _Kept, room: _Replay, at: int, ready: int) -> int:
    """Working minute from which all of a batch are ready, as far as they can be by then."""
    leader, times = kept.order[at], room.times
    for place in range(kept.member_first[leader], kept.member_first[leader + 1]):
        op = kept.member[place]
        is_known = True
        for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
            is_known &= kept.place[tables.edge_from[edge]] < at
        if is_known:
            alt = kept.alternative[op]
            own = earliest_work(tables, op, alt, kept.alternative, times.run_start, times.end)
            ready = max(ready, own)
    return ready


@lean
def _last_arrival(tables: Tables, times: Times, op: int) -> int:
    """The predecessor that comes last, -1 if material is later still."""
    latest, found = max(tables.release[op], tables.opening[op]), -1
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        before = tables.edge_from[edge]
        if times.end[before] + tables.edge_wait[edge] > latest:
            latest, found = times.end[before] + tables.edge_wait[edge], before
    return found


@lean
def _wait_for_crew(
    tables: Tables, kept: _Kept, room: _Replay, op: int, work: int, setup: int
) -> int:
    """Run start at or after `work` at which everybody of the planned crew can begin.

    They stay for the planned time; what takes longer is finished by them all the same.
    """
    alt = kept.alternative[op]
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    length = setup + tables.alt_run[alt]
    start, is_moving = work - setup, tables.crew_size[op] > 0
    while is_moving:
        is_moving = False
        for place in range(tables.crew_size[op]):
            person = kept.crew[op, place]
            free = room.floor.operator_free[person]
            found = manned_from(tables, calendar, person, start, length, free)
            if found > start:
                start, is_moving = found, True
                if (
                    room.last_job[person] >= 0
                    and work_before(tables.worktime, calendar, free) >= work - setup
                ):
                    room.held_by[op] = room.last_job[person]
        if tables.fit[op]:
            whole = unbroken_from(
                tables.worktime, calendar, start, unbroken_length(tables, alt, setup)
            )
            if whole > start:
                start, is_moving = whole, True
    return start + setup


@lean
def _finish_lines(
    tables: Tables, kept: _Kept, room: _Replay, planned: I32, finish: I32, blame: I32
) -> None:
    """When every line is finished, and which overrun made it late."""
    for line in range(finish.size):
        latest, should, last = tables.line_floor[line], tables.line_floor[line], -1
        for at in range(tables.line_first[line], tables.line_first[line + 1]):
            op = tables.line_op[at]
            should = max(should, kept.end[op])
            if room.times.end[op] > latest:
                latest, last = room.times.end[op], op
        finish[line] = latest
        if latest <= max(tables.line_due[line], should):
            continue
        worst, most = -1, 0
        while last >= 0:
            over = room.actual[last] - planned[last]
            if over > most:
                worst, most = last, over
            last = room.held_by[last]
        blame[line] = worst

"""How sure the dates of a plan are: it is replayed many times with times that vary.

Every replay keeps machines, crews and sequences; only when things happen differs. The same seed and
operations draw the same fates, so two plans of one problem can be compared.
"""

# Numba compiles these loops with plain integers where NumPy's types speak of arrays.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

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
        likely_finish: Minute by which a line is finished in nine of ten replays.
        fragility: Share of the replays in which an operation's own overrun was the largest on the
            chain of a line that was later than planned and late.
    """

    replays: int
    on_time: F64
    mean_finish: F64
    likely_finish: I32
    fragility: F64

    def fragile_spots(self, most: int = 10) -> list[int]:
        """The operations that most often make an order late, the worst first."""
        ranked = np.argsort(-self.fragility, kind="stable")[:most]
        return [int(op) for op in ranked if self.fragility[op] > 0]


class _Kept(NamedTuple):
    """What every replay keeps of the plan."""

    order: I32
    alternative: I32
    crew: I32
    end: I32


class _Replay(NamedTuple):
    """One thread's room: actual minutes, times, and what each operation waited for."""

    actual: I32
    times: Times
    floor: Shopfloor
    last_job: I32
    """Last operation of each operator."""
    held_by: I32
    hits: I64
    marks: I32


def replay(
    problem: Problem,
    solution: Solution,
    variation: Variation | None = None,
    *,
    replays: int = 500,
    seed: int = 1,
    workers: int = 2,
) -> Robustness:
    """Replay a plan under variation.

    Args:
        problem: What was planned.
        solution: The plan.
        variation: How much the shop floor varies.
        replays: How often; the probability's standard error is at most 0.5 ÷ √replays.
        seed: Start of all random draws; the result does not depend on `workers`.
        workers: Threads.
    """
    if replays < 1:
        raise ValueError("at least one replay")
    variation = variation or Variation()
    parts = np.array_split(np.arange(replays), max(1, workers))
    finish = np.zeros((replays, len(problem.line_ids)), np.int32)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        jobs = [
            pool.submit(_replay_some, problem, solution, variation, seed, part, finish)
            for part in parts
        ]
        hits = sum((job.result() for job in jobs), np.zeros(problem.operation_count, np.int64))
    due = problem.tables.line_due
    return Robustness(
        replays=replays,
        on_time=(finish <= due).mean(axis=0),
        mean_finish=finish.mean(axis=0),
        likely_finish=np.quantile(finish, 0.9, axis=0, method="higher").astype(np.int32),
        fragility=hits / replays,
    )


def _replay_some(
    problem: Problem,
    solution: Solution,
    variation: Variation,
    seed: int,
    numbers: npt.NDArray[np.integer],
    finish: I32,
) -> I64:
    tables, count = problem.tables, problem.operation_count
    kept = _Kept(solution.order, solution.alternative, solution.crew, solution.end)
    planned = planned_minutes(tables, solution)
    actual, held_by, marks = np.zeros((3, count), np.int32)
    hits = np.zeros(count, np.int64)
    for number in numbers:
        random = np.random.default_rng([seed, int(number)])
        actual[:] = _actual_minutes(tables, planned, variation, random)
        last_job = np.full(len(tables.operator_calendar), NONE, np.int32)
        room = _Replay(
            actual, new_times(tables), new_shopfloor(tables), last_job, held_by, hits, marks
        )
        _run_through(tables, kept, room)
        marks[:] = 0
        _finish_lines(tables, kept, room, planned, finish[number])
    return hits


def planned_minutes(tables: Tables, solution: Solution) -> I32:
    """Run minutes of every operation in a plan; elapsed ones for subcontracted work."""
    if not len(tables.alt_run):
        return tables.elapsed.copy()
    run = tables.alt_run[np.maximum(solution.alternative, 0)]
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
        setup = setup_between(tables, machine, before, op)
        free = times.work_end[before] if before >= 0 else 0
        ready = earliest_work(tables, op, alt, kept.alternative, times.run_start, times.end)
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
def _finish_lines(tables: Tables, kept: _Kept, room: _Replay, planned: I32, finish: I32) -> None:
    """When every line is finished, and which overrun made it late; an operation counts once."""
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
        if worst >= 0 and room.marks[worst] == 0:
            room.marks[worst] = 1
            room.hits[worst] += 1

"""What of a plan cannot stay where it is under new circumstances, even if everything else does."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from domain.scheduling.compiled import I32, lean
from domain.scheduling.decode import earliest_work, manned_from, ready_minute
from domain.scheduling.problem import Problem, Solution, Tables
from domain.scheduling.worktime import minute_of, span, work_before


def hit_by(problem: Problem, present: Solution) -> npt.NDArray[np.bool_]:
    """By operation, whether it can not be where it is, or is nowhere: not in the plan's order.

    What is pinned stays; who overlaps it has to go. What runs with others goes when they go.
    """
    tables = problem.tables
    hits = np.ones(problem.operation_count, np.int32)
    hits[present.order] = 0
    times = present.setup_start, present.run_start, present.end
    is_led = present.head[present.order] != present.order
    order = np.lexsort((present.order, is_led, present.run_start[present.order]))
    by_time = present.order[order].astype(np.int32)
    together = present.head, _lengths(tables, present)
    busy = np.zeros(problem.machine_count, np.int32)
    _hit(tables, by_time, present.alternative, *times, present.crew, *together, hits, busy)
    return (hits > 0) & (tables.pin < 0)


def _lengths(tables: Tables, present: Solution) -> I32:
    """Working minutes by operation: as many as the longest takes that runs with it."""
    made = np.flatnonzero(present.alternative >= 0)
    longest = np.zeros(len(present.alternative), np.int32)
    np.maximum.at(longest, present.head[made], tables.alt_run[present.alternative[made]])
    return longest[present.head]


@lean
def _hit(
    tables: Tables,
    order: I32,
    alternative: I32,
    setup_start: I32,
    run_start: I32,
    end: I32,
    crew: I32,
    head: I32,
    length: I32,
    hits: I32,
    busy: I32,
) -> None:
    for at in range(order.size):
        op = order[at]
        alt = alternative[op]
        is_hit = setup_start[op] < 0 or is_too_early(tables, op, alternative, run_start, end)
        if alt < 0:
            is_hit = is_hit or tables.elapsed[op] < 0
            is_hit = is_hit or end[op] - run_start[op] != tables.elapsed[op]
        elif not is_hit:
            is_hit = _has_no_time(tables, op, alt, setup_start, run_start, end, length[op])
            if head[op] != op:  # time on the machine, and people, are those of its batch
                is_hit = is_hit or hits[head[op]] > 0
            else:
                is_hit = is_hit or _has_no_crew(tables, op, alt, setup_start, run_start, crew)
                is_hit = is_hit or setup_start[op] < busy[tables.alt_machine[alt]]
        if tables.pin[op] >= 0 or not is_hit:
            if alt >= 0:
                machine = tables.alt_machine[alt]
                busy[machine] = max(busy[machine], end[op])
        else:
            hits[op] = 1


@lean
def is_too_early(tables: Tables, op: int, alternative: I32, run_start: I32, end: I32) -> bool:
    """Whether an operation starts before what it needs is there."""
    alt = alternative[op]
    if alt < 0:
        return ready_minute(tables, op, alt, alternative, run_start, end) > run_start[op]
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    ready = earliest_work(tables, op, alt, alternative, run_start, end)
    return ready > work_before(tables.worktime, calendar, max(0, run_start[op]))


@lean
def _has_no_time(
    tables: Tables, op: int, alt: int, setup_start: I32, run_start: I32, end: I32, length: int
) -> bool:
    """Whether the machine does not work as long as it takes."""
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    begin = work_before(tables.worktime, calendar, run_start[op])
    start, done = span(tables.worktime, calendar, begin, length)
    if start != run_start[op] or done != end[op]:
        return True
    if setup_start[op] == run_start[op]:
        return False
    before = work_before(tables.worktime, calendar, setup_start[op])
    return minute_of(tables.worktime, calendar, before) != setup_start[op]


@lean
def _has_no_crew(
    tables: Tables, op: int, alt: int, setup_start: I32, run_start: I32, crew: I32
) -> bool:
    """Whether one of its people is not there."""
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    start = work_before(tables.worktime, calendar, setup_start[op])
    length = work_before(tables.worktime, calendar, run_start[op]) - start + tables.alt_run[alt]
    for place in range(tables.crew_size[op]):
        operator = crew[op, place]
        if operator < 0 or manned_from(tables, calendar, operator, start, length, 0) != start:
            return True
    return False

"""From an order of operations and chosen machines to exact times, under all rules.

This is the one place that says when an operation runs. Operations are booked one after the other;
each takes the earliest time after its machine's last operation, its predecessors, its material and,
if it needs a crew, after the last job of each of its operators.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from domain.scheduling.batches import can_join, crew_joins, share_crew
from domain.scheduling.compiled import I32, inlined, lean
from domain.scheduling.problem import (
    Problem,
    Solution,
    Tables,
    breach_of,
    pause_of,
    setup_between,
    total_overrun,
    weighted_lateness,
)
from domain.scheduling.waits import close_order, within_waits
from domain.scheduling.worktime import FAR, end_of, span, unbroken_from, work_before


class Times(NamedTuple):
    """When and by whom; `work_end` is the end on the machine's own working-time axis.

    `head` leads the batch that an operation runs in, `load` is what that holds up to and with it.
    """

    setup_start: I32
    run_start: I32
    end: I32
    work_end: I32
    setup: I32
    crew: I32
    head: I32
    load: I32


class Shopfloor(NamedTuple):
    """How far the machines and operators are booked."""

    last: I32
    """Last operation of each machine, -1: none yet."""
    operator_free: I32


def new_times(tables: Tables) -> Times:
    """Times of nothing booked yet."""
    count = len(tables.release)
    widest = int(tables.crew_size.max(initial=0))
    first, run, end, work_end, setup, load = np.zeros((6, count), np.int32)
    crew, head = np.full((count, widest), -1, np.int32), np.arange(count, dtype=np.int32)
    return Times(first, run, end, work_end, setup, crew, head, load)


def new_shopfloor(tables: Tables) -> Shopfloor:
    """An empty shop floor."""
    return Shopfloor(
        np.full(len(tables.machine_calendar), -1, np.int32),
        np.zeros(len(tables.operator_calendar), np.int32),
    )


@lean
def _batch_done(tables: Tables, before: int, alternative: int, run_start: I32) -> int:
    """Minute at which the predecessor has finished its first transfer batch."""
    calendar = tables.machine_calendar[tables.alt_machine[alternative]]
    work = work_before(tables.worktime, calendar, run_start[before])
    return end_of(tables.worktime, calendar, work + tables.alt_first_batch[alternative])


@lean
def ready_minute(
    tables: Tables, op: int, alt: int, alternative: I32, run_start: I32, end: I32
) -> int:
    """Minute before which material and predecessors do not let the run start by way of `alt`."""
    ready = max(tables.release[op], tables.pin[op])
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        before = tables.edge_from[edge]
        done = end[before]
        if tables.edge_overlap[edge]:
            batch = _batch_done(tables, before, alternative[before], run_start)
            done = max(batch, run_start[before])
        ready = max(ready, done + pause_of(tables, edge, alternative, alt))
    return ready


@lean
def earliest_work(
    tables: Tables, op: int, alt: int, alternative: I32, run_start: I32, end: I32
) -> int:
    """The same on the working-time axis of the machine of `alt`.

    With transfer batches the last one must still be run after the predecessor's end.
    """
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    ready = ready_minute(tables, op, alt, alternative, run_start, end)
    work = work_before(tables.worktime, calendar, ready)
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        if tables.edge_overlap[edge]:
            pause = pause_of(tables, edge, alternative, alt)
            done = end[tables.edge_from[edge]] + pause
            last = work_before(tables.worktime, calendar, done) + tables.alt_last_batch[alt]
            work = max(work, last - tables.alt_run[alt])
    return work


@lean
def place_after(
    tables: Tables, op: int, alt: int, ready_work: int, free_work: int, setup: int
) -> int:
    """Run start on the working-time axis after a machine is free from `free_work`; no crew."""
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    work = max(ready_work, free_work + setup)
    if tables.opening[op] > 0:
        opening = work_before(tables.worktime, calendar, tables.opening[op])
        work = max(work, opening + setup)
    if tables.fit[op]:
        length = unbroken_length(tables, alt, setup)
        work = unbroken_from(tables.worktime, calendar, work - setup, length) + setup
    return work


@lean
def unbroken_length(tables: Tables, alt: int, setup: int) -> int:
    """Working minutes that must not be interrupted for an operation that has to `fit`.

    A run of no time still has to stand in the interval of its setup, and the end of a shift is the
    same place on the working-time axis as the start of the next: so it takes a minute there.
    """
    return setup + max(1, tables.alt_run[alt])


@lean
def manned_from(
    tables: Tables, calendar: int, operator: int, work: int, length: int, free: int
) -> int:
    """First start at or after `work` at which the operator is free and stays for `length`."""
    start = max(work, work_before(tables.worktime, calendar, free))
    row = tables.cover_of[calendar, tables.operator_calendar[operator]]
    low, high = tables.cover_first[row], tables.cover_first[row + 1]
    while low < high:
        middle = (low + high) // 2
        if tables.cover_to[middle] <= start:
            low = middle + 1
        else:
            high = middle
    while max(start, tables.cover_from[low]) + length > tables.cover_to[low]:
        low += 1
    return max(start, tables.cover_from[low])


@lean
def _crew_start(
    tables: Tables, op: int, calendar: int, start: int, length: int, operator_free: I32
) -> int:
    """First setup start at or after `start` at which enough operators can be there.

    As long as too few can start now, the next possible start is the earliest of the others'.
    """
    need, last = tables.need_first[op], tables.need_first[op + 1]
    first, settled = need, start
    while need < last:
        crew = tables.need_crew[need]
        ready, later = 0, FAR
        for at in range(tables.crew_first[crew], tables.crew_first[crew + 1]):
            operator = tables.crew_operator[at]
            found = manned_from(tables, calendar, operator, start, length, operator_free[operator])
            if found == start:
                ready += 1
            else:
                later = min(later, found)
        if ready < tables.need_size[need]:
            start = later
            continue
        need += 1
        if need == last and start != settled:
            # What was there for the start before need not be there for this one.
            need, settled = first, start
    return start


@lean
def place_with_crew(
    tables: Tables, op: int, alt: int, work: int, setup: int, operator_free: I32
) -> int:
    """Run start at or after `work` at which the crew is complete, too."""
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    length = setup + tables.alt_run[alt]
    start = work - setup
    while True:
        found = _crew_start(tables, op, calendar, start, length, operator_free)
        if tables.fit[op]:
            unbroken = unbroken_length(tables, alt, setup)
            found = unbroken_from(tables.worktime, calendar, found, unbroken)
        if found == start:
            return start + setup
        start = found


@lean
def take_crew(tables: Tables, op: int, alt: int, times: Times, operator_free: I32) -> None:
    """Book the operators who become free last, so that the others stay useful."""
    place = 0
    for need in range(tables.need_first[op], tables.need_first[op + 1]):
        for _ in range(tables.need_size[need]):
            best = _last_free(tables, tables.need_crew[need], op, alt, times, operator_free)
            times.crew[op, place] = best
            operator_free[best] = FAR
            place += 1
    for at in range(place):
        operator_free[times.crew[op, at]] = times.end[op]


@lean
def _last_free(
    tables: Tables, crew: int, op: int, alt: int, times: Times, operator_free: I32
) -> int:
    """Who of a crew becomes free last among those who can be there."""
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    length = times.setup[op] + tables.alt_run[alt]
    start = times.work_end[op] - length
    best, best_free = -1, -1
    for at in range(tables.crew_first[crew], tables.crew_first[crew + 1]):
        operator = tables.crew_operator[at]
        free = operator_free[operator]
        if free <= best_free or free > times.setup_start[op]:
            continue
        if manned_from(tables, calendar, operator, start, length, free) == start:
            best, best_free = operator, free
    return best


@lean
def book(tables: Tables, op: int, alt: int, work: int, setup: int, times: Times) -> None:
    """Write the times of an operation that runs from working minute `work`."""
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    run = tables.alt_run[alt]
    start, end = span(tables.worktime, calendar, work, run)
    times.run_start[op] = start
    times.end[op] = end
    times.work_end[op] = work + run
    times.setup[op] = setup
    times.setup_start[op] = (
        span(tables.worktime, calendar, work - setup, setup)[0] if setup > 0 else start
    )
    times.head[op], times.load[op] = op, tables.alt_load[alt]


@lean
def joins_last(
    tables: Tables, op: int, alt: int, ready: int, alternative: I32, times: Times, floor: Shopfloor
) -> bool:
    """Whether an operation runs together with its machine's last one, people and tools asked."""
    before = floor.last[tables.alt_machine[alt]]
    if not can_join(
        tables,
        op,
        alt,
        before,
        ready,
        alternative,
        times.head,
        times.load,
        times.run_start,
        times.end,
        times.work_end,
    ):
        return False
    leader = times.head[before]
    return crew_joins(tables, op, leader, times.run_start, floor.operator_free)


@lean
def join_last(tables: Tables, op: int, alt: int, times: Times, floor: Shopfloor) -> None:
    """Book an operation into the batch of its machine's last one: the setup is the leader's."""
    machine = tables.alt_machine[alt]
    before = floor.last[machine]
    leader = times.head[before]
    times.setup_start[op] = times.run_start[leader]
    times.run_start[op], times.end[op] = times.run_start[leader], times.end[leader]
    times.work_end[op], times.setup[op] = times.work_end[leader], 0
    times.head[op], times.load[op] = leader, times.load[before] + tables.alt_load[alt]
    share_crew(tables, op, leader, times.run_start, times.end, times.crew, floor.operator_free)
    floor.last[machine] = op


@lean
def book_elapsed(tables: Tables, op: int, alternative: I32, times: Times) -> None:
    """Write the times of a subcontracted operation."""
    ready = ready_minute(tables, op, -1, alternative, times.run_start, times.end)
    ready = max(ready, tables.opening[op])
    times.run_start[op] = ready
    times.setup_start[op] = ready
    times.end[op] = ready + tables.elapsed[op]


@inlined
def book_next(tables: Tables, op: int, alternative: I32, times: Times, floor: Shopfloor) -> None:
    """Book an operation on its chosen machine after everything booked there so far."""
    alt = alternative[op]
    if alt < 0:
        book_elapsed(tables, op, alternative, times)
        return
    machine = tables.alt_machine[alt]
    before = floor.last[machine]
    ready = earliest_work(tables, op, alt, alternative, times.run_start, times.end)
    if tables.is_shared[op]:
        if joins_last(tables, op, alt, ready, alternative, times, floor):
            join_last(tables, op, alt, times, floor)
            return
        before = times.head[before] if before >= 0 else -1
    setup = setup_between(tables, machine, before, op)
    free = times.work_end[before] if before >= 0 else 0
    work = place_after(tables, op, alt, ready, free, setup)
    if tables.crew_size[op] > 0:
        work = place_with_crew(tables, op, alt, work, setup, floor.operator_free)
    book(tables, op, alt, work, setup, times)
    floor.last[machine] = op
    if tables.crew_size[op] > 0:
        take_crew(tables, op, alt, times, floor.operator_free)


@lean
def decode_order(
    tables: Tables, order: I32, alternative: I32, times: Times, floor: Shopfloor
) -> None:
    """Book all operations in the given order, which must put predecessors first."""
    for at in range(order.size):
        book_next(tables, order[at], alternative, times, floor)


def decode(problem: Problem, order: I32, alternative: I32) -> Solution:
    """The exact plan of an order of operations, predecessors first, and a machine for each.

    Whoever may not wait long for the next operation begins later himself. Where that does not help
    in the given order, such operations go right behind one another.
    """
    found = within_waits(problem, lambda held: _decoded(held, order, alternative))
    if found.overrun == 0:
        return found
    close = close_order(problem.tables, order)
    other = within_waits(problem, lambda held: _decoded(held, close, alternative))
    return min(found, other, key=partial(breach_of, problem))


def _decoded(problem: Problem, order: I32, alternative: I32) -> Solution:
    tables = problem.tables
    times = new_times(tables)
    decode_order(tables, order, alternative, times, new_shopfloor(tables))
    return solution_of(problem, order, alternative, times)


def solution_of(problem: Problem, order: I32, alternative: I32, times: Times) -> Solution:
    """A copy of decoded times as a solution."""
    tables, overrun = problem.tables, 0
    if problem.has_limits:
        overrun = int(total_overrun(tables, times.run_start, times.end))
    return Solution(
        order=order.copy(),
        alternative=alternative.copy(),
        setup_start=times.setup_start.copy(),
        run_start=times.run_start.copy(),
        end=times.end.copy(),
        crew=times.crew.copy(),
        head=times.head.copy(),
        value=int(weighted_lateness(tables, times.end)),
        setup_minutes=int(times.setup.sum()),
        overrun=overrun,
    )


def by_time(solution: Solution) -> Solution:
    """The same plan with its operations in order of run start, predecessors still first.

    Where crews are held the order stays: booked in another one, other people would come.
    """
    if solution.crew.size:
        return solution
    place = np.zeros(len(solution.order), np.int32)
    place[solution.order] = np.arange(len(place), dtype=np.int32)
    order = np.lexsort((place, solution.run_start)).astype(np.int32)
    return replace(solution, order=order)

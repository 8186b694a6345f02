"""Repair of a plan: what must move moves right, the rest stays where it is.

A breakdown, late material or a rush order changes little of a plan. Every operation keeps its
machine, its place in time and its crew unless something before it pushes it.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from domain.plan import Plan
from domain.scenarios import Booking, Scenario
from domain.scheduling.compiled import I32, I64, lean
from domain.scheduling.decode import (
    Shopfloor,
    Times,
    book,
    book_elapsed,
    by_time,
    decode,
    earliest_work,
    join_last,
    joins_last,
    manned_from,
    new_shopfloor,
    new_times,
    place_after,
    place_with_crew,
    solution_of,
    take_crew,
)
from domain.scheduling.heap import pop, push
from domain.scheduling.problem import Problem, Solution, Tables, breach_of, setup_between
from domain.scheduling.tools import units_held
from domain.scheduling.waits import within_waits
from domain.scheduling.worktime import work_before


class _Present(NamedTuple):
    """The plan to be kept: machines, earliest run starts, crews, and who comes first at a tie."""

    alternative: I32
    start: I32
    crew: I32
    rank: I32
    is_held: bool
    """Whether nothing may start earlier than it does; else only the order is kept."""


class _Queue(NamedTuple):
    heap: I64
    size: I64
    missing: I32
    order: I32
    by_rank: I32


def solution_from(
    problem: Problem, plan: Plan, scenario: Scenario, otherwise: I32 | None = None
) -> Solution | None:
    """A scenario's bookings as a solution.

    Args:
        problem: What is to be planned now.
        plan: The rows.
        scenario: Whose bookings.
        otherwise: Earliest run start of what is not booked; None: at once.

    Returns:
        None if nothing of the problem is booked.
    """
    by_operation = {b.operation_id: b for b in plan.where(Booking, scenario_id=scenario.id)}
    machines = {machine_id: at for at, machine_id in enumerate(problem.machine_ids)}
    present = _no_present(problem)
    if otherwise is not None:
        present.start[:] = otherwise
    begun, end, is_member = np.zeros((3, problem.operation_count), np.int32)
    booked: list[int] = []
    for op, operation_id in enumerate(problem.operation_ids):
        booking = None if operation_id is None else by_operation.get(operation_id)
        if booking is None:
            continue
        booked.append(op)
        present.start[op] = max(0, problem.minute(booking.run_start_at))
        begun[op] = problem.minute(booking.setup_start_at)
        end[op] = problem.minute(booking.end_at)
        if operation_id in problem.begun:  # first of all on its machine, also while it is set up
            present.start[op], begun[op] = 0, min(int(begun[op]), -1)
        if booking.machine_id is not None:
            machine = machines.get(booking.machine_id, -1)
            present.alternative[op] = alternative_on(problem.tables, op, machine)
        is_member[op] = booking.batch_id is not None
        _keep_crew(problem, present, op, booking)
    jobs = [(int(begun[op]), int(end[op]), op) for op in booked]
    for op, units in units_held(problem, jobs).items():
        crew = present.crew[op, : problem.tables.crew_size[op]]
        crew[len(crew) - len(units) :] = units
    _come_after_begun(problem, present)
    present.rank[:] = _ranks(np.lexsort((end, is_member, begun, present.start)))
    return _shifted(problem, present) if booked else None


def _come_after_begun(problem: Problem, present: _Present) -> None:
    """Nothing slips in on a machine that is being set up for what has begun there."""
    tables = problem.tables
    if not len(tables.alt_machine):
        return  # all is done by suppliers
    is_begun = np.array([one in problem.begun for one in problem.operation_ids], np.bool_)
    on_machine = present.alternative >= 0
    machine = tables.alt_machine[np.maximum(present.alternative, 0)]
    until = np.zeros(problem.machine_count, np.int32)
    np.maximum.at(until, machine[is_begun & on_machine], tables.pin[is_begun & on_machine])
    later = on_machine & ~is_begun
    present.start[later] = np.maximum(present.start[later], until[machine[later]])


def _ranks(order: npt.NDArray[np.integer]) -> I32:
    ranks = np.zeros(len(order), np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return ranks


def _no_present(problem: Problem) -> _Present:
    """Nothing booked: the first alternative of everything, at any time."""
    tables = problem.tables
    count, width = problem.operation_count, int(tables.crew_size.max(initial=0))
    first = np.where(tables.elapsed < 0, tables.alt_first[:-1], -1).astype(np.int32)
    start, rank = np.zeros((2, count), np.int32)
    return _Present(first, start, np.full((count, width), -1, np.int32), rank, True)


def _keep_crew(problem: Problem, present: _Present, op: int, booking: Booking) -> None:
    people = {operator_id: at for at, operator_id in enumerate(problem.operator_ids)}
    for place, operator_id in enumerate(booking.operator_ids[: present.crew.shape[1]]):
        present.crew[op, place] = people.get(operator_id, -1)


def alternative_on(tables: Tables, op: int, machine: int) -> int:
    """The alternative of an operation on a machine; its first one if it may not run there."""
    for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
        if tables.alt_machine[alt] == machine:
            return alt
    return int(tables.alt_first[op]) if tables.elapsed[op] < 0 else -1


def right_shift(problem: Problem, present: Solution, *, is_held: bool = False) -> Solution:
    """The same plan under changed circumstances (calendar, material, times).

    Machines and crews stay, and so does the order, except that what must wait lets others go first.

    Args:
        problem: As things are now, with the same operations.
        present: The plan made before.
        is_held: Whether nothing may start earlier than it does; else only the order is kept.
    """
    ranks = _ranks(present.order)
    return _shifted(
        problem, _Present(present.alternative, present.run_start, present.crew, ranks, is_held)
    )


def _shifted(problem: Problem, present: _Present) -> Solution:
    """The plan kept; where waits would get too long, those who wait begin later."""
    if present.is_held:
        return _shifted_once(problem, present)
    found = within_waits(problem, lambda held: _shifted_once(held, present))
    if found.overrun == 0:
        return found
    other = decode(problem, found.order, found.alternative)
    return min(found, other, key=partial(breach_of, problem))


def _shifted_once(problem: Problem, present: _Present) -> Solution:
    tables, count = problem.tables, problem.operation_count
    times = new_times(tables)
    queue = _Queue(
        np.zeros(count + 1, np.int64),
        np.zeros(1, np.int64),
        np.diff(tables.edge_first).astype(np.int32),
        np.zeros(count, np.int32),
        np.argsort(present.rank).astype(np.int32),
    )
    _shift(tables, present, times, new_shopfloor(tables), queue)
    return by_time(solution_of(problem, queue.order, present.alternative, times))


@lean
def _shift(
    tables: Tables, present: _Present, times: Times, floor: Shopfloor, queue: _Queue
) -> None:
    """Book everything in order of present start, or of readiness where that is later."""
    for op in range(queue.missing.size):
        if queue.missing[op] == 0:
            ready = _ready(tables, present, times, op)
            push(queue.heap, queue.size, ready, present.rank[op])
    for at in range(queue.order.size):
        op = queue.by_rank[pop(queue.heap, queue.size)]
        queue.order[at] = op
        _book_kept(tables, present, times, floor, op)
        for edge in range(tables.next_first[op], tables.next_first[op + 1]):
            after = tables.next_op[edge]
            queue.missing[after] -= 1
            if queue.missing[after] == 0:
                ready = _ready(tables, present, times, after)
                push(queue.heap, queue.size, ready, present.rank[after])


@lean
def _ready(tables: Tables, present: _Present, times: Times, op: int) -> int:
    """Present start, or the time of material and predecessors if that is later."""
    ready = max(present.start[op], tables.release[op])
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        before = tables.edge_from[edge]
        done = times.run_start[before] if tables.edge_overlap[edge] else times.end[before]
        ready = max(ready, done + tables.edge_wait[edge])
    return ready


@lean
def _book_kept(tables: Tables, present: _Present, times: Times, floor: Shopfloor, op: int) -> None:
    """Book an operation at its present start or, if it can not be had, the next possible one."""
    alt = present.alternative[op]
    if alt < 0:
        book_elapsed(tables, op, present.alternative, times)
        if present.is_held and times.run_start[op] < present.start[op]:
            times.run_start[op] = present.start[op]
            times.setup_start[op] = present.start[op]
            times.end[op] = present.start[op] + tables.elapsed[op]
        return
    machine = tables.alt_machine[alt]
    calendar = tables.machine_calendar[machine]
    before = floor.last[machine]
    ready = earliest_work(tables, op, alt, present.alternative, times.run_start, times.end)
    if present.is_held:
        ready = max(ready, work_before(tables.worktime, calendar, present.start[op]))
    if tables.is_shared[op]:
        if joins_last(tables, op, alt, ready, present.alternative, times, floor):
            join_last(tables, op, alt, times, floor)
            return
        before = times.head[before] if before >= 0 else -1
    setup = setup_between(tables, machine, before, op)
    free = times.work_end[before] if before >= 0 else 0
    work = place_after(tables, op, alt, ready, free, setup)
    is_kept = _is_present_crew_free(tables, present, floor, op, alt, work, setup)
    if tables.crew_size[op] > 0 and not is_kept:
        work = place_with_crew(tables, op, alt, work, setup, floor.operator_free)
    book(tables, op, alt, work, setup, times)
    floor.last[machine] = op
    if tables.crew_size[op] == 0:
        return
    if not is_kept:
        take_crew(tables, op, alt, times, floor.operator_free)
        return
    for at in range(tables.crew_size[op]):
        operator = present.crew[op, at]
        times.crew[op, at] = operator
        floor.operator_free[operator] = times.end[op]


@lean
def _is_present_crew_free(
    tables: Tables, present: _Present, floor: Shopfloor, op: int, alt: int, work: int, setup: int
) -> bool:
    """Whether the same people can do it as before."""
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    length = setup + tables.alt_run[alt]
    for at in range(tables.crew_size[op]):
        operator = present.crew[op, at]
        if operator < 0:
            return False
        free = floor.operator_free[operator]
        if manned_from(tables, calendar, operator, work - setup, length, free) != work - setup:
            return False
    return True

"""A plan as it is booked, laid over a problem of now: nothing in it has moved yet."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import numpy as np

from domain.scenarios import Booking
from domain.scheduling.compiled import I32
from domain.scheduling.problem import NONE, Problem, Solution, weighted_lateness
from domain.scheduling.right_shift import alternative_on
from domain.scheduling.tools import units_held
from domain.scheduling.worktime import span, work_before


def present_of(problem: Problem, bookings: Iterable[Booking]) -> Solution:
    """Bookings as they stand; what is not booked is not in the order.

    Times may be impossible by now, even before now; only what is pinned has the time it will take.
    """
    tables, count = problem.tables, problem.operation_count
    setup, run, end = np.zeros((3, count), np.int32)
    first = np.where(tables.elapsed < 0, tables.alt_first[:-1], NONE).astype(np.int32)
    crew = np.full((count, int(tables.crew_size.max(initial=0))), NONE, np.int32)
    numbers = {operation_id: op for op, operation_id in enumerate(problem.operation_ids)}
    machines = {machine_id: at for at, machine_id in enumerate(problem.machine_ids)}
    people = {operator_id: at for at, operator_id in enumerate(problem.operator_ids)}
    booked: list[int] = []
    rows = list(bookings)
    for booking in rows:
        op = numbers.get(booking.operation_id)
        if op is None:
            continue
        booked.append(op)
        setup[op] = problem.minute(booking.setup_start_at)
        run[op] = problem.minute(booking.run_start_at)
        end[op] = problem.minute(booking.end_at)
        if booking.operation_id in problem.begun:  # on a machine: see _run_pinned
            setup[op], run[op], end[op] = 0, 0, max(0, int(tables.elapsed[op]))
        if booking.machine_id is not None and tables.elapsed[op] < 0:
            first[op] = alternative_on(tables, op, machines.get(booking.machine_id, NONE))
        for place, person in enumerate(booking.operator_ids[: tables.crew_size[op]]):
            crew[op, place] = people.get(person, NONE)
    _hold_units(problem, booked, setup, end, crew)
    _run_pinned(problem, first, setup, run, end)
    head = _heads(count, rows, numbers)
    order = np.array(booked, np.int32)
    order = order[np.lexsort((order, end[order], setup[order], run[order]))]
    value = int(weighted_lateness(tables, end))
    return Solution(order, first, setup, run, end, crew, head, value, 0)


def _heads(count: int, bookings: Sequence[Booking], numbers: Mapping[UUID | None, int]) -> I32:
    """The first of the operations that each runs together with."""
    head = np.arange(count, dtype=np.int32)
    leaders = {one.id: numbers.get(one.operation_id, NONE) for one in bookings}
    for booking in bookings:
        op, leader = numbers.get(booking.operation_id, NONE), leaders.get(booking.batch, NONE)
        if min(op, leader) >= 0:
            head[op] = leader
    return head


def _hold_units(problem: Problem, booked: list[int], setup: I32, end: I32, crew: I32) -> None:
    jobs = [(int(setup[op]), int(end[op]), op) for op in booked]
    for op, units in units_held(problem, jobs).items():
        size = int(problem.tables.crew_size[op])
        crew[op, size - len(units) : size] = units


def _run_pinned(problem: Problem, alternative: I32, setup: I32, run: I32, end: I32) -> None:
    """What is in work, or must not be moved, ends when its machine is done with it."""
    tables = problem.tables
    for op in np.flatnonzero((tables.pin >= 0) & (tables.elapsed < 0)):
        calendar = int(tables.machine_calendar[tables.alt_machine[alternative[op]]])
        work = work_before(tables.worktime, calendar, int(tables.pin[op]))
        length = int(tables.alt_run[alternative[op]])
        start, done = span(tables.worktime, calendar, work, length)
        run[op], end[op] = start, done
        setup[op] = min(int(setup[op]), start) if setup[op] >= 0 else start

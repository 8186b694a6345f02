"""Put new work into the gaps of a plan, so that nothing that is planned moves."""

# Numba compiles these loops with plain integers where NumPy's types speak of arrays.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from domain.scheduling.batches import is_one_family
from domain.scheduling.compiled import I32, lean
from domain.scheduling.decode import (
    earliest_work,
    manned_from,
    place_after,
    ready_minute,
    unbroken_length,
)
from domain.scheduling.problem import (
    NONE,
    Problem,
    Solution,
    Tables,
    crew_members,
    csr,
    setup_between,
    total_overrun,
    weighted_lateness,
)
from domain.scheduling.worktime import FAR, minute_of, span, unbroken_from, work_before


class _Booked(NamedTuple):
    """Who is busy when: bookings by machine on its working-time axis, by person in minutes."""

    op: I32
    start: I32
    run: I32
    end: I32
    person_first: I32
    person_from: I32
    person_to: I32


class Gaps:
    """A plan into which work is put that it does not hold yet; O(operations) to make.

    Args:
        problem: The new work after everything else, predecessors first.
        solution: A plan of the first `count` operations of `problem`.
        count: Number of the first new operation.
    """

    def __init__(self, problem: Problem, solution: Solution, count: int) -> None:
        self._tables = problem.tables
        self._problem, self._count = problem, count
        self._lines, self._busy = _bookings(problem.tables, solution, count)
        self._loads = _loads(problem.tables, solution, count)
        more = problem.operation_count - count
        width = int(problem.tables.crew_size.max(initial=0))
        crew = np.full((problem.operation_count, width), NONE, np.int32)
        crew[:count, : solution.crew.shape[1]] = solution.crew
        self._plan = replace(
            solution,
            crew=crew,
            order=np.concatenate((solution.order, np.arange(count, count + more, dtype=np.int32))),
            alternative=_longer(solution.alternative, more),
            setup_start=_longer(solution.setup_start, more),
            run_start=_longer(solution.run_start, more),
            end=_longer(solution.end, more),
            head=np.concatenate((solution.head, np.arange(count, count + more, dtype=np.int32))),
        )
        self._setup_more = 0

    def fill(self) -> Solution:
        """The plan with every new operation as early as the gaps let it be."""
        for op in range(self._count, self._problem.operation_count):
            self._put(op)
        plan = self._plan
        place = np.zeros(len(plan.order), np.int32)
        place[plan.order] = np.arange(len(place), dtype=np.int32)
        order = np.lexsort((place, plan.run_start)).astype(np.int32)
        value = int(weighted_lateness(self._tables, plan.end))
        setup = plan.setup_minutes + self._setup_more
        overrun = int(total_overrun(self._tables, plan.run_start, plan.end))
        return replace(plan, order=order, value=value, setup_minutes=setup, overrun=overrun)

    def _put(self, op: int) -> None:
        tables, plan = self._tables, self._plan
        if tables.elapsed[op] >= 0:
            ready = ready_minute(tables, op, -1, plan.alternative, plan.run_start, plan.end)
            plan.setup_start[op] = plan.run_start[op] = max(int(tables.opening[op]), int(ready))
            plan.end[op] = plan.run_start[op] + tables.elapsed[op]
            return
        best, company = (2 * FAR, 0, 0, 0, 0), NONE
        for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
            machine = int(tables.alt_machine[alt])
            ready = earliest_work(tables, op, alt, plan.alternative, plan.run_start, plan.end)
            place, work, setup = _find(tables, self._booked(machine, op), op, alt, ready)
            calendar = int(tables.machine_calendar[machine])
            _, end = span(tables.worktime, calendar, work, int(tables.alt_run[alt]))
            found = (int(end), alt, int(place), int(work), int(setup))
            if found < best:
                best, company = found, NONE
            for other in self._companions(op, alt, int(ready)):
                if plan.end[other] < best[0]:
                    best, company = (int(plan.end[other]), alt, 0, 0, 0), other
        if company >= 0:
            self._go_along(op, best[1], company)
        else:
            self._book(op, *best)

    def _companions(self, op: int, alt: int, ready: int) -> Iterable[int]:
        """Leaders of batches that an operation without people or tools could still run with."""
        tables, machine = self._tables, int(self._tables.alt_machine[alt])
        if not tables.machine_capacity[machine] or tables.crew_size[op]:
            return
        for other, _, run, end in self._lines[machine]:
            load = self._loads[other] + int(tables.alt_load[alt])
            is_fitting = load <= tables.machine_capacity[machine] and ready <= run
            is_unbroken = self._plan.end[other] - self._plan.run_start[other] == end - run
            is_fitting = is_fitting and tables.alt_run[alt] <= end - run
            is_fitting = is_fitting and (is_unbroken or not tables.fit[op])
            if is_fitting and is_one_family(tables, op, other):
                yield other

    def _go_along(self, op: int, alt: int, leader: int) -> None:
        plan = self._plan
        plan.alternative[op], plan.head[op] = alt, leader
        plan.setup_start[op] = plan.run_start[op] = plan.run_start[leader]
        plan.end[op] = plan.end[leader]
        self._loads[leader] += int(self._tables.alt_load[alt])

    def _booked(self, machine: int, op: int) -> _Booked:
        """What matters to an operation: one machine, and the people who could do it."""
        tables = self._tables
        line = np.array(self._lines[machine], np.int32).reshape(-1, 4)
        people = crew_members(tables, op)
        first, begin = csr([[low for low, _ in self._busy[person]] for person in people])
        _, done = csr([[high for _, high in self._busy[person]] for person in people])
        op_, start, run, end = (np.ascontiguousarray(column) for column in line.T)
        return _Booked(op_, start, run, end, first, begin, done)

    def _book(self, op: int, end: int, alt: int, place: int, work: int, setup: int) -> None:
        tables, plan = self._tables, self._plan
        machine = int(tables.alt_machine[alt])
        calendar = int(tables.machine_calendar[machine])
        run = int(tables.alt_run[alt])
        start, _ = span(tables.worktime, calendar, work, run)
        begun = span(tables.worktime, calendar, work - setup, setup)[0] if setup else start
        plan.alternative[op], plan.setup_start[op] = alt, begun
        plan.run_start[op], plan.end[op] = start, end
        self._setup_more += setup
        line = self._lines[machine]
        if place < len(line):
            self._shorten(line[place], machine, op)
        line.insert(place, [op, work - setup, work, work + run])
        self._loads[op] = int(tables.alt_load[alt])
        self._man(op, alt, work - setup, setup + run, run)

    def _shorten(self, entry: list[int], machine: int, before: int) -> None:
        """The next one on the machine is now set up after the new one; its run stays."""
        tables, plan = self._tables, self._plan
        after, start, run, _ = entry
        setup = int(setup_between(tables, machine, before, after))
        self._setup_more += setup - (run - start)
        entry[1] = run - setup
        calendar = int(tables.machine_calendar[machine])
        begun, end = int(plan.setup_start[after]), int(plan.end[after])
        plan.setup_start[after] = plan.run_start[after]
        if setup:
            plan.setup_start[after] = span(tables.worktime, calendar, run - setup, setup)[0]
        for person in plan.crew[after, : tables.crew_size[after]].tolist():
            if person >= 0:
                self._busy[person].remove((begun, end))
                stretch = (int(plan.setup_start[after]), end)
                self._busy[person] = sorted([*self._busy[person], stretch])

    def _man(self, op: int, alt: int, start: int, length: int, run: int) -> None:
        tables = self._tables
        machine = int(tables.alt_machine[alt])
        calendar = int(tables.machine_calendar[machine])
        booked = self._booked(machine, op)
        stretch = (int(self._plan.setup_start[op]), int(self._plan.end[op]))
        taken = at = 0
        for need in range(tables.need_first[op], tables.need_first[op + 1]):
            crew, left = tables.need_crew[need], int(tables.need_size[need])
            for member in range(tables.crew_first[crew], tables.crew_first[crew + 1]):
                person = int(tables.crew_operator[member])
                free = _free_from(tables, booked, calendar, at, person, start, length, run)
                if left and free == start:
                    self._plan.crew[op, taken] = person
                    self._busy[person] = sorted([*self._busy[person], stretch])
                    taken, left = taken + 1, left - 1
                at += 1


def _longer(values: I32, more: int) -> I32:
    return np.concatenate((values, np.full(more, NONE, np.int32)))


def _loads(tables: Tables, plan: Solution, count: int) -> dict[int, int]:
    """What runs together with each operation that leads, itself included, in loads."""
    found: dict[int, int] = {}
    for op in range(count if tables.machine_capacity.any() else 0):
        if plan.alternative[op] >= 0:
            leader = int(plan.head[op])
            found[leader] = found.get(leader, 0) + int(tables.alt_load[plan.alternative[op]])
    return found


def _bookings(
    tables: Tables, plan: Solution, count: int
) -> tuple[list[list[list[int]]], list[list[tuple[int, int]]]]:
    """By machine (operation, setup start, run start, end) in working minutes; by person minutes."""
    lines: list[list[list[int]]] = [[] for _ in tables.machine_calendar]
    busy: list[list[tuple[int, int]]] = [[] for _ in tables.operator_calendar]
    works = np.zeros((3, count), np.int32)
    _to_axes(tables, plan.alternative, plan.setup_start, plan.run_start, works)
    machines = tables.alt_machine[np.maximum(plan.alternative, 0)].tolist()
    starts, runs, ends = works.tolist()
    heads = plan.head.tolist()
    is_outside, sizes = (plan.alternative < 0).tolist(), tables.crew_size.tolist()
    for op in plan.order.tolist():
        if is_outside[op]:
            continue
        if heads[op] == op:
            lines[machines[op]].append([op, starts[op], runs[op], ends[op]])
        stretch = (int(plan.setup_start[op]), int(plan.end[op]))
        for person in plan.crew[op, : sizes[op]].tolist():
            if person >= 0:
                busy[person].append(stretch)
    for stretches in busy:
        stretches.sort()
    return lines, busy


@lean
def _to_axes(
    tables: Tables, alternative: I32, setup_start: I32, run_start: I32, works: I32
) -> None:
    for op in range(works.shape[1]):
        if alternative[op] >= 0:
            calendar = tables.machine_calendar[tables.alt_machine[alternative[op]]]
            works[0, op] = work_before(tables.worktime, calendar, setup_start[op])
            works[1, op] = work_before(tables.worktime, calendar, run_start[op])
            works[2, op] = works[1, op] + tables.alt_run[alternative[op]]


@lean
def _find(tables: Tables, booked: _Booked, op: int, alt: int, ready: int) -> tuple[int, int, int]:
    """First gap of a machine that is long enough: its place, the run's start in it, the setup."""
    machine = tables.alt_machine[alt]
    for place in range(booked.op.size):
        after = booked.op[place]
        if booked.run[place] < ready:
            continue
        before = booked.op[place - 1] if place > 0 else -1
        free = booked.end[place - 1] if place > 0 else 0
        setup = setup_between(tables, machine, before, op)
        work = _place(tables, booked, op, alt, ready, free, setup)
        change = setup_between(tables, machine, op, after)
        is_longer = change > booked.run[place] - booked.start[place]
        is_bound = tables.crew_size[after] > 0 or tables.fit[after] or tables.opening[after] > 0
        if is_longer and is_bound:
            continue
        if work + tables.alt_run[alt] + change <= booked.run[place]:
            return place, work, setup
    place = booked.op.size
    before = booked.op[place - 1] if place > 0 else -1
    free = booked.end[place - 1] if place > 0 else 0
    setup = setup_between(tables, machine, before, op)
    return place, _place(tables, booked, op, alt, ready, free, setup), setup


@lean
def _place(
    tables: Tables, booked: _Booked, op: int, alt: int, ready: int, free: int, setup: int
) -> int:
    """Run start after a gap's begin, with a crew if one is needed."""
    work = place_after(tables, op, alt, ready, free, setup)
    if tables.crew_size[op] == 0:
        return work
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    length = setup + tables.alt_run[alt]
    start = work - setup
    while True:
        found = _manned(tables, booked, calendar, op, start, length, tables.alt_run[alt])
        if tables.fit[op]:
            unbroken = unbroken_length(tables, alt, setup)
            found = unbroken_from(tables.worktime, calendar, found, unbroken)
        if found == start:
            return start + setup
        start = found


@lean
def _manned(
    tables: Tables, booked: _Booked, calendar: int, op: int, start: int, length: int, run: int
) -> int:
    """First start at which enough people and tools are free between their other jobs."""
    need, at = tables.need_first[op], 0
    while need < tables.need_first[op + 1]:
        crew = tables.need_crew[need]
        low, high = tables.crew_first[crew], tables.crew_first[crew + 1]
        ready, later = 0, FAR
        for member in range(low, high):
            person, place = tables.crew_operator[member], at + member - low
            found = _free_from(tables, booked, calendar, place, person, start, length, run)
            if found == start:
                ready += 1
            else:
                later = min(later, found)
        need, at = need + 1, at + high - low
        if ready < tables.need_size[need - 1]:
            # Later, all over again: who was free before may be busy then.
            start, need, at = later, tables.need_first[op], 0
    return start


@lean
def _free_from(
    tables: Tables,
    booked: _Booked,
    calendar: int,
    at: int,
    person: int,
    start: int,
    length: int,
    run: int,
) -> int:
    """First start from which a person is there, and does nothing else, for that long."""
    start = manned_from(tables, calendar, person, start, length, 0)
    if length == 0:
        return start
    begin, end = _taken(tables, calendar, start, length, run)
    for job in range(booked.person_first[at], booked.person_first[at + 1]):
        if booked.person_from[job] >= end:
            break
        if booked.person_to[job] > begin:
            again = work_before(tables.worktime, calendar, booked.person_to[job])
            start = manned_from(tables, calendar, person, max(start, again), length, 0)
            begin, end = _taken(tables, calendar, start, length, run)
    return start


@lean
def _taken(tables: Tables, calendar: int, start: int, length: int, run: int) -> tuple[int, int]:
    """Minutes for which people are taken; a run of no time stands where work goes on next."""
    begin, end = span(tables.worktime, calendar, start, length)
    if run == 0:
        end = minute_of(tables.worktime, calendar, start + length)
    return begin, end

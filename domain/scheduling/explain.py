"""Why an order line is finished when it is: the chain of what had to wait for what, back to now.

The chain runs through every order that stands in the way, so that each of its minutes has one cause
and all of them together are exactly the time from now to the line's finish.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from domain.scheduling.compiled import I32
from domain.scheduling.decode import manned_from, unbroken_length
from domain.scheduling.problem import NONE, Problem, Solution, pause_of
from domain.scheduling.worktime import end_of, minute_of, unbroken_from, work_before


class Cause(StrEnum):
    """What a stretch of the chain went on."""

    RUN = "run"
    SETUP = "setup"
    QUEUE = "queue"
    """The machine runs, or is set up for, work of another order."""
    CLOSED = "closed"
    """The machine does not work."""
    SUBCONTRACT = "subcontract"
    WAIT = "wait"
    """The time that must pass between two operations."""
    MATERIAL = "material"
    EARLIEST_START = "earliest_start"
    LOCK = "lock"
    OPERATORS = "operators"
    """Too few operators with the skill are free and at work."""
    TOOLS = "tools"
    """All units of the tool are in use."""
    BATCH = "batch"
    """What it runs together with in one batch is ready later."""
    UNBROKEN = "unbroken"
    """What is left of the shift is too short for work that must not be interrupted."""
    HELD = "held"
    """It could begin, but the plan has it later."""


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of the chain.

    Attributes:
        cause: What its time goes on.
        minutes: How much of ``[start, end)`` this cause takes; 1 or more.
        start: Minute since now at which the stretch begins.
        end: Minute at which it ends.
        op: The operation that it belongs to, -1 for material that goes straight to the line.
        machine: Where, -1 if no machine is part of it.
        is_own: Whether the operation is part of the line's own work.
    """

    cause: Cause
    minutes: int
    start: int
    end: int
    op: int
    machine: int
    is_own: bool


class _Limit(NamedTuple):
    """Something that an operation's start waited for, and where the chain goes on from there."""

    origin: int
    """The operation that it goes on with, -1: it ends here, at now."""
    since: int
    """Minute from which `cause` took the time up to `ready`."""
    ready: int
    """Minute at which it let the run or, with `has_setup`, the setup begin."""
    cause: Cause
    has_setup: bool


def own_work(problem: Problem, line: int) -> set[int]:
    """The operations that go into an order line, through whatever they are components of."""
    tables = problem.tables
    found: set[int] = set()
    stack = _makers(problem, line)
    while stack:
        op = stack.pop()
        if op not in found:
            found.add(op)
            stack += tables.edge_from[tables.edge_first[op] : tables.edge_first[op + 1]].tolist()
    return found


def _makers(problem: Problem, line: int) -> list[int]:
    tables = problem.tables
    return tables.line_op[tables.line_first[line] : tables.line_first[line + 1]].tolist()


class Explainer:
    """Explains the order lines of one plan; O(operations) to make."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self._problem = problem
        self._tables = problem.tables
        # Whoever goes along has the setup and the turn of its leader.
        self._plan = replace(solution, setup_start=solution.setup_start[solution.head])
        self._before, self._crew_before = _befores(problem, solution)

    def chain(self, line: int) -> list[Link]:
        """The critical chain of the line of that number, its last link first.

        The minutes of its links add up to the minute at which the line is finished.
        """
        floor = int(self._tables.line_floor[line])
        makers = _makers(self._problem, line)
        last = max(makers, key=lambda op: int(self._plan.end[op]), default=NONE)
        if last < 0 or int(self._plan.end[last]) < floor:
            whole = Link(Cause.MATERIAL, floor, 0, floor, NONE, NONE, True)
            return [whole] if floor > 0 else []
        return list(self._follow(last, own_work(self._problem, line)))

    def _follow(self, op: int, own: set[int]) -> Iterator[Link]:
        """Links from an operation's end back to now."""
        cursor = int(self._plan.end[op])
        while op >= 0:
            limit = self._limit(op)
            for cause, minutes, start, end in self._stretches(op, limit, cursor):
                if minutes > 0:
                    is_other = cause in (Cause.RUN, Cause.SETUP) and op not in own
                    shown = Cause.QUEUE if is_other else cause
                    yield Link(shown, minutes, start, end, op, self._machine(op), op in own)
            op, cursor = limit.origin, limit.since

    def _stretches(
        self, op: int, limit: _Limit, cursor: int
    ) -> Iterator[tuple[Cause, int, int, int]]:
        """Cause, minutes, start and end of all that lies between a limit's begin and `cursor`."""
        run, setup = int(self._plan.run_start[op]), int(self._plan.setup_start[op])
        if self._machine(op) < 0:
            yield Cause.SUBCONTRACT, cursor - run, run, cursor
            yield Cause.HELD, run - limit.ready, limit.ready, run
        else:
            yield from self._worked(Cause.RUN, op, run, cursor)
            if limit.has_setup:
                yield from self._worked(Cause.SETUP, op, setup, run)
            begun = setup if limit.has_setup else run
            yield from self._worked(self._idle_cause(op, limit), op, limit.ready, begun)
        yield limit.cause, limit.ready - limit.since, limit.since, limit.ready

    def _worked(
        self, cause: Cause, op: int, start: int, end: int
    ) -> Iterator[tuple[Cause, int, int, int]]:
        """A stretch on the operation's machine: its working time, and the hours it is closed."""
        minutes = self._work(op, end) - self._work(op, start)
        yield cause, minutes, start, end
        yield Cause.CLOSED, end - start - minutes, start, end

    def _machine(self, op: int) -> int:
        alternative = int(self._plan.alternative[op])
        return NONE if alternative < 0 else int(self._tables.alt_machine[alternative])

    def _calendar(self, op: int) -> int:
        return int(self._tables.machine_calendar[self._machine(op)])

    def _work(self, op: int, minute: int) -> int:
        return int(work_before(self._tables.worktime, self._calendar(op), minute))

    # why nothing happened though nothing stood in the way

    def _idle_cause(self, op: int, limit: _Limit) -> Cause:
        if self._plan.head[op] != op:
            return Cause.BATCH
        tables = self._tables
        alternative = self._plan.alternative[op]
        setup = self._work(op, int(self._plan.run_start[op]))
        setup -= self._work(op, int(self._plan.setup_start[op]))
        begin = max(0, self._work(op, limit.ready) - (0 if limit.has_setup else setup))
        length = setup + int(tables.alt_run[alternative])
        if tables.fit[op]:
            unbroken = unbroken_length(tables, alternative, setup)
            first = unbroken_from(tables.worktime, self._calendar(op), begin, unbroken)
            if first > begin:
                return Cause.UNBROKEN
        for place in range(tables.crew_size[op]):
            if not self._is_there(op, place, begin, length):
                return self._missing(int(self._plan.crew[op, place]))
        return Cause.HELD

    def _missing(self, operator: int) -> Cause:
        """What it is called to wait for this operator."""
        is_person = operator < len(self._problem.operator_ids)
        return Cause.OPERATORS if is_person else Cause.TOOLS

    def _is_there(self, op: int, place: int, begin: int, length: int) -> bool:
        """Whether somebody of the crew could have come at working minute `begin`."""
        person, before = int(self._plan.crew[op, place]), int(self._crew_before[op, place])
        free = int(self._plan.end[before]) if before >= 0 else 0
        calendar = self._calendar(op)
        return manned_from(self._tables, calendar, person, begin, length, free) == begin

    # what a start waited for

    def _limit(self, op: int) -> _Limit:
        """The limit that let go last; of equals the one that came first here."""
        limits = [*self._arrivals(op)]
        if self._machine(op) < 0:
            return max(limits, key=lambda limit: limit.ready)
        run, setup = int(self._plan.run_start[op]), int(self._plan.setup_start[op])
        setup_work = self._work(op, run) - self._work(op, setup)
        limits += self._places(op)
        reached = [
            self._work(op, limit.ready) + (setup_work if limit.has_setup else 0) for limit in limits
        ]
        best = limits[reached.index(max(reached))]
        if not best.has_setup and best.ready <= setup:
            return best._replace(has_setup=True)
        return best

    def _arrivals(self, op: int) -> Iterator[_Limit]:
        """Predecessors, material, the earliest start, a lock, and now."""
        tables = self._tables
        for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
            yield from self._handing_over(op, edge)
        release, opening = int(tables.release[op]), int(tables.opening[op])
        cause = Cause.MATERIAL if release > opening else Cause.EARLIEST_START
        yield _Limit(NONE, 0, release, cause, False)
        yield _Limit(NONE, 0, max(0, int(tables.pin[op])), Cause.LOCK, False)
        yield _Limit(NONE, 0, opening, Cause.EARLIEST_START, True)

    def _handing_over(self, op: int, edge: int) -> Iterator[_Limit]:
        tables, plan = self._tables, self._plan
        before = int(tables.edge_from[edge])
        wait = int(pause_of(tables, edge, plan.alternative, plan.alternative[op]))
        end = int(plan.end[before])
        if not tables.edge_overlap[edge]:
            yield _Limit(before, end, end + wait, Cause.WAIT, False)
            return
        first = int(tables.alt_first_batch[plan.alternative[before]])
        begun = int(plan.run_start[before])
        work = self._work(before, begun) + first
        batch = max(begun, int(end_of(tables.worktime, self._calendar(before), work)))
        yield _Limit(before, batch, batch + wait, Cause.WAIT, False)
        alternative = plan.alternative[op]
        rest = int(tables.alt_run[alternative] - tables.alt_last_batch[alternative])
        last = self._work(op, end + wait) - rest
        if last > 0:
            # It may start before the other's end, but not so early that it runs out of parts.
            ready = int(minute_of(tables.worktime, self._calendar(op), last))
            yield _Limit(before, min(end, ready), ready, Cause.WAIT, False)

    def _places(self, op: int) -> Iterator[_Limit]:
        """What ran before on the machine, and what the crew did before."""
        before = int(self._before[op])
        if before >= 0:
            end = int(self._plan.end[before])
            yield _Limit(before, end, end, Cause.QUEUE, True)
        for place in range(self._tables.crew_size[op]):
            before = int(self._crew_before[op, place])
            if before >= 0:
                end = int(self._plan.end[before])
                cause = self._missing(int(self._plan.crew[op, place]))
                yield _Limit(before, end, end, cause, True)


def _befores(problem: Problem, solution: Solution) -> tuple[I32, I32]:
    """What each operation's machine and each one of its crew did before it, -1: nothing."""
    tables = problem.tables
    before = np.full(problem.operation_count, NONE, np.int32)
    crew_before = np.full_like(solution.crew, NONE)
    on_machine = [NONE] * problem.machine_count
    of_person = [NONE] * len(tables.operator_calendar)
    sizes, crews = tables.crew_size.tolist(), solution.crew.tolist()
    machine_of = tables.alt_machine.tolist()
    places = [machine_of[way] if way >= 0 else NONE for way in solution.alternative.tolist()]
    heads = solution.head.tolist()
    for op in solution.order.tolist():
        machine = places[op]
        if heads[op] != op:
            before[op] = before[heads[op]]
            crew_before[op] = crew_before[heads[op]]
            continue
        if machine >= 0:
            before[op], on_machine[machine] = on_machine[machine], op
        for place in range(sizes[op] if machine >= 0 else 0):
            person = crews[op][place]
            crew_before[op, place], of_person[person] = of_person[person], op
    return before, crew_before

"""Why a wished date cannot be had: a minimal set of locks and limits that rule it out together.

The proof looks at the line's own work as if it were alone in the factory, but for bookings that are
locked in time. So what is called impossible is so in every plan; what is not called so may still be
more than any plan can do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from domain.scheduling.bounds import earliest_ends
from domain.scheduling.compiled import I32
from domain.scheduling.events import calendars_of, with_hours
from domain.scheduling.explain import own_work
from domain.scheduling.problem import NONE, Problem, Solution
from domain.scheduling.resources import Intervals, without
from domain.scheduling.worktime import FAR


class LimitKind(StrEnum):
    """What stands in the way; the planner can lift those further down more easily."""

    WAIT = "wait"
    """Time that must pass before the next operation."""
    CLOSED = "closed"
    """Hours in which machines do not work."""
    MATERIAL = "material"
    EARLIEST_START = "earliest_start"
    BOOKED = "booked"
    """Another operation that is locked in time takes the machine."""
    LOCK = "lock"
    """The operation itself is locked to a machine or a time."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: its operation (-1: material that goes straight to the line), or its machines."""

    kind: LimitKind
    op: int = NONE
    machines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Impossible:
    """A wish that no plan can meet.

    Attributes:
        earliest: Minute before which the line cannot be finished.
        limits: They rule the wish out together, and none of them can be left out of that; empty:
            the work alone takes longer.
    """

    earliest: int
    limits: tuple[Limit, ...]


def why_impossible(
    free: Problem, locked: Problem, solution: Solution, line: int, minute: int
) -> Impossible | None:
    """Prove that an order line cannot be finished by a minute.

    Args:
        free: What is to be planned, built without any scenario's locks.
        locked: The same with them.
        solution: The plan of `locked`, for where the locked bookings are.
        line: Number of the line in both problems' ``line_ids``.
        minute: When it should be finished.

    Returns:
        None if nothing proves it.
    """
    case = Case(free, locked, solution, line)
    kept = list(case.limits)
    earliest = case.finish(kept)
    if earliest <= minute:
        return None
    for limit in case.limits:
        rest = [one for one in kept if one != limit]
        if case.finish(rest) > minute:
            kept = rest
    return Impossible(earliest, tuple(kept))


class Case:
    """One line of a problem, with its limits as things that can be left out."""

    def __init__(self, free: Problem, locked: Problem, solution: Solution, line: int) -> None:
        self._free, self._locked, self._plan, self._line = free, locked, solution, line
        self._own = sorted(own_work(free, line))
        places = {operation: at for at, operation in enumerate(locked.operation_ids)}
        self._twin = [
            NONE if operation is None else places.get(operation, NONE)
            for operation in free.operation_ids
        ]
        self._calendars = calendars_of(free.tables.worktime)
        self._machines = {
            int(machine)
            for op in self._own
            for machine in free.tables.alt_machine[
                free.tables.alt_first[op] : free.tables.alt_first[op + 1]
            ]
        }
        self.limits = sorted(self._all(), key=lambda limit: list(LimitKind).index(limit.kind))

    def finish(self, limits: Iterable[Limit]) -> int:
        """Minute before which the line cannot be finished under these limits alone."""
        held = frozenset(limits)
        tables = self._free.tables
        problem = replace(self._free, tables=tables._replace(**self._columns(held)))
        problem = with_hours(problem, self._hours(held), {})
        ends = earliest_ends(problem)
        makers = tables.line_op[tables.line_first[self._line] : tables.line_first[self._line + 1]]
        floor = int(tables.line_floor[self._line])
        floor = floor if Limit(LimitKind.MATERIAL) in held else 0
        return max([floor, *ends[makers].tolist()])

    def _all(self) -> Iterator[Limit]:
        tables = self._free.tables
        if tables.line_floor[self._line] > 0:
            yield Limit(LimitKind.MATERIAL)
        for op in self._own:
            if tables.release[op] > tables.opening[op]:
                yield Limit(LimitKind.MATERIAL, op)
            if tables.opening[op] > 0:
                yield Limit(LimitKind.EARLIEST_START, op)
            if tables.edge_wait[tables.edge_first[op] : tables.edge_first[op + 1]].any():
                yield Limit(LimitKind.WAIT, op)
            if self._locked_alternatives(op) is not None:
                yield Limit(LimitKind.LOCK, op)
        for calendar in sorted({int(tables.machine_calendar[m]) for m in self._machines}):
            alike = (m for m in self._machines if tables.machine_calendar[m] == calendar)
            yield Limit(LimitKind.CLOSED, machines=tuple(sorted(alike)))
        for op, machine in self._blockers():
            yield Limit(LimitKind.BOOKED, op, (machine,))

    def _blockers(self) -> Iterator[tuple[int, int]]:
        """Other work that is locked in time on a machine that the line's work could use."""
        own = {self._twin[op] for op in self._own}
        for op, twin in enumerate(self._twin):
            if twin < 0 or twin in own or self._locked.tables.pin[twin] < 0:
                continue
            machine = int(self._locked.tables.alt_machine[self._plan.alternative[twin]])
            if machine in self._machines:
                yield op, machine

    def _locked_alternatives(self, op: int) -> set[int] | None:
        """Machines that a lock leaves to an operation; None: it has no lock."""
        twin = self._twin[op]
        if twin < 0:
            return None
        tables, free = self._locked.tables, self._free.tables
        left = tables.alt_machine[tables.alt_first[twin] : tables.alt_first[twin + 1]].tolist()
        count = int(free.alt_first[op + 1] - free.alt_first[op])
        if len(left) == count and tables.pin[twin] < 0:
            return None
        return set(left)

    def _columns(self, held: frozenset[Limit]) -> dict[str, I32]:
        """The tables' columns with what is not held taken out, and the held locks put in."""
        tables = self._free.tables
        opening, release = tables.opening.copy(), tables.release.copy()
        wait, run, pin = tables.edge_wait.copy(), tables.alt_run.copy(), tables.pin.copy()
        for op in self._own:
            if Limit(LimitKind.EARLIEST_START, op) not in held:
                opening[op] = 0
            if Limit(LimitKind.MATERIAL, op) not in held:
                release[op] = opening[op]
            if Limit(LimitKind.WAIT, op) not in held:
                wait[tables.edge_first[op] : tables.edge_first[op + 1]] = 0
            if Limit(LimitKind.LOCK, op) in held:
                pin[op] = self._locked.tables.pin[self._twin[op]]
                self._shut(run, op)
        return {
            "opening": opening,
            "release": release,
            "edge_wait": wait,
            "alt_run": run,
            "pin": pin,
        }

    def _shut(self, run: I32, op: int) -> None:
        """Machines that a lock excludes take for ever."""
        tables, left = self._free.tables, self._locked_alternatives(op) or set[int]()
        for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
            if int(tables.alt_machine[alt]) not in left:
                run[alt] = np.int32(FAR >> 4)

    def _hours(self, held: frozenset[Limit]) -> dict[int, Intervals]:
        """When the machines work: their calendars if held, less what is held of locked work."""
        tables = self._free.tables
        open_always: Intervals = ((0, tables.worktime.horizon),)
        hours: dict[int, Intervals] = dict.fromkeys(self._machines, open_always)
        for limit in held:
            if limit.kind is LimitKind.CLOSED:
                for machine in limit.machines:
                    hours[machine] = self._calendars[tables.machine_calendar[machine]]
        for limit in held:
            if limit.kind is not LimitKind.BOOKED:
                continue
            twin, (machine,) = self._twin[limit.op], limit.machines
            stop = (int(self._plan.run_start[twin]), int(self._plan.end[twin]))
            hours[machine] = without(hours[machine], [stop])
        return hours

"""Work that has begun, or is over, as far as the plan in force tells: nobody reports it yet.

What was booked to begin before now has begun, and runs as planned; what was booked to end is done.
A row that says otherwise is believed more than the plan: work does not begin on a machine that
stands, without a person who is absent, before its material has come, or before what it follows is
done. What a machine's downtime has hit is done later, and what came after it began as much later.
Nor is a machine kept set up for what cannot run when it should.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from uuid import UUID

from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import Downtime, Machine, Operator
from domain.scenarios import Booking, OvertimeShift, Scenario, has_begun
from domain.scheduling.beginnings import OPEN, Beginnings, is_stopped
from domain.scheduling.delays import (
    Delays,
    Interval,
    first_of,
    is_fit,
    minutes_over,
    opened_on,
    total,
    usual_hours,
)
from domain.scheduling.durations import booked_minutes
from domain.scheduling.hours import shared
from domain.scheduling.problem import Rest
from domain.working_time import working_intervals

_MINUTE = timedelta(minutes=1)
_AHEAD = (timedelta(days=14), timedelta(days=400))
"""How far to look for working time: nearly always two weeks are enough."""

_NEAR = timedelta(days=2)
"""How long nearly all work takes."""

_NEVER = (-1, 0)
_Span = tuple[int, int]


def begun_work(
    plan: Plan, scenario: Scenario | None, now_at: datetime, lost: Collection[UUID] = ()
) -> dict[UUID, Rest]:
    """The rest of every operation that has begun in a scenario; O(n log n) in its bookings.

    Args:
        plan: The factory.
        scenario: The plan in force, None: there is none.
        now_at: A whole minute.
        lost: Operations that do not go on; nor does what could not have begun without them.
    """
    now_at = now_at.replace(second=0, microsecond=0)
    rows = plan.where(Booking, scenario_id=scenario.id) if scenario else []
    batches = {row.batch for row in rows if has_begun(row, now_at)}
    rows = [row for row in rows if row.batch in batches]
    return _Begun(plan, now_at, lost).read(rows) if rows else {}


def share_left(
    plan: Plan, scenario: Scenario | None, now_at: datetime, operation_id: UUID
) -> Fraction:
    """The share of an operation's run that is still to be done: 1 if it has not begun.

    Args:
        plan: As `begun_work`.
        scenario: There.
        now_at: There.
        operation_id: What is asked for.
    """
    rest = begun_work(plan, scenario, now_at).get(operation_id)
    machine = plan.get(Machine, rest.booking.machine_id) if rest else None
    if rest is None or machine is None:
        return Fraction(1)
    wanted = booked_minutes(plan, rest.booking, machine)
    left = 0 if rest.is_done else max(0, wanted - rest.worked)
    return Fraction(left, wanted) if wanted else Fraction(1)


class _Begun:
    def __init__(self, plan: Plan, now_at: datetime, lost: Collection[UUID]) -> None:
        self._plan, self._now_at = plan, now_at
        self._rest: dict[UUID, Rest] = {}
        self._beginnings = Beginnings(plan, now_at, self._rest, lost)
        self._delays = Delays(plan, now_at)
        self._standing: set[UUID] = set()
        """Machines on which something has not begun, or goes on for longer than booked: nothing
        after it has begun."""

    def read(self, rows: Iterable[Booking]) -> dict[UUID, Rest]:
        batches: dict[UUID, list[Booking]] = {}
        for row in sorted(rows, key=lambda each: (each.run_start_at, each.end_at)):
            step = self._plan.get(Operation, row.operation_id)
            order = self._plan.get(WorkOrder, step.work_order_id) if step else None
            if order is not None and order.status in OPEN:
                batches.setdefault(row.batch, []).append(row)
        for batch in batches.values():
            self._add(batch)
        return self._rest

    def _add(self, batch: Sequence[Booking]) -> None:
        """A batch has begun as a whole or not at all."""
        machine = self._plan.get(Machine, batch[0].machine_id)
        is_held = machine is not None and machine.id in self._standing
        batch = () if is_held else self._delays.as_it_went(machine, batch)
        is_held = not batch
        if is_held or not all(self._beginnings.could_begin(row, machine) for row in batch):
            if machine is not None:
                self._standing.add(machine.id)
            return
        if machine is not None:
            self._add_on(machine, batch)
            return
        for row in batch:
            self._rest[row.operation_id] = self._outside(row)
            self._delays.note([row], row.end_at)

    def _add_on(self, machine: Machine, batch: Sequence[Booking]) -> None:
        plan, first = self._plan, first_of(batch)
        is_later = self._was_stopped(machine, first) or not self._delays.is_as_booked(first)
        if first.end_at <= self._now_at and not is_later:
            for row in batch:
                self._rest[row.operation_id] = Rest(row, 0, 0, 0, 0, 0, True, True)
            return
        own = opened_on(plan, machine, first)
        wanted, setup = self._wanted(machine, batch), self._setup_left(machine, first, own)
        hours = self._worked(machine, first, own, wanted, is_later=is_later)
        worked = min(wanted, total(hours)) if is_later else total(hours)
        run = max(0, wanted - worked)
        found = (
            _placed(self._working(machine, own, ahead), setup, run, is_fit=is_fit(plan, batch))
            for ahead in _AHEAD
        )
        start, end = next((span for span in found if span is not None), _NEVER)
        crew = {person for row in batch for person in row.operator_ids}
        keeps_crew = all(self._manned(one, machine, own, end) >= setup + run for one in crew)
        is_done = setup + run == 0 and first.run_start_at <= self._now_at
        if is_later and is_done:
            end_at = minutes_over(hours, wanted) or first.run_start_at
            if self._delays.note(batch, end_at) or not self._delays.is_as_booked(first):
                batch = [replace(row, end_at=end_at) for row in batch]
        elif is_later:
            ends_at = self._now_at + (end if end >= 0 else _AHEAD[-1] // _MINUTE) * _MINUTE
            if self._delays.note(batch, ends_at):
                self._standing.add(machine.id)
        for row in batch:
            rest = Rest(row, setup, run, start, end, worked, keeps_crew, is_done)
            self._rest[row.operation_id] = rest

    def _worked(
        self,
        machine: Machine,
        first: Booking,
        opened: Sequence[OvertimeShift],
        wanted: int,
        *,
        is_later: bool,
    ) -> list[Interval]:
        """When a run was worked at until now; of one that came later, until it was done."""
        until_at = self._now_at if is_later else min(self._now_at, first.end_at)
        near_at = first.run_start_at + _NEAR if is_later else until_at
        start_at = first.run_start_at
        hours = working_intervals(self._plan, machine, start_at, min(near_at, until_at), opened)
        if near_at < until_at and total(hours) < wanted:
            hours = working_intervals(self._plan, machine, start_at, until_at, opened)
        return hours

    def _wanted(self, machine: Machine, batch: Iterable[Booking]) -> int:
        return max(booked_minutes(self._plan, row, machine) for row in batch)

    def _outside(self, row: Booking) -> Rest:
        """At a supplier, work goes on at any time."""
        step = self._plan.need(Operation, row.operation_id)
        worked = (self._now_at - row.run_start_at) // _MINUTE
        left = max(0, ceil((step.subcontract_days or 0) * 1440) - worked)
        return Rest(row, 0, left, 0, left, worked, keeps_crew=True, is_done=left == 0)

    # how much is left

    def _was_stopped(self, machine: Machine, row: Booking) -> bool:
        rows = self._plan.where(Downtime, machine_id=machine.id)
        return any(one.start_at < row.end_at and one.end_at > row.setup_start_at for one in rows)

    def _setup_left(self, machine: Machine, row: Booking, opened: Sequence[OvertimeShift]) -> int:
        """Working minutes of the setup from now on; if the machine stands at its end, as if it
        did not."""
        if row.run_start_at <= self._now_at:
            return 0
        span = self._now_at, row.run_start_at
        if not is_stopped(self._plan, machine, row.run_start_at):
            return total(working_intervals(self._plan, machine, *span, opened))
        return total(usual_hours(self._plan, machine, *span, opened))

    def _working(
        self, machine: Machine, opened: Sequence[OvertimeShift], ahead: timedelta
    ) -> Iterable[_Span]:
        until_at = self._now_at + ahead
        times = working_intervals(self._plan, machine, self._now_at, until_at, opened)
        return map(self._minutes, times)

    def _manned(
        self, person_id: UUID, machine: Machine, opened: Sequence[OvertimeShift], end: int
    ) -> int:
        """Minutes until ``end`` in which a person is there while the machine works."""
        person, until_at = self._plan.get(Operator, person_id), self._now_at + end * _MINUTE
        if person is None or end <= 0:
            return 0
        machine_hours, hours = (
            tuple(self._minutes(each) for each in found)
            for found in (
                working_intervals(self._plan, machine, self._now_at, until_at, opened),
                working_intervals(self._plan, person, self._now_at, until_at, opened),
            )
        )
        return sum(high - low for low, high in shared(machine_hours, hours))

    def _minutes(self, interval: tuple[datetime, datetime]) -> _Span:
        start, end = ((at - self._now_at) // _MINUTE for at in interval)
        return start, end


def _placed(worked: Iterable[_Span], setup: int, run: int, *, is_fit: bool) -> _Span | None:
    """Where the rest of a run lies, after the rest of its setup; None: not in this working time."""
    start, done = None, 0
    for low, high in worked:
        if is_fit and high - low < setup + run:
            continue
        done += high - low
        if start is None and done > setup:
            start = high - (done - setup)
        if start is not None and done >= setup + run:
            return start, max(start, high - (done - setup - run))
    return None


def not_begun(rows: Iterable[Booking], now_at: datetime, begun: Collection[UUID]) -> set[UUID]:
    """Batches that should have begun, but cannot have: they are free again.

    Args:
        rows: A scenario's bookings.
        now_at: Aware.
        begun: The operations of them that have begun.
    """
    rows = list(rows)
    due = {row.batch for row in rows if has_begun(row, now_at)}
    return due - {row.batch for row in rows if row.operation_id in begun}


def busy_people(begun: Mapping[UUID, Rest]) -> dict[UUID, int]:
    """Until which minute people are at work that has begun."""
    until: dict[UUID, int] = {}
    for rest in begun.values():
        if rest.keeps_crew and not rest.is_done:
            for person in rest.booking.operator_ids:
                until[person] = max(until.get(person, 0), rest.end)
    return until


def busy_tools(plan: Plan, begun: Mapping[UUID, Rest]) -> dict[UUID, list[int]]:
    """Until which minutes units of a tool are at work that has begun."""
    until: dict[UUID, list[int]] = {}
    for operation_id, rest in begun.items():
        step = plan.get(Operation, operation_id)
        is_at_work = rest.booking.machine_id is not None and not rest.is_done and rest.keeps_crew
        if is_at_work and step is not None and step.tool_id is not None:
            until.setdefault(step.tool_id, []).extend([rest.end] * step.tools)
    return until

"""How much later than booked the plan in force went, by what is known of machines that stood.

Often a breakdown is told when it is long over. What it held up ended later; what came after that on
the machine, with the same people, in the work order or with its parts, began as much later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import UUID

from domain.plan import Plan
from domain.production import Operation, Peg, SupplyKind, WorkOrder
from domain.resources import Downtime, Machine, Plant, Tool, Transfer
from domain.routings import BreakRule
from domain.scenarios import Booking, OvertimeShift
from domain.scheduling.beginnings import befores_of
from domain.scheduling.durations import booked_minutes
from domain.working_time import calendar_intervals, working_intervals

_MINUTE = timedelta(minutes=1)
_WHOLE = datetime(2000, 1, 1, tzinfo=UTC)
_NEAR, _FAR = timedelta(days=2), timedelta(days=14)
"""How far to look for a start: nearly always it is near."""

Interval = tuple[datetime, datetime]


class Delays:
    """When work really began; asked batch by batch, in the order in which they were to run.

    A tool of which there are enough for two is taken to be there.
    """

    def __init__(self, plan: Plan, now_at: datetime) -> None:
        self._plan, self._now_at = plan, now_at
        self._ended: dict[UUID, datetime] = {}
        """When operations, machines, people and tools were done that had to end later than
        booked; of what is not done, when it will be."""

    def as_it_went(self, machine: Machine | None, batch: Sequence[Booking]) -> Sequence[Booking]:
        """A batch when it really began, as booked if nothing held it up; empty: it has not."""
        first = first_of(batch)
        ready_at = max([first.setup_start_at, *self._ends(self._held_by(batch))])
        run_at = max([first.run_start_at, *(at for row in batch for at in self._supplied_at(row))])
        if machine is None:
            return self._later(batch, run_at, run_at)
        is_late = ready_at > first.setup_start_at or run_at > first.run_start_at
        if not is_late and not self._stood_in_setup(machine, first):
            return batch
        found = self._begun(machine, batch, ready_at, run_at)
        return self._later(batch, *found) if found else ()

    def note(self, batch: Sequence[Booking], end_at: datetime) -> bool:
        """Remember when a batch was done, or will be; False if that is not later than booked."""
        booked = self._plan.need(Booking, batch[0].id)
        if end_at <= booked.end_at:
            return False
        for key in {row.operation_id for row in batch} | self._held_by(batch):
            self._ended[key] = max(end_at, self._ended.get(key, end_at))
        return True

    def is_as_booked(self, row: Booking) -> bool:
        """Whether a booking began when it was to."""
        return self._plan.need(Booking, row.id).run_start_at == row.run_start_at

    def _ends(self, keys: Iterable[UUID]) -> Iterable[datetime]:
        return (self._ended[key] for key in keys if key in self._ended)

    def _held_by(self, batch: Sequence[Booking]) -> set[UUID]:
        """The machine, the people and the tool that are one batch's alone."""
        found = {person for row in batch for person in row.operator_ids}
        for row in batch:
            step = self._plan.need(Operation, row.operation_id)
            tool = self._plan.get(Tool, step.tool_id) if step.tool_id else None
            if row.machine_id is not None:
                found.add(row.machine_id)
            if tool is not None and tool.count < 2 * step.tools:
                found.add(tool.id)
        return found

    def _supplied_at(self, row: Booking) -> Iterable[datetime]:
        """When what a booking waits for was there, of what ended later than booked.

        Batches that are handed over count as the last of them.
        """
        if not self._ended:
            return
        step = self._plan.need(Operation, row.operation_id)
        order = self._plan.need(WorkOrder, step.work_order_id)
        for before in befores_of(self._plan, order, step):
            if before.id in self._ended:
                pause = ceil(before.wait_minutes) * _MINUTE
                yield self._ended[before.id] + pause + self._way(before, row)
        for peg in self._plan.where(Peg, demand_id=order.id):
            taker = self._plan.get(Operation, peg.operation_id)
            is_other = taker is not None and taker.number != step.number
            if peg.supply_kind is SupplyKind.WORK_ORDER and not is_other:
                for made in self._plan.where(Operation, work_order_id=peg.supply_id):
                    if made.id in self._ended:
                        yield self._ended[made.id] + self._way(made, row)

    def _way(self, before: Operation, row: Booking) -> timedelta:
        """How long work is on its way between two plants."""
        plan = self._plan
        origin = plan.one(Booking, scenario_id=row.scenario_id, operation_id=before.id)
        machines = [plan.get(Machine, each.machine_id) for each in (origin, row) if each]
        plants = [machine.plant_id for machine in machines if machine]
        if len(plants) < 2:
            return timedelta()
        found = plan.one(Transfer, from_plant_id=plants[0], to_plant_id=plants[1])
        return (ceil(found.minutes) if found else 0) * _MINUTE

    def _stood_in_setup(self, machine: Machine, first: Booking) -> bool:
        """Whether a machine stood, and runs again, while it was to be set up or to begin."""
        return any(
            one.start_at <= first.run_start_at and first.setup_start_at < one.end_at <= self._now_at
            for one in self._plan.where(Downtime, machine_id=machine.id)
        )

    def _begun(
        self, machine: Machine, batch: Sequence[Booking], ready_at: datetime, run_at: datetime
    ) -> tuple[datetime, datetime] | None:
        """When a batch was set up and when it began, neither before these instants."""
        plan, first = self._plan, first_of(batch)
        own = opened_on(plan, machine, first)
        setup = total(usual_hours(plan, machine, first.setup_start_at, first.run_start_at, own))
        whole = 0
        if is_fit(plan, batch):
            whole = setup + max(booked_minutes(plan, row, machine) for row in batch)
        for until_at in (max(ready_at, run_at) + _NEAR, max(self._now_at, run_at) + _FAR):
            hours = [
                (low, high)
                for low, high in working_intervals(plan, machine, ready_at, until_at, own)
                if high - low >= whole * _MINUTE
            ]
            begun_at, starts_at = next_minute(hours, 0), next_minute(hours, setup)
            if begun_at and starts_at and starts_at < run_at:  # set up just in time for it
                late = [(max(low, run_at), high) for low, high in hours if high > run_at]
                starts_at = next_minute(late, 0)
                if starts_at:
                    before = [(low, min(high, starts_at)) for low, high in hours if low < starts_at]
                    begun_at = next_minute(before, total(before) - setup) if setup else starts_at
            if begun_at and starts_at:
                return begun_at, starts_at
        return None

    def _later(
        self, batch: Sequence[Booking], begun_at: datetime, starts_at: datetime
    ) -> Sequence[Booking]:
        """A batch that began then; empty if that is not over yet."""
        first = first_of(batch)
        if (begun_at, starts_at) == (first.setup_start_at, first.run_start_at):
            return batch
        if begun_at >= self._now_at:
            return ()
        end_at = first.end_at + (starts_at - first.run_start_at)
        return [
            replace(
                row,
                setup_start_at=begun_at if row is first else starts_at,
                run_start_at=starts_at,
                end_at=end_at,
            )
            for row in batch
        ]


def first_of(batch: Sequence[Booking]) -> Booking:
    """The booking of a batch that has its setup."""
    return min(batch, key=lambda row: row.setup_start_at)


def is_fit(plan: Plan, batch: Iterable[Booking]) -> bool:
    """Whether a batch must run in one piece."""
    steps = (plan.need(Operation, row.operation_id) for row in batch)
    return any(step.break_rule is BreakRule.FIT for step in steps)


def opened_on(plan: Plan, machine: Machine, row: Booking) -> list[OvertimeShift]:
    """The overtime that a booking's scenario has opened on a machine."""
    opened = plan.where(OvertimeShift, scenario_id=row.scenario_id)
    return [each for each in opened if each.machine_id == machine.id]


def usual_hours(
    plan: Plan,
    machine: Machine,
    from_at: datetime,
    to_at: datetime,
    opened: Iterable[OvertimeShift],
) -> Iterable[Interval]:
    """When a machine works, as if it never stood."""
    zone = plan.need(Plant, machine.plant_id).timezone
    yield from calendar_intervals(plan, machine.calendar_id, zone, from_at, to_at)
    more = [(max(one.start_at, from_at), min(one.end_at, to_at)) for one in opened]
    yield from ((low, high) for low, high in more if low < high)


def total(intervals: Iterable[Interval]) -> int:
    """Whole minutes of all intervals."""
    return sum((end - start) // _MINUTE for start, end in intervals)


def next_minute(intervals: Iterable[Interval], minutes: int) -> datetime | None:
    """The first working minute after so many; None: it is not in these intervals."""
    left = minutes
    for low, high in intervals:
        start_at = low + (_WHOLE - low) % _MINUTE  # a machine may stand until half past a minute
        if (high - start_at) // _MINUTE > left:
            return start_at + left * _MINUTE
        left -= max(0, (high - start_at) // _MINUTE)
    return None


def minutes_over(intervals: Iterable[Interval], minutes: int) -> datetime | None:
    """When so many working minutes are over; None: they are not in these intervals."""
    last = next_minute(intervals, minutes - 1) if minutes else None
    return last + _MINUTE if last else None

"""How long it takes to get a quantity of an item, as far as it can be told before scheduling."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from domain.batches import holds, machines_for, runs_for
from domain.calendars import Shift
from domain.items import Item
from domain.mrp.structure import Structure
from domain.plan import Plan
from domain.resources import Machine
from domain.routings import RoutingOperation, followed_by
from domain.units import whole_up

WEEK_MINUTES = Decimal(7 * 1440)
DAY_MINUTES = Decimal(1440)
LONGEST_MINUTES = 3650 * 1440
"""No estimate is longer, whatever a mistyped quantity or an empty calendar says."""


class _Step(NamedTuple):
    """Elapsed minutes of a step: fixed, and for each unit or, with a capacity, for each run."""

    fixed: Decimal
    each: Decimal = Decimal(0)
    load: Decimal = Decimal(1)
    capacity: Decimal | None = None

    def minutes(self, quantity: Decimal) -> Decimal:
        """For a quantity."""
        if self.capacity is None:
            return self.fixed + self.each * quantity
        return self.fixed + self.each * runs_for(quantity * self.load, self.capacity)


class Durations:
    """Elapsed times without queues: work is stretched by how much of the week its machines work."""

    def __init__(self, plan: Plan, structure: Structure) -> None:
        self._plan = plan
        self._structure = structure
        self._making: dict[UUID, list[tuple[_Step, list[int]]]] = {}
        """How long each step takes, and the steps that it follows."""

    def lead_time(self, item: Item) -> timedelta:
        """The item's lead time, in whole minutes."""
        return timedelta(minutes=int(whole_up(item.lead_time_days * DAY_MINUTES)))

    def of(self, item: Item, started: Decimal) -> timedelta:
        """From the start of an order for that quantity until it is there."""
        if not self._structure.is_work(item):
            return self.lead_time(item)
        if item.id not in self._making:
            steps = self._structure.routing(item)
            places = {step.id: at for at, step in enumerate(steps)}
            befores = [[places[one.id] for one in group] for group in followed_by(steps)]
            parts = [self._step(step) for step in steps]
            self._making[item.id] = list(zip(parts, befores, strict=True))
        ends: list[Decimal] = []
        for part, befores in self._making[item.id]:
            begin = max((ends[at] for at in befores), default=Decimal(0))
            ends.append(begin + part.minutes(started))
        return timedelta(minutes=min(int(whole_up(max(ends, default=Decimal(0)))), LONGEST_MINUTES))

    def _step(self, step: RoutingOperation) -> _Step:
        if step.subcontract_days is not None:
            return _Step(step.subcontract_days * DAY_MINUTES + step.wait_minutes)
        machine, speed = self._machine(step)
        if machine is None:
            return _Step(step.setup_minutes + step.wait_minutes, step.run_minutes)
        share = self._working_share(machine.calendar_id)
        fixed = step.setup_minutes / share + step.wait_minutes
        each = step.run_minutes / (machine.efficiency * speed * share)
        return _Step(fixed, each, step.load, machine.batch_capacity)

    def _machine(self, step: RoutingOperation) -> tuple[Machine | None, Decimal]:
        """The first machine that takes a piece, with its speed; the first one if none does."""
        pairs = machines_for(self._plan, step)
        fitting = [pair for pair in pairs if holds(pair[0], step.load)]
        return next(iter(fitting or pairs), (None, Decimal(1)))

    def _working_share(self, calendar_id: UUID | None) -> Decimal:
        """The part of a week that is worked, 0 < share ≤ 1."""
        if calendar_id is None:
            return Decimal(1)
        minutes = 0
        for shift in self._plan.where(Shift, calendar_id=calendar_id):
            length = shift.end_minute - shift.start_minute
            minutes += length if length > 0 else length + 1440
        return min(Decimal(1), Decimal(max(minutes, 1)) / WEEK_MINUTES)

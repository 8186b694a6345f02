"""How long it takes to get a quantity of an item, as far as it can be told before scheduling."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from domain.calendars import Shift
from domain.items import Item
from domain.mrp.structure import Structure
from domain.plan import Plan
from domain.resources import Machine
from domain.routings import RoutingMachine, RoutingOperation, followed_by
from domain.units import whole_up

WEEK_MINUTES = Decimal(7 * 1440)
DAY_MINUTES = Decimal(1440)
LONGEST_MINUTES = 3650 * 1440
"""No estimate is longer, whatever a mistyped quantity or an empty calendar says."""


class Durations:
    """Elapsed times without queues: work is stretched by how much of the week its machines work."""

    def __init__(self, plan: Plan, structure: Structure) -> None:
        self._plan = plan
        self._structure = structure
        self._making: dict[UUID, list[tuple[tuple[Decimal, Decimal], list[int]]]] = {}
        """Of each step: fixed minutes, those for each unit, and the steps that it follows."""

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
        for (fixed, per_unit), befores in self._making[item.id]:
            begin = max((ends[at] for at in befores), default=Decimal(0))
            ends.append(begin + fixed + per_unit * started)
        return timedelta(minutes=min(int(whole_up(max(ends, default=Decimal(0)))), LONGEST_MINUTES))

    def _step(self, step: RoutingOperation) -> tuple[Decimal, Decimal]:
        """Elapsed minutes of a step: fixed, and for each unit."""
        if step.subcontract_days is not None:
            return step.subcontract_days * DAY_MINUTES + step.wait_minutes, Decimal(0)
        machine, speed = self._machine(step)
        if machine is None:
            return step.setup_minutes + step.wait_minutes, step.run_minutes
        share = self._working_share(machine.calendar_id)
        fixed = step.setup_minutes / share + step.wait_minutes
        return fixed, step.run_minutes / (machine.efficiency * speed * share)

    def _machine(self, step: RoutingOperation) -> tuple[Machine | None, Decimal]:
        named = self._plan.where(RoutingMachine, routing_operation_id=step.id)
        if named:
            first = min(named, key=lambda row: row.position)
            return self._plan.get(Machine, first.machine_id), first.speed
        if step.work_center_id is None:
            return None, Decimal(1)
        machines = self._plan.where(Machine, work_center_id=step.work_center_id)
        return min(machines, key=lambda machine: machine.code, default=None), Decimal(1)

    def _working_share(self, calendar_id: UUID | None) -> Decimal:
        """The part of a week that is worked, 0 < share ≤ 1."""
        if calendar_id is None:
            return Decimal(1)
        minutes = 0
        for shift in self._plan.where(Shift, calendar_id=calendar_id):
            length = shift.end_minute - shift.start_minute
            minutes += length if length > 0 else length + 1440
        return min(Decimal(1), Decimal(max(minutes, 1)) / WEEK_MINUTES)

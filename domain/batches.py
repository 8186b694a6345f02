"""Which bookings run together on a furnace, an oven or a bath, and how full it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from uuid import UUID

from domain.changes import Change
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import Machine
from domain.routings import RoutingMachine, RoutingOperation
from domain.scenarios import Booking


def runs_for(load: Decimal, capacity: Decimal) -> int:
    """How often a machine is filled for a load."""
    return ceil(Fraction(load) / Fraction(capacity))


def holds(machine: Machine, load: Decimal) -> bool:
    """Whether one piece with that load goes into a machine: runs are made of whole pieces."""
    return machine.batch_capacity is None or load <= machine.batch_capacity


def sizes(machines: Iterable[Machine]) -> str:
    """Machines with what one run of each holds, as messages name them."""
    held = [(one.code, (one.batch_capacity or Decimal(0)).normalize()) for one in machines]
    return ", ".join(f"{code} ({capacity:f})" for code, capacity in held)


def machines_for(plan: Plan, step: RoutingOperation) -> list[tuple[Machine, Decimal]]:
    """The machines that may do a step, the first choice first, each with its speed there."""
    named = plan.where(RoutingMachine, routing_operation_id=step.id)
    if named:
        named.sort(key=lambda row: row.position)
        found = [(plan.get(Machine, row.machine_id), row.speed) for row in named]
        return [(machine, speed) for machine, speed in found if machine is not None]
    if step.work_center_id is None:
        return []
    machines = plan.where(Machine, work_center_id=step.work_center_id)
    return [(machine, Decimal(1)) for machine in sorted(machines, key=lambda one: one.code)]


def overloaded(plan: Plan, step: RoutingOperation) -> list[Machine]:
    """A step's machines if one piece is too much for every one of them; else none."""
    if step.subcontract_days is not None:
        return []
    machines = [machine for machine, _ in machines_for(plan, step)]
    return [] if any(holds(machine, step.load) for machine in machines) else machines


def batch_of(plan: Plan, booking: Booking) -> list[Booking]:
    """All bookings of a batch, its first one first; of one that runs alone only itself."""
    first = plan.get(Booking, booking.batch)
    members = plan.where(Booking, scenario_id=booking.scenario_id, batch_id=booking.batch)
    return [*([first] if first is not None else []), *members]


def batch_load(plan: Plan, bookings: Iterable[Booking]) -> Decimal:
    """What they load together, in the unit of the machine's capacity."""
    total = Decimal(0)
    for booking in bookings:
        step = plan.get(Operation, booking.operation_id)
        order = plan.get(WorkOrder, step.work_order_id) if step else None
        if step is not None and order is not None:
            total += step.load * step.amount(order)
    return total


def capacity_of(plan: Plan, booking: Booking) -> Decimal | None:
    """What a batch may hold on a booking's machine; None: that does one thing at a time."""
    machine = plan.get(Machine, booking.machine_id)
    return machine.batch_capacity if machine else None


def new_leaders(plan: Plan, changes: Iterable[Change]) -> tuple[Change, ...]:
    """What else must change where leaders of batches go: the longest left leads, with the setup.

    The times stay; planning anew makes the batch shorter if its longest has gone.
    """
    deleted = (change.row for change in changes if change.after is None)
    gone = {row.id: row for row in deleted if isinstance(row, Booking)}
    left: dict[UUID, list[Booking]] = {}
    for row in plan.table(Booking).values() if gone else ():
        if row.batch_id in gone and row.id not in gone:
            left.setdefault(row.batch, []).append(row)
    found: list[Change] = []
    for batch_id, mates in left.items():
        heir = max(mates, key=lambda mate: (_minutes(plan, mate), mate.id))
        led = replace(heir, batch_id=None, setup_start_at=gone[batch_id].setup_start_at)
        found.append(Change.update(heir, led))
        others = (mate for mate in mates if mate is not heir)
        found += [Change.update(mate, replace(mate, batch_id=heir.id)) for mate in others]
    return tuple(found)


def _minutes(plan: Plan, booking: Booking) -> Decimal:
    """How long it would run alone, on a machine of usual speed."""
    step, capacity = plan.get(Operation, booking.operation_id), capacity_of(plan, booking)
    if step is None or not capacity:
        return Decimal(0)
    return step.run_minutes * runs_for(batch_load(plan, [booking]), capacity)

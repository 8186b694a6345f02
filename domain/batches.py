"""Which bookings run together on a furnace, an oven or a bath, and how full it is."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import Machine
from domain.scenarios import Booking


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
            total += step.load * order.quantity
    return total


def capacity_of(plan: Plan, booking: Booking) -> Decimal | None:
    """What a batch may hold on a booking's machine; None: that does one thing at a time."""
    machine = plan.get(Machine, booking.machine_id)
    return machine.batch_capacity if machine else None

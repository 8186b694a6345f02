"""How long work runs on a machine."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from domain.batches import runs_for
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import Machine
from domain.routings import RoutingMachine
from domain.scenarios import Booking
from domain.scheduling.worktime import FAR


def run_minutes(quantity: Decimal, minutes: Decimal, rate: Fraction) -> int:
    """Rule 2: `ceil(quantity × minutes / rate)`, exactly; what takes for ever takes `FAR`.

    Args:
        quantity: Units, or on a machine that runs several together how often it is filled.
        minutes: For each of them.
        rate: Efficiency × speed of the machine.
    """
    if rate <= 0:
        return FAR
    (many, part), (each, of_each) = quantity.as_integer_ratio(), minutes.as_integer_ratio()
    work, shares = many * each * rate.denominator, part * of_each * rate.numerator
    return min(FAR, -(-work // shares))


def booked_minutes(plan: Plan, row: Booking, machine: Machine) -> int:
    """Working minutes of a booking's whole run on a machine, by what is known now."""
    step = plan.need(Operation, row.operation_id)
    order = plan.need(WorkOrder, step.work_order_id)
    speed = plan.one(
        RoutingMachine, routing_operation_id=step.routing_operation_id, machine_id=machine.id
    )
    rate = Fraction(machine.efficiency) * Fraction(speed.speed if speed else Decimal(1))
    quantity = step.amount(order)
    if machine.batch_capacity:
        quantity = Decimal(runs_for(quantity * step.load, machine.batch_capacity))
    return run_minutes(quantity, step.run_minutes, rate)

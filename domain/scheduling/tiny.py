"""A factory with two orders, so that the hot loops can be compiled before they are needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.changes import Row
from domain.items import Item
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import DemandKind, Operation, Peg, SupplyKind, WorkOrder
from domain.resources import Machine, Operator, Plant
from domain.routings import RoutingMachine, RoutingOperation


def tiny_factory(skill: str) -> tuple[Plan, datetime]:
    """Two late orders of two steps on two machines, with an operator if a skill is named."""
    now_at = datetime(2000, 1, 1, tzinfo=UTC)
    numbers = iter(range(1, 1000))

    def new_id() -> UUID:
        return UUID(int=next(numbers))

    plant = Plant(id=new_id(), code="P", timezone="UTC")
    item = Item(id=new_id(), code="I", family="F")
    machines = [Machine(id=new_id(), plant_id=plant.id, code=code) for code in "AB"]
    people = [Operator(id=new_id(), code="O", skills=(skill,))] if skill else []
    steps = [
        RoutingOperation(
            id=new_id(),
            item_id=item.id,
            number=number,
            setup_minutes=Decimal(10),
            run_minutes=Decimal(60),
            skill=skill,
            operators=1 if skill else 0,
        )
        for number in (10, 20)
    ]
    rows: list[Row] = [plant, item, *machines, *people, *steps]
    rows += [
        RoutingMachine(id=new_id(), routing_operation_id=step.id, machine_id=machine.id)
        for step in steps
        for machine in machines
    ]
    for name in ("1", "2"):
        rows += _order(plant, item, steps, name, now_at, new_id)
    return Plan(rows), now_at


def _order(
    plant: Plant,
    item: Item,
    steps: list[RoutingOperation],
    name: str,
    now_at: datetime,
    new_id: Callable[[], UUID],
) -> list[Row]:
    line = OrderLine(
        id=new_id(),
        plant_id=plant.id,
        order_number=name,
        line="1",
        item_id=item.id,
        quantity=Decimal(10),
        unit=item.unit,
        due_on=(now_at - timedelta(days=2)).date(),
    )
    order = WorkOrder(
        id=new_id(),
        plant_id=plant.id,
        number=name,
        item_id=item.id,
        quantity=Decimal(10),
        good_quantity=Decimal(10),
    )
    peg = Peg(
        id=new_id(),
        plant_id=plant.id,
        item_id=item.id,
        supply_kind=SupplyKind.WORK_ORDER,
        supply_id=order.id,
        demand_kind=DemandKind.ORDER_LINE,
        demand_id=line.id,
        quantity=Decimal(10),
    )
    operations = [_operation(order, step, new_id()) for step in steps]
    return [line, order, peg, *operations]


def _operation(order: WorkOrder, step: RoutingOperation, operation_id: UUID) -> Operation:
    return Operation(
        id=operation_id,
        plant_id=order.plant_id,
        work_order_id=order.id,
        routing_operation_id=step.id,
        number=step.number,
        setup_minutes=step.setup_minutes,
        run_minutes=step.run_minutes,
        skill=step.skill,
        operators=step.operators,
    )

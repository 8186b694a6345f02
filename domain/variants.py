"""Ways to do the same work: alternate routings, and operations in parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from decimal import ROUND_DOWN, Decimal
from math import ceil
from uuid import UUID, uuid5

from domain.items import Item, ItemType
from domain.plan import Plan
from domain.production import Operation, PlannedOrder, WorkOrder
from domain.routings import MAIN, RoutingOperation

_COPIED = tuple(
    field.name
    for field in fields(RoutingOperation)
    if field.name not in {"id", "row_version", "item_id", "work_center_id", "routing"}
)
_FINE = Decimal("0.001")
"""Parts of a quantity that is not whole are not cut finer."""


def routing_names(plan: Plan, item_id: UUID) -> list[str]:
    """The routings of an item: the main one first, if it has one, the others by name."""
    return sorted({step.routing for step in plan.where(RoutingOperation, item_id=item_id)})


def routing_steps(plan: Plan, item_id: UUID, routing: str = MAIN) -> list[RoutingOperation]:
    """The steps of one routing of an item, first one first."""
    steps = plan.where(RoutingOperation, item_id=item_id, routing=routing)
    return sorted(steps, key=lambda step: step.number)


def routing_of(plan: Plan, operation: Operation) -> str:
    """The routing that an operation was copied from."""
    step = plan.get(RoutingOperation, operation.routing_operation_id)
    return step.routing if step else MAIN


def routing_rank(plan: Plan, routing_operation_id: UUID) -> int:
    """How far down the routing of a step is among those of its item, 0: the main one."""
    step = plan.get(RoutingOperation, routing_operation_id)
    if step is None or step.routing == MAIN:
        return 0
    return routing_names(plan, step.item_id).index(step.routing)


def operation_of(order: WorkOrder, step: RoutingOperation, operation_id: UUID) -> Operation:
    """A step of a routing as an operation of a work order."""
    return Operation(
        id=operation_id,
        plant_id=order.plant_id,
        work_order_id=order.id,
        routing_operation_id=step.id,
        **{name: getattr(step, name) for name in _COPIED},
    )


def variant_id(order: WorkOrder, routing: str, number: int, place: str = "") -> UUID:
    """The id of an operation that a choice brings: the same whenever it is chosen again."""
    return uuid5(order.id, f"{routing}/{number}/{place}")


def shares(quantity: Decimal, count: int) -> list[Decimal]:
    """A quantity in equal parts: whole units where it is whole, the rest to the first ones."""
    unit = Decimal(1) if quantity == quantity.to_integral_value() else _FINE
    even = (quantity / count).quantize(unit, ROUND_DOWN)
    found = [even] * count
    left = quantity - even * count
    for at in range(count):
        more = min(unit, left)
        found[at] += more
        left -= more
    return found


def parts_of(order: WorkOrder, whole: Operation, routing: str, count: int) -> list[Operation]:
    """An operation cut into parts."""
    return [
        replace(
            whole,
            id=variant_id(order, routing, whole.number, f"{part}/{count}"),
            row_version=0,
            part=part,
            quantity=quantity,
        )
        for part, quantity in enumerate(shares(order.quantity, count), start=1)
    ]


def part_count(plan: Plan, operation: Operation) -> int:
    """How many parts the operation that this is a part of was cut into; 1: it is whole."""
    if operation.part == 0:
        return 1
    same = {"work_order_id": operation.work_order_id, "number": operation.number}
    return len(plan.where(Operation, **same))


def in_order(steps: Sequence[Operation]) -> list[Operation]:
    """Operations of a work order by number, parts by part."""
    return sorted(steps, key=lambda step: (step.number, step.part))


def is_bought_instead(plan: Plan, order: PlannedOrder) -> bool:
    """Whether a planned purchase takes the place of making the item."""
    item = plan.get(Item, order.item_id)
    return item is not None and item.type is ItemType.MAKE


def buying_cost(item: Item, quantity: Decimal) -> int:
    """What buying instead of making costs more, in whole money units, rounded up.

    At least 1, so that nothing is bought for nothing.
    """
    return max(1, ceil(item.buying_surcharge * quantity))

"""What serves what: from a supply up to the orders it is for, and down to what it is made of.

A full peg climbs from supply to demand until an order line is reached (APICS full pegging).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from domain.items import Item
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import DemandKind, Operation, Peg, SupplyKind, WorkOrder

_DEPENDENT = (DemandKind.WORK_ORDER, DemandKind.PLANNED_ORDER)


def served_lines(plan: Plan, supply_id: UUID) -> list[OrderLine]:
    """The order lines that a supply serves, directly or through what it goes into.

    In the order of due day, priority and name. The supply may be a work order, planned order, stock
    or purchase line.
    """
    lines: dict[UUID, OrderLine] = {}
    for demand in _climb(plan, supply_id):
        if demand.demand_kind is DemandKind.ORDER_LINE:
            line = plan.get(OrderLine, demand.demand_id)
            if line is not None:
                lines[line.id] = line
    return sorted(lines.values(), key=lambda line: (line.due_on, line.priority, line.label))


def parent_orders(plan: Plan, supply_id: UUID) -> list[WorkOrder]:
    """The work orders that take the supply as a component, by number."""
    found = {
        order.id: order
        for peg in plan.where(Peg, supply_id=supply_id)
        if peg.demand_kind is DemandKind.WORK_ORDER
        and (order := plan.get(WorkOrder, peg.demand_id)) is not None
    }
    return sorted(found.values(), key=lambda order: order.number)


def component_needs(plan: Plan, order: WorkOrder) -> list[tuple[Item, int | None, Decimal]]:
    """What a work order takes: item, number of the taking operation, quantity in its unit."""
    needs: dict[tuple[UUID, UUID | None], Decimal] = {}
    for peg in plan.where(Peg, demand_id=order.id, demand_kind=DemandKind.WORK_ORDER):
        key = (peg.item_id, peg.operation_id)
        needs[key] = needs.get(key, Decimal(0)) + peg.quantity
    found: list[tuple[Item, int | None, Decimal]] = []
    for (item_id, operation_id), quantity in needs.items():
        operation = plan.get(Operation, operation_id)
        number = None if operation is None else operation.number
        found.append((plan.need(Item, item_id), number, quantity))
    return sorted(found, key=lambda need: (need[1] or 0, need[0].code))


def work_below(plan: Plan, line: OrderLine) -> list[WorkOrder]:
    """Every work order that serves an order line, components' work orders included, by number."""
    found: dict[UUID, WorkOrder] = {}
    open_ids = [line.id]
    while open_ids:
        for peg in plan.where(Peg, demand_id=open_ids.pop()):
            if peg.supply_kind is SupplyKind.WORK_ORDER and peg.supply_id not in found:
                order = plan.get(WorkOrder, peg.supply_id)
                if order is not None:
                    found[order.id] = order
            if peg.supply_kind in (SupplyKind.WORK_ORDER, SupplyKind.PLANNED_ORDER):
                open_ids.append(peg.supply_id)
    return sorted(found.values(), key=lambda order: order.number)


def _climb(plan: Plan, supply_id: UUID) -> Iterable[Peg]:
    """Every peg from the supply upwards, each once; O(pegs above)."""
    seen = {supply_id}
    open_ids = [supply_id]
    while open_ids:
        for peg in plan.where(Peg, supply_id=open_ids.pop()):
            yield peg
            if peg.demand_kind in _DEPENDENT and peg.demand_id not in seen:
                seen.add(peg.demand_id)
                open_ids.append(peg.demand_id)

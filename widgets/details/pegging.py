"""Pegging as a tree: down to what a row is made of, up to what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from domain.changes import Row
from domain.inventory import Stock
from domain.items import Item
from domain.orders import OrderLine, PurchaseLine
from domain.production import DemandKind, Peg, PlannedOrder, SupplyKind, WorkOrder
from widgets.outlook import Outlook
from widgets.text import enum_text, format_day, format_instant, tr

_SUPPLIES: dict[SupplyKind, type[Row]] = {
    SupplyKind.STOCK: Stock,
    SupplyKind.PURCHASE: PurchaseLine,
    SupplyKind.PLANNED_ORDER: PlannedOrder,
    SupplyKind.WORK_ORDER: WorkOrder,
}
_DEMANDS: dict[DemandKind, type[Row]] = {
    DemandKind.ORDER_LINE: OrderLine,
    DemandKind.WORK_ORDER: WorkOrder,
    DemandKind.PLANNED_ORDER: PlannedOrder,
    DemandKind.SAFETY_STOCK: Item,
}

# A stock may serve thousands of orders; nobody reads further than this.
NODES_AT_MOST = 2_000


@dataclass(slots=True)
class Node:
    """One row in the tree, with the quantity that flows along its peg (item's own unit)."""

    row: Row
    item: Item
    quantity: Decimal
    children: list[Node] = field(default_factory=list["Node"])


def supplies_below(outlook: Outlook, row: Row) -> list[Node]:
    """What serves ``row``, and what serves that, down to stock and purchases."""
    return _grow(outlook, row.id, is_down=True)


def demands_above(outlook: Outlook, row: Row) -> list[Node]:
    """What ``row`` serves, up to the order lines."""
    return _grow(outlook, row.id, is_down=False)


def _grow(outlook: Outlook, start: UUID, *, is_down: bool) -> list[Node]:
    """Breadth first, so that a cut tree is cut at its far end; a row never stands under itself."""
    roots: list[Node] = []
    open_nodes: list[tuple[UUID, list[Node], frozenset[UUID]]] = [(start, roots, frozenset())]
    count = 0
    for parent_id, branch, above in open_nodes:
        for peg, row in _neighbours(outlook, parent_id, is_down=is_down):
            if row.id in above or count >= NODES_AT_MOST:
                continue
            count += 1
            node = Node(row, outlook.item(peg.item_id), peg.quantity)
            branch.append(node)
            open_nodes.append((row.id, node.children, above | {parent_id}))
    return roots


def _neighbours(outlook: Outlook, row_id: UUID, *, is_down: bool) -> Iterator[tuple[Peg, Row]]:
    plan = outlook.plan
    if is_down:
        for peg in plan.where(Peg, demand_id=row_id):
            supply = plan.get(_SUPPLIES[peg.supply_kind], peg.supply_id)
            if supply is not None:
                yield peg, supply
        return
    for peg in plan.where(Peg, supply_id=row_id):
        demand = plan.get(_DEMANDS[peg.demand_kind], peg.demand_id)
        if demand is not None:
            yield peg, demand


def row_title(row: Row) -> str:
    """What people call a row: its kind and number."""
    match row:
        case OrderLine():
            return tr("row.order_line", name=row.label)
        case PurchaseLine():
            return tr("row.purchase", name=f"{row.order_number}/{row.line}")
        case WorkOrder():
            return tr("row.work_order", name=row.number)
        case PlannedOrder():
            return tr("row.planned_order", name=row.number)
        case Stock():
            place = " ".join(p for p in (row.warehouse, row.location, row.lot) if p)
            return tr("row.stock", name=place) if place else tr("row.stock_anywhere")
        case Item():
            return tr("row.safety_stock")
        case _:
            return type(row).__name__


def row_when(outlook: Outlook, row: Row) -> str:
    """When a supply is there or a demand is due, as shown in the tree."""
    match row:
        case OrderLine() | PurchaseLine():
            return tr("row.due", day=format_day(row.due_on))
        case WorkOrder():
            span = outlook.span(row)
            if span is None:
                return enum_text(row.status)
            return tr("row.span", start=format_instant(span[0]), end=format_instant(span[1]))
        case PlannedOrder():
            return tr("row.arrives", at=format_instant(row.due_at))
        case Stock():
            return tr("row.there")
        case _:
            return ""

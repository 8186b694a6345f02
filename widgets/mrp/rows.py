"""Planned orders, work orders and missing material as tables show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.items import Item
from domain.orders import OrderLine, PurchaseLine
from domain.pegging import served_lines
from domain.production import (
    DemandKind,
    Operation,
    Peg,
    PlannedOrder,
    SupplyKind,
    WorkOrder,
    WorkStatus,
)
from domain.working_time import local_instant
from widgets.models.columns import Column, Kind
from widgets.outlook import Outlook
from widgets.text import tr
from widgets.theme import Role


@dataclass(frozen=True, slots=True)
class PlannedView:
    """A planned purchase with the order lines it is for."""

    subject: PlannedOrder
    item: Item
    is_past_due: bool
    lines: str

    @property
    def id(self) -> UUID:
        """The planned order's."""
        return self.subject.id


@dataclass(frozen=True, slots=True)
class WorkView:
    """A work order with its place in the plan."""

    subject: WorkOrder
    item: Item
    start_at: datetime | None
    end_at: datetime | None
    is_late: bool
    lines: str

    @property
    def id(self) -> UUID:
        """The work order's."""
        return self.subject.id


@dataclass(frozen=True, slots=True)
class Shortage:
    """What of an item must still come before the work that takes it can start.

    ``quantity`` in the item's own unit; ``needed_at`` is when the first of it is taken,
    ``arrives_at`` when the last of it is there; ``to_order`` is the part nobody ordered yet.
    """

    subject: Item
    quantity: Decimal
    to_order: Decimal
    needed_at: datetime | None
    arrives_at: datetime | None
    waiting: str

    @property
    def id(self) -> UUID:
        """The item's."""
        return self.subject.id


def _names(lines: Iterable[OrderLine]) -> str:
    return tr("value.separator").join(line.label for line in lines)


def planned_views(outlook: Outlook) -> list[PlannedView]:
    """All planned purchases."""
    return [
        PlannedView(
            order,
            outlook.item(order.item_id),
            order.order_at < outlook.now_at,
            _names(served_lines(outlook.plan, order.id)),
        )
        for order in outlook.plan.table(PlannedOrder).values()
    ]


def work_views(outlook: Outlook) -> list[WorkView]:
    """All work orders."""
    return [work_view(outlook, order) for order in outlook.plan.table(WorkOrder).values()]


def work_view(outlook: Outlook, order: WorkOrder) -> WorkView:
    """One work order."""
    span = outlook.span(order)
    is_late = bool(span and order.due_at and span[1] > order.due_at)
    lines = _names(served_lines(outlook.plan, order.id))
    start_at, end_at = span or (None, None)
    return WorkView(order, outlook.item(order.item_id), start_at, end_at, is_late, lines)


def shortages(outlook: Outlook) -> list[Shortage]:
    """Bought material that is pegged but not there yet, by item; the first needed first."""
    by_item: dict[UUID, list[Peg]] = {}
    for kind in (SupplyKind.PLANNED_ORDER, SupplyKind.PURCHASE):
        for peg in outlook.plan.where(Peg, supply_kind=kind):
            if peg.demand_kind is not DemandKind.SAFETY_STOCK:
                by_item.setdefault(peg.item_id, []).append(peg)
    found = [_shortage(outlook, item_id, pegs) for item_id, pegs in by_item.items()]
    far = datetime.max.replace(tzinfo=outlook.zone)
    return sorted(found, key=lambda s: (s.needed_at or far, s.subject.code))


def _shortage(outlook: Outlook, item_id: UUID, pegs: list[Peg]) -> Shortage:
    arrivals = [at for peg in pegs if (at := _arrival(outlook, peg)) is not None]
    needs = [at for peg in pegs if (at := _needed(outlook, peg)) is not None]
    to_order = [p.quantity for p in pegs if p.supply_kind is SupplyKind.PLANNED_ORDER]
    orders = {peg.demand_id: outlook.plan.get(WorkOrder, peg.demand_id) for peg in pegs}
    numbers = sorted(order.number for order in orders.values() if order is not None)
    return Shortage(
        subject=outlook.item(item_id),
        quantity=sum((peg.quantity for peg in pegs), Decimal(0)),
        to_order=sum(to_order, Decimal(0)),
        needed_at=min(needs, default=None),
        arrives_at=max(arrivals, default=None),
        waiting=tr("value.separator").join(numbers),
    )


def _arrival(outlook: Outlook, peg: Peg) -> datetime | None:
    if peg.supply_kind is SupplyKind.PLANNED_ORDER:
        planned = outlook.plan.get(PlannedOrder, peg.supply_id)
        return planned.due_at if planned else None
    line = outlook.plan.get(PurchaseLine, peg.supply_id)
    return local_instant(line.due_on, outlook.zone) if line else None


def _needed(outlook: Outlook, peg: Peg) -> datetime | None:
    """When the plan takes it: at the operation's run start, or on the order line's due day."""
    if peg.demand_kind is DemandKind.ORDER_LINE:
        line = outlook.plan.get(OrderLine, peg.demand_id)
        return local_instant(line.due_on, outlook.zone) if line else None
    operation = outlook.plan.get(Operation, peg.operation_id)
    booking = outlook.bookings.get(operation.id) if operation else None
    return booking.run_start_at if booking else None


_ITEM = (
    Column(key="item", value=lambda v: v.item.code, width=110),
    Column(key="item_name", value=lambda v: v.item.name, width=140),
)

PLANNED_COLUMNS = (
    Column(key="number", value=lambda v: v.subject.number, width=104),
    *_ITEM,
    Column(
        key="quantity",
        value=lambda v: v.subject.quantity,
        kind=Kind.NUMBER,
        unit=lambda v: v.item.unit,
    ),
    Column(
        key="order_at",
        value=lambda v: v.subject.order_at,
        kind=Kind.INSTANT,
        role=lambda v: Role.WARNING if v.is_past_due else None,
        width=130,
    ),
    Column(key="arrives_at", value=lambda v: v.subject.due_at, kind=Kind.INSTANT, width=130),
    Column(key="firm", value=lambda v: v.subject.firm, kind=Kind.YESNO, editable=True, width=64),
    Column(key="order_lines", value=lambda v: v.lines, width=200),
)

WORK_COLUMNS = (
    Column(key="number", value=lambda v: v.subject.number, width=104),
    *_ITEM,
    Column(
        key="quantity",
        value=lambda v: v.subject.quantity,
        kind=Kind.NUMBER,
        unit=lambda v: v.item.unit,
        width=90,
    ),
    Column(
        key="work_status",
        value=lambda v: v.subject.status,
        kind=Kind.CHOICE,
        choices=tuple(WorkStatus),
        width=84,
    ),
    Column(key="start_at", value=lambda v: v.start_at, kind=Kind.INSTANT, width=130),
    Column(
        key="end_at",
        value=lambda v: v.end_at,
        kind=Kind.INSTANT,
        role=lambda v: Role.LATE if v.is_late else None,
        tip=lambda v: tr("mrp.after_due") if v.is_late else "",
        width=130,
    ),
    Column(key="due_at", value=lambda v: v.subject.due_at, kind=Kind.INSTANT, width=130),
    Column(key="order_lines", value=lambda v: v.lines, width=200),
)

SHORTAGE_COLUMNS = (
    Column(key="item", value=lambda v: v.subject.code, width=110),
    Column(key="item_name", value=lambda v: v.subject.name, width=140),
    Column(
        key="missing",
        value=lambda v: v.quantity,
        kind=Kind.NUMBER,
        unit=lambda v: v.subject.unit,
        digits=3,
    ),
    Column(
        key="to_order",
        value=lambda v: v.to_order or None,
        kind=Kind.NUMBER,
        digits=3,
        unit=lambda v: v.subject.unit,
        role=lambda v: Role.WARNING if v.to_order else None,
    ),
    Column(key="needed_at", value=lambda v: v.needed_at, kind=Kind.INSTANT, width=130),
    Column(key="arrives_at", value=lambda v: v.arrives_at, kind=Kind.INSTANT, width=130),
    Column(key="waiting", value=lambda v: v.waiting, width=240),
)

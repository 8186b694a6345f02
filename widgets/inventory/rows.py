"""Stock as tables show it: by item, and by lot and place."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domain.balance import projected_balance
from domain.errors import DomainError
from domain.inventory import Stock
from domain.items import Item
from domain.orders import PurchaseLine
from domain.plan import Plan
from domain.production import PlannedOrder
from widgets.charts.step import Step
from widgets.items.rows import on_hand
from widgets.models.columns import Column, Kind
from widgets.outlook import Outlook
from widgets.text import enum_text, tr
from widgets.theme import Role


@dataclass(frozen=True, slots=True)
class HoldingView:
    """What there is and what will come of an item, in its own unit."""

    subject: Item
    on_hand: Decimal
    on_order: Decimal
    planned: Decimal

    @property
    def id(self) -> UUID:
        """The item's."""
        return self.subject.id

    @property
    def is_low(self) -> bool:
        """Whether less is there than the safety stock."""
        return self.on_hand < self.subject.safety_stock


def holding_views(outlook: Outlook) -> list[HoldingView]:
    """All items with their stock."""
    plan = outlook.plan
    held, nothing = on_hand(plan), Decimal(0)
    coming, planned = _on_order(plan), _planned(plan)
    return [
        HoldingView(
            item,
            held.get(item.id, nothing),
            coming.get(item.id, nothing),
            planned.get(item.id, nothing),
        )
        for item in plan.table(Item).values()
    ]


def _on_order(plan: Plan) -> dict[UUID, Decimal]:
    found: dict[UUID, Decimal] = {}
    for line in plan.table(PurchaseLine).values():
        item = plan.get(Item, line.item_id)
        if item is None:
            continue
        try:
            quantity = plan.in_own_unit(item, line.quantity, line.unit)
        except DomainError:  # the import and MRP name it as a finding
            continue
        found[item.id] = found.get(item.id, Decimal(0)) + quantity
    return found


def _planned(plan: Plan) -> dict[UUID, Decimal]:
    found: dict[UUID, Decimal] = {}
    for order in plan.table(PlannedOrder).values():
        found[order.item_id] = found.get(order.item_id, Decimal(0)) + order.quantity
    return found


def balance_steps(outlook: Outlook, item: Item) -> list[Step]:
    """How the item's stock goes on, in words for the chart."""
    steps = projected_balance(outlook.plan, item, outlook.bookings.values(), outlook.now_at)
    return [
        Step(
            step.at,
            step.balance,
            step.change,
            tr("inventory.step_what", kind=enum_text(step.kind), name=step.name),
        )
        for step in steps
    ]


def _own_unit(view: HoldingView) -> str:
    return view.subject.unit


HOLDING_COLUMNS = (
    Column(key="item", value=lambda v: v.subject.code, width=110),
    Column(key="item_name", value=lambda v: v.subject.name, width=170),
    Column(
        key="item_type",
        value=lambda v: v.subject.type,
        width=80,
    ),
    Column(
        key="on_hand",
        value=lambda v: v.on_hand,
        kind=Kind.NUMBER,
        unit=_own_unit,
        role=lambda v: Role.WARNING if v.is_low else None,
        width=104,
    ),
    Column(
        key="safety_stock",
        value=lambda v: v.subject.safety_stock or None,
        kind=Kind.NUMBER,
        unit=_own_unit,
        width=104,
    ),
    Column(
        key="state",
        value=lambda v: tr("inventory.state_safety") if v.is_low else "",
        role=lambda _v: Role.WARNING,
        width=130,
    ),
    Column(
        key="on_order",
        value=lambda v: v.on_order or None,
        kind=Kind.NUMBER,
        unit=_own_unit,
        width=104,
    ),
    Column(
        key="planned",
        value=lambda v: v.planned or None,
        kind=Kind.NUMBER,
        unit=_own_unit,
        width=104,
    ),
)

LOT_COLUMNS = (
    Column(key="warehouse", value=lambda v: v.warehouse, width=96),
    Column(key="location", value=lambda v: v.location, width=80),
    Column(key="lot", value=lambda v: v.lot, width=96),
    Column(
        key="quantity",
        value=lambda v: v.quantity,
        kind=Kind.NUMBER,
        unit=lambda v: v.unit,
        width=90,
    ),
    Column(key="received_on", value=lambda v: v.received_on, kind=Kind.DAY, width=92),
    Column(key="expires_on", value=lambda v: v.expires_on, kind=Kind.DAY, width=92),
)


def lots(outlook: Outlook, item: Item) -> list[Stock]:
    """The stock of an item, the oldest first."""
    found = outlook.plan.where(Stock, item_id=item.id)
    return sorted(found, key=lambda s: (str(s.received_on or ""), s.warehouse, s.location, s.lot))

"""Order lines as the table shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING
from uuid import UUID

from domain.errors import Finding
from domain.items import Item
from domain.orders import LEAST_URGENT, MOST_URGENT, Customer, OrderLine, OrderStatus
from domain.plan import Plan
from widgets.models.columns import Column, Kind
from widgets.outlook import Outlook
from widgets.text import enum_text, finding_text, format_duration, format_instant, tr
from widgets.theme import Role

if TYPE_CHECKING:  # the engine is not loaded for a name
    from domain.scheduling.odds import LineOdds

SAFE, DOUBTFUL = 0.9, 0.6
"""Least probability of being on time that is called safe, and that is not called bad."""


@dataclass(frozen=True, slots=True)
class LineView:
    """An order line with what is known of it.

    ``finish_at`` None: not planned. ``late_minutes`` None: nothing can be said, as for a draft.
    """

    subject: OrderLine
    customer: str
    item: Item
    finish_at: datetime | None
    late_minutes: int | None
    cause: Finding | None
    odds: LineOdds | None = None
    odds_are_old: bool = False

    @property
    def id(self) -> UUID:
        """The line's."""
        return self.subject.id


def line_views(outlook: Outlook) -> list[LineView]:
    """All order lines."""
    return [line_view(outlook, line) for line in outlook.plan.table(OrderLine).values()]


def line_view(outlook: Outlook, line: OrderLine) -> LineView:
    """One order line."""
    fate = outlook.fates.get(line.id)
    odds = outlook.odds.lines.get(line.id) if outlook.odds else None
    is_demand = line.status is OrderStatus.CONFIRMED and fate is not None
    return LineView(
        subject=line,
        customer=customer_name(outlook.plan, line),
        item=outlook.item(line.item_id),
        finish_at=fate.finish_at if fate else None,
        late_minutes=fate.late_minutes if fate and is_demand and fate.finish_at else None,
        cause=fate.cause if fate else None,
        odds=odds,
        odds_are_old=outlook.odds_are_old,
    )


def customer_name(plan: Plan, line: OrderLine) -> str:
    """Who ordered, by name if there is one."""
    customer = plan.get(Customer, line.customer_id)
    return (customer.name or customer.code) if customer else ""


def outcome(view: LineView) -> str:
    """On time or not, in words."""
    if view.subject.status is OrderStatus.DRAFT:
        return tr("orders.draft")
    if view.late_minutes is None:
        return tr("orders.unplanned")
    if view.late_minutes:
        return tr("orders.late", by=format_duration(view.late_minutes))
    return tr("orders.on_time")


def outcome_role(view: LineView) -> Role:
    """The colour that goes with ``outcome``."""
    if view.subject.status is OrderStatus.DRAFT:
        return Role.MUTED
    if view.late_minutes is None:
        return Role.WARNING
    return Role.LATE if view.late_minutes else Role.OK


def odds_words(view: LineView) -> str:
    """How likely it is to be on time, in words; a dash where nobody has worked it out."""
    if view.odds is None:
        return tr("orders.no_odds")
    key = "orders.odds_old" if view.odds_are_old else "orders.odds"
    return tr(key, percent=f"{view.odds.on_time * 100:.0f}")


def odds_role(view: LineView) -> Role:
    """The colour that goes with ``odds_words``."""
    if view.odds is None or view.odds_are_old:
        return Role.MUTED
    shown = round(view.odds.on_time, 2)
    if shown >= SAFE:
        return Role.OK
    return Role.WARNING if shown >= DOUBTFUL else Role.LATE


def _odds_tip(view: LineView) -> str:
    if view.odds is None:
        return tr("orders.no_odds_tip")
    words = tr("orders.odds_tip", likely=view.odds.likely_at, safe=view.odds.safe_at)
    return tr("orders.odds_old_tip", words=words) if view.odds_are_old else words


def cause_text(cause: Finding | None) -> str:
    """Why a line is late; empty if it is not known."""
    return finding_text(cause) if cause else ""


def cause_words(cause: Enum, codes: Sequence[str]) -> str:
    """A cause, with the items that it is about."""
    if not codes:
        return enum_text(cause)
    return tr("details.cause_of", cause=cause, names=tuple(codes))


def _tip(view: LineView) -> str:
    parts = [outcome(view), cause_text(view.cause)]
    if view.finish_at is not None:
        parts.insert(1, tr("orders.finish_tip", at=format_instant(view.finish_at)))
    return "\n".join(part for part in parts if part)


ORDER_COLUMNS = (
    Column(key="order_number", value=lambda v: v.subject.order_number, width=104),
    Column(key="line", value=lambda v: v.subject.line, width=48),
    Column(key="customer", value=lambda v: v.customer, width=140),
    Column(key="item", value=lambda v: v.item.code, width=110),
    Column(key="item_name", value=lambda v: v.item.name, width=140),
    Column(
        key="quantity",
        value=lambda v: v.subject.quantity,
        kind=Kind.NUMBER,
        unit=lambda v: v.subject.unit,
        editable=True,
        required=True,
        least=0,
        width=84,
    ),
    Column(
        key="due_on",
        value=lambda v: v.subject.due_on,
        kind=Kind.DAY,
        editable=True,
        required=True,
        width=92,
    ),
    Column(
        key="outcome",
        value=lambda v: v.late_minutes,
        kind=Kind.TEXT,
        words=outcome,
        role=outcome_role,
        tip=_tip,
        width=146,
    ),
    Column(
        key="on_time",
        value=lambda v: v.odds.on_time if v.odds else None,
        words=odds_words,
        role=odds_role,
        tip=_odds_tip,
        width=92,
    ),
    Column(key="finish_at", value=lambda v: v.finish_at, kind=Kind.INSTANT, width=126),
    Column(
        key="priority",
        value=lambda v: v.subject.priority,
        kind=Kind.WHOLE,
        editable=True,
        required=True,
        least=MOST_URGENT,
        most=LEAST_URGENT,
        width=64,
    ),
    Column(
        key="must_finish",
        value=lambda v: v.subject.must_finish,
        kind=Kind.YESNO,
        editable=True,
        width=84,
        hidden=True,
    ),
    Column(
        key="status",
        value=lambda v: v.subject.status,
        kind=Kind.CHOICE,
        choices=tuple(OrderStatus),
        editable=True,
        width=84,
    ),
    Column(key="cause", value=lambda v: cause_text(v.cause), width=220),
    Column(
        key="earliest_start_at",
        value=lambda v: v.subject.earliest_start_at,
        kind=Kind.INSTANT,
        editable=True,
        width=126,
        hidden=True,
    ),
    Column(
        key="price",
        value=lambda v: v.subject.price,
        kind=Kind.NUMBER,
        editable=True,
        least=0,
        hidden=True,
    ),
    Column(key="channel", value=lambda v: v.subject.channel, editable=True, hidden=True),
    Column(key="note", value=lambda v: v.subject.note, editable=True, width=180),
)

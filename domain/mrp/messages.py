"""Action messages: what a planner should do about orders and receipts, as APICS names them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.changes import Row
from domain.errors import Finding, Severity
from domain.items import Item
from domain.mrp.drafts import ZERO, Allotment, Lot, Need
from domain.orders import PurchaseLine
from domain.plan import Plan
from domain.production import PlannedOrder, SupplyKind, WorkOrder

TOLERANCE_DAYS = 7
"""A receipt this much too early is not worth a message."""


def messages(
    plan: Plan,
    lots: Sequence[Lot],
    kept: Sequence[Lot],
    needs: Iterable[Need],
    now_at: datetime,
    zone: ZoneInfo,
) -> list[Finding]:
    """Messages about new lots, standing orders, receipts and safety stocks."""
    found: list[Finding] = []
    served: dict[UUID, list[Allotment]] = {}
    for need in needs:
        if need.is_safety:
            found += _below_safety(need, now_at)
        for allotment in need.allotments:
            if allotment.source.kind is SupplyKind.PURCHASE and allotment.source.row_id:
                served.setdefault(allotment.source.row_id, []).append(allotment)
    for lot in lots:
        if lot.start_at < now_at and lot.top_lines:
            params: dict[str, object] = {"item": lot.item.code, "quantity": lot.quantity}
            params["start_on"] = lot.start_at.astimezone(zone).date()
            refs = (lot.item.id, *sorted(lot.top_lines))
            found.append(Finding("release_past_due", Severity.INFO, refs, params))
    for lot in kept:
        found += _excess(lot)
    for line in plan.table(PurchaseLine).values():
        found += _receipt(plan, line, served.get(line.id, []), zone)
    return found


def _below_safety(need: Need, now_at: datetime) -> list[Finding]:
    """What is there now, or is used up sooner than it comes back, is less than the safety stock."""
    there = sum((a.quantity for a in need.allotments if _is_there(a, now_at)), ZERO)
    if there >= need.quantity:
        return []
    params = {"item": need.item.code, "stock": there, "safety_stock": need.quantity}
    return [Finding("below_safety", Severity.INFO, (need.item.id,), params)]


def _is_there(allotment: Allotment, now_at: datetime) -> bool:
    source = allotment.source
    at = source.available_at
    return source.lot is None and at is not None and at <= now_at


def _excess(lot: Lot) -> list[Finding]:
    row = lot.row
    if row is None:
        return []
    used = sum((allotment.quantity for allotment in lot.served), ZERO)
    if used >= lot.good:
        return []
    params: dict[str, object] = {"order": row.number, "item": lot.item.code}
    params["excess"] = lot.good - used
    return [_advice("cancel_order" if used == 0 else "decrease_order", row, lot.item, params)]


def _receipt(
    plan: Plan, line: PurchaseLine, served: Sequence[Allotment], zone: ZoneInfo
) -> list[Finding]:
    item = plan.get(Item, line.item_id)
    if item is None or line.quantity <= 0:
        return []
    params: dict[str, object] = {"order": line.label, "item": item.code}
    wanted = [a for a in served if not a.need.is_safety]
    if not served:
        return [_advice("cancel_order", line, item, {**params, "excess": line.quantity})]
    if not wanted:
        return []
    first_at = min(allotment.need.need_at for allotment in wanted)
    first_on = _last_day(first_at, zone)
    params |= {"from_on": line.due_on, "to_on": first_on}
    params["quantity"] = sum((a.quantity for a in wanted), Decimal(0))
    if first_on < line.due_on:
        return [_advice("reschedule_in", line, item, params, Severity.WARNING)]
    if first_on - line.due_on > timedelta(days=TOLERANCE_DAYS):
        return [_advice("reschedule_out", line, item, params)]
    return []


def _last_day(at: datetime, zone: ZoneInfo) -> date:
    """The last day that is over by then: 24:00 belongs to the day that ends."""
    return (at - timedelta(minutes=1)).astimezone(zone).date()


def _advice(
    code: str,
    row: Row | WorkOrder | PlannedOrder,
    item: Item,
    params: dict[str, object],
    severity: Severity = Severity.INFO,
) -> Finding:
    return Finding(code, severity, (row.id, item.id), params)

"""What an item's needs can be served from: stock, receipts, orders that stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import DomainError, Finding, Severity
from domain.inventory import Stock
from domain.items import Item, ItemType
from domain.mrp.drafts import ZERO, Lot, Need, Source, known_owner, line_key
from domain.mrp.durations import Durations
from domain.orders import LEAST_URGENT, OrderLine, PurchaseLine
from domain.plan import Plan
from domain.production import Peg, PlannedOrder, SupplyKind, WorkOrder, WorkStatus
from domain.working_time import local_instant

KEPT = frozenset({WorkStatus.FIRM, WorkStatus.RELEASED, WorkStatus.STARTED})
"""Work orders that a run does not touch, and that still bring something."""


class Supplies:
    """The sources of every item at the start of a run, in own units.

    A stock lot serves needs before the day it expires on, first-expired first. What has expired, or
    can not be converted into the item's unit, is left out and told in ``findings``. What work
    orders of ``held`` are pegged to stays theirs. Orders that stand stay with what they are for,
    but for those of ``lent``; None: they do not. With ``stay``, only these do. Whom they are for is
    known of standing orders by their ids, and of new lots by what they are heirs of.
    """

    def __init__(
        self,
        plan: Plan,
        now_at: datetime,
        held: Collection[UUID] = (),
        lent: Collection[UUID] | None = None,
        stay: Collection[UUID] | None = None,
    ) -> None:
        self._plan = plan
        self._held = held
        self._lent, self._stay = lent, stay
        self._now_at = now_at
        self._zone = ZoneInfo(plan.home_plant().timezone)
        self.findings: list[Finding] = []
        self._sources: dict[UUID, list[Source]] = {}
        for stock in sorted(plan.table(Stock).values(), key=_keeps_longest_last):
            self._add_stock(stock)
        receipts = plan.table(PurchaseLine).values()
        for line in sorted(receipts, key=lambda p: (p.due_on, p.order_number, p.line, p.id)):
            self._add_receipt(line)

    def of(self, item: Item, kept: Iterable[Lot], needs: Iterable[Need]) -> list[Source]:
        """Fresh sources of an item: stock, receipts, then its standing orders as given.

        Of them, needs of what is held keep what they had. What is bought instead of made takes
        a work order's place: it serves what it is for, and that waits for it.
        """
        found = [
            Source(s.kind, s.quantity, s.quantity, s.available_at, s.row_id, None, s.expires_at)
            for s in self._sources.get(item.id, ())
        ]
        for lot in kept:
            row = lot.row
            available_at: datetime | None = None
            if isinstance(row, PlannedOrder) and item.type is not ItemType.MAKE:
                available_at = row.due_at
            row_id = row.id if row else None
            found.append(Source(lot.kind, lot.good, lot.good, available_at, row_id, lot))
        self._keep_pegs(found, needs)
        return found

    def _keep_pegs(self, sources: Iterable[Source], needs: Iterable[Need]) -> None:
        """Reserve for needs what they have been pegged to and keep, as far as that is there."""
        by_row = {source.row_id: source for source in sources}
        given: dict[UUID, Decimal] = {}
        is_new_before = False
        for need in needs if self._held or self._lent is not None else ():
            id_ = known_owner(need)
            pegs = self._plan.where(Peg, demand_id=id_, item_id=need.item.id) if id_ else ()
            is_new_before = is_new_before or (not pegs and need.quantity > 0)
            for peg in pegs:
                source = by_row.get(peg.supply_id)
                if source is None:
                    continue
                if id_ in self._held or self._is_staying(source, is_new_before=is_new_before):
                    left = peg.quantity - given.get(peg.id, ZERO)
                    wanted = need.quantity - sum((kept for _, kept in need.kept), ZERO)
                    part = min(wanted, left, source.free)
                    if part > 0:
                        given[peg.id] = given.get(peg.id, ZERO) + part
                        source.reserved += part
                        need.kept.append((source, part))

    def _is_staying(self, source: Source, *, is_new_before: bool) -> bool:
        """Whether it is made for somebody; what is lent serves what is new and wanted sooner."""
        if self._lent is None:
            return False
        is_made = source.lot is not None and source.available_at is None
        is_made &= self._stay is None or source.row_id in self._stay
        return is_made and not (is_new_before and source.row_id in self._lent)

    def _add_stock(self, stock: Stock) -> None:
        item = self._plan.get(Item, stock.item_id)
        if item is None or stock.quantity <= 0:
            return
        expires_at = local_instant(stock.expires_on, self._zone) if stock.expires_on else None
        if expires_at is not None and expires_at <= self._now_at:
            params = {"item": item.code, "lot": stock.lot, "expires_on": stock.expires_on}
            refs = (stock.id, item.id)
            self.findings.append(Finding("stock_expired", Severity.WARNING, refs, params))
            return
        self._add(item, stock, SupplyKind.STOCK, self._now_at, expires_at)

    def _add_receipt(self, line: PurchaseLine) -> None:
        item = self._plan.get(Item, line.item_id)
        if item is None or line.quantity <= 0:
            return
        due_at = local_instant(line.due_on, self._zone)
        if line.due_on < self._now_at.astimezone(self._zone).date():
            params = {"order": line.label, "due_on": line.due_on}
            params["item"] = item.code
            refs = (line.id, item.id)
            self.findings.append(Finding("purchase_past_due", Severity.WARNING, refs, params))
        self._add(item, line, SupplyKind.PURCHASE, due_at, None)

    def _add(
        self,
        item: Item,
        row: Stock | PurchaseLine,
        kind: SupplyKind,
        available_at: datetime,
        expires_at: datetime | None,
    ) -> None:
        try:
            quantity = self._plan.in_own_unit(item, row.quantity, row.unit)
        except DomainError as error:
            refs = (row.id, item.id)
            self.findings.append(Finding("unit_unknown", Severity.ERROR, refs, error.params))
            return
        source = Source(kind, quantity, quantity, available_at, row.id, None, expires_at)
        self._sources.setdefault(item.id, []).append(source)


def kept_orders(plan: Plan) -> list[WorkOrder | PlannedOrder]:
    """The orders a run leaves as they are, by when they are due."""
    work = [w for w in plan.table(WorkOrder).values() if w.status in KEPT]
    planned = [p for p in plan.table(PlannedOrder).values() if p.firm]
    return sorted([*work, *planned], key=lambda row: (row.due_at is None, row.due_at, row.number))


def standing_lot(
    row: WorkOrder | PlannedOrder,
    item: Item,
    need_at: datetime,
    start_at: datetime,
    release_on: date,
) -> Lot:
    """The lot of an order that a run leaves as it is; its own release day goes before the given."""
    is_work = isinstance(row, WorkOrder)
    priority = row.priority if is_work else LEAST_URGENT
    return Lot(
        item,
        SupplyKind.WORK_ORDER if is_work else SupplyKind.PLANNED_ORDER,
        row.quantity,
        row.good_quantity if is_work else row.quantity,
        need_at,
        (need_at, priority, "", line_key(row.number), row.number),
        priority,
        start_at,
        (row.release_on if is_work else None) or release_on,
        row,
    )


def put_in_turn(lots: list[Lot], plan: Plan, durations: Durations, zone: ZoneInfo) -> None:
    """Bring an item's standing orders into the order in which they are wanted.

    What is bought instead of made comes a lead time after it was ordered, whenever it is wanted:
    that is when the first of what it was proposed for is.
    """

    def wanted_at(lot: Lot) -> datetime:
        row, found = lot.row, [lot.need_at]
        if isinstance(row, PlannedOrder) and lot.item.type is ItemType.MAKE:
            pegs = plan.where(Peg, supply_id=row.id)
            times = (_demanded_at(plan, peg, durations, zone) for peg in pegs)
            found = [at for at in times if at is not None] or found
        return min(found)

    lots.sort(key=wanted_at)


def _demanded_at(plan: Plan, peg: Peg, durations: Durations, zone: ZoneInfo) -> datetime | None:
    """When the demand of a peg wants its supply, as the run that pegged it saw it; None: unsure.

    A work order that is wanted sooner than it is due wants what it is made of sooner, too.
    """
    line, order = plan.get(OrderLine, peg.demand_id), plan.get(WorkOrder, peg.demand_id)
    if line is not None:
        return local_instant(line.due_on + timedelta(days=1), zone)
    if order is None or order.due_at is None:
        return None
    pegs = plan.where(Peg, supply_id=order.id)
    times = (_demanded_at(plan, each, durations, zone) for each in pegs)
    wanted_at = min([order.due_at, *(at for at in times if at is not None)])
    return wanted_at - durations.of(plan.need(Item, order.item_id), order.quantity)


def _keeps_longest_last(stock: Stock) -> tuple[object, ...]:
    received = stock.received_on
    return (
        stock.expires_on is None,
        stock.expires_on,
        received is None,
        received,
        stock.lot,
        stock.warehouse,
        stock.location,
        stock.id,
    )

"""Netting one item: its needs against its sources, and lots for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.items import Item
from domain.mrp.drafts import ZERO, Allotment, Need, Source, allot
from domain.mrp.lots import days_covered, lot_quantities, reorder_level
from domain.mrp.pool import Pool
from domain.production import SupplyKind

MakeLot = Callable[[Need, Decimal], Source]
"""Makes a lot of at least that good quantity, first wanted by that need."""


class Netting:
    """One item's netting.

    Args:
        item: What is netted.
        sources: Its stock (first to expire first), receipts and standing orders.
        now_at: Nothing is there before it.
        earliest_at: When a new lot could be there at the earliest: a receipt that comes sooner
            serves a need rather than a new lot, even when it comes late.
        lot_days: Days of needs that one lot covers where the item's rule does not say (0: each need
            its own lot).
        zone: In which days begin.
    """

    def __init__(
        self,
        item: Item,
        sources: Sequence[Source],
        *,
        now_at: datetime,
        earliest_at: datetime,
        lot_days: int,
        zone: ZoneInfo,
    ) -> None:
        self._item = item
        self._pool = Pool(sources, now_at)
        self._now_at = now_at
        self._earliest_at = earliest_at
        self._days = days_covered(item, lot_days)
        self._zone = zone
        self._reserved = ZERO

    def serve(self, needs: Sequence[Need], make: MakeLot | None) -> None:
        """Serve needs by time, safety stock first of those of now; ``make`` None: sources only."""
        for index, need in enumerate(needs):
            wanted = self._take(need)
            if need.is_safety:
                self._reserved = need.quantity
            if make is None:
                need.missing = wanted
            elif wanted > 0 or self._is_low(wanted):
                self._order(needs, index, wanted, make)
        lend_safety_stock(needs)

    def _take(self, need: Need) -> Decimal:
        at = max(need.need_at, self._now_at)
        self._pool.reach(at, max(at, self._earliest_at))
        self._pool.take_kept(need)
        wanted = self._pool.take(need, need.open)
        return self._pool.take_coming(need, wanted) if need.is_safety else wanted

    def _is_low(self, wanted: Decimal) -> bool:
        level = reorder_level(self._item)
        return level is not None and self._projected(wanted) < level

    def _projected(self, wanted: Decimal) -> Decimal:
        return self._pool.free + self._reserved - wanted

    def _order(self, needs: Sequence[Need], index: int, wanted: Decimal, make: MakeLot) -> None:
        need = needs[index]
        net = wanted + self._wanted_soon(needs, index)
        for quantity in lot_quantities(self._item, net, self._projected(wanted)):
            source = make(need, quantity)
            part = min(wanted, source.left)
            if part > 0:
                allot(source, need, part)
                wanted -= part
            self._pool.add(source)

    def _wanted_soon(self, needs: Sequence[Need], index: int) -> Decimal:
        """Net requirement of the later needs that fall into the days one lot covers."""
        if self._days == 0:
            return ZERO
        first = max(needs[index].need_at, self._now_at)
        # An instant at 24:00 belongs to the day that ends there.
        day = (first - timedelta(minutes=1)).astimezone(self._zone).date()
        free, seen, net = self._pool.free, 0, ZERO
        for need in needs[index + 1 :]:
            at = max(need.need_at, self._now_at)
            if ((at - timedelta(minutes=1)).astimezone(self._zone).date() - day).days >= self._days:
                break
            arrived, count = self._pool.coming_by(max(at, self._earliest_at), seen)
            seen += count
            free += arrived - need.open
            if free < 0:
                net, free = net - free, ZERO
        return net


def lend_safety_stock(needs: Sequence[Need]) -> None:
    """Let needs that would wait for a new lot have the safety stock, which that lot then refills.

    Quantities stay as they are; only who waits changes. A need is lent all that it would wait for,
    or nothing: half of it would not make it wait less.
    """
    safety = next((need for need in needs if need.is_safety), None)
    if safety is None:
        return
    for need in needs:
        lots = [a for a in need.allotments if a.source.lot is not None and _is_new(a.source)]
        wanted = sum((a.quantity for a in lots), ZERO)
        lendable = [a for a in safety.allotments if _can_lend(a.source, need)]
        if need is safety or wanted == 0 or sum((a.quantity for a in lendable), ZERO) < wanted:
            continue
        need.allotments = [a for a in need.allotments if a not in lots]
        _move(lendable, need, wanted)
        safety.allotments = [a for a in safety.allotments if a.quantity > 0]
        safety.allotments += [Allotment(a.source, safety, a.quantity) for a in lots]


def _move(lendable: Sequence[Allotment], need: Need, wanted: Decimal) -> None:
    for allotment in lendable:
        part = min(allotment.quantity, wanted)
        if part > 0:
            allotment.quantity -= part
            wanted -= part
            need.allotments.append(Allotment(allotment.source, need, part))


def _is_new(source: Source) -> bool:
    return source.lot is not None and source.lot.row is None


def _can_lend(source: Source, need: Need) -> bool:
    is_there = source.available_at is not None and source.available_at <= need.need_at
    keeps = source.expires_at is None or source.expires_at > need.need_at
    return keeps and (source.kind is SupplyKind.STOCK or (is_there and not _is_new(source)))

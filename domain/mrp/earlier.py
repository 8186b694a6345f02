"""Which proposals of an earlier run the lots of this one take the place of."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.items import Item
from domain.mrp.drafts import Lot, Need, Rank, known_owner
from domain.plan import Plan
from domain.production import Peg, PlannedOrder, SupplyKind, WorkOrder, WorkStatus

_Proposal = WorkOrder | PlannedOrder


class Earlier:
    """The proposals of earlier runs.

    Args:
        plan: The factory, with these proposals.
        spent: Those that have been made, and that nobody waits for any more: they stand for a lot
            only if all is the same.
    """

    def __init__(self, plan: Plan, spent: Collection[UUID] = ()) -> None:
        self._plan, self._spent = plan, spent
        self._rows: dict[tuple[SupplyKind, UUID], list[_Proposal]] = {}
        work = (w for w in plan.table(WorkOrder).values() if w.status is WorkStatus.PLANNED)
        bought = (p for p in plan.table(PlannedOrder).values() if not p.firm)
        for kind, rows in ((SupplyKind.WORK_ORDER, work), (SupplyKind.PLANNED_ORDER, bought)):
            for row in rows:
                self._rows.setdefault((kind, row.item_id), []).append(row)

    def find(self, item: Item, lots: Iterable[Lot], needs: Iterable[Need]) -> None:
        """Set ``earlier`` of all new lots of an item, by all that is known first, then by less; and
        ``heir_of``, by whom they serve of these needs.
        """
        in_order = sorted(lots, key=in_turn)
        if not in_order:
            return
        kind = in_order[0].kind
        rows = sorted(self._rows.get((kind, item.id), ()), key=lambda row: row.number)
        for lot, row in _dealt(self._matched(rows, in_order), in_order).items():
            lot.earlier = row
        self._find_heirs(rows, in_order, needs)

    def _find_heirs(
        self, rows: Iterable[_Proposal], lots: Sequence[Lot], needs: Iterable[Need]
    ) -> None:
        """A proposal has one heir at most: who has its number, if that serves one that it served,
        else the first that does. Equal numbers and days alone say nothing of whom a lot is for.
        """
        served_by: dict[UUID, list[_Proposal]] = {}
        for row in rows:
            for peg in self._plan.where(Peg, supply_id=row.id):
                served_by.setdefault(peg.demand_id, []).append(row)
        left: dict[Lot, dict[UUID, _Proposal]] = {lot: {} for lot in lots}
        for need in needs:
            owner_id = known_owner(need)
            found = served_by.get(owner_id, ()) if owner_id else ()
            for each in need.allotments:
                if each.source.lot in left:
                    left[each.source.lot].update((row.id, row) for row in found)
        taken: set[UUID] = set()
        for lot in lots:
            if lot.earlier is not None and lot.earlier.id in left[lot]:
                lot.heir_of = lot.earlier
                taken.add(lot.earlier.id)
        for lot in lots:
            open_rows = (row for id_, row in left[lot].items() if id_ not in taken)
            if lot.heir_of is None and (row := next(open_rows, None)) is not None:
                lot.heir_of = row
                taken.add(row.id)

    def _matched(self, rows: list[_Proposal], lots: list[Lot]) -> dict[Lot, _Proposal]:
        matched: dict[Lot, _Proposal] = {}
        for level in range(len(_keys_of_row(rows[0])) if rows else 0):
            by_key: dict[Hashable, list[_Proposal]] = {}
            for row in reversed(rows):
                by_key.setdefault(_keys_of_row(row)[level], []).append(row)
            for lot in lots:
                if found := by_key.get(_keys_of_lot(lot)[level]):
                    matched[lot] = found.pop()
            used = {row.id for row in matched.values()}
            rows = [row for row in rows if row.id not in used and row.id not in self._spent]
            lots = [lot for lot in lots if lot not in matched]
        return matched


def in_turn(lot: Lot) -> tuple[object, int, Rank]:
    """Sorts lots by when they are wanted."""
    return lot.need_at, lot.priority, lot.rank


def _dealt(matched: Mapping[Lot, _Proposal], lots: Iterable[Lot]) -> dict[Lot, _Proposal]:
    """Lots of which all is the same take their rows by number, and what is new comes last.

    The next run finds only equals there, and takes them in this order.
    """
    equals: dict[Hashable, list[Lot]] = {}
    for lot in lots:
        equals.setdefault(_keys_of_lot(lot)[0], []).append(lot)
    dealt: dict[Lot, _Proposal] = {}
    for group in equals.values():
        rows = sorted((matched[lot] for lot in group if lot in matched), key=lambda r: r.number)
        dealt.update(zip(group, rows, strict=False))
    return dealt


def _keys_of_row(row: _Proposal) -> Sequence[Hashable]:
    if isinstance(row, WorkOrder):
        return _work_keys(row.quantity, row.due_at)
    return row.quantity, None


def _keys_of_lot(lot: Lot) -> Sequence[Hashable]:
    if lot.kind is SupplyKind.WORK_ORDER:
        return _work_keys(lot.quantity, lot.need_at)
    return lot.quantity, None  # what is bought comes when it comes


def _work_keys(quantity: Decimal, due_at: datetime | None) -> Sequence[Hashable]:
    """What is to be the same, ever less of it; in the end nothing but the item."""
    return (quantity, due_at), due_at, quantity, None

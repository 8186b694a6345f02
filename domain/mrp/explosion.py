"""The run: level by level, every item's needs are netted and its lots ask for their components."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import DomainError, Finding, Severity
from domain.items import Item, ItemType
from domain.mrp.drafts import ZERO, Lot, Need, Rank, Source, line_key
from domain.mrp.durations import Durations
from domain.mrp.earlier import Earlier
from domain.mrp.lots import has_lot_size_missing, reorder_level
from domain.mrp.messages import messages
from domain.mrp.netting import Netting
from domain.mrp.rows import RowMaker
from domain.mrp.structure import Structure
from domain.mrp.supplies import Supplies, kept_orders, put_in_turn, standing_lot
from domain.orders import LEAST_URGENT, OrderLine, OrderStatus
from domain.plan import Plan
from domain.production import Operation, Peg, PlannedOrder, SupplyKind, WorkOrder
from domain.working_time import local_instant


@dataclass(frozen=True, slots=True)
class Explosion:
    """What a run found: the planned rows that take the place of earlier ones, and all pegs.

    ``work_orders`` and ``planned_orders`` hold proposals only; what is firm or released stays as it
    is in the plan and is pegged here too. An order line that can not be planned to the end (its
    item, or something in it, can not be made) is left out whole and named in ``findings``.
    """

    work_orders: list[WorkOrder]
    operations: list[Operation]
    planned_orders: list[PlannedOrder]
    pegs: list[Peg]
    findings: list[Finding]


def explode(
    plan: Plan,
    now_at: datetime,
    new_id: Callable[[], UUID],
    held: Collection[UUID] = (),
    spent: Collection[UUID] = (),
    *,
    lent: Collection[UUID] | None = None,
    stay: Collection[UUID] | None = None,
) -> Explosion:
    """Plan the material for all confirmed order lines, safety stocks and standing orders.

    Rows that an earlier run proposed and that still fit keep their ids and numbers. The time an
    order takes is estimated without queues (see ``Durations``); it decides only which receipt
    serves which need, which needs share a lot, and which bill of material holds.

    Args:
        plan: The factory.
        now_at: Aware start of the plan.
        new_id: Makes the ids of new rows.
        held: Standing work orders that keep the material they are pegged to, whoever is in more of
            a hurry.
        spent: Proposals that have been made, and that nobody waits for any more: they are no
            proposals for others.
        lent: Standing orders that serve what is new and wanted sooner, so that others are made for
            the rest; all that are not among them stay with what they are pegged to. None: all
            serve whoever is in more of a hurry.
        stay: With ``lent``: the only orders that stay so; None: all.
    """
    now_at = now_at.replace(second=0, microsecond=0)
    supplies = Supplies(plan, now_at, held, lent, stay)
    run = _Run(plan, now_at, supplies, Earlier(plan, spent))
    dropped: set[UUID] = set()
    while True:
        run.start(dropped)
        lost = run.lost_demands()
        if lost <= dropped:
            break
        dropped |= lost
    rows = RowMaker(plan, run.structure, run.zone, new_id, run.now_at).rows(
        run.lots, run.all_needs()
    )
    findings = [*run.supplies.findings, *run.findings.values()]
    findings += messages(plan, run.lots, run.kept_lots(), run.all_needs(), run.now_at, run.zone)
    return Explosion(rows.work_orders, rows.operations, rows.planned_orders, rows.pegs, findings)


class _Run:
    def __init__(self, plan: Plan, now_at: datetime, supplies: Supplies, earlier: Earlier) -> None:
        self.now_at = now_at
        self.zone = ZoneInfo(plan.home_plant().timezone)
        self.structure = Structure(plan)
        self.supplies = supplies
        self._plan, self._earlier = plan, earlier
        self._durations = Durations(plan, self.structure)
        self._items = sorted(
            plan.table(Item).values(), key=lambda i: (self.structure.levels[i.id], i.code)
        )
        self.findings: dict[object, Finding] = {}
        self.lots: list[Lot] = []
        self._needs: dict[UUID, list[Need]] = {}
        self._kept: dict[UUID, list[Lot]] = {}

    def start(self, dropped: set[UUID]) -> None:
        """Explode once, leaving out order lines and safety stocks that can not be met."""
        self.lots, self._needs, self._kept = [], {}, {}
        for row in kept_orders(self._plan):
            self._keep(row)
        for lots in self._kept.values():
            put_in_turn(lots, self._plan, self._durations, self.zone)
        for line in self._plan.table(OrderLine).values():
            if line.status is OrderStatus.CONFIRMED and line.id not in dropped:
                self._demand(line)
        for item in self._items:
            self._plan_item(item, has_safety=item.id not in dropped)

    def all_needs(self) -> Iterable[Need]:
        """Every need of the run, items of a higher level first."""
        return (need for item in self._items for need in self._needs.get(item.id, ()))

    def kept_lots(self) -> list[Lot]:
        """The standing orders that the run works with."""
        return [lot for lots in self._kept.values() for lot in lots]

    def lost_demands(self) -> set[UUID]:
        """Order lines, and items with safety stock, that something missing keeps from being met."""
        lost: set[UUID] = set()
        seen: set[Lot] = set()
        open_needs = [need for need in self.all_needs() if need.missing > 0]
        while open_needs:
            owner = open_needs.pop().owner
            if not isinstance(owner, Lot):
                lost.add(owner.id)
                if isinstance(owner, OrderLine):
                    self._report_line(owner)
            elif owner not in seen:
                seen.add(owner)
                if owner.row is not None:
                    self._report("order_short", (owner.row.id,), order=owner.row.number)
                open_needs += [allotment.need for allotment in owner.served]
        return lost

    def _plan_item(self, item: Item, *, has_safety: bool) -> None:
        needs = self._needs.setdefault(item.id, [])
        is_phantom = item.type is ItemType.PHANTOM
        if has_safety and not is_phantom and (item.safety_stock > 0 or reorder_level(item)):
            rank: Rank = (self.now_at, LEAST_URGENT, "", line_key(""), item.code)
            needs.append(Need(item, item.safety_stock, self.now_at, rank, LEAST_URGENT, item))
        if not needs and item.id not in self._kept:
            return
        # Safety stock is wanted now: before what is due from now on, after what is overdue.
        now = self.now_at
        needs.sort(key=lambda need: (need.need_at >= now, not need.is_safety, need.rank))
        kept = self._kept.get(item.id, [])
        netting = Netting(
            item,
            self.supplies.of(item, kept, needs),
            now_at=self.now_at,
            earliest_at=self.now_at + self._durations.of(item, Decimal(1)),
            lot_days=0 if self.structure.is_work(item) else 1,
            zone=self.zone,
        )
        made: list[Lot] = []
        can_make = not is_phantom and self.structure.fault(item) is None
        netting.serve(needs, (lambda n, q: self._lot(made, n, q)) if can_make else None)
        if is_phantom:
            self._blow_through(item, needs)
        self._report_item(item, needs, made)
        self._earlier.find(item, made, needs)
        self._close(kept, made, needs)

    def _close(self, kept: list[Lot], made: list[Lot], needs: list[Need]) -> None:
        for need in needs:
            for allotment in need.allotments:
                if allotment.source.lot is not None:
                    allotment.source.lot.served.append(allotment)
        self.lots += made
        for lot in [*kept, *made]:
            _trace(lot)
            self._ask_components(lot)

    def _demand(self, line: OrderLine) -> None:
        item = self._plan.get(Item, line.item_id)
        if item is None or line.quantity <= 0:
            return
        try:
            quantity = self._plan.in_own_unit(item, line.quantity, line.unit)
        except DomainError:
            self._report("unit_unknown", (line.id, item.id), item=item.code, unit=line.unit)
            self._report_line(line)
            return
        due_at = local_instant(line.due_on + timedelta(days=1), self.zone)
        rank: Rank = (due_at, line.priority, line.order_number, line_key(line.line), str(line.id))
        need = Need(item, quantity, due_at, rank, line.priority, line)
        self._needs.setdefault(item.id, []).append(need)

    def _keep(self, row: WorkOrder | PlannedOrder) -> None:
        item = self._plan.get(Item, row.item_id)
        if item is None:
            return
        due_at = row.due_at or self.now_at
        is_work = isinstance(row, WorkOrder)
        start_at = due_at - self._durations.of(item, row.quantity) if is_work else row.order_at
        lot = standing_lot(row, item, due_at, start_at, self._release_day(start_at))
        self._kept.setdefault(item.id, []).append(lot)

    def _lot(self, made: list[Lot], need: Need, good: Decimal) -> Source:
        item = need.item
        is_work = self.structure.is_work(item)
        kind = SupplyKind.WORK_ORDER if is_work else SupplyKind.PLANNED_ORDER
        started = item.started_for(good) if is_work else good
        good = item.good_of(started) if is_work else good
        start_at = need.need_at - self._durations.of(item, started)
        # What is bought is ordered at once, so today's bill of material holds for it.
        release_on = self._release_day(start_at if is_work else self.now_at)
        rank = (need.need_at, *need.rank[1:], item.code, len(made))
        lot = Lot(
            item, kind, started, good, need.need_at, rank, need.priority, start_at, release_on
        )
        available_at: datetime | None = None
        if not is_work:
            lot.order_at, lot.due_at = self.now_at, self.now_at + self._durations.lead_time(item)
            available_at = lot.due_at
        made.append(lot)
        return Source(kind, good, good, available_at, None, lot)

    def _ask_components(self, lot: Lot) -> None:
        fault = self.structure.fault(lot.item)
        if fault is not None and fault.code in {"bom_cycle", "component_unit"}:
            return
        if lot.kind is SupplyKind.PLANNED_ORDER and lot.item.type is ItemType.MAKE:
            return  # bought instead of made
        start_at = _wanted_from(lot)
        for line in self.structure.lines_on(lot.item, lot.release_on):
            component = self._plan.need(Item, line.component_id)
            quantity = self.structure.component_need(line, lot.quantity)
            rank = (start_at, *lot.rank[1:])
            step = line.operation_number
            need = Need(component, quantity, start_at, rank, lot.priority, lot, step)
            lot.needs.append(need)
            self._needs.setdefault(component.id, []).append(need)
            if line.valid_from_on is not None:
                lot.effective_on = max(lot.effective_on or line.valid_from_on, line.valid_from_on)

    def _blow_through(self, item: Item, needs: Sequence[Need]) -> None:
        """What a phantom's own stock does not serve is asked of its components."""
        if self.structure.fault(item) is not None:
            return
        for need in needs:
            owner = need.owner
            day = owner.release_on if isinstance(owner, Lot) else self._release_day(self.now_at)
            if need.missing <= 0:
                continue
            for line in self.structure.lines_on(item, day):
                component = self._plan.need(Item, line.component_id)
                quantity = self.structure.component_need(line, need.missing)
                part = Need(component, quantity, need.need_at, need.rank, need.priority, need.owner)
                part.step = need.step
                self._needs.setdefault(component.id, []).append(part)
                if isinstance(need.owner, Lot):
                    need.owner.needs.append(part)
            need.quantity -= need.missing
            need.missing = ZERO

    def _release_day(self, start_at: datetime) -> date:
        """The last day on which a start at that instant is in time: 24:00 ends its day."""
        last_at = max(start_at - timedelta(minutes=1), self.now_at)
        return last_at.astimezone(self.zone).date()

    def _report_item(self, item: Item, needs: Sequence[Need], made: Sequence[Lot]) -> None:
        fault = self.structure.fault(item)
        if fault is not None and any(need.missing > 0 for need in needs):
            self.findings.setdefault((fault.code, fault.refs), fault)
        if made and has_lot_size_missing(item):
            rule = item.lot_rule
            self._report(
                "lot_size_missing", (item.id,), Severity.WARNING, item=item.code, rule=rule
            )

    def _report_line(self, line: OrderLine) -> None:
        self._report("order_line_unplanned", (line.id,), order=line.label)

    def _report(
        self,
        code: str,
        refs: tuple[UUID, ...],
        severity: Severity = Severity.ERROR,
        **params: object,
    ) -> None:
        self.findings.setdefault((code, refs), Finding(code, severity, refs, params))


def _wanted_from(lot: Lot) -> datetime:
    """When a lot would have to start for the first of what it serves.

    A standing order may serve something that is wanted sooner than the order is due; what it is
    made of is then wanted sooner, too, and not left to others who can wait.
    """
    wanted = (each.need.need_at for each in lot.served if not each.need.is_safety)
    return lot.start_at - max(timedelta(0), lot.need_at - min(wanted, default=lot.need_at))


def _trace(lot: Lot) -> None:
    """The order lines that a lot is made for, through everything it goes into."""
    for allotment in lot.served:
        owner = allotment.need.owner
        if isinstance(owner, OrderLine):
            lot.top_lines.add(owner.id)
        elif isinstance(owner, Lot):
            lot.top_lines |= owner.top_lines

"""From lots and allotments to rows; what an earlier run proposed keeps its id and number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.items import Item
from domain.mrp.drafts import Lot, Need, Source, demand_kind
from domain.mrp.earlier import in_turn
from domain.mrp.structure import Structure
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import (
    DemandKind,
    Operation,
    Peg,
    PlannedOrder,
    SupplyKind,
    WorkOrder,
)
from domain.routings import MAIN
from domain.scenarios import Booking, keeps_its_place
from domain.variants import in_order, operation_of, routing_of
from domain.working_time import local_instant


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a run."""

    work_orders: list[WorkOrder]
    operations: list[Operation]
    planned_orders: list[PlannedOrder]
    pegs: list[Peg]


class RowMaker:
    """Makes the rows of one run."""

    def __init__(
        self,
        plan: Plan,
        structure: Structure,
        zone: ZoneInfo,
        new_id: Callable[[], UUID],
        now_at: datetime,
    ) -> None:
        self._plan = plan
        self._now_at = now_at
        self._structure = structure
        self._zone = zone
        self._new_id = new_id
        self._plant_id = plan.home_plant().id
        self._ids: dict[Lot, UUID] = {}
        self._steps: dict[UUID, list[Operation]] = {}

    def rows(self, lots: Sequence[Lot], needs: Iterable[Need]) -> Rows:
        """The rows of lots, given parents before components, and of all allotments."""
        for lot in reversed(lots):
            _order_when_components_are_there(lot)
        ordered = sorted(lots, key=in_turn)
        work = [lot for lot in ordered if lot.kind is SupplyKind.WORK_ORDER]
        bought = [lot for lot in ordered if lot.kind is SupplyKind.PLANNED_ORDER]
        work_orders = self._work_orders(work)
        planned_orders = self._planned_orders(bought)
        operations = [step for order in work_orders for step in self._operations(order)]
        return Rows(work_orders, operations, planned_orders, self._pegs(needs))

    def _work_orders(self, lots: Sequence[Lot]) -> list[WorkOrder]:
        table = self._plan.table(WorkOrder).values()
        numbers = _Numbers("WO-", [row.number for row in table])
        rows: list[WorkOrder] = []
        for lot in lots:
            present = lot.earlier if isinstance(lot.earlier, WorkOrder) else None
            row = WorkOrder(
                id=present.id if present else self._new_id(),
                row_version=present.row_version if present else 0,
                plant_id=self._plant_id,
                number=present.number if present else numbers.next(),
                item_id=lot.item.id,
                quantity=lot.quantity,
                good_quantity=lot.good,
                earliest_start_at=self._earliest_start(lot),
                due_at=lot.need_at,
                release_on=lot.release_on,
                priority=lot.priority,
                routing=self._routing_kept(present, lot.quantity),
            )
            self._ids[lot] = row.id
            rows.append(row)
        return rows

    def _planned_orders(self, lots: Sequence[Lot]) -> list[PlannedOrder]:
        table = self._plan.table(PlannedOrder).values()
        numbers = _Numbers("PL-", [row.number for row in table])
        rows: list[PlannedOrder] = []
        for lot in lots:
            present = lot.earlier if isinstance(lot.earlier, PlannedOrder) else None
            row = PlannedOrder(
                id=present.id if present else self._new_id(),
                row_version=present.row_version if present else 0,
                plant_id=self._plant_id,
                number=present.number if present else numbers.next(),
                item_id=lot.item.id,
                quantity=lot.quantity,
                order_at=lot.order_at or lot.start_at,
                due_at=lot.due_at or lot.need_at,
            )
            self._ids[lot] = row.id
            rows.append(row)
        return rows

    def _routing_kept(self, present: WorkOrder | None, quantity: Decimal) -> str:
        """The routing of a work order that is as large as before and of which a booking keeps its
        place; such a one keeps its operations, while others are made anew by the main one.

        The routing may have been given another name since. What has become a part of several ones
        is made anew, too.
        """
        if present is None or present.quantity != quantity:
            return MAIN
        steps = in_order(self._plan.where(Operation, work_order_id=present.id))
        is_usual = present.routing == MAIN and not any(step.part for step in steps)
        if is_usual or not any(self._is_locked(step) for step in steps):
            return MAIN
        names = {routing_of(self._plan, step) for step in steps}
        if len(names) > 1:
            return MAIN
        self._steps[present.id] = steps
        return names.pop()

    def _is_locked(self, step: Operation) -> bool:
        booked = self._plan.where(Booking, operation_id=step.id)
        frozen = self._plan.home_plant().frozen_hours
        return any(one.published and keeps_its_place(one, self._now_at, frozen) for one in booked)

    def _operations(self, order: WorkOrder) -> list[Operation]:
        if order.id in self._steps:
            return self._steps[order.id]
        present = {
            step.number: step
            for step in self._plan.where(Operation, work_order_id=order.id)
            if step.part == 0 and routing_of(self._plan, step) == MAIN
        }
        item = self._plan.need(Item, order.item_id)
        steps: list[Operation] = []
        for step in self._structure.routing(item):
            old = present.get(step.number)
            made = operation_of(order, step, old.id if old else self._new_id())
            steps.append(replace(made, row_version=old.row_version if old else 0))
        self._steps[order.id] = steps
        return steps

    def _earliest_start(self, lot: Lot) -> datetime | None:
        """An order line's own wish, and the day from which the bill of material holds."""
        wishes: list[datetime] = []
        if len(lot.top_lines) == 1:
            line = self._plan.need(OrderLine, next(iter(lot.top_lines)))
            if line.earliest_start_at is not None:
                wishes.append(line.earliest_start_at)
        if lot.effective_on is not None:
            wishes.append(local_instant(lot.effective_on, self._zone))
        return max(wishes, default=None)

    def _pegs(self, needs: Iterable[Need]) -> list[Peg]:
        old = {_peg_key(peg): peg for peg in self._plan.table(Peg).values()}
        found: dict[tuple[object, ...], Peg] = {}
        for need in needs:
            for allotment in need.allotments:
                peg = self._peg(need, allotment.source, allotment.quantity)
                key = _peg_key(peg)
                same, present = found.get(key), old.get(key)
                found[key] = Peg(
                    **{f.name: getattr(peg, f.name) for f in fields(Peg) if f.name not in _SET},
                    id=same.id if same else present.id if present else self._new_id(),
                    row_version=present.row_version if present else 0,
                    quantity=peg.quantity + (same.quantity if same else 0),
                )
        return list(found.values())

    def _peg(self, need: Need, source: Source, quantity: Decimal) -> Peg:
        demand_id = self._owner_id(need)
        kind = demand_kind(need)
        supply_id = self._supply_id(source)
        is_work = kind is DemandKind.WORK_ORDER
        return Peg(
            id=supply_id,
            plant_id=self._plant_id,
            item_id=need.item.id,
            supply_kind=source.kind,
            supply_id=supply_id,
            demand_kind=kind,
            demand_id=demand_id,
            operation_id=self._taker(demand_id, need.step) if is_work else None,
            quantity=quantity,
        )

    def _supply_id(self, source: Source) -> UUID:
        if source.lot is not None and source.lot.row is None:
            return self._ids[source.lot]
        if source.row_id is None:
            raise ValueError("a source is a row or a new lot")
        return source.row_id

    def _owner_id(self, need: Need) -> UUID:
        owner = need.owner
        if isinstance(owner, Lot):
            return owner.row.id if owner.row else self._ids[owner]
        return owner.id

    def _taker(self, order_id: UUID, step: int | None) -> UUID | None:
        """The operation that takes a component: the named one, else the first."""
        if order_id not in self._steps:
            kept = self._plan.where(Operation, work_order_id=order_id)
            self._steps[order_id] = sorted(kept, key=lambda row: (row.number, row.part))
        steps = self._steps[order_id]
        named = next((row for row in steps if row.number == step), None)
        return named.id if named else steps[0].id if steps else None


_SET = frozenset({"id", "row_version", "quantity"})


class _Numbers:
    """Numbers that follow the greatest one in use."""

    def __init__(self, prefix: str, used: Iterable[str]) -> None:
        tails = (number.removeprefix(prefix) for number in used if number.startswith(prefix))
        self._last = max((int(t) for t in tails if t.isascii() and t.isdigit()), default=0)
        self._prefix = prefix

    def next(self) -> str:
        """The next number."""
        self._last += 1
        return f"{self._prefix}{self._last:06d}"


def _order_when_components_are_there(lot: Lot) -> None:
    """Put off a planned order until what is known of its components' arrival."""
    if lot.order_at is None or lot.due_at is None:
        return
    arrivals = [_arrival(a.source) for need in lot.needs for a in need.allotments]
    ready_at = max([lot.order_at, *(at for at in arrivals if at is not None)])
    lot.due_at += ready_at - lot.order_at
    lot.order_at = ready_at


def _arrival(source: Source) -> datetime | None:
    if source.lot is not None and source.lot.row is None:
        return source.lot.due_at
    return source.available_at


def _peg_key(peg: Peg) -> tuple[object, ...]:
    return (peg.item_id, peg.supply_id, peg.demand_kind, peg.demand_id, peg.operation_id)

"""The projected available balance of an item: what comes, what goes, what is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import DomainError
from domain.inventory import Stock
from domain.items import Item
from domain.orders import OrderLine, OrderStatus, PurchaseLine
from domain.plan import Plan
from domain.production import DemandKind, Operation, Peg, PlannedOrder, WorkOrder, WorkStatus
from domain.scenarios import Booking
from domain.scheduling.check_arrivals import Arrivals
from domain.scheduling.check_facts import Facts
from domain.working_time import local_instant

_CLOSED = frozenset({WorkStatus.COMPLETED, WorkStatus.CLOSED})


class BalanceKind(StrEnum):
    """What changes a balance."""

    ON_HAND = "on_hand"
    PURCHASE = "purchase"
    PLANNED_ORDER = "planned_order"
    WORK_ORDER = "work_order"
    COMPONENT = "component"
    ORDER_LINE = "order_line"


@dataclass(frozen=True, slots=True)
class BalanceStep:
    """From ``at`` on there is ``balance``, in the item's own unit, because of ``change``.

    ``name`` is the number of the order behind it (empty for what is on hand), ``row_id`` its row.
    """

    at: datetime
    balance: Decimal
    change: Decimal
    kind: BalanceKind
    name: str
    row_id: UUID


@dataclass(frozen=True, slots=True)
class _Move:
    at: datetime
    change: Decimal
    kind: BalanceKind
    name: str
    row_id: UUID


def projected_balance(
    plan: Plan, item: Item, bookings: Iterable[Booking], now_at: datetime
) -> list[BalanceStep]:
    """How an item's stock goes on from ``now_at``.

    Work orders bring and take when their bookings say, without bookings when they are due. Order
    lines take at the end of their due day, or when they are finished if that is later. What comes
    at an instant is counted before what goes.
    """
    facts = Facts(plan, bookings, now_at)
    arrivals = Arrivals(facts)
    zone = ZoneInfo(plan.home_plant().timezone)
    moves = [
        *_on_hand(plan, item, now_at, zone),
        *_receipts(plan, item, facts, arrivals),
        *_shipments(plan, item, facts, arrivals, zone),
        *_components(plan, item, facts, arrivals),
    ]
    moves.sort(key=lambda move: (move.at, move.change < 0, move.name))
    steps: list[BalanceStep] = []
    balance = Decimal(0)
    for move in moves:
        balance += move.change
        steps.append(BalanceStep(move.at, balance, move.change, move.kind, move.name, move.row_id))
    return steps


def _on_hand(plan: Plan, item: Item, now_at: datetime, zone: ZoneInfo) -> Iterable[_Move]:
    today = now_at.astimezone(zone).date()
    for stock in plan.where(Stock, item_id=item.id):
        if stock.expires_on is None or stock.expires_on > today:
            change = _own(plan, item, stock.quantity, stock.unit)
            yield _Move(now_at, change, BalanceKind.ON_HAND, stock.lot, stock.id)


def _receipts(plan: Plan, item: Item, facts: Facts, arrivals: Arrivals) -> Iterable[_Move]:
    for line in plan.where(PurchaseLine, item_id=item.id):
        at = facts.instant(arrivals.of_purchase(line))
        change = _own(plan, item, line.quantity, line.unit)
        yield _Move(at, change, BalanceKind.PURCHASE, line.label, line.id)
    for order in plan.where(PlannedOrder, item_id=item.id):
        times = arrivals.of_planned_order(order)
        at = facts.instant(times[1]) if times else order.due_at
        yield _Move(at, order.quantity, BalanceKind.PLANNED_ORDER, order.number, order.id)
    for order in plan.where(WorkOrder, item_id=item.id):
        if order.status not in _CLOSED:
            end = arrivals.of_work_order(order)
            at = _booked_or_due(facts, end, order)
            yield _Move(at, order.good_quantity, BalanceKind.WORK_ORDER, order.number, order.id)


def _shipments(
    plan: Plan, item: Item, facts: Facts, arrivals: Arrivals, zone: ZoneInfo
) -> Iterable[_Move]:
    for line in plan.where(OrderLine, item_id=item.id):
        if line.status is not OrderStatus.CONFIRMED:
            continue
        due_at = local_instant(line.due_on + timedelta(days=1), zone)
        finish = arrivals.of_line(line)
        at = max(due_at, facts.now_at, facts.instant(finish or 0))
        change = -_own(plan, item, line.quantity, line.unit)
        yield _Move(at, change, BalanceKind.ORDER_LINE, line.label, line.id)


def _components(plan: Plan, item: Item, facts: Facts, arrivals: Arrivals) -> Iterable[_Move]:
    """What orders take of the item; order lines of a phantom take it directly."""
    for peg in plan.where(Peg, item_id=item.id):
        if peg.demand_kind is DemandKind.WORK_ORDER:
            order = plan.need(WorkOrder, peg.demand_id)
            parts = [facts.placed.get(step_id) for step_id in _takers(plan, peg)]
            placed = min((p for p in parts if p), key=lambda p: p.run, default=None)
            at = _booked_or_due(facts, placed.run if placed else None, order)
            yield _Move(at, -peg.quantity, BalanceKind.COMPONENT, order.number, order.id)
        elif peg.demand_kind is DemandKind.PLANNED_ORDER:
            planned = plan.need(PlannedOrder, peg.demand_id)
            times = arrivals.of_planned_order(planned)
            at = facts.instant(times[0]) if times else planned.order_at
            yield _Move(at, -peg.quantity, BalanceKind.COMPONENT, planned.number, planned.id)
        elif peg.demand_kind is DemandKind.ORDER_LINE:
            line = plan.need(OrderLine, peg.demand_id)
            if line.item_id != item.id:
                at = facts.instant(arrivals.of_line(line) or 0)
                yield _Move(at, -peg.quantity, BalanceKind.ORDER_LINE, line.label, line.id)


def _takers(plan: Plan, peg: Peg) -> list[UUID]:
    """The operation that takes a component, or its parts."""
    steps = plan.where(Operation, work_order_id=peg.demand_id)
    named = [step.number for step in steps if step.id == peg.operation_id]
    number = min(named or [step.number for step in steps], default=None)
    return [step.id for step in steps if step.number == number]


def _booked_or_due(facts: Facts, minute: int | None, order: WorkOrder) -> datetime:
    if minute is not None:
        return facts.instant(minute)
    return max(order.due_at or facts.now_at, facts.now_at)


def _own(plan: Plan, item: Item, quantity: Decimal, unit: str) -> Decimal:
    """In the item's own unit; what does not convert counts for nothing (the checks name it)."""
    try:
        return plan.in_own_unit(item, quantity, unit)
    except DomainError:
        return Decimal(0)

"""What was chosen, as rows: afterwards the plan is one without choices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from domain.batches import new_leaders
from domain.changes import Change, ChangeSet, Row, difference
from domain.errors import Finding, Severity
from domain.items import Item
from domain.plan import Plan
from domain.production import (
    DemandKind,
    Operation,
    Peg,
    PlannedOrder,
    SupplyKind,
    WorkOrder,
    WorkStatus,
)
from domain.scenarios import Booking
from domain.scheduling.choices import BUY, Choices, Modes
from domain.variants import in_order

_KINDS = (WorkOrder, PlannedOrder, Operation, Peg)
"""Kinds of rows that planning makes, referred-to ones first."""


def chosen_plan(plan: Plan, choices: Choices, modes: Modes, now_at: datetime) -> Plan:
    """The rows with work orders as they are made under these modes.

    Args:
        plan: The rows that the choices were made from.
        choices: What there was to choose.
        modes: What is chosen.
        now_at: Aware start of the plan: what is bought is ordered then.
    """
    found = plan.copy()
    now_at = now_at.replace(second=0, microsecond=0)
    bought: list[WorkOrder] = []
    for order_id in choices.variants.steps:
        order = plan.get(WorkOrder, order_id)
        way = choices.way(order_id, modes)
        if order is None:
            continue
        if way == BUY:
            bought.append(order)
        else:
            _make_by(found, choices, modes, order, way)
    emptied = {peg.supply_id for order in bought for peg in _components(found, order.id)}
    for order in bought:
        _buy(found, order, choices.variants.lead[order.id], now_at)
    _drop_unneeded(found, emptied)
    return found


def _make_by(plan: Plan, choices: Choices, modes: Modes, order: WorkOrder, way: str) -> None:
    """Give a work order the operations of a routing, whole or in parts."""
    before = in_order(plan.where(Operation, work_order_id=order.id))
    after = in_order(choices.operations(order.id, modes))
    if not after or [one.id for one in before] == [one.id for one in after]:
        return
    numbers = {one.id: one.number for one in before}
    for operation in before:
        plan.drop(Operation, operation.id)
    for operation in after:
        plan.put(operation)
    if way != order.routing:
        plan.put(replace(order, routing=way))
    for peg in _components(plan, order.id):
        number = numbers.get(peg.operation_id) if peg.operation_id else None
        taker = next((one for one in after if one.number == number), after[0])
        plan.put(replace(peg, operation_id=taker.id))


def _components(plan: Plan, order_id: UUID) -> list[Peg]:
    found = plan.where(Peg, demand_id=order_id)
    return [peg for peg in found if peg.demand_kind is not DemandKind.ORDER_LINE]


def _buy(plan: Plan, order: WorkOrder, lead: int, now_at: datetime) -> None:
    """Put a planned purchase in the place of a work order."""
    purchase = PlannedOrder(
        id=uuid5(order.id, "bought"),
        plant_id=order.plant_id,
        number=_next_number(plan),
        item_id=order.item_id,
        quantity=order.good_quantity,
        order_at=now_at,
        due_at=now_at + timedelta(minutes=lead),
    )
    for peg in plan.where(Peg, supply_kind=SupplyKind.WORK_ORDER, supply_id=order.id):
        bought = {"supply_kind": SupplyKind.PLANNED_ORDER, "supply_id": purchase.id}
        plan.put(replace(peg, **bought))
    _drop_order(plan, order)
    plan.put(purchase)


def _next_number(plan: Plan) -> str:
    tails = (order.number.removeprefix("PL-") for order in plan.table(PlannedOrder).values())
    last = max((int(tail) for tail in tails if tail.isascii() and tail.isdigit()), default=0)
    return f"PL-{last + 1:06d}"


def _drop_order(plan: Plan, order: WorkOrder | PlannedOrder) -> None:
    for peg in _components(plan, order.id):
        plan.drop(Peg, peg.id)
    for operation in plan.where(Operation, work_order_id=order.id):
        plan.drop(Operation, operation.id)
    plan.drop(type(order), order.id)


def _drop_unneeded(plan: Plan, supplies: Iterable[UUID]) -> None:
    """Proposals among these supplies go if nobody needs them any more, and so on."""
    left = list(supplies)
    while left:
        supply_id = left.pop()
        order = plan.get(WorkOrder, supply_id) or plan.get(PlannedOrder, supply_id)
        if order is None or plan.where(Peg, supply_id=supply_id):
            continue
        is_firm = order.firm if isinstance(order, PlannedOrder) else False
        if (isinstance(order, WorkOrder) and order.status is not WorkStatus.PLANNED) or is_firm:
            continue
        left += [peg.supply_id for peg in _components(plan, supply_id)]
        _drop_order(plan, order)


def planning_changes(label: str, before: Plan, after: Plan) -> ChangeSet:
    """The change set from the proposals of one plan to those of another.

    Bookings of operations that go are deleted with them. Deletes come first, those that refer
    before those referred to; then inserts and updates the other way round.
    """
    kept = after.table(Operation)
    gone = [step.id for step in before.table(Operation).values() if step.id not in kept]
    bookings = [one for step_id in gone for one in before.where(Booking, operation_id=step_id)]
    old: list[Row] = [*bookings]
    new: list[Row] = []
    for kind in reversed(_KINDS):
        old += before.table(kind).values()
    for kind in _KINDS:
        new += after.table(kind).values()
    found = difference(label, old, new)
    deletes = tuple(change for change in found if change.after is None)
    rest: tuple[Change, ...] = tuple(change for change in found if change.after is not None)
    return ChangeSet(label, deletes + new_leaders(before, deletes) + rest)


def chosen_findings(choices: Choices, modes: Modes) -> list[Finding]:
    """What is made otherwise than usual, for people."""
    found: list[Finding] = []
    for at, choice in enumerate(choices.choices):
        if not modes[at] or not choices.is_open(at, modes):
            continue
        order = choices.plan.need(WorkOrder, choice.order_id)
        item = choices.plan.need(Item, order.item_id)
        params: dict[str, object] = {"work_order": order.number, "item": item.code}
        option = choice.options[modes[at]]
        if choice.number is not None:
            code, params = "chosen_split", {**params, "operation": choice.number, "parts": option}
        elif option == BUY:
            code, params = "chosen_buying", {**params, "quantity": order.good_quantity}
        else:
            code, params = "chosen_routing", {**params, "routing": option}
        ref = item.id if option == BUY else order.id
        found.append(Finding(code, Severity.INFO, (ref,), params))
    return found

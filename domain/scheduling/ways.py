"""In what ways planned work orders may be made, from rows: routings, parts, buying."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.items import BomLine, Item, ItemType
from domain.plan import Plan
from domain.production import Operation, WorkOrder, WorkStatus
from domain.resources import Machine
from domain.routings import MAIN, RoutingMachine, RoutingOperation, followed_by
from domain.scenarios import Booking, held_batches, keeps_its_place
from domain.units import whole_up
from domain.variants import (
    in_order,
    operation_of,
    parts_of,
    routing_names,
    routing_steps,
    variant_id,
)

MOST_PARTS = 8
"""No operation is cut into more parts, whatever its routing allows."""


class Form(NamedTuple):
    """Where an operation belongs: the routing, and in how many parts its work is done there."""

    order_id: UUID
    routing: str
    number: int
    parts: int


@dataclass(frozen=True)
class Variants:
    """All operations that planned work orders may have.

    Attributes:
        steps: By work order and routing, main one first: the operations, whole and in parts.
        form: Where each of them belongs, by operation.
        lead: Minutes after which what a work order makes is there if it is bought, by work order.
    """

    steps: Mapping[UUID, Sequence[Sequence[Operation]]] = field(
        default_factory=dict[UUID, Sequence[Sequence[Operation]]]
    )
    form: Mapping[UUID, Form] = field(default_factory=dict[UUID, Form])
    lead: Mapping[UUID, int] = field(default_factory=dict[UUID, int])

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose."""
        return not self.steps

    def impossible(self, dropped: AbstractSet[UUID]) -> set[UUID]:
        """Operations that are out of the question because others are that belong to them.

        A routing falls with one of its operations; an operation in so many parts with one part. A
        main routing stays: it is what MRP has planned.
        """
        forms = {self.form[one] for one in dropped if one in self.form}
        lost = {(f.order_id, f.routing) for f in forms if f.parts == 1 and f.routing != MAIN}
        return {
            operation
            for operation, form in self.form.items()
            if (form.order_id, form.routing) in lost or (form.parts > 1 and form in forms)
        }


NO_VARIANTS = Variants()


def variants_of(plan: Plan, now_at: datetime, short: Collection[UUID] = ()) -> Variants:
    """What may be chosen for planned work orders of which no booking keeps its place.

    Args:
        plan: The factory with exploded work orders, all of them by their main routing and whole.
        now_at: Aware start of the plan.
        short: Work orders that are not planned.
    """
    steps: dict[UUID, Sequence[Sequence[Operation]]] = {}
    form: dict[UUID, Form] = {}
    lead: dict[UUID, int] = {}
    held = _held(plan, now_at)
    for order in plan.table(WorkOrder).values():
        if order.status is not WorkStatus.PLANNED or order.id in held or order.id in short:
            continue
        main = in_order(plan.where(Operation, work_order_id=order.id))
        if not main or order.routing != MAIN or any(step.part for step in main):
            continue
        item = plan.need(Item, order.item_id)
        found = _forms(plan, order, main)
        may_buy = item.may_buy and item.type is ItemType.MAKE
        if not may_buy and len(found) == len(main):
            continue
        groups: dict[str, list[Operation]] = {}
        for operation, place in found:
            groups.setdefault(place.routing, []).append(operation)
            form[operation.id] = place
        steps[order.id] = list(groups.values())
        if may_buy:
            lead[order.id] = int(whole_up(item.lead_time_days * 1440))
    return Variants(steps, form, lead)


def _held(plan: Plan, now_at: datetime) -> set[UUID]:
    """Work orders of which a booking in force keeps its place."""
    published, frozen = plan.published(), plan.home_plant().frozen_hours
    booked = plan.where(Booking, scenario_id=published.id) if published else []
    held = held_batches(booked, now_at, 60 * frozen)
    kept = [
        one.operation_id
        for one in booked
        if one.batch in held or keeps_its_place(one, now_at, frozen)
    ]
    steps = [plan.get(Operation, operation_id) for operation_id in kept]
    return {step.work_order_id for step in steps if step is not None}


def _forms(plan: Plan, order: WorkOrder, main: Sequence[Operation]) -> list[tuple[Operation, Form]]:
    """Every operation that the work order may have."""
    found: list[tuple[Operation, Form]] = []
    named = _named_by_bills(plan, order.item_id)
    for routing in routing_names(plan, order.item_id):
        steps = list(main)
        if routing != MAIN:
            own = routing_steps(plan, order.item_id, routing)
            steps = [
                operation_of(order, step, variant_id(order, routing, step.number)) for step in own
            ]
            # What takes its components at another place than they were pegged to stays out.
            if named & ({s.number for s in steps} - {s.number for s in main}):
                continue
        joining = _hands_into_join(steps)
        for step in steps:
            found.append((step, Form(order.id, routing, step.number, 1)))
            most = 1 if step.id in joining else _most_parts(plan, order, step)
            for count in range(2, most + 1):
                place = Form(order.id, routing, step.number, count)
                found += [(part, place) for part in parts_of(order, step, routing, count)]
    return found


def _named_by_bills(plan: Plan, item_id: UUID) -> set[int]:
    lines = plan.where(BomLine, parent_id=item_id)
    return {line.operation_number for line in lines if line.operation_number is not None}


def _hands_into_join(steps: Sequence[Operation]) -> set[UUID]:
    """Operations whose transfer batches join others'."""
    return {
        before.id
        for befores in followed_by(steps)
        for before in befores
        if len(befores) > 1 and before.transfer_batch is not None
    }


def _most_parts(plan: Plan, order: WorkOrder, step: Operation) -> int:
    """In how many parts it is worth looking at: no more than there are machines or units."""
    if step.split_most < 2 or step.subcontract_days is not None:
        return 1
    named = plan.where(RoutingMachine, routing_operation_id=step.routing_operation_id)
    machines = len(named) or _in_center(plan, step)
    return min(step.split_most, machines, int(order.quantity), MOST_PARTS)


def _in_center(plan: Plan, step: Operation) -> int:
    routing = plan.get(RoutingOperation, step.routing_operation_id)
    if routing is None or routing.work_center_id is None:
        return 0
    return len(plan.where(Machine, work_center_id=routing.work_center_id))

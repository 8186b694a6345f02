"""Something happened: what a planner tells of it, and the rows that say so from now on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from uuid import UUID

from domain import edits
from domain.changes import Change, ChangeSet, Row
from domain.errors import RuleViolation
from domain.items import Item
from domain.order_entry import enter_order
from domain.orders import MOST_URGENT, OrderLine, OrderStatus, PurchaseLine, Wish
from domain.plan import Plan
from domain.production import Operation, WorkOrder, WorkStatus
from domain.resources import Absence, Downtime, Machine, Operator
from domain.scenarios import Booking

_HUNDRED = Decimal(100)
_FINE = 10**9
"""To so many parts of a minute."""


class HappeningKind(StrEnum):
    """What may come in between."""

    BREAKDOWN = "breakdown"
    MATERIAL = "material"
    ABSENCE = "absence"
    RUSH = "rush"
    SCRAP = "scrap"
    PACE = "pace"


SUBJECTS: dict[HappeningKind, type[Row]] = {
    HappeningKind.BREAKDOWN: Machine,
    HappeningKind.MATERIAL: PurchaseLine,
    HappeningKind.ABSENCE: Operator,
    HappeningKind.RUSH: Item,
    HappeningKind.SCRAP: WorkOrder,
    HappeningKind.PACE: Operation,
}
"""What each kind happens to."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a row.

    Attributes:
        kind: What happened.
        subject_id: To which machine, purchase line, person, work order or operation; of a rush
            order, which item it asks for.
        start_at: From when on a machine or person is not there.
        end_at: Until when.
        due_on: The day on which late material comes, or a rush order is wanted.
        quantity: Units of a work order that are scrap, or of an item that are ordered, in its own.
        percent: How long what is left of an operation takes of what was planned, in percent.
        priority: Of a rush order, 1 (most urgent) … 9.
        order_number: Of a rush order; one that there is gets another line.
        customer_id: Who orders in a rush; None: nobody is named.
    """

    kind: HappeningKind
    subject_id: UUID
    start_at: datetime | None = None
    end_at: datetime | None = None
    due_on: date | None = None
    quantity: Decimal = Decimal(0)
    percent: Decimal = _HUNDRED
    priority: int = MOST_URGENT
    order_number: str = ""
    customer_id: UUID | None = None


def rows_of(
    plan: Plan, happening: Happening, new_id: Callable[[], UUID], left: Fraction = Fraction(1)
) -> ChangeSet:
    """The change of rows that says what happened.

    Scrap takes from what its work order brings, so that MRP makes up for it; a work order that was
    only planned becomes firm with it, as one that is being worked on. Another pace holds for what
    is ``left`` of the operation, as a share of it: what has been run took as long as it did. A rush
    order is confirmed.

    Raises:
        DomainError: ``row_missing``, ``end_before_start``, ``value_out_of_range``,
            ``value_not_positive``, ``value_missing``; ``happening_incomplete`` where a time or day
            is missing.
    """
    match happening.kind:
        case HappeningKind.BREAKDOWN | HappeningKind.ABSENCE:
            return edits.add_row(plan, _stop(plan, happening, new_id()))
        case HappeningKind.MATERIAL:
            line = plan.need(PurchaseLine, happening.subject_id)
            if happening.due_on is None:
                raise RuleViolation("happening_incomplete", line.id)
            return edits.edit_field(plan, line, "due_on", happening.due_on)
        case HappeningKind.RUSH:
            return _rush_order(plan, happening, new_id)
        case HappeningKind.SCRAP:
            order = plan.need(WorkOrder, happening.subject_id)
            _check_positive(happening.quantity, order.id)
            good = order.good_quantity - happening.quantity
            if good < 0:
                most = order.good_quantity
                raise RuleViolation(
                    "value_out_of_range", order.id, value=happening.quantity, least=0, most=most
                )
            return edits.edit_fields(plan, [(order, "good_quantity", good), *_firm(order)])
        case HappeningKind.PACE:
            step = plan.need(Operation, happening.subject_id)
            _check_positive(happening.percent, step.id)
            order = plan.need(WorkOrder, step.work_order_id)
            minutes = _at_pace(step.run_minutes, happening.percent, left)
            return edits.edit_fields(plan, [(step, "run_minutes", minutes), *_firm(order)])


def _stop(plan: Plan, happening: Happening, row_id: UUID) -> Downtime | Absence:
    start, end = happening.start_at, happening.end_at
    if start is None or end is None:
        raise RuleViolation("happening_incomplete", happening.subject_id)
    if happening.kind is HappeningKind.BREAKDOWN:
        machine = plan.need(Machine, happening.subject_id)
        return Downtime(id=row_id, machine_id=machine.id, start_at=start, end_at=end)
    person = plan.need(Operator, happening.subject_id)
    return Absence(id=row_id, operator_id=person.id, start_at=start, end_at=end)


def _at_pace(minutes: Decimal, percent: Decimal, left: Fraction) -> Decimal:
    """Run minutes of a piece if the rest takes so much of its time; no hair more than that."""
    if left == 1:
        return minutes * percent / _HUNDRED
    found = Fraction(minutes) * (1 + left * (Fraction(percent) / 100 - 1))
    return Decimal(floor(found * _FINE)) / _FINE


def _rush_order(plan: Plan, happening: Happening, new_id: Callable[[], UUID]) -> ChangeSet:
    item, due_on = plan.need(Item, happening.subject_id), happening.due_on
    if due_on is None:
        raise RuleViolation("happening_incomplete", item.id)
    return enter_order(
        plan,
        Wish(item.id, happening.quantity, due_on, happening.priority),
        new_id,
        order_number=happening.order_number,
        due_on=due_on,
        customer_id=happening.customer_id,
        status=OrderStatus.CONFIRMED,
    )


def _check_positive(value: Decimal, row_id: UUID) -> None:
    if value <= 0:
        raise RuleViolation("value_not_positive", row_id, value=value)


def _firm(order: WorkOrder) -> list[tuple[Row, str, object]]:
    is_planned = order.status is WorkStatus.PLANNED
    return [(order, "status", WorkStatus.FIRM)] if is_planned else []


def likely(
    chosen: Iterable[Row], bookings: Mapping[UUID, Booking]
) -> tuple[HappeningKind | None, dict[HappeningKind, UUID]]:
    """What most likely happened where these rows are chosen, and to what each kind would have.

    ``bookings`` are those of the plan in force by operation.
    """
    first: HappeningKind | None = None
    hints: dict[HappeningKind, UUID] = {}
    for row in chosen:
        match row:
            case Item():
                found = {HappeningKind.RUSH: row.id}
            case OrderLine():
                found = {HappeningKind.RUSH: row.item_id}
            case Machine():
                found = {HappeningKind.BREAKDOWN: row.id}
            case PurchaseLine():
                found = {HappeningKind.MATERIAL: row.id}
            case Operator():
                found = {HappeningKind.ABSENCE: row.id}
            case WorkOrder():
                found = {HappeningKind.SCRAP: row.id}
            case Operation():
                found = _likely_to_step(row, bookings.get(row.id))
            case _:
                found = {}
        first = first or next(iter(found), None)
        hints = {**found, **hints}
    return first, hints


def _likely_to_step(step: Operation, booking: Booking | None) -> dict[HappeningKind, UUID]:
    found: dict[HappeningKind, UUID] = {}
    if booking is not None and booking.machine_id is not None:
        found[HappeningKind.BREAKDOWN] = booking.machine_id
    if booking is not None and booking.operator_ids:
        found[HappeningKind.ABSENCE] = booking.operator_ids[0]
    found[HappeningKind.PACE] = step.id
    found[HappeningKind.SCRAP] = step.work_order_id
    return found


def named(plan: Plan, happening: Happening) -> str:
    """What it happened to, as people call it; of a rush order its number.

    Raises:
        DomainError: ``row_missing`` if there is no such row.
    """
    row = plan.need(SUBJECTS[happening.kind], happening.subject_id)
    if isinstance(row, Operation):
        return f"{plan.need(WorkOrder, row.work_order_id).number}/{row.number}"
    return happening.order_number or edits.name_of(row)


def in_one(*sets: ChangeSet, label: str, **params: object) -> ChangeSet:
    """Change sets that follow one another as a single one.

    Each row goes from its first state to its last; what comes and goes again is left out.
    """
    first: dict[UUID, Row | None] = {}
    last: dict[UUID, Row | None] = {}
    for change in (each for one in sets for each in one):
        first.setdefault(change.row.id, change.before)
        last[change.row.id] = change.after
    joined = (_joined(before, last[row_id]) for row_id, before in first.items())
    return ChangeSet(label, tuple(change for change in joined if change is not None), params)


def _joined(before: Row | None, after: Row | None) -> Change | None:
    if before is None:
        return None if after is None else Change.insert(after)
    if after is None:
        return Change.delete(before)
    is_same = replace(after, row_version=before.row_version) == before
    return None if is_same else Change.update(before, after)

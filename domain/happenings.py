"""Something happened: what a planner tells of it, and the rows that say so from now on."""

from __future__ import annotations

from collections.abc import Callable
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
from domain.orders import PurchaseLine
from domain.plan import Plan
from domain.production import Operation, WorkOrder, WorkStatus
from domain.resources import Absence, Downtime, Machine, Operator

_HUNDRED = Decimal(100)
_FINE = 10**9
"""To so many parts of a minute."""


class HappeningKind(StrEnum):
    """What may come in between."""

    BREAKDOWN = "breakdown"
    MATERIAL = "material"
    ABSENCE = "absence"
    SCRAP = "scrap"
    PACE = "pace"


SUBJECTS: dict[HappeningKind, type[Row]] = {
    HappeningKind.BREAKDOWN: Machine,
    HappeningKind.MATERIAL: PurchaseLine,
    HappeningKind.ABSENCE: Operator,
    HappeningKind.SCRAP: WorkOrder,
    HappeningKind.PACE: Operation,
}
"""What each kind happens to."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a row.

    Attributes:
        kind: What happened.
        subject_id: To which machine, purchase line, person, work order or operation.
        start_at: From when on a machine or person is not there.
        end_at: Until when.
        due_on: The day on which late material comes.
        quantity: Units of a work order that are scrap.
        percent: How long what is left of an operation takes of what was planned, in percent.
    """

    kind: HappeningKind
    subject_id: UUID
    start_at: datetime | None = None
    end_at: datetime | None = None
    due_on: date | None = None
    quantity: Decimal = Decimal(0)
    percent: Decimal = _HUNDRED


def rows_of(
    plan: Plan, happening: Happening, new_id: Callable[[], UUID], left: Fraction = Fraction(1)
) -> ChangeSet:
    """The change of rows that says what happened.

    Scrap takes from what its work order brings, so that MRP makes up for it; a work order that was
    only planned becomes firm with it, as one that is being worked on. Another pace holds for what
    is ``left`` of the operation, as a share of it: what has been run took as long as it did.

    Raises:
        DomainError: ``row_missing``, ``end_before_start``, ``value_out_of_range``,
            ``value_not_positive``; ``happening_incomplete`` where a time or day is missing.
    """
    match happening.kind:
        case HappeningKind.BREAKDOWN | HappeningKind.ABSENCE:
            return edits.add_row(plan, _stop(plan, happening, new_id()))
        case HappeningKind.MATERIAL:
            line = plan.need(PurchaseLine, happening.subject_id)
            if happening.due_on is None:
                raise RuleViolation("happening_incomplete", line.id)
            return edits.edit_field(plan, line, "due_on", happening.due_on)
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


def _check_positive(value: Decimal, row_id: UUID) -> None:
    if value <= 0:
        raise RuleViolation("value_not_positive", row_id, value=value)


def _firm(order: WorkOrder) -> list[tuple[Row, str, object]]:
    is_planned = order.status is WorkStatus.PLANNED
    return [(order, "status", WorkStatus.FIRM)] if is_planned else []


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

"""A plan as the difference to the rows that it was made from."""

from __future__ import annotations

from collections.abc import Iterable

from domain.changes import Change, ChangeSet, difference
from domain.plan import Plan
from domain.scenarios import Booking, OvertimeShift, Scenario


def plan_changes(
    before: Plan,
    made: ChangeSet,
    scenario: Scenario,
    bookings: Iterable[Booking],
    overtime: Iterable[OvertimeShift],
) -> ChangeSet:
    """Everything that a new plan changes.

    Args:
        before: The rows as they were.
        made: How work orders and their like are made.
        scenario: The plan's head.
        bookings: All of it.
        overtime: All that it opens.
    """
    stored = before.get(Scenario, scenario.id)
    head = Change.update(stored, scenario) if stored else Change.insert(scenario)
    deleted = {change.row.id for change in made if change.after is None}
    old = before.where(Booking, scenario_id=scenario.id)
    booked = difference("plan", [one for one in old if one.id not in deleted], bookings)
    opened = difference("plan", before.where(OvertimeShift, scenario_id=scenario.id), overtime)
    return ChangeSet("plan", (*made, head, *booked, *opened))

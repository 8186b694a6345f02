"""New places for a scenario's bookings, as one change that keeps the scenario's figures right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from domain.changes import Change, ChangeSet
from domain.plan import Plan
from domain.scenarios import Booking, Scenario
from domain.scheduling.lateness import plan_totals


def rebook(
    plan: Plan, scenario: Scenario, bookings: Iterable[Booking], now_at: datetime, label: str
) -> ChangeSet:
    """Bookings of a scenario take new places, or are added, and its figures follow.

    Args:
        plan: As it is before.
        scenario: Whose bookings they are.
        bookings: The moved ones; the others stay.
        now_at: From which lateness is counted.
        label: What the undo button says, as a key below ``change.``.
    """
    moved = [booking for booking in bookings if plan.get(Booking, booking.id) != booking]
    changes: list[Change] = []
    for booking in moved:
        before = plan.get(Booking, booking.id)
        changes.append(Change.update(before, booking) if before else Change.insert(booking))
    after = {b.id: b for b in plan.where(Booking, scenario_id=scenario.id)}
    after |= {booking.id: booking for booking in moved}
    totals = plan_totals(plan, after.values(), now_at)
    figures = replace(
        scenario,
        weighted_lateness=totals.weighted_lateness,
        setup_minutes=totals.setup_minutes,
    )
    if moved and figures != scenario:
        changes.append(Change.update(scenario, figures))
    return ChangeSet(label, tuple(changes), {"count": len(moved)})

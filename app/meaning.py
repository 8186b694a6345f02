"""What a plan means: the fate of every order line, and how much it has of every goal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from domain.objectives import Goal
from domain.plan import Plan
from domain.scenarios import Booking
from domain.scheduling.amounts import plan_amounts
from domain.scheduling.check_facts import Facts
from domain.scheduling.lateness import LineLateness, fates_of

Meaning = tuple[Mapping[UUID, LineLateness], Mapping[Goal, int]]
"""Fates by order line, and the amount of every goal; both empty where there is no plan."""


def meaning_of(plan: Plan, bookings: Collection[Booking], now_at: datetime) -> Meaning:
    """What the bookings of the plan in force mean; nothing where there is no such plan."""
    if plan.published() is None:
        return {}, {}
    facts = Facts(plan, bookings, now_at)
    found = fates_of(facts)
    amounts = plan_amounts(facts, found)
    return {fate.order_line.id: fate for fate in found}, amounts

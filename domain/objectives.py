"""What a planner wants of a plan, in order or weighed against each other, saved by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.changes import Row
from domain.errors import RuleViolation


class Goal(StrEnum):
    """Something a plan should have little of."""

    LATENESS = "lateness"
    """Minutes that order lines are late × their weight, as in rule 9 of the workbook."""
    SETUP = "setup"
    """Minutes of setup."""
    WORK_IN_PROGRESS = "work_in_progress"
    """Minutes from each work order's first setup until what it is for is delivered: when the order
    lines are due, or finished if that is later. Work for stock counts until its own end."""
    CHANGES = "changes"
    """Operations that start over an hour from where they start in the plan in force, or that are on
    another machine. What that plan does not hold does not count."""
    PREFERENCE = "preference"
    """Run minutes × how far down the machine is among those that may do the operation: 0 for the
    first choice. The order is that of the routing's machines; of a work center's machines, the
    cheaper per hour comes first and equally cheap ones are as good. On an alternate routing all are
    further down by its place among the item's routings."""

    BUYING = "buying"
    """Money that what is bought instead of made costs more, in whole units, at least 1 for each."""
    OVERTIME = "overtime"
    """Money: the cost of the overtime that is opened, rounded up to whole units. Overtime is used
    only where this goal is named."""


WEIGHT_LIMIT = Decimal(10_000)
_WEIGHT_PLACES = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectiveProfile(Row):
    """Which goals count, most important first.

    Unless ``is_weighted``, a goal counts only between plans that are equal in all before it. If it
    is, the plan with the smallest sum of amount × weight is best, and the order says nothing.
    What ``goals`` does not name is left alone, except that lateness, then setup, decide between
    plans that are otherwise equal, and that nothing is bought instead of made for less than it is
    worth: see ``domain.scheduling.goals``.
    """

    name: str
    is_weighted: bool = False
    goals: tuple[str, ...] = (Goal.LATENESS, Goal.SETUP)
    lateness_weight: Decimal = Decimal(1)
    setup_weight: Decimal = Decimal(5)
    work_in_progress_weight: Decimal = Decimal("0.01")
    changes_weight: Decimal = Decimal(50)
    preference_weight: Decimal = Decimal(1)
    buying_weight: Decimal = Decimal(1)
    overtime_weight: Decimal = Decimal(5)
    """A day's lateness of an order of priority 5, 7,200 weighted minutes, is then worth overtime
    for 1,440 units of money."""

    def weight(self, goal: str) -> Decimal:
        """What one unit of a goal counts, where goals are weighed."""
        return getattr(self, f"{goal}_weight")


ON_TIME = ObjectiveProfile(id=UUID(int=1), name="on_time")
FEW_CHANGEOVERS = ObjectiveProfile(
    id=UUID(int=2), name="few_changeovers", goals=(Goal.SETUP, Goal.LATENESS)
)
LEAN = ObjectiveProfile(
    id=UUID(int=3), name="lean", goals=(Goal.LATENESS, Goal.WORK_IN_PROGRESS, Goal.SETUP)
)
KEEP_PLAN = ObjectiveProfile(
    id=UUID(int=4), name="keep_plan", goals=(Goal.CHANGES, Goal.LATENESS, Goal.SETUP)
)
OVERTIME = ObjectiveProfile(
    id=UUID(int=5), name="overtime", goals=(Goal.LATENESS, Goal.OVERTIME, Goal.SETUP)
)

PRESETS = (ON_TIME, FEW_CHANGEOVERS, LEAN, KEEP_PLAN, OVERTIME)
"""Profiles that are always there and never stored; their names are keys of the catalogue."""


def check_profile(profile: ObjectiveProfile, others: Iterable[ObjectiveProfile]) -> None:
    """Whether a profile can be saved beside the others.

    Raises:
        RuleViolation: ``profile_name_missing``, ``profile_name_taken``, ``profile_goals_missing``,
            ``profile_goal_unknown``, ``profile_goal_twice`` or ``profile_weight``, whose weight is
            not above 0, over 10,000 or has more than two decimals.
    """
    name = profile.name.strip()
    if not name:
        raise RuleViolation("profile_name_missing", profile.id)
    for other in others:
        if other.id != profile.id and other.name.strip().casefold() == name.casefold():
            raise RuleViolation("profile_name_taken", profile.id, other.id, name=name)
    if not profile.goals:
        raise RuleViolation("profile_goals_missing", profile.id, name=name)
    for goal in profile.goals:
        if goal not in set(Goal):
            raise RuleViolation("profile_goal_unknown", profile.id, name=name, goal=goal)
        if profile.goals.count(goal) > 1:
            raise RuleViolation("profile_goal_twice", profile.id, name=name, goal=Goal(goal))
        if profile.is_weighted and not _is_weight(profile.weight(goal)):
            raise RuleViolation("profile_weight", profile.id, name=name, goal=Goal(goal))


def _is_weight(weight: Decimal) -> bool:
    if not weight.is_finite() or not 0 < weight <= WEIGHT_LIMIT:
        return False
    return weight == round(weight, _WEIGHT_PLACES)

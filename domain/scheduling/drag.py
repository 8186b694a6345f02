"""A drag on the Gantt: what a drop would do, as often as the pointer moves, and then doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.changes import ChangeSet
from domain.errors import RuleViolation
from domain.plan import Plan
from domain.scenarios import Booking, Scenario
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan, first_error
from domain.scheduling.lateness import plan_totals
from domain.scheduling.rebook import rebook
from domain.scheduling.right_shift import repair_drag, solution_from


@dataclass(frozen=True, slots=True)
class Drop:
    """What a drop does: the bookings that move, and what that costs in the plan's own measures.

    ``lateness_change`` is in weighted minutes, ``setup_change`` in minutes; below zero is better.
    """

    bookings: tuple[Booking, ...]
    lateness_change: int
    setup_change: int


class Drag:
    """One scenario made ready for drags; everything slow is done once, here.

    Args:
        plan: The factory; it is read now and must not change while the drag lasts.
        scenario: Whose bookings are dragged.
        now_at: Nothing moves before it.
        new_id: Makes ids of bookings for work that had none.

    Raises:
        RuleViolation: ``nothing_booked`` if the scenario has no bookings to drag.
    """

    def __init__(
        self, plan: Plan, scenario: Scenario, now_at: datetime, new_id: Callable[[], UUID]
    ) -> None:
        self._plan = plan
        self._scenario = scenario
        self._now_at = now_at
        self._new_id = new_id
        self._problem = build_problem(plan, now_at, scenario=scenario)
        present = solution_from(self._problem, plan, scenario)
        if present is None:
            raise RuleViolation("nothing_booked", scenario.id, name=scenario.name)
        self._present = present
        rows = plan.where(Booking, scenario_id=scenario.id)
        self._before = plan_totals(plan, rows, now_at)

    def over(self, booking: Booking, machine_id: UUID | None, start_at: datetime) -> Drop:
        """What it would do to start a booking's run at that instant on that machine.

        Raises:
            RuleViolation: why it can not be; see ``repair_drag``.
        """
        minute = self._problem.minute(start_at)
        operation_id = booking.operation_id
        after = repair_drag(self._problem, self._present, operation_id, machine_id, minute)
        rows = bookings_from(self._problem, after, self._plan, self._scenario, self._new_id)
        return Drop(
            tuple(row for row in rows if self._plan.get(Booking, row.id) != row),
            after.value - self._before.weighted_lateness,
            after.setup_minutes - self._before.setup_minutes,
        )

    def changes(self, drop: Drop) -> ChangeSet:
        """The drop as one change, after the independent checker has passed it.

        Raises:
            RuleViolation: ``move_breaks_rule`` with the finding that forbids it.
        """
        after = {b.id: b for b in self._plan.where(Booking, scenario_id=self._scenario.id)}
        after |= {booking.id: booking for booking in drop.bookings}
        wrong = first_error(check_plan(self._plan, after.values(), self._now_at))
        if wrong is not None:
            raise RuleViolation("move_breaks_rule", *wrong.refs, finding=wrong)
        return rebook(self._plan, self._scenario, drop.bookings, self._now_at, "move_operation")

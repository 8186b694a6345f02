"""One request answered in the planning process: MRP, the search, and the independent check."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.synchronize import Event
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID, uuid4

from app.meaning import meaning_of
from app.news import better_refused, news_of
from app.plan_changes import plan_changes
from app.plan_message import Outbox, PlanMessage
from app.telling import Telling
from domain.changes import ChangeSet
from domain.errors import DomainError, Finding, Severity
from domain.objectives import ON_TIME, Goal, ObjectiveProfile
from domain.plan import Plan
from domain.scenarios import Booking, OvertimeShift, Scenario

if TYPE_CHECKING:  # the engine is loaded by the planning process alone
    from domain.scheduling.choices import Choices
    from domain.scheduling.engine import Progress
    from domain.scheduling.problem import Problem, Solution

MESSAGES_A_SECOND = 10
PLANS_A_SECOND = 1
LEAST_SECONDS = 3
"""So long a plan is sought at least where another search has found none."""
REJECTED = "plan_rejected"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What to plan with: the plan's start (aware), seconds to search, cores, and the seed.

    With ``iterations`` the search does so many steps instead of looking at the clock, so that the
    same seed gives the same plan. ``scenario_name`` names the plan made, ``profile`` says what
    makes a plan good.
    """

    now_at: datetime
    seconds: float = 20
    workers: int = 2
    seed: int = 1
    iterations: int | None = None
    scenario_name: str = ""
    profile: ObjectiveProfile = ON_TIME

    def new_run(self, plan: Plan, outbox: Outbox) -> Run:
        """What answers it, in the planning process."""
        return Run(plan, self, outbox)


RequestT = TypeVar("RequestT", bound=PlanRequest)


def with_time_left(request: RequestT, begun: float) -> RequestT:
    """A request for what is left of its time, by the clock at its start; never for nothing."""
    left = request.seconds - (time.monotonic() - begun)
    return replace(request, seconds=max(LEAST_SECONDS, left))


def _head_of(plan: Plan, request: PlanRequest) -> Scenario:
    """The head of the plan to be made: that of the plan in force, or a new one."""
    present = plan.published()
    if present is not None:
        return replace(present, now_at=request.now_at)
    return Scenario(
        id=uuid4(),
        plant_id=plan.home_plant().id,
        name=request.scenario_name,
        published=True,
        now_at=request.now_at,
    )


class Run:
    """One request being answered.

    If not ``is_held``, all is planned anew, whatever has begun or is frozen by the plan in force.
    """

    _better: Solution | None = None
    """The newest plan that was not told of yet."""

    def __init__(
        self, plan: Plan, request: PlanRequest, outbox: Outbox, *, is_held: bool = True
    ) -> None:
        from domain.mrp import mrp_changes
        from domain.scheduling.begun_orders import Begun, begun_firm
        from domain.scheduling.goals import goals_of
        from domain.scheduling.keeping import keep_begun
        from domain.scheduling.standing import short_orders

        self.begun = time.monotonic()
        self.request = request
        self.outbox = outbox
        self._given = plan
        begun = begun_firm(plan, request.now_at) if is_held else Begun(plan)
        self.before = plan = begun.plan
        held, lent = self._held_work(), self._lent_work()
        explosion = begun.explode(request.now_at, uuid4, held, lent)
        self.mrp = mrp_changes(plan, explosion)
        self.plan = plan.copy()
        self.plan.apply(self.mrp)
        self.scenario = _head_of(plan, request)
        short = short_orders(explosion.findings)
        self.is_held, self._sound = is_held, PlanMessage()
        frozen, present = 60 * plan.home_plant().frozen_hours, plan.published()
        self.kept = keep_begun(
            self.plan,
            self.scenario if present else None,
            request.now_at,
            frozen_minutes=frozen,
            short=short,
            overtime=self._kept_overtime(),
            is_held=is_held,
        )
        self.problem = self.kept.problem
        self.goals = goals_of(self.problem, self.plan, request.profile, present)
        self.findings = (*explosion.findings, *self.problem.findings, *self.kept.findings)
        self.choices: Choices | None = None
        self._short, self._frozen_minutes = short, frozen
        self._found = self.findings
        self._told_at = self._planned_at = 0.0

    def _held_work(self) -> Collection[UUID]:
        """Standing work orders that keep their material."""
        return ()

    def _lent_work(self) -> Collection[UUID] | None:
        """Standing work orders that serve whoever is in more of a hurry; None: all do."""
        return None

    def _kept_overtime(self) -> Collection[OvertimeShift] | None:
        """The overtime that stays open; None: what work needs that must not be moved."""
        return None

    def open_choices(self) -> bool:
        """Lay out what of the work may be made in more than one way, if anything may.

        The problem is then that of the usual way: the same, but its work may be in another order.
        """
        from domain.scheduling.choices import choices_of

        found = self.choices = choices_of(
            self.plan,
            self.request.now_at,
            profile=self.request.profile,
            scenario=self.before.published(),
            short=self._short,
            before=self.before,
            frozen_minutes=self._frozen_minutes,
            begun=self.problem.begun,
            overtime=self._kept_overtime(),
        )
        if found is not None:
            self.goals = found.goals(found.usual)
            self.problem = self.goals.problem
        return found is not None

    def finish(self, stop: Event) -> PlanMessage:
        """Search until told to stop, and give the best plan.

        A plan that breaks a rule is none: then it is the last that was shown, and that is told; or
        what has begun is let go, so that there is a plan at all.
        """
        self.open_choices()
        best = searched(self, stop)
        done = self.message_of(best.bound, "done", best.amounts)
        try:
            return replace(self._with_changes(done, self.changes_of(best)), is_last=True)
        except DomainError as error:
            if error.code != REJECTED:
                raise
            _logger.warning("a plan was rejected: %s", error.params["first"])
            if self._sound.changes is not None:
                found = (*self._sound.findings, better_refused(error))
                return replace(self._sound, stage="done", findings=found, is_last=True)
            if not self.is_held or self.before.published() is None:
                raise
        rest = with_time_left(self.request, self.begun)
        return Run(self._given, rest, self.outbox, is_held=False).finish(stop)

    def tell(self, progress: Progress) -> None:
        """Pass the search's numbers on, and a better plan now and then; called beside it."""
        now = time.monotonic()
        self._better = progress.solution or self._better
        plan_is_due = self._planned_at == 0 or now - self._planned_at >= 1 / PLANS_A_SECOND
        better = self._better if plan_is_due else None
        if better is None and now - self._told_at < 1 / MESSAGES_A_SECOND:
            return
        self._told_at = now
        message = self.message_of(progress.bound, progress.stage, progress.amounts)
        if better is not None:
            self._planned_at, self._better = now, None
            message = self._with_plan(message, better)
        self.outbox.send(message)

    def _with_plan(self, message: PlanMessage, solution: Solution) -> PlanMessage:
        """The message with a plan to look at; none while held work is not where it has to be."""
        try:
            changes = self.changes_of(solution)
        except DomainError as error:
            if error.code != REJECTED:
                raise
            return message  # the search goes on; the last plan is judged
        self._sound = self._with_changes(message, changes)
        return self._sound

    def _with_changes(self, message: PlanMessage, changes: ChangeSet) -> PlanMessage:
        after = self.before.copy()
        after.apply(changes)
        bookings = after.where(Booking, scenario_id=self.scenario.id)
        meaning = meaning_of(after, bookings, self.request.now_at)
        setup = meaning[1].get(Goal.SETUP, message.setup_minutes)
        found = self.found()
        return replace(
            message, changes=changes, findings=found, meaning=meaning, setup_minutes=setup
        )

    def found(self) -> tuple[Finding, ...]:
        """What could not be planned, with what the last checked plan has no room for."""
        return self._found

    def message_of(self, bound: int | None, stage: str, amounts: Mapping[Goal, int]) -> PlanMessage:
        """A message with the search's numbers."""
        seconds = time.monotonic() - self.begun
        late, setup = amounts[Goal.LATENESS], amounts[Goal.SETUP]
        return PlanMessage(late, setup, bound, stage, seconds, amounts=amounts)

    def changes_of(self, solution: Solution) -> ChangeSet:
        """The plan as changes to the rows that came in, once the checker has accepted it.

        Raises:
            DomainError: ``plan_rejected`` if the checker finds a rule broken.
        """
        from domain.scheduling.build import bookings_from
        from domain.scheduling.check_facts import Facts
        from domain.scheduling.checks import check_plan
        from domain.scheduling.lateness import setup_of
        from domain.scheduling.overtime_rows import overtime_rows
        from domain.scheduling.standing import without_idle_alarms

        plan, made = self._made_by(solution)
        parts = self.problem_of(solution), solution, plan, self.scenario, uuid4
        bookings, overtime = bookings_from(*parts), overtime_rows(*parts)
        # The search counts what is left of a setup that has begun; people see the whole of it.
        setup = setup_of(Facts(plan, bookings, self.request.now_at, overtime))
        scenario = replace(
            self.scenario,
            weighted_lateness=solution.value,
            setup_minutes=setup,
            lower_bound=solution.bound,
        )
        changes = plan_changes(self.before, made, scenario, bookings, overtime)
        found = check_plan(
            self._as_checked(plan, changes),
            bookings,
            self.request.now_at,
            overtime,
            self.kept.in_force,
        )
        if errors := [finding for finding in found if finding.severity is Severity.ERROR]:
            first = errors[0]
            raise DomainError(REJECTED, *first.refs, count=len(errors), first=first)
        known = without_idle_alarms(self.findings, plan, bookings, self.request.now_at)
        self._found = (*known, *news_of(found, self.findings), *self._chosen(solution))
        return changes

    def _as_checked(self, plan: Plan, changes: ChangeSet) -> Plan:
        """What the checker looks at: the rows of a plan, or others with its changes."""
        del changes
        return plan

    def problem_of(self, solution: Solution) -> Problem:
        """Whose operations a plan's numbers are."""
        if self.choices is None or not solution.modes:
            return self.problem
        return self.choices.problem(solution.modes)

    def _made_by(self, solution: Solution) -> tuple[Plan, ChangeSet]:
        """What a plan is a plan of: its rows, and the changes that make them."""
        from domain.scheduling.chosen import chosen_plan, planning_changes

        if self.choices is None or not solution.modes:
            return self.plan, self.mrp
        plan = chosen_plan(self.plan, self.choices, solution.modes, self.request.now_at)
        return plan, planning_changes("plan", self.before, plan)

    def _chosen(self, solution: Solution) -> tuple[Finding, ...]:
        """What the plan makes otherwise than usual."""
        from domain.scheduling.chosen import chosen_findings

        if self.choices is None or not solution.modes:
            return ()
        return tuple(chosen_findings(self.choices, solution.modes))


def searched(run: Run, stop: Event, start: Solution | None = None) -> Solution:
    """The best plan that is found until time is up, or until told to stop; the run is told."""
    from domain.scheduling.engine import solve

    request = run.request
    with Telling(run.tell) as telling:
        return solve(
            run.problem,
            seconds=request.seconds,
            workers=request.workers,
            seed=request.seed,
            iterations=request.iterations,
            on_progress=telling.hear,
            should_stop=stop.is_set,
            start=start,
            goals=run.goals,
            choices=run.choices,
        )

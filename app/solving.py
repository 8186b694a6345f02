"""Planning in a process of its own: MRP, scheduling and the independent check, with progress.

The process gets rows and sends messages; it is started ahead of need, so that nobody waits for
compiled code to load. Stopping keeps the best plan found so far. The window and the command line
use the same process.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

from app.news import news_of
from app.parcels import Inbox, send
from app.plan_message import PlanMessage
from app.priority import give_way
from app.warming import Warmth
from domain.changes import Change, ChangeSet, Row, difference
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
REJECTED = "plan_rejected"
PREPARING = "preparing"
"""Stage of a message that says: the compiler is still at work, as once after an update."""
_logger = logging.getLogger(__name__)
_POLL_SECONDS = 0.05
_STOP_SECONDS = 2


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


class PlanningProcess:
    """A planning process that waits for requests and answers each with messages.

    ``run`` blocks; one request at a time. Use as a context manager or call ``close``. With
    ``gives_way`` other programs have the processor first, above all the window that waits for it.
    """

    def __init__(self, *, gives_way: bool = False) -> None:
        self._gives_way = gives_way
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self.warmth = Warmth(self._context)
        self._stop = self._context.Event()
        self._link, child = self._context.Pipe()
        self._inbox = Inbox(self._link)
        self._process = self._context.Process(
            target=_serve,
            args=(child, self._stop, self.warmth, self._gives_way),
            name="gantry-planning",
            daemon=True,
        )
        self._process.start()
        child.close()

    @property
    def is_preparing(self) -> bool:
        """Whether a request would have to wait for the compiler, as once after an update."""
        return not self.warmth.is_ready and self._process.is_alive()

    def run(
        self,
        rows: Iterable[Row],
        request: PlanRequest,
        on_message: Callable[[PlanMessage], object],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> PlanMessage:
        """Plan these rows; returns the last message.

        Raises:
            DomainError: ``planning_process_died`` if the process ended by itself.
        """
        if not self._process.is_alive():
            self._start()
        self._stop.clear()
        try:
            while self._link.poll():
                self._take()
            if not self.warmth.is_ready:
                on_message(PlanMessage(stage=PREPARING))
            send(self._link, list(rows), request)
            while True:
                if should_stop():
                    self._stop.set()
                message = self._take() if self._link.poll(_POLL_SECONDS) else None
                if message is None:
                    continue
                on_message(message)
                if message.is_last:
                    return message
        except (EOFError, OSError) as error:
            self._process.join(_STOP_SECONDS)
            code = self._process.exitcode
            raise DomainError("planning_process_died", exit_code=code) from error

    def _take(self) -> PlanMessage | None:
        """The next message, if it is whole."""
        found = self._inbox.take()
        if found is None:
            return None
        changes, message = cast("tuple[list[Change], PlanMessage]", found)
        return message.whole(tuple(changes))

    def close(self) -> None:
        """End the process, whatever it is doing: it holds nothing that could be lost."""
        self._link.close()
        self._process.terminate()
        self._process.join(_STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def __enter__(self) -> PlanningProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _serve(link: Connection, stop: Event, warmth: Warmth, gives_way: bool) -> None:
    """The process's whole life: warm up, then answer requests until the other side hangs up."""
    if gives_way:
        give_way()
    try:
        warmth.warm_up()
        outbox, inbox = Outbox(link), Inbox(link)
        while True:
            rows, request = cast("tuple[list[Row], PlanRequest]", inbox.take_all())
            outbox.send(_answer(Plan(rows), request, outbox, stop))
    except (EOFError, OSError):
        return


class Outbox:
    """Sends messages, with a plan's changes ahead of them in pieces."""

    def __init__(self, link: Connection) -> None:
        self._link = link

    def send(self, message: PlanMessage) -> None:
        """Send one message."""
        send(self._link, *message.apart())


def _answer(plan: Plan, request: PlanRequest, outbox: Outbox, stop: Event) -> PlanMessage:
    try:
        return request.new_run(plan, outbox).finish(stop)
    except DomainError as error:
        return PlanMessage(error=error, is_last=True)
    except Exception as error:
        _logger.exception("planning failed")
        what = f"{type(error).__name__}: {error}"
        return PlanMessage(error=DomainError("unexpected", what=what), is_last=True)


class Run:
    """One request being answered.

    If not ``is_held``, all is planned anew, whatever has begun or is frozen by the plan in force.
    """

    def __init__(
        self, plan: Plan, request: PlanRequest, outbox: Outbox, *, is_held: bool = True
    ) -> None:
        from domain.mrp import explode, mrp_changes
        from domain.scheduling.goals import goals_of
        from domain.scheduling.keeping import keep_begun
        from domain.scheduling.standing import short_orders

        self.begun = time.monotonic()
        self.request = request
        self.outbox = outbox
        self.before = plan
        explosion = explode(plan, request.now_at, uuid4, self._held_work())
        self.mrp = mrp_changes(plan, explosion)
        self.plan = plan.copy()
        self.plan.apply(self.mrp)
        self.scenario = self._scenario()
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
        self.choices = self._new_choices(short, frozen)
        self.findings = (*explosion.findings, *self.problem.findings, *self.kept.findings)
        self._found = self.findings
        self._told_at = self._planned_at = 0.0

    def _held_work(self) -> Collection[UUID]:
        """Standing work orders that keep their material."""
        return ()

    def _kept_overtime(self) -> Collection[OvertimeShift] | None:
        """The overtime that stays open; None: what work needs that must not be moved."""
        return None

    def _new_choices(self, short: Collection[UUID], frozen_minutes: int) -> Choices | None:
        """What of the work may be made in more than one way."""
        from domain.scheduling.choices import choices_of

        return choices_of(
            self.plan,
            self.request.now_at,
            profile=self.request.profile,
            scenario=self.before.published(),
            short=short,
            before=self.before,
            frozen_minutes=frozen_minutes,
            begun=self.problem.begun,
        )

    def _scenario(self) -> Scenario:
        present = self.before.published()
        if present is not None:
            return replace(present, now_at=self.request.now_at)
        return Scenario(
            id=uuid4(),
            plant_id=self.before.home_plant().id,
            name=self.request.scenario_name,
            published=True,
            now_at=self.request.now_at,
        )

    def finish(self, stop: Event) -> PlanMessage:
        """Search until told to stop, and give the best plan.

        A plan that breaks a rule is none: then it is the last that was shown, or what has begun is
        let go, so that there is a plan at all.
        """
        from domain.scheduling.engine import solve

        best = solve(
            self.problem,
            seconds=self.request.seconds,
            workers=self.request.workers,
            seed=self.request.seed,
            iterations=self.request.iterations,
            on_progress=self.tell,
            should_stop=stop.is_set,
            goals=self.goals,
            choices=self.choices,
        )
        done = self.message_of(best.bound, "done", best.amounts)
        try:
            return replace(done, changes=self.changes_of(best), findings=self.found(), is_last=True)
        except DomainError as error:
            if error.code != REJECTED:
                raise
            _logger.warning("a plan was rejected: %s", error.params["first"])
            if self._sound.changes is not None:
                return replace(self._sound, stage="done", is_last=True)
            if not self.is_held or self.before.published() is None:
                raise
        return Run(self.before, self.request, self.outbox, is_held=False).finish(stop)

    def tell(self, progress: Progress) -> None:
        """Pass the search's numbers on, and a better plan now and then; called by the search."""
        now = time.monotonic()
        plan_is_due = self._planned_at == 0 or now - self._planned_at >= 1 / PLANS_A_SECOND
        better = progress.solution if plan_is_due else None
        if better is None and now - self._told_at < 1 / MESSAGES_A_SECOND:
            return
        self._told_at = now
        message = self.message_of(progress.bound, progress.stage, progress.amounts)
        if better is not None:
            self._planned_at = now
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
        self._sound = replace(message, changes=changes, findings=self.found())
        return self._sound

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
        from domain.scheduling.checks import check_plan
        from domain.scheduling.overtime_rows import overtime_rows
        from domain.scheduling.standing import without_idle_alarms

        problem, plan, made = self._made_by(solution)
        parts = problem, solution, plan, self.scenario, uuid4
        bookings, overtime = bookings_from(*parts), overtime_rows(*parts)
        scenario = replace(
            self.scenario,
            weighted_lateness=solution.value,
            setup_minutes=solution.setup_minutes,
            lower_bound=solution.bound,
        )
        stored = self.before.get(Scenario, scenario.id)
        head = Change.update(stored, scenario) if stored else Change.insert(scenario)
        deleted = {change.row.id for change in made if change.after is None}
        old = self.before.where(Booking, scenario_id=scenario.id)
        booked = difference("plan", [one for one in old if one.id not in deleted], bookings)
        old_overtime = self.before.where(OvertimeShift, scenario_id=scenario.id)
        opened = difference("plan", old_overtime, overtime)
        changes = ChangeSet("plan", (*made, head, *booked, *opened))
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

    def _made_by(self, solution: Solution) -> tuple[Problem, Plan, ChangeSet]:
        """What a plan is a plan of: its problem, its rows, and the changes that make them."""
        from domain.scheduling.chosen import chosen_plan, planning_changes

        if self.choices is None:
            return self.problem, self.plan, self.mrp
        plan = chosen_plan(self.plan, self.choices, solution.modes, self.request.now_at)
        problem = self.choices.problem(solution.modes)
        return problem, plan, planning_changes("plan", self.before, plan)

    def _chosen(self, solution: Solution) -> tuple[Finding, ...]:
        """What the plan makes otherwise than usual."""
        from domain.scheduling.chosen import chosen_findings

        return tuple(chosen_findings(self.choices, solution.modes)) if self.choices else ()

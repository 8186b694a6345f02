"""Offers to mend a plan, made in the planning process: pushed, repaired locally, planned anew."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import partial
from multiprocessing.synchronize import Event
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from typing_extensions import override

from app.meaning import Meaning, meaning_of
from app.plan_message import MendMessage, Outbox, PlanMessage
from app.plan_run import PlanRequest, Run, searched, with_time_left
from domain.changes import ChangeSet
from domain.errors import DomainError, Finding
from domain.happenings import Happening, HappeningKind, in_one, named, rows_of
from domain.items import Item
from domain.mend_offers import Figures, MendOffer, RushEnd, Way
from domain.objectives import Goal
from domain.orders import OrderLine
from domain.plan import Plan
from domain.scenarios import Booking, OvertimeShift, Scenario

if TYPE_CHECKING:  # the engine is loaded by the planning process alone
    from domain.scheduling.engine import Progress
    from domain.scheduling.problem import Problem, Solution

LOCAL_SECONDS = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class MendRequest(PlanRequest):
    """What happened, and as in a planning request how long to plan all anew."""

    happening: Happening

    @override
    def new_run(self, plan: Plan, outbox: Outbox) -> MendRun:
        return MendRun(plan, self, outbox)


class MendRun(Run):
    """One repair being worked out."""

    def __init__(
        self,
        plan: Plan,
        request: MendRequest,
        outbox: Outbox,
        *,
        is_held: bool = True,
    ) -> None:
        if plan.published() is None:
            raise DomainError("nothing_to_mend")
        from domain.scheduling.mend_rows import ordered_late, with_proposals_firm

        self._stored, what = plan, request.happening
        self._named = {"kind": what.kind, "name": named(plan, what)}
        happened = rows_of(plan, request.happening, uuid4, _left(plan, request))
        after = plan.copy()
        after.apply(happened)
        late = ordered_late(after, request.now_at)
        after.apply(late)
        self.happened = in_one(happened, late, label=happened.label)
        is_rush = request.happening.kind is HappeningKind.RUSH
        rows = (change.row for change in happened if is_rush)
        self._rush = next((row for row in rows if isinstance(row, OrderLine)), None)
        super().__init__(with_proposals_firm(after), request, outbox, is_held=is_held)
        if self._rush is not None and self._rush.id not in self.problem.line_ids:
            raise _unplanned(self.plan, self._rush, self.findings)
        self._missing = set(Way)
        """The ways of which no plan has passed the checker; what another has found is theirs, too,
        but for pushing, which tells what it would have to move."""
        self._passed: tuple[MendOffer, Meaning] | None = None
        self._let_go = partial(_anew, plan, request, outbox, self.begun)
        self._offered_at = 0.0
        self._best: Solution | None = None
        self._shown: Solution | None = None

    @override
    def _held_work(self) -> Collection[UUID]:
        """What has begun, is frozen or locked is not robbed of what it is made of."""
        from domain.scheduling.begun_orders import held_orders

        return held_orders(self.before, self.request.now_at)

    @override
    def _lent_work(self) -> Collection[UUID]:
        """What is made next in any case serves a rush, for which nothing could be made sooner."""
        from domain.scheduling.begun_orders import next_orders

        return next_orders(self.before, self.request.now_at)

    @override
    def _kept_overtime(self) -> Collection[OvertimeShift]:
        """All that the plan in force has opened: a repair sends nobody home."""
        from domain.scheduling.overtime_rows import allowed_overtime

        now_at = self.request.now_at.replace(second=0, microsecond=0)
        return allowed_overtime(self.plan, self.scenario, now_at)

    @override
    def _as_checked(self, plan: Plan, changes: ChangeSet) -> Plan:
        """The rows that would be stored: those that a repair is made of are held firm."""
        after = self._stored.copy()
        after.apply(in_one(self.happened, changes, label="mend_plan"))
        return after

    @override
    def finish(self, stop: Event) -> PlanMessage:
        """Push, repair locally, then plan anew, until told to stop: then nothing more is begun.

        Only planning anew chooses how new work is made; what is planned already is made as planned.
        """
        self._bookings = self.before.where(Booking, scenario_id=self.scenario.id)
        # As it was seen: a rush order is not in it.
        self._before = _figures_before(self._stored, self._bookings, self.request.now_at)
        if not stop.is_set():
            self._work_out(stop)
        passed = self._passed
        if passed is None and self.is_held and not stop.is_set():
            return self._let_go().finish(stop)  # rather a plan that lets go than none
        # Where only the push was tried before a stop, it is no answer of the other ways.
        if passed is not None and not (stop.is_set() and passed[0].way is Way.PUSH):
            for way in self._missing - {Way.PUSH}:
                self.outbox.send(self._message(replace(passed[0], way=way), passed[1]))
        return MendMessage(stage="done", findings=self.found(), is_last=True)

    def _work_out(self, stop: Event) -> None:
        """One way after the other; what is under way when told to stop is offered as it is."""
        from domain.scheduling.mend import mend

        request, pushed = self.request, self._push()
        is_sound = self._offer(Way.PUSH, pushed)
        # Told first: to lay the choices out takes longer than to push.
        if not stop.is_set() and self.open_choices():
            pushed = self._push()  # the same, by the other order of the work
        if stop.is_set():
            return
        mended = mend(
            self.problem,
            self._present,
            seconds=LOCAL_SECONDS,
            workers=request.workers,
            seed=request.seed,
            iterations=request.iterations,
            should_stop=stop.is_set,
            pushed=pushed,
        )
        if not (is_sound or stop.is_set()):
            self._offer(Way.PUSH, mended.pushed)
        self._offer(Way.LOCAL, mended.plan)
        if not stop.is_set():
            self._plan_anew(mended.plan, stop)

    def _push(self) -> Solution:
        """The plan in force, as it is booked and then pushed."""
        from domain.scheduling.presence import present_of

        self._present = present_of(self.problem, self._bookings)
        has_rush = self._rush is not None
        return _pushed(self.problem, self.plan, self.scenario, self._present, has_rush=has_rush)

    def _plan_anew(self, start: Solution, stop: Event) -> None:
        """Go on from a plan with all that is free, and offer the best in the end."""
        self._best = self._shown = self.goals.finished(start)
        self._keep(searched(self, stop, start))
        if self._best is not self._shown or Way.GLOBAL in self._missing:
            self._offer(Way.GLOBAL, self._best)

    @override
    def tell(self, progress: Progress) -> None:
        """Offer a better plan now and then; called beside the search."""
        now = time.monotonic()
        if progress.solution is not None:
            self._keep(progress.solution)
        best, is_due = self._best, now - self._offered_at >= 1.0
        if best is not None and best is not self._shown and is_due:
            self._shown = best
            self._offer(Way.GLOBAL, best)
            self._offered_at = time.monotonic()
        elif now - self._told_at >= 0.1:
            self._told_at = now
            message = self.message_of(progress.bound, progress.stage, progress.amounts)
            self.outbox.send(_as_mend(message))

    def _keep(self, found: Solution) -> None:
        """Take a plan if it is better than the best; never a worse one."""
        if self._best is None or self._key(found) < self._key(self._best):
            self._best = found

    def _key(self, solution: Solution) -> tuple[int, ...]:
        return (self.choices.goals(solution.modes) if self.choices else self.goals).key(solution)

    def _offer(self, way: Way, solution: Solution) -> bool:
        """Send a plan if it passes the checker, else why it does not."""
        try:
            planned = self.changes_of(solution)
        except DomainError as error:
            if way in self._missing:  # else an earlier offer holds
                self.outbox.send(self._message(MendOffer(way, error=as_told(error))))
            return False
        changes = in_one(self.happened, planned, label="mend_plan", **self._named)
        after = self._stored.copy()
        after.apply(changes)
        bookings = after.where(Booking, scenario_id=self.scenario.id)
        meaning = meaning_of(after, bookings, self.request.now_at)
        offer = MendOffer(
            way,
            _figures(meaning),
            self._moved(solution),
            changes,
            held_moved=sum(each.code == "held_had_to_move" for each in self.found())
            + self.kept.lost,
            rush=_rush_end(after, self.scenario, self._rush),
            chosen=self._chosen(solution),
        )
        self.outbox.send(self._message(offer, meaning))
        self._missing.discard(way)
        self._passed = offer, meaning
        return True

    def _moved(self, solution: Solution) -> int:
        """How many operations start over an hour from where they are booked."""
        from domain.scheduling.mend import is_moved
        from domain.scheduling.presence import present_of

        problem, present = self.problem_of(solution), self._present
        if problem is not self.problem:  # whose operations have other numbers
            present = present_of(problem, self._bookings)
        return int(is_moved(present, solution).sum())

    def _message(self, offer: MendOffer, meaning: Meaning | None = None) -> MendMessage:
        return MendMessage(
            stage=offer.way.value,
            seconds=time.monotonic() - self.begun,
            changes=offer.changes,
            findings=self.found(),
            meaning=meaning,
            offer=offer,
            before=self._before,
        )


def _unplanned(plan: Plan, rush: OrderLine, findings: Collection[Finding]) -> DomainError:
    """Offers that leave the rush order out would be none: why there are no others."""
    from domain.scheduling.rushes import why_unplanned

    item, why = plan.need(Item, rush.item_id).code, why_unplanned(plan, rush, findings)
    return DomainError("rush_unplanned", rush.item_id, item=item, why=why)


def _pushed(
    problem: Problem, plan: Plan, scenario: Scenario, present: Solution, *, has_rush: bool
) -> Solution:
    """The plan in force, pushed.

    A rush order may come in where there is no work at all: then there is nothing to push.
    """
    from domain.scheduling.hits import hit_by
    from domain.scheduling.keeping import pushed_from
    from domain.scheduling.reseat import Reseat

    pushed = pushed_from(problem, plan, scenario, 60 * plan.home_plant().frozen_hours)
    if pushed is None and not has_rush:
        raise DomainError("plan_missing")
    return pushed or Reseat(problem, present).reseat(hit_by(problem, present))[0]


def _figures(meaning: Meaning) -> Figures:
    """What a plan costs."""
    fates, amounts = meaning
    late = sum(fate.late_minutes > 0 for fate in fates.values())
    return Figures(amounts.get(Goal.LATENESS, 0), late, amounts.get(Goal.SETUP, 0))


def _figures_before(plan: Plan, bookings: Collection[Booking], now_at: datetime) -> Figures:
    """The same of the plan in force; why a line is late is not asked, which takes the longest."""
    from domain.scheduling.lateness import plan_totals

    totals = plan_totals(plan, bookings, now_at)
    return Figures(totals.weighted_lateness, totals.late_lines, totals.setup_minutes)


def _rush_end(after: Plan, scenario: Scenario, rush: OrderLine | None) -> RushEnd | None:
    """When the rush order is ready, as all windows will tell it."""
    from domain.scheduling.rushes import rush_end

    return None if rush is None else rush_end(after, scenario, rush, scenario.now_at)


def _left(plan: Plan, request: MendRequest) -> Fraction:
    """What is left of what another pace holds for, as a share."""
    from domain.scheduling.begun import share_left

    what = request.happening
    if what.kind is not HappeningKind.PACE:
        return Fraction(1)
    return share_left(plan, plan.published(), request.now_at, what.subject_id)


def _anew(plan: Plan, request: MendRequest, outbox: Outbox, begun: float) -> MendRun:
    """The run that lets go of what has begun, in the time that is left."""
    return MendRun(plan, with_time_left(request, begun), outbox, is_held=False)


def _as_mend(message: PlanMessage) -> MendMessage:
    return MendMessage(
        message.weighted_lateness,
        message.setup_minutes,
        message.lower_bound,
        message.stage,
        message.seconds,
        amounts=message.amounts,
    )


def as_told(error: DomainError) -> DomainError:
    """Why there is no such offer: that it would move what has to stay is no fault to report."""
    from domain.scheduling.check_held import HELD

    first = error.params.get("first")
    if isinstance(first, Finding) and first.code in HELD:
        return DomainError("held_in_the_way", *error.refs, first=first)
    return error

"""Time goes by, something happens, and there is a plan again: what has begun or is held goes on."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from app import plan_run
from app.exchange.samples.machining import machining
from app.mend_run import MendRequest
from app.plan_message import MendMessage, PlanMessage
from app.plan_run import PlanRequest
from domain.errors import DomainError, Finding, Severity
from domain.happenings import Happening, HappeningKind
from domain.mend_offers import MendOffer, Way
from domain.mrp import mrp_changes
from domain.objectives import ON_TIME, OVERTIME
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import Peg, PlannedOrder, WorkOrder
from domain.resources import Machine
from domain.scenarios import Booking, LockLevel
from domain.scheduling import checks, engine
from domain.scheduling.begun_orders import begun_firm
from tests.builders import NOW, at
from tests.domain.scheduling.test_begun import two_machines
from tests.factories import RandomFactory
from widgets.text import finding_text

MINUTE = timedelta(minutes=1)
LAWS = ({}, {"has_batches": True}, {"has_overtime": True}, {"has_limits": True})

HELD = ("begun_moved", "frozen_moved", "time_lock_moved")


class Link:
    def __init__(self) -> None:
        self.sent: list[PlanMessage] = []

    def send(self, message: PlanMessage) -> None:
        self.sent.append(message)


def answer(plan: Plan, request: PlanRequest) -> tuple[list[PlanMessage], PlanMessage]:
    """All that a request is answered with, and the last of it."""
    link = Link()
    last = request.new_run(plan, link).finish(threading.Event())
    return link.sent, last


def planned_at(plan: Plan, now_at: datetime, *, has_overtime: bool = False) -> PlanMessage:
    profile = OVERTIME if has_overtime else ON_TIME
    request = PlanRequest(now_at, seconds=60, workers=1, iterations=2, profile=profile)
    return answer(plan, request)[1]


def offers(plan: Plan, now_at: datetime, happening: Happening) -> dict[Way, MendOffer]:
    request = MendRequest(now_at, seconds=60, workers=1, iterations=2, happening=happening)
    sent, _ = answer(plan, request)
    found = (message.offer for message in sent if isinstance(message, MendMessage))
    return {offer.way: offer for offer in found if offer is not None}


def in_force(seed: int, wishes: dict[str, bool]) -> Plan | None:
    """A random factory with its plan; None: there is nothing to be done on its machines."""
    plan = RandomFactory(seed, **wishes).plan()
    found = planned_at(plan, NOW, has_overtime="has_overtime" in wishes)
    assert found.changes is not None
    plan.apply(found.changes)
    return plan if any(row.machine_id for row in plan.table(Booking).values()) else None


def stop_of(machine_id, start_at: datetime, minutes: int) -> Happening:
    end_at = start_at + minutes * MINUTE
    return Happening(HappeningKind.BREAKDOWN, machine_id, start_at=start_at, end_at=end_at)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(LAWS), st.sampled_from([0, 24]))
def test_after_any_time_and_whatever_happens_there_is_a_plan_that_keeps_the_rules(
    seed, wishes, frozen_hours
) -> None:
    # What the checker rejects is never shown: so each answer has to be a plan.
    plan, random = in_force(seed, wishes), Random(seed)
    if plan is None:
        return
    rows = [row for row in plan.table(Booking).values() if row.machine_id]
    row = random.choice(rows)
    now_at = row.setup_start_at + random.random() * (row.end_at - row.setup_start_at)
    now_at = max(NOW, now_at.replace(second=0, microsecond=0))
    plan.put(replace(plan.home_plant(), frozen_hours=frozen_hours))
    anew = planned_at(plan, now_at, has_overtime="has_overtime" in wishes)
    assert anew.changes is not None
    hit = random.choice([one for one in rows if one.end_at >= now_at])
    what = stop_of(hit.machine_id, max(now_at, hit.setup_start_at), random.randint(30, 1500))
    if hit.operator_ids and random.random() < 0.5:
        what = replace(what, kind=HappeningKind.ABSENCE, subject_id=hit.operator_ids[0])
    event(what.kind.value)
    found = offers(plan, now_at, what)
    assert found.keys() == set(Way)
    for way, offer in found.items():
        assert offer.error is None or (way is Way.PUSH and _moves_held(offer.error))


def _moves_held(error: DomainError) -> bool:
    """Whether a plan that only pushes is refused because it moves what has to stay, by name."""
    first = error.params["first"]
    return isinstance(first, Finding) and first.code in HELD


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(LAWS))
def test_a_repair_touches_nothing_that_is_frozen_or_locked_and_not_hit(seed, wishes) -> None:
    # Frozen is the first day, and one more operation has its time. The machine stops after that.
    plan, random = in_force(seed, wishes), Random(seed)
    if plan is None:
        return
    plan.put(replace(plan.home_plant(), frozen_hours=24))
    rows = [row for row in plan.table(Booking).values() if row.machine_id]
    locked = replace(random.choice(rows), lock=LockLevel.TIME)
    plan.put(locked)
    batches = {row.batch for row in rows if row.setup_start_at < at(1440)} | {locked.batch}
    held = [row for row in rows if row.batch in batches and row.end_at > row.run_start_at]
    stop_at = max(row.end_at for row in rows if row.batch in batches)
    what = stop_of(random.choice(rows).machine_id, stop_at, random.randint(30, 1500))
    event(f"{len(held)} held")
    for way, offer in offers(plan, NOW, what).items():
        if offer.error is not None and way is Way.PUSH:
            assert _moves_held(offer.error)
            continue
        assert offer.error is None
        after = plan.copy()
        after.apply(offer.changes)
        moved = [row for row in held if _place(after.need(Booking, row.id)) != _place(row)]
        event(f"{len(moved)} had to move: parts went to others")
        assert len(moved) <= offer.held_moved


def _place(row: Booking) -> tuple[object, datetime]:
    return row.machine_id, row.run_start_at


def rejecting(monkeypatch: pytest.MonkeyPatch, is_rejected) -> None:
    """Let the checker reject plans: the first, the second … as is said."""
    asked: list[bool] = []

    def check(plan, bookings, now_at, overtime=None, in_force=()) -> list[Finding]:
        asked.append(is_rejected(len(asked), list(in_force)))
        return [Finding("machine_overlap", Severity.ERROR)] if asked[-1] else []

    monkeypatch.setattr(checks, "check_plan", check)


def test_the_first_plan_shown_is_the_one_in_force() -> None:
    # Rules would not swap the machines; whoever stops at once finds everything where it was.
    plan, machine = two_machines(900)
    (other,) = (row for row in plan.table(Machine).values() if row != machine)
    for row in list(plan.table(Booking).values()):
        is_first = row.machine_id == machine.id
        plan.put(replace(row, machine_id=other.id if is_first else machine.id))
    sent, _ = answer(plan, PlanRequest(NOW, seconds=60, workers=1, iterations=1))
    first = next(message for message in sent if message.changes is not None)
    assert first.stage == "start"
    assert first.changes is not None
    after = plan.copy()
    after.apply(first.changes)
    rows = plan.table(Booking).values()
    assert [_place(after.need(Booking, row.id)) for row in rows] == [_place(row) for row in rows]


def test_what_the_checker_rejects_is_planned_anew_and_held_to_nothing(monkeypatch) -> None:
    rejecting(monkeypatch, lambda _, in_force: bool(in_force))
    plan = two_machines(900)[0]
    found = planned_at(plan, at(400))
    assert found.changes is not None
    assert "nothing_held" in [each.code for each in found.findings]


def test_a_last_plan_that_is_rejected_does_not_cost_the_one_before(monkeypatch) -> None:
    monkeypatch.setattr(plan_run, "PLANS_A_SECOND", 1e9)
    rejecting(monkeypatch, lambda number, _: number > 0)
    plan = two_machines(900)[0]
    request = PlanRequest(NOW, seconds=60, workers=1, iterations=2)
    sent, last = answer(plan, request)
    shown = [message.changes for message in sent if message.changes is not None]
    assert last.changes == shown[-1]
    assert last.is_last
    told = last.findings[-1]
    assert told.code == "better_plan_refused"
    first = finding_text(Finding("machine_overlap", Severity.ERROR))
    assert first in finding_text(told)


@pytest.mark.parametrize(("asked", "least"), [(0.01, 1), (900, 500)])
def test_what_is_planned_anew_takes_only_the_time_that_is_left(monkeypatch, asked, least) -> None:
    searched: list[float] = []
    honest = engine.solve

    def solve(*args, seconds, **options):
        searched.append(seconds)
        return honest(*args, seconds=seconds, **options)

    monkeypatch.setattr(engine, "solve", solve)
    rejecting(monkeypatch, lambda _, in_force: bool(in_force))
    request = PlanRequest(at(400), seconds=asked, workers=1, iterations=2)
    assert answer(two_machines(900)[0], request)[1].changes is not None
    assert searched[0] == asked
    assert least <= searched[1] < max(asked, 60)


def test_where_no_plan_keeps_the_rules_it_is_said(monkeypatch) -> None:
    rejecting(monkeypatch, lambda *_: True)
    with pytest.raises(DomainError) as refused:
        planned_at(two_machines(900)[0], at(400))
    assert refused.value.code == "plan_rejected"


def test_a_new_plan_leaves_begun_orders_alone_when_more_is_wanted() -> None:
    plan = two_machines(900)[0]
    orders, rows = plan.copy().table(WorkOrder), list(plan.table(Booking).values())
    for line in list(plan.table(OrderLine).values()):
        plan.put(replace(line, quantity=line.quantity + 1))
    found = planned_at(plan, at(400))
    assert not [change for change in found.changes or () if change.row.id in orders]
    plan.apply(found.changes)
    assert [_place(plan.need(Booking, row.id)) for row in rows] == [_place(row) for row in rows]
    # Each of them stays with its line, which needs one more.
    assert [order.quantity for order in plan.table(WorkOrder).values()] == [1, 1, 1, 1]


def test_as_time_goes_by_no_order_of_a_real_factory_takes_anothers_work_or_parts() -> None:
    plan = machining()
    planned = answer(plan, PlanRequest(NOW, seconds=0))[1]
    assert planned.changes is not None
    plan.apply(planned.changes)
    for now_at in (at(1), at(60), at(360)):
        begun = begun_firm(plan, now_at)
        assert begun.orders
        changes = mrp_changes(begun.plan, begun.explode(now_at, uuid4))
        assert not [change for change in changes if isinstance(change.row, Peg)]
        assert {type(change.row) for change in changes} <= {PlannedOrder, WorkOrder}
        made = [change for change in changes if isinstance(change.row, WorkOrder)]
        assert all(each.before and each.after for each in made)
        assert {each.before.quantity - each.after.quantity for each in made} <= {0}


@pytest.mark.parametrize("now", [0, 60])
def test_of_two_held_operations_that_overlap_the_plan_moves_one(now: int) -> None:
    # Both are booked on A by now, from 0 to 900 and from 200 to 1100, and frozen for a day. At 60
    # the first has begun.
    plan, machine = two_machines(900)
    plan.put(replace(plan.home_plant(), frozen_hours=24))
    first, second = sorted(
        plan.table(Booking).values(), key=lambda row: row.machine_id != machine.id
    )
    times = {"setup_start_at": at(200), "run_start_at": at(200), "end_at": at(1100)}
    plan.put(replace(second, machine_id=machine.id, **times))
    found = planned_at(plan, at(now))
    codes = [each.code for each in found.findings]
    assert (codes.count("held_had_to_move"), codes.count("nothing_held")) == (1, 0)
    plan.apply(found.changes)
    starts = {plan.need(Booking, row.id).run_start_at for row in (first, second)}
    assert starts in ({NOW, at(900)}, {at(200), at(1100)})
    assert now == 0 or plan.need(Booking, first.id).run_start_at == NOW

"""The planning process: what it says, how it stops, and that no plan leaves it unchecked."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import parcels, plan_run, solving
from app.meaning import meaning_of
from app.mend_run import MendRequest
from app.plan_message import MendMessage, PlanMessage
from app.plan_run import PlanRequest, Run
from app.solving import PlanningProcess
from domain.changes import Row
from domain.errors import DomainError
from domain.happenings import Happening, HappeningKind
from domain.mend_offers import Way
from domain.objectives import OVERTIME
from domain.plan import Plan
from domain.production import Operation, WorkStatus
from domain.resources import Machine
from domain.scenarios import Booking, Scenario
from domain.scheduling import build, keeping
from domain.scheduling.lateness import plan_totals
from tests.app.conftest import FIRST_LOOK
from tests.app.exchange.books import loaded
from tests.builders import (
    NOW,
    TODAY,
    make_bom_line,
    make_calendar,
    make_item,
    make_machine,
    make_operation,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
    make_week,
    make_work_order,
)
from tests.factories import RandomFactory

REQUEST = PlanRequest(NOW, seconds=60, workers=1, scenario_name="Plan")
STEPS = replace(REQUEST, iterations=3, seed=7)


@pytest.fixture(scope="module")
def process() -> Iterator[PlanningProcess]:
    with PlanningProcess() as process:
        yield process


@pytest.fixture(scope="module")
def factory() -> Plan:
    return loaded(FIRST_LOOK)


def small() -> list[Row]:
    """One machine, one item, three orders: planned in no time."""
    machine, item = make_machine(), make_item()
    step = make_routing_operation(item)
    lines = [make_order_line(item, 5, line=str(at)) for at in range(3)]
    return list(make_plan(machine, item, step, make_routing_machine(step, machine), lines).rows())


class Listening:
    """Keeps what the process says, and when."""

    def __init__(self) -> None:
        self.messages: list[tuple[float, PlanMessage]] = []
        self.first_plan = threading.Event()

    def __call__(self, message: PlanMessage) -> None:
        self.messages.append((time.monotonic(), message))
        if message.changes is not None:
            self.first_plan.set()


def test_plans_come_with_what_they_mean(process: PlanningProcess, factory: Plan) -> None:
    """The window need not work out the fate of order lines that the planner knows already."""
    heard = Listening()
    last = process.run(factory.rows(), STEPS, heard)
    with_plan = [message for _, message in heard.messages if message.changes is not None]
    assert len(with_plan) > 1
    for message in (*with_plan, last):
        after = factory.copy()
        after.apply(message.changes)
        assert message.meaning == meaning_of(after, after.table(Booking).values(), NOW)
        assert len(message.meaning[0]) > 30


def test_offers_come_with_what_they_mean(process: PlanningProcess, factory: Plan) -> None:
    plan = planned(process, factory)
    machine = next(iter(plan.table(Machine)))
    happening = Happening(HappeningKind.BREAKDOWN, machine, NOW, NOW + timedelta(hours=8))
    heard = Listening()
    process.run(plan.rows(), mending(happening), heard)
    offers = [each for _, each in heard.messages if isinstance(each, MendMessage) and each.offer]
    assert {message.offer.way for message in offers} == set(Way)
    for message in offers:
        after = plan.copy()
        after.apply(message.offer.changes)
        assert message.meaning == meaning_of(after, after.table(Booking).values(), NOW)


def test_plans_are_kept_as_they_come_and_what_went_before_is_looked_for_once(
    process: PlanningProcess, factory: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bool] = []

    def keep(*, looks_first: bool) -> None:
        looked.append(looks_first)

    monkeypatch.setattr(solving, "keep_what_is_new", keep)
    plan = planned(process, factory)
    assert looked[0]
    assert len(looked) > 1
    assert not any(looked[1:])
    looked.clear()
    machine = next(iter(plan.table(Machine)))
    happening = Happening(HappeningKind.BREAKDOWN, machine, NOW, NOW + timedelta(hours=8))
    process.run(plan.rows(), mending(happening), Listening())
    assert looked[0]
    assert len(looked) > 1
    assert not any(looked[1:])


def test_planning_again_for_a_moment_gives_no_worse_plan_than_there_is(
    process: PlanningProcess, factory: Plan
) -> None:
    plan = planned(process, factory, iterations=40)
    heard = Listening()
    last = process.run(plan.rows(), replace(STEPS, iterations=1, seed=11), heard)
    before = plan.published()
    assert before is not None
    assert last.weighted_lateness <= before.weighted_lateness


def planned(process: PlanningProcess, factory: Plan, *, iterations: int = 3) -> Plan:
    """The factory with a plan in force."""
    last = process.run(factory.rows(), replace(STEPS, iterations=iterations), Listening())
    assert last.changes is not None
    plan = factory.copy()
    plan.apply(last.changes)
    return plan


def mending(happening: Happening) -> MendRequest:
    return MendRequest(
        NOW, 60, workers=1, scenario_name="Plan", iterations=3, seed=7, happening=happening
    )


def test_messages_are_few_plans_fewer_and_the_last_is_the_best(
    process: PlanningProcess, factory: Plan
) -> None:
    heard = Listening()
    last = process.run(factory.rows(), replace(REQUEST, seconds=2.5), heard)
    assert last.is_last
    assert last.error is None
    assert 3 <= len(heard.messages) <= 2.5 * plan_run.MESSAGES_A_SECOND + 10
    plans = [message for _, message in heard.messages if message.changes is not None]
    assert len(plans) <= 5
    values = [message.weighted_lateness for message in plans]
    assert values == sorted(values, reverse=True)
    assert last.lower_bound is not None
    assert last.lower_bound <= last.weighted_lateness


def test_the_plan_said_is_the_plan_meant(process: PlanningProcess, factory: Plan) -> None:
    last = process.run(factory.rows(), STEPS, lambda _message: None)
    plan = factory.copy()
    plan.apply(last.changes)
    scenario = plan.published()
    bookings = plan.where(Booking, scenario_id=scenario.id)
    assert len(bookings) == len(plan.table(Operation))
    totals = plan_totals(plan, bookings, NOW)
    assert totals.weighted_lateness == last.weighted_lateness == scenario.weighted_lateness
    assert totals.setup_minutes == last.setup_minutes == scenario.setup_minutes
    assert scenario.name == "Plan"


def test_the_same_seed_and_steps_give_the_same_plan(
    process: PlanningProcess, factory: Plan
) -> None:
    def plan() -> set[Any]:
        last = process.run(factory.rows(), STEPS, lambda _message: None)
        shown = factory.copy()
        shown.apply(last.changes)
        return {
            (b.machine_id, b.setup_start_at, b.run_start_at, b.end_at, b.operator_ids)
            for b in shown.table(Booking).values()
        }

    assert plan() == plan()


def test_planning_again_keeps_the_rows_that_stay(process: PlanningProcess) -> None:
    rows = small()
    plan = Plan(rows)
    plan.apply(process.run(rows, STEPS, lambda _message: None).changes)
    again = process.run(plan.rows(), STEPS, lambda _message: None)
    kinds = {change.kind for change in again.changes}
    assert kinds <= {Scenario}
    assert all(change.before is not None for change in again.changes)


def test_stopping_keeps_the_best_plan_and_is_quick(process: PlanningProcess, factory: Plan) -> None:
    heard, asked = Listening(), 0.0

    def should_stop() -> bool:
        nonlocal asked
        if heard.first_plan.is_set() and not asked:
            asked = time.monotonic()
        return bool(asked)

    last = process.run(factory.rows(), REQUEST, heard, should_stop)
    assert last.changes is not None
    assert last.seconds < 30  # of the sixty it might have searched
    after = [at for at, message in heard.messages if at > asked and not message.is_last]
    assert len(after) < 20


def test_nothing_to_plan_is_a_plan_without_bookings(process: PlanningProcess) -> None:
    last = process.run(make_plan().rows(), STEPS, lambda _message: None)
    assert last.error is None
    assert {change.kind for change in last.changes} == {Scenario}


def test_what_cannot_be_planned_is_told_and_the_rest_is_planned(
    process: PlanningProcess,
) -> None:
    orphan = make_item(code="ORPHAN")
    line = make_order_line(orphan, order_number="SO-9")
    last = process.run([*small(), orphan, line], STEPS, lambda _message: None)
    assert last.changes is not None
    assert any(orphan.id in f.refs or line.id in f.refs for f in last.findings)


def test_a_process_that_was_killed_is_told_and_the_next_run_works(factory: Plan) -> None:
    with PlanningProcess() as process:
        heard = Listening()

        def kill() -> None:
            if heard.first_plan.wait(120):
                process._process.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(DomainError) as caught:
            process.run(factory.rows(), REQUEST, heard)
        killer.join()
        assert caught.value.code == "planning_process_died"
        last = process.run(small(), STEPS, lambda _message: None)
        assert last.changes is not None


def test_the_process_ends_when_the_other_side_hangs_up(factory: Plan) -> None:
    """A window that crashes leaves no process behind that plans for nobody."""
    process = PlanningProcess()
    parcels.send(process._link, list(factory.rows()), replace(REQUEST, seconds=600))
    message = None
    while message is None or message.changes is None:
        message = process._take()
    process._link.close()
    process._process.join(10)
    assert process._process.exitcode == 0


def test_a_long_plan_comes_in_pieces_and_whole(
    process: PlanningProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No piece holds the window up for long; one that is lost would leave a plan with gaps."""
    plan = loaded(FIRST_LOOK)
    sent: list[int] = []
    real = process._link.recv

    def recv() -> object:
        received = real()
        sent.append(len(received) if isinstance(received, list) else 0)
        return received

    class Tap:
        def __init__(self, link: Any) -> None:
            self.poll, self.send, self.recv = link.poll, link.send, recv

    monkeypatch.setattr(process, "_link", Tap(process._link))
    monkeypatch.setattr(process._inbox, "_link", process._link)
    last = process.run(plan.rows(), STEPS, lambda _message: None)
    assert last.changes is not None
    assert 0 < max(sent) <= parcels.PIECE < len(last.changes)
    assert len([size for size in sent if size]) > 1
    plan.apply(last.changes)
    assert len(plan.table(Booking)) == len(plan.table(Operation))


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="Windows tells no number")
def test_a_window_has_the_processor_before_its_planner() -> None:
    with PlanningProcess(gives_way=True) as process:
        process.run(small(), STEPS, lambda _message: None)
        planner = os.getpriority(os.PRIO_PROCESS, process._process.pid or 0)
        assert planner > os.getpriority(os.PRIO_PROCESS, 0)


def test_close_ends_a_process_that_is_still_warming_up() -> None:
    begun = time.monotonic()
    process = PlanningProcess()
    process.close()
    assert not process._process.is_alive()
    assert time.monotonic() - begun < 5


# in this process, to break what cannot be broken from outside


class Outbox:
    def __init__(self) -> None:
        self.sent: list[PlanMessage] = []

    def send(self, message: PlanMessage) -> None:
        self.sent.append(message)


def spoiled(end_at: datetime) -> Any:
    """A maker of bookings that lets the first operation run to another time."""
    assert keeping.bookings_from is build.bookings_from  # loaded before one of them is replaced
    honest = build.bookings_from

    def bookings_from(*args: Any) -> list[Booking]:
        first, *others = honest(*args)
        return [replace(first, end_at=first.end_at + (end_at - NOW)), *others]

    return bookings_from


@pytest.mark.parametrize("by", [timedelta(minutes=-1), timedelta(minutes=1), timedelta(days=9)])
def test_the_checker_has_the_last_word(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    monkeypatch.setattr("domain.scheduling.build.bookings_from", spoiled(NOW + by))
    run = Run(Plan(small()), STEPS, Outbox())
    with pytest.raises(DomainError) as caught:
        run.finish(threading.Event())
    assert caught.value.code == "plan_rejected"
    assert caught.value.params["count"] >= 1
    assert [message for message in run.outbox.sent if message.changes is not None] == []


def test_an_unexpected_failure_ends_the_run_not_the_process(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError("no machines at all")

    monkeypatch.setattr("domain.scheduling.keeping.build_problem", fail)
    last = solving._answer(Plan(small()), STEPS, Outbox(), threading.Event())
    assert last.is_last
    assert last.error is not None
    assert last.error.code == "unexpected"
    assert "no machines at all" in str(last.error.params["what"])
    assert "planning failed" in caplog.text


def test_a_released_order_that_lacks_a_component_is_left_out_and_the_rest_planned() -> None:
    """Its component was made once, but has no routing any more."""
    plan = Plan(small())
    frame, screw = make_item(code="FRAME"), make_item(code="SCREW")
    machine = next(iter(plan.table(Machine).values()))
    step = make_routing_operation(frame)
    order = make_work_order(frame, 5, number="WO-9", status=WorkStatus.RELEASED)
    line = make_order_line(frame, 5, order_number="SO-9")
    bom = make_bom_line(frame, screw)
    rows = [frame, screw, step, make_routing_machine(step, machine), order, line, bom]
    for row in (*rows, make_operation(order, step)):
        plan.put(row)
    outbox = Outbox()
    last = Run(plan, STEPS, outbox).finish(threading.Event())
    assert last.error is None
    assert {"order_short", "order_line_unplanned"} <= {finding.code for finding in last.findings}
    plan.apply(last.changes)
    booked = {row.operation_id for row in plan.table(Booking).values()}
    orders = {plan.need(Operation, each).work_order_id for each in booked}
    assert len(orders) == 3
    assert order.id not in orders


@pytest.mark.parametrize(("quantity", "is_told"), [(8, False), (10, True)])
def test_a_plan_in_time_is_not_said_to_have_begun_too_late(quantity: int, is_told: bool) -> None:
    """Of nine hours until 17:00; MRP reckons 24 h to have some 45 working hours a week."""
    day, machine, item = make_calendar(), make_machine(), make_item()
    machine = replace(machine, calendar_id=day.id)
    step = make_routing_operation(item, run_minutes=Decimal(60))
    line = make_order_line(item, quantity, due_on=TODAY)
    named = make_routing_machine(step, machine)
    plan = make_plan(day, make_week(day), machine, item, step, named, line)
    last = Run(plan, STEPS, Outbox()).finish(threading.Event())
    assert ("release_past_due" in {each.code for each in last.findings}) is is_told


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**9))
def test_whatever_a_factory_has_its_plan_passes_the_checker(seed: int) -> None:
    """Furnaces, second routings, parts, buying, overtime and longest waits all at once."""
    factory = RandomFactory(
        seed, has_limits=True, has_choices=True, has_batches=True, has_overtime=True
    )
    plan = factory.plan()
    request = replace(STEPS, profile=OVERTIME)
    last = Run(plan, request, Outbox()).finish(threading.Event())
    assert last.changes is not None
    plan.apply(last.changes)
    assert plan.published() is not None
    again = Run(plan, request, Outbox()).finish(threading.Event())
    assert again.changes is not None

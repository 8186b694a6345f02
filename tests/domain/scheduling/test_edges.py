"""The nine rules where they meet: edges that a plan must get right, down to the minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest

from domain.errors import Finding, Severity
from domain.items import Item
from domain.mrp import explode, mrp_changes
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.routings import BreakRule
from domain.scenarios import Booking
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.decode import decode
from domain.scheduling.durations import run_minutes
from domain.scheduling.engine import solve
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_booking,
    make_calendar,
    make_changeover,
    make_holiday,
    make_item,
    make_machine,
    make_operation,
    make_operator,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_shift,
    make_week,
    make_work_center,
    make_work_order,
)

CENTER = make_work_center()


def shop(*, calendar: Any = None) -> list[Any]:
    """A work center with one machine, which works 8:00 to 17:00 if it has the calendar."""
    machine = make_machine(work_center_id=CENTER.id, calendar_id=calendar.id if calendar else None)
    return [CENTER, machine, *([calendar, *make_week(calendar)] if calendar else [])]


def made(code: str, setup: str = "0", run: str = "1", **changes: Any) -> list[Any]:
    """An item of one operation, and an order line for one of it, due in the order of the codes."""
    of_item = {name: changes.pop(name) for name in ("family",) if name in changes}
    item = make_item(code=code, **of_item)
    step = make_routing_operation(
        item,
        work_center_id=CENTER.id,
        setup_minutes=Decimal(setup),
        run_minutes=Decimal(run),
        **changes,
    )
    due_on = TODAY + timedelta(days=ord(code[0]) - ord("A"))
    return [item, step, make_order_line(item, order_number=f"SO-{code}", due_on=due_on)]


def planned(*rows: Any) -> tuple[Plan, dict[str, Booking]]:
    """The first plan of a factory that the checker has nothing to say against, by item."""
    plan = make_plan(*rows)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    problem = build_problem(plan, NOW)
    assert problem.findings == ()
    solution = solve(problem, seconds=60, workers=1, iterations=1)
    scenario = make_scenario(weighted_lateness=solution.value)
    plan.put(scenario)
    bookings = bookings_from(problem, solution, plan, scenario, id_maker(7))
    assert errors(plan, bookings) == []
    return plan, {_item(plan, booking.operation_id).code: booking for booking in bookings}


def errors(plan: Plan, bookings: list[Booking]) -> list[Finding]:
    return [f for f in check_plan(plan, bookings, NOW) if f.severity is Severity.ERROR]


def _item(plan: Plan, operation_id: UUID) -> Item:
    order = plan.need(WorkOrder, plan.need(Operation, operation_id).work_order_id)
    return plan.need(Item, order.item_id)


def test_a_setup_that_must_fit_takes_its_run_of_no_time_with_it():
    # A runs 8:00 to 16:00; the setup of B would end at 17:00 sharp, where no run can begin.
    rows = made("A", run="480"), made("B", setup="60", run="0", break_rule=BreakRule.FIT)
    _, booked = planned(shop(calendar=make_calendar()), *rows)
    assert booked["A"].end_at == at(480)
    assert booked["B"].setup_start_at == at(1440)
    assert booked["B"].run_start_at == booked["B"].end_at == at(1500)


@pytest.mark.parametrize("origin", ["", "red"])
@pytest.mark.parametrize("target", ["", "blue"])
def test_any_family_is_also_none(origin: str, target: str):
    row = make_changeover(work_center_id=CENTER.id, minutes=Decimal(30))
    items = made("A", setup="10", family=origin), made("B", setup="10", family=target)
    plan, booked = planned(shop(), row, *items)
    late = booked["B"]
    assert late.run_start_at - late.setup_start_at == timedelta(minutes=30)
    short = replace(late, setup_start_at=late.setup_start_at + timedelta(minutes=20))
    found = errors(plan, [booked["A"], short])
    assert [finding.code for finding in found] == ["rule3_setup_minutes"]


def test_a_named_family_does_not_mean_items_without_one():
    row = make_changeover(work_center_id=CENTER.id, to_family="red", minutes=Decimal(30))
    _, booked = planned(shop(), row, made("A", setup="10"), made("B", setup="10"))
    assert booked["B"].run_start_at - booked["B"].setup_start_at == timedelta(minutes=10)


def test_a_work_order_that_finds_no_room_is_left_out_whole():
    # One single day has a shift long enough for an uncut run of 400 minutes; two want it.
    calendar = make_calendar()
    long_day = make_holiday(calendar, TODAY + timedelta(days=7), start_minute=480, end_minute=960)
    rows: list[Any] = [*shop(calendar=calendar)[:3], *make_week(calendar, end=720), long_day]
    for code in "AB":
        item, step, line = made(code, run="10")
        last = make_routing_operation(
            item,
            20,
            work_center_id=CENTER.id,
            run_minutes=Decimal(400),
            break_rule=BreakRule.FIT,
        )
        rows += [item, step, last, line]
    plan, booked = planned(rows)
    assert set(booked) == {"A"}
    assert len(plan.table(Operation)) == 4


def test_what_stands_behind_work_without_room_has_the_setup_that_it_needs_without_it():
    # On Monday the machine takes A, B and C, in this order; the second steps of A and B fit into
    # one long day only, which A has. B is left out, and C is set up after A: 40 minutes, not 10.
    calendar = make_calendar()
    long_day = make_holiday(calendar, TODAY + timedelta(days=7), start_minute=480, end_minute=960)
    rows: list[Any] = [*shop(calendar=calendar)[:3], *make_week(calendar, end=720), long_day]
    for code in "ABC":
        item, step, line = made(code, setup="30", run="10", family=code)
        rows += [item, step, line]
        if code != "C":
            fit = {"run_minutes": Decimal(400), "break_rule": BreakRule.FIT}
            rows.append(make_routing_operation(item, 20, work_center_id=CENTER.id, **fit))
    for before, minutes in (("A", 40), ("B", 10)):
        rows.append(
            make_changeover(
                work_center_id=CENTER.id,
                from_family=before,
                to_family="C",
                minutes=Decimal(minutes),
            )
        )
    plan = make_plan(rows)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    problem = build_problem(plan, NOW)
    steps = [plan.need(Operation, step) for step in problem.operation_ids if step is not None]
    names = {at: (step.number, _item(plan, step.id).code) for at, step in enumerate(steps)}
    order = np.array(sorted(names, key=names.__getitem__), np.int32)
    solution = decode(problem, order, problem.tables.alt_first[:-1].astype(np.int32))
    bookings = bookings_from(problem, solution, plan, make_scenario(), id_maker(7))
    assert errors(plan, bookings) == []
    times = {
        (plan.need(Operation, row.operation_id).number, _item(plan, row.operation_id).code): row
        for row in bookings
    }
    assert set(times) == {(10, "A"), (20, "A"), (10, "C")}
    last = times[10, "C"]
    assert last.run_start_at - last.setup_start_at == timedelta(minutes=40)


def refused(*rows: Any) -> list[str]:
    """What a factory's problem says that it can not plan; all the rest is planned."""
    plan = make_plan(*rows)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    problem = build_problem(plan, NOW)
    solution = solve(problem, seconds=60, workers=1, iterations=1)
    bookings = bookings_from(problem, solution, plan, make_scenario(), id_maker(7))
    assert errors(plan, bookings) == []
    assert {_item(plan, booking.operation_id).code for booking in bookings} == {"A"}
    return [f.code for f in problem.findings if f.code != "order_not_planned"]


@pytest.mark.parametrize(
    "step",
    [
        {"run": "99999999999"},
        {"setup": "99999999999"},
        {"wait_minutes": Decimal(99999999999)},
        {"subcontract_days": Decimal(99999999)},
    ],
)
def test_a_mistyped_time_is_named_and_the_rest_is_planned(step: dict[str, Any]):
    assert refused(shop(), made("A"), made("B", **step)) == ["beyond_horizon"]


def test_a_mistyped_day_is_named_and_the_rest_is_planned():
    late = made("B")
    late[2] = replace(late[2], earliest_start_at=at(50 * 365 * 1440))
    assert refused(shop(), made("A"), late) == ["beyond_horizon"]


def test_a_setup_longer_than_any_shift_is_named():
    # The first operation of B could be planned, but half a work order is none.
    item, step, line = made("B", run="1")
    fit = replace(step, id=uuid4(), number=20, setup_minutes=Decimal(540))
    fit = replace(fit, break_rule=BreakRule.FIT)
    rows = shop(calendar=make_calendar()), made("A"), item, step, fit, line
    assert refused(*rows) == ["longer_than_any_interval"]


def test_a_crew_of_people_who_never_meet_is_named():
    early, late = make_calendar(code="E"), make_calendar(code="L")
    people = [
        make_operator("weld", code="OP1", calendar_id=early.id),
        make_operator("weld", code="OP2", calendar_id=late.id),
    ]
    rows = [early, late, *make_week(early, 360, 840), *make_week(late, 840, 1320), *people]
    pair = made("B", run="10", skill="weld", operators=2)
    assert refused(shop(), rows, made("A"), pair) == ["operators_never_long_enough"]


def test_run_time_is_exact_to_the_last_digit():
    # 3 × 100/3 is 100 minutes, and a trace more than that is 101.
    third = "33.333333333333333333333333333333333"
    assert run_minutes(Decimal(3), Decimal(third), Fraction(1)) == 100
    assert run_minutes(Decimal(3), Decimal(third + "4"), Fraction(1)) == 101


def test_a_crew_must_be_there_for_all_that_must_not_be_interrupted():
    # The machine works 8:00 to 17:00; the welder comes on Tuesday at noon and stays for a day:
    # 300 minutes of the machine's first day and 240 of its second.
    day, turn = make_calendar(), make_calendar(code="TURN")
    welder = make_operator("weld", calendar_id=turn.id)
    rows = [turn, make_shift(turn, 2, 720, 720), welder, *made("A")]
    work = made("B", run="310", skill="weld", operators=1)
    _, booked = planned(shop(calendar=day), rows, work)
    assert (booked["B"].run_start_at, booked["B"].end_at) == (at(240), at(1450))
    work[1] = replace(work[1], break_rule=BreakRule.FIT)
    assert refused(shop(calendar=day), rows, work) == ["operators_never_long_enough"]


def test_whatever_takes_no_time_at_one_minute_may_have_come_in_any_order():
    # From red to blue nothing is set up, from blue to red something is: all red, then all blue.
    scenario, machine = make_scenario(), make_machine()
    change = make_changeover(machine_id=machine.id, from_family="blue", to_family="red")
    none = replace(change, id=uuid4(), from_family="red", to_family="blue", minutes=Decimal(0))
    rows: list[Any] = [scenario, machine, replace(change, minutes=Decimal(7)), none]
    bookings: list[Booking] = []
    items = [make_item(code=family, family=family) for family in ("red", "blue")]
    steps = [
        make_routing_operation(item, setup_minutes=Decimal(5), run_minutes=Decimal(0))
        for item in items
    ]
    for number in range(9):
        item, step = items[number % 2], steps[number % 2]
        order = make_work_order(item, number=f"WO-{number}")
        work = make_operation(order, step)
        times = (5, 5, 5) if number else (0, 5, 5)
        bookings.append(make_booking(scenario, work, machine, times))
        rows += [order, work]
    machines = [make_routing_machine(step, machine) for step in steps]
    plan = make_plan(rows, items, steps, machines)
    codes = [one.code for one in check_plan(plan, bookings, NOW)]
    assert "rule3_setup_minutes" not in codes


def test_an_operation_goes_where_it_fits_after_anything():
    # On the machine that takes 500 minutes, only without a changeover: a day has 540.
    fast, slow = make_machine(code="M2"), make_machine(code="M3")
    day = make_calendar()
    fast, slow = (replace(machine, calendar_id=day.id) for machine in (fast, slow))
    row = make_changeover(machine_id=slow.id, to_family="blue", minutes=Decimal(60))
    item, step, line = made("A", run="500", family="blue", break_rule=BreakRule.FIT)
    machines = [make_routing_machine(step, slow), make_routing_machine(step, fast, "0.95", 1)]
    _, booked = planned(day, make_week(day), [fast, slow, CENTER, row], item, step, line, machines)
    assert booked["A"].machine_id == fast.id

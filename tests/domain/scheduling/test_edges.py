"""The nine rules where they meet: edges that a plan must get right, down to the minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

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
from domain.scheduling.engine import solve
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_calendar,
    make_changeover,
    make_holiday,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_operation,
    make_scenario,
    make_week,
    make_work_center,
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

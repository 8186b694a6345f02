"""What is told of the plan in force, from its rows alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import Operation
from domain.scheduling.standing import plan_findings
from tests.builders import (
    NOW,
    TODAY,
    id_maker,
    make_booking,
    make_calendar,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_week,
)


def promised(end: int | None) -> tuple[Plan, Any]:
    """Work of 300 minutes for today, 08:00 to 17:00; booked to end at that minute, or not at all.

    MRP stretches it by the share of the week that is worked: it should have begun yesterday.
    """
    day, item = make_calendar(), make_item()
    machine = make_machine(calendar_id=day.id)
    step = make_routing_operation(item, run_minutes=Decimal(60))
    line = make_order_line(item, 5, due_on=TODAY)
    rows = [day, *make_week(day), item, machine, step, make_routing_machine(step, machine), line]
    plan = make_plan(rows)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    if end is not None:
        (operation,) = plan.table(Operation).values()
        plan.put(scenario := make_scenario(published=True))
        times = end - 300, end - 300, end
        plan.put(make_booking(scenario, operation, machine, times, published=True))
    return plan, line


def alarms(plan: Plan) -> list[Any]:
    return [f for f in plan_findings(plan, NOW) if f.code == "release_past_due"]


def test_without_a_plan_it_is_told_what_should_have_begun():
    plan, line = promised(None)
    (told,) = alarms(plan)
    assert told.refs[1:] == (line.id,)


def test_what_the_plan_has_in_time_need_not_have_begun():
    # 08:00 + 540 minutes is 17:00 of the due day.
    assert alarms(promised(540)[0]) == []


def test_what_the_plan_has_late_should_have_begun():
    # 08:00 of tomorrow and 300 minutes.
    assert len(alarms(promised(1740)[0])) == 1


def test_a_line_that_has_grown_or_is_due_sooner_since_is_told_again():
    plan, line = promised(540)
    plan.put(replace(line, quantity=Decimal(6)))
    assert len(alarms(plan)) == 1
    plan.put(replace(plan.need(OrderLine, line.id), quantity=Decimal(5)))
    assert alarms(plan) == []
    plan.put(replace(line, due_on=TODAY - timedelta(days=1)))
    assert len(alarms(plan)) == 1

"""Remedies: what is told is what happens, and what can be done at once breaks no rule."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Severity
from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine
from domain.plan import Plan
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.decode import decode
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.problem import line_lateness, weighted_lateness
from domain.scheduling.remedies import Help, Remedy, longer, remedies
from domain.scheduling.urgency import urgency_of
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_bom_line,
    make_bought,
    make_calendar,
    make_changeover,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_week,
)
from tests.domain.scheduling.plans import planned

AT_ONCE = {Help.CLOSE_GAPS, Help.LINE_FIRST, Help.OTHER_MACHINE, Help.NEXT_TO_FAMILY}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9))
def test_what_is_told_is_what_happens(seed):
    plan, problem, solution = planned(seed)
    scenario = make_scenario()
    plan.put(scenario)
    lines = range(len(problem.line_ids))
    late = [int(line_lateness(problem.tables, line, solution.end)) for line in lines]
    for line in sorted(lines, key=lambda line: -late[line])[:2]:
        found = remedies(plan, problem, solution, line)
        assert late[line] or found == []
        pulled = [remedy.saved_minutes for remedy in found if remedy.kind is Help.CLOSE_GAPS]
        for remedy in found:
            now = int(line_lateness(remedy.problem.tables, line, remedy.solution.end))
            before = late[line] - (0 if remedy.kind is Help.CLOSE_GAPS else sum(pulled))
            assert before - now == remedy.saved_minutes > 0
            value = weighted_lateness(remedy.problem.tables, remedy.solution.end)
            assert value == remedy.solution.value
            if remedy.kind in AT_ONCE:
                rows = bookings_from(problem, remedy.solution, plan, scenario, id_maker(3))
                faults = [f for f in check_plan(plan, rows, NOW) if f.severity is Severity.ERROR]
                assert problem.findings or faults == []


def helps(*rows, number: str = "2") -> tuple[dict[Help, Remedy], Remedy]:
    """What helps the line of that number, by kind; and the first of them."""
    plan = make_plan(*rows)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    problem = build_problem(plan, NOW)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    line = problem.line_ids.index(one_line(plan, number).id)
    found = remedies(plan, problem, solution, line)
    return {remedy.kind: remedy for remedy in reversed(found)}, found[0]


def one_line(plan: Plan, number: str) -> OrderLine:
    line = plan.one(OrderLine, line=number)
    assert line is not None
    return line


def test_going_first_and_a_second_machine_help_what_waits():
    item, first, second = make_item(), make_machine(), make_machine(code="M2")
    step = make_routing_operation(item, run_minutes=900)
    slow = make_routing_machine(step, second, speed=Decimal("0.5"))
    lines = [make_order_line(item, line=n, due_on=TODAY, priority=int(n)) for n in ("1", "2")]
    found, _ = helps(item, first, second, step, make_routing_machine(step, first), slow, *lines)
    # Due at minute 960; 1 takes M1 until 900, so that 2 ends at 1800 there: 840 late, 8 × 840.
    # As first it is on time and 1 is late, 9 × 840. M2 takes 1800 from now: no help.
    assert found[Help.LINE_FIRST].saved_minutes == 840
    assert found[Help.LINE_FIRST].value_change == 840
    assert Help.OTHER_MACHINE not in found
    fast = make_routing_machine(step, second, speed=Decimal("0.8"))
    found, _ = helps(item, first, second, step, make_routing_machine(step, first), fast, *lines)
    # M2 at 0.8 takes 1125 minutes: 165 late. First on M1 it is on time, and 1 is 840 late.
    assert found[Help.OTHER_MACHINE].saved_minutes == 165
    assert found[Help.OTHER_MACHINE].value_change == 9 * 840 - 8 * 165
    assert Help.LINE_FIRST not in found, "its own machine is free"


def test_overtime_helps_what_the_night_holds_up():
    day = make_calendar()
    item, machine = make_item(), make_machine(calendar_id=day.id)
    step = make_routing_operation(item, run_minutes=600)
    line = make_order_line(item, line="2", due_on=TODAY)
    found, best = helps(
        day, *make_week(day), item, machine, step, make_routing_machine(step, machine), line
    )
    # 08:00 to 17:00 are 540 minutes; the other 60 end at 09:00 tomorrow, 540 after midnight.
    assert best.saved_minutes == 540
    assert found[Help.OVERTIME].saved_minutes == 540
    assert found[Help.EXTRA_SHIFT].saved_minutes == 540
    assert set(found) == {Help.OVERTIME, Help.EXTRA_SHIFT}


def test_material_at_once_helps_what_waits_for_it():
    part, item, machine = make_bought(lead_time_days=Decimal(3)), make_item(), make_machine()
    step = make_routing_operation(item, run_minutes=10)
    line = make_order_line(item, line="2", due_on=TODAY)
    found, best = helps(
        part,
        item,
        machine,
        step,
        make_routing_machine(step, machine),
        make_bom_line(item, part, 1),
        line,
    )
    # There after 3 × 1440 minutes, done at 4330, due at 960; done at 10 without the wait.
    assert best.kind is Help.MATERIAL_NOW
    assert best.saved_minutes == 4330 - 960
    assert set(found) == {Help.MATERIAL_NOW}


def test_an_earliest_start_that_does_not_hold_helps():
    item, machine = make_item(), make_machine()
    step = make_routing_operation(item, run_minutes=10)
    line = make_order_line(item, line="2", due_on=TODAY, earliest_start_at=at(2000))
    found, _ = helps(item, machine, step, make_routing_machine(step, machine), line)
    assert found[Help.START_NOW].saved_minutes == 2010 - 960


def test_handing_over_at_half_helps_a_long_chain():
    item, first, second = make_item(), make_machine(), make_machine(code="M2")
    steps = [make_routing_operation(item, number, run_minutes=300) for number in (10, 20)]
    machines = [make_routing_machine(s, m) for s, m in zip(steps, (first, second), strict=True)]
    line = make_order_line(item, 2, line="2", due_on=TODAY)
    found, _ = helps(item, first, second, *steps, *machines, line)
    # 600 + 600 minutes are 240 late; the second begins at 300 and ends at 900.
    assert found[Help.HAND_OVER].saved_minutes == 240


def test_hours_are_added_after_shifts_and_not_in_breaks():
    week = ((0, 200), (260, 540), (1440, 1640), (1700, 1980), (2100, 2200))
    assert longer(week, 120, 1500) == ((0, 200), (260, 660), *week[2:])
    assert longer(week, 2000, 1500)[1] == (260, 1440)


@pytest.mark.parametrize("minutes", [30, 90])
def test_next_to_its_family_saves_a_changeover(minutes):
    """Red, blue, red by due day: the second red one behind the first needs no set-up."""
    red, blue = make_item(code="R", family="red"), make_item(code="B", family="blue")
    machine = make_machine()
    rows = [red, blue, machine]
    for item in (red, blue):
        step = make_routing_operation(item, run_minutes=500, setup_minutes=Decimal(minutes))
        rows += [step, make_routing_machine(step, machine)]
    rows += [
        make_changeover(machine_id=machine.id, from_family=a, to_family=b, minutes=Decimal(minutes))
        for a, b in (("red", "blue"), ("blue", "red"))
    ]
    rows.append(
        make_changeover(
            machine_id=machine.id, from_family="red", to_family="red", minutes=Decimal(0)
        )
    )
    rows += [
        make_order_line(item, line=str(n), due_on=TODAY, priority=n)
        for n, item in ((1, red), (2, blue), (3, red))
    ]
    plan = make_plan(*rows)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    problem = build_problem(plan, NOW)
    by_line = [problem.line_ids.index(one_line(plan, n).id) for n in "123"]
    ops = [int(problem.tables.line_op[problem.tables.line_first[line]]) for line in by_line]
    first_plan = decode(problem, np.array(ops, np.int32), problem.tables.alt_first[:-1].copy())
    found = remedies(plan, problem, first_plan, by_line[2])
    saved = {one.kind: one.saved_minutes for one in found}
    # Red, blue, red end at 3 × (500 + setup); red, red at 1000 and one setup.
    assert saved[Help.NEXT_TO_FAMILY] == 500 + 2 * minutes

"""Dragging bookings of random plans: refused with a reason, or right by the checker's rules."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from domain.errors import RuleViolation
from domain.mrp import explode, mrp_changes
from domain.resources import Machine
from domain.scenarios import Booking
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan, first_error
from domain.scheduling.dispatch import PLAIN, dispatch, urgency_of
from domain.scheduling.drag import Drag
from domain.scheduling.lateness import plan_totals
from tests.builders import NOW, id_maker, make_plan, make_scenario
from tests.factories import RandomFactory


def planned(seed):
    plan = RandomFactory(seed).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    problem = build_problem(plan, NOW)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    scenario = make_scenario(weighted_lateness=solution.value, setup_minutes=solution.setup_minutes)
    for booking in bookings_from(problem, solution, plan, scenario, id_maker(seed + 1)):
        plan.put(booking)
    plan.put(scenario)
    return plan, scenario


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
@example(2075)
def test_a_drop_is_refused_or_valid_and_its_figures_are_right(seed):
    plan, scenario = planned(seed)
    source = random.Random(seed)
    rows = [row for row in plan.table(Booking).values() if row.machine_id is not None]
    assume(rows)
    drag = Drag(plan, scenario, NOW, id_maker(seed + 2))
    booking = source.choice(rows)
    machine = source.choice([booking.machine_id, *plan.table(Machine)])
    start_at = booking.run_start_at + timedelta(minutes=source.randint(0, 2000))
    try:
        drop = drag.over(booking, machine, start_at)
    except RuleViolation as violation:
        refusal = violation
    else:
        refusal = None
    if refusal is not None:
        assert booking.operation_id in refusal.refs
        return
    moved = next((row for row in drop.bookings if row.id == booking.id), booking)
    assert moved.machine_id == machine
    assert moved.run_start_at >= start_at
    before = plan_totals(plan, plan.table(Booking).values(), NOW)
    plan.apply(drag.changes(drop))
    found = check_plan(plan, plan.table(Booking).values(), NOW)
    assert first_error(found) is None
    assert "rule9_lateness" not in {finding.code for finding in found}
    after = plan_totals(plan, plan.table(Booking).values(), NOW)
    assert after.weighted_lateness - before.weighted_lateness == drop.lateness_change
    assert after.setup_minutes - before.setup_minutes == drop.setup_change


def test_a_scenario_without_bookings_can_not_be_dragged():
    scenario = make_scenario()
    with pytest.raises(RuleViolation, match="nothing_booked"):
        Drag(make_plan(scenario), scenario, NOW, id_maker())

"""Any random factory: what the planner makes of its explosion passes the independent checker."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import PLAIN, dispatch, urgency_of
from domain.scheduling.lateness import order_lateness, plan_totals
from tests.builders import NOW, id_maker, make_scenario
from tests.factories import RandomFactory


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_explosion_and_first_plan_pass_the_checker(seed):
    plan = RandomFactory(seed).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    problem = build_problem(plan, NOW)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    scenario = make_scenario(weighted_lateness=solution.value)
    plan.put(scenario)
    bookings = bookings_from(problem, solution, plan, scenario, id_maker(seed + 1))
    found = check_plan(plan, bookings, NOW)
    assert [finding for finding in found if finding.code != "rule8_safety_stock"] == []
    totals = plan_totals(plan, bookings, NOW)
    assert totals.weighted_lateness == solution.value
    assert totals.setup_minutes == solution.setup_minutes
    fates = order_lateness(plan, bookings, NOW)
    assert len(fates) == len(plan.table(OrderLine))
    assert all(fate.cause is not None for fate in fates if fate.late_minutes)

"""Any random factory: what the planner makes of its explosion passes the independent checker."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.edits import delete_rows, edit_field
from domain.errors import Severity
from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine
from domain.production import PlannedOrder, WorkOrder, WorkStatus
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.lateness import order_lateness, plan_totals
from domain.scheduling.urgency import urgency_of
from tests.builders import NOW, id_maker, make_scenario
from tests.factories import RandomFactory

seeds = st.integers(0, 10**9)


def scheduled(plan, seed):
    """A first plan of an exploded factory: problem, solution, bookings; its scenario is put."""
    problem = build_problem(plan, NOW)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    scenario = make_scenario(weighted_lateness=solution.value)
    plan.put(scenario)
    bookings = bookings_from(problem, solution, plan, scenario, id_maker(seed + 1))
    return problem, solution, bookings


def assert_valid(plan, problem, solution, bookings):
    found = check_plan(plan, bookings, NOW)
    if solution.overrun:
        assert "rule5_longest_wait" in {finding.code for finding in found}
    if problem.findings or solution.overrun:
        assert [finding for finding in found if finding.severity is Severity.ERROR] == []
        assume(False)
    else:
        assert [finding for finding in found if finding.code != "rule8_safety_stock"] == []


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_explosion_and_first_plan_pass_the_checker(seed):
    plan = RandomFactory(seed, has_limits=True).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    problem, solution, bookings = scheduled(plan, seed)
    assert_valid(plan, problem, solution, bookings)
    totals = plan_totals(plan, bookings, NOW)
    assert totals.weighted_lateness == solution.value
    assert totals.setup_minutes == solution.setup_minutes
    fates = order_lateness(plan, bookings, NOW)
    assert len(fates) == len(plan.table(OrderLine))
    assert all(fate.cause is not None for fate in fates if fate.late_minutes)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_plan_around_standing_orders_passes_the_checker(seed):
    """Some proposals are made firm, the demand changes, and all is planned anew."""
    plan = RandomFactory(seed, has_limits=True).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    for order in list(plan.table(WorkOrder).values())[::3]:
        plan.apply(edit_field(plan, order, "status", WorkStatus.RELEASED))
    for order in list(plan.table(PlannedOrder).values())[::3]:
        plan.apply(edit_field(plan, order, "firm", True))
    first, second, *_ = plan.table(OrderLine).values()
    plan.apply(edit_field(plan, first, "quantity", first.quantity + 9))
    plan.apply(delete_rows(plan, [second]))
    kept = {o.id: o for o in plan.table(WorkOrder).values() if o.status is WorkStatus.RELEASED}
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed + 5))))
    assert kept.items() <= plan.table(WorkOrder).items()
    problem, solution, bookings = scheduled(plan, seed)
    assert_valid(plan, problem, solution, bookings)

"""Any random factory: what the planner makes of its explosion passes the independent checker."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.edits import delete_rows, edit_field
from domain.errors import Severity
from domain.mrp import explode, mrp_changes
from domain.objectives import OVERTIME
from domain.orders import OrderLine
from domain.production import PlannedOrder, WorkOrder, WorkStatus
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.engine import solve
from domain.scheduling.goals import goals_of
from domain.scheduling.lateness import order_lateness, plan_totals
from domain.scheduling.overtime_rows import overtime_rows
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


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from(["has_batches", "has_overtime", "has_limits"]))
def test_work_without_a_place_in_any_shift_spoils_nothing_of_the_rest(seed, law):
    """Two operations can begin only when all calendars have ended; what stands behind the others of
    their work orders has other setups, other batches and other overtime without them."""
    plan = RandomFactory(seed, **{law: True}).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    problem = build_problem(plan, NOW)
    assume(problem.operation_count)
    release, count = problem.tables.release.copy(), problem.operation_count
    stuck = Random(seed).sample(range(count), min(count, 2))
    release[stuck] = problem.tables.worktime.horizon + 5
    problem = replace(problem, tables=problem.tables._replace(release=release))
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    if law == "has_overtime":
        goals = goals_of(problem, plan, OVERTIME, None)
        solution = solve(problem, seconds=60, workers=1, iterations=1, goals=goals)
    scenario = make_scenario(plant_id=plan.home_plant().id)
    parts = problem, solution, plan, scenario, id_maker(7)
    bookings, opened = bookings_from(*parts), overtime_rows(*parts)
    found = check_plan(plan, bookings, NOW, opened)
    assert [each for each in found if each.severity is Severity.ERROR] == []
    booked = {row.operation_id for row in bookings}
    assert not booked & {problem.operation_ids[op] for op in stuck}

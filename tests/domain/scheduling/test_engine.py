"""Plans of random factories obey the nine rules as the independent checker reads them."""

import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import numpy as np
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from domain.errors import Severity
from domain.mrp import explode, mrp_changes
from domain.plan import Plan
from domain.production import Operation
from domain.resources import Downtime, Machine, Operator
from domain.routings import BreakRule
from domain.scenarios import LockLevel, Scenario
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.decode import decode
from domain.scheduling.engine import solve
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.right_shift import right_shift, solution_from
from tests.builders import (
    NOW,
    id_maker,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
)
from tests.factories import RandomFactory

FEW = settings(max_examples=60, deadline=None)


def scenario_of(plan: Plan) -> Scenario:
    plant_id = plan.home_plant().id
    return Scenario(id=uuid4(), plant_id=plant_id, name="s", published=True, now_at=NOW)


def factory(seed: int) -> Plan:
    plan = RandomFactory(seed, has_limits=True).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    return plan


def violations(plan: Plan, problem: Problem, solution: Solution):
    bookings = bookings_from(problem, solution, plan, scenario_of(plan), uuid4)
    found = check_plan(plan, bookings, NOW)
    return [finding.code for finding in found if finding.severity is Severity.ERROR]


def planned(seed: int, iterations: int = 2) -> tuple[Plan, Problem, Solution]:
    plan = factory(seed)
    problem = build_problem(plan, NOW)
    return plan, problem, solve(problem, seconds=60, workers=1, seed=seed, iterations=iterations)


@FEW
@given(st.integers(0, 10**9))
def test_any_plan_obeys_the_rules(seed):
    plan, problem, solution = planned(seed)
    if any(finding.severity is Severity.ERROR for finding in problem.findings):
        return  # what it could not plan is named, and the checker would name it again
    assert violations(plan, problem, solution) == []


@FEW
@given(st.integers(0, 10**9))
def test_values_never_get_worse_and_stay_above_the_bound(seed):
    plan = factory(seed)
    problem = build_problem(plan, NOW)
    seen = []
    solution = solve(problem, seconds=60, workers=2, seed=1, iterations=3, on_progress=seen.append)
    plans = [step.solution for step in seen if step.solution is not None]
    figures = [(plan.overrun, plan.value, plan.setup_minutes) for plan in plans]
    assert figures == sorted(figures, reverse=True)
    assert figures[-1] == (solution.overrun, solution.value, solution.setup_minutes)
    assert (seen[-1].value, seen[-1].setup_minutes) == figures[-1][1:]
    assert solution.bound <= solution.value


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_same_seed_same_plan(seed):
    _, _, first = planned(seed, iterations=4)
    _, _, again = planned(seed, iterations=4)
    assert np.array_equal(first.run_start, again.run_start)
    assert np.array_equal(first.alternative, again.alternative)


@FEW
@given(st.integers(0, 10**9))
@example(139)  # the dispatched plan is best, and its operators go where they are booked first
def test_decoding_a_solution_again_changes_nothing(seed):
    _, problem, solution = planned(seed)
    again = decode(problem, solution.order, solution.alternative)
    assert again.value == solution.value
    assert np.array_equal(again.end, solution.end) or problem.has_crews


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.integers(0, 10**9))
def test_bookings_come_back_as_the_same_plan(seed):
    plan, problem, solution = planned(seed)
    scenario = scenario_of(plan)
    rows = [scenario, *bookings_from(problem, solution, plan, scenario, uuid4)]
    stored = Plan([*plan.rows(), *rows])
    # Bookings of no length at one instant do not tell which of them came first.
    assume((solution.end > solution.setup_start).all())
    again = solution_from(problem, stored, scenario)
    if again is None:
        assert problem.operation_count == 0
        return
    assert np.array_equal(again.end, solution.end)


def test_a_breakdown_is_mended_without_changing_machines():
    plan, problem, solution = planned(11)
    machine = plan.table(Machine)[problem.machine_ids[0]]
    stop = Downtime(
        id=uuid4(), machine_id=machine.id, start_at=NOW, end_at=NOW + timedelta(hours=20)
    )
    broken = plan.copy()
    broken.put(stop)
    changed = build_problem(broken, NOW)
    repaired = right_shift(changed, solution)
    assert (repaired.alternative == solution.alternative).all()
    assert violations(broken, changed, repaired) == []


def test_a_time_lock_holds():
    plan, problem, solution = planned(5)
    scenario = scenario_of(plan)
    bookings = bookings_from(problem, solution, plan, scenario, uuid4)
    held = replace(
        max((b for b in bookings if b.machine_id), key=lambda b: b.run_start_at),
        lock=LockLevel.TIME,
    )
    stored = Plan([*plan.rows(), scenario, held])
    locked = build_problem(stored, NOW)
    again = solve(locked, seconds=60, workers=1, seed=3, iterations=2)
    op = locked.operation_ids.index(held.operation_id)
    assert locked.instant(int(again.run_start[op])) == held.run_start_at


def test_a_missing_skill_is_named_and_the_rest_is_planned():
    plan = factory(3)
    operation = next(iter(plan.table(Operation).values()))
    plan.put(replace(operation, skill="magic", operators=1, subcontract_days=None))
    problem = build_problem(plan, NOW)
    assert "no_operator_with_skill" in {finding.code for finding in problem.findings}
    assert operation.id not in problem.operation_ids
    solution = solve(problem, seconds=60, workers=1, iterations=1)
    assert (solution.end < problem.tables.worktime.horizon).all()


def test_a_shop_without_people_names_every_operation_that_needs_them():
    plan = factory(3)
    for operator in list(plan.table(Operator).values()):
        plan.drop(Operator, operator.id)
    problem = build_problem(plan, NOW)
    named = {ref for finding in problem.findings for ref in finding.refs}
    for operation in plan.table(Operation).values():
        if operation.skill and operation.subcontract_days is None:
            assert operation.work_order_id in named


def test_an_operation_that_fits_no_interval_is_named():
    plan = factory(8)
    operation = next(o for o in plan.table(Operation).values() if o.subcontract_days is None)
    long = replace(operation, break_rule=BreakRule.FIT, run_minutes=Decimal(100_000_000))
    plan.put(long)
    problem = build_problem(plan, NOW)
    assert {"longer_than_any_interval"} == {
        finding.code for finding in problem.findings if long.id in finding.refs
    }


def test_stopping_returns_the_best_plan_soon():
    _, problem, _ = planned(21)
    asked = []

    def should_stop() -> bool:
        asked.append(time.monotonic())
        return len(asked) > 30

    solution = solve(problem, seconds=600, workers=2, should_stop=should_stop)
    assert solution.value >= solution.bound
    assert time.monotonic() - asked[30] < 5


def test_a_search_ends_where_no_plan_can_be_better():
    """One machine, three orders, all in time and without any setup: nothing is left to win."""
    machine, item = make_machine(), make_item()
    step = make_routing_operation(item, setup_minutes=Decimal(0))
    lines = [make_order_line(item, 5, line=str(at)) for at in range(3)]
    plan = make_plan(machine, item, step, make_routing_machine(step, machine), lines)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(1))))
    asked: list[bool] = []

    def has_asked_too_often() -> bool:
        asked.append(True)
        return len(asked) > 100

    solution = solve(
        build_problem(plan, NOW), seconds=3600, workers=1, should_stop=has_asked_too_often
    )
    assert (solution.value, solution.bound, solution.setup_minutes) == (0, 0, 0)
    assert len(asked) <= 100

"""No plan is better than a bound: not the search's, not the best of all plans of a tiny shop."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.mrp import explode, mrp_changes
from domain.scheduling.bottleneck import Bound, best_bound
from domain.scheduling.bounds import earliest_times, path_bound
from domain.scheduling.build import build_problem
from domain.scheduling.decode import decode
from domain.scheduling.dispatch import GRID, dispatch
from domain.scheduling.engine import solve
from domain.scheduling.forest import grow_forest
from domain.scheduling.priced import bound_at, open_market
from domain.scheduling.problem import Problem, csr
from domain.scheduling.urgency import urgency_of
from tests.bench.factories import NOW_AT, make_factory
from tests.builders import (
    NOW,
    id_maker,
    make_calendar,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_operation,
    make_shift,
    make_work_center,
)
from tests.domain.scheduling.test_exact import brute_force
from tests.factories import RandomFactory


def due_at(problem: Problem, share: float) -> Problem:
    """The same with the due dates drawn to now: the less time, the more binds capacity."""
    due = (problem.tables.line_due * share).astype(np.int32)
    return replace(problem, tables=problem.tables._replace(line_due=due))


def random_problem(seed: int, lines: int = 8) -> Problem:
    plan = RandomFactory(seed, lines).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    return build_problem(plan, NOW)


def one_center(run_minutes: list[int], machines: int = 1) -> Problem:
    """Orders of one operation each on machines that never rest, all due at once."""
    calendar, center = make_calendar(), make_work_center()
    rows = [calendar, center]
    rows += [make_shift(calendar, weekday, 0, 1440) for weekday in range(1, 8)]
    rows += [
        make_machine(code=f"M{n}", work_center_id=center.id, calendar_id=calendar.id)
        for n in range(machines)
    ]
    for number, minutes in enumerate(run_minutes):
        item = make_item(code=f"I{number}")
        step = make_routing_operation(
            item, 10, work_center_id=center.id, run_minutes=Decimal(minutes)
        )
        rows += [item, step, make_order_line(item, 1)]
    plan = make_plan(rows)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(1))))
    return due_at(build_problem(plan, NOW), 0.0)


def best_of_all(problem: Problem) -> int:
    """Least value of all orders of booking and all machines, for operations without successors."""
    tables = problem.tables
    count = problem.operation_count
    ways = [range(tables.alt_first[op], tables.alt_first[op + 1]) for op in range(count)]
    return min(
        decode(problem, np.array(order, np.int32), np.array(chosen, np.int32)).value
        for order in permutations(range(count))
        for chosen in product(*ways)
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([1.0, 0.3, 0.0]))
def test_no_dispatched_plan_is_under_the_bound(seed, share):
    problem = due_at(random_problem(seed), share)
    bound = best_bound(problem)
    urgency = urgency_of(problem)
    assert bound.value >= path_bound(problem)
    assert bound.value <= min(dispatch(problem, urgency, rule).value for rule in GRID[:6])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([0.5, 0.0]))
def test_no_searched_plan_is_under_the_bound(seed, share):
    problem = due_at(random_problem(seed, lines=20), share)
    solution = solve(problem, seconds=60, workers=1, seed=1, iterations=3)
    assert best_bound(problem).value <= solution.value


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=4), st.integers(1, 2))
def test_no_plan_at_all_is_under_the_bound(run_minutes, machines):
    problem = one_center(run_minutes, machines)
    assert best_bound(problem).value <= best_of_all(problem)


def test_the_queue_at_one_machine_is_seen():
    # Four jobs of 100 minutes, due at once: they end after 100, 200, 300 and 400 minutes, 1,000 in
    # all; each path alone would be 100.
    problem = one_center([100, 100, 100, 100])
    weight = int(problem.tables.line_weight[0])
    assert best_of_all(problem) == 1000 * weight
    assert path_bound(problem) == 400 * weight
    bound = best_bound(problem)
    assert bound.origin == "prices"
    assert 980 * weight <= bound.value <= 1000 * weight


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([0.3, 0.0]), st.floats(0.0, 30.0), st.integers(1, 90))
def test_no_prices_of_hours_lead_over_a_plan(seed, share, dear, step):
    problem = due_at(random_problem(seed), share)
    forest = grow_forest(problem, *earliest_times(problem))
    horizon = 40 * step
    exact = open_market(problem, forest, 1, horizon)
    market = open_market(problem, forest, step, horizon)
    random = np.random.default_rng(seed)
    market.price[:, :-1] = dear * random.random(market.price[:, :-1].shape) ** 3
    bound = bound_at(forest, exact, market, lambda: False)
    urgency = urgency_of(problem)
    assert bound is not None
    assert bound <= min(dispatch(problem, urgency, rule).value for rule in GRID[:6])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 2))
def test_no_plan_of_a_tiny_factory_is_under_the_bound(seed, lines):
    problem = due_at(random_problem(seed, lines), 0.0)
    assume(0 < problem.operation_count <= 5)
    assert best_bound(problem).value <= brute_force(problem)


def test_an_operation_for_two_orders_counts_once():
    # A part of 100 minutes goes into both; each order's own last step takes 50 on one machine:
    # they end after 150 and 200.
    problem = one_center([100, 50, 50], machines=1)
    tables = problem.tables
    first, source = csr([[], [0], [0]])
    after, target = csr([[1, 2], [], []])
    line_first, line_op = csr([[1], [2]])
    serves_first, serves_line = csr([[], [0], [1]])
    nothing = np.zeros(2, np.int32)
    joined = replace(
        problem,
        tables=tables._replace(
            edge_first=first,
            edge_from=source,
            edge_wait=nothing,
            edge_overlap=nothing,
            next_first=after,
            next_op=target,
            line_first=line_first,
            line_op=line_op,
            line_due=tables.line_due[:2],
            line_weight=tables.line_weight[:2],
            line_floor=tables.line_floor[:2],
            serves_first=serves_first,
            serves_line=serves_line,
        ),
    )
    weight = int(tables.line_weight[0])
    assert 300 * weight <= best_bound(joined).value <= 350 * weight


def test_a_shop_with_time_enough_has_the_path_alone():
    problem = one_center([100])
    assert best_bound(problem) == Bound(path_bound(problem), "path")


def test_stopping_leaves_a_bound_that_holds():
    problem = due_at(random_problem(3), 0.0)
    assert best_bound(problem, lambda: True) == Bound(path_bound(problem), "path")


@pytest.mark.parametrize("seed", [1, 2])
def test_an_overloaded_factory_is_bound_by_its_groups(seed):
    problem = due_at(build_problem(make_factory(300, seed), NOW_AT), 0.0)
    value = min(dispatch(problem, urgency_of(problem), rule).value for rule in GRID)
    bound, path = best_bound(problem), path_bound(problem)
    assert bound.origin == "prices"
    assert path < bound.value
    assert 0.6 * value < bound.value <= value

"""The exact model of small factories against every order there is, and how it is stopped."""

from __future__ import annotations

import threading
import time
from itertools import permutations, product

import numpy as np
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from domain.scheduling.cpsat.factory import prove_factory
from domain.scheduling.decode import decode
from domain.scheduling.engine import solve
from domain.scheduling.exact import ExactSearch
from domain.scheduling.problem import Problem, Solution
from tests.domain.scheduling.plans import planned


def brute_force(problem: Problem) -> int:
    """The least weighted lateness of all orders and machines."""
    tables, count = problem.tables, problem.operation_count
    before = [
        set(tables.edge_from[tables.edge_first[op] : tables.edge_first[op + 1]].tolist())
        for op in range(count)
    ]
    machines = [
        list(range(tables.alt_first[op], tables.alt_first[op + 1])) or [-1] for op in range(count)
    ]
    orders = [
        np.array(order, np.int32)
        for order in permutations(range(count))
        if all(before[op] <= set(order[:at]) for at, op in enumerate(order))
    ]
    choices = [np.array(choice, np.int32) for choice in product(*machines)]
    return min(decode(problem, order, choice).value for order in orders for choice in choices)


def proven(problem: Problem, known: Solution) -> tuple[int, int]:
    """The best value and the bound of the exact model, with time enough to end."""
    values, bounds = [known.value], [0]
    stop = np.zeros(1, np.int32)
    prove_factory(
        problem,
        known,
        seconds=30,
        seed=1,
        stop=stop,
        on_plan=lambda found: values.append(found.value),
        on_bound=bounds.append,
    )
    return min(values), max(bounds)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(st.integers(0, 10**9))
@example(97)  # subcontracted work that no order line waits for
def test_the_exact_model_reaches_the_best_of_all_orders(seed):
    _, problem, known = planned(seed, lines=2)
    assume(1 < problem.operation_count <= 5)
    least = brute_force(problem)
    value, bound = proven(problem, known)
    assert bound <= least <= value
    tables = problem.tables
    if not problem.has_crews and not tables.fit.any() and not tables.edge_overlap.any():
        assert bound == least == value


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(st.integers(0, 10**9))
def test_a_short_search_of_a_tiny_factory_finds_the_best_of_all_orders(seed):
    _, problem, _ = planned(seed, lines=2)
    assume(1 < problem.operation_count <= 5)
    found = solve(problem, seconds=60, workers=1, seed=1, iterations=20)
    assert found.value == brute_force(problem)


def test_a_stop_before_the_solver_has_begun_is_not_lost():
    _, problem, known = planned(4, lines=40)
    stop = np.ones(1, np.int32)
    finished = threading.Event()

    def run():
        prove_factory(
            problem,
            known,
            seconds=3600,
            seed=1,
            stop=stop,
            on_plan=lambda _: None,
            on_bound=lambda _: None,
        )
        finished.set()

    threading.Thread(target=run, daemon=True).start()
    assert finished.wait(60)


def test_a_search_that_runs_stops_when_told():
    _, problem, known = planned(4, lines=40)
    search = ExactSearch(problem, known, seconds=3600, seed=1)
    search.end()
    while search.is_running:
        time.sleep(0.01)
    assert search.news()[0].value <= known.value


def test_what_is_proven_beside_the_search_becomes_the_plans_bound():
    _, problem, _ = planned(6, lines=10)
    assert problem.operation_count <= 60
    path = solve(problem, seconds=60, workers=1, iterations=1).bound
    told = []
    found = solve(
        problem,
        seconds=15,
        workers=2,
        on_progress=told.append,
        should_stop=lambda: any(step.bound > path for step in told),
    )
    assert path < found.bound <= found.value
    assert found.bound_origin in ("exact", "bottleneck", "prices")
    figures = [(step.value, step.setup_minutes) for step in told]
    assert figures == sorted(figures, reverse=True)

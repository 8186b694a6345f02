"""Machine sequences where work holds operators: a leg begins with the exact plan."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.scheduling.decode import decode
from domain.scheduling.engine import solve
from domain.scheduling.goals import plain_goals
from domain.scheduling.manned import MannedWalk
from domain.scheduling.search import anneal
from domain.scheduling.walks import CrewedWalk
from domain.scheduling.yardstick import plain_yardstick
from tests.domain.scheduling.plans import planned

FEW = settings(max_examples=60, deadline=None)


@FEW
@given(st.integers(0, 10**9))
def test_a_leg_begins_with_the_times_of_the_exact_plan(seed):
    _, problem, first = planned(seed)
    exact = decode(problem, first.order, first.alternative)
    chains = MannedWalk(problem, exact, seed).walk.chains
    assert np.array_equal(chains.run_start, exact.run_start)
    assert np.array_equal(chains.end, exact.end)
    assert chains.totals[0] == exact.value


@FEW
@given(st.integers(0, 10**9))
def test_looking_at_the_best_does_not_lead_the_walk_astray(seed):
    _, problem, first = planned(seed)
    legs = MannedWalk(problem, first, seed)
    anneal(
        legs.eased.tables, legs.walk, 200, 500.0, plain_yardstick(), 3, 3.0, np.zeros(1, np.int32)
    )
    chains = legs.walk.chains
    before = chains.run_start.copy(), chains.totals.copy()
    legs.best()
    assert np.array_equal(chains.run_start, before[0])
    assert np.array_equal(chains.totals, before[1])


@FEW
@given(st.integers(0, 10**9))
def test_what_a_crewed_walk_hands_out_costs_what_it_says(seed):
    _, problem, first = planned(seed)
    walk = CrewedWalk(plain_goals(problem), first, seed, np.zeros(1, np.int32))
    for _ in range(18):  # over two legs: by sequence, and by order if crews are in the way
        walk.run(100.0, is_timed=False)
    found = walk.best_solution()
    assert found.value <= first.value
    again = decode(problem, found.order, found.alternative)
    if not np.array_equal(found.order, first.order):
        assert (again.value, again.setup_minutes) == (found.value, found.setup_minutes)


def test_scarce_operators_get_the_urgent_work_first():
    _, problem, first = planned(4, lines=40)
    assert problem.has_crews
    found = solve(problem, seconds=60, workers=1, seed=1, iterations=30)
    assert found.value < first.value

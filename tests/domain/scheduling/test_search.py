"""Moves on machine sequences: what they keep up to date, and what they take back."""

import numpy as np
import pytest

from domain.scheduling.build import build_problem
from domain.scheduling.chains import load_order, order_by_time
from domain.scheduling.dispatch import GRID, dispatch
from domain.scheduling.search import anneal, new_walk, solution_of_best
from domain.scheduling.urgency import urgency_of
from domain.scheduling.yardstick import plain_yardstick
from tests.bench.factories import NOW_AT, make_factory


@pytest.mark.parametrize("heat", [1.0, 500.0, 20_000.0])
def test_what_moves_keep_is_what_the_sequences_say(heat: float) -> None:
    problem = build_problem(make_factory(150, seed=3), NOW_AT)
    tables = problem.tables
    start = dispatch(problem, urgency_of(problem), GRID[0])
    walk, stop = new_walk(problem, start, seed=5), np.zeros(1, np.int32)
    for _ in range(5):
        anneal(tables, walk, 400, heat, plain_yardstick(), 3, 3.0, stop)
        chains = walk.chains
        kept = [chains.totals.copy(), chains.run_start.copy(), chains.end.copy()]
        kept += [chains.setup.copy(), chains.line_cost.copy()]
        missing, order = np.zeros((2, problem.operation_count), np.int32)
        assert order_by_time(tables, chains, missing, order) == problem.operation_count
        load_order(tables, chains, order, chains.alternative.copy())
        fresh = [chains.totals, chains.run_start, chains.end, chains.setup, chains.line_cost]
        for one, other in zip(kept, fresh, strict=True):
            assert np.array_equal(one, other)
    best = solution_of_best(problem, walk)
    assert [best.value, best.setup_minutes] == list(walk.best_totals[:2])
    assert best.value <= start.value

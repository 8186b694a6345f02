"""Moves on machine sequences: what they keep up to date, and what they take back."""

from dataclasses import replace

import numpy as np
import pytest

from domain.scheduling.build import build_problem
from domain.scheduling.chains import SETUP, VALUE, load_order, order_by_time
from domain.scheduling.dispatch import GRID, dispatch
from domain.scheduling.goals import plain_goals
from domain.scheduling.problem import Solution, slip_of
from domain.scheduling.search import anneal, new_walk, solution_of_best
from domain.scheduling.urgency import urgency_of
from domain.scheduling.walks import MANY_OPERATIONS, PlainWalk, RuiningWalk, new_round_walk
from domain.scheduling.yardstick import new_yardstick, plain_yardstick
from tests.bench.events import violations
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


@pytest.mark.parametrize("heat", [5.0, 2000.0])
def test_a_walk_that_ruins_gives_sound_plans_that_get_no_worse(heat: float) -> None:
    """Frozen work stays, whatever is taken out around it; the same seed gives the same plan."""
    plan = make_factory(60, 3)
    problem = build_problem(plan, NOW_AT)
    start = dispatch(problem, urgency_of(problem), GRID[0])
    pin = problem.tables.pin.copy()
    first = start.order[:5]
    pin[first] = start.run_start[first]
    held = replace(problem, tables=problem.tables._replace(pin=pin))
    found: list[Solution] = []
    for _ in range(2):
        walk = new_round_walk(plain_goals(held), start, 7, np.zeros(1, np.int32))
        assert isinstance(walk, RuiningWalk)
        keys = []
        for _ in range(6):
            walk.run(heat, is_timed=False)
            keys.append(walk.best_key())
            here = walk.best_solution()
            assert violations(plan, held, here) == 0
            assert slip_of(held, here) == 0
        assert keys == sorted(keys, reverse=True)
        assert keys[-1] < keys[0]
        found.append(walk.best_solution())
    assert np.array_equal(found[0].run_start, found[1].run_start)
    assert found[0].value < start.value


def test_what_a_timetable_does_not_know_is_left_to_sequences() -> None:
    """Large factories, too: there, moves are what there is no time for."""
    small, large = (build_problem(make_factory(n, 1), NOW_AT) for n in (60, MANY_OPERATIONS + 500))
    setups = new_yardstick({SETUP: 100.0}, ({SETUP: 1}, {VALUE: 1}))
    goals = replace(plain_goals(small), yardstick=setups)
    for each, kind in ((plain_goals(small), RuiningWalk), (goals, PlainWalk)):
        start = dispatch(small, urgency_of(small), GRID[0])
        assert type(new_round_walk(each, start, 1, np.zeros(1, np.int32))) is kind
    start = dispatch(large, urgency_of(large), GRID[0])
    walk = new_round_walk(plain_goals(large), start, 1, np.zeros(1, np.int32))
    assert type(walk) is PlainWalk

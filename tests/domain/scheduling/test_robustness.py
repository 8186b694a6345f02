"""Replays: nothing varies and the plan comes out; one operation varies and the odds are known."""

from __future__ import annotations

from math import erf, log, sqrt

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.mrp import explode, mrp_changes
from domain.scheduling.build import build_problem
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.robustness import Variation, replay
from domain.scheduling.urgency import urgency_of
from tests.builders import (
    NOW,
    TODAY,
    id_maker,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
)
from tests.domain.scheduling.plans import planned

STILL = Variation(spread=0, hours_between_failures=0, supplier_spread=0)


def one_job(run_minutes: int) -> tuple[Problem, Solution]:
    """One operation of that length from 08:00 on; the line is due at 24:00, minute 960."""
    item, machine = make_item(), make_machine()
    step = make_routing_operation(item, run_minutes=run_minutes)
    line = make_order_line(item, due_on=TODAY)
    plan = make_plan(item, machine, step, make_routing_machine(step, machine), line)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    problem = build_problem(plan, NOW)
    assert problem.operation_count == 1
    return problem, dispatch(problem, urgency_of(problem), PLAIN)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
@example(872)  # a crew comes so late that an operation that must fit waits for the next shift
def test_without_variation_a_replay_is_the_plan(seed):
    _, problem, solution = planned(seed)
    result = replay(problem, solution, STILL, replays=2, workers=1)
    tables = problem.tables
    for line in range(len(problem.line_ids)):
        ops = tables.line_op[tables.line_first[line] : tables.line_first[line + 1]]
        finish = max([int(tables.line_floor[line]), *solution.end[ops].tolist()])
        assert result.mean_finish[line] == result.likely_finish[line] == finish
        assert result.on_time[line] == (finish <= tables.line_due[line])
    assert not result.fragility.any()


def test_the_odds_of_one_operation_are_those_of_the_lognormal_distribution():
    problem, solution = one_job(800)
    variation = Variation(spread=0.15, hours_between_failures=0)
    result = replay(problem, solution, variation, replays=4000, seed=3)
    # On time when 800 × exp(0.15 z − 0.15² ÷ 2) <= 960.
    limit = (log(960 / 800) + 0.15**2 / 2) / 0.15
    expected = 0.5 * (1 + erf(limit / sqrt(2)))
    assert result.on_time[0] == pytest.approx(expected, abs=3 * 0.5 / sqrt(4000))
    assert result.mean_finish[0] == pytest.approx(800, rel=0.01)
    assert result.fragility[0] == pytest.approx(1 - result.on_time[0])
    assert result.fragile_spots() == [0]
    assert result.causes(0) == [(0, pytest.approx(1 - result.on_time[0]))]
    assert result.median_finish[0] == pytest.approx(800 * np.exp(-(0.15**2) / 2), rel=0.01)
    done = replay(problem, solution, variation, replays=5, since=800)
    assert done.on_time[0] == 1
    assert set(done.blame[:, 0]) == {-1}


def test_breakdowns_come_as_often_as_told():
    problem, solution = one_job(900)
    variation = Variation(spread=0, hours_between_failures=15, repair_minutes=10_000)
    result = replay(problem, solution, variation, replays=4000)
    # 15 hours of work between failures on average: e⁻¹ of all runs have none. Of the others those
    # with a repair of at most 60 minutes are on time, too.
    expected = np.exp(-1) + (1 - np.exp(-1)) * (1 - np.exp(-60 / 10_000))
    assert result.on_time[0] == pytest.approx(expected, abs=3 * 0.5 / sqrt(4000))


def test_what_was_recorded_is_drawn_from():
    problem, solution = one_job(600)
    variation = Variation(recorded=(1.0, 1.0, 1.0, 2.0), hours_between_failures=0)
    result = replay(problem, solution, variation, replays=2000)
    assert result.on_time[0] == pytest.approx(0.75, abs=0.04)
    assert result.likely_finish[0] == 1200


def test_the_seed_decides_and_the_threads_do_not():
    _, problem, solution = planned(5)
    one = replay(problem, solution, replays=60, seed=9, workers=1)
    two = replay(problem, solution, replays=60, seed=9, workers=3)
    other = replay(problem, solution, replays=60, seed=10)
    assert np.array_equal(one.mean_finish, two.mean_finish)
    assert np.array_equal(one.fragility, two.fragility)
    assert not np.array_equal(one.mean_finish, other.mean_finish)

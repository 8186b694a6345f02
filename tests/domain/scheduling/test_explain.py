"""The critical chain: every minute of it has a cause, on any plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.scheduling.explain import Cause, Explainer, own_work
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.right_shift import right_shift
from tests.domain.scheduling.plans import planned


def finish(problem: Problem, solution: Solution, line: int) -> int:
    tables = problem.tables
    ops = tables.line_op[tables.line_first[line] : tables.line_first[line + 1]]
    return max([int(tables.line_floor[line]), *solution.end[ops].tolist()])


def check_chains(problem: Problem, solution: Solution) -> None:
    explainer = Explainer(problem, solution)
    for line in range(len(problem.line_ids)):
        links = explainer.chain(line)
        assert sum(link.minutes for link in links) == finish(problem, solution, line)
        assert all(0 < link.minutes <= link.end - link.start for link in links)
        ends = [link.end for link in links]
        assert ends == sorted(ends, reverse=True)
        own = own_work(problem, line)
        for link in links:
            if link.cause in (Cause.RUN, Cause.SETUP):
                assert link.op in own
            if link.cause is Cause.QUEUE:
                assert link.op not in own
                assert link.machine >= 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_the_causes_of_a_chain_are_the_whole_time(seed):
    _, problem, solution = planned(seed)
    check_chains(problem, solution)
    assert all(
        link.cause is not Cause.HELD
        for line in range(len(problem.line_ids))
        for link in Explainer(problem, solution).chain(line)
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 3000))
def test_a_plan_that_is_held_back_is_explained_too(seed, minutes):
    _, problem, solution = planned(seed)
    later = replace(solution, run_start=(solution.run_start + minutes).astype(np.int32))
    check_chains(problem, right_shift(problem, later))

"""Random factories with a plan, for the tests of what is said about plans."""

from __future__ import annotations

from domain.mrp import explode, mrp_changes
from domain.plan import Plan
from domain.scheduling.build import build_problem
from domain.scheduling.decode import by_time
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.urgency import urgency_of
from tests.builders import NOW, id_maker
from tests.factories import RandomFactory


def planned(
    seed: int, lines: int = 8, *, has_choices: bool = False
) -> tuple[Plan, Problem, Solution]:
    """A random factory, what it has to plan, and a first plan."""
    plan = RandomFactory(seed, lines, has_choices=has_choices).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    problem = build_problem(plan, NOW)
    return plan, problem, by_time(dispatch(problem, urgency_of(problem), PLAIN))

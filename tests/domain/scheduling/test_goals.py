"""Plans after a planner's own goals: never worse in them, and right shifts that cost nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import RuleViolation, Severity
from domain.items import Item
from domain.mrp import explode, mrp_changes
from domain.objectives import (
    FEW_CHANGEOVERS,
    KEEP_PLAN,
    LEAN,
    ON_TIME,
    PRESETS,
    Goal,
    ObjectiveProfile,
    check_profile,
)
from domain.plan import Plan
from domain.scenarios import Booking, Scenario
from domain.scheduling.amounts import plan_amounts
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.check_facts import Facts
from domain.scheduling.checks import check_plan
from domain.scheduling.engine import Progress, solve
from domain.scheduling.goals import goals_of, starts_of
from domain.scheduling.lateness import order_lateness
from domain.scheduling.latest import as_late_as
from domain.scheduling.problem import Problem, Solution, line_lateness
from domain.scheduling.worktime import FAR
from tests.builders import NOW, id_maker, make_scenario
from tests.domain.scheduling.plans import planned
from tests.domain.scheduling.test_mend import two_machines

WEIGHED = replace(
    ON_TIME,
    is_weighted=True,
    goals=tuple(Goal),
    preference_weight=Decimal("0.5"),
    setup_weight=Decimal(20),
)


def in_force(plan: Plan, problem: Problem, solution: Solution) -> tuple[Scenario, list[Booking]]:
    """A scenario of a solution."""
    scenario = make_scenario(plant_id=plan.home_plant().id, published=True)
    return scenario, bookings_from(problem, solution, plan, scenario, id_maker(9))


def errors_of(plan: Plan, problem: Problem, solution: Solution) -> list[str]:
    """What the checker says against a solution."""
    _, bookings = in_force(plan, problem, solution)
    found = check_plan(plan, bookings, NOW)
    return [finding.code for finding in found if finding.severity is Severity.ERROR]


def lates(problem: Problem, solution: Solution) -> list[int]:
    """How late each line is."""
    lines = range(len(problem.line_ids))
    return [line_lateness(problem.tables, line, solution.end) for line in lines]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_work_shifted_right_is_no_later_and_keeps_every_rule(seed: int) -> None:
    plan, problem, first = planned(seed)
    goals = goals_of(problem, plan, LEAN)
    late = goals.finished(first)
    assert errors_of(plan, problem, late) == errors_of(plan, problem, first)
    assert lates(problem, late) == lates(problem, first)
    assert (late.run_start >= first.run_start).all()
    assert (late.alternative == first.alternative).all()
    assert (
        late.work_in_progress <= goals_of(problem, plan, ON_TIME).finished(first).work_in_progress
    )
    _, bookings = in_force(plan, problem, late)
    if len(bookings) == sum(each is not None for each in problem.operation_ids):
        found = plan_amounts(Facts(plan, bookings, NOW), order_lateness(plan, bookings, NOW))
        assert found == {goal: late.amounts[goal] for goal in found}
    again = as_late_as(problem, late, np.full(problem.operation_count, FAR, np.int32))
    assert again.work_in_progress <= late.work_in_progress


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 100_000), profile=st.sampled_from((*PRESETS, WEIGHED)))
def test_a_plan_is_never_worse_in_its_own_terms_than_the_start(
    seed: int, profile: ObjectiveProfile
) -> None:
    plan, problem, first = planned(seed)
    scenario, bookings = in_force(plan, problem, first)
    for row in (scenario, *bookings):
        plan.put(row)
    goals = goals_of(problem, plan, profile, scenario)
    found = solve(problem, seconds=60, workers=1, seed=seed, iterations=2, start=first, goals=goals)
    assert goals.key(found) <= goals.key(goals.finished(first))
    assert errors_of(plan, problem, found) == errors_of(plan, problem, first)
    assert found.amounts[Goal.LATENESS] == found.value


def test_the_preset_on_time_first_is_the_engine_without_goals() -> None:
    plan, problem, _ = planned(5)
    named = solve(
        problem, seconds=60, workers=1, iterations=3, goals=goals_of(problem, plan, ON_TIME)
    )
    plain = solve(problem, seconds=60, workers=1, iterations=3)
    assert (named.run_start == plain.run_start).all()
    assert (named.value, named.setup_minutes) == (plain.value, plain.setup_minutes)


@pytest.mark.parametrize("is_reversed", [False, True])
def test_of_several_ways_to_begin_the_best_is_seen_first(is_reversed: bool) -> None:
    plan, problem, first = planned(3, lines=12)
    better = solve(problem, seconds=60, workers=1, iterations=20)
    assert better.setup_minutes < first.setup_minutes  # both in time
    starts = (better, first) if is_reversed else (first, better)
    goals = replace(goals_of(problem, plan, ON_TIME), starts=starts)
    seen = list[Progress]()
    solve(problem, seconds=60, workers=1, iterations=1, goals=goals, on_progress=seen.append)
    assert (seen[0].stage, seen[0].setup_minutes) == ("start", better.setup_minutes)


def test_a_plan_kept_first_of_all_stays_where_it_is() -> None:
    plan, problem, first = planned(7)
    scenario, bookings = in_force(plan, problem, first)
    for row in (scenario, *bookings):
        plan.put(row)
    goals = goals_of(problem, plan, KEEP_PLAN, scenario)
    found = solve(problem, seconds=60, workers=1, iterations=5, goals=goals)
    assert found.changes == 0
    assert found.value <= first.value


def test_few_changeovers_has_no_more_setup_than_on_time_first() -> None:
    plan, problem, _ = planned(3, lines=12)
    few, timely = (
        solve(problem, seconds=60, workers=1, iterations=20, goals=goals_of(problem, plan, each))
        for each in (FEW_CHANGEOVERS, ON_TIME)
    )
    assert few.setup_minutes <= timely.setup_minutes


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "profile_name_missing"),
        ({"name": "LEAN"}, "profile_name_taken"),
        ({"goals": ()}, "profile_goals_missing"),
        ({"goals": ("beauty",)}, "profile_goal_unknown"),
        ({"goals": (Goal.SETUP, Goal.SETUP)}, "profile_goal_twice"),
        ({"is_weighted": True, "setup_weight": Decimal(0)}, "profile_weight"),
        ({"is_weighted": True, "setup_weight": Decimal("0.001")}, "profile_weight"),
        ({"is_weighted": True, "setup_weight": Decimal("NaN")}, "profile_weight"),
    ],
)
def test_what_makes_no_profile_is_refused(changes: dict[str, object], code: str) -> None:
    profile = replace(ON_TIME, **changes)  # pyright: ignore[reportArgumentType]
    with pytest.raises(RuleViolation) as caught:
        check_profile(profile, (LEAN,))
    assert caught.value.code == code


def test_new_work_that_nobody_is_due_has_its_place_in_the_plan_that_is_kept() -> None:
    # Five are wanted in stock, at no time: after a plan that goes on they come as soon as can be,
    # not at the end of all time, where no calendar reaches.
    plan = two_machines(900)[0]
    item = next(iter(plan.table(Item).values()))
    plan.put(replace(item, safety_stock=Decimal(5)))
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(4))))
    problem = build_problem(plan, NOW)
    found = starts_of(problem, plan, plan.published())
    assert len(found) == 2
    for start in found:
        booked = bookings_from(problem, start, plan, plan.published(), id_maker(5))
        assert {row.operation_id for row in booked} == set(problem.operation_ids)

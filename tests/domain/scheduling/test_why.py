"""The story of an order line as rows: the whole time, told of a scenario's bookings."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.scheduling.build import bookings_from
from domain.scheduling.lateness import order_lateness
from domain.scheduling.why import why_late
from tests.builders import NOW, id_maker, make_scenario
from tests.domain.scheduling.plans import planned


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_the_story_is_the_whole_time_of_the_line(seed):
    plan, problem, solution = planned(seed)
    scenario = make_scenario(now_at=NOW)
    plan.put(scenario)
    rows = bookings_from(problem, solution, plan, scenario, id_maker(3))
    for row in rows:
        plan.put(row)
    fates = {fate.order_line.id: fate for fate in order_lateness(plan, rows, NOW)}
    for line_id in problem.line_ids[:3]:
        why, fate = why_late(plan, scenario, line_id), fates[line_id]
        assert why is not None
        told = timedelta(minutes=sum(stretch.minutes for stretch in why.stretches))
        assert NOW + told == fate.finish_at
        assert all(0 < one.saved_minutes <= fate.late_minutes for one in why.advice)


def test_nothing_is_told_of_a_line_that_is_not_planned():
    plan, problem, _ = planned(4)
    scenario = make_scenario(now_at=NOW)
    plan.put(scenario)
    assert why_late(plan, scenario, problem.line_ids[0]) is None

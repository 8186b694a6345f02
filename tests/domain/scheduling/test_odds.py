"""Odds in the planner's terms: those of the replays, by row, from now on."""

from __future__ import annotations

import pytest

from domain.orders import OrderLine
from domain.production import Operation
from domain.scheduling.odds import plan_odds
from tests.builders import NOW, at, make_scenario
from tests.domain.scheduling.test_quote import shop


def test_a_tight_order_is_doubtful_and_its_work_is_fragile():
    # Both lines are due at 960; a line of 900 minutes has the odds of its one operation, the
    # other one, behind it, is late in the plan already.
    plan, scenario, _, _ = shop(quantity=3)
    odds = plan_odds(plan, scenario, NOW, replays=200)
    first, second = (odds.lines[line.id] for line in plan.table(OrderLine).values())
    if first.on_time < second.on_time:
        first, second = second, first
    assert 0.4 < first.on_time < 0.9
    assert second.on_time == 0
    assert at(700) < first.likely_at < first.safe_at < second.likely_at
    ((step_id, share),) = first.causes
    assert plan.get(Operation, step_id) is not None
    assert share == pytest.approx(1 - first.on_time)
    assert odds.fragile[step_id] >= share
    assert odds == plan_odds(plan, scenario, NOW, replays=200), "the same plan has the same odds"
    later = plan_odds(plan, scenario, at(900), replays=50)
    assert max(line.on_time for line in later.lines.values()) == 1, "what is done is done"


def test_there_are_no_odds_without_a_plan_or_when_stopped():
    plan, scenario, _, _ = shop()
    assert plan_odds(plan, make_scenario(name="Empty"), NOW) is None
    assert plan_odds(plan, scenario, NOW, should_stop=lambda: True) is None

"""Moves on the Gantt: random factories against the checker, and each refusal by hand."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Finding, RuleViolation
from domain.mrp import explode, mrp_changes
from domain.plan import Plan
from domain.scenarios import Booking, LockLevel, Scenario
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.lateness import order_lateness, plan_totals
from domain.scheduling.repair import Move, MoveBoard
from domain.scheduling.urgency import urgency_of
from tests.builders import NOW, id_maker, make_scenario, minutes
from tests.factories import RandomFactory


def planned_factory(seed: int, lines: int = 8) -> tuple[Plan, Scenario]:
    plan = RandomFactory(seed, lines).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    problem = build_problem(plan, NOW)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    scenario = make_scenario(published=True)
    plan.put(scenario)
    for row in bookings_from(problem, solution, plan, scenario, id_maker(seed + 1)):
        plan.put(row)
    return plan, scenario


def faults(plan: Plan, bookings: list[Booking]) -> list[Finding]:
    return [f for f in check_plan(plan, bookings, NOW) if f.severity == "error"]


def late_minutes(plan: Plan, bookings: list[Booking]) -> int:
    return sum(fate.late_minutes for fate in order_lateness(plan, bookings, NOW))


def check_move(plan: Plan, before: list[Booking], booking: Booking, move: Move) -> list[Booking]:
    after = {row.id: row for row in before}
    after |= {row.id: row for row in move.bookings}
    assert faults(plan, list(after.values())) == []
    old = {row.id: row for row in before}
    for row in move.bookings:
        assert row != old[row.id]
        if row.id == booking.id:
            continue
        assert row.machine_id == old[row.id].machine_id
        assert row.run_start_at >= old[row.id].run_start_at
        if row.lock in (LockLevel.TIME, LockLevel.SEQUENCE):
            assert row.run_start_at == old[row.id].run_start_at
    rows = list(after.values())
    assert late_minutes(plan, rows) - late_minutes(plan, before) == move.lateness_minutes
    setup = [plan_totals(plan, each, NOW).setup_minutes for each in (rows, before)]
    assert setup[0] - setup[1] == move.setup_minutes
    return rows


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_what_is_accepted_breaks_no_rule_and_moves_no_more_than_it_must(seed):
    plan, scenario = planned_factory(seed)
    source = random.Random(seed)
    for _ in range(12):
        rows = plan.where(Booking, scenario_id=scenario.id)
        if not rows:
            return
        for row in source.sample(rows, min(2, len(rows))):
            lock = source.choice(list(LockLevel))
            plan.put(replace(row, lock=lock))
        rows = plan.where(Booking, scenario_id=scenario.id)
        booking = source.choice(rows)
        board = MoveBoard(plan, scenario, NOW)
        other = source.choice(rows)
        start_at = source.choice([other.end_at, other.setup_start_at, booking.setup_start_at])
        start_at += minutes(source.choice([0, 0, 5, 333, -60]))
        machines = sorted(board.eligible(booking), key=str) or [booking.machine_id]
        machine_id = source.choice(machines) if booking.machine_id else None
        try:
            move = board.try_move(booking, machine_id, start_at, NOW)
        except RuleViolation:
            continue
        for row in check_move(plan, rows, booking, move):
            plan.put(row)

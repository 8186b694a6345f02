"""A batch that keeps its start keeps it as a whole, whoever else would like to run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.mrp import explode, mrp_changes
from domain.scenarios import Booking, LockLevel
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import GRID, dispatch
from domain.scheduling.engine import solve
from domain.scheduling.pinned import pinned_mates
from domain.scheduling.urgency import urgency_of
from tests.builders import NOW, id_maker, make_scenario
from tests.domain.scheduling.test_batches import Fired, line, make_part


def minutes(rows: list[Booking]) -> dict[object, int]:
    """Run starts by operation, in minutes from now."""
    return {row.operation_id: (row.run_start_at - NOW) // timedelta(minutes=1) for row in rows}


def published(fired: Fired, rows: list[Booking]) -> Fired:
    """The factory with these bookings in force."""
    scenario = make_scenario(published=True)
    fired.plan.put(scenario)
    for row in rows:
        fired.plan.put(replace(row, scenario_id=scenario.id, published=True))
    return fired


def furnace(lock: LockLevel = LockLevel.NONE) -> tuple[Fired, list[Booking]]:
    """One batch of three lengths from 205 on, and urgent work of its family that is new.

    Set up from 200 to 205, it runs for 90 minutes until 295. The operations are in the order of
    their lengths, 20, 60, 90: what is tried first cannot lead. Of the 10 it may hold 9 are taken.
    """
    parts = [make_part(f"P{run}", run_minutes=Decimal(run)) for run in (20, 60, 90)]
    urgent = make_part("U", run_minutes=Decimal(30))
    old = [line(part[0], 3, str(at), priority=9) for at, part in enumerate(parts)]
    new = [line(urgent[0], 1, f"U{at}", priority=1) for at in range(3)]
    fired = Fired(*parts, old, urgent, new)
    by_operation = {row.operation_id: row for row in fired.bookings}
    numbers = {
        step: int(fired.problem.tables.alt_run[fired.problem.tables.alt_first[at]])
        for at, step in enumerate(fired.problem.operation_ids)
    }
    held = [row for step, row in by_operation.items() if numbers[step] != 30]
    leader = next(row for row in held if numbers[row.operation_id] == 90)
    start, end = NOW + timedelta(minutes=205), NOW + timedelta(minutes=295)
    rows = [
        replace(
            row,
            setup_start_at=start - timedelta(minutes=5 if row is leader else 0),
            run_start_at=start,
            end_at=end,
            batch_id=None if row is leader else leader.id,
            lock=LockLevel.NONE if row is leader else lock,
        )
        for row in held
    ]
    return published(fired, rows), rows


@pytest.mark.parametrize("is_solved", [False, True])
@pytest.mark.parametrize(("lock", "frozen"), [(LockLevel.NONE, 203), (LockLevel.TIME, 0)])
def test_a_batch_that_is_held_stays_whole(lock: LockLevel, frozen: int, is_solved: bool):
    # Frozen until 203: only the leader's setup, from 200 on, lies before that, but not the run from
    # 205 on with which the others begin. Locked: the others, but not their leader.
    fired, held = furnace(lock)
    problem = build_problem(fired.plan, NOW, frozen_minutes=frozen)
    if is_solved:
        solution = solve(problem, seconds=60, workers=1, iterations=3)
    else:
        solution = dispatch(problem, urgency_of(problem), GRID[0])
    scenario = fired.plan.published()
    assert scenario is not None
    rows = bookings_from(problem, solution, fired.plan, scenario, id_maker(8))
    starts = minutes(rows)
    assert [starts[row.operation_id] for row in held] == [205, 205, 205]
    assert len({row.batch for row in rows if row.id in {one.id for one in held}}) == 1
    assert [found.code for found in check_plan(fired.plan, rows, NOW)] == []


def test_those_in_sequence_may_be_in_one_batch():
    # They keep their order on the machine; that of one batch is at once.
    fired, held = furnace()
    for row in held:
        fired.plan.put(replace(fired.plan.need(Booking, row.id), lock=LockLevel.SEQUENCE))
    problem = build_problem(fired.plan, NOW)
    assert len(problem.tables.edge_from) == 0


def test_the_longest_leads_what_is_pinned_together():
    fired, _ = furnace(LockLevel.TIME)
    tables = build_problem(fired.plan, NOW).tables
    runs = sorted(int(tables.alt_run[tables.alt_first[op]]) for op in pinned_mates(tables))
    assert runs == [20, 60]


def test_another_family_at_the_same_minute_is_not_of_the_batch():
    # Both were pinned to 205: one of them has to slip, but each of them is waited for.
    hot, cool = make_part("A", "860°C"), make_part("B", "550°C", run_minutes=Decimal(50))
    fired = Fired(hot, cool, line(hot[0], 1, "1"), line(cool[0], 1, "2"))
    start = NOW + timedelta(minutes=205)
    rows = [
        replace(row, setup_start_at=start, run_start_at=start, batch_id=None, lock=LockLevel.TIME)
        for row in fired.bookings
    ]
    published(fired, rows)
    problem = build_problem(fired.plan, NOW)
    assert problem.tables.pin.tolist() == [205, 205]
    assert pinned_mates(problem.tables).size == 0


def test_a_rerun_with_everything_frozen_moves_nothing():
    part = make_part()
    fired = Fired(part, [line(part[0], 4, str(at)) for at in range(6)])
    published(fired, fired.bookings)
    fired.plan.apply(mrp_changes(fired.plan, explode(fired.plan, NOW, id_maker(3))))
    problem = build_problem(fired.plan, NOW, frozen_minutes=10_000)
    solution = dispatch(problem, urgency_of(problem), GRID[0])
    scenario = fired.plan.published()
    assert scenario is not None
    rows = bookings_from(problem, solution, fired.plan, scenario, id_maker(8))
    assert minutes(rows) == minutes(fired.bookings)

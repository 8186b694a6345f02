"""Impossible wishes: never claimed of what a plan does, and the set of limits is minimal."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine
from domain.scenarios import Booking, LockLevel
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.conflict import Case, Limit, LimitKind, why_impossible
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.right_shift import solution_from
from domain.scheduling.urgency import urgency_of
from tests.builders import (
    NOW,
    TODAY,
    id_maker,
    make_calendar,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_week,
)
from tests.domain.scheduling.plans import planned


def with_locks(plan, problem, solution, level, every=3):
    """The plan's bookings as a scenario, every third one locked; what is to be planned then."""
    scenario = make_scenario(published=True)
    plan.put(scenario)
    for number, row in enumerate(bookings_from(problem, solution, plan, scenario, id_maker(5))):
        is_locked = number % every == 0 and row.machine_id is not None
        plan.put(replace(row, lock=level if is_locked else LockLevel.NONE))
    locked = build_problem(plan, NOW)
    return locked, solution_from(locked, plan, scenario)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**9),
    st.sampled_from([LockLevel.TIME, LockLevel.MACHINE]),
    st.integers(1, 5000),
)
def test_claims_are_true_and_minimal(seed, level, sooner):
    plan, free, solution = planned(seed)
    locked, present = with_locks(plan, free, solution, level)
    for line in range(0, len(free.line_ids), 3):
        assert free.line_ids[line] == locked.line_ids[line]
        tables = locked.tables
        ops = tables.line_op[tables.line_first[line] : tables.line_first[line + 1]]
        finish = max([int(tables.line_floor[line]), *present.end[ops].tolist()])
        assert why_impossible(free, locked, present, line, finish) is None
        case = Case(free, locked, present, line)
        wished = max(0, case.finish(case.limits) - sooner)
        claim = why_impossible(free, locked, present, line, wished)
        if claim is None:
            continue
        assert wished < claim.earliest <= finish
        assert case.finish(claim.limits) > wished
        for limit in claim.limits:
            assert case.finish(set(claim.limits) - {limit}) <= wished


def test_a_lock_and_the_night_are_named():
    """9 hours a day; 200 minutes locked at 400 leave 140 today, and 60 tomorrow from 1440 on."""
    day = make_calendar()
    item, machine = make_item(), make_machine(calendar_id=day.id)
    step = make_routing_operation(item, run_minutes=200)
    lines = [make_order_line(item, line=n, due_on=TODAY) for n in ("1", "2")]
    plan = make_plan(
        day, *make_week(day), item, machine, step, make_routing_machine(step, machine), *lines
    )
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    free = build_problem(plan, NOW)
    solution = dispatch(free, urgency_of(free), PLAIN)
    locked, present = with_locks(plan, free, solution, LockLevel.NONE)
    line = free.line_ids.index(plan.one(OrderLine, line="1").id)
    op = int(free.tables.line_op[free.tables.line_first[line]])
    booking = plan.one(Booking, operation_id=free.operation_ids[op])
    start_at = free.instant(400)
    plan.put(
        replace(
            booking,
            setup_start_at=start_at,
            run_start_at=start_at,
            end_at=free.instant(1500),
            lock=LockLevel.TIME,
        )
    )
    locked = build_problem(plan, NOW)
    present = solution_from(locked, plan, plan.published())
    claim = why_impossible(free, locked, present, line, 1000)
    closed = Limit(LimitKind.CLOSED, machines=(0,))
    assert claim.earliest == 1500
    assert set(claim.limits) == {Limit(LimitKind.LOCK, op), closed}
    # By 550 the lock alone is in the way, by 199 the work itself.
    assert why_impossible(free, locked, present, line, 550).limits == (Limit(LimitKind.LOCK, op),)
    assert why_impossible(free, locked, present, line, 199).limits == ()
    assert why_impossible(free, locked, present, line, 1500) is None

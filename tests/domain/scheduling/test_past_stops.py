"""A breakdown that is told when it is over: work went on after it, and what followed came later."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.plan import Plan
from domain.resources import Machine
from domain.scenarios import Booking
from domain.scheduling.begun import begun_work
from domain.scheduling.build import bookings_from
from domain.scheduling.keeping import keep_begun
from domain.scheduling.right_shift import solution_from
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_bom_line,
    make_downtime,
    make_item,
    make_machine,
    make_operator,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
)
from tests.domain.scheduling.test_mend import planned, published

_MINUTE = timedelta(minutes=1)


def line_up(*, orders: int, steps: int = 1) -> Plan:
    """Orders of 100 minutes a step, one after the other from now on; each step has a machine of its
    own, A, B, …, that never rests."""
    item = make_item()
    machines = [make_machine(code=code) for code in "AB"[:steps]]
    routing = [
        make_routing_operation(item, number=10 * (at + 1), run_minutes=100) for at in range(steps)
    ]
    able = [make_routing_machine(*each) for each in zip(routing, machines, strict=True)]
    lines = [
        make_order_line(item, line=str(n), due_on=TODAY + timedelta(days=n + 1))
        for n in range(orders)
    ]
    return published(make_plan(item, *machines, *routing, *able, *lines))


def machine_of(plan: Plan, code: str) -> Machine:
    return next(row for row in plan.table(Machine).values() if row.code == code)


def pushed(plan: Plan, now: int) -> list[tuple[str, int, int]]:
    """Machine, start and end of all work as it goes on, by machine and time; nothing is let go that
    has begun."""
    scenario = plan.published()
    assert scenario is not None
    kept = keep_begun(plan, scenario, at(now))
    assert kept.problem.begun.keys() == begun_work(plan, scenario, at(now)).keys()
    solution = solution_from(kept.problem, plan, scenario)
    assert solution is not None
    rows = bookings_from(kept.problem, solution, plan, scenario, id_maker(3))
    assert all(row.setup_start_at == row.run_start_at for row in rows)  # nothing is set up here
    return sorted(
        (
            plan.need(Machine, row.machine_id).code,
            (row.run_start_at - NOW) // _MINUTE,
            (row.end_at - NOW) // _MINUTE,
        )
        for row in rows
    )


@pytest.mark.parametrize("now", [50, 99, 110, 130, 135, 200, 229, 231, 329, 331, 2000])
def test_whatever_the_time_is_when_it_is_told_it_cost_as_long_as_it_took(now: int) -> None:
    plan = line_up(orders=3)
    plan.put(make_downtime(machine_of(plan, "A"), at(10), at(40)))
    assert pushed(plan, now) == [("A", 0, 130), ("A", 130, 230), ("A", 230, 330)]


def test_work_that_was_to_begin_while_the_machine_stood_began_when_it_ran_again() -> None:
    plan = line_up(orders=2)
    plan.put(make_downtime(machine_of(plan, "A"), at(95), at(120)))
    assert pushed(plan, 150) == [("A", 0, 125), ("A", 125, 225)]
    plan = line_up(orders=2)
    plan.put(make_downtime(machine_of(plan, "A"), at(100), at(120)))
    assert pushed(plan, 150) == [("A", 0, 100), ("A", 120, 220)]


def test_what_follows_on_another_machine_came_later_too() -> None:
    plan = line_up(orders=2, steps=2)
    plan.put(make_downtime(machine_of(plan, "A"), at(10), at(40)))
    late = [("A", 0, 130), ("A", 130, 230), ("B", 130, 230), ("B", 230, 330)]
    assert [pushed(plan, now) for now in (120, 140, 235, 1000)] == [late] * 4


def test_what_takes_its_parts_came_later_too() -> None:
    # A makes a part until 130 instead of 100; B runs with it from then on.
    part, whole = make_item(code="PART"), make_item(code="WHOLE")
    one, other = make_machine(code="A"), make_machine(code="B")
    steps = [make_routing_operation(item, run_minutes=100) for item in (part, whole)]
    able = [make_routing_machine(*each) for each in zip(steps, (one, other), strict=True)]
    line = make_order_line(whole, due_on=TODAY + timedelta(days=2))
    rows = part, whole, make_bom_line(whole, part), one, other, *steps, *able, line
    plan = published(make_plan(*rows))
    plan.put(make_downtime(one, at(10), at(40)))
    late = [("A", 0, 130), ("B", 130, 230)]
    assert [pushed(plan, now) for now in (110, 150, 235)] == [late] * 3


def test_nobody_was_at_two_machines_at_once() -> None:
    # One person works on A and then on B: he came to B 30 minutes later.
    item, other = make_item(code="P"), make_item(code="Q")
    machines = [make_machine(code=code) for code in "AB"]
    steps = [
        make_routing_operation(each, run_minutes=100, skill="weld", operators=1)
        for each in (item, other)
    ]
    able = [make_routing_machine(*each) for each in zip(steps, machines, strict=True)]
    lines = [
        make_order_line(each, line=str(n), due_on=TODAY + timedelta(days=n))
        for n, each in enumerate((item, other), start=1)
    ]
    rows = item, other, *machines, *steps, *able, *lines, make_operator("weld")
    plan = published(make_plan(*rows))
    plan.put(make_downtime(machines[0], at(10), at(40)))
    late = [("A", 0, 130), ("B", 130, 230)]
    assert [pushed(plan, now) for now in (110, 150, 250)] == [late] * 3


def test_a_stop_while_it_was_set_up_made_the_run_later() -> None:
    item, machine = make_item(), make_machine(code="A")
    step = make_routing_operation(item, setup_minutes=Decimal(60), run_minutes=100)
    line = make_order_line(item, due_on=TODAY + timedelta(days=2))
    plan = published(make_plan(item, machine, step, make_routing_machine(step, machine), line))
    plan.put(make_downtime(machine, at(10), at(40)))
    kept = keep_begun(plan, plan.published(), at(300))
    (rest,) = kept.problem.begun.values()
    row = rest.booking
    assert (row.setup_start_at, row.run_start_at, row.end_at) == (NOW, at(90), at(190))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.floats(0, 1), st.integers(0, 99), st.data())
def test_no_work_is_begun_again_for_a_breakdown_that_is_over(
    seed, has_people, share, which, data
) -> None:
    plan = planned(seed, has_people=has_people)
    scenario, rows = plan.published(), list(plan.table(Booking).values())
    if not rows:
        return
    start, end = min(row.setup_start_at for row in rows), max(row.end_at for row in rows)
    now_at = (start + (end - start) * share).replace(second=0, microsecond=0)
    if keep_begun(plan, scenario, now_at).lost:
        return  # there is something else about it, as with parts that nobody has ordered
    machines = sorted(plan.table(Machine).values(), key=lambda each: each.code)
    ago = data.draw(st.integers(1, 1000))
    until_at = now_at - data.draw(st.integers(0, ago - 1)) * _MINUTE
    plan.put(make_downtime(machines[which % len(machines)], now_at - ago * _MINUTE, until_at))
    begun = begun_work(plan, scenario, now_at)
    assert keep_begun(plan, scenario, now_at).problem.begun.keys() == begun.keys()
    for rest in begun.values():
        assert rest.booking.setup_start_at < now_at

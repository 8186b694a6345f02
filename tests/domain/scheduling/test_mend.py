"""Local repair: what an event hits goes elsewhere, the rest stays, and nothing gets worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from domain.errors import Severity
from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import Operation, Peg
from domain.resources import Downtime, Machine, Operator
from domain.routings import RoutingOperation
from domain.scenarios import Booking
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.engine import solve
from domain.scheduling.mend import STABILITY_PRICE, Mended, is_moved, mend
from domain.scheduling.presence import present_of
from domain.scheduling.problem import slip_of
from domain.scheduling.right_shift import solution_from
from domain.scheduling.urgency import urgency_of
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_absence,
    make_booking,
    make_downtime,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
)
from tests.factories import RandomFactory

seeds = st.integers(0, 10**9)


def planned(seed: int, *, has_people: bool, **wishes) -> Plan:
    """A random factory with a published plan; without people and tools if so wished."""
    plan = RandomFactory(seed, **wishes).plan()
    for step in list(plan.table(RoutingOperation).values()) if not has_people else ():
        plan.put(replace(step, skill="", operators=0, tool_id=None))
    return published(plan, seed)


def published(plan: Plan, seed: int = 1) -> Plan:
    """All that is needed is made, planned as early as can be, and published."""
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    problem = build_problem(plan, NOW)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    value, setup = solution.value, solution.setup_minutes
    scenario = make_scenario(published=True, weighted_lateness=value, setup_minutes=setup)
    plan.put(scenario)
    for booking in bookings_from(problem, solution, plan, scenario, id_maker(seed + 1)):
        plan.put(booking)
    return plan


def break_down(plan: Plan, random: np.random.Generator, *, after: int = 0) -> None:
    """A machine that has work stops while it should work, after that many minutes at least."""
    booked = [b for b in plan.table(Booking).values() if b.machine_id is not None]
    late = [b for b in booked if b.run_start_at >= NOW + timedelta(minutes=after)] or booked
    chosen = late[int(random.integers(len(late)))]
    start = max(chosen.run_start_at, NOW + timedelta(minutes=after))
    end = start + timedelta(minutes=int(random.integers(30, 1500)))
    new_id = id_maker(7)
    row = Downtime(id=new_id(), machine_id=chosen.machine_id, start_at=start, end_at=end)
    plan.put(row)


def send_home(plan: Plan, random: np.random.Generator) -> None:
    """Somebody who has work is absent while it should be done."""
    busy = [b for b in plan.table(Booking).values() if b.operator_ids]
    if busy:
        chosen = busy[int(random.integers(len(busy)))]
        start, length = chosen.run_start_at, timedelta(minutes=int(random.integers(30, 3000)))
        person = plan.need(Operator, chosen.operator_ids[0])
        plan.put(make_absence(person, start, start + length))


def errors(plan: Plan, problem, solution) -> list[str]:
    bookings = bookings_from(problem, solution, plan, plan.published(), id_maker(3))
    found = check_plan(plan, bookings, NOW)
    return [f.code for f in found if f.severity is Severity.ERROR]


@settings(max_examples=25, deadline=None)
@given(seeds, st.booleans(), st.booleans())
def test_any_repair_passes_the_checker(seed, has_people, has_limits):
    plan = planned(seed, has_people=has_people, has_limits=has_limits)
    if not plan.table(Booking):
        return
    break_down(plan, np.random.default_rng(seed))
    send_home(plan, np.random.default_rng(seed + 1))
    problem = build_problem(plan, NOW)
    present = present_of(problem, plan.table(Booking).values())
    pushed = solution_from(problem, plan, plan.published())
    if problem.findings or pushed is None:
        return
    event("mended")
    mended = mend(problem, present, seconds=60, iterations=2, workers=1, pushed=pushed)
    assert errors(plan, problem, mended.pushed) == []
    assert errors(plan, problem, mended.plan) == []
    worth = [
        each.value + STABILITY_PRICE * int(is_moved(present, each).sum())
        for each in (mended.plan, mended.pushed)
    ]
    assert mended.plan.overrun < mended.pushed.overrun or worth[0] <= worth[1]


@settings(max_examples=25, deadline=None)
@given(seeds, st.booleans())
def test_frozen_work_that_is_not_hit_stays_where_it_is(seed, has_people):
    """Frozen are the first two days; the machine stops after them."""
    plan = planned(seed, has_people=has_people)
    if not plan.table(Booking):
        return
    frozen = 2 * 1440
    break_down(plan, np.random.default_rng(seed), after=frozen)
    problem = build_problem(plan, NOW, frozen_minutes=frozen)
    bookings = {b.operation_id: b for b in plan.table(Booking).values()}
    present = present_of(problem, bookings.values())
    pushed = solution_from(problem, plan, plan.published())
    if problem.findings or pushed is None:
        return
    event("mended")
    mended = mend(problem, present, seconds=60, iterations=2, workers=1, pushed=pushed)
    after = bookings_from(problem, mended.plan, plan, plan.published(), id_maker(3))
    stops = min(row.start_at for row in plan.table(Downtime).values())
    for booking in after:
        before = bookings[booking.operation_id]
        is_frozen = before.setup_start_at < at(frozen) and before.machine_id is not None
        if is_frozen and before.end_at <= stops:
            assert booking.run_start_at == before.run_start_at
            assert booking.machine_id == before.machine_id
    assert slip_of(problem, mended.plan) <= slip_of(problem, mended.pushed)


def two_machines(minutes: int) -> tuple[Plan, Machine]:
    """An urgent order, due today, runs first on A, one that can wait first on B; either may both.

    The day ends 960 minutes from now; both machines never rest.
    """
    item, one, other = make_item(), make_machine(code="A"), make_machine(code="B")
    step = make_routing_operation(item, run_minutes=minutes)
    urgent = make_order_line(item, line="1", due_on=TODAY, priority=1)
    patient = make_order_line(item, line="2", due_on=TODAY + timedelta(days=9), priority=9)
    plan = make_plan(item, one, other, step, urgent, patient)
    plan.put(make_routing_machine(step, one))
    plan.put(make_routing_machine(step, other))
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    scenario = make_scenario(published=True)
    plan.put(scenario)
    for line, machine in ((urgent, one), (patient, other)):
        times = (0, 0, minutes)
        plan.put(make_booking(scenario, operation_of(plan, line), machine, times))
    return plan, one


def operation_of(plan: Plan, line: OrderLine) -> Operation:
    peg = plan.where(Peg, demand_id=line.id)[0]
    return plan.where(Operation, work_order_id=peg.supply_id)[0]


def mended_after(
    plan: Plan, should_stop: Callable[[], bool] = lambda: False
) -> tuple[Mended, dict[str, tuple[str, int]]]:
    """The repair, and where and when each line's work starts in it, by line."""
    problem = build_problem(plan, NOW)
    present = present_of(problem, plan.table(Booking).values())
    pushed = solution_from(problem, plan, plan.published())
    mended = mend(
        problem,
        present,
        seconds=60,
        iterations=20,
        workers=1,
        pushed=pushed,
        should_stop=should_stop,
    )
    places = {}
    for booking in bookings_from(problem, mended.plan, plan, plan.published(), id_maker()):
        for line in plan.table(OrderLine).values():
            if operation_of(plan, line).id == booking.operation_id:
                machine = plan.need(Machine, booking.machine_id).code
                start = (booking.run_start_at - NOW) // timedelta(minutes=1)
                places[line.line] = (machine, start)
    return mended, places


def test_what_a_breakdown_hits_goes_to_the_other_machine():
    # A stops for 2000 minutes. Pushed, the urgent order ends at 2100 and is 1140 minutes late,
    # weight 9: 10,260. On B behind the other one it ends at 200, in time.
    plan, machine = two_machines(100)
    plan.put(make_downtime(machine, NOW, at(2000)))
    mended, places = mended_after(plan)
    assert mended.pushed.value == 10_260
    assert mended.plan.value == 0
    assert places == {"1": ("B", 100), "2": ("B", 0)}


def test_what_can_wait_makes_room_for_what_is_urgent():
    # A stops for 3000 minutes. Behind the other order on B, the urgent one would end at 1800, 840
    # minutes late. In its place it is in time, and the other one, due in nine days, waits for it.
    plan, machine = two_machines(900)
    plan.put(make_downtime(machine, NOW, at(3000)))
    mended, places = mended_after(plan)
    assert mended.plan.value == 0
    assert places == {"1": ("B", 0), "2": ("B", 900)}


def test_work_that_nobody_has_ordered_is_planned_and_mended_too():
    # A stops before either ends; all is made to stock, so that there is no line to be late.
    plan, machine = two_machines(100)
    for row in (*plan.table(Peg).values(), *plan.table(OrderLine).values()):
        plan.drop(type(row), row.id)
    plan.put(make_downtime(machine, at(50), at(2000)))
    problem = build_problem(plan, NOW)
    assert len(problem.tables.line_due) == 0
    mended, _ = mended_after(plan)
    assert errors(plan, problem, mended.plan) == []
    found = solve(problem, seconds=60, workers=1, iterations=2)
    assert errors(plan, problem, found) == []


def test_a_repair_that_is_stopped_is_as_good_as_what_was_found_by_then():
    # As above; it is stopped in its first leg, before its searches have met.
    plan, machine = two_machines(900)
    plan.put(make_downtime(machine, NOW, at(3000)))
    asked = count()
    mended, places = mended_after(plan, should_stop=lambda: next(asked) >= 2)
    assert mended.plan.value == 0
    assert places == {"1": ("B", 0), "2": ("B", 900)}


def test_new_work_goes_into_a_gap_or_takes_the_place_of_what_can_wait():
    # A rush order of 100 minutes: both machines are busy until 900, the day ends at 960. Behind
    # the others it would be 40 minutes late; so it goes first where the patient order was, which
    # starts 100 minutes later.
    plan = two_machines(900)[0]
    rush = make_item(code="RUSH")
    step = make_routing_operation(rush, run_minutes=100)
    plan.put(rush)
    plan.put(step)
    for machine in list(plan.table(Machine).values()):
        plan.put(make_routing_machine(step, machine))
    plan.put(make_order_line(rush, line="3", due_on=TODAY, priority=1))
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(9))))
    mended, places = mended_after(plan)
    assert mended.plan.value == 0
    assert places == {"1": ("A", 0), "2": ("B", 100), "3": ("B", 0)}


def test_the_same_seed_gives_the_same_repair():
    plans = []
    for _ in range(2):
        plan = planned(4, has_people=False)
        break_down(plan, np.random.default_rng(1))
        problem = build_problem(plan, NOW)
        present = present_of(problem, plan.table(Booking).values())
        pushed = solution_from(problem, plan, plan.published())
        plans.append(mend(problem, present, seconds=60, iterations=4, pushed=pushed).plan)
    assert np.array_equal(plans[0].run_start, plans[1].run_start)

"""Work that has begun goes on where it is; what is over is done; the rest is planned around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.changes import Row
from domain.errors import RuleViolation, Severity
from domain.happenings import Happening, HappeningKind, rows_of
from domain.objectives import LEAN, ON_TIME
from domain.plan import Plan
from domain.production import Operation
from domain.resources import Machine
from domain.routings import RoutingOperation
from domain.scenarios import Booking, LockLevel
from domain.scheduling.begun import share_left
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.engine import solve
from domain.scheduling.goals import goals_of
from domain.scheduling.keeping import pushed_from
from domain.scheduling.problem import slip_of
from domain.scheduling.repair import MoveBoard
from domain.scheduling.right_shift import solution_from
from domain.scheduling.urgency import urgency_of
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_booking,
    make_changeover,
    make_downtime,
    make_item,
    make_machine,
    make_operation,
    make_operator,
    make_order_line,
    make_peg,
    make_plan,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_tool,
    make_work_order,
)
from tests.domain.scheduling.test_held_batches import furnace
from tests.domain.scheduling.test_mend import planned, two_machines


def pushed(plan: Plan, now_at: datetime, frozen_minutes: int = 0) -> dict[object, Booking]:
    """The plan in force as it goes on from now, by operation."""
    problem = build_problem(plan, now_at, frozen_minutes=frozen_minutes)
    solution = solution_from(problem, plan, plan.published())
    rows = bookings_from(problem, solution, plan, plan.published(), id_maker(3))
    return {row.operation_id: row for row in rows}


def planned_anew(plan: Plan, now_at: datetime) -> list[Booking]:
    problem = build_problem(plan, now_at)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    return bookings_from(problem, solution, plan, plan.published(), id_maker(3))


def errors(plan: Plan, rows: list[Booking], now_at: datetime) -> list[str]:
    """The checker's word on rows that shall follow the plan in force."""
    before = list(plan.table(Booking).values())
    found = check_plan(plan, rows, now_at, None, before)
    return [one.code for one in found if one.severity is Severity.ERROR]


def places(rows) -> dict[object, object]:
    """Where and when everything is."""
    return {
        row.operation_id: (row.machine_id, row.setup_start_at, row.run_start_at, row.end_at)
        for row in rows
    }


def one_of(plan: Plan, code: str) -> Booking:
    """The booking on a machine of the two-machine shop, which runs for 900 minutes from now."""
    machine = next(row for row in plan.table(Machine).values() if row.code == code)
    return next(row for row in plan.table(Booking).values() if row.machine_id == machine.id)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.floats(0, 1))
def test_when_time_goes_by_and_nothing_happens_everything_stays(seed, has_people, share) -> None:
    plan = planned(seed, has_people=has_people)
    if any(step.transfer_batch for step in plan.table(RoutingOperation).values()):
        return  # what a batch has left behind of its pause is counted from now: a few minutes more
    rows = {row.operation_id: row for row in plan.table(Booking).values()}
    if not rows:
        return
    start = min(row.setup_start_at for row in rows.values())
    end = max(row.end_at for row in rows.values())
    now_at = (start + (end - start) * share).replace(second=0, microsecond=0)
    assert pushed(plan, now_at) == rows


def test_begun_work_is_not_restarted_and_stays_on_its_machine_when_all_is_planned_anew() -> None:
    plan = two_machines(900)[0]
    before = places(plan.table(Booking).values())
    assert places(planned_anew(plan, at(400))) == before


def test_what_was_booked_to_end_is_done() -> None:
    plan = two_machines(900)[0]
    before = places(plan.table(Booking).values())
    assert places(planned_anew(plan, at(2000))) == before
    assert errors(plan, planned_anew(plan, at(2000)), at(2000)) == []


def test_after_a_breakdown_only_the_rest_is_still_to_be_done() -> None:
    # 400 of 900 minutes are run when A stops until 1500: the other 500 end at 2000.
    plan, machine = two_machines(900)
    row = one_of(plan, "A")
    plan.put(make_downtime(machine, at(400), at(1500)))
    after = pushed(plan, at(420))[row.operation_id]
    assert (after.run_start_at, after.end_at) == (row.run_start_at, at(2000))
    assert after.machine_id == row.machine_id
    assert errors(plan, list(pushed(plan, at(420)).values()), at(420)) == []


def test_work_does_not_begin_on_a_machine_that_stands() -> None:
    plan, machine = two_machines(900)
    row = one_of(plan, "A")
    plan.put(make_downtime(machine, NOW - timedelta(hours=1), at(1500)))
    after = pushed(plan, at(60))[row.operation_id]
    assert after.run_start_at == at(1500)


@pytest.mark.parametrize("after", [-2, 25])
def test_a_furnace_run_that_has_begun_stays_together_and_takes_nothing_in(after: int) -> None:
    # Set up from 200 on, it runs from 205 to 295; urgent work of its family would have room in it.
    fired, held = furnace()
    plan, now_at = fired.plan, at(205 + after)
    before = {row.operation_id: plan.need(Booking, row.id) for row in held}
    for rows in (planned_anew(plan, now_at), list(pushed(plan, now_at).values())):
        batch = {row.operation_id: row for row in rows if row.batch in {b.batch for b in held}}
        assert batch == before
        assert errors(plan, rows, now_at) == []


@pytest.mark.parametrize("lock", [LockLevel.NONE, LockLevel.TIME, LockLevel.MACHINE])
def test_the_checker_refuses_to_move_what_has_to_stay(lock: LockLevel) -> None:
    plan = two_machines(900)[0]
    row, other = one_of(plan, "A"), one_of(plan, "B")
    plan.put(replace(row, lock=lock))
    plan.put(replace(plan.home_plant(), frozen_hours=0 if lock is not LockLevel.NONE else 1))
    is_machine = lock is LockLevel.MACHINE
    start = 900 if is_machine else 60
    moved = replace(
        row,
        lock=lock,
        machine_id=other.machine_id if is_machine else row.machine_id,
        setup_start_at=at(start),
        run_start_at=at(start),
        end_at=at(start + 900),
    )
    codes = {
        LockLevel.NONE: "frozen_moved",
        LockLevel.TIME: "time_lock_moved",
        LockLevel.MACHINE: "machine_lock_moved",
    }
    assert codes[lock] in errors(plan, [moved, other], NOW)


def test_the_checker_refuses_to_restart_begun_work_but_not_where_it_could_not_begin() -> None:
    plan, machine = two_machines(900)
    row = one_of(plan, "A")
    later = [
        replace(one, run_start_at=at(60), setup_start_at=at(60), end_at=at(960))
        if one.id == row.id
        else one
        for one in plan.table(Booking).values()
    ]
    assert errors(plan, later, at(60)) == ["begun_moved"]
    plan.put(make_downtime(machine, NOW, at(60)))
    before = list(plan.table(Booking).values())
    found = check_plan(plan, later, at(60), None, before)
    assert "held_had_to_move" in [one.code for one in found]
    assert errors(plan, later, at(60)) == []


def refusal(plan: Plan, row: Booking, start: float, now: float) -> RuleViolation:
    board = MoveBoard(plan, plan.published(), at(now))
    with pytest.raises(RuleViolation) as refused:
        board.try_move(row, row.machine_id, at(start), at(now))
    return refused.value


def test_begun_and_frozen_work_cannot_be_dragged_and_nothing_into_the_frozen_time() -> None:
    plan = two_machines(900)[0]
    row = one_of(plan, "A")
    assert refusal(plan, row, 500, now=60).code == "drop_begun"
    plan.put(replace(plan.home_plant(), frozen_hours=2))
    found = refusal(plan, row, 500, now=-60)
    assert found.code == "drop_frozen"
    assert found.params["until"] == at(60)
    later = replace(row, setup_start_at=at(300), run_start_at=at(300), end_at=at(1200))
    plan.put(later)
    assert refusal(plan, later, 100, now=0).code == "drop_into_frozen"
    board = MoveBoard(plan, plan.published(), NOW)
    assert board.eligible(one_of(plan, "B")) == frozenset()


def test_what_should_have_begun_but_could_not_can_be_dragged_like_any_other_work() -> None:
    plan, machine = two_machines(900)
    row = one_of(plan, "A")
    assert refusal(plan, row, 500, now=60).code == "drop_begun"
    plan.put(make_downtime(machine, NOW - timedelta(hours=1), at(90)))
    board = MoveBoard(plan, plan.published(), at(60))
    assert board.eligible(row)
    moved = board.try_move(row, row.machine_id, at(500), at(60)).bookings
    assert [(one.id, one.run_start_at) for one in moved] == [(row.id, at(500))]


@pytest.mark.parametrize(("now", "left"), [(0, 1), (300, Fraction(2, 3)), (1000, 0)])
def test_how_much_of_a_run_is_left(now: int, left: Fraction) -> None:
    # It runs for 900 minutes from 0 on.
    plan = two_machines(900)[0]
    row = one_of(plan, "A")
    assert share_left(plan, plan.published(), at(now), row.operation_id) == left


@pytest.mark.parametrize(
    ("percent", "left", "minutes"),
    [
        ("150", "1", "1.05"),
        ("150", "2/3", "0.933333333"),
        ("50", "2/3", "0.466666666"),
        ("200", "0", "0.7"),
    ],
)
def test_another_pace_holds_for_the_rest(percent: str, left: str, minutes: str) -> None:
    # 0.7 minutes a piece.
    plan = two_machines(900)[0]
    step = plan.need(Operation, one_of(plan, "A").operation_id)
    plan.put(replace(step, run_minutes=Decimal("0.7")))
    slow = Happening(HappeningKind.PACE, step.id, percent=Decimal(percent))
    found = plan.copy()
    found.apply(rows_of(plan, slow, id_maker(), Fraction(left)))
    assert found.need(Operation, step.id).run_minutes == Decimal(minutes)


def test_a_batch_takes_no_tool_that_begun_work_still_holds() -> None:
    # Of two moulds one is at work on A until 300. Both parts fit into the furnace together, but
    # each needs a mould of its own: one after the other.
    tool, long = make_tool(count=2), make_item(code="LONG")
    parts = [make_item(code=code, family="hot") for code in ("P", "Q")]
    machine, furnace = make_machine(code="A"), make_machine(code="F", batch_capacity=Decimal(10))
    rows: list[Row] = [tool, long, *parts, machine, furnace]
    work: list[Operation] = []
    for at_number, (item, minutes) in enumerate(((long, 300), (parts[0], 60), (parts[1], 60))):
        step = make_routing_operation(item, run_minutes=Decimal(minutes), tool_id=tool.id)
        place = make_routing_machine(step, furnace if at_number else machine)
        order = make_work_order(item, number=f"WO-{at_number}")
        line = make_order_line(item, line=str(at_number), due_on=TODAY)
        work.append(make_operation(order, step))
        rows += [step, place, order, line, work[-1], make_peg(order, line)]
    scenario = make_scenario(published=True)
    begun = make_booking(scenario, work[0], machine, (0, 0, 300), published=True)
    plan = make_plan(rows, scenario, begun)
    found = planned_anew(plan, at(60))
    assert errors(plan, found, at(60)) == []
    starts = sorted(row.run_start_at for row in found)
    assert starts == [NOW, at(60), at(120)]


@pytest.mark.parametrize("goals", [ON_TIME, LEAN])
def test_what_is_at_a_supplier_comes_back_when_it_does_however_long_it_waits_then(goals) -> None:
    # It is there from 0 to 1440, and may wait for an hour. Then the machine stops until 3000.
    item, machine = make_item(), make_machine()
    steps = (
        make_routing_operation(item, 10, subcontract_days=Decimal(1), max_wait_minutes=Decimal(60)),
        make_routing_operation(item, 20, run_minutes=Decimal(60)),
    )
    order, line = make_work_order(item), make_order_line(item, due_on=TODAY + timedelta(days=9))
    away, here = (make_operation(order, step) for step in steps)
    scenario = make_scenario(published=True)
    plan = make_plan(
        *(item, machine, *steps, make_routing_machine(steps[1], machine), order, line, away, here),
        *(scenario, make_peg(order, line), make_downtime(machine, at(1400), at(3000))),
        make_booking(scenario, away, None, (0, 0, 1440), published=True),
        make_booking(scenario, here, machine, (1440, 1440, 1500), published=True),
    )
    problem = build_problem(plan, at(60))
    solution = solve(
        problem, seconds=60, workers=1, iterations=2, goals=goals_of(problem, plan, goals)
    )
    found = bookings_from(problem, solution, plan, scenario, id_maker(3))
    assert errors(plan, found, at(60)) == []
    times = {row.operation_id: (row.run_start_at, row.end_at) for row in found}
    assert times[away.id] == (NOW, at(1440))
    assert times[here.id][0] >= at(3000)


@pytest.mark.parametrize("is_one_machine", [True, False])
def test_pushed_work_makes_way_for_locked_work(is_one_machine: bool) -> None:
    # A stops until 400. What was to run there from 0 to 300 would do so from 400 to 700, and push
    # what is locked at 600, on the same machine or with the same person.
    plan, machine = two_machines(300)
    one, other = one_of(plan, "A"), one_of(plan, "B")
    person = make_operator("weld")
    times = {"setup_start_at": at(600), "run_start_at": at(600), "end_at": at(900)}
    locked = replace(other, lock=LockLevel.TIME, **times)
    if is_one_machine:
        locked = replace(locked, machine_id=machine.id)
    for row in (one, locked):
        step = plan.need(Operation, row.operation_id)
        plan.put(replace(step, skill="weld", operators=1))
        plan.put(replace(row, operator_ids=(person.id,)))
    plan.put(person)
    plan.put(make_downtime(machine, NOW, at(400)))
    problem = build_problem(plan, NOW)
    pushed = pushed_from(problem, plan, plan.published(), 0)
    assert slip_of(problem, pushed) == 0
    assert sorted(pushed.run_start) == [600, 900]


@pytest.mark.parametrize(("now", "minutes"), [(10, 4), (10, 0), (40, 0)])
def test_nothing_comes_in_before_begun_work_even_if_it_takes_no_time(now, minutes) -> None:
    # Set up from 0 to 30, it runs until 90. After the other, more urgent work no setup would be
    # needed: so there would be room for that before, in what is left of the setup.
    items = [make_item(code=code, family=family) for code, family in (("A", "red"), ("B", "blue"))]
    machine, scenario = make_machine(), make_scenario(published=True)
    rows: list[Row] = [*items, machine, scenario]
    change = {"from_family": "blue", "to_family": "red", "minutes": Decimal(0)}
    rows.append(make_changeover(machine_id=machine.id, **change))
    work: list[Operation] = []
    for item, setup, run, due in ((items[0], 30, 60, 9), (items[1], 0, minutes, 0)):
        step = make_routing_operation(item, setup_minutes=Decimal(setup), run_minutes=Decimal(run))
        order = make_work_order(item, number=f"WO-{item.code}")
        line = make_order_line(item, line=item.code, due_on=TODAY + timedelta(days=due))
        work.append(make_operation(order, step))
        rows += [step, make_routing_machine(step, machine), order, line, work[-1]]
        rows.append(make_peg(order, line))
    plan = make_plan(rows, make_booking(scenario, work[0], machine, (0, 30, 90), published=True))
    problem = build_problem(plan, at(now))
    found = solve(problem, seconds=60, workers=1, iterations=2)
    after = bookings_from(problem, found, plan, scenario, id_maker(3))
    assert errors(plan, after, at(now)) == []
    starts = {row.operation_id: row.setup_start_at for row in after}
    assert starts == {work[0].id: NOW, work[1].id: at(90)}

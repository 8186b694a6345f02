"""Moves on the Gantt: random factories against the checker, and each refusal by hand."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.errors import Finding, RuleViolation
from domain.mrp import explode, mrp_changes
from domain.plan import Plan
from domain.production import Operation, WorkOrder, WorkStatus
from domain.scenarios import Booking, LockLevel, Scenario
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.lateness import order_lateness, plan_totals
from domain.scheduling.repair import Move, MoveBoard
from domain.scheduling.urgency import urgency_of
from tests.builders import (
    NOW,
    at,
    id_maker,
    make_booking,
    make_bought,
    make_calendar,
    make_changeover,
    make_item,
    make_machine,
    make_operation,
    make_operator,
    make_order_line,
    make_peg,
    make_plan,
    make_planned_order,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_week,
    make_work_center,
    make_work_order,
    minutes,
)
from tests.factories import RandomFactory


def planned_factory(seed: int, lines: int = 8) -> tuple[Plan, Scenario]:
    plan = RandomFactory(seed, lines, has_limits=True).plan()
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
@example(834016)  # a crew held over a break by a setup whose run takes no time
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


class Shop:
    """Machines M1 and M2 of one work center; work orders A (red), B (blue), C (red) on M1.

    Each runs 100 minutes; from one family to another takes 30 minutes, the first setup 20.
    A 0-20-120, B 120-150-250, C 250-280-380. D has a second operation on M3 after its first on M2.
    """

    def __init__(self, **changes: Any) -> None:
        calendar = make_calendar()
        self.center, last = make_work_center(), make_work_center(code="LAST")
        self.m1, self.m2 = (
            make_machine(code=code, work_center_id=self.center.id) for code in ("M1", "M2")
        )
        self.m3 = make_machine(code="M3", work_center_id=last.id, calendar_id=calendar.id)
        self.scenario = make_scenario(published=True)
        self.rows: list[Any] = [self.center, last, self.m1, self.m2, self.m3, self.scenario]
        self.rows += [calendar, *make_week(calendar, 480, 1440, 7)]
        for pair in itertools.product(("red", "blue"), repeat=2):
            center_id = self.center.id
            self.rows.append(
                make_changeover(
                    work_center_id=center_id,
                    from_family=pair[0],
                    to_family=pair[1],
                    minutes=Decimal(30 if pair[0] != pair[1] else 0),
                )
            )
        self.a = self._work("A", "red", [(self.m1, (0, 20, 120))], **changes)
        self.b = self._work("B", "blue", [(self.m1, (120, 150, 250))], **changes)
        self.c = self._work("C", "red", [(self.m1, (250, 280, 380))], **changes)
        self.d, self.e = self._work(
            "D", "red", [(self.m2, (0, 20, 120)), (self.m3, (120, 140, 240))], **changes
        )
        self.plan = make_plan(*self.rows)

    def _work(self, name: str, family: str, places: list[Any], **changes: Any) -> Any:
        item = make_item(code=name, family=family)
        order = make_work_order(item, number=name)
        line = make_order_line(item, order_number=name)
        self.rows += [item, order, line, make_peg(order, line)]
        bookings = []
        for number, (machine, times) in enumerate(places, 1):
            step = make_routing_operation(
                item,
                number * 10,
                work_center_id=machine.work_center_id,
                setup_minutes=Decimal(20),
                run_minutes=Decimal(100),
                **changes,
            )
            operation = make_operation(order, step)
            booking = make_booking(self.scenario, operation, machine, times, published=True)
            self.rows += [step, operation, booking]
            bookings.append(booking)
        return bookings[0] if len(bookings) == 1 else bookings

    def move(self, booking: Booking, machine: Any, minute: int, now: int = 0) -> dict[str, Any]:
        """Times after a move by work order (its operation number where there are two)."""
        present = self.plan.need(Booking, booking.id)
        board = MoveBoard(self.plan, self.scenario, at(now))
        move = board.try_move(present, machine.id, at(minute), at(now))
        names = {self.a.id: "A", self.b.id: "B", self.c.id: "C", self.d.id: "D", self.e.id: "E"}
        self.last = move
        return {
            names[row.id]: tuple(
                int((when - NOW) / timedelta(minutes=1))
                for when in (row.setup_start_at, row.run_start_at, row.end_at)
            )
            for row in move.bookings
        }

    def refusal(self, booking: Booking, machine: Any, minute: int, now: int = 0) -> RuleViolation:
        with pytest.raises(RuleViolation) as caught:
            self.move(booking, machine, minute, now)
        return caught.value

    def lock(self, booking: Booking, level: LockLevel) -> None:
        self.plan.put(replace(self.plan.need(Booking, booking.id), lock=level))


def test_setups_follow_the_neighbours_on_both_machines() -> None:
    shop = Shop()
    # B leaves M1: C follows A of its own family, so its setup goes and its run stays.
    # On M2 the blue B comes after the red D: 30 minutes of changeover from 120 on.
    moved = shop.move(shop.b, shop.m2, 120)
    assert moved == {"B": (120, 150, 250), "C": (280, 280, 380)}
    assert shop.last.setup_minutes == -30


def test_what_follows_is_pushed_only_as_far_as_needed() -> None:
    shop = Shop()
    # C takes the place of B: no setup after A, so 120-220; B then needs 30 more: 220-250-350.
    assert shop.move(shop.c, shop.m1, 120) == {"C": (120, 120, 220), "B": (220, 250, 350)}
    # D an hour later: its second operation keeps its place in the sequence and is pushed.
    assert shop.move(shop.d, shop.m2, 60) == {"D": (60, 80, 180), "E": (160, 180, 280)}
    # D so late that M3 closes at 960 before it is done: E sets up, and runs from 1440 on.
    assert shop.move(shop.d, shop.m2, 850) == {"D": (850, 870, 970), "E": (940, 1440, 1540)}


def test_a_bar_on_the_first_half_of_another_goes_before_it_else_after() -> None:
    shop = Shop()
    assert shop.move(shop.d, shop.m1, 170)["D"][0] == 170
    assert shop.move(shop.d, shop.m1, 200)["D"][0] == 250


def test_nothing_may_begin_before_now_and_what_has_begun_stays() -> None:
    shop = Shop()
    assert shop.refusal(shop.c, shop.m1, 10, now=20).code == "drop_before_now"
    assert shop.refusal(shop.a, shop.m2, 400, now=390).code == "drop_begun"


def test_a_machine_must_be_named_by_the_routing() -> None:
    shop = Shop()
    error = shop.refusal(shop.a, shop.m3, 500)
    assert (error.code, error.params["machine"]) == ("drop_not_eligible", "M3")
    board = MoveBoard(shop.plan, shop.scenario, NOW)
    assert board.eligible(shop.a) == {shop.m1.id, shop.m2.id}


def test_a_predecessor_is_named_with_the_minute_it_is_done() -> None:
    shop = Shop()
    error = shop.refusal(shop.e, shop.m3, 99)
    assert error.code == "drop_before_predecessor"
    assert error.params["work_order"] == "D"
    assert error.params["operation"] == 10
    assert error.params["until"] == at(120)
    # The setup needs no predecessor: with it the run starts at 120 on the minute.
    assert shop.move(shop.e, shop.m3, 100) == {"E": (100, 120, 220)}


def test_material_is_named_with_the_minute_it_comes() -> None:
    shop = Shop()
    steel = make_bought(code="STEEL")
    order = shop.plan.need(WorkOrder, shop.plan.need(Operation, shop.c.operation_id).work_order_id)
    supply = make_planned_order(steel, due_at=at(200))
    for row in (steel, supply, make_peg(supply, order)):
        shop.plan.put(row)
    error = shop.refusal(shop.c, shop.m2, 120)
    assert error.code == "drop_before_material"
    assert (error.params["item"], error.params["until"]) == (("STEEL",), at(200))


def test_an_earliest_start_is_named() -> None:
    shop = Shop()
    order = shop.plan.need(WorkOrder, shop.plan.need(Operation, shop.c.operation_id).work_order_id)
    shop.plan.put(replace(order, earliest_start_at=at(200)))
    error = shop.refusal(shop.c, shop.m2, 150)
    assert (error.code, error.params["until"]) == ("drop_before_opening", at(200))


@pytest.mark.parametrize("level", [LockLevel.TIME, LockLevel.SEQUENCE])
def test_locked_bars_are_neither_dragged_nor_pushed(level: LockLevel) -> None:
    shop = Shop()
    shop.lock(shop.b, level)
    assert shop.refusal(shop.b, shop.m2, 500).code == "drop_locked"
    error = shop.refusal(shop.d, shop.m1, 100)
    assert (error.code, error.params["work_order"]) == ("drop_hits_locked", "B")
    # After the locked bar nothing has to move but C.
    assert shop.move(shop.d, shop.m1, 250).keys() == {"D", "C", "E"}


def test_a_bar_locked_to_its_machine_moves_in_time_only() -> None:
    shop = Shop()
    shop.lock(shop.c, LockLevel.MACHINE)
    assert shop.refusal(shop.c, shop.m2, 400).code == "drop_machine_locked"
    assert shop.move(shop.c, shop.m1, 400) == {"C": (400, 430, 530)}
    assert MoveBoard(shop.plan, shop.scenario, NOW).eligible(
        shop.plan.need(Booking, shop.c.id)
    ) == {shop.m1.id}


def test_a_bar_whose_order_is_closed_cannot_be_dragged_and_stays_in_the_way() -> None:
    shop = Shop()
    order = shop.plan.need(WorkOrder, shop.plan.need(Operation, shop.b.operation_id).work_order_id)
    shop.plan.put(replace(order, status=WorkStatus.CLOSED))
    assert shop.refusal(shop.b, shop.m2, 500).code == "drop_not_planned"
    assert shop.refusal(shop.d, shop.m1, 120).code == "drop_hits_locked"
    assert shop.move(shop.d, shop.m1, 250)["D"][0] == 250


def test_a_crew_that_is_busy_is_replaced_or_waited_for() -> None:
    shop = Shop(skill="weld", operators=1)
    people = [make_operator("weld", code=f"P{k}") for k in range(2)]
    for person in people:
        shop.plan.put(person)
    for booking, person in ((shop.a, 0), (shop.b, 0), (shop.c, 0), (shop.d, 1), (shop.e, 1)):
        shop.plan.put(replace(booking, operator_ids=(people[person].id,)))
    # At 250 person 0 begins C on M1; B on M2 can have person 1, who is done with E at 240.
    shop.move(shop.b, shop.m2, 250)
    assert shop.last.bookings[0].operator_ids == (people[1].id,)
    # Both are busy until 240: B waits for the first who is free.
    shop.move(shop.b, shop.m2, 122)
    assert shop.last.bookings[0].setup_start_at >= at(122)
    check_move(shop.plan, list(shop.plan.table(Booking).values()), shop.b, shop.last)
    gone = [replace(person, skills=()) for person in people]
    for person in gone:
        shop.plan.put(person)
    assert shop.refusal(shop.b, shop.m2, 300).code == "drop_not_planned"


def test_transfer_batches_are_named_with_the_minute_the_run_can_start() -> None:
    first, second = make_machine(code="M1"), make_machine(code="M2")
    item = make_item()
    order = make_work_order(item, 10, number="W")
    line, scenario = make_order_line(item, quantity=10), make_scenario(published=True)
    steps = [
        make_routing_operation(item, number, run_minutes=Decimal(run), transfer_batch=Decimal(4))
        for number, run in ((10, 10), (20, 2))
    ]
    work = [make_operation(order, step) for step in steps]
    # The first is done at 100, its first 4 at 40; the last 4 then take the second 8 minutes, so
    # that it may not end before 108 nor, running 20 minutes, begin before 88.
    bookings = [
        make_booking(scenario, work[0], first, (0, 0, 100), published=True),
        make_booking(scenario, work[1], second, (88, 88, 108), published=True),
    ]
    machines = [
        make_routing_machine(step, one) for step, one in zip(steps, (first, second), strict=True)
    ]
    rows = (first, second, item, order, line, make_peg(order, line), scenario)
    board = MoveBoard(make_plan(*rows, *steps, *machines, *work, *bookings), scenario, NOW)
    for minute in (20, 60, 87):
        with pytest.raises(RuleViolation) as caught:
            board.try_move(bookings[1], second.id, at(minute), NOW)
        assert (caught.value.code, caught.value.params["until"]) == ("drop_outruns_batches", at(88))
    assert board.try_move(bookings[1], second.id, at(90), NOW).bookings[0].run_start_at == at(90)


def test_a_drop_tells_how_many_order_lines_get_later() -> None:
    shop = Shop()
    shop.move(shop.d, shop.m1, 100)
    assert shop.last.later_lines == 0
    shop.move(shop.c, shop.m1, 20_000)
    assert (shop.last.later_lines, shop.last.lateness_minutes > 0) == (1, True)

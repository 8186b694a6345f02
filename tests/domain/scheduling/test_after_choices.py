"""After planning nothing is left to choose: everything else sees usual rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.exchange.plan_tables import Cell, plan_tables
from domain.items import Item
from domain.mrp import explode, mrp_changes
from domain.orders import Wish
from domain.plan import Plan
from domain.production import Operation, PlannedOrder, WorkOrder, WorkStatus
from domain.resources import Machine
from domain.routings import RoutingOperation
from domain.scenarios import Booking, LockLevel
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.choices import choices_of
from domain.scheduling.engine import solve
from domain.scheduling.lateness import order_lateness
from domain.scheduling.odds import plan_odds
from domain.scheduling.promise import Promiser
from domain.scheduling.repair import MoveBoard
from domain.scheduling.right_shift import solution_from
from domain.variants import shares
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
)
from tests.domain.scheduling.test_choices import (
    Made,
    buying_factory,
    routing_factory,
    split_factory,
)
from tests.factories import RandomFactory


@pytest.mark.parametrize(
    ("quantity", "count", "parts"),
    [("11", 2, ["6", "5"]), ("10", 3, ["4", "3", "3"]), ("2.5", 2, ["1.25", "1.25"])],
)
def test_parts_are_equal_and_whole(quantity: str, count: int, parts: list[str]) -> None:
    assert shares(Decimal(quantity), count) == [Decimal(part) for part in parts]


@pytest.mark.parametrize("number", ["1", "0.001", "7.7777", "1000000"])
def test_parts_add_up(number: str) -> None:
    for count in range(1, 9):
        assert sum(shares(Decimal(number), count)) == Decimal(number)


def broken(made: Made) -> list[str]:
    return [found.code for found in check_plan(made.plan, made.bookings, NOW)]


def test_parts_that_do_not_add_up_are_found() -> None:
    made = Made(split_factory(2))
    last = next(step for step in made.plan.table(Operation).values() if step.part == 2)
    made.plan.put(replace(last, quantity=Decimal(4)))
    # 6 + 4 of 11; and the booking is 100 minutes longer than 4 pieces take.
    assert broken(made) == ["rule2_run_minutes", "parts_do_not_add_up"]


def test_more_parts_than_allowed_are_found() -> None:
    made = Made(split_factory(2))
    for step in list(made.plan.table(Operation).values()):
        made.plan.put(replace(step, split_most=1))
    assert broken(made) == ["too_many_parts"]


def test_operations_of_two_routings_are_found() -> None:
    made = Made(routing_factory(90))
    order = next(one for one in made.plan.table(WorkOrder).values() if one.routing)
    made.plan.put(replace(order, routing=""))
    assert "routing_mixed" in broken(made)


def test_a_part_that_starts_before_what_it_follows_is_found() -> None:
    made = Made(split_factory(2))
    one, two = made.booked()
    step = made.plan.need(Operation, two.operation_id)
    # The second part becomes an operation of its own that follows the first, yet runs beside it.
    made.plan.put(replace(step, number=20, part=0, quantity=None))
    assert "rule5_sequence" in broken(made)
    assert one.run_start_at == two.run_start_at


def test_mrp_makes_proposals_anew_by_the_main_routing_and_leaves_firm_orders() -> None:
    made = Made(routing_factory(90))
    alternate = next(one for one in made.plan.table(WorkOrder).values() if one.routing)
    again = made.plan.copy()
    again.apply(mrp_changes(again, explode(again, NOW, id_maker(9))))
    assert [one.routing for one in again.table(WorkOrder).values()] == ["", ""]
    firm = made.plan.copy()
    firm.put(replace(alternate, status=WorkStatus.FIRM))
    firm.apply(mrp_changes(firm, explode(firm, NOW, id_maker(9))))
    assert sorted(one.routing for one in firm.table(WorkOrder).values()) == ["", "B"]
    steps = firm.where(Operation, work_order_id=alternate.id)
    names = [firm.need(RoutingOperation, s.routing_operation_id).routing for s in steps]
    assert names == ["B"]


def in_force(made: Made, lock: LockLevel = LockLevel.NONE) -> Plan:
    """The rows with the plan in force, its bookings locked."""
    plan = made.plan.copy()
    for booking in made.bookings:
        plan.put(replace(booking, lock=lock))
    return plan


def again(plan: Plan, now_at: datetime = NOW) -> Plan:
    """What MRP makes of it."""
    found = plan.copy()
    found.apply(mrp_changes(found, explode(found, now_at, id_maker(9))))
    return found


@pytest.mark.parametrize("seconds", [0, 59, 60])
def test_frozen_and_begun_work_is_kept_by_all_who_ask(seconds: int) -> None:
    # Both parts begin at 08:00. Asked at 08:00:59 the plan still begins at 08:00: they are frozen
    # as parts and pinned; at 08:01 they have begun, and go on.
    plan = in_force(Made(split_factory(2)))
    plan.put(replace(plan.home_plant(), frozen_hours=24))
    now_at = NOW + timedelta(seconds=seconds)
    planned = again(plan, now_at)
    assert len(planned.table(Operation)) == 2
    assert choices_of(planned, now_at, frozen_minutes=1440) is None
    problem = build_problem(planned, now_at, frozen_minutes=1440)
    assert problem.tables.pin.tolist() == [0, 0]


def test_a_locked_order_follows_its_routing_to_another_name() -> None:
    plan = in_force(Made(routing_factory(90)), LockLevel.MACHINE)
    for step in plan.where(RoutingOperation, routing="B"):
        plan.put(replace(step, routing="C"))
    planned = again(plan)
    assert sorted(order.routing for order in planned.table(WorkOrder).values()) == ["", "C"]
    assert {row.operation_id for row in plan.table(Booking).values()} == set(
        planned.table(Operation)
    )
    found = [each.code for each in check_plan(planned, planned.table(Booking).values(), NOW)]
    assert "routing_mixed" not in found


def test_a_locked_order_whose_routing_was_torn_apart_is_made_anew() -> None:
    # Of two operations by routing B, one now belongs to C: no routing has both.
    plan = routing_factory(90)
    item, two = next(iter(plan.table(Item).values())), list(plan.table(Machine).values())[1]
    more = make_routing_operation(item, 20, run_minutes=Decimal(1), routing="B")
    for row in (more, make_routing_machine(more, two)):
        plan.put(row)
    plan = in_force(Made(plan), LockLevel.MACHINE)
    assert sorted(order.routing for order in plan.table(WorkOrder).values()) == ["", "B"]
    plan.put(replace(more, routing="C"))
    planned = again(plan)
    assert [order.routing for order in planned.table(WorkOrder).values()] == ["", ""]
    assert [step.number for step in planned.table(Operation).values()] == [10, 10]


def test_a_purchase_made_firm_still_serves_and_takes_no_components() -> None:
    made = Made(buying_factory("0.5"))
    bought = next(iter(made.plan.table(PlannedOrder).values()))
    made.plan.put(replace(bought, firm=True))
    made.plan.apply(mrp_changes(made.plan, explode(made.plan, NOW, id_maker(9))))
    codes = [
        made.plan.need(Item, order.item_id).code for order in made.plan.table(PlannedOrder).values()
    ]
    assert codes == ["P"], "the raw material of the part is not ordered"
    assert len(made.plan.table(WorkOrder)) == 1
    problem = build_problem(made.plan, NOW)
    # There from minute 720 on: 11 pieces of 10 minutes end at 830.
    assert solve(problem, seconds=60, workers=1, iterations=1).end.tolist() == [830]


def test_a_part_can_be_dragged() -> None:
    made = Made(split_factory(2))
    for booking in made.bookings:
        made.plan.put(booking)
    scenario = made.plan.published()
    assert scenario is not None
    last = made.booked()[0]
    move = MoveBoard(made.plan, scenario, NOW).try_move(last, last.machine_id, at(100), NOW)
    assert [(row.id, row.run_start_at) for row in move.bookings] == [(last.id, at(100))]


def test_the_files_say_how_much_each_part_is_of_and_what_is_bought() -> None:
    made = Made(split_factory(2))
    schedule = plan_tables(made.plan, made.bookings, (), NOW.tzinfo)[0]  # pyright: ignore[reportArgumentType]
    column = schedule.columns.index("quantity")
    assert sorted(row[column] for row in schedule.rows) == [Decimal(5), Decimal(6)]  # pyright: ignore[reportArgumentType]
    made = Made(buying_factory("0.5"))
    purchases = plan_tables(made.plan, made.bookings, (), NOW.tzinfo)[2]  # pyright: ignore[reportArgumentType]
    assert [row[:2] for row in purchases.rows] == [("P", Decimal(11))]


@pytest.mark.parametrize(
    ("build", "ways"),
    [
        (lambda: split_factory(2), [(1, None, ""), (2, None, "")]),
        (lambda: split_factory(2, quantity=9), None),
        (lambda: routing_factory(90), [(None, None, ""), (None, None, "B")]),
    ],
)
def test_the_schedule_tells_parts_and_routings_if_there_are_any(
    build: Callable[[], Plan], ways: list[tuple[Cell, ...]] | None
) -> None:
    made = Made(build())
    schedule = plan_tables(made.plan, made.bookings, (), UTC)[0]
    assert schedule.columns[8:10] == ("operators", "order_lines")
    assert schedule.columns[10:] == (() if ways is None else ("part", "batch", "routing"))
    if ways is not None:
        assert sorted((row[10:] for row in schedule.rows), key=str) == sorted(ways, key=str)
    assert all(len(row) == len(schedule.columns) for row in schedule.rows)


def test_the_schedule_tells_what_runs_in_one_batch() -> None:
    # Three orders for one furnace that holds two of them: one batch, and one alone.
    item = make_item(code="A", family="F")
    furnace = make_machine(batch_capacity=Decimal(4))
    step = make_routing_operation(item, setup_minutes=Decimal(0), run_minutes=Decimal(60))
    lines = [make_order_line(item, 2, order_number=f"SO-{n}", due_on=TODAY) for n in range(3)]
    plan = again(make_plan(item, furnace, step, make_routing_machine(step, furnace), *lines))
    problem = build_problem(plan, NOW)
    scenario = make_scenario(published=True)
    solution = solve(problem, seconds=60, workers=1, iterations=1)
    bookings = bookings_from(problem, solution, plan, scenario, id_maker(3))
    schedule = plan_tables(plan, bookings, (), UTC)[0]
    numbers = {(row[6], row[11]) for row in schedule.rows}
    assert sorted((row[11] for row in schedule.rows), key=str) == [1, 1, None]
    assert len(numbers) == 2, "what has one number starts at one time"


def test_where_there_is_nothing_to_choose_nothing_is_laid_out() -> None:
    plan = RandomFactory(3).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    assert choices_of(plan, NOW) is None


@pytest.mark.parametrize("seed", [2, 4, 7])
def test_what_explains_promises_and_replays_takes_such_plans(seed: int) -> None:
    made = Made(RandomFactory(seed, has_choices=True).plan())
    assert made.codes
    for booking in made.bookings:
        made.plan.put(booking)
    scenario = made.plan.published()
    assert scenario is not None
    problem = build_problem(made.plan, NOW, short=made.short)
    shown = solution_from(problem, made.plan, scenario)
    assert shown is not None
    fates = order_lateness(made.plan, made.bookings, NOW)
    assert sum(fate.weighted_minutes for fate in fates) == made.best.value
    assert plan_odds(made.plan, scenario, NOW, replays=20) is not None
    item = next(one for one in made.plan.table(Item).values() if one.may_buy)
    promise = Promiser(made.plan, problem, shown, id_maker(2)).promise(
        Wish(item.id, Decimal(3), TODAY)
    )
    assert promise is not None
    assert len(bookings_from(problem, shown, made.plan, scenario, id_maker(4))) == len(
        made.bookings
    )

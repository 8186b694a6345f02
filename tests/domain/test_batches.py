"""What bookings that run together are to people, and what becomes of them when one goes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.batches import batch_load, batch_of
from domain.edits import delete_rows
from domain.items import Item
from domain.mrp import explode, mrp_changes
from domain.plan import Plan
from domain.production import Operation, WorkOrder, WorkStatus
from domain.routings import RoutingOperation
from domain.scenarios import Booking
from domain.scheduling.board import Board
from domain.scheduling.checks import check_plan
from tests.builders import (
    NOW,
    id_maker,
    make_booking,
    make_item,
    make_machine,
    make_operation,
    make_plan,
    make_routing_operation,
    make_scenario,
    make_work_center,
    make_work_order,
)

HEAT = make_work_center(code="HEAT")
FURNACE = make_machine(code="F1", work_center_id=HEAT.id, batch_capacity=Decimal(10))
SCENARIO = make_scenario(published=True)


def fired(*runs: int) -> tuple[Plan, list[WorkOrder], list[Booking]]:
    """One batch after a setup of 5, of one item for each run time; the first one leads."""
    plan, orders, rows = make_plan(HEAT, FURNACE, SCENARIO), list[WorkOrder](), list[Booking]()
    for at, run in enumerate(runs):
        item = make_item(code=f"I{at}", family="860")
        wanted = {"setup_minutes": Decimal(5), "run_minutes": Decimal(run)}
        step = make_routing_operation(item, work_center_id=HEAT.id, **wanted)
        order = make_work_order(item, 2, number=f"W{at}")
        operation = make_operation(order, step, **wanted)
        start = 0 if not rows else 5
        batch = {"batch_id": rows[0].id if rows else None, "published": True}
        row = make_booking(SCENARIO, operation, FURNACE, (start, 5, 5 + max(runs)), **batch)
        for each in (item, step, order, operation, row):
            plan.put(each)
        orders.append(order)
        rows.append(row)
    return plan, orders, rows


def errors(plan: Plan) -> list[str]:
    found = check_plan(plan, plan.table(Booking).values(), NOW)
    return [each.code for each in found if each.code.startswith(("batch", "machine", "rule2"))]


def test_when_the_leader_goes_the_longest_leads_with_its_setup():
    # 60 led 20, 60 and 40: now the other 60 leads those from the setup at 0 on, until 65.
    plan, orders, rows = fired(60, 20, 60, 40)
    assert errors(plan) == []
    changes = delete_rows(plan, [orders[0]])
    plan.apply(changes)
    heir = plan.need(Booking, rows[2].id)
    assert (heir.batch_id, heir.setup_start_at) == (None, NOW)
    assert {row.batch for row in plan.table(Booking).values()} == {heir.id}
    assert errors(plan) == []
    plan.apply(plan.undoing(changes))
    assert {row.batch for row in plan.table(Booking).values()} == {rows[0].id}
    assert errors(plan) == []


def test_whoever_is_left_alone_leads_nobody():
    plan, orders, rows = fired(60, 60)
    plan.apply(delete_rows(plan, [orders[0]]))
    (left,) = plan.table(Booking).values()
    assert (left.id, left.batch_id, left.setup_start_at) == (rows[1].id, None, NOW)


def test_when_a_mate_goes_or_all_go_nobody_else_changes():
    plan, orders, _ = fired(60, 20, 30)
    kinds = [type(change.row) for change in delete_rows(plan, [orders[1]])]
    assert kinds.count(Booking) == 1
    changes = delete_rows(plan, orders)
    assert all(change.after is None for change in changes)


def test_mrp_that_takes_the_leader_away_leaves_its_batch_whole():
    # Nobody wants any of them; the firm ones stay, the proposal that leads goes.
    plan, orders, rows = fired(60, 20, 60)
    for order in orders[1:]:
        plan.put(replace(order, status=WorkStatus.FIRM))
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(4))))
    assert plan.get(Booking, rows[0].id) is None
    assert {row.batch for row in plan.table(Booking).values()} == {rows[2].id}
    assert errors(plan) == []


def test_a_part_loads_the_furnace_with_what_it_is_of():
    # 4 are made in parts of 3 and 1, a unit loads 2: together 6 + 2 = 8, not 8 + 8.
    plan, orders, rows = fired(60)
    plan.put(replace(orders[0], quantity=Decimal(4), good_quantity=Decimal(4)))
    step = plan.need(Operation, rows[0].operation_id)
    first = replace(step, part=1, quantity=Decimal(3), load=Decimal(2))
    second = replace(first, id=id_maker(6)(), part=2, quantity=Decimal(1))
    mate = replace(rows[0], id=id_maker(5)(), operation_id=second.id, batch_id=rows[0].id)
    for row in (first, second, mate):
        plan.put(row)
    assert batch_load(plan, batch_of(plan, mate)) == 8


@pytest.mark.parametrize(("routing", "expected"), [("", []), ("B", ["batch_family"])])
def test_without_family_another_routing_is_another_part(routing: str, expected: list[str]):
    # Operation 10 of one item: the main routing's and the other one's are not the same work.
    plan, orders, rows = fired(60, 60)
    item = replace(plan.need(Item, orders[0].item_id), family="")
    plan.put(item)
    plan.put(replace(orders[1], item_id=item.id, routing=routing))
    step = plan.need(Operation, rows[1].operation_id)
    template = plan.need(RoutingOperation, step.routing_operation_id)
    plan.put(replace(template, item_id=item.id, routing=routing))
    assert [code for code in errors(plan) if code == "batch_family"] == expected


@pytest.mark.parametrize(("routing", "expected"), [("", 0), ("B", 5)])
def test_closed_work_of_another_routing_is_set_up_after(routing: str, expected: int):
    # W0 is closed and only stands in the way; its operation 10 is of the main routing, or of B.
    plan, orders, rows = fired(60, 60)
    item = replace(plan.need(Item, orders[0].item_id), family="")
    plan.put(item)
    plan.put(replace(orders[0], status=WorkStatus.COMPLETED))
    plan.put(replace(orders[1], item_id=item.id))
    for at, name in ((0, routing), (1, "")):
        step = plan.need(Operation, rows[at].operation_id)
        template = plan.need(RoutingOperation, step.routing_operation_id)
        plan.put(replace(template, item_id=item.id, routing=name))
    plan.put(replace(rows[1], batch_id=None))
    board = Board(plan, SCENARIO, NOW)
    before, after = (board.number[row.operation_id] for row in rows)
    assert board.setup_between(0, before, after) == expected

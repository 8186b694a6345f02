"""MRP leaves alone what has begun: its quantity, its routing, its parts and what it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import (
    DemandKind,
    Operation,
    Peg,
    PlannedOrder,
    SupplyKind,
    WorkOrder,
    WorkStatus,
)
from domain.scenarios import Booking
from domain.scheduling.begun_orders import begun_firm
from domain.scheduling.keeping import keep_begun
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_bom_line,
    make_booking,
    make_bought,
    make_item,
    make_machine,
    make_operation,
    make_order_line,
    make_peg,
    make_plan,
    make_planned_order,
    make_purchase_line,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_stock,
    make_work_order,
)
from tests.domain.scheduling.test_after_choices import in_force
from tests.domain.scheduling.test_begun import errors
from tests.domain.scheduling.test_choices import Made, routing_factory, split_factory


def again(plan: Plan, now_at: datetime) -> Plan:
    """The rows after MRP has run once more."""
    begun = begun_firm(plan, now_at)
    found = plan.copy()
    found.apply(mrp_changes(begun.plan, begun.explode(now_at, id_maker(9))))
    return found


def want(plan: Plan, quantity: int) -> None:
    """The customers want another quantity now."""
    for line in list(plan.table(OrderLine).values()):
        plan.put(replace(line, quantity=Decimal(quantity)))


@pytest.mark.parametrize("quantity", [8, 11, 15])
def test_parts_that_have_begun_stay_when_the_customer_wants_more_or_less(quantity: int) -> None:
    # Both parts, 6 and 5 of 11 pieces, run from 0 on.
    plan = in_force(Made(split_factory(2)))
    want(plan, quantity)
    after = again(plan, at(60))
    assert set(plan.table(Operation)) <= set(after.table(Operation))
    assert set(plan.table(Booking)) == set(after.table(Booking))
    new = after.table(WorkOrder).keys() - plan.table(WorkOrder).keys()
    more = [after.need(WorkOrder, each).quantity for each in new]
    assert more == ([Decimal(4)] if quantity == 15 else [])


def test_before_they_have_begun_they_are_made_anew() -> None:
    plan = in_force(Made(split_factory(2)))
    want(plan, 15)
    after = again(plan, NOW)
    assert [step.part for step in after.table(Operation).values()] == [0]


def test_work_by_another_routing_that_has_begun_stays_so() -> None:
    plan = in_force(Made(routing_factory(90)))
    want(plan, 12)
    after = again(plan, at(60))
    found = sorted((row.routing, row.quantity) for row in after.table(WorkOrder).values())
    assert ("B", Decimal(10)) in found


def test_the_order_stays_a_proposal_for_everybody_else() -> None:
    after = again(in_force(Made(split_factory(2))), at(60))
    assert {row.status for row in after.table(WorkOrder).values()} == {WorkStatus.PLANNED}


def test_what_has_begun_stays_without_demand_and_that_is_told() -> None:
    plan = in_force(Made(split_factory(2)))
    for line in list(plan.table(OrderLine).values()):
        plan.drop(OrderLine, line.id)
    begun = begun_firm(plan, at(60))
    found = begun.explode(at(60), id_maker(9))
    assert [each.code for each in found.findings] == ["cancel_order"]
    assert again(plan, at(60)).table(WorkOrder).keys() == plan.table(WorkOrder).keys()


@pytest.mark.parametrize(("days", "is_kept"), [(0, True), (7, False)])
def test_what_is_over_and_shipped_is_nobody_elses(days: int, is_kept: bool) -> None:
    # Over at 600. The line is gone, and later there is another of the same quantity: it has to be
    # made, unless it is the same line read in anew.
    plan = in_force(Made(split_factory(2)))
    line = next(iter(plan.table(OrderLine).values()))
    plan.drop(OrderLine, line.id)
    for peg in plan.where(Peg, demand_id=line.id):
        plan.drop(Peg, peg.id)
    new = replace(line, id=uuid4(), due_on=line.due_on + timedelta(days=days))
    plan.put(new)
    after = again(plan, at(700))
    assert (after.table(WorkOrder).keys() == plan.table(WorkOrder).keys()) == is_kept
    assert bool(after.table(Booking)) == is_kept


def test_what_is_over_stays_as_long_as_its_line_does() -> None:
    plan = in_force(Made(split_factory(2)))
    want(plan, 15)
    after = again(plan, at(700))
    assert set(plan.table(Operation)) <= set(after.table(Operation))
    quantities = sorted(row.quantity for row in after.table(WorkOrder).values())
    assert quantities == [Decimal(4), Decimal(11)]


def test_what_has_begun_keeps_what_it_takes_from_more_urgent_work() -> None:
    # One is in stock. It has been taken by what runs since 0; then an urgent order wants it, too.
    item, rush, part, machine = (
        make_item(code="A"),
        make_item(code="B"),
        make_bought(lead_time_days=Decimal(3)),
        make_machine(),
    )
    steps = [make_routing_operation(each, run_minutes=Decimal(600)) for each in (item, rush)]
    line = make_order_line(item, due_on=TODAY + timedelta(days=20))
    order, stock = make_work_order(item), make_stock(part, 1)
    scenario = make_scenario(published=True)
    work = make_operation(order, steps[0])
    plan = make_plan(
        *(item, rush, part, machine, *steps, line, order, stock, scenario, work),
        *(make_routing_machine(step, machine) for step in steps),
        *(make_bom_line(each, part) for each in (item, rush)),
        make_peg(order, line),
        make_peg(stock, order, operation=work),
        make_booking(scenario, work, machine, (0, 0, 600)),
        make_order_line(rush, order_number="SO-RUSH", due_on=TODAY, priority=1),
    )
    after = again(plan, at(60))
    pegs = after.where(Peg, item_id=part.id)
    kinds = {peg.demand_id == order.id: peg.supply_kind for peg in pegs}
    assert kinds == {True: SupplyKind.STOCK, False: SupplyKind.PLANNED_ORDER}


@pytest.mark.parametrize("now", [60, 2000])
def test_what_runs_goes_on_though_its_parts_are_only_proposed_to_be_bought(now: int) -> None:
    # Four parts were proposed to come at 0: one is taken by what runs from 30 on, and one by the
    # next operation. To order them now would take three days.
    item, part = make_item(code="A"), make_bought(lead_time_days=Decimal(3))
    machine, scenario = make_machine(), make_scenario(published=True)
    numbers = (10, 20)
    steps = [make_routing_operation(item, each, run_minutes=Decimal(600)) for each in numbers]
    line, order = make_order_line(item, due_on=TODAY + timedelta(days=20)), make_work_order(item)
    first, second = (make_operation(order, step) for step in steps)
    bought = make_planned_order(part, 4, order_at=NOW - timedelta(days=3), due_at=NOW)
    plan = make_plan(
        *(item, part, machine, *steps, line, order, scenario, first, second, bought),
        *(make_routing_machine(step, machine) for step in steps),
        *(make_bom_line(item, part, operation_number=each) for each in numbers),
        *(make_peg(bought, order, operation=each) for each in (first, second)),
        make_peg(order, line),
        make_booking(scenario, first, machine, (30, 30, 630), published=True),
        make_booking(scenario, second, machine, (3000, 3000, 3600), published=True),
    )
    after = again(plan, at(now))
    assert after.table(PlannedOrder) == plan.table(PlannedOrder)
    kept = keep_begun(after, scenario, at(now))
    assert (kept.lost, list(kept.problem.begun)) == (0, [first.id])
    assert errors(after, after.where(Booking, scenario_id=scenario.id), at(now)) == []
    op = kept.problem.operation_ids.index(second.id)
    assert kept.problem.tables.release[op] == 0, "the other parts came with it"


def test_parts_of_what_is_over_and_for_nobody_are_given_to_nobody_else() -> None:
    # A is made, and nobody wants it any more. Its part was only proposed to be bought: what B is
    # made of is there three days after it is ordered now.
    items, part = [make_item(code=code) for code in "AB"], make_bought(lead_time_days=Decimal(3))
    machine, scenario = make_machine(), make_scenario(published=True)
    steps = [make_routing_operation(item, run_minutes=Decimal(60)) for item in items]
    order = make_work_order(items[0])
    work, bought = make_operation(order, steps[0]), make_planned_order(part, due_at=NOW)
    plan = make_plan(
        *(items, part, machine, steps, scenario, order, work, bought, make_order_line(items[1])),
        *(make_routing_machine(step, machine) for step in steps),
        *(make_bom_line(item, part) for item in items),
        make_peg(bought, order, operation=work),
        make_booking(scenario, work, machine, (30, 30, 90), published=True),
    )
    after = again(plan, at(200))
    assert order.id not in after.table(WorkOrder)
    came = [each.due_at for each in after.table(PlannedOrder).values()]
    assert came == [at(200) + timedelta(days=3)]


def test_safety_stock_is_given_nothing_of_a_receipt_that_held_work_has_all_of() -> None:
    # The second operation takes the only piece that is coming; nothing is in stock.
    item, machine = make_item(), make_machine()
    part = make_bought(safety_stock=Decimal(5), lead_time_days=Decimal(1))
    steps = [
        make_routing_operation(item, number=each, run_minutes=Decimal(60)) for each in (10, 20)
    ]
    line = make_order_line(item, due_on=TODAY + timedelta(days=20))
    order, coming = make_work_order(item), make_purchase_line(part, 1)
    scenario = make_scenario(published=True)
    first, second = (make_operation(order, step) for step in steps)
    plan = make_plan(
        *(item, part, machine, *steps, line, order, coming, scenario, first, second),
        *(make_routing_machine(step, machine) for step in steps),
        make_bom_line(item, part, operation_number=20),
        make_peg(order, line),
        make_peg(coming, order, operation=second),
        make_booking(scenario, first, machine, (0, 0, 120)),
    )
    after = again(plan, at(60))
    pegs = after.where(Peg, item_id=part.id)
    found = sorted((peg.demand_kind, peg.supply_kind, peg.quantity) for peg in pegs)
    assert found == [
        (DemandKind.SAFETY_STOCK, SupplyKind.PLANNED_ORDER, 5),
        (DemandKind.WORK_ORDER, SupplyKind.PURCHASE, 1),
    ]


def test_time_alone_gives_what_has_begun_to_nobody_else() -> None:
    # What is due last runs first. It stays with its line; else it would be for the one that is due
    # first, and 85 more would be made for the other.
    item, machine = make_item(), make_machine()
    step = make_routing_operation(item, run_minutes=10)
    wanted = {85: 5, 100: 9}
    lines = [
        make_order_line(item, n, line=str(n), due_on=TODAY + timedelta(days=days))
        for n, days in wanted.items()
    ]
    plan = make_plan(item, machine, step, make_routing_machine(step, machine), *lines)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    scenario = make_scenario(published=True)
    plan.put(scenario)
    start = 0
    for order in sorted(plan.table(WorkOrder).values(), key=lambda each: -each.quantity):
        end = start + 10 * int(order.quantity)
        operation = plan.one(Operation, work_order_id=order.id)
        plan.put(make_booking(scenario, operation, machine, (start, start, end)))
        start = end
    after = again(plan, at(60))
    assert after.table(WorkOrder) == plan.table(WorkOrder)
    assert after.table(Peg) == plan.table(Peg)

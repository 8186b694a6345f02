from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.balance import BalanceKind, projected_balance
from domain.items import Item, ItemType
from domain.mrp import explode, mrp_changes
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_bom_line,
    make_booking,
    make_bought,
    make_conversion,
    make_item,
    make_machine,
    make_operation,
    make_order_line,
    make_peg,
    make_plan,
    make_planned_order,
    make_purchase_line,
    make_routing_operation,
    make_scenario,
    make_stock,
    make_work_order,
)
from tests.factories import RandomFactory


def test_everything_that_moves_an_item_in_order():
    part = make_bought(code="PART")
    top, machine, scenario = make_item(code="TOP"), make_machine(), make_scenario()
    step = make_routing_operation(top)
    order = make_work_order(top, 5, number="WO-1")
    operation = make_operation(order, step)
    rows = [
        part,
        top,
        machine,
        step,
        order,
        operation,
        make_bom_line(top, part, 2),
        make_conversion(part, "box", 4),
        make_stock(part, 2, unit="box", lot="L1"),
        make_stock(part, 50, expires_on=TODAY),
        make_purchase_line(part, 6, due_on=TODAY + timedelta(days=1)),
        planned := make_planned_order(part, 3, due_at=at(500)),
        make_order_line(part, 4, due_on=TODAY),
        make_peg(planned, order, 10, operation),
    ]
    booking = make_booking(scenario, operation, machine, (600, 600, 605))
    steps = projected_balance(make_plan(rows), part, [booking], NOW)
    shown = [(s.at, s.kind, s.change, s.balance, s.name) for s in steps]
    assert shown == [
        (NOW, BalanceKind.ON_HAND, 8, 8, "L1"),
        (at(500), BalanceKind.PLANNED_ORDER, 3, 11, "PL-000001"),
        (at(600), BalanceKind.COMPONENT, -10, 1, "WO-1"),
        (at(960), BalanceKind.PURCHASE, 6, 7, "PO-1/1"),
        (at(960), BalanceKind.ORDER_LINE, -4, 3, "SO-1/1"),
    ]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_a_planned_factory_ends_at_or_above_its_safety_stocks(seed):
    plan = RandomFactory(seed).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    for item in plan.table(Item).values():
        steps = projected_balance(plan, item, [], NOW)
        if steps and item.type is not ItemType.PHANTOM:
            assert steps[-1].balance >= item.safety_stock
            assert sum((s.change for s in steps), Decimal(0)) == steps[-1].balance

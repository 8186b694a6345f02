"""New orders: a number nobody has, the next line of an order, always a draft."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.errors import RuleViolation
from domain.order_entry import enter_order, next_order_number, wish_of
from domain.orders import OrderLine, OrderStatus, Wish
from tests.builders import TODAY, id_maker, make_conversion, make_item, make_order_line, make_plan


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((), "SO-0001"),
        (("SO-2612-009",), "SO-2612-010"),
        (("SO-98", "SO-99", "SO-100"), "SO-101"),
        (("A7/x",), "A8/x"),
        (("rush",), "SO-0001"),
    ],
)
def test_a_new_number_follows_the_last_and_is_free(numbers, expected):
    item = make_item()
    lines = [make_order_line(item, order_number=number) for number in numbers]
    assert next_order_number(make_plan(item, *lines)) == expected


def test_a_wish_becomes_a_draft_that_can_be_undone():
    item = make_item(unit="kg")
    plan = make_plan(item, make_order_line(item, order_number="SO-1", line="14"))
    wish = Wish(item.id, Decimal("2.5"), TODAY, priority=2)
    changes = enter_order(plan, wish, id_maker(), order_number=" SO-1 ", due_on=TODAY)
    plan.apply(changes)
    line = plan.one(OrderLine, line="20")
    assert (line.order_number, line.status, line.unit) == ("SO-1", OrderStatus.DRAFT, "kg")
    assert (line.quantity, line.priority, line.due_on) == (Decimal("2.5"), 2, TODAY)
    assert wish_of(plan, line) == wish
    plan.apply(plan.undoing(changes))
    assert plan.one(OrderLine, line="20") is None
    with pytest.raises(RuleViolation, match="value_missing"):
        enter_order(plan, wish, id_maker(), order_number=" ", due_on=TODAY)


def test_a_draft_in_another_unit_wishes_in_the_items_own():
    item = make_item(unit="pcs")
    line = make_order_line(item, 3, unit="box")
    plan = make_plan(item, make_conversion(item, "box", 12), line)
    assert wish_of(plan, line).quantity == 36

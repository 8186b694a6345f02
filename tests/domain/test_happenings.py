"""What a planner tells of a rush order becomes a confirmed order line, or is refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.errors import DomainError
from domain.happenings import Happening, HappeningKind, rows_of
from domain.orders import OrderLine, OrderStatus
from tests.builders import (
    TODAY,
    id_maker,
    make_customer,
    make_item,
    make_order_line,
    make_plan,
    make_plant,
)

ITEM = make_item(unit="kg")
CUSTOMER = make_customer()
RUSH = Happening(
    HappeningKind.RUSH,
    ITEM.id,
    due_on=TODAY,
    quantity=Decimal("2.5"),
    order_number="SO-2",
    customer_id=CUSTOMER.id,
)


def test_a_rush_order_is_confirmed_most_urgent_and_of_its_customer() -> None:
    plan = make_plan(make_plant(home=True), ITEM, CUSTOMER)
    plan.apply(rows_of(plan, RUSH, id_maker()))
    (line,) = plan.table(OrderLine).values()
    assert (line.label, line.quantity, line.unit) == ("SO-2/10", Decimal("2.5"), "kg")
    assert (line.status, line.priority, line.due_on) == (OrderStatus.CONFIRMED, 1, TODAY)
    assert line.customer_id == CUSTOMER.id


def test_a_rush_order_may_be_another_line_of_an_order() -> None:
    first = make_order_line(ITEM, order_number="SO-2", line="10")
    plan = make_plan(make_plant(home=True), ITEM, CUSTOMER, first)
    plan.apply(rows_of(plan, RUSH, id_maker()))
    assert {line.label for line in plan.table(OrderLine).values()} == {"SO-2/10", "SO-2/20"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": Decimal(0)}, "value_not_positive"),
        ({"quantity": Decimal(-1)}, "value_not_positive"),
        ({"order_number": " "}, "value_missing"),
        ({"priority": 0}, "value_out_of_range"),
        ({"due_on": None}, "happening_incomplete"),
        ({"subject_id": CUSTOMER.id}, "row_missing"),
    ],
)
def test_a_rush_order_that_makes_no_sense_is_refused(changes: dict[str, object], code: str) -> None:
    plan = make_plan(make_plant(home=True), ITEM, CUSTOMER)
    with pytest.raises(DomainError) as caught:
        rows_of(plan, replace(RUSH, **changes), id_maker())
    assert caught.value.code == code

"""New order lines: their numbers, and the change that enters one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from domain import edits
from domain.changes import ChangeSet, Row
from domain.errors import RuleViolation
from domain.items import Item
from domain.orders import OrderLine, OrderStatus, Wish
from domain.plan import Plan

_FIRST_NUMBER = "SO-0001"
_LINE_STEP = 10
_LAST_DIGITS = re.compile(r"(\d+)(\D*)$")


def next_order_number(plan: Plan) -> str:
    """A number for a new order: the one after the last, written in the same way."""
    number = max((line.order_number for line in plan.table(OrderLine).values()), default="")
    number = number if _LAST_DIGITS.search(number) else _FIRST_NUMBER
    while plan.one(OrderLine, order_number=number) is not None:
        number = _LAST_DIGITS.sub(_one_more, number)
    return number


def _one_more(found: re.Match[str]) -> str:
    return f"{int(found[1]) + 1:0{len(found[1])}}{found[2]}"


def enter_order(
    plan: Plan,
    wish: Wish,
    new_id: Callable[[], UUID],
    *,
    order_number: str,
    due_on: date,
    customer_id: UUID | None = None,
    status: OrderStatus = OrderStatus.DRAFT,
) -> ChangeSet:
    """Enter what was wished: a new order, or the next line of one there is.

    Raises:
        RuleViolation: ``value_missing`` without a number; see ``check_row`` for the rest.
    """
    number, row_id = order_number.strip(), new_id()
    if not number:
        raise RuleViolation("value_missing", row_id)
    item = plan.need(Item, wish.item_id)
    line = OrderLine(
        id=row_id,
        plant_id=plan.home_plant().id,
        order_number=number,
        line=_next_line(plan, number),
        customer_id=customer_id,
        item_id=item.id,
        quantity=wish.quantity,
        unit=item.unit,
        due_on=due_on,
        priority=wish.priority,
        earliest_start_at=wish.earliest_start_at,
        status=status,
    )
    return edits.add_row(plan, line)


def _next_line(plan: Plan, order_number: str) -> str:
    taken = [line.line for line in plan.where(OrderLine, order_number=order_number)]
    last = max((int(name) for name in taken if name.isdecimal()), default=0)
    return str(last - last % _LINE_STEP + _LINE_STEP)


def wish_of(plan: Plan, line: OrderLine) -> Wish:
    """What an order line asks for.

    Raises:
        DomainError: ``row_missing``, ``unit_unknown``.
    """
    item = plan.need(Item, line.item_id)
    quantity = plan.in_own_unit(item, line.quantity, line.unit)
    return Wish(item.id, quantity, line.due_on, line.priority, line.earliest_start_at)


def is_about_drafts(plan: Plan, changed: Mapping[type[Row], set[UUID] | None]) -> bool:
    """Whether only drafts have changed, for which nothing is planned.

    ``changed`` are ids by kind, None: all.
    """
    lines = changed.get(OrderLine)
    if set(changed) != {OrderLine} or lines is None:
        return False
    found = (plan.get(OrderLine, each) for each in lines)
    return all(line is not None and line.status is OrderStatus.DRAFT for line in found)

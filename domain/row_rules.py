"""What a single row must keep to, whoever writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from uuid import UUID

from domain.batches import overloaded, sizes
from domain.calendars import Holiday, Overtime, Shift
from domain.changes import Row
from domain.errors import DomainError, RuleViolation
from domain.inventory import Stock
from domain.items import MOST_LEAD_DAYS, BomLine, Item, ItemType
from domain.orders import LEAST_URGENT, MOST_URGENT, OrderLine, PurchaseLine
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import (
    MOST_FROZEN_HOURS,
    MOST_UNITS,
    Absence,
    Downtime,
    Plant,
    Tool,
    Transfer,
)
from domain.routings import MOST_PARTS, RoutingOperation

_ABOVE_ZERO = frozenset(
    {
        *("efficiency", "speed", "factor", "lot_size", "multiple", "transfer_batch"),
        *("batch_capacity", "load"),
    }
)
_MAY_BE_NEGATIVE = frozenset({"price"})
_QUANTITIES = frozenset({"quantity"})  # all of a work order may be scrap
_NEEDED = frozenset({"code", "number", "order_number", "line", "unit"})


def check_row(plan: Plan, row: Row) -> None:
    """Refuse a row that breaks a rule by itself or with what it refers to.

    Raises:
        RuleViolation: ``value_not_positive``, ``value_negative``, ``value_out_of_range``,
            ``scrap_out_of_range``,
            ``value_missing``, ``not_a_number``, ``code_taken``, ``unit_unknown``,
            ``end_before_start``, ``bom_cycle``, ``piece_too_large``.
    """
    for field in fields(row):
        _check_value(field.name, getattr(row, field.name), row)
    _check_code(plan, row)
    rule = _RULES.get(type(row))
    if rule is not None:
        rule(plan, row)


def _check_value(name: str, value: object, row: Row) -> None:
    if name in _NEEDED and isinstance(value, str) and not value.strip():
        raise RuleViolation("value_missing", row.id)
    if name == "scrap_ratio" and isinstance(value, Decimal) and not 0 <= value < 1:
        raise RuleViolation("scrap_out_of_range", row.id, percent=value * 100)
    if not isinstance(value, Decimal):
        return
    if not value.is_finite():
        raise RuleViolation("not_a_number", row.id)
    if value <= 0 and (name in _ABOVE_ZERO or (name in _QUANTITIES and not isinstance(row, Stock))):
        raise RuleViolation("value_not_positive", row.id, value=value)
    if value < 0 and name not in _MAY_BE_NEGATIVE:
        raise RuleViolation("value_negative", row.id, value=value)


def _check_code(plan: Plan, row: Row) -> None:
    """Codes and numbers are how people name things: no two of a kind share one."""
    for name in ("code", "number"):
        value = getattr(row, name, None)
        if isinstance(value, str):
            others = plan.where(type(row), **{name: value})
            if any(other.id != row.id for other in others):
                raise RuleViolation("code_taken", row.id, value=value)


def _check_item(plan: Plan, row: Row) -> None:
    del plan
    if not isinstance(row, Item):
        return
    if row.lead_time_days > MOST_LEAD_DAYS:
        raise RuleViolation(
            "value_out_of_range", row.id, value=row.lead_time_days, least=0, most=MOST_LEAD_DAYS
        )
    if row.may_buy and row.type is not ItemType.MAKE:
        raise RuleViolation("may_buy_not_made", row.id, item=row.code)
    if row.may_buy and row.lead_time_days <= 0:
        raise RuleViolation("may_buy_without_lead_time", row.id, item=row.code)


def _check_order_line(plan: Plan, row: Row) -> None:
    if not isinstance(row, OrderLine):
        return
    if not MOST_URGENT <= row.priority <= LEAST_URGENT:
        raise RuleViolation(
            "value_out_of_range",
            row.id,
            value=row.priority,
            least=MOST_URGENT,
            most=LEAST_URGENT,
        )
    _check_unit(plan, row, row.item_id, row.unit)


def _check_unit(plan: Plan, row: Row, item_id: UUID, unit: str) -> None:
    item = plan.need(Item, item_id)
    try:
        plan.in_own_unit(item, Decimal(1), unit)
    except DomainError as error:
        raise RuleViolation(error.code, row.id, **error.params) from error


def _check_purchase(plan: Plan, row: Row) -> None:
    if isinstance(row, PurchaseLine | Stock):
        _check_unit(plan, row, row.item_id, row.unit)


def _check_bom_line(plan: Plan, row: Row) -> None:
    if not isinstance(row, BomLine):
        return
    _check_unit(plan, row, row.component_id, row.unit)
    if row.valid_from_on and row.valid_to_on and row.valid_to_on < row.valid_from_on:
        raise RuleViolation("end_before_start", row.id)
    path = _way_down(plan, row.component_id, row.parent_id)
    if path is not None:
        codes = [plan.need(Item, item_id).code for item_id in (row.parent_id, *path)]
        raise RuleViolation("bom_cycle", row.id, path=" → ".join(codes))


def _way_down(plan: Plan, start: UUID, goal: UUID) -> list[UUID] | None:
    """Items from ``start`` through components down to ``goal``, or None; O(lines below)."""
    came_from: dict[UUID, UUID | None] = {start: None}
    open_ids = [start]
    while open_ids:
        item_id = open_ids.pop()
        if item_id == goal:
            path = [item_id]
            before = came_from[item_id]
            while before is not None:
                path.append(before)
                before = came_from[before]
            return path[::-1]
        for line in plan.where(BomLine, parent_id=item_id):
            if line.component_id not in came_from:
                came_from[line.component_id] = item_id
                open_ids.append(line.component_id)
    return None


def _check_downtime(plan: Plan, row: Row) -> None:
    del plan
    if isinstance(row, Downtime | Absence) and row.end_at <= row.start_at:
        raise RuleViolation("end_before_start", row.id)


def _check_plant(plan: Plan, row: Row) -> None:
    del plan
    if isinstance(row, Plant) and not 0 <= row.frozen_hours <= MOST_FROZEN_HOURS:
        raise RuleViolation(
            "value_out_of_range", row.id, value=row.frozen_hours, least=0, most=MOST_FROZEN_HOURS
        )


def _check_tool(plan: Plan, row: Row) -> None:
    del plan
    held = row.count if isinstance(row, Tool) else getattr(row, "tools", 1)
    least = 0 if isinstance(row, Tool) else 1
    if held < least:
        raise RuleViolation("value_out_of_range", row.id, value=held, least=least, most=MOST_UNITS)


def _check_step(plan: Plan, row: Row) -> None:
    _check_tool(plan, row)
    if not isinstance(row, RoutingOperation | Operation):
        return
    for number in row.after or ():
        if number >= row.number:
            raise RuleViolation("follows_later_step", row.id, number=number)
    if not 1 <= row.split_most <= MOST_PARTS:
        raise RuleViolation(
            "value_out_of_range", row.id, value=row.split_most, least=1, most=MOST_PARTS
        )
    if row.split_most > 1 and row.subcontract_days is not None:
        raise RuleViolation("split_outside", row.id)
    most = row.max_wait_minutes
    if most is not None and most < row.wait_minutes:
        raise RuleViolation("max_wait_too_short", row.id, least=row.wait_minutes)
    if isinstance(row, RoutingOperation):
        _check_load(plan, row)


def _check_load(plan: Plan, row: RoutingOperation) -> None:
    machines = overloaded(plan, row)
    if machines:
        item = plan.need(Item, row.item_id).code
        params = {"item": item, "operation": row.number, "load": row.load}
        raise RuleViolation("piece_too_large", row.id, machines=sizes(machines), **params)


def _check_transfer(plan: Plan, row: Row) -> None:
    del plan
    if isinstance(row, Transfer) and row.from_plant_id == row.to_plant_id:
        raise RuleViolation("transfer_to_itself", row.id)


def _check_hours(plan: Plan, row: Row) -> None:
    del plan
    if isinstance(row, Shift | Overtime) and not 1 <= row.weekday <= 7:
        raise RuleViolation("value_out_of_range", row.id, value=row.weekday, least=1, most=7)
    if not isinstance(row, Shift | Overtime | Holiday):
        return
    for minute, most in ((row.start_minute, 1439), (row.end_minute, 1440)):
        if minute is not None and not 0 <= minute <= most:
            raise RuleViolation("value_out_of_range", row.id, value=minute, least=0, most=most)


def _check_work_order(plan: Plan, row: Row) -> None:
    del plan
    if isinstance(row, WorkOrder) and row.good_quantity > row.quantity:
        raise RuleViolation(
            "value_out_of_range", row.id, value=row.good_quantity, least=0, most=row.quantity
        )


_RULES: dict[type[Row], Callable[[Plan, Row], None]] = {
    Item: _check_item,
    OrderLine: _check_order_line,
    PurchaseLine: _check_purchase,
    Stock: _check_purchase,
    BomLine: _check_bom_line,
    Downtime: _check_downtime,
    Absence: _check_downtime,
    Plant: _check_plant,
    Tool: _check_tool,
    RoutingOperation: _check_step,
    Operation: _check_step,
    Transfer: _check_transfer,
    Shift: _check_hours,
    Holiday: _check_hours,
    Overtime: _check_hours,
    WorkOrder: _check_work_order,
}

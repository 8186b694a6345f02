"""The facts of a row as pairs of a name and a text."""

from __future__ import annotations

from decimal import Decimal

from domain.batches import batch_load, batch_of, capacity_of
from domain.changes import Row
from domain.inventory import Stock
from domain.items import Item
from domain.orders import OrderLine, PurchaseLine, Supplier
from domain.production import Operation, PlannedOrder, WorkOrder
from domain.resources import Machine, Operator, WorkCenter
from domain.routings import after_text
from domain.scenarios import Booking
from domain.working_time import opened_overtime
from widgets.details.why import operation_name
from widgets.orders.rows import LineView, cause_text, customer_name, line_view, odds_words, outcome
from widgets.outlook import Outlook, step_title, tool_words
from widgets.text import format_duration, format_quantity, show, tr

# Catalogue key of the name, and the value as it is shown; empty values are left out.
Fact = tuple[str, str]

_ROUNDED_FROM = 0.1
"""Shares from here on are shown in whole per cents."""


def facts(outlook: Outlook, row: Row) -> list[Fact]:
    """What there is to know of a row, the most important first."""
    match row:
        case OrderLine():
            found = _order_line(outlook, row)
        case WorkOrder():
            found = _work_order(outlook, row)
        case Operation():
            found = _operation(outlook, row)
        case Booking():
            operation = outlook.plan.get(Operation, row.operation_id)
            return facts(outlook, operation) if operation else []
        case PlannedOrder():
            found = _planned_order(outlook, row)
        case PurchaseLine():
            found = _purchase(outlook, row)
        case Stock():
            found = _stock(outlook, row)
        case Item():
            found = _item(row)
        case Machine():
            found = _machine(outlook, row)
        case _:
            found = []
    return [(name, text) for name, text in found if text]


def _named(item: Item) -> str:
    return tr("fact.code_name", code=item.code, name=item.name) if item.name else item.code


def _order_line(outlook: Outlook, line: OrderLine) -> list[Fact]:
    view = line_view(outlook, line)
    return [
        ("column.outcome", outcome(view)),
        ("column.cause", cause_text(view.cause)),
        *_odds(outlook, view),
        ("column.customer", customer_name(outlook.plan, line)),
        ("column.item", _named(view.item)),
        ("column.specification", view.item.specification),
        ("column.quantity", format_quantity(line.quantity, line.unit)),
        ("column.due_on", show(line.due_on)),
        ("column.finish_at", show(view.finish_at)),
        ("column.priority", str(line.priority)),
        ("column.status", show(line.status)),
        ("column.earliest_start_at", show(line.earliest_start_at)),
        ("column.price", show(line.price)),
        ("column.channel", line.channel),
        ("column.note", line.note),
    ]


def _odds(outlook: Outlook, view: LineView) -> list[Fact]:
    """How sure the date is, as far as somebody has worked it out."""
    if view.odds is None:
        return []
    risks = [(operation_name(outlook.plan, each), share) for each, share in view.odds.causes]
    return [
        ("column.on_time", odds_words(view)),
        ("column.likely_at", show(view.odds.likely_at)),
        ("column.safe_at", show(view.odds.safe_at)),
        ("column.risks", show([tr("fact.risk", name=n, percent=_percent(s)) for n, s in risks])),
    ]


def _percent(share: float) -> str:
    return f"{share * 100:.0f}" if share >= _ROUNDED_FROM else f"{share * 100:.1f}"


def _work_order(outlook: Outlook, order: WorkOrder) -> list[Fact]:
    item = outlook.item(order.item_id)
    span = outlook.span(order)
    return [
        ("column.item", _named(item)),
        ("column.quantity", format_quantity(order.quantity, item.unit)),
        ("column.good_quantity", format_quantity(order.good_quantity, item.unit)),
        ("column.routing", order.routing),
        ("column.work_status", show(order.status)),
        ("column.start_at", show(span[0]) if span else tr("orders.unplanned")),
        ("column.end_at", show(span[1]) if span else ""),
        ("column.due_at", show(order.due_at)),
        ("column.earliest_start_at", show(order.earliest_start_at)),
        ("column.priority", str(order.priority)),
    ]


def _operation(outlook: Outlook, operation: Operation) -> list[Fact]:
    plan = outlook.plan
    order = plan.get(WorkOrder, operation.work_order_id)
    item = outlook.item(order.item_id) if order else None
    booking = outlook.bookings.get(operation.id)
    found = [
        ("column.work_order", order.number if order else ""),
        ("column.item", _named(item) if item else ""),
        ("column.operation", step_title(plan, operation)),
        ("column.routing", order.routing if order else ""),
        ("column.quantity", _amount(operation, order, item)),
    ]
    if booking is not None:
        found += _booking(outlook, booking)
    share = outlook.odds.fragile.get(operation.id, 0.0) if outlook.odds else 0.0
    if share:
        found.append(("column.fragility", tr("fact.fragility", percent=_percent(share))))
    return [
        *found,
        ("column.setup_minutes", _minutes(operation.setup_minutes)),
        ("column.run_minutes", _run_minutes(outlook, operation, booking)),
        ("column.wait_minutes", _minutes(operation.wait_minutes)),
        ("column.max_wait_minutes", _minutes(operation.max_wait_minutes)),
        ("column.after", after_text(operation.after)),
        ("column.transfer_batch", show(operation.transfer_batch)),
        ("column.load", show(operation.load) if operation.load != 1 else ""),
        ("column.skill", operation.skill),
        ("column.tool", tool_words(outlook.plan, operation)),
        ("column.break_rule", show(operation.break_rule)),
        ("column.inspection", show(operation.inspection) if operation.inspection else ""),
    ]


def _amount(operation: Operation, order: WorkOrder | None, item: Item | None) -> str:
    return format_quantity(operation.amount(order), item.unit) if order and item else ""


def _booking(outlook: Outlook, booking: Booking) -> list[Fact]:
    machine = outlook.plan.get(Machine, booking.machine_id)
    people = [outlook.plan.get(Operator, each) for each in booking.operator_ids]
    setup = (booking.run_start_at - booking.setup_start_at).total_seconds() / 60
    return [
        ("column.machine", machine.code if machine else tr("fact.outside")),
        ("column.start_at", show(booking.setup_start_at)),
        ("column.run_start_at", show(booking.run_start_at) if setup else ""),
        ("column.end_at", show(booking.end_at)),
        ("column.batch", _batch(outlook, booking)),
        ("column.operators", show([person.name or person.code for person in people if person])),
        ("column.lock", show(booking.lock)),
    ]


def _batch(outlook: Outlook, booking: Booking) -> str:
    """What runs together with a booking, and how full its furnace is; empty elsewhere."""
    capacity = capacity_of(outlook.plan, booking)
    if capacity is None:
        return ""
    together = batch_of(outlook.plan, booking)
    steps = (outlook.plan.get(Operation, each.operation_id) for each in together if each != booking)
    orders = (outlook.plan.get(WorkOrder, step.work_order_id) for step in steps if step)
    others = show([order.number for order in orders if order])
    load = show(batch_load(outlook.plan, together))
    key = "fact.batch" if others else "fact.batch_alone"
    return tr(key, others=others, load=load, capacity=show(capacity))


def _run_minutes(outlook: Outlook, operation: Operation, booking: Booking | None) -> str:
    """Minutes a unit, or a run where several run together."""
    is_shared = booking is not None and capacity_of(outlook.plan, booking) is not None
    key = "fact.minutes_a_run" if is_shared else "fact.minutes_each"
    return tr(key, minutes=operation.run_minutes)


def _minutes(minutes: Decimal | None) -> str:
    return format_duration(float(minutes)) if minutes else ""


def _planned_order(outlook: Outlook, order: PlannedOrder) -> list[Fact]:
    item = outlook.item(order.item_id)
    return [
        ("column.item", _named(item)),
        ("column.quantity", format_quantity(order.quantity, item.unit)),
        ("column.order_at", show(order.order_at)),
        ("column.arrives_at", show(order.due_at)),
        ("column.firm", show(order.firm)),
    ]


def _purchase(outlook: Outlook, line: PurchaseLine) -> list[Fact]:
    supplier = outlook.plan.get(Supplier, line.supplier_id)
    return [
        ("column.item", _named(outlook.item(line.item_id))),
        ("column.quantity", format_quantity(line.quantity, line.unit)),
        ("column.arrives_on", show(line.due_on)),
        ("column.supplier", (supplier.name or supplier.code) if supplier else ""),
    ]


def _stock(outlook: Outlook, stock: Stock) -> list[Fact]:
    return [
        ("column.item", _named(outlook.item(stock.item_id))),
        ("column.quantity", format_quantity(stock.quantity, stock.unit)),
        ("column.warehouse", stock.warehouse),
        ("column.location", stock.location),
        ("column.lot", stock.lot),
        ("column.received_on", show(stock.received_on)),
        ("column.expires_on", show(stock.expires_on)),
    ]


def _item(item: Item) -> list[Fact]:
    size = format_quantity(item.lot_size) if item.lot_size is not None else ""
    return [
        ("column.item", item.code),
        ("column.item_name", item.name),
        ("column.specification", item.specification),
        ("column.item_type", show(item.type)),
        ("column.unit", item.unit),
        ("column.lead_time_days", tr("fact.days", n=item.lead_time_days)),
        ("column.lot_rule", tr("fact.code_name", code=show(item.lot_rule), name=size)),
        ("column.safety_stock", format_quantity(item.safety_stock, item.unit)),
        ("column.scrap_ratio", tr("fact.percent", percent=item.scrap_ratio * 100)),
        ("column.tracking", show(item.tracking)),
        ("column.family", item.family),
    ]


def _machine(outlook: Outlook, machine: Machine) -> list[Fact]:
    center = outlook.plan.get(WorkCenter, machine.work_center_id)
    return [
        ("column.machine", tr("fact.code_name", code=machine.code, name=machine.name)),
        ("column.work_center", (center.name or center.code) if center else ""),
        ("column.efficiency", show(machine.efficiency)),
        ("column.batch_capacity", show(machine.batch_capacity)),
        ("column.overtime", _overtime(outlook, machine)),
    ]


def _overtime(outlook: Outlook, machine: Machine) -> str:
    """What the plan in force has opened of it, and for how much."""
    opened = [row for row in opened_overtime(outlook.plan) if row.machine_id == machine.id]
    if not opened:
        return ""
    minutes = sum((row.end_at - row.start_at).total_seconds() / 60 for row in opened)
    cost = format_quantity(sum((row.cost for row in opened), Decimal(0)))
    return tr("fact.overtime", span=format_duration(minutes), cost=cost)

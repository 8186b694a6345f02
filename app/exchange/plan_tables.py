"""A plan as tables: schedule, work orders, purchases, lateness, and overtime if there is any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from uuid import UUID

from domain.items import Item
from domain.pegging import parent_orders, served_lines
from domain.plan import Plan
from domain.production import Operation, PlannedOrder, WorkOrder
from domain.resources import Machine, Operator
from domain.scenarios import Booking, OvertimeShift
from domain.scheduling.lateness import LineLateness
from domain.variants import routing_of
from widgets.text import finding_text

OVERTIME = "overtime"
"""Name of the table that is only there if a plan has opened any."""

_WAY = ("part", "batch", "routing")
"""Columns after the specified ones, only in the schedule of a plan that has any of it."""

Cell = str | int | Decimal | datetime | None


@dataclass(frozen=True, slots=True)
class PlanTable:
    """A named table; ``columns`` are the names of the files' specification."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def plan_tables(
    plan: Plan, bookings: Iterable[Booking], lateness: Iterable[LineLateness], zone: tzinfo
) -> list[PlanTable]:
    """The tables of a plan, with instants as plant time without an offset."""
    by_operation = {booking.operation_id: booking for booking in bookings}
    scenarios = {booking.scenario_id for booking in by_operation.values()}
    opened = [row for row in plan.table(OvertimeShift).values() if row.scenario_id in scenarios]
    orders = sorted(plan.table(WorkOrder).values(), key=lambda order: order.number)
    lines = {order.id: _labels(plan, order.id) for order in orders}
    return [
        _schedule(plan, orders, by_operation, lines, zone),
        _work_orders(plan, orders, by_operation, lines, zone),
        _purchases(plan, zone),
        _lateness(lateness, zone),
        *([_overtime(plan, opened, zone)] if opened else []),
    ]


def _schedule(
    plan: Plan,
    orders: Sequence[WorkOrder],
    bookings: dict[UUID, Booking],
    lines: dict[UUID, str],
    zone: tzinfo,
) -> PlanTable:
    rows: list[tuple[Cell, ...]] = []
    ways: list[tuple[Cell, ...]] = []
    batches = _batch_numbers(bookings.values())
    for order in orders:
        item = plan.need(Item, order.item_id)
        for operation in _operations(plan, order):
            booking = bookings.get(operation.id)
            if booking is None:
                continue
            part, batch = operation.part or None, batches.get(booking.batch)
            ways.append((part, batch, routing_of(plan, operation)))
            machine = plan.get(Machine, booking.machine_id)
            crew = [plan.need(Operator, person).code for person in booking.operator_ids]
            rows.append(
                (
                    order.number,
                    item.code,
                    operation.amount(order),
                    operation.number,
                    machine.code if machine else "",
                    _local(booking.setup_start_at, zone),
                    _local(booking.run_start_at, zone),
                    _local(booking.end_at, zone),
                    ";".join(crew),
                    lines[order.id],
                )
            )
    columns = ("work_order", "item", "quantity", "operation", "machine", "setup_start")
    columns = (*columns, "run_start", "end", "operators", "order_lines")
    if any(any(way) for way in ways):
        columns = (*columns, *_WAY)
        rows = [(*row, *way) for row, way in zip(rows, ways, strict=True)]
    return PlanTable("schedule", columns, rows)


def _batch_numbers(bookings: Iterable[Booking]) -> dict[UUID, int]:
    """The batches of more than one booking, numbered in the order in which they run."""
    members: dict[UUID, list[Booking]] = {}
    for booking in bookings:
        members.setdefault(booking.batch, []).append(booking)
    shared = [batch for batch, those in members.items() if len(those) > 1]
    shared.sort(key=lambda batch: (members[batch][0].run_start_at, str(batch)))
    return {batch: number for number, batch in enumerate(shared, start=1)}


def _work_orders(
    plan: Plan,
    orders: Sequence[WorkOrder],
    bookings: dict[UUID, Booking],
    lines: dict[UUID, str],
    zone: tzinfo,
) -> PlanTable:
    rows: list[tuple[Cell, ...]] = []
    for order in orders:
        held = [b for row in _operations(plan, order) if (b := bookings.get(row.id))]
        begin = min((b.setup_start_at for b in held), default=None)
        end = max((b.end_at for b in held), default=None)
        parents = ";".join(parent.number for parent in parent_orders(plan, order.id))
        item = plan.need(Item, order.item_id)
        rows.append(
            (
                order.number,
                item.code,
                order.quantity,
                _local(begin, zone),
                _local(end, zone),
                parents,
                lines[order.id],
            )
        )
    columns = ("work_order", "item", "quantity", "release", "end")
    return PlanTable("work_orders", (*columns, "parent_work_orders", "order_lines"), rows)


def _purchases(plan: Plan, zone: tzinfo) -> PlanTable:
    orders = plan.table(PlannedOrder).values()
    rows: list[tuple[Cell, ...]] = [
        (
            plan.need(Item, order.item_id).code,
            order.quantity,
            _local(order.order_at, zone),
            _local(order.due_at, zone),
            _labels(plan, order.id),
        )
        for order in sorted(orders, key=lambda order: (order.order_at, order.number))
    ]
    return PlanTable("purchases", ("item", "quantity", "order_by", "due", "order_lines"), rows)


def _lateness(lateness: Iterable[LineLateness], zone: tzinfo) -> PlanTable:
    rows: list[tuple[Cell, ...]] = [
        (
            entry.order_line.order_number,
            entry.order_line.line,
            entry.order_line.due_on.isoformat(),
            _local(entry.finish_at, zone),
            entry.late_minutes,
            entry.weight,
            finding_text(entry.cause) if entry.cause else "",
        )
        for entry in lateness
    ]
    columns = ("order", "line", "due", "finish", "late_minutes", "weight", "cause")
    return PlanTable("lateness", columns, rows)


def _overtime(plan: Plan, opened: Iterable[OvertimeShift], zone: tzinfo) -> PlanTable:
    rows: list[tuple[Cell, ...]] = [
        (
            plan.need(Machine, row.machine_id).code,
            _local(row.start_at, zone),
            _local(row.end_at, zone),
            (row.end_at - row.start_at) // timedelta(minutes=1),
            row.cost,
        )
        for row in opened
    ]
    rows.sort(key=lambda row: (str(row[0]), str(row[1])))
    return PlanTable(OVERTIME, ("machine", "start", "end", "minutes", "cost"), rows)


def _operations(plan: Plan, order: WorkOrder) -> list[Operation]:
    return sorted(
        plan.where(Operation, work_order_id=order.id), key=lambda row: (row.number, row.part)
    )


def _labels(plan: Plan, supply_id: UUID) -> str:
    return ";".join(line.label for line in served_lines(plan, supply_id))


def _local(at: datetime | None, zone: tzinfo) -> datetime | None:
    return None if at is None else at.astimezone(zone).replace(tzinfo=None)

"""What must hold between the rows of a workbook, and between them and what is there already."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import cast
from uuid import UUID

from app.exchange.assembly import Assembly
from app.exchange.choices import unit_code
from app.exchange.faults import Fault
from app.exchange.records import Record
from app.exchange.sheets import MACHINES, UNITS
from app.exchange.values import folded
from domain.batches import overloaded, sizes
from domain.changes import Row
from domain.inventory import Stock
from domain.items import BomLine, Item, ItemType
from domain.orders import OrderLine, PurchaseLine
from domain.plan import Plan
from domain.resources import Absence, Downtime, Machine, WorkCenter
from domain.routings import MAIN, RoutingMachine, RoutingOperation
from domain.units import UnitConversion


def consistency_faults(assembly: Assembly, after: Plan) -> Iterator[Fault]:
    """Faults of rows that are each well-formed; ``after`` is the plan with all of them."""
    for row in list(assembly.rows.values()):
        record = assembly.origin.get(row.id)
        if record is None:
            continue
        match row:
            case Item():
                yield from _item_faults(row, record, assembly, after)
            case Downtime() | Absence() if row.end_at <= row.start_at:
                yield record.fault("end", "end_before_start")
            case BomLine():
                yield from _bom_faults(row, record, assembly, after)
            case RoutingOperation():
                yield from _routing_faults(row, record, assembly, after)
                if not any(each.broken for each in assembly.contents.records.get("Machines", [])):
                    yield from _load_faults(row, record, "load", after)
            case Machine():
                yield from _capacity_faults(row, record, assembly, after)
            case Stock() if row.received_on and row.expires_on and row.expires_on < row.received_on:
                yield record.fault("expires", "end_before_start")
            case UnitConversion():
                yield from _conversion_faults(row, record, after)
            case _:
                pass
    yield from _cycle_faults(assembly, after)


def _item_faults(row: Item, record: Record, assembly: Assembly, after: Plan) -> Iterator[Fault]:
    yield from _buying_faults(row, record)
    stored = assembly.before.get(row.id)
    if isinstance(stored, Item) and stored.unit != row.unit:
        known = {"", row.unit} | {u.unit for u in after.where(UnitConversion, item_id=row.id)}
        using = _users(row.id, after)
        count = sum(each.unit not in known for each in using if each.id not in assembly.rows)
        if count:
            params: dict[str, object] = {"old": stored.unit, "new": row.unit, "item": row.code}
            params |= {"count": count, "listed": UNITS}
            yield record.fault("unit", "unit_still_used", **params)


def _buying_faults(row: Item, record: Record) -> Iterator[Fault]:
    if row.may_buy and row.type is not ItemType.MAKE:
        yield record.fault("may buy", "may_buy_not_made", item=row.code)
    elif row.may_buy and row.lead_time_days <= 0:
        column = "lead time days" if "lead time days" in record.cells else "may buy"
        yield record.fault(column, "may_buy_without_lead_time", item=row.code)


def _users(item_id: UUID, plan: Plan) -> list[OrderLine | Stock | PurchaseLine | BomLine]:
    return [
        *plan.where(OrderLine, item_id=item_id),
        *plan.where(Stock, item_id=item_id),
        *plan.where(PurchaseLine, item_id=item_id),
        *plan.where(BomLine, component_id=item_id),
    ]


def _conversion_faults(row: UnitConversion, record: Record, after: Plan) -> Iterator[Fault]:
    item = after.need(Item, row.item_id)
    if unit_code(folded(item.unit)) == unit_code(folded(row.unit)) and row.factor != 1:
        yield record.fault("unit", "unit_is_own", item=item.code)


def _bom_faults(row: BomLine, record: Record, assembly: Assembly, after: Plan) -> Iterator[Fault]:
    if row.valid_from_on and row.valid_to_on and row.valid_to_on < row.valid_from_on:
        yield record.fault("valid to", "end_before_start")
    if row.operation_number is None or "Routings" in assembly.contents.unread:
        return
    broken = assembly.contents.records.get("Routings", [])
    if any(each.broken for each in broken):
        return  # the operation may be among those that could not be read
    main = after.where(RoutingOperation, item_id=row.parent_id, routing=MAIN)
    numbers = {o.number for o in main}
    if numbers and row.operation_number not in numbers:
        listed = ", ".join(str(number) for number in sorted(numbers))
        parent = after.need(Item, row.parent_id).code
        yield record.fault("operation", "operation_unknown", parent=parent, listed=listed)


def _routing_faults(
    row: RoutingOperation, record: Record, assembly: Assembly, after: Plan
) -> Iterator[Fault]:
    same = after.where(RoutingOperation, item_id=row.item_id, routing=row.routing)
    steps = {step.number for step in same}
    yield from _variant_faults(row, record, after)
    if any(number >= row.number or number not in steps for number in row.after or ()):
        yield record.fault("after", "step_unknown", item=after.need(Item, row.item_id).code)
    longest = row.max_wait_minutes
    if longest is not None and longest < row.wait_minutes:
        yield record.fault("max wait minutes", "max_wait_too_short", least=row.wait_minutes)
    if row.subcontract_days is not None:
        return
    if after.where(RoutingMachine, routing_operation_id=row.id):
        return
    if row.work_center_id is None:
        yield record.fault("work center", "routing_without_machine")
        return
    if after.where(Machine, work_center_id=row.work_center_id):
        return
    if any(each.broken for each in assembly.contents.records.get("Machines", [])):
        return  # its machine may be among those that could not be read
    center = after.need(WorkCenter, row.work_center_id)
    yield record.fault("work center", "work_center_empty", center=center.code, listed=MACHINES)


def _load_faults(
    row: RoutingOperation, record: Record, column: str, after: Plan
) -> Iterator[Fault]:
    """One piece must go into one of its furnaces."""
    machines = overloaded(after, row)
    if machines:
        item = after.need(Item, row.item_id).code
        params: dict[str, object] = {"item": item, "operation": row.number, "load": row.load}
        yield record.fault(column, "piece_too_large", machines=sizes(machines), **params)


def _capacity_faults(
    row: Machine, record: Record, assembly: Assembly, after: Plan
) -> Iterator[Fault]:
    """What is stored already and not in the workbook must still go in."""
    named = after.where(RoutingMachine, machine_id=row.id)
    steps = [after.need(RoutingOperation, each.routing_operation_id) for each in named]
    if row.work_center_id is not None:
        steps += after.where(RoutingOperation, work_center_id=row.work_center_id)
    for step in steps if row.batch_capacity is not None else ():
        if step.id not in assembly.origin:
            yield from _load_faults(step, record, "batch capacity", after)


def _variant_faults(row: RoutingOperation, record: Record, after: Plan) -> Iterator[Fault]:
    """An alternate routing stands beside a main one; what is done outside is not split."""
    if row.routing and not after.where(RoutingOperation, item_id=row.item_id, routing=MAIN):
        code = after.need(Item, row.item_id).code
        yield record.fault("routing", "routing_without_main", item=code, routing=row.routing)
    if row.split_most > 1 and row.subcontract_days is not None:
        yield record.fault("split", "split_outside")


def _cycle_faults(assembly: Assembly, after: Plan) -> Iterator[Fault]:
    """One fault for each BOM line of the workbook that closes a circle, which it shows.

    Depth-first from every parent, without recursion: O(lines).
    """
    done: set[UUID] = set()
    for row in list(assembly.rows.values()):
        if isinstance(row, BomLine) and row.parent_id not in done:
            yield from _cycles_from(row.parent_id, done, assembly, after)


def _cycles_from(top: UUID, done: set[UUID], assembly: Assembly, after: Plan) -> Iterator[Fault]:
    path: dict[UUID, Iterator[BomLine]] = {top: iter(after.where(BomLine, parent_id=top))}
    while path:
        parent = next(reversed(path))
        line = next(path[parent], None)
        if line is None:
            path.pop(parent)
            done.add(parent)
        elif line.component_id in path:
            members = list(path)
            circle = members[members.index(line.component_id) :]
            yield from _cycle_fault(line, circle, assembly, after)
        elif line.component_id not in done:
            below = line.component_id
            path[below] = iter(after.where(BomLine, parent_id=below))


def _cycle_fault(
    closing: BomLine, circle: list[UUID], assembly: Assembly, after: Plan
) -> Iterator[Fault]:
    steps = [*circle, circle[0]]
    shown = " → ".join(after.need(Item, each).code for each in steps)
    lines = [closing]
    for parent, component in itertools.pairwise(circle):
        lines += after.where(BomLine, parent_id=parent, component_id=component)
    for line in lines:
        record = assembly.origin.get(cast("Row", line).id)
        if record is not None:
            yield record.fault("component", "bom_cycle", cycle=shown)
            return

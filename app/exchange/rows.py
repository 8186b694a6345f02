"""How the rows of each sheet come about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from app.exchange.assembly import SHEET_OF, Assembly, Unresolved
from app.exchange.choices import unit_code
from app.exchange.records import Contents, Record, iterate
from app.exchange.sheets import UNITS, Column, Kind
from app.exchange.values import folded
from domain.calendars import Calendar, Holiday, Overtime, Shift
from domain.changes import Row
from domain.inventory import Stock
from domain.items import BomLine, Item
from domain.orders import OrderLine, PurchaseLine
from domain.plan import Plan
from domain.resources import Changeover, Machine, Plant, WorkCenter
from domain.routings import RoutingMachine, RoutingOperation
from domain.units import UnitConversion

Fields = dict[str, object]

_DIRECT = set(Kind) - {
    Kind.REFERENCE, Kind.UNIT, Kind.INSTANT, Kind.MACHINES, Kind.TARGET, Kind.WEEKDAYS,
}  # fmt: skip
_OF_HOME_PLANT = (OrderLine, PurchaseLine, Stock, Machine)


def assemble(plan: Plan, contents: Contents, new_id: Callable[[], UUID]) -> Assembly:
    """Make the rows of every record; what cannot be made adds its faults to ``contents``."""
    assembly = Assembly(plan, contents, new_id)
    for record in iterate(contents):
        make = _MAKERS.get(record.sheet.kind, _make_row)
        fields = _fields(assembly, record)
        try:
            if not record.broken:
                make(assembly, record, fields)
        except Unresolved as unresolved:
            _note(assembly, record, unresolved)
        if record.broken:
            _mention(assembly, record)
    return assembly


def _note(assembly: Assembly, record: Record, unresolved: Unresolved) -> None:
    record.broken = True
    if unresolved.fault is not None:
        assembly.contents.faults.append(unresolved.fault)


def _mention(assembly: Assembly, record: Record) -> None:
    """What a broken record would have named still counts as named."""
    kind = Calendar if record.sheet.kind is Shift else record.sheet.kind
    code = record.values.get(record.sheet.columns[0].name)
    if kind in SHEET_OF and code:
        assembly.mention(kind, code)
    if kind is Machine and record.values.get("work center"):
        assembly.mention(WorkCenter, record.values["work center"])


def _fields(assembly: Assembly, record: Record) -> Fields:
    """The record's values as fields; references, then what depends on them; all faults noted."""
    fields: Fields = {}
    for column in record.sheet.columns:
        if column.name not in record.values or not column.field:
            continue
        value = record.values[column.name]
        if column.kind in _DIRECT:
            fields[column.field] = value
        elif column.kind is Kind.REFERENCE and column.refers is not None:
            _refer(assembly, record, column, fields)
    for column in record.sheet.columns:
        if column.name in record.values:
            if column.kind is Kind.UNIT:
                _unit(assembly, record, column, fields)
            elif column.kind is Kind.INSTANT:
                fields[column.field] = _instant(assembly, record, column, fields)
    return fields


def _refer(assembly: Assembly, record: Record, column: Column, fields: Fields) -> None:
    code = record.values[column.name]
    kind = cast("type[Plant]", column.refers)  # any kind with a code
    if not code:
        fields[column.field] = None
    elif column.refers is WorkCenter and record.sheet.kind is Machine:
        fields[column.field] = None if record.broken else _work_center(assembly, str(code)).id
    else:
        try:
            fields[column.field] = assembly.refer(record, column, kind, str(code)).id
        except Unresolved as unresolved:
            _note(assembly, record, unresolved)


def _work_center(assembly: Assembly, code: str) -> WorkCenter:
    """The work center that a machine names: naming it makes it."""
    found = assembly.present(WorkCenter, {"code": code})
    return found or assembly.put(None, WorkCenter, {"code": code}, {})


def _unit(assembly: Assembly, record: Record, column: Column, fields: Fields) -> None:
    """A quantity's unit must be one that its item knows."""
    unit = str(record.values[column.name] or "")
    item_id = fields.get("component_id") if record.sheet.kind is BomLine else fields.get("item_id")
    if record.sheet.kind in (Item, UnitConversion):
        fields[column.field] = unit
        return
    item = _item(assembly, item_id)
    if item is None:
        return
    known = _known_unit(assembly, item, unit)
    if known is None:
        params = {"item": item.code, "own": item.unit, "listed": UNITS}
        fault = record.fault(column.name, "unit_without_conversion", **params)
        _note(assembly, record, Unresolved(fault))
    else:
        fields[column.field] = known


def _item(assembly: Assembly, item_id: object) -> Item | None:
    key = cast("UUID | None", item_id)
    row = assembly.rows.get(key) if key is not None else None
    return row if isinstance(row, Item) else assembly.plan.get(Item, key)


def _known_unit(assembly: Assembly, item: Item, unit: str) -> str | None:
    """The unit as the item and its conversions write it, or None."""
    if unit in ("", item.unit) or unit_code(folded(item.unit)) == unit_code(unit):
        return item.unit
    found = assembly.present(UnitConversion, {"item_id": item.id, "unit": unit})
    return found.unit if found else None


def _instant(assembly: Assembly, record: Record, column: Column, fields: Fields) -> datetime | None:
    local = record.values[column.name]
    if not isinstance(local, datetime):
        return None
    machine_id = cast("UUID | None", fields.get("machine_id"))
    machine = assembly.rows.get(machine_id) if machine_id is not None else None
    machine = machine or assembly.plan.get(Machine, machine_id)
    plant_id = machine.plant_id if isinstance(machine, Machine) else assembly.home_plant().id
    return local.replace(tzinfo=assembly.zone(plant_id)).astimezone(UTC)


def _spare(record: Record) -> Fields:
    """What the columns that are not in the file mean for a new row."""
    return {
        column.field: column.default
        for column in record.sheet.columns
        if column.field and column.name not in record.values and column.kind is not Kind.UNIT
    }


def _make_row(assembly: Assembly, record: Record, fields: Fields) -> Row:
    """A row that has one record."""
    kind = record.sheet.kind
    spare = _spare(record)
    if kind in _OF_HOME_PLANT:
        spare["plant_id"] = assembly.home_plant().id
        if fields.get("plant_id", "") is None:
            fields["plant_id"] = spare["plant_id"]
    return assembly.put(record, kind, fields, spare)


def _make_quantity(assembly: Assembly, record: Record, fields: Fields) -> None:
    """A row with a quantity in a unit: the unit left blank is the item's own, written out."""
    item = _item(assembly, fields.get("component_id") or fields["item_id"])
    own = item.unit if item is not None else ""
    every = {**_spare(record), **fields}
    present = cast("OrderLine | None", assembly.present(record.sheet.kind, every))
    if present is None:
        blank = not record.values.get("unit")
        fields["unit"] = ("" if record.sheet.kind is BomLine else own) if blank else fields["unit"]
    elif present.unit == "" and fields.get("unit") == own:
        fields["unit"] = ""
    _make_row(assembly, record, fields)


def _make_plant(assembly: Assembly, record: Record, fields: Fields) -> None:
    zone = str(fields.get("timezone", "UTC"))
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError) as error:
        raise Unresolved(record.fault("timezone", "timezone_unknown")) from error
    spare = {**_spare(record), "home": not assembly.has_plant()}
    assembly.put(record, Plant, fields, spare)


def _make_shifts(assembly: Assembly, record: Record, fields: Fields) -> None:
    """A calendar row: one shift for each of its weekdays; the name alone: a calendar that rests."""
    code = str(fields["calendar_id"])
    present = assembly.present(Calendar, {"code": code})
    calendar = present or assembly.put(None, Calendar, {"code": code}, {})
    values = {name: record.values.get(name) for name in ("weekday", "start", "end")}
    if all(value is None for value in values.values()):
        return
    for name, value in values.items():
        if value is None:
            column = record.sheet.column(name)
            raise Unresolved(record.fault(name, "cell_blank", wanted=column))
    if fields["start_minute"] == 1440:
        raise Unresolved(record.fault("start", "start_at_24"))
    for weekday in cast("tuple[int, ...]", values["weekday"]):
        shift = {**fields, "calendar_id": calendar.id, "weekday": weekday}
        assembly.put(record, Shift, shift, {})


def _make_holiday(assembly: Assembly, record: Record, fields: Fields) -> None:
    start, end = fields.get("start_minute"), fields.get("end_minute")
    if (start is None) != (end is None):
        missing = "start" if start is None else "end"
        raise Unresolved(record.fault(missing, "holiday_half"))
    if start == 1440:
        raise Unresolved(record.fault("start", "start_at_24"))
    _make_row(assembly, record, fields)


def _make_overtime(assembly: Assembly, record: Record, fields: Fields) -> None:
    """Hours that may be worked, too, on each of a row's weekdays."""
    if fields["start_minute"] == 1440:
        raise Unresolved(record.fault("start", "start_at_24"))
    for weekday in cast("tuple[int, ...]", record.values["weekday"]):
        assembly.put(record, Overtime, {**fields, "weekday": weekday}, _spare(record))


def _make_routing(assembly: Assembly, record: Record, fields: Fields) -> None:
    """A routing operation with the machines it names; one person if a skill is named."""
    if fields.get("operators", 0) is None:
        fields["operators"] = 1 if record.values.get("skill") else 0
    spare = _spare(record)
    if spare.get("operators", 0) is None:
        spare["operators"] = 1 if record.values.get("skill") else 0
    named = cast("tuple[tuple[str, Decimal], ...] | None", record.values.get("machines"))
    column = record.sheet.column("machines")
    machines = [assembly.refer(record, column, Machine, code) for code, _speed in named or ()]
    operation = assembly.put(record, RoutingOperation, fields, spare)
    if named is None:
        return
    kept: set[UUID] = set()
    for position, (machine, (_code, speed)) in enumerate(zip(machines, named, strict=True)):
        values: Fields = {
            "routing_operation_id": operation.id, "machine_id": machine.id, "speed": speed,
        }  # fmt: skip
        row = assembly.put(record, RoutingMachine, {**values, "position": position}, {})
        kept.add(row.id)
    for row in assembly.plan.where(RoutingMachine, routing_operation_id=operation.id):
        if row.id not in kept:
            assembly.remove(row)


def _make_changeover(assembly: Assembly, record: Record, fields: Fields) -> None:
    """A changeover on a machine or a work center, whichever has the code; ``*`` if blank.

    Where both have it, the machine is meant unless ``work center:`` stands before the code.
    """
    column = record.sheet.columns[0]
    code = str(record.values[column.name])
    prefix, colon, rest = code.partition(":")
    forced = {"workcenter": WorkCenter, "工作中心": WorkCenter, "machine": Machine, "设备": Machine}
    kind = forced.get(prefix.replace(" ", "").casefold()) if colon else None
    target: Fields = {"work_center_id": None, "machine_id": None}
    wanted = rest.strip() if kind else code
    row = None
    if kind is not WorkCenter:
        row = assembly.present(Machine, {"code": wanted})
    if row is None and kind is not Machine:
        row = assembly.present(WorkCenter, {"code": wanted})
    if row is None:
        row = assembly.refer(record, column, kind or Machine, wanted)
    target["machine_id" if isinstance(row, Machine) else "work_center_id"] = row.id
    assembly.put(record, Changeover, {**target, **fields}, _spare(record))


_MAKERS: Mapping[type[Row], Callable[[Assembly, Record, Fields], object]] = {
    Plant: _make_plant,
    Shift: _make_shifts,
    Holiday: _make_holiday,
    Overtime: _make_overtime,
    BomLine: _make_quantity,
    OrderLine: _make_quantity,
    Stock: _make_quantity,
    PurchaseLine: _make_quantity,
    RoutingOperation: _make_routing,
    Changeover: _make_changeover,
}

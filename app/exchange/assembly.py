"""From records to rows: references found, rows matched with those that are there, defaults set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from typing import TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from app.exchange.choices import unit_code
from app.exchange.faults import Fault
from app.exchange.records import Contents, Record
from app.exchange.sheets import (
    CALENDARS,
    CUSTOMERS,
    ITEMS,
    MACHINES,
    OPERATORS,
    PLANTS,
    SUPPLIERS,
    TOOLS,
    Column,
    Sheet,
)
from app.exchange.values import as_list, clean, folded
from domain.calendars import Calendar, Holiday, Overtime, Shift
from domain.changes import Row
from domain.inventory import Stock
from domain.items import BomLine, Item
from domain.orders import Customer, OrderLine, PurchaseLine, Supplier
from domain.plan import Plan
from domain.resources import (
    Absence,
    Changeover,
    Downtime,
    Machine,
    Operator,
    Plant,
    Tool,
    Transfer,
    WorkCenter,
)
from domain.routings import RoutingMachine, RoutingOperation
from domain.units import UnitConversion

R = TypeVar("R", bound=Row)

# Fields whose text is compared as codes are.
FOLDED_FIELDS = {"unit", "family", "skill"}

# What tells the rows of a kind apart, as fields.
KEY_FIELDS: Mapping[type[Row], tuple[str, ...]] = {
    Plant: ("code",),
    Transfer: ("from_plant_id", "to_plant_id"),
    Calendar: ("code",),
    Shift: ("calendar_id", "weekday", "start_minute"),
    Holiday: ("calendar_id", "day_on", "start_minute"),
    Overtime: ("calendar_id", "weekday", "start_minute"),
    WorkCenter: ("code",),
    Machine: ("code",),
    Operator: ("code",),
    Tool: ("code",),
    Downtime: ("machine_id", "start_at"),
    Absence: ("operator_id", "start_at"),
    Item: ("code",),
    UnitConversion: ("item_id", "unit"),
    BomLine: ("parent_id", "component_id", "operation_number"),
    RoutingOperation: ("item_id", "routing", "number"),
    RoutingMachine: ("routing_operation_id", "machine_id"),
    Changeover: ("work_center_id", "machine_id", "from_family", "to_family"),
    Customer: ("code",),
    Supplier: ("code",),
    OrderLine: ("order_number", "line"),
    Stock: ("item_id", "warehouse", "location", "lot"),
    PurchaseLine: ("order_number", "line"),
}

# The sheet that tells of a kind, for messages and for what follows from a missing sheet.
SHEET_OF: Mapping[type[Row], Sheet] = {
    Plant: PLANTS,
    Calendar: CALENDARS,
    WorkCenter: MACHINES,
    Machine: MACHINES,
    Operator: OPERATORS,
    Tool: TOOLS,
    Item: ITEMS,
    Customer: CUSTOMERS,
    Supplier: SUPPLIERS,
}

MOST_SUGGESTIONS = 300
DEFAULT_PLANT = "P1"
Key = tuple[object, ...]


class Unresolved(Exception):
    """A row of a record cannot be made; ``fault`` says why, None if another fault does."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__()
        self.fault = fault


class Assembly:
    """The rows that a workbook makes of a plan.

    ``rows`` are the rows of the workbook as they will be, ``before`` those of them (and of their
    parts) as they are, both by id; ``origin`` is the record a row comes from.
    """

    def __init__(self, plan: Plan, contents: Contents, new_id: Callable[[], UUID]) -> None:
        self.plan = plan
        self.contents = contents
        self.rows: dict[UUID, Row] = {}
        self.before: dict[UUID, Row] = {}
        self.origin: dict[UUID, Record] = {}
        self._new_id = new_id
        self._by_key: dict[type[Row], dict[Key, Row]] = {}
        self._seen: dict[tuple[type[Row], Key], Record] = {}
        self._named: dict[type[Row], set[str]] = {}
        self._suggestions = 0

    def present(self, kind: type[R], fields: Mapping[str, object]) -> R | None:
        """The row of these key fields, in the workbook so far or in the plan."""
        key = tuple(_comparable(name, fields[name]) for name in KEY_FIELDS[kind])
        return cast("R | None", self._table(kind).get(key))

    def _table(self, kind: type[Row]) -> dict[Key, Row]:
        found = self._by_key.get(kind)
        if found is None:
            found = self._by_key[kind] = {}
            for row in self.plan.table(kind).values():
                found.setdefault(_key_of(row), row)
        return found

    def put(
        self,
        record: Record | None,
        kind: type[R],
        fields: Mapping[str, object],
        spare: Mapping[str, object],
    ) -> R:
        """The row of these fields: the one there, changed, or a new one, filled up with ``spare``.

        Raises:
            Unresolved: another row of the workbook has the same key.
        """
        every = {**spare, **fields}
        present = self.present(kind, every)
        if record is not None:
            self._claim(record, kind, every)
        if present is None:
            row = _new(kind, self._new_id(), every)
        else:
            row = _changed(present, fields)
            stored = self.plan.get(kind, present.id)
            if stored is not None:
                self.before[stored.id] = stored
        self._table(kind)[_key_of(row)] = row
        self.rows[row.id] = row
        if record is not None:
            self.origin.setdefault(row.id, record)
        return row

    def _claim(self, record: Record, kind: type[Row], fields: Mapping[str, object]) -> None:
        key = tuple(_comparable(name, fields[name]) for name in KEY_FIELDS[kind])
        first = self._seen.setdefault((kind, key), record)
        if first is not record:
            keys = [column.name for column in record.sheet.keys]
            texts = [record.cells[name][2] for name in keys if name in record.cells]
            shown = " / ".join(filter(None, texts))
            place = {"first": first.row, "first_sheet": first.title}
            raise Unresolved(record.fault(keys[0], "duplicate", shown=shown, **place))

    def remove(self, row: Row) -> None:
        """Let a row go that was part of another one's cell and no longer is."""
        self.before[row.id] = row

    def mention(self, kind: type[Row], code: object) -> None:
        """Note a code whose own record is broken: what refers to it is not wrong for that."""
        self._named.setdefault(kind, set()).add(folded(str(code)))

    def refer(self, record: Record, column: Column, kind: type[R], code: str) -> R:
        """The row of a code.

        Raises:
            Unresolved: there is none.
        """
        row = self.present(kind, {"code": code})
        if row is not None:
            return row
        record.broken = True
        listed = SHEET_OF[kind]
        known = self._named.get(kind, set())
        if folded(code) in known or listed.name in self.contents.unread:
            raise Unresolved
        near = self._nearest(kind, code)
        fault = "unknown_similar" if near else "unknown"
        params: dict[str, object] = {"code": code, "listed": listed, "near": near}
        raise Unresolved(record.fault(column.name, fault, **params))

    def _nearest(self, kind: type[Row], code: str) -> str:
        self._suggestions += 1
        if self._suggestions > MOST_SUGGESTIONS:
            return ""
        codes = {str(key[0]).casefold(): str(key[0]) for key in self._table(kind)}
        near = get_close_matches(code.casefold(), codes, n=1, cutoff=0.6)
        return codes[near[0]] if near else ""

    def home_plant(self) -> Plant:
        """The plant whose orders these are: the plan's own, else the workbook's first."""
        if self.plan.table(Plant):
            present = self.plan.home_plant()
            return cast("Plant", self.rows.get(present.id, present))
        made = next(iter(self._table(Plant).values()), None)
        if made is None:
            made = self.put(None, Plant, {"code": DEFAULT_PLANT, "home": True}, {})
        return cast("Plant", made)

    def has_plant(self) -> bool:
        """Whether there is a plant, in the plan or in the workbook so far."""
        return bool(self._table(Plant))

    def zone(self, plant_id: UUID) -> ZoneInfo:
        """The time zone of a plant."""
        plant = self.rows.get(plant_id) or self.plan.need(Plant, plant_id)
        return ZoneInfo(cast("Plant", plant).timezone)


def _new(kind: type[R], row_id: UUID, fields: Mapping[str, object]) -> R:
    make = cast("Callable[..., R]", kind)
    return make(id=row_id, **fields)


def _key_of(row: Row) -> Key:
    return tuple(_comparable(name, getattr(row, name)) for name in KEY_FIELDS[type(row)])


def _comparable(name: str, value: object) -> object:
    """A key's value with everything taken off that a workbook cannot tell apart."""
    if isinstance(value, str):
        return unit_code(folded(value)) if name == "unit" else folded(value)
    return _to_minute(value) if isinstance(value, datetime) else value


def _changed(present: R, fields: Mapping[str, object]) -> R:
    changes = {
        name: value
        for name, value in fields.items()
        if name not in KEY_FIELDS[type(present)]
        and not _is_same(name, getattr(present, name), value)
    }
    return replace(present, **changes) if changes else present


def _is_same(name: str, old: object, new: object) -> bool:
    """Whether a value read from a workbook is the one that is there, as a workbook can show it."""
    match old, new:
        case str(), str() if name in FOLDED_FIELDS:
            return _comparable(name, old) == _comparable(name, new)
        case str(), str():
            return clean(old) == new
        case datetime(), datetime():
            return _to_minute(old) == _to_minute(new)
        case tuple(), tuple():
            return old == new or as_list(";".join(old)) == new
        case _:
            return old == new


def _to_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)

"""The factory in memory: all rows by id, with indexes that follow every change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar, cast
from uuid import UUID

from domain.calendars import Calendar, Holiday, Overtime, Shift
from domain.changes import Change, ChangeSet, Row
from domain.errors import DomainError, RuleViolation
from domain.inventory import Stock
from domain.items import BomLine, Item
from domain.objectives import ObjectiveProfile
from domain.orders import Customer, OrderLine, PurchaseLine, Supplier
from domain.production import Operation, Peg, PlannedOrder, WorkOrder
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
from domain.scenarios import Booking, OvertimeShift, Scenario
from domain.units import UnitConversion

# Every kind of row, referred-to kinds before those that refer to them.
ROW_TYPES: tuple[type[Row], ...] = (
    Plant,
    Transfer,
    Calendar,
    Shift,
    Holiday,
    Overtime,
    WorkCenter,
    Machine,
    Operator,
    Tool,
    Downtime,
    Absence,
    Changeover,
    Item,
    UnitConversion,
    BomLine,
    RoutingOperation,
    RoutingMachine,
    Customer,
    Supplier,
    OrderLine,
    PurchaseLine,
    Stock,
    WorkOrder,
    Operation,
    PlannedOrder,
    Peg,
    Scenario,
    Booking,
    OvertimeShift,
    ObjectiveProfile,
)

NOT_PLANNED_WITH: frozenset[type[Row]] = frozenset(
    (Calendar, WorkCenter, Customer, Supplier, ObjectiveProfile)
)
"""Kinds whose rows no plan depends on: names; and profiles, of which a run is told its own."""

R = TypeVar("R", bound=Row)

_Index = dict[tuple[object, ...], dict[UUID, Row]]

MANY = 500
"""When more rows of a kind change at once, its indexes are made anew at the next question."""


class Plan:
    """All rows of the factory, by kind and id.

    Look-ups by any set of fields (``where``, ``one``) are indexed at first use and kept up to date
    by ``apply``: O(1) afterwards. Rows are frozen, so what a caller holds never changes under it.
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows: dict[type[Row], dict[UUID, Row]] = {kind: {} for kind in ROW_TYPES}
        self._indexes: dict[type[Row], dict[tuple[str, ...], _Index]] = {k: {} for k in ROW_TYPES}
        self._shared: set[type[Row]] = set()
        """Kinds whose rows and indexes a copy uses, too: own ones are made before a change."""
        for row in rows:
            self._rows[type(row)][row.id] = row

    def table(self, kind: type[R]) -> Mapping[UUID, R]:
        """All rows of a kind, by id, in the order they came; to be asked anew after a change."""
        return cast("Mapping[UUID, R]", self._rows[kind])

    def get(self, kind: type[R], row_id: UUID | None) -> R | None:
        """The row of that id, or None."""
        return None if row_id is None else cast("R | None", self._rows[kind].get(row_id))

    def find(self, row_id: UUID) -> Row | None:
        """The row of that id, of whatever kind, or None."""
        return next((rows[row_id] for rows in self._rows.values() if row_id in rows), None)

    def need(self, kind: type[R], row_id: UUID) -> R:
        """The row of that id.

        Raises:
            DomainError: ``row_missing`` if there is none.
        """
        row = self.get(kind, row_id)
        if row is None:
            raise DomainError("row_missing", row_id, kind=kind.__name__)
        return row

    def where(self, kind: type[R], **fields: object) -> list[R]:
        """The rows of a kind whose fields have these values."""
        names = tuple(sorted(fields))
        index = self._indexes[kind].get(names)
        if index is None:
            index = {}
            for row in self._rows[kind].values():
                index.setdefault(_key(row, names), {})[row.id] = row
            self._indexes[kind][names] = index  # whole: a copy in another thread may share it
        found = index.get(tuple(fields[name] for name in names), {})
        return cast("list[R]", list(found.values()))

    def one(self, kind: type[R], **fields: object) -> R | None:
        """The row whose fields have these values, or None; the first if there are several."""
        found = self.where(kind, **fields)
        return found[0] if found else None

    def put(self, row: Row) -> None:
        """Set a row in place of the one with its id, if any."""
        kind = type(row)
        self._make_own(kind)
        before = self._rows[kind].get(row.id)
        self._rows[kind][row.id] = row
        for names, index in self._indexes[kind].items():
            key = _key(row, names)
            if before is not None and (old := _key(before, names)) != key:
                index.get(old, {}).pop(row.id, None)
            index.setdefault(key, {})[row.id] = row

    def drop(self, kind: type[Row], row_id: UUID) -> None:
        """Forget a row; nothing happens if it is not there."""
        self._make_own(kind)
        row = self._rows[kind].pop(row_id, None)
        if row is not None:
            for names, index in self._indexes[kind].items():
                index.get(_key(row, names), {}).pop(row.id, None)

    def _make_own(self, kind: type[Row], *, has_indexes: bool = True) -> None:
        """Share a kind with copies no more, before its rows change."""
        is_shared = kind in self._shared
        self._shared.discard(kind)
        if is_shared:
            self._rows[kind] = dict(self._rows[kind])
        if not has_indexes:
            self._indexes[kind] = {}
        elif is_shared:
            self._indexes[kind] = {
                names: {key: dict(rows) for key, rows in index.items()}
                for names, index in list(self._indexes[kind].items())
            }

    def apply(self, changes: ChangeSet) -> None:
        """Make every change of the set. Nothing is checked: see ``domain.edits`` for that."""
        for kind, count in Counter(change.kind for change in changes).items():
            if count > MANY:
                self._make_own(kind, has_indexes=False)
        for change in changes:
            if change.after is None:
                self.drop(change.kind, change.row.id)
            else:
                self.put(change.after)

    def undoing(self, changes: ChangeSet) -> ChangeSet:
        """The change set that takes ``changes`` back from the rows as they are now.

        Raises:
            RuleViolation: ``undo_overtaken`` with the ids of rows that no longer are as ``changes``
                left them, because somebody else changed them since.
        """
        taken_back: list[Change] = []
        overtaken: list[UUID] = []
        for change in reversed(changes.changes):
            now = self.get(change.kind, change.row.id)
            if not same_content(now, change.after):
                overtaken.append(change.row.id)
            elif now is None:
                taken_back.append(Change.insert(change.row))
            elif change.before is None:
                taken_back.append(Change.delete(now))
            else:
                taken_back.append(Change.update(now, change.before))
        if overtaken:
            raise RuleViolation("undo_overtaken", *overtaken, count=len(overtaken))
        return replace(changes, changes=tuple(taken_back))

    def renewed(self, changes: ChangeSet) -> ChangeSet:
        """The same changes made to the newest versions of rows that still say what they said.

        A row that says something else is left at the version that was seen, to be refused.
        """
        return replace(changes, changes=tuple(self._renewed(change) for change in changes))

    def _renewed(self, change: Change) -> Change:
        before, now = change.before, self.get(change.kind, change.row.id)
        if before is None or now is None or now.row_version == before.row_version:
            return change
        if not same_content(now, before):
            return change
        return Change.delete(now) if change.after is None else Change.update(now, change.after)

    def copy(self) -> Plan:
        """A plan of the same rows that can be changed apart from this one, in any thread.

        O(1); the first change of a kind afterwards, on either side, takes O(rows of that kind).
        """
        twin = Plan()
        twin._rows, twin._indexes = dict(self._rows), dict(self._indexes)
        self._shared, twin._shared = set(ROW_TYPES), set(ROW_TYPES)
        return twin

    def rows(self) -> Iterable[Row]:
        """Every row, referred-to kinds first."""
        return (row for kind in ROW_TYPES for row in self._rows[kind].values())

    def in_own_unit(self, item: Item, quantity: Decimal, unit: str) -> Decimal:
        """A quantity of an item, converted into the item's own unit.

        Raises:
            DomainError: ``unit_unknown`` if the item has no conversion from ``unit``.
        """
        if unit in ("", item.unit):
            return quantity
        conversion = self.one(UnitConversion, item_id=item.id, unit=unit)
        if conversion is None:
            raise DomainError("unit_unknown", item.id, item=item.code, unit=unit)
        return quantity * conversion.factor

    def home_plant(self) -> Plant:
        """The plant whose orders are planned: the one marked so, else the first.

        Raises:
            DomainError: ``plant_missing`` in an empty factory.
        """
        plant = self.one(Plant, home=True) or next(iter(self.table(Plant).values()), None)
        if plant is None:
            raise DomainError("plant_missing")
        return plant

    def published(self) -> Scenario | None:
        """The scenario everybody works to, or None before the first plan."""
        return self.one(Scenario, published=True)


def same_content(row: Row | None, other: Row | None) -> bool:
    """Whether two states of a row say the same, whatever their versions; None: there is none."""
    if row is None or other is None:
        return row is other
    return replace(row, row_version=other.row_version) == other


def _key(row: Row, names: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in names)

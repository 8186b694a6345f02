"""What exactly a constraint refused: found by looking at the rows as they would have been.

PostgreSQL names the constraint, but under row policies it keeps the values to itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from uuid import UUID

from sqlalchemy import Connection, ForeignKeyConstraint, Table, UniqueConstraint

from db.errors import StoreError
from db.mapping import kinds_by_table
from db.reading import name_of, rows_of, rows_with
from db.schema import TABLES
from domain.changes import ChangeSet, Row
from domain.plan import ROW_TYPES
from domain.resources import Machine, Plant
from domain.scenarios import Booking


def explain(error: StoreError, connection: Connection, changes: ChangeSet) -> StoreError:
    """The error with what its key is, in names people use; as it was where nothing more is known.

    O(rows of the kinds concerned): for the rare case only.
    """
    finders: dict[str, Callable[[_WouldBe, StoreError], StoreError]] = {
        "duplicate_key": _duplicate,
        "reference_missing": _broken_reference,
        "machine_double_booked": _double_booking,
        "batch_broken": _broken_batch,
    }
    finder = finders.get(error.code)
    return finder(_WouldBe(connection, changes), error) if finder else error


class _WouldBe:
    """The rows of the database as a refused change set would have left them."""

    def __init__(self, connection: Connection, changes: ChangeSet) -> None:
        self._connection = connection
        self._changes = changes
        self.deleted = {c.row.id: c.row for c in changes if c.after is None}

    def rows(self, kind: type[Row]) -> dict[UUID, Row]:
        """All rows of a kind by id."""
        rows = {row.id: row for row in rows_of(self._connection, kind)}
        for change in self._changes:
            if change.kind is kind:
                rows.pop(change.row.id, None)
                rows |= {} if change.after is None else {change.row.id: change.after}
        return rows

    def name(self, value: object) -> str:
        """A key's value as people know it: a row by its name; a plant goes without saying."""
        if not isinstance(value, UUID):
            return "" if value is None else str(value)
        known = [c.row for c in self._changes if c.row.id == value]
        for kind in ROW_TYPES if not known else ():
            known += rows_with(self._connection, kind, [value])
        return name_of(known[0]) if known and not isinstance(known[0], Plant) else ""


def _duplicate(would_be: _WouldBe, error: StoreError) -> StoreError:
    kind, table = _table_of(error)
    names = _columns(table, error, UniqueConstraint)
    seen: set[tuple[object, ...]] = set()
    for row in would_be.rows(kind).values() if names else ():
        key = tuple(getattr(row, name) for name in names)
        if key in seen:
            return _with(error, key=" / ".join(filter(None, map(would_be.name, key))))
        seen.add(key)
    return _with(error, key="")


def _broken_reference(would_be: _WouldBe, error: StoreError) -> StoreError:
    kind, table = _table_of(error)
    names = _columns(table, error, ForeignKeyConstraint)
    target = _target(table, error)
    present = would_be.rows(target) if target else {}
    name = [name for name in names if name.endswith("_id")][-1]
    for row in would_be.rows(kind).values():
        value = getattr(row, name)
        if value is None or value in present:
            continue
        if value in would_be.deleted:
            gone = name_of(would_be.deleted[value])
            return StoreError("still_used", table=error.params["table"], key=gone)
        return _with(error, key=name_of(row))
    return _with(error, key="")


def _double_booking(would_be: _WouldBe, error: StoreError) -> StoreError:
    lanes: dict[UUID, list[Booking]] = {}
    for row in would_be.rows(Booking).values():
        if isinstance(row, Booking) and row.published and row.machine_id:
            lanes.setdefault(row.machine_id, []).append(row)
    clashing = (machine for machine, lane in lanes.items() if _overlaps(lane))
    machine = next(clashing, None)
    return _with(error, key="" if machine is None else would_be.name(machine))


def _broken_batch(would_be: _WouldBe, error: StoreError) -> StoreError:
    bookings = [row for row in would_be.rows(Booking).values() if isinstance(row, Booking)]
    first = {_run(row): row for row in bookings if row.batch_id is None}
    furnaces = {
        row.id
        for row in would_be.rows(Machine).values()
        if isinstance(row, Machine) and row.batch_capacity is not None
    }
    for row in bookings:
        is_led = _run(row) in first and row.machine_id in furnaces
        if row.batch_id is not None and not is_led:
            return _with(error, key=would_be.name(row.machine_id))
    return _with(error, key="")


def _run(row: Booking) -> tuple[object, ...]:
    return row.batch, row.scenario_id, row.machine_id, row.run_start_at, row.end_at


def _overlaps(lane: Iterable[Booking]) -> bool:
    busy = [booking for booking in lane if booking.end_at > booking.setup_start_at]
    busy.sort(key=lambda booking: booking.setup_start_at)
    return any(later.setup_start_at < earlier.end_at for earlier, later in pairwise(busy))


def _table_of(error: StoreError) -> tuple[type[Row], Table]:
    kind = kinds_by_table()[str(error.params["table"])]
    return kind, TABLES[kind]


def _columns(
    table: Table, error: StoreError, sort: type[UniqueConstraint | ForeignKeyConstraint]
) -> list[str]:
    for constraint in table.constraints:
        if isinstance(constraint, sort) and constraint.name == error.params["constraint"]:
            return [column.name for column in constraint.columns]
    return []


def _target(table: Table, error: StoreError) -> type[Row] | None:
    for constraint in table.foreign_key_constraints:
        if constraint.name == error.params["constraint"]:
            return kinds_by_table()[constraint.referred_table.name]
    return None


def _with(error: StoreError, **params: object) -> StoreError:
    return StoreError(error.code, **{**error.params, **params})

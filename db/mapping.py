"""Rows of the domain ↔ rows of the tables, by name. Nothing else knows both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import cast, get_type_hints
from uuid import UUID

from db.errors import RowKind, StoreError
from db.schema import TABLES
from domain.changes import Row

# Far beyond any factory, and far within what a numeric column holds.
_MOST_PLACES = 1000


@cache
def column_names(kind: type[Row]) -> tuple[str, ...]:
    """The columns that hold a kind's fields, in their order."""
    return tuple(field.name for field in fields(kind))


@cache
def kinds_by_table() -> dict[str, type[Row]]:
    """The kind of row that each table holds, by the table's name."""
    return {table.name: kind for kind, table in TABLES.items()}


def rows_from(kind: type[Row], records: Iterable[Sequence[object]]) -> list[Row]:
    """The rows that records of ``column_names(kind)`` stand for.

    Raises:
        StoreError: ``row_unreadable`` for a value that only a newer program can know.
    """
    names = column_names(kind)
    readers = [(at, read) for at, name in enumerate(names) if (read := _readers(kind).get(name))]
    rows: list[Row] = []
    for record in records:
        values = list(record)
        try:
            for at, read in readers:
                values[at] = read(values[at])
        except ValueError as error:
            table = RowKind(TABLES[kind].name)
            raise StoreError("row_unreadable", table=table) from error
        rows.append(_make(kind, names, values))
    return rows


def _make(kind: type[Row], names: Sequence[str], values: Sequence[object]) -> Row:
    return kind(**dict(zip(names, values, strict=True)))  # pyright: ignore[reportArgumentType]


def json_values(row: Row) -> dict[str, object]:
    """A row as JSON can hold it without loss, by column.

    Raises:
        StoreError: ``value_not_storable`` for an instant without a time zone.
    """
    return {name: _plain(getattr(row, name)) for name in column_names(type(row))}


@cache
def _readers(kind: type[Row]) -> dict[str, Callable[[object], object]]:
    """How values that the driver returns in another type become the field's."""
    readers: dict[str, Callable[[object], object]] = {}
    for name, hint in get_type_hints(kind).items():
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            readers[name] = cast("Callable[[object], object]", hint)
        elif str(hint).startswith("tuple["):
            readers[name] = _tuple
    return readers


def _tuple(value: object) -> object:
    """A list as the field holds it; null stays None."""
    return None if value is None else tuple(cast("Sequence[object]", value))


def _digits(value: Decimal) -> str:
    """Every digit that counts, so that equal numbers are stored alike. (normalize() rounds.)"""
    if not value.is_finite():
        return str(value)
    if abs(value.adjusted()) > _MOST_PLACES:
        raise StoreError("value_not_storable")
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(value: object) -> object:
    """A value as JSON holds it without loss."""
    match value:
        case Decimal():
            return _digits(value)
        case datetime():
            if value.tzinfo is None:  # The server would guess one.
                raise StoreError("value_not_storable")
            return value.isoformat()
        case date() | UUID():
            return str(value)
        case tuple():
            return [_plain(each) for each in cast("tuple[object, ...]", value)]
        case _:
            return value

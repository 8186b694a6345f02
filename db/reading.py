"""Rows and their history as SQL."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Select, Uuid, any_, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.elements import ColumnElement

from db.errors import Clash
from db.mapping import column_names, rows_from
from db.schema import OPERATIONAL, TABLES
from db.schema.audit import NO_PLANT, audit_entry
from domain.changes import Row
from domain.history import AuditEntry
from domain.resources import Plant

_Rows = Select[Any]


def rows_of(connection: Connection, kind: type[Row]) -> list[Row]:
    """All rows of a kind, in the order they came in."""
    return rows_from(kind, connection.execute(_all(kind)))


def rows_with(connection: Connection, kind: type[Row], ids: Collection[UUID]) -> list[Row]:
    """The rows of these ids that are there."""
    return rows_from(kind, connection.execute(_some(kind), {"ids": list(ids)}))


def history_of(connection: Connection, row_id: UUID) -> list[AuditEntry]:
    """Every change of a row, the oldest first."""
    entry = audit_entry.c
    found = connection.execute(
        select(
            entry.sequence,
            entry.at,
            entry.who,
            entry.table_name,
            entry.row_id,
            entry.before,
            entry.after,
        )
        .where(entry.plant_id == any_(_plants(with_none=True)), entry.row_id == row_id)
        .order_by(entry.at, entry.sequence)
    )
    return [
        AuditEntry(
            sequence=each.sequence,
            at=each.at,
            who=each.who,
            table=each.table_name,
            row_id=each.row_id,
            before=each.before,
            after=each.after,
        )
        for each in found
    ]


def clashes_of(connection: Connection, missed: dict[type[Row], set[UUID]]) -> list[Clash]:
    """What rows are now that a change found at another version, and who changed them last."""
    clashes: list[Clash] = []
    for kind, ids in missed.items():
        current = {row.id: row for row in rows_with(connection, kind, ids)}
        last = _last_changes(connection, ids)
        for row_id in sorted(ids, key=str):
            who, at = last.get(row_id, (None, None))
            clashes.append(Clash(kind, row_id, current.get(row_id), who, at))
    return clashes


def name_of(row: Row) -> str:
    """What people call a row; empty if it has no name of its own."""
    for attribute in ("code", "label", "number", "name"):
        name = getattr(row, attribute, None)
        if name is not None:
            return str(name)
    return ""


def _last_changes(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Any]:
    entry = audit_entry.c
    found = connection.execute(
        select(entry.row_id, entry.who, entry.at)
        .ext(distinct_on(entry.row_id))
        .where(entry.plant_id == any_(_plants(with_none=True)), entry.row_id == any_(_ids()))
        .order_by(entry.row_id, entry.at.desc(), entry.sequence.desc()),
        {"ids": list(ids)},
    )
    return {row_id: (who, at) for row_id, who, at in found}


@cache
def _all(kind: type[Row]) -> _Rows:
    table = TABLES[kind]
    return select(*(table.c[name] for name in column_names(kind))).order_by(table.c.entered)


@cache
def _some(kind: type[Row]) -> _Rows:
    table = TABLES[kind]
    statement = _all(kind).where(table.c.id == any_(_ids()))
    # The key leads with the plant, and ids alone would have to look at every row.
    return (
        statement.where(table.c.plant_id == any_(_plants())) if kind in OPERATIONAL else statement
    )


def _ids() -> ColumnElement[Any]:
    return bindparam("ids", type_=ARRAY(Uuid()))


def _plants(*, with_none: bool = False) -> ColumnElement[Any]:
    plants = func.array(select(TABLES[Plant].c.id).scalar_subquery(), type_=ARRAY(Uuid()))
    if with_none:
        return func.array_append(plants, literal(NO_PLANT, Uuid()), type_=ARRAY(Uuid()))
    return plants

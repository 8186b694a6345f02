"""A change set as SQL: a few statements per kind of row, whatever the number of rows.

All rows of a statement travel as one JSON array, so that the triggers, which run once a statement,
tell the other clients once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    FromClause,
    Insert,
    Integer,
    Text,
    Update,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import ReturningDelete

from db.mapping import column_names, json_values
from db.schema import OPERATIONAL, TABLES
from domain.changes import Change, Row
from domain.plan import ROW_TYPES

_EXPECTED = "expected_version"


@dataclass(slots=True)
class Batch:
    """What happens to the rows of one kind; before and after of one row are folded into one."""

    kind: type[Row]
    deleted: list[Row] = field(default_factory=list[Row])
    updated: list[tuple[Row, Row]] = field(default_factory=list[tuple[Row, Row]])
    inserted: list[Row] = field(default_factory=list[Row])


@dataclass(frozen=True, slots=True)
class Step:
    """One statement and the rows it is for: ``ids`` must all be hit."""

    kind: type[Row]
    statement: Insert | Update | ReturningDelete[Any]
    rows: str
    ids: frozenset[UUID]
    must_hit: bool = True


def steps_of(changes: Iterable[Change]) -> list[Step]:
    """The statements of a change set, in the order to run them.

    Deletes come first, so that their keys are free. Updates go from referring kinds to referred-to
    ones: bookings take a new flag of their scenario before it would be cascaded to them.

    Raises:
        StoreError: ``value_not_storable``.
    """
    found = _batches(changes)
    backward = [found[kind] for kind in reversed(ROW_TYPES) if kind in found]
    steps = [_delete_step(batch) for batch in backward if batch.deleted]
    steps += [_update_step(batch) for batch in backward if batch.updated]
    steps += [_insert_step(batch) for batch in reversed(backward) if batch.inserted]
    return steps


def run_steps(connection: Connection, steps: Sequence[Step]) -> dict[type[Row], set[UUID]]:
    """Runs the steps; returns the rows that were not there at the version they were expected at."""
    missed: dict[type[Row], set[UUID]] = {}
    for step in steps:
        result = connection.execute(step.statement, {"rows": step.rows})
        if not step.must_hit:
            continue
        left = step.ids - set(result.scalars())
        if left:
            missed.setdefault(step.kind, set()).update(left)
    return missed


def _batches(changes: Iterable[Change]) -> dict[type[Row], Batch]:
    folded: dict[tuple[type[Row], UUID], list[Change]] = {}
    for change in changes:
        folded.setdefault((change.kind, change.row.id), []).append(change)
    batches: dict[type[Row], Batch] = {}
    for (kind, _), steps in folded.items():
        batch = batches.setdefault(kind, Batch(kind))
        before, after = steps[0].before, steps[-1].after
        # A row that was deleted and made again starts a new life at version 1.
        is_new_life = any(step.before is None for step in steps)
        if before is not None and after is not None and not is_new_life:
            batch.updated.append((before, after))
            continue
        batch.deleted += [] if before is None else [before]
        batch.inserted += [] if after is None else [after]
    return batches


def _delete_step(batch: Batch) -> Step:
    return Step(
        batch.kind,
        _deletion(batch.kind),
        _expecting((row, row) for row in batch.deleted),
        frozenset(row.id for row in batch.deleted),
    )


def _update_step(batch: Batch) -> Step:
    return Step(
        batch.kind,
        _updating(batch.kind),
        _expecting(batch.updated),
        frozenset(before.id for before, _ in batch.updated),
    )


def _insert_step(batch: Batch) -> Step:
    rows = json.dumps([json_values(row) for row in batch.inserted])
    ids = frozenset(row.id for row in batch.inserted)
    return Step(batch.kind, _insertion(batch.kind), rows, ids, must_hit=False)


def _expecting(pairs: Iterable[tuple[Row, Row]]) -> str:
    """The rows to write, each with the version it must have in the database until then."""
    return json.dumps(
        [json_values(after) | {_EXPECTED: before.row_version} for before, after in pairs]
    )


@cache
def _source(kind: type[Row]) -> FromClause:
    """The parameter ``rows`` as a table, in the order of its elements."""
    table = TABLES[kind]
    columns = [column(name, table.c[name].type) for name in column_names(kind)]
    rows = cast(bindparam("rows", type_=Text()), JSONB())
    records = func.jsonb_to_recordset(rows).table_valued(*columns, column(_EXPECTED, Integer()))
    return records.render_derived(name="given", with_types=True)


@cache
def _insertion(kind: type[Row]) -> Insert:
    names, given = column_names(kind), _source(kind)
    return insert(TABLES[kind]).from_select(names, select(*(given.c[name] for name in names)))


@cache
def _updating(kind: type[Row]) -> Update:
    table, given = TABLES[kind], _source(kind)
    keys = _keys(kind)
    values = {name: given.c[name] for name in column_names(kind) if name not in keys}
    matches = [table.c[name] == given.c[name] for name in keys]
    statement = update(table).values(values).where(*matches)
    return statement.where(table.c.row_version == given.c[_EXPECTED]).returning(table.c.id)


@cache
def _deletion(kind: type[Row]) -> ReturningDelete[Any]:
    table, given = TABLES[kind], _source(kind)
    matches = [table.c[name] == given.c[name] for name in _keys(kind)]
    matches.append(table.c.row_version == given.c[_EXPECTED])
    return delete(table).where(*matches).returning(table.c.id)


def _keys(kind: type[Row]) -> tuple[str, ...]:
    return ("plant_id", "id") if kind in OPERATIONAL else ("id",)

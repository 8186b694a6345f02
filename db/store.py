"""The factory in the database: read as rows, written as change sets."""

from __future__ import annotations

from collections.abc import Collection, Generator
from contextlib import contextmanager
from typing import TypeVar, cast
from uuid import UUID, uuid4

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from db.driver import driver_errors
from db.engine import make_engine
from db.errors import Conflict, StoreError
from db.migrate import SchemaState, schema_state
from db.reading import clashes_of, history_of, rows_of, rows_with
from db.refusals import explain
from db.writing import Step, run_steps, steps_of
from domain.changes import ChangeSet, Row
from domain.history import AuditEntry
from domain.plan import ROW_TYPES, Plan

R = TypeVar("R", bound=Row)


class Store:
    """One client's view of the database; may be used from several threads at once.

    A database whose schema is ahead of this program can be read only. Every method raises
    StoreError with the codes of ``db.driver``: ``connection_lost``, ``server_unreachable``,
    ``busy``, ``rights_missing`` and so on.
    """

    def __init__(self, url: str | URL) -> None:
        """Connects and looks at the schema.

        Raises:
            StoreError: ``schema_missing`` or ``schema_older`` if the database must be brought up to
                date first (``db.migrate.upgrade``); what connecting raises.
        """
        state = schema_state(url)
        if state is SchemaState.MISSING:
            raise StoreError("schema_missing")
        if state is SchemaState.OLDER:
            raise StoreError("schema_older")
        self._is_read_only = state is SchemaState.NEWER
        self._engine = make_engine(url, read_only=self._is_read_only)

    @property
    def is_read_only(self) -> bool:
        """Whether the schema is ahead of this program, so that it must not write."""
        return self._is_read_only

    def close(self) -> None:
        """Lets go of all connections."""
        self._engine.dispose()

    def load(self) -> Plan:
        """The whole factory as it was at one moment, rows in the order they came in."""
        with self._snapshot() as connection:
            return Plan([row for kind in ROW_TYPES for row in rows_of(connection, kind)])

    def read(self, kind: type[R], ids: Collection[UUID]) -> list[R]:
        """The rows of these ids that are there."""
        with self._snapshot() as connection:
            return cast("list[R]", rows_with(connection, kind, ids))

    def read_all(self, kind: type[R]) -> list[R]:
        """All rows of a kind, in the order they came in."""
        with self._snapshot() as connection:
            return cast("list[R]", rows_of(connection, kind))

    def history(self, row_id: UUID) -> list[AuditEntry]:
        """Every change of a row, the oldest first."""
        with self._snapshot() as connection:
            return history_of(connection, row_id)

    def write(self, changes: ChangeSet, token: UUID | None = None) -> None:
        """Writes all changes or none, in one transaction. Nothing is tried twice.

        Args:
            changes: rows may occur in any order, and several times.
            token: names this change set. If the connection is lost in the middle, ask ``arrived``;
                or write again with the same token, which does nothing if it had arrived.

        Raises:
            Conflict: rows are no longer at the version they had ``before``.
            StoreError: ``outcome_unknown`` if the connection was lost while committing;
                ``schema_newer`` if the database is ahead of this program; ``duplicate_key``,
                ``still_used``, ``machine_double_booked`` and what else its constraints refuse.
        """
        if self._is_read_only:
            raise StoreError("schema_newer")
        steps = steps_of(changes)
        if not steps:
            return
        token = token or uuid4()
        with driver_errors(), self._engine.connect() as connection:
            try:
                with driver_errors():
                    missed = _write(connection, changes.label, token, steps)
            except StoreError as error:
                connection.rollback()
                raise explain(error, connection, changes) from error
            if missed:
                connection.rollback()
                raise Conflict(clashes_of(connection, missed))
            _commit(connection, token)

    def arrived(self, token: UUID) -> bool:
        """Whether the change set written with this token is in the database.

        Waits while it is being written at this moment, so that the answer stays true.
        """
        with driver_errors(), self._engine.begin() as connection:
            return bool(
                connection.execute(
                    text("SELECT gantry.change_arrived_v1(:token)"), {"token": token}
                ).scalar()
            )

    @contextmanager
    def _snapshot(self) -> Generator[Connection]:
        with driver_errors(), self._engine.connect() as connection:
            settled = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with settled.begin():
                yield settled


def _write(
    connection: Connection, label: str, token: UUID, steps: list[Step]
) -> dict[type[Row], set[UUID]]:
    opened = connection.execute(
        text("SELECT gantry.begin_change_v1(:token, :label)"), {"token": token, "label": label}
    )
    if not opened.scalar():
        return {}
    missed = run_steps(connection, steps)
    if not missed:
        # Whatever the constraints find comes now, and not as a failure to commit.
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    return missed


def _commit(connection: Connection, token: UUID) -> None:
    try:
        with driver_errors():
            connection.commit()
    except StoreError as error:
        if error.code != "connection_lost":
            raise
        raise StoreError("outcome_unknown", token=token) from error

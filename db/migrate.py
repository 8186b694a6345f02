"""The schema's versions: what a client can work with, what a database has, how it gets there."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from db.driver import driver_errors
from db.engine import make_engine
from db.errors import StoreError
from db.roles import OWNER, ensure_roles
from db.schema import SCHEMA

# The schema versions this client can write. Migrations expand first and contract a release later,
# so that clients of neighbouring releases work on one database.
OLDEST_SCHEMA = 8
NEWEST_SCHEMA = 8


class SchemaState(Enum):
    """What a client may do with a database."""

    MISSING = "missing"
    OLDER = "older"
    FITTING = "fitting"
    NEWER = "newer"


def schema_version(connection: Connection) -> int:
    """The version of the database's schema; 0 if it has none.

    Raises:
        StoreError: ``rights_missing`` if this login may not see the schema.
    """
    with driver_errors():
        present = connection.execute(text(f"SELECT to_regclass('{SCHEMA}.schema_version')"))
        if present.scalar() is None:
            return 0
        version = connection.execute(text(f"SELECT version_num FROM {SCHEMA}.schema_version"))  # noqa: S608
        return int(version.scalar() or 0)


def schema_state(url: str | URL) -> SchemaState:
    """Whether this client can write the database (FITTING), only read it (NEWER), or neither."""
    version = _version_at(url)
    if version == 0:
        return SchemaState.MISSING
    if version < OLDEST_SCHEMA:
        return SchemaState.OLDER
    return SchemaState.NEWER if version > NEWEST_SCHEMA else SchemaState.FITTING


def upgrade(admin_url: str | URL) -> None:
    """Brings a database to the newest schema this program knows; does nothing if it is there.

    All of it or nothing; clients that do it at once wait for each other.

    Raises:
        StoreError: ``rights_missing`` if the login cannot make roles and schemas;
            ``schema_newer`` if the database is ahead of this program.
    """
    version = _version_at(admin_url)
    if version > NEWEST_SCHEMA:
        raise StoreError("schema_newer")
    if version == NEWEST_SCHEMA:
        return
    ensure_roles(admin_url)
    engine = make_engine(admin_url)
    try:
        with driver_errors(), engine.begin() as connection:
            _migrate(connection)
    finally:
        engine.dispose()


def _version_at(url: str | URL) -> int:
    engine = make_engine(url)
    try:
        with driver_errors(), engine.connect() as connection:
            return schema_version(connection)
    finally:
        engine.dispose()


def _migrate(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('gantry.schema', 0))"))
    if schema_version(connection) >= NEWEST_SCHEMA:
        return
    from alembic import command
    from alembic.config import Config

    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION {OWNER}"))
    connection.execute(text(f"SET LOCAL ROLE {OWNER}"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run_scripts(*names: str) -> None:
    """Runs scripts of the ``sql`` folder one after the other, for a migration."""
    from alembic import op

    folder = Path(__file__).parent / "sql"
    # The driver's own cursor: nothing in the scripts is a placeholder.
    driver: Any = op.get_bind().connection
    with driver.cursor() as cursor:
        for name in names:
            cursor.execute((folder / f"{name}.sql").read_text(encoding="utf-8"))

"""The tables hold the domain's rows, and the migrations build what the tables say."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from db.engine import connect_options, make_engine
from db.errors import RowKind
from db.roles import OWNER
from db.schema import OPERATIONAL, OWN_COLUMNS, SCHEMA, TABLES, metadata
from domain.plan import ROW_TYPES

CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'gantry'::regnamespace AND contype NOT IN ('n', 't')
"""
COLUMNS = """
SELECT table_name, ordinal_position, column_name, data_type, udt_name, is_nullable, is_identity,
    is_generated, generation_expression
FROM information_schema.columns WHERE table_schema = 'gantry' AND table_name <> 'schema_version'
"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'gantry'"


def test_every_kind_has_a_table_with_its_fields() -> None:
    assert set(TABLES) == set(ROW_TYPES)
    assert {table.name for table in TABLES.values()} == set(RowKind)
    for kind, table in TABLES.items():
        own = {column.name for column in table.columns} - OWN_COLUMNS
        assert own == {field.name for field in fields(kind)}, kind


def test_operational_keys_and_indexes_lead_with_the_plant() -> None:
    for kind in OPERATIONAL:
        table = TABLES[kind]
        assert [column.name for column in table.primary_key] == ["plant_id", "id"]
        for index in table.indexes:
            assert next(iter(index.columns)).name == "plant_id", index.name


def test_migrations_build_what_the_tables_say(database: str, empty_database: str) -> None:
    engine = make_engine(empty_database)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE EXTENSION btree_gist; CREATE SCHEMA {SCHEMA}")
        metadata.create_all(connection)
    engine.dispose()
    for query in (CONSTRAINTS, COLUMNS, INDEXES):
        migrated = [row for row in ask(database, query) if row[0] != "gantry.schema_version"]
        migrated = [row for row in migrated if row[0] != "schema_version"]
        assert sorted(migrated, key=str) == sorted(ask(empty_database, query), key=str)


def test_nothing_belongs_to_somebody_who_can_log_in(database: str) -> None:
    owners = ask(
        database,
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class"
        " WHERE relnamespace = 'gantry'::regnamespace"
        " UNION SELECT pg_get_userbyid(proowner) FROM pg_proc"
        " WHERE pronamespace = 'gantry'::regnamespace",
    )
    assert owners == [(OWNER,)]
    login = ask(database, f"SELECT rolcanlogin FROM pg_roles WHERE rolname = '{OWNER}'")
    assert login == [(False,)]


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, asked as the administrator."""
    with psycopg.connect(**connect_options(make_url(url))) as connection:
        return connection.execute(query.encode()).fetchall()

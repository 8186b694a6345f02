"""A client works with the schemas it knows, looks at newer ones, and leaves older ones alone."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from db import migrate
from db.engine import connect_options
from db.errors import StoreError
from db.migrate import SchemaState, schema_state, upgrade
from db.store import Store
from domain.changes import Change, ChangeSet
from domain.objectives import ObjectiveProfile
from tests.builders import make_item, make_profile
from tests.db.conftest import LoginUrl, insert


def set_version(url: str, version: str) -> None:
    """Makes a database look as if another release had upgraded it."""
    with psycopg.connect(**connect_options(url)) as connection:
        connection.execute("UPDATE gantry.schema_version SET version_num = %s", (version,))


def test_an_empty_database_is_brought_up_to_date_once(empty_database: str) -> None:
    assert schema_state(empty_database) is SchemaState.MISSING
    with pytest.raises(StoreError) as caught:
        Store(empty_database)
    assert caught.value.code == "schema_missing"
    upgrade(empty_database)
    assert schema_state(empty_database) is SchemaState.FITTING
    upgrade(empty_database)
    assert schema_state(empty_database) is SchemaState.FITTING


def test_a_newer_schema_can_be_looked_at_only(
    store: Store, database: str, url_of: LoginUrl
) -> None:
    insert(store, item := make_item())
    set_version(database, f"{migrate.NEWEST_SCHEMA + 1:04}")
    assert schema_state(url_of()) is SchemaState.NEWER
    later = Store(url_of())
    assert later.is_read_only
    assert [row.id for row in later.load().rows() if row.id == item.id] == [item.id]
    with pytest.raises(StoreError) as caught:
        later.write(ChangeSet("test", (Change.insert(make_item(code="B")),)))
    assert caught.value.code == "schema_newer"
    with pytest.raises(StoreError) as caught:
        upgrade(database)
    assert caught.value.code == "schema_newer"
    later.close()


def test_an_older_schema_is_refused(
    database: str, url_of: LoginUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "OLDEST_SCHEMA", migrate.NEWEST_SCHEMA + 1)
    assert schema_state(database) is SchemaState.OLDER
    with pytest.raises(StoreError) as caught:
        Store(url_of())
    assert caught.value.code == "schema_older"


def test_a_user_without_the_right_cannot_set_up(url_of: LoginUrl, database: str) -> None:
    with psycopg.connect(**connect_options(database)) as connection:
        connection.execute("DROP SCHEMA gantry CASCADE")
    with pytest.raises(StoreError) as caught:
        upgrade(url_of())
    assert caught.value.code == "rights_missing"
    assert schema_state(database) is SchemaState.MISSING


def test_a_value_only_a_newer_program_knows(store: Store, database: str) -> None:
    insert(store, make_item())
    with psycopg.connect(**connect_options(database)) as connection:
        connection.execute("ALTER TABLE gantry.item DROP CONSTRAINT ck_item_type")
        connection.execute("UPDATE gantry.item SET type = 'dreamt'")
    with pytest.raises(StoreError) as caught:
        store.load()
    assert caught.value.code == "row_unreadable"
    assert caught.value.params["table"] == "item"


_STEP_COLUMNS = ("tool_id", "tools", "max_wait_minutes", "after", "load")
_BACK_TO_THE_FIRST = (
    *(
        sql.SQL("ALTER TABLE gantry.{} DROP COLUMN {} CASCADE").format(
            sql.Identifier(table), sql.Identifier(column)
        )
        for table in ("routing_operation", "operation")
        for column in _STEP_COLUMNS
    ),
    sql.SQL("ALTER TABLE gantry.order_line DROP COLUMN must_finish"),
    sql.SQL("ALTER TABLE gantry.machine DROP COLUMN batch_capacity"),
    sql.SQL("ALTER TABLE gantry.booking DROP COLUMN batch_id CASCADE"),
    sql.SQL("DROP FUNCTION gantry.in_batch_v1, gantry.leads_batch_v1 CASCADE"),
    sql.SQL(
        "ALTER TABLE gantry.booking ADD CONSTRAINT ex_booking_machine EXCLUDE USING gist"
        " (plant_id WITH =, machine_id WITH =, during WITH &&) WHERE (published)"
        " DEFERRABLE INITIALLY DEFERRED"
    ),
    sql.SQL("ALTER TABLE gantry.item DROP COLUMN may_buy, DROP COLUMN buying_surcharge"),
    sql.SQL("ALTER TABLE gantry.routing_operation DROP COLUMN split_most"),
    sql.SQL("ALTER TABLE gantry.routing_operation DROP CONSTRAINT uq_routing_operation"),
    sql.SQL(
        "ALTER TABLE gantry.routing_operation DROP COLUMN routing,"
        " ADD CONSTRAINT uq_routing_operation UNIQUE (item_id, number)"
    ),
    sql.SQL("ALTER TABLE gantry.work_order DROP COLUMN routing"),
    sql.SQL("ALTER TABLE gantry.operation DROP CONSTRAINT uq_operation"),
    sql.SQL(
        "ALTER TABLE gantry.operation DROP COLUMN split_most, DROP COLUMN part,"
        " DROP COLUMN quantity,"
        " ADD CONSTRAINT uq_operation UNIQUE (plant_id, work_order_id, number)"
    ),
    sql.SQL(
        "DROP TABLE gantry.objective_profile, gantry.tool, gantry.transfer,"
        " gantry.overtime, gantry.overtime_shift, gantry.absence"
    ),
    sql.SQL("ALTER TABLE gantry.plant DROP COLUMN frozen_hours"),
)


def test_a_database_of_the_first_release_is_brought_up_to_date(database: str) -> None:
    with psycopg.connect(**connect_options(database)) as connection:
        for statement in _BACK_TO_THE_FIRST:
            connection.execute(statement)
    set_version(database, "0001")
    assert schema_state(database) is SchemaState.OLDER
    upgrade(database)
    assert schema_state(database) is SchemaState.FITTING
    store = Store(database)
    insert(store, profile := make_profile())
    assert store.load().get(ObjectiveProfile, profile.id) is not None
    store.close()

"""Everybody can do what their groups may, and nothing else."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from db.engine import connect_options
from db.errors import StoreError
from db.migrate import SchemaState, schema_state, upgrade
from db.roles import Group, ensure_login, ensure_roles, local_login
from db.schema import TABLES
from db.store import Store
from domain.changes import Change
from domain.items import Item
from domain.orders import Customer, OrderLine
from tests.builders import make_customer, make_item, make_order_line, make_stock, make_supplier
from tests.db.conftest import PASSWORD, LoginUrl, delete, insert, update
from tests.db.test_schema import ask


def test_groups_write_their_own_and_read_all(store: Store, url_of: LoginUrl) -> None:
    insert(store, item := make_item())
    attempts = {
        Group.SALES: [make_customer(), make_order_line(item)],
        Group.WAREHOUSE: [make_supplier(), make_stock(item)],
        Group.QUALITY: [],
        Group.SHOPFLOOR: [],
        Group.MANAGER: [],
    }
    everything = [row for rows in attempts.values() for row in rows] + [make_item(code="new")]
    for group, allowed in attempts.items():
        person = Store(url_of(group))
        try:
            for row in everything:
                if row in allowed:
                    insert(person, row)
                    continue
                with pytest.raises(StoreError) as caught:
                    insert(person, replace(row, id=row.id))
                assert caught.value.code == "rights_missing"
                assert caught.value.params["table"] in {table.name for table in TABLES.values()}
            assert person.read_all(Item) == [replace(item, row_version=1)]
            assert person.history(item.id)
        finally:
            person.close()
    assert store.load().table(OrderLine)
    assert store.load().table(Customer)


def test_sales_deletes_an_order_but_not_an_item(store: Store, url_of: LoginUrl) -> None:
    insert(store, item := make_item(), line := make_order_line(item))
    person = Store(url_of(Group.SALES))
    line, item = replace(line, row_version=1), replace(item, row_version=1)
    delete(person, update(person, line, replace(line, note="changed")))  # type: ignore[arg-type]
    for action in (lambda: update(person, item, item), lambda: delete(person, item)):
        with pytest.raises(StoreError) as caught:
            action()
        assert caught.value.code == "rights_missing"
    person.close()
    assert Change.delete(line).inverse().row == line


FORBIDDEN = [
    "INSERT INTO gantry.audit_entry DEFAULT VALUES",
    "UPDATE gantry.audit_entry SET who = 'x'",
    "DELETE FROM gantry.audit_entry",
    "DELETE FROM gantry.change_set",
    "TRUNCATE gantry.item CASCADE",
    "ALTER TABLE gantry.item DISABLE TRIGGER ALL",
    "ALTER TABLE gantry.item DISABLE ROW LEVEL SECURITY",
    "DROP TABLE gantry.peg",
    "CREATE TABLE gantry.mine (id int)",
    "CREATE ROLE somebody",
    "SET ROLE gantry_owner",
    "SELECT gantry.audit_append_v1('item', NULL, NULL)",
    "SELECT gantry.watch_v1('gantry.item')",
    "UPDATE gantry.schema_version SET version_num = '0000'",
    "SET session_replication_role = replica",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_not_even_all_groups_together_may(url_of: LoginUrl, statement: str) -> None:
    with (
        psycopg.connect(**connect_options(url_of())) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_nobody_else_gets_in(database: str) -> None:
    name = f"stranger {os.getpid()}"
    url = ensure_login(database, name, PASSWORD, ())
    try:
        with pytest.raises(StoreError) as caught:
            Store(url)
        assert caught.value.code == "rights_missing"
        wrong = make_url(url).set(password="wrong")
        with pytest.raises(StoreError) as caught:
            Store(wrong)
        assert caught.value.code == "login_failed"
        assert "wrong" not in str(caught.value)
    finally:
        _drop(database, name)


def test_a_login_gets_exactly_the_groups_it_is_given(database: str) -> None:
    name = f'it\'s "me" {os.getpid()}'
    try:
        for groups in ([Group.SALES], [Group.PLANNER, Group.MANAGER], []):
            ensure_login(database, name, PASSWORD, groups)
            query = (
                "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
                " JOIN pg_roles r ON r.oid = m.member WHERE r.rolname LIKE 'it''s%' ORDER BY 1"
            )
            assert ask(database, query) == sorted((str(group),) for group in groups)
        stored = ask(database, "SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'it''s%'")
        assert str(stored[0][0]).startswith("SCRAM-SHA-256$")
    finally:
        _drop(database, name)


def test_some_names_are_not_to_be_had(database: str) -> None:
    administrator = make_url(database).username or ""
    for name in ("", "gantry_owner", "pg_monitor", "PUBLIC", "x" * 64, "名" * 22, administrator):
        with pytest.raises(StoreError) as caught:
            ensure_login(database, name, PASSWORD)
        assert caught.value.code == "login_reserved", name


def test_the_person_at_this_computer_is_nobody_special(database: str) -> None:
    administrator = make_url(database).username or ""
    first, again = local_login(database, administrator), local_login(database, administrator)
    name = make_url(first).username or ""
    try:
        assert first == again
        assert name != administrator
        assert ask(first, "SELECT rolsuper FROM pg_roles WHERE rolname = session_user") == [
            (False,)
        ]
        store = Store(first)
        insert(store, make_item())
        store.close()
    finally:
        _drop(database, name)


def test_setting_up_at_once_meets_no_trouble(server_url: str, empty_database: str) -> None:

    def set_up(_client: int) -> None:
        ensure_roles(server_url)
        upgrade(empty_database)

    with ThreadPoolExecutor(4) as clients:
        list(clients.map(set_up, range(4)))
    assert schema_state(empty_database) is SchemaState.FITTING


def _drop(url: str, name: str) -> None:
    with psycopg.connect(**connect_options(url), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))

"""Logins with the rights of a group, and a store that is not the superuser's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from db.engine import connect_options
from db.roles import Group, ensure_login, ensure_roles
from db.store import Store
from domain.changes import Change, ChangeSet, Row
from tests.builders import make_plant

PASSWORD = "some 密码 of theirs"

LoginUrl = Callable[..., str]


@pytest.fixture(scope="session")
def logins(server_url: str) -> Iterator[Callable[[tuple[Group, ...]], str]]:
    """Makes a login of some groups, once a run, and says its name."""
    ensure_roles(server_url)
    made: dict[tuple[Group, ...], str] = {}

    def login(groups: tuple[Group, ...]) -> str:
        if groups not in made:
            made[groups] = f"Test {len(made)} 王 {os.getpid()}"
            ensure_login(server_url, made[groups], PASSWORD, groups)
        return made[groups]

    yield login
    with psycopg.connect(**connect_options(server_url), autocommit=True) as connection:
        for name in made.values():
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture
def url_of(database: str, logins: Callable[[tuple[Group, ...]], str]) -> LoginUrl:
    """The test's database as a member of some groups; all of them by default."""

    def url(*groups: Group) -> str:
        name = logins(groups or tuple(Group))
        login = make_url(database).set(username=name, password=PASSWORD)
        return login.render_as_string(hide_password=False)

    return url


@pytest.fixture
def store(url_of: LoginUrl) -> Iterator[Store]:
    """An empty factory with a plant, seen by somebody who may write everything but owns nothing."""
    store = Store(url_of())
    insert(store, make_plant())
    yield store
    store.close()


def insert(store: Store, *rows: Row) -> None:
    """Writes new rows; they are at version 1 then."""
    store.write(ChangeSet("test", tuple(Change.insert(row) for row in rows)))


def update(store: Store, before: Row, after: Row) -> Row:
    """Writes one changed row and returns it as it is stored."""
    change = Change.update(before, after)
    store.write(ChangeSet("test", (change,)))
    return change.row


def delete(store: Store, *rows: Row) -> None:
    """Deletes rows."""
    store.write(ChangeSet("test", tuple(Change.delete(row) for row in rows)))

"""Who may log in: group roles that carry the rights, and the logins that belong to them."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from db.driver import driver_errors
from db.engine import connect_options
from db.errors import StoreError

OWNER = "gantry_owner"
_RESERVED = ("pg_", "gantry_", "public", "none")
_LONGEST_NAME = 63
_ATTEMPTS = 20


class Group(StrEnum):
    """What a person does, as the role that carries the rights for it."""

    PLANNER = "gantry_planner"
    SALES = "gantry_sales"
    WAREHOUSE = "gantry_warehouse"
    QUALITY = "gantry_quality"
    SHOPFLOOR = "gantry_shopfloor"
    MANAGER = "gantry_manager"
    ADMIN = "gantry_admin"


def ensure_roles(admin_url: str | URL) -> None:
    """Makes the owner and the groups on a server that lacks them.

    Raises:
        StoreError: ``rights_missing`` if the login may not make roles, and what connecting raises.
    """
    script = (Path(__file__).parent / "sql" / "roles_v1.sql").read_text(encoding="utf-8")
    with _administration(admin_url) as connection:
        _change_roles(connection, [script.encode()])


def ensure_login(
    admin_url: str | URL, name: str, password: str, groups: Iterable[Group] = tuple(Group)
) -> str:
    """Makes a person's login, or sets its password and groups; returns the URL it connects by.

    Raises:
        StoreError: ``login_reserved`` for a name that is the server's own or an administrator's.
    """
    with _administration(admin_url) as connection:
        row = connection.execute(
            "SELECT rolsuper OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = %s",
            (name,),
        ).fetchone()
        if not _is_free(name) or (row is not None and row[0]):
            raise StoreError("login_reserved", name=name)
        # The verifier goes to the server, never the password: statements end up in its log.
        verifier = connection.pgconn.encrypt_password(
            password.encode(), name.encode(), b"scram-sha-256"
        ).decode()
        _change_roles(connection, _login_statements(name, verifier, row is None, set(groups)))
    url = make_url(admin_url).set(username=name, password=password)
    return url.render_as_string(hide_password=False)


def local_login(admin_url: str | URL, person: str) -> str:
    """The login of the person at this computer on their own server; all rights, but owns nothing.

    Its password follows from the administrator's, so that it need not be kept anywhere.
    """
    url = make_url(admin_url)
    name = person.strip()[:20]
    if not _is_free(name) or name == url.username:
        name = f"user {name}".strip()
    key = (url.password or "").encode()
    password = hmac.new(key, f"gantry login {name}".encode(), hashlib.sha256).hexdigest()
    return ensure_login(url, name, password)


def _is_free(name: str) -> bool:
    size = len(name.encode())
    return 0 < size <= _LONGEST_NAME and not name.lower().startswith(_RESERVED)


def _login_statements(
    name: str, verifier: str, is_new: bool, groups: set[Group]
) -> list[sql.Composed]:
    login = sql.Identifier(name)
    statements = [sql.SQL("CREATE ROLE {}").format(login)] if is_new else []
    secret = sql.Literal(verifier)
    statements.append(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(login, secret))
    for group in Group:
        form = sql.SQL("GRANT {} TO {}") if group in groups else sql.SQL("REVOKE {} FROM {}")
        statements.append(form.format(sql.Identifier(group), login))
    return statements


@contextmanager
def _administration(admin_url: str | URL) -> Generator[psycopg.Connection[Any]]:
    options: dict[str, Any] = connect_options(admin_url)
    with driver_errors(), psycopg.connect(**options, autocommit=True) as connection:
        yield connection


def _change_roles(
    connection: psycopg.Connection[Any], statements: Sequence[sql.Composed | bytes]
) -> None:
    """Runs statements on roles, again if another client changed the same role at that moment.

    Roles are shared by all databases of a server, and no lock spans databases.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with connection.transaction():
                for statement in statements:
                    connection.execute(statement)
        except (
            psycopg.errors.UniqueViolation,
            psycopg.errors.DuplicateObject,
            psycopg.errors.InternalError_,
        ):
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.02 * (attempt + 1))
        else:
            return

"""Who may log in: group roles that carry the rights, and the logins that belong to them."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

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
    _change_roles(admin_url, [sql.SQL(script)])  # pyright: ignore[reportArgumentType]


def ensure_login(
    admin_url: str | URL, name: str, password: str, groups: Iterable[Group] = tuple(Group)
) -> str:
    """Makes a person's login, or sets its password and groups; returns the URL it connects by.

    Raises:
        StoreError: ``login_reserved`` for a name that is the server's own or an administrator's.
    """
    wanted = {Group(group) for group in groups}
    with driver_errors(), psycopg.connect(**connect_options(admin_url)) as connection:  # pyright: ignore[reportArgumentType]
        row = connection.execute(
            "SELECT rolsuper OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = %s",
            (name,),
        ).fetchone()
        if not _is_free(name) or (row is not None and row[0]):
            raise StoreError("login_reserved", name=name)
        verifier = connection.pgconn.encrypt_password(
            password.encode(), name.encode(), b"scram-sha-256"
        ).decode()
    login = sql.Identifier(name)
    statements: list[sql.SQL | sql.Composed] = (
        [] if row else [sql.SQL("CREATE ROLE {}").format(login)]
    )
    # The verifier goes to the server, never the password: statements end up in its log.
    statements.append(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(login, sql.Literal(verifier))
    )
    for group in Group:
        form = "GRANT {} TO {}" if group in wanted else "REVOKE {} FROM {}"
        statements.append(sql.SQL(form).format(sql.Identifier(group), login))
    _change_roles(admin_url, statements)
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


def _change_roles(admin_url: str | URL, statements: Iterable[sql.SQL | sql.Composed]) -> None:
    """Runs statements on roles, again if another client changed the same role at that moment.

    Roles are shared by all databases of a server, and no lock spans databases.
    """
    with driver_errors(), psycopg.connect(**connect_options(admin_url)) as connection:  # pyright: ignore[reportArgumentType]
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

"""Driver errors, wrapped once: every one becomes a StoreError that names what went wrong."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from db.errors import RowKind, StoreError

# SQLSTATE or its class (PostgreSQL documentation, appendix A) → code. GT… are this schema's own.
_CODES = {
    "08": "connection_lost",
    "28": "login_failed",
    "3D000": "database_missing",
    "57P01": "connection_lost",
    "57P02": "connection_lost",
    "57P03": "server_unreachable",
    "57P05": "connection_lost",
    "25P03": "connection_lost",
    "53300": "server_full",
    "53": "storage_full",
    "58": "storage_full",
    "40": "busy",
    "55P03": "busy",
    "57014": "busy",
    "42501": "rights_missing",
    "25006": "read_only",
    "42P01": "schema_missing",
    "3F000": "schema_missing",
    "23502": "value_not_allowed",
    "23503": "reference_missing",
    "23505": "duplicate_key",
    "23514": "value_not_allowed",
    "22": "value_not_storable",
    "GT001": "version_shrinks",
    "GT002": "append_only",
    "GT003": "batch_broken",
}
_CONSTRAINTS = {
    "ex_booking_machine": "machine_double_booked",
    "ex_overtime_shift_machine": "overtime_opened_twice",
    "ex_scenario_published": "published_twice",
    "ex_plant_home": "home_plant_twice",
}


@contextmanager
def driver_errors() -> Generator[None]:
    """Turns whatever psycopg or SQLAlchemy raise inside into a StoreError.

    Raises:
        StoreError: with the codes of this module.
    """
    try:
        yield
    except psycopg.Error as error:
        raise store_error(error) from error
    except DBAPIError as error:
        origin = error.orig
        if not isinstance(origin, psycopg.Error):
            raise StoreError("store_failed", state="?") from error
        raise store_error(origin) from error
    except PoolTimeout as error:
        raise StoreError("busy") from error


def store_error(error: psycopg.Error) -> StoreError:
    """The StoreError that says what a driver error means."""
    diagnosis = error.diag
    state = error.sqlstate
    if state is None:
        return _without_state(error)
    name = diagnosis.constraint_name or ""
    code = _CONSTRAINTS.get(name) or _CODES.get(state) or _CODES.get(state[:2])
    if code is None:
        return StoreError("store_failed", state=state)
    params: dict[str, object] = {}
    if state.startswith("23") or code == "rights_missing":
        table = diagnosis.table_name or _last_word(diagnosis.message_primary or "")
        params["table"] = _kind(table)
    if state.startswith("23"):
        params["constraint"] = name
    if code == "value_not_allowed":
        prefix = f"ck_{diagnosis.table_name}_"
        params["field"] = diagnosis.column_name or name.removeprefix(prefix)
    return StoreError(code, **params)


def _without_state(error: psycopg.Error) -> StoreError:
    """libpq tells no state when the talk itself fails: before it began, or in the middle."""
    if not isinstance(error, psycopg.OperationalError):
        return StoreError("value_not_storable")
    text = str(error).lower()
    if "authentication" in text or "password" in text or "channel binding" in text:
        return StoreError("login_failed")
    if ("ssl" in text and "connection to server" in text) or "certificate" in text:
        return StoreError("tls_failed")
    if "does not exist" in text:
        return StoreError("database_missing")
    if "connection failed" in text or "connection timeout" in text:
        # A server that speaks another language: it asked for a password and then said no.
        is_refused = error.pgconn is not None and error.pgconn.used_password
        is_starting = "database system is" in text
        return StoreError(
            "login_failed" if is_refused and not is_starting else "server_unreachable"
        )
    return StoreError("connection_lost")


def _kind(table: str) -> RowKind | str:
    return RowKind(table) if table in set(RowKind) else table


def _last_word(message: str) -> str:
    """The last thing a message names: the table or function one has no right to."""
    return (re.findall(r"[a-z_0-9]+", message) or ["?"])[-1]

"""Connections: how a client reaches the server, and what it insists on."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from db.errors import StoreError

APPLICATION_NAME = "gantry"

# A dead client must not hold its locks, nor a dead server keep a client waiting.
_SESSION = {
    "timezone": "UTC",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "15s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_SAFE_MODES = ("require", "verify-ca", "verify-full")


def connect_options(url: str | URL) -> dict[str, object]:
    """What to give to libpq for a URL: its own parts, time-outs, and the safety of the way.

    Anything that is not this machine is reached by TLS only, and the server must prove by SCRAM,
    bound to that TLS channel, that it knows the password: nobody in between can, whatever
    certificate they show. ``sslmode=verify-full`` in the URL checks the certificate as well.

    Raises:
        StoreError: ``address_invalid``; ``tls_required`` if the URL asks for less.
    """
    parsed = _parsed(url)
    query = {name: value for name, value in parsed.query.items() if isinstance(value, str)}
    if len(query) != len(parsed.query) or "service" in query:
        raise StoreError("address_invalid")
    session = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    options: dict[str, object] = {
        "application_name": APPLICATION_NAME,
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,
        "gssencmode": "disable",
        "host": parsed.host or "127.0.0.1",
        "port": parsed.port or 5432,
        "dbname": parsed.database or "gantry",
        **query,
        "options": f"{query.get('options', '')} {session}".strip(),
    }
    options |= {} if parsed.username is None else {"user": parsed.username}
    options |= {} if parsed.password is None else {"password": parsed.password}
    if not all(_is_local(host) for host in _hosts(options)):
        _insist_on_tls(options)
    return options


def make_engine(url: str | URL, *, read_only: bool = False) -> Engine:
    """An engine for one client: few connections, checked before use.

    Raises:
        StoreError: ``address_invalid``, ``tls_required``.
    """
    options = connect_options(url)
    if read_only:
        options["options"] = f"{options['options']} -c default_transaction_read_only=on"
    return create_engine(
        "postgresql+psycopg://",
        connect_args=options,
        pool_size=2,
        max_overflow=2,
        pool_timeout=10,
        pool_pre_ping=True,
    )


def _parsed(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError("address_invalid") from error
    if parsed.get_backend_name() != "postgresql":
        raise StoreError("address_invalid")
    return parsed


def _hosts(options: Mapping[str, object]) -> list[str]:
    named = [str(options.get(name, "")) for name in ("host", "hostaddr")]
    return [host.strip() for hosts in named for host in hosts.split(",") if host.strip()]


def _is_local(host: str) -> bool:
    """Whether a host is this machine for certain: a socket's folder, or a loopback address."""
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _insist_on_tls(options: dict[str, object]) -> None:
    mode = options.setdefault("sslmode", "require")
    binding = options.setdefault("channel_binding", "require")
    method = options.setdefault("require_auth", "scram-sha-256")
    if mode not in _SAFE_MODES or method != "scram-sha-256":
        raise StoreError("tls_required")
    if binding != "require" and mode != "verify-full":
        raise StoreError("tls_required")

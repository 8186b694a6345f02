"""A new PostgreSQL cluster: the data of one server, before its first start."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from pathlib import Path

from db.errors import StoreError
from db.programs import Programs, last_line

SUPERUSER = "postgres"
SECRET = "password"  # noqa: S105 - the name of a file
"""File beside the data with the superuser's password."""

SETTINGS = """
# Gantry's own server: reached over the loopback address only.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
"""
UNSAFE_SETTINGS = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


def make_cluster(programs: Programs, folder: Path, *, is_durable: bool) -> None:
    """Make ``folder/data`` and its password; under another name first, so that it is whole or not.

    Raises:
        StoreError: ``server_init_failed`` with the last line that initdb wrote.
    """
    password = secrets.token_urlsafe(32)
    making, secret = folder / "data.new", folder / "password.new"
    log = ""
    for locale in _locales(programs.major):
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        _write_secret(secret, password)
        _give(programs, making, secret)
        arguments = ["-D", making, "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", secret]
        sync = [] if is_durable else ["--no-sync"]
        is_made, log = programs.run(
            "initdb", *arguments, "--encoding=UTF8", *locale, *sync, cwd=folder
        )
        secret.unlink()
        if is_made:
            break
    else:
        raise StoreError("server_init_failed", path=folder, reason=last_line(log))
    with (making / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS + ("" if is_durable else UNSAFE_SETTINGS))
    _write_secret(folder / SECRET, password)
    making.rename(folder / "data")


def _locales(major: int) -> list[list[str]]:
    """Options of initdb, the wished ones first: sorted by code point, letters of all scripts."""
    if major >= 17:
        return [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
    return [["--locale=C", "--lc-ctype=C.UTF-8"], ["--locale=C"]]


def _give(programs: Programs, *paths: Path) -> None:
    account = programs.account
    if account and sys.platform != "win32":
        for path in paths:
            os.chown(path, account.uid, account.gid)


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)

"""Reaching the factory's database: the one on the LAN if one is set, else one's own."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

from sqlalchemy.engine import make_url

from app.config import Config
from db.embedded import EmbeddedServer
from db.migrate import upgrade
from db.roles import local_login
from db.store import Store

SETTING = "database.url"


@dataclass(slots=True)
class Database:
    """An open database; ``server`` is set where it is the embedded one, which ``close`` leaves."""

    url: str
    store: Store
    server: EmbeddedServer | None = None

    @property
    def label(self) -> str:
        """Server and database for the status bar, never with a password."""
        url = make_url(self.url)
        return f"{url.host or '127.0.0.1'}:{url.port or 5432}/{url.database}"

    def close(self) -> None:
        """Let go of the database; the last client of an embedded server stops it."""
        self.store.close()
        if self.server is not None:
            self.server.leave()


def open_database(url: str | None, config: Config) -> Database:
    """Open the database of ``url``, else of the settings, else the embedded one.

    Only the embedded database is brought up to date here: on a shared server that is an
    administrator's decision.

    Raises:
        StoreError: what starting, connecting or upgrading raises.
    """
    chosen: str | None = url or config.get(SETTING)
    if chosen:
        return Database(chosen, Store(chosen))
    server = EmbeddedServer()
    try:
        admin_url = server.start()
        upgrade(admin_url)
        own_url = local_login(admin_url, person())
        return Database(own_url, Store(own_url), server)
    except BaseException:
        server.leave()
        raise


def person() -> str:
    """Who sits at this computer, as the operating system knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "user"

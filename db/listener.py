"""Hearing of changes: a connection of its own that waits for notifications, in a thread."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy.engine import URL

from db.engine import connect_options
from db.mapping import kinds_by_table
from domain.changes import Row
from domain.plan import ROW_TYPES

CHANNEL = "gantry"
_LOOK_SECONDS = 0.2
_CONNECT_SECONDS = 3
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.25, 5.0
_GIVEN_UP_SECONDS = 15.0
_STOP_SECONDS = 0.5


class LinkState(Enum):
    """What stands between a client and news from the others."""

    LIVE = "live"
    RECONNECTING = "reconnecting"
    OFFLINE = "offline"


OnRows = Callable[[type[Row], tuple[UUID, ...] | None], None]
OnState = Callable[[LinkState], None]


class Listener:
    """Tells which rows anybody has changed, this client too, in the order of the commits.

    ``on_rows`` gets a kind and the ids, or None for so many that the kind is to be read again.
    After a lost connection it gets None for every kind, once listening has begun anew: whatever was
    missed is in the database by then. So load first when ``wait_live`` has returned.

    ``on_state`` hears of every change of state; OFFLINE after 15 s without a connection, and trying
    goes on. Both are called in the listener's thread and must not block.
    """

    def __init__(self, url: str | URL, on_rows: OnRows, on_state: OnState) -> None:
        """Prepares; ``start`` begins.

        Raises:
            StoreError: ``address_invalid``, ``tls_required``.
        """
        self._options: dict[str, Any] = {
            **connect_options(url),
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "gantry listener",
        }
        self._on_rows = on_rows
        self._on_state = on_state
        self._state = LinkState.RECONNECTING
        self._live = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    @property
    def state(self) -> LinkState:
        """The state now."""
        return self._state

    def start(self) -> None:
        """Begins to listen. Once only."""
        self._thread.start()

    def wait_live(self, timeout_seconds: float) -> bool:
        """Waits until it listens; False if that took longer."""
        return self._live.wait(timeout_seconds)

    def stop(self) -> None:
        """Ends within half a second; an attempt to connect that hangs dies by itself soon after."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        is_first = True
        lost_at = time.monotonic()
        wait_seconds = _FIRST_WAIT_SECONDS
        while not self._stop.is_set():
            try:
                with psycopg.connect(**self._options, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._begin(is_first)
                    is_first, wait_seconds = False, _FIRST_WAIT_SECONDS
                    self._listen(connection)
            except psycopg.Error:
                if self._live.is_set():
                    self._live.clear()
                    lost_at = time.monotonic()
                is_long = time.monotonic() - lost_at >= _GIVEN_UP_SECONDS
                self._tell(LinkState.OFFLINE if is_long else LinkState.RECONNECTING)
                self._stop.wait(wait_seconds)
                wait_seconds = min(2 * wait_seconds, _LONGEST_WAIT_SECONDS)

    def _begin(self, is_first: bool) -> None:
        if not is_first:
            for kind in ROW_TYPES:
                self._on_rows(kind, None)
        self._live.set()
        self._tell(LinkState.LIVE)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        while not self._stop.is_set():
            for notification in connection.notifies(timeout=_LOOK_SECONDS):
                self._hear(notification.payload)
                if self._stop.is_set():
                    return

    def _hear(self, payload: str) -> None:
        """Passes a notification on; what is not of this schema's making is none of ours."""
        try:
            told = json.loads(payload)
            kind = kinds_by_table().get(told["table"])
            ids = told["ids"]
            changed = None if ids is None else tuple(UUID(each) for each in cast("list[str]", ids))
        except (ValueError, TypeError, KeyError, AttributeError):
            return
        if kind is not None:
            self._on_rows(kind, changed)

    def _tell(self, state: LinkState) -> None:
        if state is not self._state:
            self._state = state
            self._on_state(state)

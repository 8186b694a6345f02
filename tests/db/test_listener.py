"""Every client hears which rows anybody changed, also after the server was gone."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from db.embedded import EmbeddedServer
from db.engine import connect_options
from db.listener import LinkState, Listener
from db.migrate import upgrade
from db.store import Store
from domain.changes import Change, ChangeSet, Row
from domain.items import Item
from domain.orders import OrderLine
from domain.plan import ROW_TYPES
from domain.resources import Plant
from tests.builders import make_item, make_order_line, make_plant
from tests.db.conftest import LoginUrl, insert, update
from tests.db.relay import relay_to

News = tuple[type[Row], tuple[UUID, ...] | None]


class Ear:
    """A listener that remembers what it was told."""

    def __init__(self, url: str) -> None:
        self.news: queue.Queue[News] = queue.Queue()
        self.states: list[LinkState] = []
        self.threads: set[str] = set()
        self.listener = Listener(url, self._hear, self._see)

    def _hear(self, kind: type[Row], ids: tuple[UUID, ...] | None) -> None:
        self.threads.add(threading.current_thread().name)
        self.news.put((kind, ids))

    def _see(self, state: LinkState) -> None:
        self.states.append(state)

    def next(self, seconds: float = 5.0) -> News:
        """The next piece of news."""
        return self.news.get(timeout=seconds)

    def is_quiet(self) -> bool:
        """Whether nothing more comes for a while."""
        try:
            self.news.get(timeout=0.4)
        except queue.Empty:
            return True
        return False

    def wait_for(self, *states: LinkState, seconds: float = 30.0) -> None:
        """Waits until the link has gone through these states."""
        give_up_at = time.monotonic() + seconds
        while self.states != list(states):
            assert time.monotonic() < give_up_at, self.states
            time.sleep(0.02)


@pytest.fixture
def ear(store: Store, url_of: LoginUrl) -> Iterator[Ear]:
    ear = Ear(url_of())
    ear.listener.start()
    assert ear.listener.wait_live(10)
    yield ear
    ear.listener.stop()


def test_it_hears_tables_and_ids_once_a_statement(store: Store, ear: Ear) -> None:
    item = make_item()
    lines = [make_order_line(item, line=str(number)) for number in range(100)]
    insert(store, item, *lines)
    assert ear.next() == (Item, (item.id,))
    kind, ids = ear.next()
    assert kind is OrderLine
    assert sorted(ids or ()) == sorted(line.id for line in lines)
    update(store, replace(item, row_version=1), replace(item, name="x"))
    assert ear.next() == (Item, (item.id,))
    assert ear.is_quiet()
    assert ear.threads == {"listener"}
    assert ear.states == [LinkState.LIVE]


def test_many_rows_are_told_without_ids(store: Store, ear: Ear) -> None:
    item = make_item()
    insert(store, item, *(make_order_line(item, line=str(number)) for number in range(101)))
    assert [ear.next(), ear.next()] == [(Item, (item.id,)), (OrderLine, None)]
    store.write(ChangeSet("test", tuple(Change.delete(row) for row in store.read_all(OrderLine))))
    assert ear.next() == (OrderLine, None)
    assert ear.is_quiet()


def test_what_is_refused_is_not_told(store: Store, ear: Ear) -> None:
    item = make_item()
    with pytest.raises(Exception, match="duplicate_key"):
        insert(store, item, make_item())
    assert ear.is_quiet()


def test_strangers_on_the_channel_are_no_matter(store: Store, database: str, ear: Ear) -> None:
    said = ["", "nonsense", "[1]", '{"table": "item"}', '{"table": "nobody", "ids": null}']
    said += ['{"table": "item", "ids": ["x"]}', '{"table": "item", "ids": 3}', '{"table": 1}']
    with psycopg.connect(**connect_options(database)) as connection:
        for payload in said:
            connection.execute("SELECT pg_notify('gantry', %s)", (payload,))
    insert(store, item := make_item())
    assert ear.next() == (Item, (item.id,))


def test_stopping_is_quick(store: Store, url_of: LoginUrl) -> None:
    ear = Ear(url_of())
    ear.listener.start()
    ear.listener.wait_live(10)
    began_at = time.monotonic()
    ear.listener.stop()
    assert time.monotonic() - began_at < 0.5
    assert not any(thread.name == "listener" for thread in threading.enumerate())


def test_a_pulled_cable_means_reading_everything_again(store: Store, url_of: LoginUrl) -> None:
    with relay_to(url_of()) as relay:
        ear = Ear(relay.url)
        ear.listener.start()
        assert ear.listener.wait_live(10)
        relay.pull()
        ear.wait_for(LinkState.LIVE, LinkState.RECONNECTING, LinkState.LIVE)
        assert [ear.next() for _ in ROW_TYPES] == [(kind, None) for kind in ROW_TYPES]
        insert(store, item := make_item())
        assert ear.next() == (Item, (item.id,))
        ear.listener.stop()


def test_a_server_killed_and_back(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path)
    store = ear = None
    try:
        url = server.start()
        upgrade(url)
        store, ear = Store(url), Ear(url)
        ear.listener.start()
        assert ear.listener.wait_live(10)
        insert(store, make_plant())
        assert ear.next()[0] is Plant
        pid = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        ear.wait_for(LinkState.LIVE, LinkState.RECONNECTING)
        assert server.start() == url
        ear.wait_for(LinkState.LIVE, LinkState.RECONNECTING, LinkState.LIVE)
        assert [ear.next() for _ in ROW_TYPES] == [(kind, None) for kind in ROW_TYPES]
        insert(store, item := make_item())
        assert ear.next() == (Item, (item.id,))
    finally:
        if ear is not None:
            ear.listener.stop()
        if store is not None:
            store.close()
        server.destroy()

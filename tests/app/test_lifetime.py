"""From the first start to a server that dies: what lasts longer than one gesture."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.login import Database
from db.embedded import EmbeddedServer
from db.migrate import upgrade
from db.store import Store
from domain.items import Item
from domain.orders import OrderLine, OrderStatus
from domain.production import Operation
from domain.scenarios import Booking
from tests.app.test_desk import type_quantity
from widgets.text import tr

Desks = Callable[..., Desk]


def test_the_first_start_shows_a_planned_sample(
    desks: Desks, database: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An own, empty database; a shared one is never filled with a sample."""
    left: list[bool] = []
    server = SimpleNamespace(leave=lambda: left.append(True))
    monkeypatch.setattr(
        "app.session.open_database", lambda url, _config: Database(url, Store(url), server)
    )
    monkeypatch.setattr("app.desk._FIRST_PLAN_SECONDS", 0.5)
    desk = desks(database, plans=True)
    with qtbot.waitSignal(desk.planning.ended, timeout=400_000):
        pass
    bench = desk.session.bench
    qtbot.waitUntil(lambda: bench.pending_count == 0, timeout=20_000)
    stored = bench.store.load()
    assert len(stored.table(OrderLine)) > 30
    assert len(stored.table(Booking)) == len(stored.table(Operation)) > 300
    qtbot.waitUntil(lambda: len(desk.session.outlooks.current.fates) > 30)
    gantt = desk.window.schedule.gantt
    assert gantt is not None
    assert len(gantt.chart.data) == len(stored.table(Booking))
    assert desk.window.schedule.commands["run_schedule"].isEnabled()
    assert not left
    desk.window.close()
    desk.close()
    assert left == [True]


def test_a_shared_empty_database_stays_empty(desks: Desks, database: str, qtbot: QtBot) -> None:
    desk = desks(database)
    qtbot.wait(100)
    assert desk.session.bench.store.read_all(Item) == []


def test_a_run_can_be_stopped_and_what_it_found_is_one_undo_step(
    desks: Desks, stored: str, qtbot: QtBot
) -> None:
    desk = desks(stored, plans=True)
    bench, commands = desk.session.bench, desk.window.schedule.commands
    drafts = [line for line in bench.plan.table(OrderLine).values() if line.quantity == 3]
    desk.chosen = list(drafts)
    desk.deeds.do("confirm_lines")
    before = bench.undoable
    commands["run_schedule"].trigger()
    assert desk.planning.is_running
    assert not commands["run_schedule"].isEnabled()
    desk.deeds.do("run_schedule")  # once more is not twice
    with qtbot.waitSignal(desk.planning.ended, timeout=400_000):
        desk.planning.progressed.connect(
            lambda message: message.changes and commands["stop_planning"].trigger()
        )
    assert bench.undoable is not before
    qtbot.waitUntil(lambda: bench.pending_count == 0)
    assert all(line.status is OrderStatus.CONFIRMED for line in bench.store.read_all(OrderLine))
    assert len(bench.store.read_all(Booking)) == len(bench.plan.table(Operation))
    desk.deeds.do("undo")
    assert bench.undoable is before
    qtbot.waitUntil(lambda: bench.pending_count == 0)
    assert len(bench.store.read_all(Booking)) == 2


def test_a_planning_process_that_dies_is_told_and_planning_works_again(
    desks: Desks, stored: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: told.append(box.text()))
    desk = desks(stored, plans=True)
    planning = desk.session.planning
    send = planning._link.send

    def die_over_it(request: object) -> None:
        planning._process.kill()
        planning._process.join()
        send(request)

    monkeypatch.setattr(planning._link, "send", die_over_it)
    with qtbot.waitSignal(desk.planning.failed, timeout=400_000):
        desk.planning.start()
    assert told
    assert "planning process" in told[0]
    assert desk.window.schedule.commands["run_schedule"].isEnabled()
    with qtbot.waitSignal(desk.planning.ended, timeout=400_000):
        desk.planning.start(seconds=0.2)
    qtbot.waitUntil(lambda: desk.session.bench.pending_count == 0)


def test_an_unreachable_server_is_told_and_the_window_stays(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, desks: Desks, stored: str
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: told.append(box.text()))
    desk = desks(stored)
    with qtbot.waitSignal(desk.session.failed, timeout=20_000):
        desk.session.open("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert told
    assert desk.window.isVisible()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path / "server", is_durable=False)
    upgrade(server.start())
    yield server
    server.destroy()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_server_that_is_killed_while_one_works(
    desks: Desks, own_server: EmbeddedServer, qtbot: QtBot, tmp_path: Path
) -> None:
    from domain.changes import Change, ChangeSet
    from tests.widgets.factory import make_factory

    store = Store(own_server.url)
    rows = make_factory().plan.rows()
    store.write(ChangeSet("edit", tuple(Change.insert(row) for row in rows)))
    store.close()
    # This server writes its log with delay: what is to outlive the kill has to be on the disk.
    with psycopg.connect(own_server.url.replace("+psycopg", ""), autocommit=True) as link:
        link.execute("CHECKPOINT")
    desk = desks(own_server.url)
    status = desk.window.status
    assert status._link._words.text() == tr("link.live")
    pid_file = next(own_server.status().folder.rglob("postmaster.pid"))
    os.kill(int(pid_file.read_text(encoding="utf-8").split()[0]), signal.SIGKILL)
    qtbot.waitUntil(lambda: status._link._words.text() != tr("link.live"), timeout=20_000)
    type_quantity(desk, "SO-7", "17")
    qtbot.waitUntil(lambda: "1" in status._unsaved._words.text())
    own_server.start()
    qtbot.waitUntil(lambda: desk.session.bench.pending_count == 0, timeout=60_000)
    qtbot.waitUntil(lambda: status._link._words.text() == tr("link.live"), timeout=30_000)
    lines = desk.session.bench.store.read_all(OrderLine)
    assert 17 in {line.quantity for line in lines}
    QApplication.processEvents()

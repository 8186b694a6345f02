"""The one door for changes, on a real database: two people, refusals, undo, a server that goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.workbench import Workbench
from app.worker import Worker
from db.errors import StoreError
from db.listener import Listener
from db.store import Store
from domain.changes import Change, ChangeSet
from domain.errors import RuleViolation
from domain.plan import MANY
from domain.resources import WorkCenter
from tests.builders import make_work_center


@contextmanager
def desk(url: str, qtbot: QtBot) -> Iterator[Workbench]:
    """One person's workbench, listening."""
    store, worker = Store(url), Worker()
    bench = Workbench(store, worker)
    bench.refusals = []  # pyright: ignore[reportAttributeAccessIssue]
    bench.refused.connect(lambda error, _changes: bench.refusals.append(error))
    listener = Listener(url, bench.heard.emit, lambda _state: None)
    listener.start()
    assert listener.wait_live(10)
    with qtbot.waitSignal(bench.reloaded):
        bench.reload()
    yield bench
    listener.stop()
    bench.close()
    worker.close()
    store.close()


@pytest.fixture
def first(database: str, qtbot: QtBot) -> Iterator[Workbench]:
    with desk(database, qtbot) as bench:
        yield bench


@pytest.fixture
def second(database: str, qtbot: QtBot) -> Iterator[Workbench]:
    with desk(database, qtbot) as bench:
        yield bench


def test_word_of_a_change_that_comes_after_the_end_starts_nothing(
    database: str, qtbot: QtBot
) -> None:
    with desk(database, qtbot) as bench:
        row = add(bench, qtbot)
    bench.rereading.mark_stale(WorkCenter, (row.id,))
    timers = bench.findChildren(QTimer)
    assert timers
    assert not any(timer.isActive() for timer in timers)


def name_of(bench: Workbench, row: WorkCenter) -> str | None:
    found = bench.plan.get(WorkCenter, row.id)
    return None if found is None else found.name


def rename(bench: Workbench, row: WorkCenter, name: str) -> None:
    present = bench.plan.need(WorkCenter, row.id)
    bench.submit(ChangeSet("edit", (Change.update(present, replace(present, name=name)),)))


def settle(qtbot: QtBot, *benches: Workbench) -> None:
    qtbot.waitUntil(lambda: all(bench.pending_count == 0 for bench in benches))


def add(bench: Workbench, qtbot: QtBot) -> WorkCenter:
    row = make_work_center(code="CNC", name="old")
    bench.submit(ChangeSet("edit", (Change.insert(row),)))
    settle(qtbot, bench)
    return row


def test_a_change_is_seen_at_once_here_and_soon_there(
    first: Workbench, second: Workbench, qtbot: QtBot
) -> None:
    row = make_work_center(code="CNC")
    first.submit(ChangeSet("edit", (Change.insert(row),)))
    assert first.plan.get(WorkCenter, row.id) is not None
    assert first.pending_count == 1
    qtbot.waitUntil(lambda: second.plan.get(WorkCenter, row.id) is not None)
    settle(qtbot, first)


def test_the_slower_of_two_edits_is_refused_and_shows_the_truth(
    first: Workbench, second: Workbench, qtbot: QtBot
) -> None:
    row = add(first, qtbot)
    qtbot.waitUntil(lambda: second.plan.get(WorkCenter, row.id) is not None)
    rename(first, row, "first")
    rename(second, row, "second")
    settle(qtbot, first, second)
    qtbot.waitUntil(lambda: name_of(first, row) == name_of(second, row))
    refused = [*first.refusals, *second.refusals]  # pyright: ignore[reportAttributeAccessIssue]
    assert [error.code for error in refused] == ["conflict"]
    assert name_of(first, row) in ("first", "second")


def test_undo_and_redo_go_through_the_same_door(first: Workbench, qtbot: QtBot) -> None:
    row = add(first, qtbot)
    for name in ("a", "b"):
        rename(first, row, name)
    first.undo()
    first.undo()
    assert name_of(first, row) == "old"
    first.redo()
    first.redo()
    assert name_of(first, row) == "b"
    first.undo()
    settle(qtbot, first)
    assert [stored.name for stored in first.store.read_all(WorkCenter)] == ["a"]


def test_undo_is_refused_when_somebody_else_changed_the_row(
    first: Workbench, second: Workbench, qtbot: QtBot
) -> None:
    row = add(first, qtbot)
    rename(first, row, "mine")
    settle(qtbot, first)
    qtbot.waitUntil(lambda: name_of(second, row) == "mine")
    rename(second, row, "theirs")
    qtbot.waitUntil(lambda: name_of(first, row) == "theirs")
    first.undo()
    error = first.refusals[-1]  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(error, RuleViolation)
    assert (error.code, error.refs) == ("undo_overtaken", (row.id,))
    assert name_of(first, row) == "theirs"


def test_a_new_change_ends_what_could_be_redone(first: Workbench, qtbot: QtBot) -> None:
    row = add(first, qtbot)
    rename(first, row, "a")
    first.undo()
    rename(first, row, "b")
    assert first.redoable is None
    settle(qtbot, first)


def test_what_the_database_refuses_disappears_again(first: Workbench, qtbot: QtBot) -> None:
    add(first, qtbot)
    twin = make_work_center(code="CNC")
    first.submit(ChangeSet("edit", (Change.insert(twin),)))
    qtbot.waitUntil(lambda: first.plan.get(WorkCenter, twin.id) is None)
    error = first.refusals[-1]  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(error, StoreError)
    assert error.code == "duplicate_key"
    assert first.undoable is not None
    assert all(change.row.id != twin.id for change in first.undoable)


@pytest.mark.parametrize("code", ["connection_lost", "outcome_unknown", "server_unreachable"])
def test_changes_wait_for_the_server_and_are_written_once(
    first: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    write = first.store.write
    calls: list[int] = []

    def cut_off(changes: ChangeSet, token: object) -> None:
        """The first commit arrives, but the cable is pulled before the answer comes."""
        calls.append(1)
        if len(calls) == 1:
            write(changes, token)  # pyright: ignore[reportArgumentType]
        if len(calls) <= 2:
            raise StoreError(code)
        write(changes, token)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(first.store, "write", cut_off)
    row = make_work_center(code="CNC")
    told: list[int] = []
    first.pending_changed.connect(told.append)
    first.submit(ChangeSet("edit", (Change.insert(row),)))
    rename(first, row, "while away")
    qtbot.waitUntil(lambda: told == [1, 2, 2])
    first.resume()
    qtbot.waitUntil(lambda: told == [1, 2, 2, 2])
    assert len(calls) == 2
    first.resume()
    settle(qtbot, first)
    assert first.refusals == []  # pyright: ignore[reportAttributeAccessIssue]
    stored = first.store.read_all(WorkCenter)
    assert [(each.name, each.row_version) for each in stored] == [("while away", 2)]


def test_what_only_comes_back_from_the_database_is_no_news(
    first: Workbench, second: Workbench, qtbot: QtBot
) -> None:
    """A row that was written is read again for its version: that means nothing else for orders."""
    center = make_work_center()
    first.submit(ChangeSet("add", (Change.insert(center),)))
    written = first.revision
    qtbot.waitUntil(lambda: first.plan.need(WorkCenter, center.id).row_version > 0)
    assert first.revision == written
    qtbot.waitUntil(lambda: second.plan.get(WorkCenter, center.id) is not None)
    rename(second, center, "Lathes")
    qtbot.waitUntil(lambda: name_of(first, center) == "Lathes")
    assert first.revision == written + 1


@pytest.mark.parametrize("way", ["read", "load"])
def test_a_row_that_is_gone_and_back_while_rows_are_read_is_there_in_the_end(
    first: Workbench, second: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """What is read last is as it was known before all of it, and yet it is news."""
    row = add(first, qtbot)
    qtbot.waitUntil(lambda: second.plan.get(WorkCenter, row.id) is not None)
    qtbot.waitUntil(lambda: first.plan.need(WorkCenter, row.id).row_version > 0)  # has come back
    read, is_read, go_on = getattr(first.store, way), Event(), Event()

    def read_slowly(*asked: object) -> object:
        found = read(*asked)
        is_read.set()
        go_on.wait(10)
        return found

    monkeypatch.setattr(first.store, way, read_slowly)
    first.heard.disconnect(first.rereading.mark_stale)  # hears what is said here, and when
    second.submit(ChangeSet("delete", (Change.delete(second.plan.need(WorkCenter, row.id)),)))
    settle(qtbot, second)
    if way == "load":
        first.reload()
    else:
        first.rereading.mark_stale(WorkCenter, [row.id])
    qtbot.waitUntil(is_read.is_set)
    second.undo()
    settle(qtbot, second)
    first.rereading.mark_stale(WorkCenter, [row.id])
    qtbot.waitUntil(lambda: not first.rereading._soon.isActive())
    is_there: list[bool] = []
    first.rows_changed.connect(
        lambda _rows: is_there.append(first.plan.get(WorkCenter, row.id) is not None)
    )
    go_on.set()
    qtbot.waitUntil(lambda: len(is_there) == 2)
    assert is_there == [False, True]
    first.heard.connect(first.rereading.mark_stale)


def test_many_rows_are_drawn_before_they_are_packed_for_the_database(
    first: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, calls = first.store.write, []
    monkeypatch.setattr(first.store, "write", lambda *given: (calls.append(1), write(*given)))
    rows = [make_work_center(code=f"C{k}") for k in range(MANY + 1)]
    first.submit(ChangeSet("add", tuple(Change.insert(row) for row in rows)))
    for _turn in range(5):
        QApplication.processEvents()
    assert calls == []
    rename(first, rows[0], "later")
    assert first.pending_count == 2
    settle(qtbot, first)
    stored = {row.id: row.name for row in first.store.read_all(WorkCenter)}
    assert len(stored) == MANY + 1
    assert stored[rows[0].id] == "later"
    assert first.refusals == []  # pyright: ignore[reportAttributeAccessIssue]

"""Something happened, told in the window on a real database: offers, preview, take, undo."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.solving import PlanningProcess
from db.store import Store
from domain.changes import Change, ChangeSet
from domain.happenings import HappeningKind
from domain.mend_offers import Way
from domain.production import Operation
from domain.resources import Downtime
from domain.scenarios import Booking
from tests.app.test_mend_run import shop


@pytest.fixture
def planned_shop(database: str) -> str:
    """URL of a database with two orders planned on two machines."""
    store = Store(database)
    try:
        rows = tuple(Change.insert(row) for row in shop().rows())
        store.write(ChangeSet("edit", rows))
    finally:
        store.close()
    return database


def test_a_breakdown_is_mended_by_one_change_that_can_be_undone(
    desks: Callable[..., Desk],
    planned_shop: str,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = desks(planned_shop)
    bench = desk.session.bench
    planning = PlanningProcess()
    desk.session.planning = planning
    told: list[object] = []
    monkeypatch.setattr(desk.deeds.mending, "_show_error", told.append)
    before = {b.operation_id: b.machine_id for b in bench.plan.table(Booking).values()}
    step = next(iter(bench.plan.table(Operation).values()))
    desk._choose([step])
    desk.window.panels["schedule"].commands["mend"].trigger()
    dialog = desk.deeds.mending.dialog
    assert dialog is not None
    # The operation's machine is what is suggested.
    assert dialog.form.chosen_kind() is HappeningKind.BREAKDOWN
    assert dialog.form.subject.currentData() == before[step.id]
    dialog.form.end.setDateTime(dialog.form.start.dateTime().addDays(5))
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: Way.LOCAL in dialog.offers or bool(told), timeout=90_000)
    assert told == []
    assert dialog.choices[Way.LOCAL].isChecked()
    shown = desk.session.outlooks.current.bookings[step.id]
    assert shown.machine_id != before[step.id]  # the preview
    assert not bench.plan.table(Downtime)  # nothing is stored yet
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: Way.GLOBAL in dialog.offers, timeout=20_000)
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert desk.deeds.mending.dialog is None
    assert len(bench.plan.table(Downtime)) == 1
    assert bench.plan.one(Booking, operation_id=step.id).machine_id != before[step.id]
    qtbot.waitUntil(lambda: not bench.pending_count, timeout=20_000)
    bench.undo()
    assert not bench.plan.table(Downtime)
    assert bench.plan.one(Booking, operation_id=step.id).machine_id == before[step.id]
    qtbot.waitUntil(lambda: not bench.pending_count, timeout=20_000)


def test_the_frozen_time_is_kept_for_all_desks(
    desks: Callable[..., Desk], planned_shop: str, qtbot: QtBot
) -> None:
    desk = desks(planned_shop)
    desk.deeds.do("mend")
    dialog = desk.deeds.mending.dialog
    assert dialog is not None
    dialog.frozen.setFocus()
    dialog.frozen.setValue(12)
    qtbot.keyClick(dialog.frozen, Qt.Key.Key_Return)
    assert desk.session.bench.plan.home_plant().frozen_hours == 12
    assert dialog.frozen.value() == 12
    qtbot.waitUntil(lambda: not desk.session.bench.pending_count, timeout=20_000)
    dialog.reject()

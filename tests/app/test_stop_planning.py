"""F5, and Stop before it is through: what the window says meanwhile and afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from typing_extensions import override

from app.desk import Desk, progress_words
from app.plan_message import PlanMessage
from app.workbench import Workbench
from domain.changes import Change, ChangeSet
from domain.objectives import Goal
from domain.plan import Plan
from domain.scenarios import Booking, LockLevel, Scenario
from widgets.text import Coded, tr


class Slow:
    """Stands in for the planning process: goes on telling how it goes, and is slow to end.

    The first run brings the plan, another one changes nothing.
    """

    def __init__(self, plan: Plan) -> None:
        self._rows = [*plan.table(Scenario).values(), *plan.table(Booking).values()]
        self.may_end = threading.Event()

    def run(
        self,
        _rows: object,
        _request: object,
        tell: Callable[[PlanMessage], object],
        should_stop: Callable[[], bool],
    ) -> PlanMessage:
        while not (should_stop() and self.may_end.is_set()):
            tell(PlanMessage(60, 0, 0, "search", amounts={Goal.LATENESS: 60}))
            time.sleep(0.01)
        changes = ChangeSet("plan", tuple(Change.insert(row) for row in self._rows))
        self._rows.clear()
        amounts = {Goal.LATENESS: 0, Goal.CHANGES: 0}
        return PlanMessage(0, 0, 0, "done", is_last=True, changes=changes, amounts=amounts)

    def close(self) -> None:
        self.may_end.set()


def without_plan(bench: Workbench, qtbot: QtBot) -> Plan:
    """Take the plan in force away; the rows with it."""
    planned = bench.plan.copy()
    first = (*planned.table(Booking).values(), *planned.table(Scenario).values())
    bench.submit(ChangeSet("edit", tuple(Change.delete(row) for row in first)))
    qtbot.waitUntil(lambda: not bench.pending_count)
    return planned


def test_a_stop_is_said_at_once_and_a_first_plan_has_moved_nothing(
    desks: Callable[..., Desk], stored: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks(stored)
    bench, panel = desk.session.bench, desk.window.schedule
    planned = without_plan(bench, qtbot)
    slow, refused = Slow(planned), list[object]()
    bench.refused.connect(lambda error, _changes: refused.append(error))
    monkeypatch.setattr(desk.session, "planning", slow)
    told = list[Coded]()
    monkeypatch.setattr(desk.deeds.mending, "_show_error", told.append)
    start, stop = panel.commands["run_schedule"], panel.commands["stop_planning"]
    desk.window.activateWindow()
    panel.buttons["run_schedule"].setFocus()
    qtbot.keyClick(panel.buttons["run_schedule"], Qt.Key.Key_Space)
    assert panel.buttons["stop_planning"].hasFocus()  # not the next one, which mends
    panel.commands["mend"].trigger()
    assert [each.code for each in told] == ["plan_under_way"]
    qtbot.waitUntil(lambda: tr("stage.search") in panel.quality.text())
    assert stop.isEnabled()
    stop.trigger()
    assert panel.quality.text().startswith(tr("planning.stopping"))
    stop.trigger()  # once is enough
    qtbot.wait(100)  # in which it is told several times how the search goes
    assert panel.quality.text().startswith(tr("planning.stopping"))
    slow.may_end.set()
    qtbot.waitUntil(start.isEnabled)
    assert panel.buttons["run_schedule"].hasFocus()
    qtbot.waitUntil(lambda: bool(desk.session.outlooks.current.fates))
    qtbot.waitUntil(lambda: not bench.pending_count)
    assert tr("amount.changes", count=0) not in panel.quality.text()
    # The next one has a plan to be told apart from.
    start.trigger()
    stop.trigger()
    qtbot.waitUntil(lambda: tr("amount.changes", count=0) in panel.quality.text())
    qtbot.waitUntil(start.isEnabled)
    qtbot.wait(100)
    assert refused == []


class Late:
    """Stands in for the planning process: shows a plan, and long after a stop brings another."""

    def __init__(self, shown: ChangeSet, last: ChangeSet) -> None:
        self._shown, self._last = shown, last
        self.may_end = threading.Event()
        self.ended = 0

    def run(
        self,
        _rows: object,
        _request: object,
        tell: Callable[[PlanMessage], object],
        _should_stop: object,
    ) -> PlanMessage:
        tell(PlanMessage(60, 0, 0, "search", changes=self._shown, amounts={Goal.LATENESS: 60}))
        self.may_end.wait(20)
        self.ended += 1
        return PlanMessage(0, 0, 0, "done", is_last=True, changes=self._last)

    def close(self) -> None:
        self.may_end.set()


def test_after_a_stop_the_plan_on_screen_is_in_force_and_no_later_one(
    desks: Callable[..., Desk], stored: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With many operations the last plan would take longer to check than anybody waits."""
    desk = desks(stored)
    bench, panel = desk.session.bench, desk.window.schedule
    rows = list(bench.plan.table(Booking).values())
    locked = (Change.update(row, replace(row, lock=LockLevel.TIME)) for row in rows)
    gone = (Change.delete(row) for row in rows)
    late = Late(ChangeSet("plan", tuple(locked)), ChangeSet("plan", tuple(gone)))
    monkeypatch.setattr(desk.session, "planning", late)
    start, stop = panel.commands["run_schedule"], panel.commands["stop_planning"]
    start.trigger()
    qtbot.waitUntil(lambda: _locks(desk.session.outlooks.current.plan) == {LockLevel.TIME})
    assert _locks(bench.plan) == {LockLevel.NONE}  # it is only seen so far
    stop.trigger()
    qtbot.waitUntil(start.isEnabled)
    assert late.ended == 0
    assert _locks(bench.plan) == {LockLevel.TIME}
    late.may_end.set()
    qtbot.waitUntil(lambda: late.ended == 1)
    qtbot.wait(100)
    assert _locks(bench.plan) == {LockLevel.TIME}
    qtbot.waitUntil(lambda: not bench.pending_count)


def test_a_stop_before_anything_is_shown_leaves_the_plan_in_force(
    desks: Callable[..., Desk], stored: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks(stored)
    bench, panel = desk.session.bench, desk.window.schedule
    slow = Slow(Plan())
    monkeypatch.setattr(desk.session, "planning", slow)
    before, undoable = dict(bench.plan.table(Booking)), bench.undoable
    start, stop = panel.commands["run_schedule"], panel.commands["stop_planning"]
    start.trigger()
    stop.trigger()
    qtbot.waitUntil(start.isEnabled)
    assert not slow.may_end.is_set()  # it was not waited for
    slow.may_end.set()
    qtbot.wait(100)
    assert bench.plan.table(Booking) == before
    assert bench.undoable is undoable


def _locks(plan: Plan) -> set[LockLevel]:
    return {row.lock for row in plan.table(Booking).values()}


class Better(Slow):
    """Brings a plan, then tells of a better one that is still being checked."""

    @override
    def run(
        self,
        _rows: object,
        _request: object,
        tell: Callable[[PlanMessage], object],
        should_stop: Callable[[], bool],
    ) -> PlanMessage:
        changes = ChangeSet("plan", tuple(Change.insert(row) for row in self._rows))
        amounts = {Goal.LATENESS: 60}
        tell(PlanMessage(60, 0, 0, "start", changes=changes, amounts=amounts))
        while not should_stop():
            tell(PlanMessage(30, 0, 0, "search", amounts={Goal.LATENESS: 30}))
            time.sleep(0.01)
        return PlanMessage(60, 0, 0, "done", is_last=True, changes=changes, amounts=amounts)


def test_the_line_tells_of_the_plan_on_screen_which_a_stop_keeps(
    desks: Callable[..., Desk], stored: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks(stored)
    panel, planned = desk.window.schedule, without_plan(desk.session.bench, qtbot)
    monkeypatch.setattr(desk.session, "planning", Better(planned))
    panel.commands["run_schedule"].trigger()
    words = {minutes: progress_words(PlanMessage(minutes, 0, 0, "search")) for minutes in (30, 60)}
    assert words[30] != words[60]
    qtbot.waitUntil(lambda: words[60] in panel.quality.text())
    qtbot.wait(50)
    assert words[60] in panel.quality.text()
    panel.commands["stop_planning"].trigger()
    qtbot.waitUntil(panel.commands["run_schedule"].isEnabled)

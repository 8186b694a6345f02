"""F5, and Stop before it is through: what the window says meanwhile and afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.plan_message import PlanMessage
from domain.changes import Change, ChangeSet
from domain.objectives import Goal
from domain.plan import Plan
from domain.scenarios import Booking, Scenario
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


def test_a_stop_is_said_at_once_and_a_first_plan_has_moved_nothing(
    desks: Callable[..., Desk], stored: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks(stored)
    bench, panel = desk.session.bench, desk.window.schedule
    planned = bench.plan.copy()
    first = (*planned.table(Booking).values(), *planned.table(Scenario).values())
    bench.submit(ChangeSet("edit", tuple(Change.delete(row) for row in first)))
    qtbot.waitUntil(lambda: not bench.pending_count)
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
    assert not stop.isEnabled()
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

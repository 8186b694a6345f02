"""Something happened, told in the window on a real database: offers, preview, take, undo."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import outlooks as outlooks_module
from app.desk import Desk
from app.meaning import Meaning
from app.mend_run import MendRequest
from app.mending import MendingDialog
from app.plan_message import MendMessage, PlanMessage
from app.plan_run import PlanRequest
from app.solving import PlanningProcess
from db.store import Store
from domain import edits
from domain.changes import Change, ChangeSet, Row
from domain.happenings import HappeningKind
from domain.mend_offers import Figures, MendOffer, Way
from domain.objectives import Goal
from domain.production import Operation
from domain.resources import Downtime, Machine
from domain.scenarios import Booking, LockLevel
from tests.app.test_mend_run import shop
from widgets.text import enum_text, error_text, tr


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


class LateProcess:
    """Stands in for the planning process: answers when it is told to, with one offer in two
    messages, or with none if it was stopped by then and heeds that."""

    def __init__(self, given: threading.Event, *, heeds_stop: bool = False) -> None:
        self._given, self._heeds_stop = given, heeds_stop

    def run(
        self,
        rows: object,
        request: object,
        on_message: Callable[[PlanMessage], object],
        should_stop: Callable[[], bool],
    ) -> PlanMessage:
        offer = MendOffer(Way.LOCAL, Figures(0, 0, 0), 0, ChangeSet("mend_plan", ()))
        self._given.wait(20)
        for _ in range(0 if self._heeds_stop and should_stop() else 2):
            on_message(MendMessage(offer=offer, before=Figures(0, 0, 0)))
        return MendMessage(stage="done", is_last=True)

    def close(self) -> None:
        self._given.set()


class GoingOn:
    """Stands in for the planning process: goes on until told to stop, with an offer to mend."""

    asked: ClassVar[list[type]] = []

    def __init__(self, way: Way = Way.LOCAL) -> None:
        self._way = way

    def run(
        self,
        rows: Iterable[Row],
        request: object,
        on_message: Callable[[PlanMessage], object],
        should_stop: Callable[[], bool],
    ) -> PlanMessage:
        self.asked.append(type(request))
        if isinstance(request, MendRequest):
            booking = next(row for row in rows if isinstance(row, Booking))
            change = Change.update(booking, replace(booking, lock=LockLevel.TIME))
            named = {"kind": HappeningKind.BREAKDOWN, "name": "A"}
            offer = MendOffer(
                self._way, Figures(0, 0, 0), 3, ChangeSet("mend_plan", (change,), named)
            )
            on_message(MendMessage(offer=offer, before=Figures(0, 0, 0)))
        while not should_stop():
            time.sleep(0.01)
        if isinstance(request, MendRequest):
            return MendMessage(stage="done", is_last=True)
        return PlanMessage(stage="done", is_last=True, changes=ChangeSet("plan", ()))

    def close(self) -> None:
        """There is nothing to end."""


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
    gantt = desk.window.schedule.gantt
    assert gantt is not None
    assert gantt.canvas.is_read_only  # what is seen is not the plan that a drag would change
    quality = desk.window.schedule.quality
    desk.window.schedule.show_moved(3)  # by the run before, which says nothing of the offer
    assert tr("amount.changes", count=3) not in quality.text()
    assert quality.text().startswith(tr("mending.previewed", way=enum_text(Way.LOCAL)))
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: Way.GLOBAL in dialog.offers, timeout=20_000)
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert desk.deeds.mending.dialog is None
    assert not gantt.canvas.is_read_only
    assert tr("mending.previewed", way=enum_text(Way.GLOBAL)) not in quality.text()
    assert len(bench.plan.table(Downtime)) == 1
    assert bench.plan.one(Booking, operation_id=step.id).machine_id != before[step.id]
    qtbot.waitUntil(lambda: not bench.pending_count, timeout=20_000)
    bench.undo()
    assert not bench.plan.table(Downtime)
    assert bench.plan.one(Booking, operation_id=step.id).machine_id == before[step.id]
    qtbot.waitUntil(lambda: not bench.pending_count, timeout=20_000)


def test_what_is_taken_stays_on_screen_with_what_it_is_known_to_mean(
    desks: Callable[..., Desk],
    planned_shop: str,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither is the plan before shown once more in between, nor is anything worked out anew."""
    desk = desks(planned_shop)
    bench, outlooks = desk.session.bench, desk.session.outlooks
    booking = next(iter(bench.plan.table(Booking).values()))
    later = replace(booking, end_at=booking.end_at + timedelta(hours=1))
    changes = ChangeSet("mend_plan", (Change.update(booking, later),))
    offer = MendOffer(Way.LOCAL, Figures(0, 0, 0), 1, changes)
    meaning: Meaning = ({}, {Goal.LATENESS: 4711})
    message = MendMessage(changes=changes, meaning=meaning, offer=offer, before=Figures(0, 0, 0))
    qtbot.waitUntil(lambda: bool(outlooks.current.fates), timeout=20_000)
    work_out = outlooks_module.meaning_of
    worked_out: list[int] = []

    def count(*args: object) -> Meaning:
        worked_out.append(1)
        return work_out(*args)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(outlooks_module, "meaning_of", count)

    def run(_rows: object, _request: object, tell: Callable[[PlanMessage], None], *_more: object):
        tell(message)
        return MendMessage(stage="done", is_last=True)

    monkeypatch.setattr(desk.session.planning, "run", run, raising=False)
    desk.deeds.do("mend")
    dialog = desk.deeds.mending.dialog
    assert dialog is not None
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: outlooks.current.amounts == meaning[1], timeout=20_000)
    seen: list[datetime] = []
    outlooks.changed.connect(lambda now: seen.append(now.bookings[booking.operation_id].end_at))
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bench.pending_count, timeout=20_000)
    assert seen
    assert set(seen) == {later.end_at}
    assert outlooks.current.amounts == meaning[1]
    assert worked_out == []
    # Once something else has changed, what was told says nothing any more.
    plant = bench.plan.home_plant()
    bench.submit(edits.edit_field(bench.plan, plant, "name", "Works 2"))
    qtbot.waitUntil(lambda: bool(worked_out), timeout=20_000)
    qtbot.waitUntil(lambda: outlooks.current.amounts != meaning[1], timeout=20_000)


def test_offers_for_rows_that_have_changed_are_not_shown(
    desks: Callable[..., Desk],
    planned_shop: str,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows change before the first offer is there: it, and what follows, is an answer to a
    question that nobody asks any more. Asked again, offers are shown."""
    desk = desks(planned_shop)
    bench, mending = desk.session.bench, desk.deeds.mending
    given = threading.Event()
    monkeypatch.setattr(desk.session, "planning", LateProcess(given))
    desk.deeds.do("mend")
    dialog = mending.dialog
    assert dialog is not None
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    plant = bench.plan.home_plant()
    bench.submit(edits.edit_field(bench.plan, plant, "name", "Works 2"))
    qtbot.waitUntil(lambda: not bench.pending_count, timeout=20_000)
    given.set()
    qtbot.waitUntil(lambda: mending._job is None, timeout=20_000)
    assert dialog.offers == {}
    assert dialog.notice.text() == tr("mending.stale")
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: mending._job is None, timeout=20_000)
    assert set(dialog.offers) == {Way.LOCAL}
    dialog.reject()


@pytest.mark.parametrize("is_changed", [False, True])
def test_stopped_it_says_so_at_once_and_takes_what_was_under_way(
    desks: Callable[..., Desk],
    planned_shop: str,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    is_changed: bool,
) -> None:
    """Nobody waits for the process to have ended; what it still offers is shown, unless another
    question is seen by then."""
    desk = desks(planned_shop)
    mending, given = desk.deeds.mending, threading.Event()
    monkeypatch.setattr(desk.session, "planning", LateProcess(given))
    desk.deeds.do("mend")
    dialog = mending.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)

    def seen() -> tuple[str, bool, bool]:
        return dialog.notice.text(), dialog.stop.isVisible(), dialog.form.isEnabled()

    assert seen() == (tr("mending.stopped_early"), False, True)
    assert dialog.form.ask.hasFocus()  # not by itself the frozen time of all desks
    assert mending._job is not None  # still on its way to its end
    if is_changed:
        qtbot.keyClick(dialog.form.kind, Qt.Key.Key_Down)
    given.set()
    qtbot.waitUntil(lambda: mending._job is None, timeout=20_000)
    key = "mending.stopped_early" if is_changed else "mending.stopped"
    assert seen() == (tr(key), False, True)
    assert set(dialog.offers) == (set() if is_changed else {Way.LOCAL})
    assert dialog.take.isEnabled() is not is_changed
    dialog.reject()


def test_without_a_plan_it_is_said_how_to_make_one(
    desks: Callable[..., Desk], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, told = desks(database), []
    monkeypatch.setattr(desk.deeds.mending, "_show_error", told.append)
    desk.deeds.do("mend")
    assert desk.deeds.mending.dialog is None
    assert "F5" in error_text(told[0])


def test_closed_and_opened_again_it_can_be_asked_at_once(
    desks: Callable[..., Desk],
    planned_shop: str,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The search of the dialog that was closed is still ending: nobody has to wait for that."""
    desk = desks(planned_shop)
    mending, given = desk.deeds.mending, threading.Event()
    monkeypatch.setattr(desk.session, "planning", LateProcess(given, heeds_stop=True))
    told: list[object] = []
    monkeypatch.setattr(mending, "_show_error", told.append)
    for is_closed in (True, False):
        desk.deeds.do("mend")
        dialog = mending.dialog
        assert dialog is not None
        qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
        if is_closed:
            dialog.reject()
    given.set()
    qtbot.waitUntil(lambda: mending._job is None, timeout=20_000)
    assert told == []
    assert set(dialog.offers) == {Way.LOCAL}
    assert not dialog.stop.isVisible()
    dialog.reject()


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


def offered(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, way: Way = Way.LOCAL
) -> MendingDialog:
    """The dialog with an offer of a search that goes on until it is told to stop."""
    monkeypatch.setattr(desk.session, "planning", GoingOn(way))
    desk.window.activateWindow()
    qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    dialog = desk.deeds.mending.dialog
    assert dialog is not None
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: set(dialog.offers) == {way}, timeout=20_000)
    assert dialog.take.isEnabled() is (way is Way.LOCAL)
    return dialog


def test_stopped_after_the_push_that_is_marked_and_taken_by_enter(
    desks: Callable[..., Desk], planned_shop: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else is awaited any more: nobody has to choose between one offer."""
    desk = desks(planned_shop)
    dialog, bench = offered(desk, qtbot, monkeypatch, Way.PUSH), desk.session.bench
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Space)  # which stops it
    qtbot.waitUntil(lambda: desk.deeds.mending._job is None, timeout=5_000)
    assert dialog.choices[Way.PUSH].isChecked()
    assert dialog.choices[Way.PUSH].hasFocus()
    assert dialog.take.isEnabled()
    assert desk.deeds.mending._preview.is_on
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert desk.deeds.mending.dialog is None
    qtbot.waitUntil(lambda: not bench.pending_count, timeout=20_000)
    locks = [row.lock for row in bench.plan.table(Booking).values()]
    assert sorted(locks) == sorted([LockLevel.TIME, LockLevel.NONE])


def test_a_plan_made_anew_ends_the_offers_and_need_not_wait_for_their_search(
    desks: Callable[..., Desk], planned_shop: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken, they would be somebody's change against which the new plan is refused."""
    desk = desks(planned_shop)
    dialog = offered(desk, qtbot, monkeypatch)
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    qtbot.keyClick(desk.window, Qt.Key.Key_F5)
    assert dialog.offers == {}
    assert not dialog.take.isEnabled()
    assert dialog.notice.text() == tr("mending.planning")
    qtbot.waitUntil(lambda: desk.deeds.mending._job is None, timeout=5_000)
    qtbot.waitUntil(lambda: GoingOn.asked[-1] is PlanRequest, timeout=5_000)  # its turn has come
    assert dialog.notice.text() == tr("mending.planning")
    desk.planning.stop()
    qtbot.waitUntil(lambda: not desk.planning.is_running, timeout=5_000)
    assert dialog.form.ask.isEnabled()  # and it is not said any more that this has to wait
    assert dialog.notice.text() == tr("mending.empty")
    dialog.reject()


def test_below_the_chart_it_is_told_what_the_mending_has_moved_while_that_holds(
    desks: Callable[..., Desk], planned_shop: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not any more what the last run has moved; undone, neither has made the plan."""
    desk = desks(planned_shop)
    bench, panel = desk.session.bench, desk.window.schedule
    qtbot.waitUntil(lambda: bool(panel.outlook.amounts))  # it has its turn after the outlook
    panel.show_moved(7)
    assert "7 operations moved by the last run" in panel.quality.text()
    dialog = offered(desk, qtbot, monkeypatch)
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bench.pending_count, timeout=20_000)
    qtbot.wait(300)  # what was stored is heard of
    assert "3 operations moved by mending the plan" in panel.quality.text()
    assert "last run" not in panel.quality.text()
    undo = desk.window.top.widgetForAction(desk.window.top.undo)
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert panel.quality.text()
    assert "moved" not in panel.quality.text()
    qtbot.waitUntil(lambda: not bench.pending_count and desk.deeds.mending._job is None)


def test_while_a_plan_is_made_working_out_waits_and_it_is_said_why(
    desks: Callable[..., Desk], planned_shop: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks(planned_shop)
    monkeypatch.setattr(desk.session, "planning", GoingOn())
    desk.window.activateWindow()
    qtbot.keyClick(desk.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: desk.planning.is_running)
    qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    dialog = desk.deeds.mending.dialog
    assert dialog is not None
    ask, wait = dialog.form.ask, tr("mending.wait")
    assert (ask.isEnabled(), ask.toolTip(), dialog.notice.text()) == (False, wait, wait)
    qtbot.keyClick(dialog.form.kind, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.form.kind, Qt.Key.Key_Up)
    assert not ask.isEnabled()
    desk.planning.stop()
    qtbot.waitUntil(lambda: not desk.planning.is_running, timeout=5_000)
    seen = ask.isEnabled(), ask.toolTip(), dialog.notice.text()
    assert seen == (True, tr("mending.ask.tip"), tr("mending.empty"))
    qtbot.mouseClick(ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(dialog.offers), timeout=20_000)
    dialog.reject()
    qtbot.waitUntil(lambda: desk.deeds.mending._job is None, timeout=5_000)


def test_called_again_it_keeps_its_offers_unless_something_else_was_chosen(
    desks: Callable[..., Desk], planned_shop: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it works, or to get back to it: offers are for what is read above them."""
    desk = desks(planned_shop)
    dialog, mending = offered(desk, qtbot, monkeypatch), desk.deeds.mending
    machines = sorted(desk.session.bench.plan.table(Machine).values(), key=lambda row: row.code)

    def call(machine: Machine) -> tuple[object, set[Way]]:
        desk.window.panels["schedule"].rows_chosen.emit([machine])
        desk.window.activateWindow()
        qtbot.waitUntil(desk.window.isActiveWindow)
        qtbot.keyClick(desk.window, Qt.Key.Key_F6)
        assert mending.dialog is dialog
        return dialog.form.subject.chosen(), set(dialog.offers)

    assert call(machines[1]) == (machines[0].id, {Way.LOCAL})
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: mending._job is None, timeout=5_000)
    assert call(machines[0]) == (machines[0].id, {Way.LOCAL})
    assert dialog.take.isEnabled()
    assert call(machines[1]) == (machines[1].id, set())
    assert not dialog.take.isEnabled()
    dialog.reject()


def test_a_chart_opened_while_an_offer_is_shown_cannot_be_dragged_either(
    desks: Callable[..., Desk], planned_shop: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks(planned_shop)
    desk.window.open_panel("orders")
    assert desk.window.schedule.gantt is None
    dialog = offered(desk, qtbot, monkeypatch)
    desk.window.open_panel("schedule")
    qtbot.waitUntil(lambda: desk.window.schedule.gantt is not None, timeout=5_000)
    gantt = desk.window.schedule.gantt
    assert gantt is not None
    assert gantt.canvas.is_read_only
    dialog.reject()
    assert not gantt.canvas.is_read_only
    qtbot.waitUntil(lambda: desk.deeds.mending._job is None, timeout=5_000)


def test_a_factory_cleared_behind_the_dialog_leaves_no_offer_to_take(
    desks: Callable[..., Desk], planned_shop: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks(planned_shop)
    dialog, bench = offered(desk, qtbot, monkeypatch), desk.session.bench
    other = Store(planned_shop)
    other.write(edits.clear_factory(other.load()))
    other.close()
    qtbot.waitUntil(lambda: not list(bench.plan.rows()), timeout=20_000)
    assert dialog.offers == {}
    assert dialog.notice.text() == tr("mending.stale")
    assert not any(each.isEnabled() for each in (dialog.take, dialog.form.ask, dialog.frozen))
    qtbot.waitUntil(lambda: desk.deeds.mending._job is None, timeout=5_000)
    dialog.reject()

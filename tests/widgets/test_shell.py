from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMainWindow, QToolButton

from widgets.grid.blocks import Totals
from widgets.shell.elided import ElidedLabel
from widgets.shell.rail import PANELS, ActivityRail
from widgets.shell.status import StatusBar
from widgets.shell.toolbar import TopBar
from widgets.speaking import speak


def words(bar: StatusBar) -> str:
    return " | ".join(label.text() for label in bar.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def status(qtbot) -> StatusBar:
    bar = StatusBar()
    bar.resize(1200, 28)
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_the_status_bar_tells_the_truth(status, qapp):
    status.show_server("localhost", "gantry")
    for state, told in (("live", "Live"), ("reconnecting", "Reconnecting"), ("offline", "Offline")):
        status.show_link(state)
        assert told in words(status)
    status.show_pending(1)
    assert "1 change not saved yet" in words(status)
    status.show_pending(3)
    assert "3 changes not saved yet" in words(status)
    status.show_totals(Totals(8, 4, Decimal("10.5")))
    assert "Sum 10.5" in words(status)
    speak(qapp, "zh")
    qapp.processEvents()
    assert "3 项修改尚未保存" in words(status)
    assert "localhost 上的 gantry" in words(status)


def test_jobs_show_and_can_be_cancelled(status, qtbot, qapp):
    status.start_job("plan", "job.plan")
    status.show_job("plan", 0.4)
    assert "Planning" in words(status)
    speak(qapp, "zh")
    qapp.processEvents()
    assert "排产" in words(status)
    speak(qapp, "en")
    with qtbot.waitSignal(status.cancel_wished) as told:
        QTest.mouseClick(status.findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert told.args == ["plan"]
    status.end_job("plan")
    status.end_job("plan")
    assert "Planning" not in words(status)


def test_what_does_not_fit_in_a_narrow_window_is_cut_with_dots_and_whole_in_its_tip(status, qapp):
    words_of_job = "Planning: weighted lateness 290 d 3 h, at least 120 d, for 18 s by now"
    status.show_server("a-server-with-quite-a-long-name.example", "gantry")
    status.show_link("live")
    status.show_pending(3)
    status.show_totals(Totals(8, 4, Decimal("10.5")))
    status.start_job("plan", "job.plan")
    status.show_job("plan", 0.4, words_of_job)
    labels = {label.text(): label for label in status.findChildren(ElidedLabel)}
    for width, is_cut in ((1800, False), (600, True)):
        status.resize(width, 30)
        for _ in range(3):
            qapp.processEvents()
        job = labels[words_of_job]
        assert job.shown().endswith("…") == is_cut
        assert (job.shown() == words_of_job) != is_cut
        assert job.toolTip() == words_of_job
        for text in ("Live", "3 changes not saved yet"):  # what matters most is never cut
            (label,) = [each for each in status.findChildren(QLabel) if each.text() == text]
            assert label.width() >= label.fontMetrics().horizontalAdvance(text)
        assert status.minimumSizeHint().width() <= 600


def test_the_rail_opens_panels_by_click_and_keys(qtbot, qapp):
    rail = ActivityRail()
    qtbot.addWidget(rail)
    with qtbot.waitExposed(rail):
        rail.show()
    names = [name for name, _icon in PANELS]
    buttons = rail.findChildren(QToolButton)
    with qtbot.waitSignal(rail.wished) as told:
        QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert told.args == ["orders"]
    with qtbot.waitSignal(rail.wished) as told:
        QTest.keyClick(rail, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert told.args == [names[1]]
    rail.set_count("todo", 7)
    assert buttons[names.index("todo")].accessibleName() == "To-do 7 waiting"
    rail.show_open("orders", is_open=False)
    assert not buttons[0].isChecked()
    speak(qapp, "zh")
    qapp.processEvents()
    assert buttons[0].text() == "订单"
    assert "Ctrl+1" in buttons[0].toolTip()


def test_undo_says_what_it_would_undo(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    bar = TopBar(window)
    window.addToolBar(bar)
    assert not bar.undo.isEnabled()
    bar.show_deeds("Move an operation", "")
    assert bar.undo.isEnabled()
    assert bar.undo.toolTip() == "Undo: Move an operation (Ctrl+Z)"
    assert not bar.redo.isEnabled()
    with qtbot.waitExposed(window):
        window.show()
    with qtbot.waitSignal(bar.palette_action.triggered):
        QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)

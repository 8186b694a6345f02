"""A small plan and a window that shows it, driven by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.gantt.factory import make_factory
from widgets import text
from widgets.gantt.view import GanttView


@pytest.fixture
def view(qtbot):
    text.set_language("en")
    made = GanttView(make_factory(120, 9, seed=3))
    qtbot.addWidget(made)
    made.resize(1200, 640)
    made.show()
    qtbot.waitExposed(made)
    yield made
    text.set_language("zh")


class Hand:
    """The mouse on a view's bars."""

    def __init__(self, view: GanttView) -> None:
        self.view, self.canvas, self.port = view, view.canvas, view.canvas.viewport()

    def spot(self, i: int, share: float = 0.5) -> QPoint:
        rect = self.view.chart.rect(i)
        x = rect.left() + rect.width() * share
        return QPoint(round(x), round(rect.center().y()) - self.canvas.scrolled)

    def lane_y(self, machine_id) -> int:
        rows = self.view.chart.rows
        place = rows.place(self.view.chart.machine_lane(machine_id))
        return rows.top(place) + rows.size(place) // 2 - self.canvas.scrolled

    def click(self, spot: QPoint, held=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.mouseClick(self.port, Qt.MouseButton.LeftButton, held, spot)

    def press(self, spot: QPoint, button=Qt.MouseButton.LeftButton) -> None:
        QTest.mousePress(self.port, button, Qt.KeyboardModifier.NoModifier, spot)

    def move(self, spot: QPoint) -> None:
        QTest.mouseMove(self.port, spot)

    def release(self, spot: QPoint, button=Qt.MouseButton.LeftButton) -> None:
        QTest.mouseRelease(self.port, button, Qt.KeyboardModifier.NoModifier, spot)

    def drag(self, start: QPoint, stop: QPoint, button=Qt.MouseButton.LeftButton) -> None:
        self.press(start, button)
        for k in range(1, 5):
            self.move(start + (stop - start) * k / 4)
        self.release(stop, button)

    def wheel(self, spot: QPoint, notches: int, held=Qt.KeyboardModifier.NoModifier) -> None:
        event = QWheelEvent(
            QPointF(spot),
            QPointF(self.port.mapToGlobal(spot)),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            held,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.port, event)

    def key(self, key: Qt.Key, held=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.canvas, key, held)


@pytest.fixture
def hand(view):
    return Hand(view)


@pytest.fixture
def first_bar(view) -> int:
    """A bar in sight that is wide enough to be held, with one before and after on its machine."""
    view.canvas.zoom(4, 40)
    chart = view.chart
    for lane in chart.lanes:
        for i in lane.bars.tolist()[1:-1]:
            rect = chart.rect(i)
            inside = rect.left() > 60 and rect.right() < 900 and rect.width() > 30
            if inside and rect.bottom() < 400 and not lane.is_group:
                return i
    raise AssertionError("no bar to hold")

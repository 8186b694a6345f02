"""The time pane as the hand meets it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from widgets.gantt import keys, tips
from widgets.gantt.chart import Chart
from widgets.gantt.gesture import Pan, Press
from widgets.gantt.lanes import LaneKind
from widgets.gantt.stage import Stage


class Canvas(Stage):
    """The time pane: turns wheel, mouse and keys into gestures and signals."""

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(chart, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)

    def _hover(self, event: QMouseEvent) -> None:
        point = self.content(event.position())
        found = self.chart.bar_at(point.x(), point.y())
        if found != self.overlay.hovered:
            self.overlay.hovered = found
            self.viewport().update()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.cancel()
        QToolTip.hideText()
        if event.button() == Qt.MouseButton.MiddleButton or (
            event.button() == Qt.MouseButton.LeftButton and self.space_held
        ):
            self.gesture = Pan(self, event)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.gesture = Press(self, event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.gesture is None:
            self._hover(event)
        else:
            self.gesture.move(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            gesture, self.gesture = self.gesture, None
            gesture.release(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = self.content(event.position())
        found = self.chart.bar_at(point.x(), point.y())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.activated.emit(self.chart.data.bookings[found].id)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        chart, found, place = self.chart, None, event.globalPos()
        self.menu_machine_id = None
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            for found in chart.positions([chart.focus] if chart.focus else ()):
                rect = chart.rect(found)
                if rect is not None:
                    spot = rect.center().toPoint() - QPoint(0, self.scrolled)
                    place = self.viewport().mapToGlobal(spot)
        else:
            point = self.content(QPointF(event.pos()))
            found = chart.bar_at(point.x(), point.y())
            lane = chart.lane_at(point.y())
            if found is None and lane is not None and lane.kind is LaneKind.MACHINE:
                self.menu_machine_id = lane.row_id
            if found is not None and chart.data.bookings[found].operation_id not in chart.selected:
                self.select([chart.data.bookings[found].operation_id])
        self.menu_requested.emit(found, place)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.handle(self, event):
            super().keyPressEvent(event)

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.space_held = False
            self.viewport().unsetCursor()
        super().keyReleaseEvent(event)

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if self.gesture is None:
                self._show_tip(event)
            return True
        if event.type() == QEvent.Type.Leave and self.overlay.hovered is not None:
            self.overlay.hovered = None
            self.viewport().update()
        return super().viewportEvent(event)

    def _show_tip(self, event: QHelpEvent) -> None:
        point = self.content(QPointF(event.pos()))
        found = self.chart.bar_at(point.x(), point.y())
        lane = self.chart.lane_at(point.y())
        words = ""
        if found is not None:
            words = tips.bar_tip(self.chart.data, found)
        elif lane is not None:
            words = tips.lane_tip(self.chart, lane, self.chart.scale.minute(point.x()))
        QToolTip.showText(event.globalPos(), words, self.viewport())

"""The names of the lanes, beside them: a tree that folds."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from widgets.gantt.canvas import Canvas
from widgets.gantt.chart import Chart
from widgets.gantt.lanes import Lane
from widgets.text import tr
from widgets.theme import Role, colour

INDENT, LEAST_WIDTH, LEAST_NOTE = 16, 110, 20


def paint_names(
    painter: QPainter, chart: Chart, area: QRect, font: QFont, current: str | None = None
) -> None:
    """Paint the names of the lanes within ``area`` (vertically in pixels of the rows)."""
    painter.save()
    painter.fillRect(QRect(0, 0, area.width(), area.height()), colour(Role.PANEL))
    painter.translate(0, -area.top())
    for place in chart.rows.between(area.top(), area.bottom() + 1):
        top, size = chart.rows.top(place), chart.rows.size(place)
        rect = QRect(0, top, area.width(), size)
        lane = chart.rows.lanes[place]
        if lane.is_group:
            painter.fillRect(rect, colour(Role.WINDOW))
            _paint_arrow(painter, lane, rect, is_closed=lane.key in chart.collapsed)
        if lane.key == current:
            painter.setPen(QPen(colour(Role.ACCENT), 1))
            painter.drawRect(rect.adjusted(0, 0, -1, -2))
        _paint_name(painter, lane, rect, font)
        painter.fillRect(0, rect.bottom(), rect.width(), 1, colour(Role.GRID))
    painter.translate(0, area.top())
    painter.fillRect(area.width() - 1, 0, 1, area.height(), colour(Role.BORDER))
    painter.restore()


def _paint_name(painter: QPainter, lane: Lane, rect: QRect, font: QFont) -> None:
    bold = QFont(font)
    bold.setBold(lane.is_group)
    painter.setFont(bold)
    left = 6 + (lane.depth + 1) * INDENT
    box = rect.adjusted(left, 0, -6, -1)
    metrics = painter.fontMetrics()
    title = metrics.elidedText(lane.title, Qt.TextElideMode.ElideRight, box.width())
    painter.setPen(colour(Role.TEXT))
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, title)
    box.adjust(metrics.horizontalAdvance(title) + 8, 0, 0, 0)
    if lane.note and box.width() > LEAST_NOTE:
        painter.setFont(font)
        painter.setPen(colour(Role.MUTED))
        metrics = painter.fontMetrics()
        note = metrics.elidedText(lane.note, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, note)


def _paint_arrow(painter: QPainter, lane: Lane, rect: QRect, *, is_closed: bool) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour(Role.MUTED), 1.6))
    x, y = 12.0 + lane.depth * INDENT, rect.center().y() + 0.5
    if is_closed:
        points = [QPointF(x - 2, y - 4), QPointF(x + 2, y), QPointF(x - 2, y + 4)]
    else:
        points = [QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)]
    painter.drawPolyline(QPolygonF(points))
    painter.restore()


class Tree(QWidget):
    """Follows a canvas's rows. A click folds a group, or selects what a lane holds."""

    folded = Signal(str)  # key of the lane

    def __init__(self, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = canvas
        self.current: str | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(LEAST_WIDTH)
        canvas.verticalScrollBar().valueChanged.connect(self.update)
        canvas.selection_changed.connect(self.update)

    def _at(self, y: float) -> Lane | None:
        return self.canvas.chart.lane_at(y + self.canvas.scrolled)

    def _go(self, steps: int) -> None:
        rows = self.canvas.chart.rows
        places = [k for k, lane in enumerate(rows.lanes) if lane.key == self.current]
        place = min(max((places or [-steps])[0] + steps, 0), len(rows.lanes) - 1)
        if place >= 0:
            self._set_current(place)

    def _set_current(self, place: int) -> None:
        rows, bar = self.canvas.chart.rows, self.canvas.verticalScrollBar()
        lane = rows.lanes[place]
        self.current = lane.key
        self.setAccessibleDescription(f"{lane.title} {lane.note}".strip())
        if rows.top(place) < bar.value():
            bar.setValue(rows.top(place))
        elif rows.top(place + 1) > bar.value() + self.height():
            bar.setValue(rows.top(place + 1) - self.height())
        self.update()

    def _fold(self, lane: Lane, *, closed: bool) -> None:
        if lane.is_group and closed != (lane.key in self.canvas.chart.collapsed):
            self.folded.emit(lane.key)

    def _select(self, lane: Lane) -> None:
        data = self.canvas.chart.data
        self.canvas.select([data.bookings[i].operation_id for i in lane.bars.tolist()])

    @override
    def sizeHint(self) -> QSize:
        return QSize(220, 100)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        area = QRect(0, self.canvas.scrolled, self.width(), self.height())
        painter = QPainter(self)
        current = self.current if self.hasFocus() else None
        paint_names(painter, self.canvas.chart, area, self.font(), current)
        painter.end()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        lane = self._at(event.position().y())
        if lane is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self.current = lane.key
        if lane.is_group and event.position().x() < 6 + (lane.depth + 1) * INDENT:
            self.folded.emit(lane.key)
        self.update()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        lane = self._at(event.position().y())
        if lane is not None and lane.is_group:
            self.folded.emit(lane.key)
        elif lane is not None:
            self._select(lane)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        rows = self.canvas.chart.rows
        lane = next((each for each in rows.lanes if each.key == self.current), None)
        steps = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -10,
            Qt.Key.Key_PageDown: 10,
            Qt.Key.Key_Home: -len(rows.lanes),
            Qt.Key.Key_End: len(rows.lanes),
        }
        if key in steps:
            self._go(steps[key])
        elif lane is not None and key in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            self._fold(lane, closed=key == Qt.Key.Key_Left)
        elif lane is not None and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._select(lane)
        else:
            super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        if self.current is None:
            self._go(1)
        super().focusInEvent(event)
        self.update()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.canvas.verticalScrollBar()
        bar.setValue(bar.value() - (event.pixelDelta().y() or event.angleDelta().y()))

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            lane = self._at(event.pos().y())
            words = f"{lane.title} · {lane.note}" if lane and lane.note else lane and lane.title
            hint = tr("gantt.tip.lane") if lane else ""
            QToolTip.showText(event.globalPos(), f"{words}\n{hint}" if words else "", self)
            return True
        return super().event(event)

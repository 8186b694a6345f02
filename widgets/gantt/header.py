"""The two lines of time above the bars, with now and the due dates of what is selected."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from widgets.gantt.canvas import Canvas
from widgets.gantt.chart import Chart
from widgets.gantt.overlay import due_marks
from widgets.gantt.scale import TimeScale
from widgets.gantt.ticks import Tick
from widgets.theme import Role, colour

LINE_HEIGHT = 21
HEIGHT = 2 * LINE_HEIGHT


def paint_header(painter: QPainter, chart: Chart, width: int, font: QFont) -> None:
    """Paint both lines and the marks, ``width`` × ``HEIGHT`` pixels from the origin."""
    painter.save()
    painter.fillRect(0, 0, width, HEIGHT, colour(Role.WINDOW))
    painter.setClipRect(QRect(0, 0, width, HEIGHT))
    lines = chart.ticks(width)
    bold = QFont(font)
    bold.setBold(True)
    painter.setFont(bold)
    _paint_line(painter, chart.scale, lines.upper, QRect(0, 0, width, LINE_HEIGHT), is_upper=True)
    painter.setFont(font)
    lower = QRect(0, LINE_HEIGHT, width, LINE_HEIGHT)
    _paint_line(painter, chart.scale, lines.lower, lower, is_upper=False)
    painter.fillRect(0, LINE_HEIGHT - 1, width, 1, colour(Role.GRID))
    painter.fillRect(0, HEIGHT - 1, width, 1, colour(Role.BORDER))
    _paint_marks(painter, chart)
    painter.restore()


def _paint_line(
    painter: QPainter, scale: TimeScale, ticks: list[Tick], band: QRect, *, is_upper: bool
) -> None:
    """The names of steps; those of the upper line stay in sight as long as their step does."""
    metrics = painter.fontMetrics()
    for k, tick in enumerate(ticks):
        left = scale.x(tick.minute)
        stop = scale.x(ticks[k + 1].minute) if k + 1 < len(ticks) else scale.x(tick.minute) + 1e4
        line = QRectF(round(left), band.top(), 1, LINE_HEIGHT)
        painter.fillRect(line, colour(Role.BORDER if is_upper else Role.GRID))
        text_left = max(left, 0.0) + 5 if is_upper else left + 4
        room = min(stop, band.width() + 200) - text_left
        if metrics.horizontalAdvance(tick.label) <= room:
            painter.setPen(colour(Role.TEXT if is_upper else Role.MUTED))
            box = QRectF(text_left, band.top(), room, LINE_HEIGHT)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, tick.label)


def _paint_marks(painter: QPainter, chart: Chart) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for minute, late in due_marks(chart).items():
        x = chart.scale.x(minute)
        ink = colour(Role.LATE if late else Role.OK)
        painter.fillRect(QRectF(x, HEIGHT - 13, 1.5, 13), ink)
        painter.setBrush(ink)
        flag = [QPointF(x, HEIGHT - 13), QPointF(x + 9, HEIGHT - 9.5), QPointF(x, HEIGHT - 6)]
        painter.drawPolygon(QPolygonF(flag))
    now = chart.scale.x(chart.data.now)
    painter.setBrush(colour(Role.NOW))
    points = [QPointF(now - 5, HEIGHT - 7), QPointF(now + 5, HEIGHT - 7), QPointF(now, HEIGHT)]
    painter.drawPolygon(QPolygonF(points))


class Header(QWidget):
    """Follows a canvas; dragging it moves time, the wheel zooms."""

    def __init__(self, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = canvas
        self._held: tuple[float, float] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        canvas.scale_changed.connect(self.update)
        canvas.selection_changed.connect(self.update)

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(Role.WINDOW))
        paint_header(painter, self.canvas.chart, self.canvas.viewport().width(), self.font())
        painter.end()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = (event.position().x(), self.canvas.chart.scale.left_minute)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            x, left = self._held
            scale = self.canvas.chart.scale
            began = TimeScale(left, scale.pixels_per_minute)
            self.canvas.set_scale(began.panned(event.position().x() - x))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self.canvas.wheelEvent(event)

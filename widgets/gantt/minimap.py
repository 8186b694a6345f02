"""The whole horizon in a strip: how busy it is, where it is late, what part is shown."""

from __future__ import annotations

from enum import Enum, auto

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from widgets.gantt.canvas import Canvas
from widgets.gantt.inks import mixed
from widgets.gantt.scale import NARROWEST, WIDEST, TimeScale, fitting
from widgets.gantt.ticks import tick_lines
from widgets.theme import Role, colour

HEIGHT, GRIP_PX = 40, 6


class _Hold(Enum):
    LEFT = auto()
    RIGHT = auto()
    WHOLE = auto()


class Minimap(QWidget):
    """Drag the window to move it, its edges to stretch it; a click elsewhere brings it there."""

    def __init__(self, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = canvas
        self._picture: QPixmap | None = None
        self._hold: _Hold | None = None
        self._held_at = 0.0
        self.setFixedHeight(HEIGHT)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        canvas.scale_changed.connect(self.update)

    def reload(self) -> None:
        """Paint the horizon anew after bookings have changed."""
        self._picture = None
        self.update()

    @property
    def horizon(self) -> TimeScale:
        """The scale of the strip."""
        return fitting(*self.canvas.chart.data.span, self.width(), margin_px=8)

    def window_rect(self) -> QRectF:
        """The part that the canvas shows."""
        scale, width = self.canvas.chart.scale, self.canvas.viewport().width()
        left = self.horizon.x(scale.left_minute)
        right = self.horizon.x(scale.minute(width))
        if right - left < 2 * GRIP_PX:
            middle = (left + right) / 2
            left, right = middle - GRIP_PX, middle + GRIP_PX
        return QRectF(left, 1, right - left, self.height() - 3)

    def _paint_horizon(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(colour(Role.PANEL))
        painter = QPainter(made)
        chart, scale = self.canvas.chart, self.horizon
        ticks = tick_lines(scale, self.width(), chart.data.zone).upper
        painter.setPen(colour(Role.MUTED))
        font = self.font()
        font.setPixelSize(10)
        painter.setFont(font)
        for k, tick in enumerate(ticks):
            x = scale.x(tick.minute)
            stop = scale.x(ticks[k + 1].minute) if k + 1 < len(ticks) else self.width()
            painter.fillRect(QRectF(round(x), 0, 1, self.height()), colour(Role.GRID))
            if painter.fontMetrics().horizontalAdvance(tick.label) < stop - max(x, 0) - 4:
                painter.drawText(QRectF(max(x, 0) + 6, 0, 300, 13), 0, tick.label)
        self._paint_busy(painter, scale)
        now = round(scale.x(chart.data.now))
        painter.fillRect(QRectF(now, 0, 1.5, self.height()), colour(Role.NOW))
        painter.end()
        return made

    def _paint_busy(self, painter: QPainter, scale: TimeScale) -> None:
        """How many bars run at a time, and how many of them are late."""
        chart = self.canvas.chart
        at = scale.left_minute + (np.arange(self.width()) + 0.5) / scale.pixels_per_minute
        busy, late = (
            _running(chart.data.setup[k], chart.data.end[k], at)
            for k in (
                slice(None),
                chart.late,
            )
        )
        most = max(float(busy.max(initial=0)), 1.0)
        room = self.height() - 16
        for counts, ink in ((busy, colour(Role.SETUP)), (late, colour(Role.LATE))):
            fill = mixed(ink, colour(Role.PANEL), 0.55)
            for x, count in enumerate((counts * (room / most)).tolist()):
                if count > 0:
                    painter.fillRect(QRectF(x, self.height() - 2 - count, 1, count), fill)

    def _part(self, x: float) -> _Hold | None:
        rect = self.window_rect()
        if abs(x - rect.left()) <= GRIP_PX / 2 + 1:
            return _Hold.LEFT
        if abs(x - rect.right()) <= GRIP_PX / 2 + 1:
            return _Hold.RIGHT
        return _Hold.WHOLE if rect.contains(x, HEIGHT / 2) else None

    def _show(self, left: float, right: float) -> None:
        """Let the canvas show the part between two pixels."""
        width = self.canvas.viewport().width()
        first, last = self.horizon.minute(left), self.horizon.minute(right)
        wanted = min(max(width / max(last - first, 1.0), NARROWEST), WIDEST)
        self.canvas.set_scale(TimeScale(first, wanted))

    @override
    def sizeHint(self) -> QSize:
        return QSize(300, HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        stale = (
            self._picture is None or self._picture.size() != self.size() * self.devicePixelRatioF()
        )
        if stale or self._picture is None:
            self._picture = self._paint_horizon()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        rect, veil = self.window_rect(), QColor(colour(Role.WINDOW))
        veil.setAlphaF(0.6)
        painter.fillRect(QRectF(0, 0, rect.left(), self.height()), veil)
        painter.fillRect(QRectF(rect.right(), 0, self.width(), self.height()), veil)
        painter.setPen(QPen(colour(Role.ACCENT), 1))
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        for x in (rect.left(), rect.right() - 3):
            painter.fillRect(QRectF(x, self.height() / 2 - 7, 3, 14), colour(Role.ACCENT))
        painter.fillRect(0, 0, self.width(), 1, colour(Role.BORDER))
        painter.end()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        x, rect = event.position().x(), self.window_rect()
        self._hold = self._part(x)
        if self._hold is None:
            self._show(x - rect.width() / 2, x + rect.width() / 2)
            self._hold = _Hold.WHOLE
        self._held_at = x

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x, rect = event.position().x(), self.window_rect()
        part = self._hold or self._part(x)
        sides = part in {_Hold.LEFT, _Hold.RIGHT}
        self.setCursor(Qt.CursorShape.SizeHorCursor if sides else Qt.CursorShape.ArrowCursor)
        moved, self._held_at = x - self._held_at, x
        match self._hold:
            case _Hold.WHOLE:
                scale = self.canvas.chart.scale
                by = moved / self.horizon.pixels_per_minute * scale.pixels_per_minute
                self.canvas.set_scale(scale.panned(-by))
            case _Hold.LEFT:
                self._show(min(x, rect.right() - 2), rect.right())
            case _Hold.RIGHT:
                self._show(rect.left(), max(x, rect.left() + 2))
            case None:
                pass

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._hold = None

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self.canvas.zoom(1.2 ** (event.angleDelta().y() / 120))


def _running(starts: np.ndarray, ends: np.ndarray, at: np.ndarray) -> np.ndarray:
    begun = np.searchsorted(np.sort(starts), at, "right")
    return begun - np.searchsorted(np.sort(ends), at, "right")

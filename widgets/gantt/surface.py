"""The area that shows a chart: scrolls its lanes, zooms its time, paints its bars."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget
from typing_extensions import override

from widgets.gantt.chart import Chart
from widgets.gantt.overlay import Overlay, paint_overlay
from widgets.gantt.painter import ChartPainter
from widgets.gantt.scale import TimeScale

ZOOM_STEP = 1.2  # one notch of the wheel


class Surface(QAbstractScrollArea):
    """Bars over time. The lanes scroll with the vertical scroll bar; time moves with the scale."""

    scale_changed = Signal()

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self.overlay = Overlay()
        self._base = QPixmap()
        self._is_stale = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalScrollBar().valueChanged.connect(self.refresh)
        self.take_painter()

    def take_painter(self) -> None:
        """Lay out texts anew, after another font, language, or chart."""
        font = QFont(self.font())
        font.setPixelSize(max(min(round(self.fontMetrics().height() * 0.72), 13), 9))
        self.painter = ChartPainter(self.chart, font)

    def refresh(self) -> None:
        """Paint the bars anew; ``viewport().update()`` is enough for the overlay."""
        self._is_stale = True
        self.viewport().update()

    @property
    def scrolled(self) -> int:
        """Pixels of the rows above the viewport."""
        return self.verticalScrollBar().value()

    def set_scale(self, scale: TimeScale) -> None:
        """Show another stretch of time."""
        if scale != self.chart.scale:
            self.chart.scale = scale
            self.refresh()
            self.scale_changed.emit()

    def zoom(self, factor: float, at_x: float | None = None) -> None:
        """Show ``1/factor`` as much time; the minute at ``at_x`` (None: the middle) stays."""
        x = self.viewport().width() / 2 if at_x is None else at_x
        self.set_scale(self.chart.scale.zoomed(factor, x))

    def content(self, position: QPointF) -> QPointF:
        """A point of the viewport in the pixels of the rows."""
        return QPointF(position.x(), position.y() + self.scrolled)

    def reveal(self, i: int) -> None:
        """Scroll as little as needed to bring a bar into sight."""
        rect = self.chart.rect(i)
        if rect is None:
            return
        width, height = self.viewport().width(), self.viewport().height()
        bar = self.verticalScrollBar()
        if rect.top() < self.scrolled + 4:
            bar.setValue(int(rect.top()) - 24)
        elif rect.bottom() > self.scrolled + height - 8:
            bar.setValue(int(rect.bottom()) - height + 32)
        if rect.left() < 0 or rect.right() > width:
            wanted = 40.0 if rect.left() < 0 or rect.width() > width else width - rect.width() - 40
            self.set_scale(self.chart.scale.panned(wanted - rect.left()))

    def fit_scroll_bar(self) -> None:
        """Give the scroll bar the height of the rows."""
        height, bar = self.viewport().height(), self.verticalScrollBar()
        bar.setRange(0, max(self.chart.rows.height - height + 8, 0))
        bar.setPageStep(height)
        bar.setSingleStep(self.chart.lane_height)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        port, ratio = self.viewport(), self.devicePixelRatioF()
        area = QRect(0, self.scrolled, port.width(), port.height())
        if self._base.size() != port.size() * ratio or self._base.devicePixelRatio() != ratio:
            self._base = QPixmap(port.size() * ratio)
            self._base.setDevicePixelRatio(ratio)
            self._is_stale = True
        if self._is_stale:
            self._is_stale = False
            base = QPainter(self._base)
            self.painter.paint(base, area, ratio)
            base.end()
        painter = QPainter(port)
        painter.drawPixmap(0, 0, self._base)
        frames = self.painter.frames(self.chart.positions(self.chart.selected))
        paint_overlay(painter, self.chart, self.overlay, area, frames)
        painter.end()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_scroll_bar()
        self.refresh()
        self.scale_changed.emit()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        turned, held = event.angleDelta(), event.modifiers()
        pixels = event.pixelDelta()
        if held & Qt.KeyboardModifier.ShiftModifier or abs(turned.x()) > abs(turned.y()):
            self.set_scale(self.chart.scale.panned(float(pixels.x() or turned.x() or turned.y())))
        elif held & Qt.KeyboardModifier.ControlModifier:
            self.verticalScrollBar().setValue(self.scrolled - (pixels.y() or turned.y()))
        else:
            self.zoom(ZOOM_STEP ** (turned.y() / 120), event.position().x())
        event.accept()

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.LanguageChange}:
            self.take_painter()
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.StyleChange}:
            self.refresh()
        super().changeEvent(event)

"""The time pane: shows a chart, and turns wheel, mouse and keys into gestures and signals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from domain.scenarios import Booking
from widgets.gantt import keys, tips
from widgets.gantt.chart import Chart
from widgets.gantt.drop import Evaluate
from widgets.gantt.gesture import Drag, Gesture, Pan, Press
from widgets.gantt.links import links_of
from widgets.gantt.surface import Surface
from widgets.text import tr


class Canvas(Surface):
    """A surface whose bars are selected, moved and asked about."""

    selection_changed = Signal()
    activated = Signal(object)  # booking id
    menu_requested = Signal(object, QPoint)  # position of a bar or None, global place
    drag_changed = Signal()  # what the overlay tells of the drag, or that it ended
    move_requested = Signal(object, object, object)  # booking id, machine id, start_at

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(chart, parent)
        self.evaluate: Evaluate | None = None
        self.eligible: Callable[[Booking], Collection[UUID]] | None = None
        self.is_read_only = False
        self.gesture: Gesture | None = None
        self.space_held = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self._asking = QTimer(self)  # one question a frame at most: the last wish wins
        self._asking.setSingleShot(True)
        self._asking.setInterval(30)
        self._asking.timeout.connect(self._ask)

    def set_chart(self, chart: Chart) -> None:
        """Show another chart, or the same one after its lanes have changed."""
        self.cancel()
        self.chart = chart
        self.take_painter()
        self.reload()

    def reload(self) -> None:
        """Show the chart's rows and bars as they are now."""
        self.overlay.hovered = None
        self.overlay.links = links_of(self.chart.data, self.chart.positions(self.chart.selected))
        self.fit_scroll_bar()
        self.refresh()

    def select(self, operations: Iterable[UUID], focus: UUID | None = None) -> None:
        """Select these operations and tell of it if others were."""
        chart, chosen = self.chart, set(operations)
        changed = chosen != chart.selected
        chart.selected = chosen
        chart.focus = focus if focus in chosen else next(iter(chosen), None)
        self.overlay.links = links_of(chart.data, chart.positions(chosen))
        self.viewport().update()
        if changed:
            self._describe()
            self.selection_changed.emit()

    def _describe(self) -> None:
        focused = self.chart.positions([self.chart.focus] if self.chart.focus else ())
        words = tips.bar_words(self.chart.data, focused[0]) if focused else tr("gantt.help")
        self.setAccessibleDescription(words)
        event = QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
        QAccessible.updateAccessibility(event)

    def ask_soon(self) -> None:
        """Ask what the drop would do, at the latest wish, within a frame or two."""
        if not self._asking.isActive():
            self._asking.start()

    def _ask(self) -> None:
        overlay, wish = self.overlay, self.overlay.wish
        if wish is not None and self.evaluate is not None and overlay.asked != wish:
            overlay.preview = self.evaluate(wish.booking, wish.machine_id, wish.start_at)
            overlay.asked = wish
        if isinstance(self.gesture, Drag):
            self.gesture.show_answer()
        self.viewport().update()
        self.drag_changed.emit()

    def settle(self) -> None:
        """Answer an open question at once."""
        self._asking.stop()
        self._ask()

    def cancel(self) -> bool:
        """Give up the gesture under way; False if there is none."""
        self._asking.stop()
        if self.gesture is None:
            return False
        gesture, self.gesture = self.gesture, None
        gesture.cancel()
        return True

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
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            for found in chart.positions([chart.focus] if chart.focus else ()):
                rect = chart.rect(found)
                if rect is not None:
                    spot = rect.center().toPoint() - QPoint(0, self.scrolled)
                    place = self.viewport().mapToGlobal(spot)
        else:
            point = self.content(QPointF(event.pos()))
            found = chart.bar_at(point.x(), point.y())
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

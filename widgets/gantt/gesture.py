"""What the mouse does while a button is held: pan, rubber band, drag."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from widgets.gantt.drop import DropPreview, Wish
from widgets.gantt.lanes import Grouping, Lane, LaneKind
from widgets.gantt.scale import to_instant
from widgets.gantt.snap import snapped
from widgets.gantt.stage import Stage
from widgets.text import tr

REFUSED_MILLISECONDS = 6000
EDGE_PX = 28  # dragging this close to an edge moves the picture
_ADDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def refuse(port: QWidget, place: QPointF, why: str) -> None:
    """Say at the pointer why a bar cannot go there, with the look of the pointer to match."""
    port.setCursor(Qt.CursorShape.ForbiddenCursor)
    QToolTip.showText(place.toPoint(), why, port, port.rect(), REFUSED_MILLISECONDS)


class Press:
    """A left button held down: a click, unless it moves and becomes a drag or a rubber band."""

    def __init__(self, canvas: Stage, event: QMouseEvent) -> None:
        self.canvas = canvas
        self.at = event.position()
        point = canvas.content(self.at)
        self.bar = canvas.chart.bar_at(point.x(), point.y())
        self.adds = bool(event.modifiers() & _ADDING)

    def move(self, event: QMouseEvent) -> None:
        """Become what the movement means."""
        moved = (event.position() - self.at).manhattanLength()
        if moved < QApplication.startDragDistance():
            return
        canvas = self.canvas
        if self.bar is None or self.adds:
            canvas.gesture = Rubber(canvas, self.at, adds=self.adds)
        elif canvas.is_read_only:
            refuse(canvas.viewport(), event.globalPosition(), tr("gantt.tip.read_only"))
            return
        else:
            operation_id = canvas.chart.data.bookings[self.bar].operation_id
            if operation_id not in canvas.chart.selected:
                canvas.select([operation_id])
            canvas.gesture = Drag(canvas, self.at, self.bar)
        canvas.gesture.move(event)

    def answered(self) -> None:
        """Nothing was asked."""

    def release(self, event: QMouseEvent) -> None:  # noqa: ARG002 (as every gesture)
        """A click: select the bar, add or remove it with Ctrl or Shift, or select nothing."""
        canvas, selected = self.canvas, self.canvas.chart.selected
        canvas.viewport().unsetCursor()
        if self.bar is None:
            if not self.adds:
                canvas.select(())
            return
        operation_id = canvas.chart.data.bookings[self.bar].operation_id
        if self.adds:
            canvas.select(selected ^ {operation_id}, operation_id)
        else:
            canvas.select([operation_id])

    def cancel(self) -> None:
        """Nothing has happened yet."""
        self.canvas.viewport().unsetCursor()


class Pan:
    """Moves time and lanes with the hand."""

    def __init__(self, canvas: Stage, event: QMouseEvent) -> None:
        self.canvas = canvas
        self.at = event.position()
        self.scale, self.scroll = canvas.chart.scale, canvas.scrolled
        canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, event: QMouseEvent) -> None:
        """Follow the hand."""
        moved = event.position() - self.at
        self.canvas.set_scale(self.scale.panned(moved.x()))
        self.canvas.verticalScrollBar().setValue(self.scroll - round(moved.y()))

    def answered(self) -> None:
        """Nothing was asked."""

    def release(self, event: QMouseEvent) -> None:  # noqa: ARG002 (as every gesture)
        """Stay here."""
        self.canvas.viewport().unsetCursor()

    def cancel(self) -> None:
        """Go back to where it began."""
        self.canvas.viewport().unsetCursor()
        self.canvas.set_scale(self.scale)
        self.canvas.verticalScrollBar().setValue(self.scroll)


class Rubber:
    """A band that selects every bar it touches."""

    def __init__(self, canvas: Stage, at: QPointF, *, adds: bool) -> None:
        self.canvas = canvas
        self.origin = canvas.content(at)
        self.kept = set(canvas.chart.selected) if adds else set()

    def move(self, event: QMouseEvent) -> None:
        """Draw the band."""
        corner = self.canvas.content(event.position())
        self.canvas.overlay.rubber = QRectF(self.origin, corner).normalized()
        self.canvas.viewport().update()

    def answered(self) -> None:
        """Nothing was asked."""

    def release(self, event: QMouseEvent) -> None:
        """Select what is touched."""
        self.move(event)
        band = self.canvas.overlay.rubber
        self.cancel()
        if band is not None:
            self.canvas.select(self.kept | self._touched(band))

    def _touched(self, band: QRectF) -> set[UUID]:
        chart = self.canvas.chart
        first, last = chart.scale.minute(band.left()), chart.scale.minute(band.right())
        found: set[UUID] = set()
        for place in chart.rows.between(band.top(), band.bottom()):
            lane = chart.rows.lanes[place]
            if lane.kind is LaneKind.WORK_CENTER:
                continue
            for i in lane.bars[lane.visible(first, last)].tolist():
                rect = chart.rect(i, lane)
                if rect is not None and rect.intersects(band):
                    found.add(chart.data.bookings[i].operation_id)
        return found

    def cancel(self) -> None:
        """Remove the band."""
        self.canvas.overlay.rubber = None
        self.canvas.viewport().update()


class Drag:
    """A bar in the hand: shows where it would go, and asks what that would do."""

    def __init__(self, canvas: Stage, at: QPointF, i: int) -> None:
        self.canvas = canvas
        self.i = i
        self.booking = canvas.chart.data.bookings[i]
        self.place = canvas.viewport().mapToGlobal(at)
        self.grip = canvas.chart.scale.minute(at.x()) - float(canvas.chart.data.setup[i])
        canvas.overlay.hovered = None
        if canvas.eligible is not None and canvas.chart.grouping is Grouping.MACHINE:
            allowed = canvas.eligible(self.booking)
            canvas.overlay.eligible = frozenset(f"m{machine_id}" for machine_id in allowed)

    def move(self, event: QMouseEvent) -> None:
        """Take the wish from where the hand is."""
        canvas, chart = self.canvas, self.canvas.chart
        self._scroll_at_edges(event.position())
        lane = self._lane(canvas.content(event.position()).y())
        machine_id = self.booking.machine_id
        if lane is not None and lane.kind is LaneKind.MACHINE:
            machine_id = lane.row_id
        minute = chart.scale.minute(event.position().x()) - self.grip
        start, sticks = round(minute), False
        if not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            start, sticks = snapped(chart, self.i, chart.machine_lane(machine_id), minute)
        wish = Wish(self.booking, machine_id, to_instant(start))
        canvas.overlay.snap_minute = start if sticks else None
        if wish != canvas.overlay.wish:
            canvas.overlay.wish = wish
            canvas.ask_soon()
        self.place = event.globalPosition()
        canvas.viewport().update()

    def _lane(self, y: float) -> Lane | None:
        chart = self.canvas.chart
        return chart.lane_at(y) if chart.grouping is Grouping.MACHINE else None

    def _scroll_at_edges(self, position: QPointF) -> None:
        canvas, port = self.canvas, self.canvas.viewport().rect()
        if position.x() > port.right() - EDGE_PX:
            canvas.set_scale(canvas.chart.scale.panned(-12))
        elif position.x() < EDGE_PX:
            canvas.set_scale(canvas.chart.scale.panned(12))
        if position.y() > port.bottom() - EDGE_PX:
            canvas.verticalScrollBar().setValue(canvas.scrolled + 8)
        elif position.y() < EDGE_PX:
            canvas.verticalScrollBar().setValue(canvas.scrolled - 8)

    def answered(self) -> None:
        """A refusal, or that it may go there."""
        preview = self.canvas.overlay.preview
        port = self.canvas.viewport()
        if preview is not None and preview.refusal:
            refuse(port, self.place, preview.refusal)
        else:
            port.setCursor(Qt.CursorShape.ClosedHandCursor)
            QToolTip.hideText()

    def release(self, event: QMouseEvent) -> None:
        """Ask for the move, unless it is refused or goes nowhere."""
        self.move(event)
        canvas = self.canvas
        canvas.settle()
        wish, preview = canvas.overlay.wish, canvas.overlay.preview
        self.answered()
        self.cancel()
        if wish is None or (preview or DropPreview()).refusal:
            return
        stays = wish.start_at == self.booking.setup_start_at
        if not (stays and wish.machine_id == self.booking.machine_id):
            canvas.move_requested.emit(self.booking.id, wish.machine_id, wish.start_at)

    def cancel(self) -> None:
        """Let go without a change."""
        overlay = self.canvas.overlay
        overlay.wish = overlay.asked = overlay.preview = None
        overlay.snap_minute = overlay.eligible = None
        self.canvas.viewport().unsetCursor()
        self.canvas.viewport().update()
        self.canvas.drag_changed.emit()

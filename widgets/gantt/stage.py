"""What gestures and keys act on: a surface with a selection and a drag, and their signals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Protocol
from uuid import UUID

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from domain.scenarios import Booking
from widgets.gantt import tips
from widgets.gantt.chart import Chart
from widgets.gantt.drop import Evaluate
from widgets.gantt.links import links_of
from widgets.gantt.surface import Surface
from widgets.text import tr


class Gesture(Protocol):
    """Something between a press and a release."""

    def move(self, event: QMouseEvent) -> None:
        """The pointer is elsewhere."""

    def answered(self) -> None:
        """The question of what a drop would do has an answer."""

    def release(self, event: QMouseEvent) -> None:
        """The button is up: do it."""

    def cancel(self) -> None:
        """Leave everything as it was."""


class Stage(Surface):
    """A surface on which bars are selected and moved."""

    selection_changed = Signal()
    activated = Signal(object)  # booking id
    menu_requested = Signal(object, QPoint)  # position of a bar or None, global place
    drag_changed = Signal()  # what the overlay tells of the drag, or that it ended
    move_requested = Signal(object, object, object)  # booking id, machine id, start_at
    lock_requested = Signal(object, object)  # list of booking ids, LockLevel
    order_requested = Signal(object)  # order line id
    work_order_requested = Signal(object)
    explain_requested = Signal(object)  # order line id
    mend_requested = Signal(object)  # machine id, None: the selected bars

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(chart, parent)
        self.evaluate: Evaluate | None = None
        self.eligible: Callable[[Booking], Collection[UUID]] | None = None
        self.is_read_only = False
        self.menu_machine_id: UUID | None = None  # whose row was clicked beside its bars
        self.gesture: Gesture | None = None
        self.space_held = False
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
        if self.gesture is not None:
            self.gesture.answered()
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

"""The Gantt as the rest of the program uses it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSplitter,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from domain.scenarios import Booking
from widgets.gantt import keys
from widgets.gantt.buttons import name_choices, zoom_buttons
from widgets.gantt.canvas import Canvas
from widgets.gantt.chart import Chart
from widgets.gantt.colouring import Colouring
from widgets.gantt.data import GanttData
from widgets.gantt.drop import Evaluate
from widgets.gantt.empty import EmptyNote
from widgets.gantt.foot import Foot
from widgets.gantt.header import Header
from widgets.gantt.lanes import Grouping
from widgets.gantt.menu import build_menu
from widgets.gantt.minimap import Minimap
from widgets.gantt.scale import to_minute
from widgets.gantt.sparing import Sparing
from widgets.gantt.tree import Tree
from widgets.speaking import Speaking
from widgets.theme import ROW_HEIGHT

_MINIMAP_FROM, _FOOT_FROM = 240, 150
"""From these heights on there is room for the minimap, and for what explains the colours; below,
rows need it more."""


class GanttView(Speaking, Sparing):
    """Shows bookings and tells what the planner wants; it never changes them itself.

    The dragged bar's left edge, its setup if it has one, is what ``start_at`` stands for. What a
    move leads to comes back by ``set_bookings``.
    """

    selection_changed = Signal(object)  # tuple of operation ids
    move_changing = Signal(object, object, object)  # booking id, machine id or None, start_at
    move_requested = Signal(object, object, object)  # the same, on release
    operation_activated = Signal(object)  # booking id, by double click or Enter
    lock_requested = Signal(object, object)  # list of booking ids, LockLevel
    order_requested = Signal(object)  # order line id
    work_order_requested = Signal(object)
    explain_requested = Signal(object)  # order line id
    mend_requested = Signal(object)  # machine id, None: the selected bars

    def __init__(self, data: GanttData, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = Canvas(Chart(data, ROW_HEIGHT))
        self.header, self.tree = Header(self.canvas), Tree(self.canvas)
        self.minimap, self.foot = Minimap(self.canvas), Foot(self.canvas)
        self._groupings, self._colourings = QComboBox(), QComboBox()
        name_choices(self, self._groupings, self._colourings)
        self._groupings.activated.connect(lambda k: self.set_grouping(list(Grouping)[k]))
        self._colourings.activated.connect(lambda k: self.set_colouring(list(Colouring)[k]))
        self.empty = EmptyNote(self.canvas)
        self._is_placed = False
        self._arrange()
        self.spare(self.minimap, _MINIMAP_FROM)
        self.spare(self._below, _FOOT_FROM)
        self._connect()
        self.empty.show_where(is_empty=not len(data))

    def _arrange(self) -> None:
        corner = QWidget()
        corner.setFixedHeight(self.header.sizeHint().height())
        inner = QHBoxLayout(corner)
        inner.setContentsMargins(6, 0, 6, 0)
        inner.addWidget(self._groupings)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        for column in ((corner, self.tree), (self.header, self.canvas)):
            side = QWidget()
            stack = QVBoxLayout(side)
            stack.setContentsMargins(0, 0, 0, 0)
            stack.setSpacing(0)
            for k, each in enumerate(column):
                stack.addWidget(each, k)
            self._splitter.addWidget(side)
        self._splitter.setSizes([220, 900])
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(4)
        self._below = QWidget(self)
        bottom = QHBoxLayout(self._below)
        bottom.setContentsMargins(6, 2, 6, 2)
        bottom.setSpacing(4)
        bottom.addWidget(self._colourings)
        bottom.addWidget(self.foot, 1)
        for button in zoom_buttons(self, self.canvas):
            bottom.addWidget(button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._splitter, 1)
        whole.addWidget(self.minimap)
        whole.addWidget(self._below)

    def _connect(self) -> None:
        canvas = self.canvas
        canvas.selection_changed.connect(
            lambda: self.selection_changed.emit(tuple(canvas.chart.selected))
        )
        canvas.activated.connect(self.operation_activated)
        canvas.move_requested.connect(self.move_requested)
        canvas.lock_requested.connect(self.lock_requested)
        canvas.order_requested.connect(self.order_requested)
        canvas.work_order_requested.connect(self.work_order_requested)
        canvas.explain_requested.connect(self.explain_requested)
        canvas.drag_changed.connect(self._tell_drag)
        canvas.mend_requested.connect(self.mend_requested)
        canvas.menu_requested.connect(self._open_menu)
        self.tree.folded.connect(self._fold)
        self.say(canvas.setAccessibleName, "gantt.name")
        self.say(self.tree.setAccessibleName, "gantt.tree")

    def _open_menu(self, i: int | None, place: QPoint) -> None:
        menu = build_menu(self.canvas, i, self.set_colouring)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _tell_drag(self) -> None:
        wish = self.canvas.overlay.wish
        self._below.setVisible(wish is not None or self.height() >= _FOOT_FROM)  # it tells of it
        if wish is not None:
            self.move_changing.emit(wish.booking.id, wish.machine_id, wish.start_at)

    @property
    def chart(self) -> Chart:
        """What is shown and how."""
        return self.canvas.chart

    def set_data(self, data: GanttData) -> None:
        """Show other data; zoom, folding, selection and colours stay as they are."""
        QToolTip.hideText()  # it told of what was there
        chart = self.chart
        chart.data = data
        chart.rebuild()
        if chart.selected:
            chart.selected &= data.by_operation.keys()
        self.canvas.set_chart(chart)
        self._follow_rows()

    def set_bookings(self, changed: Collection[Booking], removed: Collection[UUID] = ()) -> None:
        """Take new versions of bookings; a drag of one of them ends."""
        QToolTip.hideText()  # it told of what was there
        dragged = self.canvas.overlay.wish
        if dragged is not None and dragged.booking.id in {*removed, *(b.id for b in changed)}:
            self.canvas.cancel()
        self.chart.set_bookings(changed, removed)
        self._reload()

    def set_slack(self, slack: Mapping[UUID, int], now_at: datetime) -> None:
        """Take the time, and the minutes from finish to due of order lines, below 0 if late."""
        data, now = self.chart.data, to_minute(now_at)
        if slack == data.slack and now == data.now:
            return
        data.slack, data.now = dict(slack), now
        self.chart.recolour()
        self._reload()

    def set_fragility(self, fragility: Mapping[UUID, float] | None) -> None:
        """Take how often each operation makes an order late; None: nobody knows."""
        if fragility != self.chart.data.fragility:
            self.chart.data.fragility = fragility
            self.chart.recolour()
            self._reload()

    def _reload(self) -> None:
        self.canvas.reload()
        self._follow_rows()

    def _follow_rows(self) -> None:
        self.tree.update()
        self.header.update()
        self.minimap.reload()
        self.foot.update()
        self.empty.show_where(is_empty=not len(self.chart.data))

    def set_grouping(self, grouping: Grouping) -> None:
        """Show rows by machine, order or work order."""
        self._groupings.setCurrentIndex(list(Grouping).index(grouping))
        self.chart.grouping = grouping
        self.chart.rebuild()
        self.canvas.set_chart(self.chart)
        self.canvas.verticalScrollBar().setValue(0)
        self._follow_rows()

    def set_colouring(self, colouring: Colouring) -> None:
        """Tell bars apart by something else."""
        self._colourings.setCurrentIndex(list(Colouring).index(colouring))
        self.chart.colouring = colouring
        self.chart.recolour()
        self._reload()

    def _fold(self, key: str) -> None:
        self.chart.collapsed ^= {key}
        self.chart.lay_out()
        self._reload()

    def set_evaluator(
        self,
        evaluate: Evaluate | None,
        eligible: Callable[[Booking], Collection[UUID]] | None = None,
    ) -> None:
        """Ask these while a bar is dragged: what a drop would do, which machines may take it.

        ``evaluate`` runs on the UI's thread, at most every 30 ms with the latest place: it should
        answer within 20 ms. ``set_read_only`` forbids dragging altogether.
        """
        self.canvas.evaluate, self.canvas.eligible = evaluate, eligible

    def set_read_only(self, read_only: bool) -> None:
        """Allow or forbid dragging and locking."""
        self.canvas.is_read_only = read_only

    def select_operations(self, ids: Iterable[UUID], *, reveal: bool = True) -> None:
        """Select operations chosen elsewhere, and bring the first of them into sight."""
        self.canvas.select(ids)
        bars = self.chart.positions(self.chart.selected)
        if bars and reveal:
            self.canvas.reveal(min(bars, key=lambda i: int(self.chart.data.setup[i])))

    def highlight_operations(self, ids: Iterable[UUID]) -> None:
        """Let these operations stand out and the others step back; none: all alike."""
        keys.set_highlight(self.canvas, set(ids))

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self.chart.rebuild()
        self.canvas.set_chart(self.chart)
        self._follow_rows()

    @override
    def restyle(self) -> None:
        super().restyle()
        self._follow_rows()
        self.canvas.refresh()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_placed:
            self._is_placed = True
            keys.fit_all(self.canvas)
        self.empty.show_where(is_empty=not len(self.chart.data))

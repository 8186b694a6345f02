"""The table every panel uses: like a sheet in Excel, over rows of the factory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget
from typing_extensions import override

from widgets import theme
from widgets.grid.arrangement import Arrangement
from widgets.grid.editing import BlockEditing
from widgets.grid.notes import EmptyNote, FindBar, NoticeBar
from widgets.grid.pane import Pane
from widgets.grid.selection import Selection
from widgets.models.columns import Column, Keyed
from widgets.models.delegates import Check
from widgets.models.table import TableModel
from widgets.speaking import Speaking

_FILTER_WAIT_MILLISECONDS = 120
_FirstStep = tuple[str, Callable[[], object]]


class GridView(Speaking, QWidget):
    """Rows to look at, sort, filter, find, edit, copy and paste.

    ``edited`` brings a list of Edit for one undo step, ``opened`` the row that was double-clicked
    or entered; ``export_wished`` asks for the rows as shown in a workbook. What is chosen is told
    and set by ``chosen``.
    """

    edited = Signal(object)
    opened = Signal(object)
    export_wished = Signal()
    layout_changed = Signal()

    def __init__(self, columns: Sequence[Column], name: str, parent: QWidget | None = None) -> None:
        """``name`` tells tables apart in remembered settings; ``panel.<name>`` is its title."""
        super().__init__(parent)
        self.name = name
        self.model = TableModel(columns, self)
        self._row_actions: list[QAction] = []
        self._empty: tuple[str, _FirstStep | None] = ("grid.empty", None)
        self._typed: dict[int, str] = {}
        self.pinned, self.main = Pane(self.model, self), Pane(self.model, self)
        self.pinned.pair_with(self.main)
        self.notice, self.find_bar = NoticeBar(self), FindBar(self)
        self.note = EmptyNote(self.main.viewport())
        self.arrangement = Arrangement(self.model, self.pinned, self.main)
        self.chosen = Selection(self.model, self.main, self.arrangement)
        self.blocks = BlockEditing(self.model, self.chosen, self.arrangement)
        self._filter_timer = QTimer(self, singleShot=True, interval=_FILTER_WAIT_MILLISECONDS)
        self._lay_out()
        self._connect()
        for pane in (self.pinned, self.main):
            self._connect_pane(pane)
        self._actions = self._make_actions()
        self._show_note()

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.find_bar, 0, 0, 1, 2)
        layout.addWidget(self.pinned, 1, 0)
        layout.addWidget(self.main, 1, 1)
        layout.addWidget(self.notice, 2, 0, 1, 2)
        layout.setColumnStretch(1, 1)
        self.setFocusProxy(self.main)
        for pane in (self.pinned, self.main):
            self.say(pane.setAccessibleName, f"panel.{self.name}")

    def _connect(self) -> None:
        self.model.edited.connect(self.edited)
        self.blocks.edited.connect(self.edited)
        self.blocks.refused.connect(self.say_words)
        self.model.shown_anew.connect(self._show_filters)
        for signal in (self.model.rowsInserted, self.model.rowsRemoved, self.model.modelReset):
            signal.connect(self._show_note)
        self._filter_timer.timeout.connect(self._filter_now)
        self.find_bar.wanted.connect(
            lambda text, step: self.find_bar.tell_found(
                found=not text or self.chosen.find_text(text, step)
            )
        )
        self.find_bar.closed.connect(self.main.setFocus)

    def _connect_pane(self, pane: Pane) -> None:
        custom = Qt.ContextMenuPolicy.CustomContextMenu
        pane.delegate.fill_wished.connect(
            lambda value: self.blocks.fill(self.main.currentIndex().column(), value)
        )
        pane.setSortingEnabled(True)
        pane.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        pane.header.filter_typed.connect(self._filter_later)
        pane.header.filter_left.connect(self._leave_filter)
        pane.header.setContextMenuPolicy(custom)
        pane.header.customContextMenuRequested.connect(
            lambda at: self.arrangement.pop_up(pane, at),
        )
        pane.setContextMenuPolicy(custom)
        pane.customContextMenuRequested.connect(
            lambda at: self._pop_up(pane.viewport().mapToGlobal(at))
        )
        pane.doubleClicked.connect(self._open)
        pane.entered_row.connect(self._open)
        for moved in (pane.header.sectionMoved, pane.header.sectionResized):
            moved.connect(lambda *_args: self.layout_changed.emit())

    def _make_actions(self) -> list[QAction]:
        standard = QKeySequence.StandardKey
        wanted: tuple[tuple[str, QKeySequence, Callable[[], object], str], ...] = (
            ("grid.copy", QKeySequence(standard.Copy), self.blocks.copy, "copy"),
            ("grid.paste", QKeySequence(standard.Paste), self.blocks.paste, "clipboard-paste"),
            ("grid.fill", QKeySequence("Ctrl+D"), self.blocks.fill_down, "arrow-down"),
            ("grid.clear", QKeySequence(standard.Delete), self.blocks.clear, "x"),
            ("grid.find_open", QKeySequence(standard.Find), self.find_bar.open, "search"),
            ("grid.filter_here", QKeySequence("Ctrl+Shift+L"), self._to_filter, "funnel"),
            ("grid.export", QKeySequence(), self.export_wished.emit, "file-spreadsheet"),
        )
        return [self._action(*each) for each in wanted]

    def _action(
        self, key: str, keys: QKeySequence, does: Callable[[], object], icon: str
    ) -> QAction:
        action = QAction(self)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _on=False: does())
        self.say(action.setText, key)
        self.show_icon(action, icon)
        self.addAction(action)
        return action

    def show_rows(self, rows: Iterable[Keyed]) -> None:
        """Show these rows; what differs changes in place, selection and scroll stay."""
        self.model.show(rows)

    def set_check(self, check: Check) -> None:
        """Ask the factory's rules while somebody types: ``check(row, key, value)``."""
        for pane in (self.pinned, self.main):
            pane.delegate.check = check
        self.blocks.check = check

    def set_empty(self, key: str, first_step: _FirstStep | None = None) -> None:
        """What to say where there are no rows, and the first step (text, action) to offer."""
        self._empty = (key, first_step)
        self._show_note()

    def say_words(self, words: str) -> None:
        """Tell the user something about the table, below it; nothing hides it."""
        if words:
            self.notice.tell(words)
        else:
            self.notice.hide()

    def remember_in(self, memory: MutableMapping[str, Any]) -> None:
        """Take the layout kept under the table's name, and keep every change of it there."""
        if self.name in memory:
            self.arrangement.restore(memory[self.name])
        keep = QTimer(self, singleShot=True, interval=300)
        keep.timeout.connect(lambda: memory.__setitem__(self.name, self.arrangement.state()))
        self.layout_changed.connect(keep.start)
        self.main.header.sortIndicatorChanged.connect(lambda *_args: keep.start())

    def add_row_action(self, action: QAction) -> None:
        """Offer something in the rows' menu, above what every table has."""
        self._row_actions.append(action)

    def _filter_later(self, column: int, text: str) -> None:
        self._typed[column] = text
        self._filter_timer.start()

    def _filter_now(self) -> None:
        typed, self._typed = self._typed, {}
        for column, text in typed.items():
            self.model.set_filter(column, text)

    def _leave_filter(self) -> None:
        self._filter_timer.stop()
        self._filter_now()
        self.main.setFocus()
        if self.model.rowCount() and not self.main.currentIndex().isValid():
            self.chosen.select([self.model.row(0).id])

    def _to_filter(self) -> None:
        columns = self.arrangement.shown_columns()
        now = self.main.currentIndex()
        column = now.column() if now.isValid() else columns[0]
        pane = self.pinned if self.main.isColumnHidden(column) else self.main
        pane.header.edit_filter(column)

    def _show_filters(self) -> None:
        for column in range(len(self.model.columns)):
            for pane in (self.pinned, self.main):
                if column not in self._typed:
                    pane.header.show_filter(column, self.model.filters.text(column))

    def _open(self, index: QModelIndex) -> None:
        if self.model.can_edit(index.column()):
            pane = self.pinned if self.main.isColumnHidden(index.column()) else self.main
            pane.edit(index)
        else:
            self.opened.emit(self.model.row(index.row()))

    def _pop_up(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._row_actions:
            menu.addActions(self._row_actions)
            menu.addSeparator()
        menu.addActions(self._actions)
        menu.popup(at)

    def _show_note(self) -> None:
        is_empty = self.model.rowCount() == 0
        if is_empty and self.model.total_count:
            self.note.tell("grid.none_pass", ("grid.clear_filters", self.model.clear_filters))
        else:
            self.note.tell(*self._empty)
        self.note.setVisible(is_empty)

    @override
    def retranslate(self) -> None:
        super().retranslate()
        for pane in (self.pinned, self.main):
            pane.header.retranslate(self.model)
            pane.viewport().update()
        last = len(self.model.columns) - 1
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)

    @override
    def restyle(self) -> None:
        super().restyle()
        for pane in (self.pinned, self.main):
            pane.verticalHeader().setDefaultSectionSize(theme.row_height())

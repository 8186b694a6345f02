"""One of the two table views side by side: pinned columns at the left, the rest at the right."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget
from typing_extensions import override

from widgets import theme
from widgets.grid.header import FilterHeader
from widgets.models.delegates import CellDelegate
from widgets.models.table import TableModel

_Action = QAbstractItemView.CursorAction
_Policy = Qt.ScrollBarPolicy


class Pane(QTableView):
    """Shows some columns of the model; the cursor walks on into the ``partner``.

    ``entered_row``: Enter was pressed on a cell.
    """

    entered_row = Signal(QModelIndex)

    def __init__(self, model: TableModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.partner: Pane | None = None
        self._is_led = False
        self.header = FilterHeader(self)
        self.setHorizontalHeader(self.header)
        self.setModel(model)
        self.header.fill(model)
        # A delegate of its own: Qt does not share one between views that edit.
        self.delegate = CellDelegate(self)
        self.setItemDelegate(self.delegate)
        self.setFont(theme.tabular(self.font()))
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(rows.ResizeMode.Fixed)
        rows.setDefaultSectionSize(theme.row_height())

    def pair_with(self, right: Pane) -> None:
        """Scroll and select together with the pane at the right of this one."""
        self.partner, right.partner = right, self
        self.setSelectionModel(right.selectionModel())
        for pane in (self, right):
            # Painting a heading asks whether its whole column is selected, cell by cell: with
            # everything selected in a large table that takes seconds. Nothing there shows it.
            pane.header.setSelectionModel(QItemSelectionModel(pane.model(), pane.header))
        self.setVerticalScrollBarPolicy(_Policy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(_Policy.ScrollBarAlwaysOff)
        self.horizontalScrollBar().setEnabled(False)
        mine, other = self.verticalScrollBar(), right.verticalScrollBar()
        mine.valueChanged.connect(self._lead)
        other.valueChanged.connect(self._follow)
        mine.rangeChanged.connect(lambda *_range: self._follow(other.value()))
        right.horizontalScrollBar().rangeChanged.connect(self._leave_room)

    def _lead(self, value: int) -> None:
        if self.partner is not None and not self._is_led:
            self.partner.verticalScrollBar().setValue(value)

    def _follow(self, value: int) -> None:
        """Go where the partner is, without telling it: out of sight this pane knows less rows."""
        was_led, self._is_led = self._is_led, True
        self.verticalScrollBar().setValue(value)
        self._is_led = was_led

    def set_in_sight(self, shown: bool) -> None:
        """Show or hide it beside the partner; what is shown anew begins at the top by itself."""
        if shown != self.isHidden():
            return
        self._is_led = True
        self.setVisible(shown)
        self._is_led = False
        if self.partner is not None:
            self._follow(self.partner.verticalScrollBar().value())

    def _leave_room(self, least: int, most: int) -> None:
        """Keep the rows of both panes level where only the partner has a scroll bar."""
        needed = _Policy.ScrollBarAlwaysOn if most > least else _Policy.ScrollBarAlwaysOff
        self.setHorizontalScrollBarPolicy(needed)

    def shown_columns(self) -> list[int]:
        """The model columns shown here, left to right."""
        places = (self.header.logicalIndex(at) for at in range(self.header.count()))
        return [column for column in places if not self.isColumnHidden(column)]

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and self.state() != QAbstractItemView.State.EditingState:
            if self.currentIndex().isValid():
                self.entered_row.emit(self.currentIndex())
            return
        super().keyPressEvent(event)

    @override
    def moveCursor(self, action: _Action, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        columns = self.shown_columns()
        now = self.currentIndex()
        partner = self.partner
        if partner is None or partner.isHidden() or not columns or not now.isValid():
            return super().moveCursor(action, modifiers)
        is_left = partner.x() > self.x()
        steps_over = (
            action in (_Action.MoveRight, _Action.MoveNext)
            if is_left
            else action in (_Action.MoveLeft, _Action.MovePrevious)
        )
        theirs = partner.shown_columns()
        if steps_over and theirs and now.column() == columns[-1 if is_left else 0]:
            partner.setFocus()
            target = now.siblingAtColumn(theirs[0 if is_left else -1])
            partner.selectionModel().setCurrentIndex(
                target, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            return target
        return super().moveCursor(action, modifiers)

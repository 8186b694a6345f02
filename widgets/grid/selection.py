"""What is chosen in a table: the cursor, the cells, whole rows by id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    QTimer,
    Signal,
)

from widgets.grid.arrangement import Arrangement
from widgets.grid.blocks import selected_cells, totals
from widgets.grid.pane import Pane
from widgets.models.table import TableModel

_Flag = QItemSelectionModel.SelectionFlag


class Selection(QObject):
    """The choice in both panes of a table, kept by id when the rows are shown anew.

    ``current_changed`` brings the row under the cursor (or None), ``rows_selected`` all rows with a
    selected cell, ``totals_changed`` a Totals of the cells.
    """

    current_changed = Signal(object)
    rows_selected = Signal(object)
    totals_changed = Signal(object)

    def __init__(self, model: TableModel, main: Pane, arrangement: Arrangement) -> None:
        super().__init__(main)
        self._model, self._main, self._arrangement = model, main, arrangement
        self._kept: tuple[list[UUID], UUID | None, int] = ([], None, 0)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._tell)
        chooser = main.selectionModel()
        chooser.selectionChanged.connect(lambda *_args: self._later.start())
        chooser.currentChanged.connect(self._tell_current)
        model.about_to_show_anew.connect(self._keep)
        model.shown_anew.connect(self._restore)

    def current_row(self) -> Any | None:
        """The row with the cursor."""
        index = self._main.currentIndex()
        return self._model.row(index.row()) if index.isValid() else None

    def rows(self) -> list[Any]:
        """The rows with a selected cell, top down."""
        return [self._model.row(place) for place, _columns in self.cells()]

    def cells(self) -> list[tuple[int, list[int]]]:
        """Places of the selected rows, each with its selected columns."""
        return selected_cells(self._ranges(), self._arrangement.shown_columns())

    def select(self, ids: Iterable[UUID], *, tell: bool = True) -> None:
        """Select whole rows by id; the first of them comes in sight.

        Without ``tell`` only the cursor's row is told: what was chosen elsewhere is no news there.
        """
        places = [p for key in ids if (p := self._model.place(key)) is not None]
        selection = QItemSelection()
        last = len(self._model.columns) - 1
        for place in places:
            selection.select(self._model.index(place, 0), self._model.index(place, last))
        chooser = self._main.selectionModel()
        if places:
            shown = self._arrangement.shown_columns()
            first = self._model.index(places[0], shown[0] if shown else 0)
            chooser.setCurrentIndex(first, _Flag.NoUpdate)
            self._main.scrollTo(first)
        chooser.select(selection, _Flag.ClearAndSelect)
        if not tell:
            self._later.stop()

    def find_text(self, text: str, step: int = 1) -> bool:
        """Move to the next (previous: −1, from here on: 0) row that shows ``text``."""
        wanted = text.casefold()
        columns = [self._model.columns[at] for at in self._arrangement.shown_columns()]
        count = self._model.rowCount()
        start = max(self._main.currentIndex().row(), 0) + step
        way = -1 if step < 0 else 1
        for offset in range(count if wanted else 0):
            row = self._model.row((start + way * offset) % count)
            if any(wanted in column.text(row).casefold() for column in columns):
                self.select([row.id])
                return True
        return False

    def _ranges(self) -> list[QItemSelectionRange]:
        # The stubs do not know that a selection is a list of ranges.
        return list(cast("Iterable[QItemSelectionRange]", self._main.selectionModel().selection()))

    def _keep(self) -> None:
        current = self.current_row()
        keys = [row.id for row in self.rows()]
        column = self._main.currentIndex().column()
        self._kept = (keys, current.id if current is not None else None, column)

    def _restore(self) -> None:
        keys, current, column = self._kept
        self.select(keys, tell=False)
        place = self._model.place(current) if current is not None else None
        if place is not None:
            index = self._model.index(place, max(column, 0))
            self._main.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)

    def _tell_current(self, now: QModelIndex, before: QModelIndex) -> None:
        if now.row() != before.row() or not before.isValid():
            self.current_changed.emit(self._model.row(now.row()) if now.isValid() else None)

    def _tell(self) -> None:
        shown = self._arrangement.shown_columns()
        self.totals_changed.emit(totals(self._model, self._ranges(), shown))
        self.rows_selected.emit(self.rows())

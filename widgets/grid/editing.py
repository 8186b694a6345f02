"""Blocks of cells in and out of a table: copy, paste, fill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from widgets.grid.arrangement import Arrangement
from widgets.grid.blocks import from_tsv, paste_at, to_tsv
from widgets.grid.selection import Selection
from widgets.models.delegates import Check
from widgets.models.table import Edit, TableModel
from widgets.text import tr, zone

_FAULTS_SHOWN = 3


class BlockEditing(QObject):
    """What Ctrl+C, Ctrl+V, Ctrl+D and Ctrl+Enter do in a table.

    ``edited`` brings a list of Edit; ``refused`` why nothing was pasted, empty once it was.
    """

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, model: TableModel, chosen: Selection, arrangement: Arrangement) -> None:
        super().__init__(chosen)
        self._model, self._chosen, self._arrangement = model, chosen, arrangement
        self.check: Check | None = None

    def copy(self) -> None:
        """The selected cells to the clipboard; with gaps in it, the rectangle around them."""
        columns, cells = self._model.columns, self._chosen.cells()
        used = {column for _place, held in cells for column in held}
        across = [column for column in self._arrangement.shown_columns() if column in used]
        block = [
            [columns[at].plain(self._model.row(place)) if at in held else "" for at in across]
            for place, held in cells
        ]
        if block:
            QGuiApplication.clipboard().setText(to_tsv(block))

    def paste(self) -> None:
        """The clipboard's block from the selection's first cell on; all of it or nothing."""
        block = from_tsv(QGuiApplication.clipboard().text())
        cells = self._chosen.cells()
        if block and cells:
            self._paste(block, cells)

    def fill_down(self) -> None:
        """The first selected row's cells into all selected rows below it."""
        cells = self._chosen.cells()
        if len(cells) < 2:
            return
        place, columns = cells[0]
        row = self._model.row(place)
        source = [self._model.columns[at].plain(row) for at in columns]
        self._submit([source] * len(cells), [(each, columns) for each, _held in cells])

    def clear(self) -> None:
        """Empty the selected cells."""
        self._submit([[""]], self._chosen.cells())

    def fill(self, column: int, value: object) -> None:
        """One value into a column of all selected rows."""
        shape = self._model.columns[column]
        rows = [self._model.row(place) for place, held in self._chosen.cells() if column in held]
        edits = [Edit(row, shape.key, value) for row in rows if shape.value(row) != value]
        if edits:
            self.edited.emit(edits)

    def _paste(self, block: list[list[str]], cells: list[tuple[int, list[int]]]) -> None:
        if len(block) == 1 and len(block[0]) == 1:
            self._submit(block, cells)
            return
        shown = self._arrangement.shown_columns()
        first, columns = cells[0]
        across = shown[shown.index(columns[0]) :]
        room = self._model.rowCount() - first
        wide = max(len(line) for line in block)
        if len(block) > room or wide > len(across):
            told = {"rows": len(block), "columns": wide, "room": room, "wide": len(across)}
            self.refused.emit(tr("grid.too_big", **told))
            return
        self._submit(block, [(first + step, across) for step in range(len(block))])

    def _submit(
        self, block: Sequence[Sequence[str]], targets: Sequence[tuple[int, Sequence[int]]]
    ) -> None:
        today = datetime.now(zone()).date()
        pasting = paste_at(self._model, block, targets, self.check, today)
        if pasting.faults:
            more = len(pasting.faults) - _FAULTS_SHOWN
            shown = pasting.faults[:_FAULTS_SHOWN]
            if more > 0:
                shown.append(tr("grid.more_faults", count=more))
            self.refused.emit("\n".join([tr("grid.nothing_pasted"), *shown]))
            return
        self.refused.emit("")
        if pasting.edits:
            self.edited.emit(pasting.edits)

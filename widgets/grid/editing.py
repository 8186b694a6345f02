"""Blocks of cells in and out of a table: copy, paste, fill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from widgets.grid.blocks import from_tsv, paste_at, to_tsv
from widgets.models.table import Edit
from widgets.text import tr, zone

if TYPE_CHECKING:
    from widgets.grid.view import GridView

_FAULTS_SHOWN = 3


class BlockEditing(QObject):
    """What Ctrl+C, Ctrl+V, Ctrl+D and Ctrl+Enter do in a table."""

    def __init__(self, grid: GridView) -> None:
        super().__init__(grid)
        self._grid = grid

    def copy(self) -> None:
        """The selected cells to the clipboard; with gaps in it, the rectangle around them."""
        model, cells = self._grid.model, self._grid.chosen.cells()
        shown = self._grid.arrangement.shown_columns()
        used = {column for _place, columns in cells for column in columns}
        across = [column for column in shown if column in used]
        block = [
            [model.columns[at].plain(model.row(place)) if at in held else "" for at in across]
            for place, held in ((place, set(columns)) for place, columns in cells)
        ]
        if block:
            QGuiApplication.clipboard().setText(to_tsv(block))

    def paste(self) -> None:
        """The clipboard's block from the selection's first cell on; all of it or nothing."""
        block = from_tsv(QGuiApplication.clipboard().text())
        cells = self._grid.chosen.cells()
        if block and cells:
            self._paste(block, cells)

    def fill_down(self) -> None:
        """The first selected row's cells into all selected rows below it."""
        cells = self._grid.chosen.cells()
        model = self._grid.model
        if len(cells) < 2:
            return
        place, columns = cells[0]
        source = [model.columns[at].plain(model.row(place)) for at in columns]
        self._submit([source] * len(cells), [(each, columns) for each, _held in cells])

    def fill(self, value: object) -> None:
        """One value into the current column of all selected rows."""
        column = self._grid.main.currentIndex().column()
        model = self._grid.model
        key = model.columns[column].key
        edits = [
            Edit(model.row(place), key, value)
            for place, columns in self._grid.chosen.cells()
            if column in columns and model.columns[column].value(model.row(place)) != value
        ]
        if edits:
            self._grid.edited.emit(edits)

    def _paste(self, block: list[list[str]], cells: list[tuple[int, list[int]]]) -> None:
        if len(block) == 1 and len(block[0]) == 1:
            self._submit(block, cells)
            return
        shown = self._grid.arrangement.shown_columns()
        first, columns = cells[0]
        across = shown[shown.index(columns[0]) :]
        rows_left = self._grid.model.rowCount() - first
        widest = max(len(line) for line in block)
        if len(block) > rows_left or widest > len(across):
            self._grid.say_words(
                tr(
                    "grid.too_big",
                    rows=len(block),
                    columns=widest,
                    room=rows_left,
                    wide=len(across),
                )
            )
            return
        self._submit(block, [(first + step, across) for step in range(len(block))])

    def _submit(
        self, block: Sequence[Sequence[str]], targets: Sequence[tuple[int, Sequence[int]]]
    ) -> None:
        grid = self._grid
        today = datetime.now(zone()).date()
        pasting = paste_at(grid.model, block, targets, grid.main.delegate.check, today)
        if pasting.faults:
            more = len(pasting.faults) - _FAULTS_SHOWN
            shown = pasting.faults[:_FAULTS_SHOWN]
            if more > 0:
                shown.append(tr("grid.more_faults", count=more))
            grid.say_words("\n".join([tr("grid.nothing_pasted"), *shown]))
            return
        grid.say_words("")
        if pasting.edits:
            grid.edited.emit(pasting.edits)

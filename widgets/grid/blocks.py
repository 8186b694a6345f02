"""Blocks of cells between a table and a spreadsheet, as the clipboard carries them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QItemSelectionRange

from widgets.models.columns import Column
from widgets.models.delegates import Check
from widgets.models.entry import EntryFault, parse
from widgets.models.table import Edit, TableModel
from widgets.text import tr

# Beyond this many cells the totals tell only how many: adding them up would be felt.
_CELLS_AT_MOST = 300_000


@dataclass(frozen=True, slots=True)
class Totals:
    """What is selected: cells, and of the numbers among them how many and their sum."""

    cell_count: int = 0
    number_count: int = 0
    total: Decimal = Decimal(0)

    @property
    def average(self) -> Decimal | None:
        """The numbers' mean, to four decimals; None without numbers."""
        if not self.number_count:
            return None
        return (self.total / self.number_count).quantize(Decimal("0.0001")).normalize()


def to_tsv(cells: Sequence[Sequence[str]]) -> str:
    """Cells as Excel puts them on the clipboard: tabs, CRLF, quotes where needed."""
    out = io.StringIO(newline="")
    csv.writer(out, dialect="excel-tab").writerows(cells)
    return out.getvalue()


def from_tsv(text: str) -> list[list[str]]:
    """The cells of a block copied in a spreadsheet; line breaks inside a cell are kept."""
    return list(csv.reader(io.StringIO(text, newline=""), dialect="excel-tab"))


def selected_cells(
    selection: Sequence[QItemSelectionRange], shown: Sequence[int]
) -> list[tuple[int, list[int]]]:
    """The selected rows, top down, each with its selected columns among ``shown``, in order."""
    if len(selection) == 1:  # the usual case, and the only one that is ever large
        part = selection[0]
        columns = [c for c in shown if part.left() <= c <= part.right()]
        return [(row, columns) for row in range(part.top(), part.bottom() + 1)] if columns else []
    found: dict[int, set[int]] = {}
    for part in selection:
        across = {c for c in shown if part.left() <= c <= part.right()}
        if across:
            for row in range(part.top(), part.bottom() + 1):
                found.setdefault(row, set()).update(across)
    return [(row, [c for c in shown if c in found[row]]) for row in sorted(found)]


def totals(
    model: TableModel, selection: Sequence[QItemSelectionRange], shown: Sequence[int]
) -> Totals:
    """Count and add up what is selected."""
    cell_count = sum(
        part.height() * sum(part.left() <= c <= part.right() for c in shown) for part in selection
    )
    if cell_count > _CELLS_AT_MOST:
        return Totals(cell_count)
    numbers = [
        Decimal(value)
        for place, columns in selected_cells(selection, shown)
        for column in columns
        if isinstance(value := model.columns[column].value(model.row(place)), Decimal | int)
        and model.columns[column].is_right
    ]
    return Totals(cell_count, len(numbers), sum(numbers, Decimal(0)))


@dataclass(slots=True)
class Pasting:
    """What a paste would do: the edits, and why not where a cell does not fit."""

    edits: list[Edit]
    faults: list[str]


def paste_at(
    model: TableModel,
    block: Sequence[Sequence[str]],
    targets: Sequence[tuple[int, Sequence[int]]],
    check: Check | None,
    today: date,
) -> Pasting:
    """Put a block over target rows and columns; a single cell fills all targets.

    All or nothing is up to the caller: nothing is changed here.
    """
    result = Pasting([], [])
    is_fill = len(block) == 1 and len(block[0]) == 1
    for step, (place, columns) in enumerate(targets):
        cells = [block[0][0]] * len(columns) if is_fill else block[step]
        for text, at in zip(cells, columns, strict=False):
            _paste_cell(model, place, at, text, check, today, result)
    return result


def _paste_cell(
    model: TableModel,
    place: int,
    at: int,
    text: str,
    check: Check | None,
    today: date,
    result: Pasting,
) -> None:
    column, row = model.columns[at], model.row(place)
    if text == column.plain(row):
        return
    if not model.can_edit(at):
        result.faults.append(_fault(place, column, tr("grid.not_editable")))
        return
    try:
        value = parse(column, text, today)
    except EntryFault as error:
        result.faults.append(_fault(place, column, str(error)))
        return
    if value == column.value(row):
        return
    refusal = check(row, column.key, value) if check else None
    if refusal:
        result.faults.append(_fault(place, column, refusal))
    else:
        result.edits.append(Edit(row, column.key, value))


def _fault(place: int, column: Column, words: str) -> str:
    return tr("grid.cell_fault", row=place + 1, column=column.heading, fault=words)

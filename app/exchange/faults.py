"""What is wrong in a workbook, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.exchange.grids import column_letters
from widgets.text import tr


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend before a workbook can be read.

    ``sheet`` and ``column`` are the titles in the file itself ('' where the whole file, sheet or
    row is meant), ``row`` counts from 1 as Excel does, ``value`` is what was found, ``index`` the
    column's place from 0. ``code`` is looked up as ``fault.<code>`` and filled with ``params``.
    """

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    index: int | None = None
    params: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def is_of_file(self) -> bool:
        """Whether the file could not be opened, or is too large to: there is nothing to mark."""
        return not self.sheet and (self.code.startswith("file_") or self.code == "too_many_rows")

    @property
    def cell(self) -> str:
        """Where it is, ``C12``; '' where no single cell is meant."""
        if self.row is None or self.index is None:
            return ""
        return f"{column_letters(self.index)}{self.row}"


def fault_text(fault: Fault) -> str:
    """What is wrong and what is expected, in the language spoken now."""
    return tr(f"fault.{fault.code}", **{"value": fault.value, **fault.params})


def fault_line(fault: Fault) -> str:
    """The fault with its place, as a line of a report."""
    place = "file"
    if fault.sheet:
        place = "sheet" if fault.row is None else "row" if not fault.column else "cell"
    return tr(
        f"fault.at_{place}",
        sheet=fault.sheet,
        row=fault.row,
        column=fault.column,
        cell=fault.cell,
        text=fault_text(fault),
    )

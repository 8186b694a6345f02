"""What the unknown columns of a workbook stand for, as a table of choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QComboBox, QHeaderView, QTableWidget, QTableWidgetItem, QWidget
from typing_extensions import override

from widgets.speaking import Speaking
from widgets.text import tr


@dataclass(frozen=True, slots=True)
class Unknown:
    """A title the program does not know.

    ``column`` '': a whole sheet. ``choices`` are what it may stand for: (value, shown as).
    """

    sheet: str
    column: str
    choices: Sequence[tuple[str, str]]


class MappingTable(Speaking, QTableWidget):
    """One line an unknown title, with a list of meanings; 'skip' is the first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self._unknown: Sequence[Unknown] = ()
        self.verticalHeader().hide()
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.say(self.setAccessibleName, "import.mapping")
        self.retranslate()

    def show_unknown(
        self, unknown: Sequence[Unknown], chosen: Mapping[tuple[str, str], str]
    ) -> None:
        """Offer these titles, with what was chosen for them before."""
        self._unknown = unknown
        self.setRowCount(len(unknown))
        for row, title in enumerate(unknown):
            self.setItem(row, 0, QTableWidgetItem(title.sheet))
            self.setItem(row, 1, QTableWidgetItem(title.column or tr("import.whole_sheet")))
            box = QComboBox()
            box.addItem(tr("import.skip"), "")
            for value, shown in title.choices:
                box.addItem(shown, value)
            held = chosen.get((title.sheet, title.column), "")
            box.setCurrentIndex(max(box.findData(held), 0))
            box.setAccessibleName(tr("import.stands_for", name=title.column or title.sheet))
            self.setCellWidget(row, 2, box)
            self.setRowHeight(row, 30)

    def chosen(self) -> dict[tuple[str, str], str]:
        """What each title stands for; skipped ones are left out."""
        found: dict[tuple[str, str], str] = {}
        for row, title in enumerate(self._unknown):
            box = self.cellWidget(row, 2)
            if isinstance(box, QComboBox) and box.currentData():
                found[title.sheet, title.column] = box.currentData()
        return found

    @override
    def retranslate(self) -> None:
        super().retranslate()
        names = ("import.sheet", "import.column", "import.meaning")
        self.setHorizontalHeaderLabels([tr(name) for name in names])

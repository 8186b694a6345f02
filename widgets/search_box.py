"""A list to choose from by typing any part of a row's name."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget


class SearchBox(QComboBox):
    """Holds rows by id under the words that people call them; None: no row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = QCompleter(self.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)
        line = self.lineEdit()
        if line is not None:
            line.editingFinished.connect(self._take_typed)

    def fill(
        self, rows: Iterable[tuple[str, UUID | None]], chosen: UUID | None, empty: str = ""
    ) -> None:
        """Hold these rows and show the chosen one, else the first; ``empty`` where there is none.

        Nothing is told: what is shown is for the caller to know.
        """
        self.blockSignals(True)
        self.clear()
        for words, row_id in rows:
            self.addItem(words, row_id)
        self.choose(chosen)
        self.blockSignals(False)
        line = self.lineEdit()
        if line is not None:
            line.setPlaceholderText("" if self.count() else empty)
            line.setCursorPosition(0)  # a long name is read from its beginning

    def choose(self, row_id: UUID | None) -> None:
        """Show a row, the first if that is not there. (``findData`` knows no equal ids.)"""
        held = (at for at in range(self.count()) if self.itemData(at) == row_id)
        self.setCurrentIndex(next(held, min(0, self.count() - 1)))

    def chosen(self) -> UUID | None:
        """The row that is shown."""
        row_id = self.currentData()
        return row_id if isinstance(row_id, UUID) else None

    def _take_typed(self) -> None:
        """Take what was typed for the row with this code, or the only one that has it in its text;
        else show again what is chosen, so that nothing is worked out for another than is read."""
        typed = self.currentText().strip().casefold()
        texts = [self.itemText(at).casefold() for at in range(self.count())]
        named = [at for at, text in enumerate(texts) if f"{text} ".startswith(f"{typed} ")]
        found = named or [at for at, text in enumerate(texts) if typed in text]
        if not typed:
            found = [at for at, text in enumerate(texts) if not text]
        if len(found) == 1:
            self.setCurrentIndex(found[0])
        self.setEditText(self.itemText(self.currentIndex()))

"""Column headings with a filter row under them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTableView
from typing_extensions import override

from widgets.models.table import TableModel
from widgets.text import tr
from widgets.theme import ROW_HEIGHT

_FILTER_HEIGHT = ROW_HEIGHT + 2


class FilterHeader(QHeaderView):
    """Sorts on a click, moves and resizes by dragging, filters by typing below the heading."""

    filter_typed = Signal(int, str)
    filter_left = Signal()

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._lines: dict[int, QLineEdit] = {}
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setSortIndicatorShown(True)
        self.setSortIndicatorClearable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(40)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.sectionResized.connect(self._place_lines)
        self.sectionMoved.connect(self._place_lines)
        table.horizontalScrollBar().valueChanged.connect(self._place_lines)

    def fill(self, model: TableModel) -> None:
        """Make a filter line for every column of the model."""
        for section, column in enumerate(model.columns):
            line = QLineEdit(self)
            line.setClearButtonEnabled(True)
            line.setProperty("filter", True)
            line.textChanged.connect(lambda text, at=section: self.filter_typed.emit(at, text))
            line.returnPressed.connect(self.filter_left)
            self._lines[section] = line
            self._name_line(line, column.heading)
        self.updateGeometries()

    def retranslate(self, model: TableModel) -> None:
        """Name the filter lines in the language of now."""
        for section, line in self._lines.items():
            self._name_line(line, model.columns[section].heading)

    def _name_line(self, line: QLineEdit, heading: str) -> None:
        line.setAccessibleName(tr("grid.filter_of", column=heading))
        line.setToolTip(tr("grid.filter_tip", column=heading))
        line.setPlaceholderText(tr("grid.filter"))

    def show_filter(self, section: int, text: str) -> None:
        """Show what a column is filtered by, without telling it as typed."""
        line = self._lines[section]
        if line.text() != text:
            line.blockSignals(True)
            line.setText(text)
            line.blockSignals(False)

    def edit_filter(self, section: int) -> None:
        """Put the cursor into a column's filter line."""
        self._lines[section].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _place_lines(self) -> None:
        top = self.height() - _FILTER_HEIGHT
        for section, line in self._lines.items():
            is_shown = not self.isSectionHidden(section)
            line.setVisible(is_shown)
            if is_shown:
                left = self.sectionViewportPosition(section)
                width = self.sectionSize(section)
                line.setGeometry(left, top, width, _FILTER_HEIGHT)

    @override
    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(0, _FILTER_HEIGHT)

    @override
    def updateGeometries(self) -> None:
        self.setViewportMargins(0, 0, 0, _FILTER_HEIGHT)
        super().updateGeometries()
        self._place_lines()

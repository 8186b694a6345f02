"""Editing in a cell: a line that says while you type whether it fits, or a list of choices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QDate,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QCalendarWidget,
    QComboBox,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
    QWidgetAction,
)
from typing_extensions import override

from widgets import theme
from widgets.models.columns import Column, Kind
from widgets.models.entry import EntryFault, parse
from widgets.models.table import TableModel
from widgets.text import enum_text, tr, zone

Index = QModelIndex | QPersistentModelIndex

# What the factory says of a wish before it is made: None, or why not, in the user's words.
Check = Callable[[Any, str, object], str | None]

_LEAVING = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab}
_ENTERING = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class CellLine(QLineEdit):
    """A cell's editor: turns red, and says why, while what is typed does not fit."""

    def __init__(self, column: Column, row: Any, check: Check | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.column = column
        self._row = row
        self._check = check
        self.fault = ""
        self.setFrame(False)
        self.setAccessibleName(column.heading)
        if column.is_right:
            self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.textChanged.connect(self._validate)
        if column.kind is Kind.DAY:
            action = self.addAction(
                theme.icon("calendar", theme.Role.MUTED), QLineEdit.ActionPosition.TrailingPosition
            )
            action.setToolTip(tr("grid.calendar"))
            action.triggered.connect(self._open_calendar)

    def value(self) -> object:
        """What is typed, as the column's value.

        Raises:
            EntryFault: it does not fit.
        """
        value = parse(self.column, self.text(), datetime.now(zone()).date())
        refusal = self._check(self._row, self.column.key, value) if self._check else None
        if refusal:
            raise EntryFault(refusal)
        return value

    def _validate(self) -> None:
        try:
            self.value()
            fault = ""
        except EntryFault as error:
            fault = str(error)
        if bool(fault) != bool(self.fault):
            self.setProperty("faulty", bool(fault))
            self.style().polish(self)
        self.fault = fault
        self.setToolTip(fault)
        self.tell_fault()

    def tell_fault(self) -> None:
        """Show why it does not fit, under the cell."""
        if self.fault and self.isVisible():
            QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), self.fault, self)
        else:
            QToolTip.hideText()

    def _open_calendar(self) -> None:
        menu = QMenu(self)
        calendar = QCalendarWidget(menu)
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.ISOWeekNumbers)
        day = QDate.fromString(self.text(), Qt.DateFormat.ISODate)
        if day.isValid():
            calendar.setSelectedDate(day)
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(calendar)
        menu.addAction(holder)
        calendar.clicked.connect(menu.close)
        calendar.clicked.connect(lambda at: self.setText(at.toString(Qt.DateFormat.ISODate)))
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))


class CellDelegate(QStyledItemDelegate):
    """Opens the editor that fits a column; a wish that does not fit never leaves it.

    ``fill_wished`` (value): Ctrl+Enter wants it in all selected cells of the column.
    """

    fill_wished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.check: Check | None = None

    @override
    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        # What is late stays red when it is selected.
        shade = index.data(Qt.ItemDataRole.ForegroundRole)
        if shade is not None:
            option.palette.setColor(QPalette.ColorRole.HighlightedText, shade)

    @override
    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = _table_of(index)
        column = model.columns[index.column()]
        if column.kind is Kind.YESNO:
            return _choice_box(parent, column, [tr("value.yes"), tr("value.no")])
        if column.kind is Kind.CHOICE:
            return _choice_box(parent, column, [enum_text(m) for m in column.choices])
        return CellLine(column, model.row(index.row()), self.check, parent)

    @override
    def setEditorData(self, editor: QWidget, index: Index) -> None:
        model = _table_of(index)
        column = model.columns[index.column()]
        row = model.row(index.row())
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(_values(column).index(column.value(row)))
        elif isinstance(editor, QLineEdit):
            editor.setText(column.plain(row))
            editor.selectAll()

    @override
    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QComboBox):
            column = _table_of(index).columns[index.column()]
            model.setData(index, _values(column)[editor.currentIndex()])
        elif isinstance(editor, CellLine) and not editor.fault:
            model.setData(index, editor.value())

    @override
    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            leaves = event.key() in _LEAVING
            if leaves and isinstance(editor, CellLine) and editor.fault:
                editor.tell_fault()
                return True
            is_fill = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if is_fill and event.key() in _ENTERING and isinstance(editor, CellLine):
                self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)
                self.fill_wished.emit(editor.value())
                return True
        return super().eventFilter(editor, event)


def _table_of(index: Index) -> TableModel:
    model = index.model()
    if not isinstance(model, TableModel):
        raise TypeError("the delegate edits a TableModel")
    return model


def _values(column: Column) -> tuple[object, ...]:
    """What a list's lines stand for; Qt would make plain text of an enumeration's members."""
    return (True, False) if column.kind is Kind.YESNO else column.choices


def _choice_box(parent: QWidget, column: Column, words: list[str]) -> QComboBox:
    box = QComboBox(parent)
    box.setAccessibleName(column.heading)
    box.addItems(words)
    return box

"""Rows in a table: sorted, filtered, changed row by row, 100,000 without a hitch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from typing_extensions import override

from widgets import theme
from widgets.models.columns import Column, Keyed, Kind
from widgets.models.filters import Filters
from widgets.models.ordering import Ordering

Index = QModelIndex | QPersistentModelIndex
ItemRole = Qt.ItemDataRole
_NONE = QModelIndex()
# Asked for every cell of a selection: made once, for combining flags takes longer than the answer.
_READABLE = (
    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
)
_EDITABLE = _READABLE | Qt.ItemFlag.ItemIsEditable
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

# Above this many single moves, telling the view row by row costs more than showing all again.
_STEPS_AT_MOST = 200


class Edit(NamedTuple):
    """A wish: this field of this row shall have this value."""

    row: Keyed
    key: str
    value: object


class TableModel(QAbstractTableModel):
    """Shows rows through columns, in an order, those that pass the filters.

    Editing changes nothing here: ``edited`` tells the wish (a list of Edit), and the row comes back
    by ``patch``. The other two signals stand around a showing anew, to keep what is selected.
    """

    edited = Signal(object)
    shown_anew = Signal()
    about_to_show_anew = Signal()

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.is_editable = True
        self._rows: dict[UUID, Any] = {}
        self._order: list[UUID] = []
        self._places: dict[UUID, int] | None = None
        self.filters = Filters(self.columns)
        self._ordering: Ordering | None = None

    # rows

    def show(self, rows: Iterable[Keyed]) -> None:
        """Show these rows instead of the present ones, touching only what differs."""
        fresh = {row.id: row for row in rows}
        gone = [key for key in self._rows if key not in fresh]
        changed = [row for key, row in fresh.items() if self._rows.get(key) != row]
        if list(self._rows) == gone or len(changed) + len(gone) > _STEPS_AT_MOST:
            self._show_anew(fresh)
        else:
            self.patch(changed, gone)

    def patch(self, changed: Iterable[Keyed], gone: Iterable[UUID] = ()) -> None:
        """Set changed rows, new ones included, and drop others; each at its place."""
        for key in gone:
            self._drop(key)
        changed = list(changed)
        if len(changed) > _STEPS_AT_MOST:
            self._show_anew(self._rows | {row.id: row for row in changed})
            return
        for row in changed:
            self._put(row)

    def row(self, place: int) -> Any:
        """The row at a place of the table."""
        return self._rows[self._order[place]]

    def place(self, key: UUID) -> int | None:
        """Where a row stands, or None if it is filtered out or unknown."""
        if self._places is None:
            self._places = {each: place for place, each in enumerate(self._order)}
        return self._places.get(key)

    @property
    def total_count(self) -> int:
        """All rows, the filtered-out ones too."""
        return len(self._rows)

    def shown_rows(self) -> list[Any]:
        """The rows as they are shown, in order."""
        return [self._rows[key] for key in self._order]

    # filters and order

    def set_filter(self, column: int, text: str) -> None:
        """Show only rows whose column fits ``text`` (see ``widgets.models.filters``)."""
        if self.filters.set(column, text):
            self._show_anew()

    def clear_filters(self) -> None:
        """Show every row."""
        if self.filters.clear():
            self._show_anew()

    def _key(self, key: UUID) -> tuple[bool, Any]:
        return self._ordering.column.sort_key(self._rows[key]) if self._ordering else (True, "")

    def _arranged(self) -> list[UUID]:
        keys = [key for key, row in self._rows.items() if self.filters.passes(row)]
        return self._ordering.sort(keys, self._key) if self._ordering else keys

    def _show_anew(self, rows: dict[UUID, Any] | None = None) -> None:
        self.about_to_show_anew.emit()
        self.beginResetModel()
        self._rows = self._rows if rows is None else rows
        self._order = self._arranged()
        self._places = None
        self.endResetModel()
        self.shown_anew.emit()

    # one row

    def _put(self, row: Any) -> None:
        place = self.place(row.id)
        if place is None:
            self._rows[row.id] = row
            if self.filters.passes(row):
                self._insert(row.id)
            return
        stays = self._key(row.id)
        self._rows[row.id] = row
        if self.filters.passes(row) and self._key(row.id) == stays:
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(self.columns) - 1))
            return
        self._remove(place)
        if self.filters.passes(row):
            self._insert(row.id)

    def _drop(self, key: UUID) -> None:
        place = self.place(key)
        if place is not None:
            self._remove(place)
        self._rows.pop(key, None)

    def _insert(self, key: UUID) -> None:
        place = len(self._order)
        if self._ordering is not None:
            place = self._ordering.place(self._order, self._key(key), self._key)
        self.beginInsertRows(_NONE, place, place)
        self._order.insert(place, key)
        self._places = None
        self.endInsertRows()

    def _remove(self, place: int) -> None:
        self.beginRemoveRows(_NONE, place, place)
        del self._order[place]
        self._places = None
        self.endRemoveRows()

    # Qt

    @override
    def rowCount(self, parent: Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self._order)

    @override
    def columnCount(self, parent: Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    @override
    def data(self, index: Index, role: int = ItemRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        row = self._rows[self._order[index.row()]]
        if role == ItemRole.DisplayRole:
            return column.text(row)
        if role == ItemRole.TextAlignmentRole:
            return _RIGHT if column.is_right else _LEFT
        if role == ItemRole.ForegroundRole and column.role is not None:
            wanted = column.role(row)
            return theme.colour(wanted) if wanted is not None else None
        if role == ItemRole.ToolTipRole:
            return column.tip(row) if column.tip is not None else column.text(row)
        if role == ItemRole.EditRole:
            return column.plain(row) if column.kind is not Kind.YESNO else column.text(row)
        return None

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = ItemRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role in (ItemRole.DisplayRole, ItemRole.ToolTipRole):
            return self.columns[section].heading
        if role == ItemRole.TextAlignmentRole:
            return _RIGHT if self.columns[section].is_right else _LEFT
        return None

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _EDITABLE if self.can_edit(index.column()) else _READABLE

    def can_edit(self, column: int) -> bool:
        """Whether the column's cells take what is typed."""
        return self.is_editable and self.columns[column].editable

    @override
    def setData(self, index: Index, value: Any, role: int = ItemRole.EditRole) -> bool:
        if role != ItemRole.EditRole or not index.isValid():
            return False
        column = self.columns[index.column()]
        row = self.row(index.row())
        if column.value(row) != value:
            self.edited.emit([Edit(row, column.key, value)])
        return True

    @override
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; −1 gives the rows as they came."""
        up = order == Qt.SortOrder.AscendingOrder
        is_known = 0 <= column < len(self.columns)
        self._ordering = Ordering(self.columns[column], up) if is_known else None
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        keys = [(self._order[each.row()], each.column()) for each in held]
        self._order = self._arranged()
        self._places = None
        moved = [self.index(self.place(key) or 0, at) for key, at in keys]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

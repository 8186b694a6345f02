"""Which columns are shown, where, how wide, pinned or not; remembered between sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from PySide6.QtCore import QPoint, QSignalBlocker, Qt
from PySide6.QtWidgets import QMenu

from widgets.grid.pane import Pane
from widgets.models.table import TableModel
from widgets.text import tr

_MARGIN, _WIDEST = 18, 420


class Arrangement:
    """Moves columns between the pinned pane and the other one, and knows the whole layout."""

    def __init__(self, model: TableModel, pinned: Pane, main: Pane) -> None:
        self._model = model
        self._panes = (pinned, main)
        self._hidden = {at for at, column in enumerate(model.columns) if column.hidden}
        self._pinned: set[int] = set()
        self.reset()

    def reset(self) -> None:
        """Columns as the program shows them first."""
        self._pinned.clear()
        self._hidden = {at for at, column in enumerate(self._model.columns) if column.hidden}
        self._set_order(list(range(len(self._model.columns))))
        self._set_widths({column.key: column.width for column in self._model.columns})
        self._panes[1].sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self._show_columns()

    def state(self) -> dict[str, Any]:
        """The layout as plain values, by column key."""
        keys = [column.key for column in self._model.columns]
        header = self._panes[1].header
        sorted_at = header.sortIndicatorSection()
        is_sorted = 0 <= sorted_at < len(keys)
        is_up = header.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        return {
            "order": [keys[header.logicalIndex(at)] for at in range(len(keys))],
            "hidden": [keys[at] for at in sorted(self._hidden)],
            "pinned": [keys[at] for at in sorted(self._pinned)],
            "widths": {key: self._width(at) for at, key in enumerate(keys)},
            "sort": [keys[sorted_at], is_up] if is_sorted else [],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a remembered layout; columns it does not know stay where they are."""
        at_of = {column.key: at for at, column in enumerate(self._model.columns)}
        order = [at_of[key] for key in state.get("order", ()) if key in at_of]
        self._set_order(order + [at for at in at_of.values() if at not in order])
        self._hidden = {at_of[key] for key in state.get("hidden", ()) if key in at_of}
        self._pinned = {at_of[key] for key in state.get("pinned", ()) if key in at_of}
        self._set_widths(cast("dict[str, int]", state.get("widths", {})))
        sort: Sequence[Any] = state.get("sort") or ("", True)
        if sort[0] in at_of:
            falling = Qt.SortOrder.DescendingOrder
            order_wanted = Qt.SortOrder.AscendingOrder if sort[1] else falling
            self._panes[1].sortByColumn(at_of[sort[0]], order_wanted)
        self._show_columns()

    def shown_columns(self) -> list[int]:
        """The columns shown, left to right over both panes."""
        return [column for pane in self._panes for column in pane.shown_columns()]

    def set_shown(self, column: int, *, shown: bool) -> None:
        """Show or hide a column; the last one stays."""
        if shown:
            self._hidden.discard(column)
        elif len(self._hidden) < len(self._model.columns) - 1:
            self._hidden.add(column)
        self._show_columns()

    def set_pinned(self, column: int, *, pinned: bool) -> None:
        """Keep a column in sight at the left while the others scroll."""
        (self._pinned.add if pinned else self._pinned.discard)(column)
        self._show_columns()

    def fit(self, column: int) -> None:
        """As wide as the heading and the rows in sight need."""
        pane = self._panes[0] if column in self._pinned else self._panes[1]
        pane.resizeColumnToContents(column)
        width = min(max(pane.columnWidth(column) + _MARGIN, 48), _WIDEST)
        pane.setColumnWidth(column, width)

    def menu(self, column: int, parent: Pane) -> QMenu:
        """What can be done with a column and the columns at large."""
        menu = QMenu(parent)
        is_pinned = column in self._pinned
        if column >= 0:
            up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
            sort = self._panes[1].sortByColumn
            menu.addAction(tr("grid.sort_up"), lambda: sort(column, up))
            menu.addAction(tr("grid.sort_down"), lambda: sort(column, down))
            menu.addAction(
                tr("grid.unpin" if is_pinned else "grid.pin"),
                lambda: self.set_pinned(column, pinned=not is_pinned),
            )
            menu.addAction(tr("grid.hide"), lambda: self.set_shown(column, shown=False))
            menu.addAction(tr("grid.fit"), lambda: self.fit(column))
            menu.addSeparator()
        menu.addAction(tr("grid.clear_filters"), self._model.clear_filters)
        menu.addAction(tr("grid.reset"), self.reset)
        menu.addSeparator()
        for at, each in enumerate(self._model.columns):
            action = menu.addAction(each.heading)
            action.setCheckable(True)
            action.setChecked(at not in self._hidden)
            action.toggled.connect(lambda on, at=at: self.set_shown(at, shown=on))
        return menu

    def pop_up(self, pane: Pane, at: QPoint) -> None:
        """Open the menu where the heading was clicked."""
        menu = self.menu(pane.header.logicalIndexAt(at), pane)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(pane.header.mapToGlobal(at))

    def _width(self, column: int) -> int:
        pane = self._panes[0] if column in self._pinned else self._panes[1]
        # A hidden section has no width, and a stretched one that of the room left over.
        is_last = column == self.shown_columns()[-1]
        if pane.isColumnHidden(column) or (is_last and pane.header.stretchLastSection()):
            return self._model.columns[column].width
        return pane.columnWidth(column)

    def _set_widths(self, widths: Mapping[str, int]) -> None:
        for at, column in enumerate(self._model.columns):
            for pane in self._panes:
                pane.setColumnWidth(at, widths.get(column.key, column.width))

    def _set_order(self, order: list[int]) -> None:
        for pane in self._panes:
            with QSignalBlocker(pane.header):
                for place, column in enumerate(order):
                    pane.header.moveSection(pane.header.visualIndex(column), place)

    def _show_columns(self) -> None:
        pinned, main = self._panes
        for at in range(len(self._model.columns)):
            pinned.setColumnHidden(at, at in self._hidden or at not in self._pinned)
            main.setColumnHidden(at, at in self._hidden or at in self._pinned)
        shown = main.shown_columns()
        # Numbers far from their neighbours could not be read across.
        is_text = bool(shown) and not self._model.columns[shown[-1]].is_right
        main.header.setStretchLastSection(is_text)
        width = sum(pinned.columnWidth(at) for at in pinned.shown_columns())
        pinned.set_in_sight(width > 0)
        pinned.setFixedWidth(width + 2 * pinned.frameWidth())
        for pane in self._panes:
            pane.header.updateGeometries()

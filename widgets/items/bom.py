"""The bill of material as a tree, downwards or upwards, opened level by level."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget
from typing_extensions import override

from domain.items import BomLine, Item
from widgets.outlook import Outlook
from widgets.speaking import Speaking
from widgets.text import format_day, format_quantity, show, tr

_ITEM_ID, _IS_FILLED = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_HEADINGS = ("item", "item_name", "quantity_per", "operation", "scrap_ratio", "validity")
_OPENED_AT_MOST = 50
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class BomTree(Speaking, QTreeWidget):
    """Components of an item (or, upwards, where it is used), with quantities per 1 parent.

    Branches are filled when they are opened, so that a cycle in the data does no harm.
    """

    item_opened = Signal(object)

    def __init__(self, *, is_down: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_down = is_down
        self._outlook = Outlook()
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(False)
        self.itemExpanded.connect(self._fill)
        self.itemActivated.connect(self._open)
        self.say(self.setAccessibleName, "items.components" if is_down else "items.where_used")
        self.retranslate()
        for column, width in enumerate((210, 150, 100, 64, 64, 170)):
            self.setColumnWidth(column, width)

    def show_item(self, outlook: Outlook, item: Item | None) -> None:
        """Show the tree of an item, its first two levels open."""
        self._outlook = outlook
        self.clear()
        if item is not None:
            branches = self._branches(item.id)
            self.addTopLevelItems(branches)
            if not branches:
                none = QTreeWidgetItem([tr("items.no_parts" if self._is_down else "items.no_use")])
                none.setDisabled(True)
                self.addTopLevelItem(none)
                none.setFirstColumnSpanned(True)
            for branch in branches[:_OPENED_AT_MOST]:
                branch.setExpanded(True)

    def _branches(self, item_id: UUID) -> list[QTreeWidgetItem]:
        key = "parent_id" if self._is_down else "component_id"
        lines = self._outlook.plan.where(BomLine, **{key: item_id})
        lines.sort(key=lambda line: (line.operation_number or 0, self._other(line).code))
        return [self._branch(line) for line in lines]

    def _other(self, line: BomLine) -> Item:
        return self._outlook.item(line.component_id if self._is_down else line.parent_id)

    def _branch(self, line: BomLine) -> QTreeWidgetItem:
        item = self._other(line)
        component = self._outlook.item(line.component_id)
        branch = QTreeWidgetItem(
            [
                item.code,
                item.name,
                format_quantity(line.quantity, line.unit or component.unit),
                show(line.operation_number),
                tr("fact.percent", percent=line.scrap_ratio * 100) if line.scrap_ratio else "",
                _validity(line),
            ]
        )
        branch.setData(0, _ITEM_ID, item.id)
        branch.setTextAlignment(2, _RIGHT)
        branch.setTextAlignment(4, _RIGHT)
        key = "parent_id" if self._is_down else "component_id"
        if self._outlook.plan.where(BomLine, **{key: item.id}):
            shows = QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator
            branch.setChildIndicatorPolicy(shows)
        return branch

    def _fill(self, branch: QTreeWidgetItem) -> None:
        if not branch.data(0, _IS_FILLED):
            branch.setData(0, _IS_FILLED, True)
            branch.addChildren(self._branches(branch.data(0, _ITEM_ID)))

    def _open(self, branch: QTreeWidgetItem) -> None:
        self.item_opened.emit(self._outlook.item(branch.data(0, _ITEM_ID)))

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self.setHeaderLabels([tr(f"column.{name}") for name in _HEADINGS])


def _validity(line: BomLine) -> str:
    start, end = line.valid_from_on, line.valid_to_on
    if start and end:
        return tr("items.valid_between", start=format_day(start), end=format_day(end))
    if start:
        return tr("items.valid_from", start=format_day(start))
    return tr("items.valid_to", end=format_day(end)) if end else ""

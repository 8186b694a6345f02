"""The Items panel: find an item, see what it is made of, where it goes, how it is made."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget
from typing_extensions import override

from domain.changes import Row
from domain.items import Item
from domain.orders import OrderLine, PurchaseLine
from domain.production import PlannedOrder, WorkOrder
from widgets.items.bom import BomTree
from widgets.items.rows import ITEM_COLUMNS, ROUTING_COLUMNS, ItemView, item_views, step_views
from widgets.panel import Panel
from widgets.text import tr


class ItemsPanel(Panel):
    """Items at the left; components, use and routing of the one with the cursor at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("items", parent)
        self.item: Item | None = None
        self.grid = self.add_grid(ITEM_COLUMNS, "items")
        self.grid.set_empty(
            "items.empty",
            ("command.import_workbook", lambda: self.wished.emit("import_workbook")),
        )
        self.components = BomTree(is_down=True)
        self.uses = BomTree(is_down=False)
        self.routing = self.add_grid(ROUTING_COLUMNS, "routing")
        self.routing.set_empty("items.no_routing")
        self._tabs = QTabWidget(self, documentMode=True)
        self._keys = ("items.components", "items.where_used", "items.routing")
        for page in (self.components, self.uses, self.routing):
            self._tabs.addTab(page, "")
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.addWidget(self.grid)
        split.addWidget(self._tabs)
        split.setSizes([500, 500])
        split.setChildrenCollapsible(False)
        self.body.addWidget(split, 1)
        self.grid.chosen.current_changed.connect(self._show_item)
        for tree in (self.components, self.uses):
            tree.item_opened.connect(lambda item: self.grid.chosen.select([item.id]))
        self._name_tabs()

    @override
    def refresh(self) -> None:
        self._name_tabs()
        self.grid.show_rows(item_views(self.outlook))
        if self.grid.chosen.current_row() is None and self.grid.model.rowCount():
            self.grid.chosen.select([self.grid.model.row(0).id], tell=False)
        self._show_item(self.grid.chosen.current_row())

    def _show_item(self, view: ItemView | None) -> None:
        self.item = view.subject if view else None
        self.components.show_item(self.outlook, self.item)
        self.uses.show_item(self.outlook, self.item)
        self.routing.show_rows(step_views(self.outlook.plan, self.item) if self.item else [])

    def _name_tabs(self) -> None:
        for at, key in enumerate(self._keys):
            self._tabs.setTabText(at, tr(key))

    @override
    def show_chosen(self, rows: Sequence[Row]) -> None:
        ids = [
            row.item_id
            for row in rows
            if isinstance(row, OrderLine | PurchaseLine | WorkOrder | PlannedOrder)
        ]
        ids += [row.id for row in rows if isinstance(row, Item)]
        if ids:
            self.grid.chosen.select(ids[:1], tell=False)

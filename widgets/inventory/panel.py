"""The Inventory panel: stock by item, and how the chosen item's stock goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget
from typing_extensions import override

from domain.changes import Row
from domain.inventory import Stock
from domain.items import Item
from domain.orders import OrderLine, PurchaseLine
from domain.production import PlannedOrder, WorkOrder
from widgets.inventory.rows import (
    HOLDING_COLUMNS,
    LOT_COLUMNS,
    HoldingView,
    balance_steps,
    holding_views,
    lots,
)
from widgets.panel import Panel
from widgets.shell.elided import ElidedLabel
from widgets.text import format_instant, format_quantity, tr

if TYPE_CHECKING:
    from widgets.charts.steps import BalanceChart


class InventoryPanel(Panel):
    """Items above; below, the projected balance and the lots of the one with the cursor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("inventory", parent)
        self.grid = self.add_grid(HOLDING_COLUMNS, "stock")
        self.grid.set_empty(
            "inventory.empty",
            ("command.import_workbook", lambda: self.wished.emit("import_workbook")),
        )
        self.lots = self.add_grid(LOT_COLUMNS, "lots")
        self.lots.set_empty("inventory.no_stock")
        self.chart: BalanceChart | None = None
        self._title = ElidedLabel(self)
        self._title.setContentsMargins(8, 8, 8, 8)
        below = QSplitter(Qt.Orientation.Horizontal, self)
        below.setChildrenCollapsible(False)
        below.addWidget(self._chart_side())
        below.addWidget(self.lots)
        below.setSizes([680, 420])
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.setChildrenCollapsible(False)
        split.addWidget(self.grid)
        split.addWidget(below)
        split.setSizes([320, 320])
        self.body.addWidget(split, 1)
        self.grid.chosen.current_changed.connect(self._show_item)

    def _chart_side(self) -> QWidget:
        side = QWidget(self)
        layout = self._side = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._title)
        layout.addStretch(0)
        return side

    def _shown_chart(self) -> BalanceChart:
        """The chart, made when it is first seen: its library is slow to load."""
        if self.chart is None:
            from widgets.charts.steps import BalanceChart

            self.chart = BalanceChart(self.outlook.zone, self)
            self._side.addWidget(self.chart, 1)
        return self.chart

    @override
    def refresh(self) -> None:
        self.grid.show_rows(holding_views(self.outlook))
        if self.grid.chosen.current_row() is None and self.grid.model.rowCount():
            self.grid.chosen.select([self.grid.model.row(0).id], tell=False)
        self._show_item(self.grid.chosen.current_row())

    def _show_item(self, view: HoldingView | None) -> None:
        if view is None:
            self._title.setText(tr("inventory.title_none"))
            self.lots.show_rows([])
            self._shown_chart().clear()
            return
        item = view.subject
        steps = balance_steps(self.outlook, item)
        outlook = self.outlook
        self._shown_chart().show_steps(
            steps, item.safety_stock, item.unit, outlook.now_at, outlook.zone
        )
        self.lots.show_rows(lots(outlook, item))
        name = tr("fact.code_name", code=item.code, name=item.name) if item.name else item.code
        if not steps:
            self._title.setText(tr("inventory.title", item=name))
            return
        lowest = min(steps, key=lambda step: step.balance)
        least = format_quantity(lowest.balance, item.unit, 3)
        at = format_instant(lowest.at)
        self._title.setText(tr("inventory.title_lowest", item=name, quantity=least, at=at))

    @override
    def show_chosen(self, rows: Sequence[Row]) -> None:
        ids = [
            row.item_id
            for row in rows
            if isinstance(row, OrderLine | PurchaseLine | WorkOrder | PlannedOrder | Stock)
        ]
        ids += [row.id for row in rows if isinstance(row, Item)]
        if ids:
            self.grid.chosen.select(ids[:1], tell=False)

"""The MRP panel: planned orders, work orders, shortages, messages."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QTabWidget, QWidget
from typing_extensions import override

from domain.changes import Row
from domain.production import Operation, WorkOrder
from widgets.mrp.rows import (
    PLANNED_COLUMNS,
    SHORTAGE_COLUMNS,
    WORK_COLUMNS,
    planned_views,
    shortages,
    work_views,
)
from widgets.panel import Panel
from widgets.text import tr
from widgets.todo.rows import TASK_COLUMNS, finding_tasks


class MrpPanel(Panel):
    """What must be bought and made, and what stands in the way.

    Wishes: ``run_mrp``, ``run_schedule``, ``firm_orders``, ``print_travellers``.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("mrp", parent)
        self.add_command("run_mrp", "refresh-cw")
        self.add_command("run_schedule", "play")
        self.add_command("firm_orders", "pin")
        self.add_command("print_travellers", "printer")
        self._tabs = QTabWidget(self, documentMode=True)
        self.planned = self.add_grid(PLANNED_COLUMNS, "planned_orders")
        self.work = self.add_grid(WORK_COLUMNS, "work_orders")
        self.shortages = self.add_grid(SHORTAGE_COLUMNS, "shortages")
        self.messages = self.add_grid(TASK_COLUMNS, "messages")
        for grid in self.grids:
            first_step = ("command.run_mrp", lambda: self.wished.emit("run_mrp"))
            grid.set_empty(f"mrp.empty_{grid.name}", first_step)
            self._tabs.addTab(grid, "")
        for name in ("firm_orders", "print_travellers"):
            self.work.add_row_action(self.commands[name])
        self.planned.add_row_action(self.commands["firm_orders"])
        self.body.addWidget(self._tabs, 1)
        self._name_tabs()

    @override
    def refresh(self) -> None:
        self.planned.show_rows(planned_views(self.outlook))
        self.work.show_rows(work_views(self.outlook))
        self.shortages.show_rows(shortages(self.outlook))
        self.messages.show_rows(finding_tasks(self.outlook, self.outlook.findings))
        self._name_tabs()

    def _name_tabs(self) -> None:
        for at, grid in enumerate(self.grids):
            count = grid.model.total_count
            self._tabs.setTabText(at, tr("mrp.tab", name=tr(f"panel.{grid.name}"), n=count))

    @override
    def show_chosen(self, rows: Sequence[Row]) -> None:
        orders = [
            row.work_order_id if isinstance(row, Operation) else row.id
            for row in rows
            if isinstance(row, WorkOrder | Operation)
        ]
        if orders:
            self.work.chosen.select(dict.fromkeys(orders), tell=False)

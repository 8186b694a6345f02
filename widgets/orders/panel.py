"""The Orders panel: every order line in one table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from domain.changes import Row
from domain.orders import OrderLine
from domain.pegging import served_lines
from domain.production import Operation, PlannedOrder, WorkOrder
from widgets.orders.rows import ORDER_COLUMNS, line_views
from widgets.panel import Panel


class OrdersPanel(Panel):
    """Order lines: edit, confirm, see what the plan says.

    Wishes: ``import_workbook``, ``confirm_lines``, ``draft_lines``, ``promise``, ``odds``,
    ``show_in_schedule``.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("orders", parent)
        self.add_command("import_workbook", "upload")
        self.add_command("confirm_lines", "circle-check")
        self.add_command("draft_lines", "pencil")
        self.add_command("promise", "truck")
        self.add_command("odds", "shield-check")
        self.add_command("show_in_schedule", "chart-gantt")
        self.grid = self.add_grid(ORDER_COLUMNS, "orders")
        self.grid.set_empty(
            "orders.empty",
            ("command.import_workbook", lambda: self.wished.emit("import_workbook")),
        )
        for name in ("promise", "show_in_schedule", "confirm_lines", "draft_lines"):
            self.grid.add_row_action(self.commands[name])
        self.body.addWidget(self.grid, 1)

    @override
    def refresh(self) -> None:
        self.grid.show_rows(line_views(self.outlook))

    @override
    def show_chosen(self, rows: Sequence[Row]) -> None:
        plan = self.outlook.plan
        ids = [row.id for row in rows if isinstance(row, OrderLine)]
        for row in rows:
            owner = plan.get(WorkOrder, row.work_order_id) if isinstance(row, Operation) else row
            if isinstance(owner, WorkOrder | PlannedOrder):
                ids += [line.id for line in served_lines(plan, owner.id)]
        if ids:
            self.grid.chosen.select(dict.fromkeys(ids), tell=False)

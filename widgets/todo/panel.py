"""The To-do panel: everything that waits for somebody's decision."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from widgets.panel import Panel
from widgets.todo.rows import TASK_COLUMNS, all_tasks


class TodoPanel(Panel):
    """Late orders, shortages, faults in the data, drafts; double-click goes to the row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("todo", parent)
        self.grid = self.add_grid(TASK_COLUMNS, "todo")
        self.grid.set_empty("todo.empty")
        self.body.addWidget(self.grid, 1)

    @override
    def refresh(self) -> None:
        self.grid.show_rows(all_tasks(self.outlook))

"""The Quality panel: operations marked for inspection that are coming up."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from widgets.panel import Panel
from widgets.shopfloor.panel import JOB_COLUMNS, jobs


class QualityPanel(Panel):
    """What will have to be inspected, in order of time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("quality", parent)
        self.add_lead("quality.lead")
        by_key = {column.key: column for column in JOB_COLUMNS}
        order = ("end_at", "machine", "work_order", "operation", "item", "item_name", "quantity")
        self.grid = self.add_grid([by_key[key] for key in order], "inspections")
        self.grid.set_empty("quality.empty")
        self.body.addWidget(self.grid, 1)

    @override
    def refresh(self) -> None:
        due = [job for job in jobs(self.outlook) if job.subject.inspection]
        due.sort(key=lambda job: job.end_at)
        self.grid.show_rows(due)

"""Files and paper from the window: import, export, preview; all work off the UI thread.

What writes them is imported when it is wished for: the libraries for workbooks and PDF are large,
and the window comes up without them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QObject, QSize
from PySide6.QtWidgets import QFileDialog

from app.exchange.plan_tables import Cell
from app.session import Session
from app.window import MainWindow
from app.worker import Failure, Job
from domain.changes import Row
from domain.errors import DomainError
from domain.production import Operation, WorkOrder
from widgets.dialogs.words import show_error
from widgets.grid.view import GridView
from widgets.models.columns import Column
from widgets.text import language, tr, zone


class Files(QObject):
    """What goes in and out of the factory as a file."""

    def __init__(self, session: Session, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._window = window

    def _show_error(self, error: Failure) -> None:
        show_error(self._window, error)

    def import_workbook(self, path: Path | None = None) -> None:
        """Open the import wizard, with a file if there is one."""
        from app.importing import Importing

        Importing(self._session, self._window).open(path)

    def export_workbook(self) -> None:
        """Save the whole factory as a workbook that can be imported again."""
        path = self._ask_path("export.workbook_name", "import.file_kinds")
        plan, spoken = self._session.bench.plan.copy(), language()
        if path is None:
            return

        def write() -> None:
            from app.exchange.writing import write_workbook

            write_workbook(plan, path, spoken)

        self._in_background("export", write)

    def export_plan(self) -> None:
        """Save every file of the plan to a folder."""
        folder = QFileDialog.getExistingDirectory(self._window, tr("command.export_plan"))
        outlook = self._session.outlooks.current
        plan, now_at = outlook.plan.copy(), outlook.now_at
        if not folder:
            return

        def write() -> None:
            from app.exchange.plan_folder import write_plan

            write_plan(Path(folder), plan, now_at)

        self._in_background("export", write)

    def export_grid(self, grid: GridView) -> None:
        """Save what a table shows, as it shows it, as a workbook."""
        path = self._ask_path(f"panel.{grid.name}", "import.file_kinds", ".xlsx")
        if path is None:
            return
        title = tr(f"panel.{grid.name}")
        heads, rows = _contents(grid)

        def write() -> None:
            from app.exchange.plan_files import write_table

            write_table(path, title, heads, rows)

        self._in_background("export", write)

    def print_travellers(self, chosen: Sequence[Row]) -> None:
        """Preview the travellers of the chosen work, or of all of it."""
        outlook = self._session.outlooks.current
        plan, bookings = outlook.plan.copy(), list(outlook.bookings.values())
        orders = self._orders_of(chosen) or sorted(
            plan.table(WorkOrder).values(), key=lambda order: order.number
        )
        if not orders:
            self._show_error(DomainError("nothing_to_print"))
            return
        folder = tempfile.TemporaryDirectory(prefix="gantry-", ignore_cleanup_errors=True)
        path = Path(folder.name) / tr("export.travellers_name")

        def work(job: Job[int]) -> int:
            from app.exchange.travellers import write_travellers

            def tick(share: float) -> bool:
                job.report(share)
                return not job.is_cancelled

            return write_travellers(path, plan, orders, bookings, outlook.zone, tick)

        def show(count: int) -> None:
            from app import printing

            if not count:  # it was cancelled
                folder.cleanup()
                return
            dialog = printing.preview(path, self._window)
            dialog.finished.connect(lambda _result: folder.cleanup())
            dialog.resize(QSize(900, 800).boundedTo(self._window.size()))
            dialog.open()

        def fail(error: Failure) -> None:
            folder.cleanup()
            self._show_error(error)

        self._session.worker.run("travellers", work, show, fail)

    def _orders_of(self, chosen: Sequence[Row]) -> list[WorkOrder]:
        plan = self._session.outlooks.current.plan
        found: dict[UUID, WorkOrder] = {}
        for row in chosen:
            order = plan.get(WorkOrder, row.work_order_id) if isinstance(row, Operation) else row
            if isinstance(order, WorkOrder):
                found[order.id] = order
        return list(found.values())

    def _ask_path(self, name: str, kinds: str, suffix: str = "") -> Path | None:
        chosen, _kind = QFileDialog.getSaveFileName(
            self._window, tr("export.save_as"), tr(name) + suffix, tr(kinds)
        )
        if not chosen:
            return None
        path = Path(chosen)  # "orders 2026.12.1" has no suffix to be replaced
        return path if path.suffix.casefold() == ".xlsx" else path.with_name(f"{path.name}.xlsx")

    def _in_background(self, title: str, write: Callable[[], object]) -> None:
        def work(_job: Job[None]) -> None:
            write()

        def done(_none: None) -> None:
            self._window.status.showMessage(tr("export.done"), 5000)

        self._session.worker.run(title, work, done, self._show_error)


def _contents(grid: GridView) -> tuple[list[str], list[tuple[Cell, ...]]]:
    """Headings and rows of a table as they are shown; numbers and instants as such."""
    columns = [grid.model.columns[at] for at in grid.arrangement.shown_columns()]
    rows = [tuple(_cell(column, row) for column in columns) for row in grid.model.shown_rows()]
    return [column.heading for column in columns], rows


def _cell(column: Column, row: object) -> Cell:
    value = column.value(row)
    if isinstance(value, datetime):
        return value.astimezone(zone()).replace(tzinfo=None)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    return column.text(row)

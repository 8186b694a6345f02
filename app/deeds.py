"""What the user can wish for by name: from a panel's button, the menu or the command palette."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from uuid import uuid4

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu

from app import VERSION
from app.conflicts import clashing_rows
from app.explaining import explain
from app.files import Files
from app.mending import MendingDesk
from app.objectives import Objectives
from app.odds import OddsDesk
from app.planning import PlanningRun
from app.promising import PromiseDesk
from app.session import Session
from app.window import MainWindow
from app.worker import Failure, Job
from app.workspaces import LAYOUTS
from db.errors import Conflict
from domain import edits
from domain.changes import ChangeSet, Row
from domain.errors import DomainError
from domain.mrp import mrp_changes
from domain.orders import OrderLine, OrderStatus
from domain.production import PlannedOrder, WorkOrder
from widgets import theme
from widgets.dialogs.about import AboutDialog
from widgets.dialogs.conflict import ConflictDialog
from widgets.dialogs.preferences import PreferencesDialog
from widgets.dialogs.words import ask, show_error
from widgets.models.table import Edit
from widgets.speaking import speak
from widgets.text import RESOURCES, language, tr


class Deeds(QObject):
    """Carries wishes out, with the rows chosen last as their object."""

    def __init__(
        self,
        session: Session,
        window: MainWindow,
        planning: PlanningRun,
        chosen: Callable[[], Sequence[Row]],
        parent: QObject,
    ) -> None:
        """``chosen`` tells the rows that were chosen last."""
        super().__init__(parent)
        self._session = session
        self._window = window
        self._chosen = chosen
        self.files = Files(session, window, self)
        self.objectives = Objectives(session, window.schedule, planning, self)
        self.promises = PromiseDesk(session, window, self.files, self)
        self.odds = OddsDesk(session, planning, self.show_error, self)
        self.mending = MendingDesk(session, window, planning, self.show_error, self)
        planning.stopping.connect(window.schedule.show_stopping)
        self._by_name = self._own_deeds(planning)
        for name in self._window.panels:
            self._by_name[f"open_{name}"] = partial(self._window.open_panel, name)
        for name in LAYOUTS:
            self._by_name[f"workspace_{name}"] = partial(self._window.workspaces.switch, name)

    def _own_deeds(self, planning: PlanningRun) -> dict[str, Callable[[], object]]:
        session, window, chosen = self._session, self._window, self._chosen
        return {
            "import_workbook": self.files.import_workbook,
            "export_workbook": self.files.export_workbook,
            "export_plan": self.files.export_plan,
            "run_schedule": planning.start,
            "stop_planning": planning.stop,
            "edit_objectives": self.objectives.open_dialog,
            "run_mrp": self._run_mrp,
            "confirm_lines": lambda: self._set_status(OrderStatus.CONFIRMED),
            "draft_lines": lambda: self._set_status(OrderStatus.DRAFT),
            "promise": lambda: self.promises.open(chosen()),
            "odds": self.odds.work_out,
            "mend": lambda: self.mending.open(chosen()),
            "firm_orders": self._firm,
            "print_travellers": lambda: self.files.print_travellers(chosen()),
            "show_in_schedule": self._show_in_schedule,
            "history": self._show_history,
            "why": lambda: explain(session, window, self.show_error),
            "undo": self._undo,
            "redo": self._redo,
            "clear_factory": self._clear_factory,
            "preferences": self._open_preferences,
            "reset_workspace": window.workspaces.reset,
            "about": self._open_about,
        }

    def names(self) -> list[str]:
        """Every command that the palette offers."""
        return [name for name in self._by_name if name not in {"history", "why"}]

    def do(self, name: str) -> None:
        """Carry out a wish, once there is a database to carry it out on."""
        if self._session.database is not None:
            self._by_name[name]()

    def fill_menu(self, menu: QMenu) -> None:
        """The window's menu: what no panel has a button for."""
        names: list[str] = [f"workspace_{name}" for name in LAYOUTS]
        groups = (
            names,
            ["reset_workspace"],
            ["import_workbook", "export_workbook", "export_plan", "clear_factory"],
        )
        for group in (*groups, ["preferences", "about"]):
            for name in group:
                action = QAction(menu)
                action.triggered.connect(lambda _on=False, name=name: self.do(name))
                self._window.say(action.setText, f"command.{name}")
                menu.addAction(action)
            menu.addSeparator()

    def show_error(self, error: Failure) -> None:
        """Say what went wrong and what to do."""
        show_error(self._window, error)

    # rows

    def _undo(self) -> None:
        self._session.bench.undo()

    def _redo(self) -> None:
        self._session.bench.redo()

    def edit(self, wishes: Sequence[Edit]) -> None:
        """Fields typed or pasted into a table: one change, one undo step."""
        plan = self._session.bench.plan
        kinds = {row.id: row for wish in wishes if (row := plan.find(wish.row.id)) is not None}
        fields = [
            (kinds[wish.row.id], wish.key, wish.value) for wish in wishes if wish.row.id in kinds
        ]
        self._submit(partial(edits.edit_fields, plan, fields))

    def _submit(self, make: Callable[[], ChangeSet]) -> None:
        """Make a change set and hand it in; a broken rule is told and changes nothing."""
        try:
            changes = make()
        except DomainError as error:
            self.show_error(error)
            return
        self._session.bench.submit(changes)

    def _set_status(self, status: OrderStatus) -> None:
        plan = self._session.bench.plan
        lines = [
            line
            for row in self._chosen()
            if isinstance(row, OrderLine) and (line := plan.get(OrderLine, row.id)) is not None
        ]
        self._submit(lambda: edits.set_status(lines, status))

    def _firm(self) -> None:
        rows = [row for row in self._chosen() if isinstance(row, WorkOrder | PlannedOrder)]
        self._submit(lambda: edits.firm(self._session.bench.plan, rows))

    def _clear_factory(self) -> None:
        """Ask first, though it can be undone: the others lose sight of everything too."""
        plan = self._session.bench.plan
        if ask(self._window, "ask.clear_factory"):
            self._session.bench.submit(edits.clear_factory(plan))

    def _run_mrp(self) -> None:
        """Explode the orders anew; bookings of operations that go, go too."""
        session = self._session
        plan, now_at = session.bench.plan.copy(), session.clock()

        def work(_job: Job[ChangeSet]) -> ChangeSet:
            from domain.scheduling.begun_orders import begun_firm

            begun = begun_firm(plan, now_at)
            return mrp_changes(begun.plan, begun.explode(now_at, uuid4))

        session.worker.run("mrp", work, session.bench.submit, self.show_error)

    # looking

    def _show_in_schedule(self) -> None:
        self._window.open_panel("schedule")
        self._window.schedule.show_chosen(self._chosen())

    def _show_history(self) -> None:
        details, store = self._window.details, self._session.bench.store
        subject = details.subject
        if subject is None:
            return

        def show(entries: Iterable[object]) -> None:
            if details.subject is subject:
                details.show_history(entries)  # pyright: ignore[reportArgumentType]

        self._session.worker.run(
            "history", lambda _job: store.history(subject.id), show, self.show_error
        )

    def show_conflict(self, error: Conflict, changes: ChangeSet) -> None:
        """Tell who was faster; on wish make the change once more on top of theirs."""
        plan = self._session.bench.plan
        dialog = ConflictDialog(clashing_rows(error, changes, plan), self._window)
        dialog.again_wished.connect(lambda: self._submit(lambda: edits.again(plan, changes)))
        dialog.open()

    def _open_preferences(self) -> None:
        config = self._session.config
        values = {
            "language": language(),
            "scheme": theme.scheme(),
            "density": str(config.get("density", "compact")),
        }
        dialog = PreferencesDialog(values, self._window)
        dialog.changed.connect(self.set_preference)
        dialog.open()

    def set_preference(self, name: str, choice: str) -> None:
        """Take a setting at once, and keep it."""
        application = QApplication.instance()
        self._session.config[name] = choice
        if name == "language":
            speak(application, choice)  # pyright: ignore[reportArgumentType]
            self._session.bench.undo_changed.emit()  # what undo would do is told in words
        elif name == "scheme":
            theme.apply(application, choice)  # pyright: ignore[reportArgumentType]
        elif name == "density":
            theme.apply(application, theme.scheme(), choice)  # pyright: ignore[reportArgumentType]

    def _open_about(self) -> None:
        database = self._session.database
        facts = {
            "about.version": VERSION,
            "about.server": "" if database is None else database.label,
            "about.schema": "" if database is None else tr("about.schema_fits"),
        }
        notices = (RESOURCES / "NOTICES.md").read_text(encoding="utf-8")
        AboutDialog(facts, notices, self._window).open()

"""What connects the window to the session: every wish, edit, choice and piece of news."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QCloseEvent

from app.config import Config
from app.deeds import Deeds
from app.first_start import load_sample
from app.login import person
from app.palette import palette_entries
from app.plan_message import PlanMessage
from app.planning import PlanningRun
from app.preparing import PreparingSign
from app.schedule import ScheduleDesk
from app.session import Session, this_minute
from app.solving import PREPARING
from app.window import MainWindow
from app.worker import Failure, Job
from db.errors import Conflict
from domain.changes import ChangeSet, Row
from domain.items import Item
from domain.scenarios import useful_gap
from widgets.dialogs.words import ask_save
from widgets.outlook import Outlook
from widgets.palette import PaletteDialog
from widgets.shell.status import StatusBar
from widgets.text import error_text, format_duration, has_text, set_zone, tr

_FIRST_PLAN_SECONDS = 5.0


class Desk(QObject):
    """One window at work on one database."""

    def __init__(
        self,
        window: MainWindow,
        config: Config,
        clock: Callable[[], datetime] = this_minute,
    ) -> None:
        super().__init__(window)
        self.window = window
        self.session = Session(config, clock, self)
        self.planning = PlanningRun(self.session, self)
        self.schedule = ScheduleDesk(self.session, window.schedule, self)
        self.chosen: list[Row] = []
        self.deeds = Deeds(self.session, window, self.planning, lambda: self.chosen, self)
        self.palette = PaletteDialog(window)
        self._preparing = PreparingSign(self.session.planning, window.status, self)
        self._waiting: dict[str, None] = {}
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._show_next)
        self._connect_window()
        self._connect_session()

    def open(self, url: str | None = None) -> None:
        """Open the database; the window says how far that is."""
        self.window.status.show_link("connecting")
        self.window.show_panels(is_loaded=False)
        self.session.open(url)

    def close(self) -> None:
        """Leave the database and end what runs."""
        odds, mending = self.deeds.odds, self.deeds.mending
        for each in (self.planning, odds, mending, self.schedule, self._turns, self._preparing):
            each.stop()
        self.session.close()

    def _connect_window(self) -> None:
        window = self.window
        for panel in window.panels.values():
            panel.edited.connect(self.deeds.edit)
            panel.rows_chosen.connect(self._choose)
            panel.opened.connect(self._open_row)
            panel.wished.connect(self.deeds.do)
            panel.export_wished.connect(self.deeds.files.export_grid)
        window.top.undo.triggered.connect(lambda: self.deeds.do("undo"))
        window.top.redo.triggered.connect(lambda: self.deeds.do("redo"))
        window.top.palette_action.triggered.connect(self._open_palette)
        window.top.show_user(person())
        window.files_dropped.connect(self._take_files)
        window.closing.connect(self._ask_before_closing)
        self.palette.chosen.connect(self._go_to)
        self.deeds.fill_menu(window.top.menu)

    def _connect_session(self) -> None:
        session = self.session
        session.opened.connect(self._begin)
        session.failed.connect(self._fail_to_open)
        session.worker.started.connect(lambda job: show_job(job, self.window.status))
        self.planning.begun.connect(self._show_run)
        self.planning.progressed.connect(self._show_progress)
        self.planning.ended.connect(self._show_end)
        self.planning.failed.connect(self._fail_to_plan)

    # the session

    def _begin(self) -> None:
        """Everything is loaded for the first time."""
        session = self.session
        session.opened.disconnect(self._begin)
        database = session.database
        if database is None:
            return
        server, _, name = database.label.partition("/")
        self.window.status.show_server(server, name)
        state = "read_only" if database.store.is_read_only else session.link.value
        self.window.status.show_link(state)
        session.link_changed.connect(lambda state: self.window.status.show_link(state.value))
        bench, outlooks, status = session.bench, session.outlooks, self.window.status
        bench.rows_changed.connect(self.schedule.note_changed)
        bench.rows_changed.connect(lambda rows: self.deeds.objectives.note_changed(rows.keys()))
        bench.pending_changed.connect(self.window.status.show_pending)
        bench.undo_changed.connect(self._show_deeds)
        bench.refused.connect(self._refuse)
        outlooks.changed.connect(self._show_outlook)
        outlooks.failed.connect(lambda error: status.showMessage(error_text(error)))
        self.deeds.objectives.show()
        outlooks.renew()
        if database.server is not None and not bench.plan.table(Item):
            self._load_sample()

    def _load_sample(self) -> None:
        session = self.session
        today = session.clock().astimezone().date()

        def work(_job: Job[bool]) -> bool:
            return load_sample(session.bench.store, today)

        def loaded(is_new: bool) -> None:
            if is_new:
                session.bench.reloaded.connect(self._plan_sample)
                session.bench.reload()

        session.worker.run("load_sample", work, loaded, self.deeds.show_error, lane="store")

    def _plan_sample(self) -> None:
        self.session.bench.reloaded.disconnect(self._plan_sample)
        self.planning.start(_FIRST_PLAN_SECONDS)

    def _fail_to_open(self, error: Failure) -> None:
        self.window.status.show_link("offline")
        self.deeds.show_error(error)

    def _refuse(self, error: Failure, changes: ChangeSet) -> None:
        if isinstance(error, Conflict):
            self.deeds.show_conflict(error, changes)
        else:
            self.deeds.show_error(error)

    def _show_outlook(self, outlook: Outlook) -> None:
        set_zone(outlook.zone)
        self._waiting |= dict.fromkeys(self.window.panels)
        self._turns.start()
        late = sum(1 for fate in outlook.fates.values() if fate.late_minutes)
        self.window.rail.set_count("todo", len(outlook.findings) + late)

    def _show_next(self) -> None:
        """One panel a turn of the event loop, so that a large factory never stops the mouse."""
        name = next(iter(self._waiting))
        del self._waiting[name]
        self.window.panels[name].show_outlook(self.session.outlooks.current)
        if not self._waiting:
            self._turns.stop()
            self.window.show_panels(is_loaded=True)

    def _show_deeds(self) -> None:
        bench = self.session.bench
        words = [
            "" if changes is None else tr(f"change.{changes.label}", **changes.params)
            for changes in (bench.undoable, bench.redoable)
        ]
        self.window.top.show_deeds(*words)

    def _ask_before_closing(self, event: QCloseEvent) -> None:
        """Unsaved work: wait for the server, or go and lose it knowingly."""
        if self.session.database is None or not self.session.bench.pending_count:
            return
        count = self.session.bench.pending_count
        if ask_save(self.window, "ask.unsaved", count=count) is not False:
            event.ignore()

    # jobs

    def _show_run(self, _job: object) -> None:
        self.window.schedule.show_running(is_running=True, words=partial(tr, "planning.begun"))
        self.schedule.set_read_only(read_only=True)

    def _show_progress(self, message: PlanMessage) -> None:
        if message.stage == PREPARING:
            words = partial(tr, "planning.preparing")
        elif message.weighted_lateness is not None:
            words = partial(progress_words, message)
        else:
            return
        self.window.schedule.show_running(is_running=True, words=words)

    def _show_end(self, last: PlanMessage) -> None:
        self.window.schedule.show_moved(self.planning.moved(last))
        self._end_run()

    def _end_run(self) -> None:
        self.window.schedule.show_running(is_running=False)
        self.schedule.set_read_only(read_only=False)

    def _fail_to_plan(self, error: Failure) -> None:
        self._end_run()
        self.deeds.show_error(error)

    # choosing

    def _choose(self, rows: Sequence[Row]) -> None:
        self.chosen = list(rows)
        for panel in self.window.panels.values():
            if panel is not self.sender():
                panel.show_chosen(rows)

    def _open_row(self, row: Row) -> None:
        self.window.open_panel("details")
        self.window.details.show_chosen([row])

    def _open_palette(self) -> None:
        if self.session.database is None:
            return
        self.palette.set_entries(palette_entries(self.session.bench.plan, self.deeds.names()))
        self.palette.open_over(self.window)

    def _go_to(self, target: object) -> None:
        if isinstance(target, Row):
            self._choose([target])
            self._open_row(target)
        else:
            self.deeds.do(cast("str", target))

    def _take_files(self, paths: Sequence[Path]) -> None:
        if paths and self.session.database is not None:
            self.deeds.files.import_workbook(paths[0])


def show_job(job: Job[object], status: StatusBar) -> None:
    """Long work shows in the status bar; the quick reads and writes do not."""
    key, name = str(id(job)), f"job.{job.title}"
    if not has_text(name):
        return
    status.start_job(key, name)
    job.progressed.connect(lambda share, _words: status.show_job(key, share))
    job.finished.connect(lambda: status.end_job(key))

    def cancel(wished: str) -> None:
        if wished == key:
            job.cancel()

    status.cancel_wished.connect(cancel)
    job.finished.connect(lambda: status.cancel_wished.disconnect(cancel))


def progress_words(message: PlanMessage) -> str:
    """How good the plan is by now: value, bound and gap, and at what stage."""
    value, bound = message.weighted_lateness or 0, message.lower_bound
    stage = tr(f"stage.{message.stage}")
    if value == 0:
        return tr("planning.on_time", stage=stage)
    shown = format_duration(value)
    if bound is None:
        return tr("planning.value", value=shown, stage=stage)
    gap = useful_gap(value, bound)
    if gap is None:
        return tr("planning.no_bound", value=shown, stage=stage)
    return tr(
        "planning.gap", value=shown, bound=format_duration(bound), gap=f"{gap:.0%}", stage=stage
    )

"""``gantry run``: the window; without a screen the same factory is planned into files."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.reporting import show_findings
from app.config import Config
from app.exchange.gantt_image import has_display
from app.first_start import load_sample
from app.login import open_database
from app.plan_run import PlanRequest
from app.priority import tidy_later, tidy_what_is_new
from app.session import this_minute
from app.solving import PlanningProcess
from widgets.text import error_text, tr

if TYPE_CHECKING:  # without a screen no window is loaded
    from PySide6.QtWidgets import QApplication

    from app.desk import Desk

HEADLESS_SECONDS = 10.0


def run(url: str | None, config: Config) -> int:
    """Open the window, or say that there is no screen and plan without one."""
    if has_display():
        return _show_window(url, config)
    print(tr("cli.no_display"), file=sys.stderr)
    return _run_headless(url, config)


def _show_window(url: str | None, config: Config) -> int:
    """Open the window on a database and stay until it is closed."""
    application, desk = open_window(url, config)
    try:
        return application.exec()
    finally:
        desk.close()


def open_window(url: str | None, config: Config) -> tuple[QApplication, Desk]:
    """Show the window while its database opens; it comes to life with the event loop."""
    from app.desk import Desk
    from app.window import MainWindow, make_application

    application = make_application(config)
    tidy_later()
    window = MainWindow(config)
    window.restore()
    desk = Desk(window, config)
    desk.session.opened.connect(tidy_what_is_new)
    desk.session.failed.connect(tidy_what_is_new)
    window.show()
    desk.open(url)
    return application, desk


def _result_folder() -> Path:
    """A folder of its own where the user stands, or at home where nothing can be written there."""
    here = Path.cwd()
    return (here if os.access(here, os.W_OK) else Path.home()) / "gantry-plan"


def _run_headless(url: str | None, config: Config) -> int:
    now_at = this_minute()
    with PlanningProcess() as process, closing(open_database(url, config)) as database:
        if load_sample(database.store, now_at.astimezone().date()):
            print(tr("cli.sample_loaded"), file=sys.stderr)
        plan = database.store.load()
        request = PlanRequest(now_at, HEADLESS_SECONDS, scenario_name=tr("plan.scenario_name"))
        last = process.run(plan.rows(), request, lambda _message: None)
        show_findings(last.findings)
        if last.error is not None or last.changes is None:
            text = error_text(last.error) if last.error else tr("cli.nothing_planned")
            print(text, file=sys.stderr)
            return 1
        database.store.write(last.changes)
        plan.apply(last.changes)
    from app.exchange.plan_folder import write_plan

    folder = _result_folder()
    write_plan(folder, plan, now_at)
    print(tr("cli.plan_written", folder=folder))
    return 0

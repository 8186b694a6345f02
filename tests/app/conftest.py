"""What the tests of the program share: one planned sample, settings of one's own, English."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.config import Config
from app.desk import Desk
from app.window import MainWindow
from db.store import Store
from domain.changes import Change, ChangeSet
from tests.builders import NOW
from tests.widgets.factory import make_factory
from widgets import theme
from widgets.speaking import speak
from widgets.text import RESOURCES, set_language

FIRST_LOOK = RESOURCES / "samples" / "first-look.xlsx"
NOW_TEXT = "2026-12-01T08:00"


@dataclass(frozen=True)
class Called:
    """A finished call of the command line."""

    status: int
    out: str
    err: str

    @property
    def numbers(self) -> Any:
        """The JSON object that its last line is."""
        return json.loads(self.out.splitlines()[-1])


def gantry(*arguments: object, home: Path, spoken: str = "en") -> Called:
    """Call the program in a process of its own, as people do."""
    words = [sys.executable, "-m", "app", "--language", spoken, *map(str, arguments)]
    done = subprocess.run(
        words,
        capture_output=True,
        cwd=RESOURCES.parent,
        env={**os.environ, "GANTRY_HOME": str(home)},
        timeout=300,
        check=False,
    )
    return Called(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


@dataclass(frozen=True)
class Planned:
    """The first sample, planned from the command line."""

    called: Called
    folder: Path


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    folder = tmp_path_factory.mktemp("planned") / "out"
    called = gantry(
        *("plan", FIRST_LOOK, "--now", NOW_TEXT, "--seconds", 2, "--seed", 3, "--workers", 1),
        *("--out", folder, "--json"),
        home=folder.parent,
    )
    assert called.status == 0, called.err
    return Planned(called, folder)


@pytest.fixture(autouse=True)
def _english() -> None:
    set_language("en")


class IdlePlanning:
    """In place of the planning process where a test plans nothing: nobody waits for it to start."""

    is_preparing = False

    def __init__(self, *, gives_way: bool) -> None:
        """There is nothing to start."""

    def close(self) -> None:
        """There is nothing to end."""


@pytest.fixture
def stored(database: str) -> str:
    """URL of a database that holds the small planned factory of ``tests.widgets.factory``."""
    store = Store(database)
    try:
        rows = make_factory().plan.rows()
        store.write(ChangeSet("edit", tuple(Change.insert(row) for row in rows)))
    finally:
        store.close()
    return database


@pytest.fixture
def desks(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Desk]]:
    """Opens windows on a database, and closes what is still open at the end."""
    theme.load_fonts(qapp)
    theme.apply(qapp, "light", "compact")
    speak(qapp, "en")
    opened: list[Desk] = []

    def open_desk(url: str | None, name: str = "me", *, plans: bool = False) -> Desk:
        if not plans:
            monkeypatch.setattr("app.session.PlanningProcess", IdlePlanning)
        config = Config(tmp_path / f"{name}.json")
        window = MainWindow(config)
        window.restore()
        desk = Desk(window, config, clock=lambda: NOW)
        opened.append(desk)
        window.show()
        with qtbot.waitSignal(desk.session.opened, timeout=30_000):
            desk.open(url)
        return desk

    yield open_desk
    for desk in opened:
        close_desk(desk)
    speak(qapp, "en")
    theme.apply(qapp, "light", "compact")


def close_desk(desk: Desk) -> None:
    """Close a window as at the end of the day; once is enough."""
    if not isValid(desk.window):
        return
    if desk.window.isVisible():
        desk.window.close()
    if desk.session.database is not None:
        desk.close()
    desk.window.deleteLater()

"""An embedded server that dies under a window comes back by itself, and nothing is lost."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.config import Config
from app.session import Session
from db.listener import LinkState
from domain.changes import Change, ChangeSet
from domain.resources import WorkCenter
from tests.builders import make_work_center


@pytest.mark.skipif(os.name == "nt", reason="kills the server as POSIX does")
def test_a_killed_server_is_started_again_and_gets_what_waited(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANTRY_HOME", str(tmp_path / "home"))
    session = Session(Config(tmp_path / "settings.json"))
    with qtbot.waitSignal(session.opened, timeout=60_000):
        session.open()
    assert session.database is not None
    server = session.database.server
    assert server is not None
    pid = (server.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0]
    os.kill(int(pid), signal.SIGKILL)
    qtbot.waitUntil(lambda: session.link is not LinkState.LIVE, timeout=20_000)
    row = make_work_center(code="MADE-MEANWHILE")
    session.bench.submit(ChangeSet("edit", (Change.insert(row),)))
    qtbot.waitUntil(lambda: session.link is LinkState.LIVE, timeout=60_000)
    qtbot.waitUntil(lambda: session.bench.pending_count == 0, timeout=20_000)
    stored = session.bench.store.read_all(WorkCenter)
    session.close()
    server.destroy()
    assert [each.code for each in stored] == ["MADE-MEANWHILE"]

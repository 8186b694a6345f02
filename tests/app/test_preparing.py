"""While the planner compiles, the status bar says how far it is and what has to wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from app.preparing import PreparingSign
from app.solving import PlanningProcess
from widgets.shell.status import StatusBar
from widgets.text import set_language


@dataclass
class Planning:
    """A planning process at work on its loops."""

    is_preparing: bool = True
    warmth: Any = field(default_factory=lambda: SimpleNamespace(done=0, total=0))


@pytest.fixture
def status(qtbot: QtBot) -> StatusBar:
    shown = StatusBar()
    qtbot.addWidget(shown)
    shown.show()
    return shown


def words(status: StatusBar) -> str:
    line = status._jobs.get("engine")
    return "" if line is None else line._label.text()


@pytest.mark.parametrize(
    ("language", "early", "later"),
    [
        (
            "en",
            "Planning, mending and promises have to wait: preparing the planner, 8 of 240 ",
            "Planning, mending and promises wait about 3 min: preparing the planner, 60 of 240 ",
        ),
        (
            "zh",
            "排产、异常处理和交期承诺需要等待：正在准备排产引擎，已完成 8/240 个函数",
            "排产、异常处理和交期承诺约需等待 3分：正在准备排产引擎，已完成 60/240 个函数",
        ),
    ],
)
def test_it_says_how_far_and_what_waits(
    status: StatusBar, qtbot: QtBot, language: str, early: str, later: str
) -> None:
    set_language(language)
    now = [0.0]
    planning = Planning()
    sign = PreparingSign(cast("PlanningProcess", planning), status, clock=lambda: now[0])
    try:
        qtbot.wait(600)
        assert words(status) == ""  # it may be there at once
        planning.warmth.done, planning.warmth.total, now[0] = 8, 240, 5.0
        qtbot.waitUntil(lambda: words(status).startswith(early))
        planning.warmth.done, now[0] = 60, 60.0
        qtbot.waitUntil(lambda: words(status).startswith(later))
        planning.is_preparing = False
        qtbot.waitUntil(lambda: words(status) == "")
    finally:
        sign.stop()
        set_language("en")


def test_what_the_process_itself_tells() -> None:
    with PlanningProcess() as process:
        assert process.is_preparing
        assert process.warmth.total == 0
        while process.is_preparing:
            process._process.join(0.05)
            assert process._process.is_alive()
            assert process.warmth.done <= process.warmth.total
        assert process.warmth.is_ready
        # What is loaded from disk brings what it calls with it.
        assert process.warmth.total > process.warmth.done > 0

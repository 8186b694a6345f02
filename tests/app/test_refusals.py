"""A refused drag says in words what rules it out, or that other work would have to move."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from pytestqt.qtbot import QtBot

from app.schedule import ScheduleDesk
from domain.scenarios import LockLevel
from tests.builders import NOW, at, make_booking
from tests.domain.scheduling.test_conflict import two_steps
from widgets.schedule.panel import SchedulePanel


def test_the_lock_behind_a_refusal_is_named(qtbot: QtBot) -> None:
    plan, scenario, (first, second), (one, two) = two_steps()
    locked = make_booking(scenario, first, one, (400, 400, 500), lock=LockLevel.TIME)
    dragged = make_booking(scenario, second, two, (600, 600, 700))
    plan.put(locked)
    plan.put(dragged)
    panel = SchedulePanel()
    qtbot.addWidget(panel)
    session = SimpleNamespace(bench=SimpleNamespace(plan=plan), clock=lambda: NOW)
    desk = ScheduleDesk(session, panel, panel)  # pyright: ignore[reportArgumentType]

    def refused(minute: int) -> list[str]:
        return desk._preview(dragged, two.id, at(minute)).refusal.splitlines()

    why, ruled_out = refused(450)
    assert "/10" in why or "10" in why
    assert "unless one of these gives way: Locked in time: WO-" in ruled_out
    assert refused(99)[1].endswith("the work before it alone takes longer.")
    assert refused(500) == []
    plan.put(replace(locked, lock=LockLevel.NONE))
    desk._forget(None)
    assert refused(450)[1].startswith("No lock or limit rules it out")

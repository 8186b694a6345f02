"""What panels show: the plan with its meaning, worked out once and only where nobody knows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event

import pytest
from pytestqt.qtbot import QtBot

from app import outlooks as outlooks_module
from app.desk import Desk
from app.meaning import meaning_of
from app.outlooks import findings_of
from app.plan_message import PlanMessage
from domain.changes import Change, ChangeSet
from domain.scenarios import Booking
from tests.app.test_desk import settle, type_quantity

Desks = Callable[..., Desk]


@pytest.fixture
def desk(desks: Desks, stored: str, qtbot: QtBot) -> Desk:
    desk = desks(stored)
    qtbot.waitUntil(lambda: bool(desk.session.outlooks.current.fates))
    return desk


@pytest.fixture
def looks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every plan whose meaning the window works out from here on."""
    seen: list[object] = []

    def work(plan, bookings, now_at):
        seen.append(plan)
        return meaning_of(plan, bookings, now_at)

    monkeypatch.setattr(outlooks_module, "meaning_of", work)
    return seen


def test_a_plan_shown_with_its_meaning_is_not_worked_out_again(
    desk: Desk, looks: list[object], qtbot: QtBot
) -> None:
    outlooks, plan = desk.session.outlooks, desk.session.bench.plan.copy()
    scenario = plan.published()
    assert scenario is not None
    bookings = plan.where(Booking, scenario_id=scenario.id)
    fates, amounts = meaning_of(plan, bookings, outlooks.current.now_at)
    late = {key: replace(fate, late_minutes=77) for key, fate in fates.items()}
    outlooks.preview(plan, (late, amounts))
    assert {fate.late_minutes for fate in outlooks.current.fates.values()} == {77}
    qtbot.wait(200)
    assert looks == []
    outlooks.settle()
    qtbot.waitUntil(lambda: outlooks.current.fates == fates)
    assert len(looks) == 1


def test_an_edit_is_worked_out_once_though_its_rows_come_back_from_the_database(
    desk: Desk, looks: list[object], qtbot: QtBot
) -> None:
    type_quantity(desk, "SO-7", "12")
    settle(desk, qtbot)
    qtbot.waitUntil(lambda: bool(looks))
    qtbot.wait(300)  # the new versions are there by then
    assert len(looks) == 1


def test_what_is_missing_is_looked_for_once_when_all_is_drawn_and_quiet(
    desk: Desk, looks: list[object], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlooks, searches = desk.session.outlooks, []
    qtbot.waitUntil(lambda: bool(outlooks.current.findings))

    def search(outlook):
        searches.append(outlook)
        return findings_of(outlook)

    monkeypatch.setattr(outlooks_module, "findings_of", search)
    outlooks._quiet.setInterval(60_000)
    for count, text in enumerate(("12", "13"), start=1):
        type_quantity(desk, "SO-7", text)
        qtbot.waitUntil(lambda count=count: len(looks) == count)
    settle(desk, qtbot)
    qtbot.wait(100)
    assert searches == []
    outlooks._quiet.setInterval(0)
    qtbot.waitUntil(lambda: bool(searches))
    qtbot.wait(100)
    assert len(searches) == 1


@pytest.mark.parametrize("is_changed", [True, False])
def test_a_plan_found_while_rows_changed_does_not_say_what_they_mean(
    desk: Desk, looks: list[object], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, is_changed: bool
) -> None:
    session, go_on = desk.session, Event()
    present = session.bench.plan.published()
    assert present is not None
    renamed = Change.update(present, replace(present, name="New"))
    fates, amounts = session.outlooks.current.fates, session.outlooks.current.amounts
    late = {key: replace(fate, late_minutes=77) for key, fate in fates.items()}

    def run(*_asked: object) -> PlanMessage:
        go_on.wait(10)
        changes = ChangeSet("plan", (renamed,))
        return PlanMessage(changes=changes, meaning=(late, amounts), is_last=True)

    monkeypatch.setattr(session.planning, "run", run, raising=False)
    desk.planning.start()
    if is_changed:
        type_quantity(desk, "SO-7", "12")
        settle(desk, qtbot)
    with qtbot.waitSignal(desk.planning.ended):
        go_on.set()
    qtbot.wait(300)
    plan, now_at = session.bench.plan, session.clock()
    bookings = plan.where(Booking, scenario_id=present.id)
    honest = meaning_of(plan, bookings, now_at)[0] if is_changed else late
    shown = session.outlooks.current.fates
    assert [each.late_minutes for each in shown.values()] == [
        each.late_minutes for each in honest.values()
    ]
    assert bool(looks) == is_changed

"""Profiles in the window: made, changed and taken back on a real database, and planned after."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from app.desk import Desk
from domain.objectives import LEAN, ON_TIME, ObjectiveProfile
from widgets.schedule.objectives import ObjectivesDialog

Desks = Callable[..., Desk]


@pytest.fixture
def desk(desks: Desks, stored: str, qtbot: QtBot) -> Desk:
    desk = desks(stored)
    qtbot.waitUntil(lambda: bool(desk.session.outlooks.current.fates))
    return desk


def opened(desk: Desk) -> ObjectivesDialog:
    desk.deeds.do("edit_objectives")
    return desk.window.findChildren(ObjectivesDialog)[-1]


def stored_profiles(desk: Desk) -> list[ObjectiveProfile]:
    found = desk.session.bench.store.read_all(ObjectiveProfile)
    return [profile for profile in found if isinstance(profile, ObjectiveProfile)]


def settle(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.session.bench.pending_count == 0)


def test_a_profile_is_made_changed_deleted_and_taken_back(desk: Desk, qtbot: QtBot) -> None:
    dialog = opened(desk)
    dialog.choose(LEAN.id)
    dialog.buttons["duplicate"].click()
    assert dialog.name.text() == "Lean: low work in progress (copy)"
    dialog.name.setText("Friday")
    dialog.name.editingFinished.emit()
    dialog.weighed.click()
    settle(desk, qtbot)
    (own,) = stored_profiles(desk)
    assert (own.name, own.is_weighted, own.goals) == ("Friday", True, LEAN.goals)
    dialog.buttons["delete"].click()
    settle(desk, qtbot)
    assert stored_profiles(desk) == []
    desk.deeds.do("undo")
    settle(desk, qtbot)
    assert [profile.name for profile in stored_profiles(desk)] == ["Friday"]
    assert desk.window.schedule.profiles.findText("Friday") >= 0
    dialog.accept()


def test_a_name_twice_is_refused_in_words(desk: Desk, qtbot: QtBot) -> None:
    dialog = opened(desk)
    for _ in range(2):
        dialog.choose(ON_TIME.id)
        dialog.buttons["duplicate"].click()
    assert dialog.name.text() == "On time first (copy) 2"
    dialog.name.setText("on time first (COPY)")
    dialog.name.editingFinished.emit()
    assert "already a profile" in dialog.refusal.text()
    assert dialog.name.text() == "On time first (copy) 2"
    dialog.accept()
    settle(desk, qtbot)


def test_the_chosen_profile_is_planned_after_and_remembered(
    desk: Desk, desks: Desks, qtbot: QtBot
) -> None:
    assert desk.planning.profile == ON_TIME
    desk.window.schedule.profile_chosen.emit(LEAN.id)
    assert desk.planning.profile == LEAN
    assert desk.session.config["profile"] == str(LEAN.id)
    assert desk.window.schedule.profiles.currentText() == "Lean: low work in progress"


def test_a_choice_that_is_deleted_falls_back(desk: Desk, qtbot: QtBot) -> None:
    dialog = opened(desk)
    dialog.buttons["duplicate"].click()
    assert dialog.profile is not None
    desk.window.schedule.profile_chosen.emit(dialog.profile.id)
    assert desk.planning.profile == dialog.profile
    dialog.buttons["delete"].click()
    assert desk.planning.profile == ON_TIME
    dialog.accept()
    settle(desk, qtbot)

"""The dialog of objectives, by mouse and keys: every finished edit is told as a profile."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from domain.objectives import PRESETS, Goal
from tests.builders import make_profile
from widgets.schedule.objectives import ObjectivesDialog, amounts_text
from widgets.schedule.panel import SchedulePanel
from widgets.speaking import speak


@pytest.fixture
def own():
    return make_profile(goals=(Goal.LATENESS, Goal.SETUP))


@pytest.fixture
def dialog(qtbot, own):
    dialog = ObjectivesDialog()
    qtbot.addWidget(dialog)
    dialog.told = []
    dialog.edited.connect(dialog.told.append)
    dialog.show_profiles([*PRESETS, own], own.id)
    dialog.show()
    return dialog


def click(qtbot, widget, position=None):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=position or QPoint())


def tick(qtbot, dialog, goal):
    """Click the box before a goal."""
    table = dialog.goals
    row = next(r for r in range(5) if table.item(r, 0).data(Qt.ItemDataRole.UserRole) == goal)
    index = table.model().index(row, 0)
    option = QStyleOptionViewItem()
    option.rect = table.visualRect(index)
    option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    box = QStyle.SubElement.SE_ItemViewItemCheckIndicator
    place = table.style().subElementRect(box, option, table)
    click(qtbot, table.viewport(), place.center())
    return row


def test_a_preset_can_only_be_duplicated(dialog, qtbot):
    dialog.names.setCurrentRow(0)
    assert not dialog.name.isEnabled()
    assert not dialog.buttons["delete"].isEnabled()
    assert "Duplicate" in dialog.hint.text()
    tick(qtbot, dialog, Goal.CHANGES)
    assert dialog.told == []
    with qtbot.waitSignal(dialog.duplicated) as heard:
        click(qtbot, dialog.buttons["duplicate"])
    assert heard.args == [PRESETS[0]]


def test_every_goal_can_be_seen_at_once_whatever_is_said_below(dialog, qtbot, qapp):
    for row, words in ((0, ""), (len(PRESETS), "A profile needs a name, and this tells so. " * 3)):
        dialog.names.setCurrentRow(row)
        dialog.resize(800, 480)
        if words:
            dialog.refuse(words)
        for _ in range(3):
            qapp.processEvents()
        table = dialog.goals
        last = table.visualRect(table.model().index(table.rowCount() - 1, 0))
        assert table.viewport().rect().contains(last), words
        assert dialog.refusal.isVisible() == bool(words)


def test_a_name_is_typed(dialog, qtbot):
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "Monday")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert [each.name for each in dialog.told] == ["Monday"]


def test_goals_are_ticked_and_ordered(dialog, qtbot, own):
    tick(qtbot, dialog, Goal.WORK_IN_PROGRESS)
    assert dialog.told[-1].goals == ("lateness", "setup", "work_in_progress")
    dialog.show_profiles([*PRESETS, dialog.told[-1]], None)
    dialog.goals.setCurrentCell(2, 0)
    click(qtbot, dialog.buttons["up"])
    assert dialog.told[-1].goals == ("lateness", "work_in_progress", "setup")
    assert dialog.told[-1].id == own.id


def test_weights_count_where_goals_are_weighed(dialog, qtbot):
    assert not dialog.goals.cellWidget(1, 1).isEnabled()
    dialog.weighed.click()
    assert dialog.told[-1].is_weighted
    dialog.show_profiles([*PRESETS, dialog.told[-1]], None)
    weight = dialog.goals.cellWidget(1, 1)
    assert weight.isEnabled()
    assert not dialog.buttons["down"].isEnabled()
    weight.selectAll()
    qtbot.keyClicks(weight, "12.5")
    qtbot.keyClick(weight, Qt.Key.Key_Return)
    assert dialog.told[-1].setup_weight == Decimal("12.5")


def test_what_was_refused_shows_again_as_it_is(dialog, qtbot):
    dialog.edited.connect(lambda _wish: dialog.refuse("no"))
    dialog.name.clear()
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert dialog.name.text() == "Friday"
    assert dialog.refusal.text() == "no"


def test_a_profile_that_goes_leaves_the_chosen_one(dialog):
    dialog.show_profiles(PRESETS, PRESETS[2].id)
    assert dialog.profile == PRESETS[2]


def test_words_follow_the_language(dialog, qapp):
    assert dialog.names.item(2).text() == "Lean: low work in progress"
    speak(qapp, "zh")
    qapp.processEvents()
    try:
        assert dialog.names.item(2).text() == "精益：低在制"
        assert dialog.name.text() == "Friday"
    finally:
        speak(qapp, "en")


def test_the_panel_tells_which_profile_was_chosen(qtbot, own):
    panel = SchedulePanel()
    qtbot.addWidget(panel)
    panel.show_profiles([*PRESETS, own], own.id)
    assert panel.profiles.currentText() == "Friday"
    with qtbot.waitSignal(panel.profile_chosen) as heard:
        qtbot.keyClick(panel.profiles, Qt.Key.Key_Up)
    assert heard.args == [PRESETS[-1].id]


def test_amounts_are_told_in_words():
    words = amounts_text({Goal.SETUP: 90, Goal.CHANGES: 1})
    assert words == "Setup 1 h 30 min  ·  One operation moved by the last run"

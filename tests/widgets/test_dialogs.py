from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QScrollArea,
    QWidget,
)

from domain.errors import RuleViolation
from widgets.dialogs import words
from widgets.dialogs.about import AboutDialog
from widgets.dialogs.conflict import Clashing, ConflictDialog, Difference
from widgets.dialogs.frame import Dialog
from widgets.dialogs.importing import CountView, FaultView, ImportWizard
from widgets.dialogs.mapping import Unknown
from widgets.dialogs.preferences import PreferencesDialog
from widgets.speaking import speak


def press(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def wizard(qtbot) -> ImportWizard:
    wizard = ImportWizard()
    qtbot.addWidget(wizard)
    with qtbot.waitExposed(wizard):
        wizard.show()
    return wizard


def test_a_good_file_goes_from_path_to_done(wizard, qtbot):
    assert not wizard.go.isEnabled()
    QTest.keyClicks(wizard.line, "C:/data/factory.xlsx")
    with qtbot.waitSignal(wizard.read_wished) as told:
        press(wizard.go)
    assert told.args == [Path("C:/data/factory.xlsx"), {}]
    wizard.show_progress(0.3)
    assert not wizard.go.isVisible()
    wizard.show_preview([CountView(uuid4(), "Items", 3, 1, 40)])
    assert wizard.go.text() == "Import"
    with qtbot.waitSignal(wizard.import_wished):
        press(wizard.go)
    wizard.show_done("Imported.")
    press(wizard.go)
    assert not wizard.isVisible()


def test_unknown_columns_are_asked_for(wizard, qtbot):
    wizard.open_file(Path("a.xlsx"))
    unknown = [
        Unknown("Items", "Weight", (("name", "Name"), ("unit", "Unit"))),
        Unknown("Extra", "", (("Items", "Items"),)),
    ]
    wizard.show_unknown(unknown, {("Items", "Weight"): "unit"})
    box = wizard.mapping.cellWidget(0, 2)
    assert isinstance(box, QComboBox)
    assert box.currentText() == "Unit"
    with qtbot.waitSignal(wizard.read_wished) as told:
        press(wizard.go)
    assert told.args[1] == {("Items", "Weight"): "unit"}


def test_faults_are_listed_and_explained(wizard, qtbot, qapp):
    wizard.open_file(Path("a.xlsx"))
    faults = [
        FaultView(uuid4(), "Items", 4, "unit", "kilo", "unit not known"),
        FaultView(uuid4(), "", None, "", "", "sheet Orders is missing"),
    ]
    wizard.show_faults(faults)
    assert wizard._explained.text() == "Sheet Items, row 4, column unit: unit not known"
    wizard.faults.chosen.select([faults[1].id])
    assert "Orders is missing" in wizard._explained.text()
    assert wizard.save_marked.isVisible()
    wizard.show_faults(faults, can_mark=False)
    assert not wizard.save_marked.isVisible()
    speak(qapp, "zh")
    qapp.processEvents()
    assert wizard.go.text() == "重新检查"


def test_nothing_to_import_is_said(wizard):
    wizard.show_preview([CountView(uuid4(), "Items", 0, 0, 40)])
    assert not wizard.go.isEnabled()


def test_closing_while_it_works_cancels(wizard, qtbot):
    wizard.open_file(Path("a.xlsx"))
    wizard.show_progress(None)
    with qtbot.waitSignal(wizard.cancel_wished):
        QTest.keyClick(wizard, Qt.Key.Key_Escape)


def test_a_conflict_names_who_and_what(qtbot):
    clash = Clashing(
        "Order SO-7/1",
        "mei",
        datetime(2026, 12, 1, 8, tzinfo=UTC),
        False,
        (Difference("column.quantity", "8 pcs", "5 pcs"),),
    )
    dialog = ConflictDialog([clash])
    qtbot.addWidget(dialog)
    top = dialog.tree.topLevelItem(0)
    assert top.text(1) == "Changed by mei, 2026-12-01 08:00"
    assert [top.child(0).text(at) for at in range(3)] == ["Quantity", "8 pcs", "5 pcs"]
    dialog.show()
    with qtbot.waitSignal(dialog.again_wished):
        dialog._again()


class LongDialog(Dialog):
    """Text that wraps, and fourteen fields below one another."""

    def __init__(self) -> None:
        super().__init__("preferences.title")
        self.body.addWidget(QLabel("words " * 40, wordWrap=True))
        self.fields = [QLineEdit(self) for _ in range(14)]
        for field in self.fields:
            self.body.addWidget(field)
        self.close_button = self.add_button("words.close", self.accept)
        self.resize(400, 300)


def can_be_seen(dialog: Dialog, child: QWidget) -> bool:
    """Whether all of a widget is in sight."""
    region = child.visibleRegion().boundingRect()
    return region.size() == child.size() and dialog.rect().contains(
        child.mapTo(dialog, child.rect().center())
    )


def test_what_is_too_large_for_the_screen_scrolls_and_its_buttons_stay(qtbot, qapp):
    dialog = LongDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    assert can_be_seen(dialog, dialog.fields[-1])  # here is room enough, whatever was asked
    scroll = dialog.findChild(QScrollArea)
    assert not scroll.verticalScrollBar().isVisible()
    dialog.hide()
    dialog.fit(QSize(683, 384))
    dialog.resize(675, 1)
    QDialog.setVisible(dialog, True)
    qapp.processEvents()
    assert dialog.height() <= 384
    assert scroll.verticalScrollBar().isVisible()
    assert not scroll.horizontalScrollBar().isVisible()
    assert can_be_seen(dialog, dialog.close_button)
    assert not can_be_seen(dialog, dialog.fields[-1])
    dialog.fields[0].setFocus()
    for _ in range(13):
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.fields[-1].hasFocus()
    assert can_be_seen(dialog, dialog.fields[-1])


def test_preferences_hold_at_once(qtbot, qapp):
    dialog = PreferencesDialog({"language": "en", "scheme": "light"})
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitSignal(dialog.changed) as told:
        QTest.keyClick(dialog.boxes["scheme"], Qt.Key.Key_Down)
    assert told.args == ["scheme", "dark"]
    speak(qapp, "zh")
    qapp.processEvents()
    assert dialog.boxes["scheme"].currentText() == "深色"


def test_about(qtbot):
    dialog = AboutDialog({"about.version": "0.1.0"}, "licence text")
    qtbot.addWidget(dialog)
    dialog.show()


def answer(which: int) -> None:
    """Press a button of the message box that is about to open."""

    def press_it() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        press(box.buttons()[which])

    QTimer.singleShot(0, press_it)


def test_questions_have_verbs(qapp):
    told = []
    for which in range(3):
        answer(which)
        told.append(words.ask_save(None, "ask.unsaved", count=2))
    assert sorted(told, key=str) == [False, None, True]


def test_errors_are_told_in_words(qapp, monkeypatch):
    told = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: told.append(box.text()))
    words.show_error(None, RuleViolation("plant_missing"))
    assert told == [words.tr("error.plant_missing")]
    assert not told[0].startswith("error.")

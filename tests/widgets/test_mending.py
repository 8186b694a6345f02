"""The dialog that mends a plan: what happened is asked, the offers stand side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QApplication, QDialog, QScrollArea
from pytestqt.qtbot import QtBot

from app.meaning import meaning_of
from app.outlooks import look_at
from domain.changes import ChangeSet
from domain.errors import DomainError, Finding
from domain.happenings import Happening, HappeningKind
from domain.mend_offers import Figures, MendOffer, RushEnd, Way
from domain.production import Operation, WorkOrder
from domain.resources import Machine
from tests.builders import NOW
from tests.widgets.factory import make_factory
from widgets.outlook import Outlook
from widgets.schedule.mending import MendingDialog
from widgets.speaking import speak
from widgets.text import tr

BEFORE = Figures(100, 1, 60)


@pytest.fixture
def outlook() -> Outlook:
    plan = make_factory().plan
    seen = look_at(plan, NOW)
    return look_at(plan, NOW, meaning=meaning_of(plan, seen.bookings.values(), NOW))


@pytest.fixture
def dialog(outlook: Outlook, qtbot: QtBot) -> MendingDialog:
    shown = MendingDialog(outlook)
    qtbot.addWidget(shown)
    shown.show_running(is_running=False)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def offer(way: Way, late: int, moved: int) -> MendOffer:
    return MendOffer(way, Figures(late, 2, 90), moved, ChangeSet("mend_plan", ()))


def cell(dialog: MendingDialog, measure: str, way: Way | None) -> str:
    return dialog.table._cells[measure, way].text()


def test_a_breakdown_is_asked_with_the_machine_that_was_chosen(
    dialog: MendingDialog, outlook: Outlook, qtbot: QtBot
) -> None:
    machine = list(outlook.plan.table(Machine).values())[-1]
    dialog.suggest(HappeningKind.BREAKDOWN, {HappeningKind.BREAKDOWN: machine.id})
    assert machine.code in dialog.form.subject.currentText()
    with qtbot.waitSignal(dialog.asked) as told:
        qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    happening = told.args[0]
    assert isinstance(happening, Happening)
    assert (happening.kind, happening.subject_id) == (HappeningKind.BREAKDOWN, machine.id)
    assert happening.start_at == NOW
    assert happening.end_at == NOW + timedelta(hours=8)


def test_what_is_typed_is_what_it_happened_to(
    dialog: MendingDialog, outlook: Outlook, qtbot: QtBot
) -> None:
    form, line = dialog.form, dialog.form.subject.lineEdit()
    assert line is not None
    machines = sorted(outlook.plan.table(Machine).values(), key=lambda machine: machine.code)
    chosen = form.subject.currentData()
    for typed, meant in (
        (machines[-1].code, machines[-1].id),
        (machines[-1].code.lower(), machines[-1].id),
        (machines[0].code, machines[0].id),
        ("nothing of that name", machines[0].id),
        ("", machines[0].id),
    ):
        line.setFocus()
        line.selectAll()
        qtbot.keyClick(line, Qt.Key.Key_Delete)
        qtbot.keyClicks(line, typed)
        qtbot.keyClick(line, Qt.Key.Key_Return)
        happening = form.happening()
        assert happening is not None
        assert happening.subject_id == meant
        # What is read is what it is worked out for.
        assert form.subject.currentText() == form.subject.itemText(form.subject.findData(meant))
    assert chosen == machines[0].id


def test_what_was_chosen_stays_in_another_language_and_after_a_look_at_another_kind(
    dialog: MendingDialog, outlook: Outlook, qapp: QApplication, qtbot: QtBot
) -> None:
    """Else the offers would be read as those for something that nothing has happened to."""
    form, machines = dialog.form, list(outlook.plan.table(Machine).values())
    dialog.suggest(HappeningKind.BREAKDOWN, {HappeningKind.BREAKDOWN: machines[0].id})
    form.subject.setFocus()
    qtbot.keyClick(form.subject, Qt.Key.Key_Down)
    chosen = form.subject.currentText()
    assert machines[0].code not in chosen
    dialog.show_offer(BEFORE, offer(Way.LOCAL, 700, 12))
    speak(qapp, "zh")
    qtbot.waitUntil(lambda: form.kind.currentText() == "设备故障")
    assert form.subject.currentText() == chosen
    assert dialog.take.isEnabled()
    speak(qapp, "en")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(form.kind, key)
    assert form.chosen_kind() is HappeningKind.BREAKDOWN
    assert form.subject.currentText() == chosen


def test_work_is_named_with_its_item(dialog: MendingDialog, outlook: Outlook) -> None:
    step = next(
        step for step in outlook.plan.table(Operation).values() if step.id in outlook.bookings
    )
    order = outlook.plan.need(WorkOrder, step.work_order_id)
    code = outlook.item(order.item_id).code
    for kind, row_id in ((HappeningKind.SCRAP, order.id), (HappeningKind.PACE, step.id)):
        dialog.suggest(kind, {kind: row_id})
        assert dialog.form.subject.currentText().startswith(f"{order.number} {code}")


def test_the_keyboard_never_goes_to_the_frozen_time_by_itself(
    dialog: MendingDialog, qtbot: QtBot
) -> None:
    dialog.form.ask.setFocus()
    dialog.show_running(is_running=True)
    assert dialog.stop.hasFocus()
    dialog.show_offer(BEFORE, offer(Way.LOCAL, 700, 12))
    dialog.show_running(is_running=True, seconds=1)
    dialog.show_running(is_running=False)
    assert dialog.choices[Way.LOCAL].hasFocus()
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Up)
    assert dialog.frozen.value() == 0


def test_nor_while_somebody_looks_at_another_window(dialog: MendingDialog, qtbot: QtBot) -> None:
    other = QDialog()
    qtbot.addWidget(other)
    dialog.show_running(is_running=True)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not dialog.isActiveWindow())
    dialog.show_offer(BEFORE, offer(Way.LOCAL, 700, 12))
    dialog.show_running(is_running=False)
    assert dialog.focusWidget() is dialog.choices[Way.LOCAL]


def test_parts_of_a_split_are_told_apart(dialog: MendingDialog, outlook: Outlook) -> None:
    plan = outlook.plan
    whole = next(step for step in plan.table(Operation).values() if step.id in outlook.bookings)
    other = replace(whole, id=uuid4(), part=2, quantity=Decimal(1))
    for part in (replace(whole, part=1, quantity=Decimal(1)), other):
        plan.put(part)
    booking = replace(outlook.bookings[whole.id], id=uuid4(), operation_id=other.id)
    bookings = {**outlook.bookings, other.id: booking}
    dialog.form.set_outlook(replace(outlook, bookings=bookings))
    dialog.form.kind.setCurrentIndex(list(HappeningKind).index(HappeningKind.PACE))
    subject = dialog.form.subject
    words = [subject.itemText(subject.findData(step_id)) for step_id in (whole.id, other.id)]
    assert "1/2" in words[0]
    assert "2/2" in words[1]


def test_each_kind_asks_for_its_own_fields(dialog: MendingDialog) -> None:
    form = dialog.form
    shown = {}
    for at, kind in enumerate(HappeningKind):
        form.kind.setCurrentIndex(at)
        fields = {"start": form.start, "end": form.end, "due": form.due}
        fields |= {"quantity": form.quantity, "percent": form.percent, "rush": form.rush}
        shown[kind] = {name for name, field in fields.items() if field.isVisible()}
    assert shown[HappeningKind.BREAKDOWN] == shown[HappeningKind.ABSENCE] == {"start", "end"}
    assert shown[HappeningKind.MATERIAL] == {"due"}
    assert shown[HappeningKind.RUSH] == {"rush"}
    assert shown[HappeningKind.SCRAP] == {"quantity"}
    assert shown[HappeningKind.PACE] == {"percent"}


def test_what_it_happened_to_is_called_by_its_name(
    dialog: MendingDialog, qapp: QApplication, qtbot: QtBot
) -> None:
    form, label = dialog.form, dialog.form._labels["subject"]
    for language, names in {
        "en": ["Machine", "Purchase", "Person", "Item", "Work order", "Operation"],
        "zh": ["设备", "采购", "人员", "物料", "工单", "工序"],
    }.items():
        speak(qapp, language)
        told = {}
        for at, kind in enumerate(HappeningKind):
            form.kind.setCurrentIndex(at)
            told[kind] = label.text()
            assert form.subject.accessibleName() == label.text()
        assert list(told.values()) == names
    speak(qapp, "en")
    qtbot.waitUntil(lambda: label.text() == form.subject.accessibleName() == "Operation")


def test_offers_come_one_by_one_and_one_is_taken(dialog: MendingDialog, qtbot: QtBot) -> None:
    assert not dialog.take.isEnabled()
    dialog.show_running(is_running=True)
    dialog.show_offer(BEFORE, offer(Way.PUSH, 5000, 300))
    assert (cell(dialog, "lateness", None), cell(dialog, "late_lines", None)) == ("1 h 40 min", "1")
    assert cell(dialog, "lateness", Way.PUSH) == "3 d 11 h"  # as below the chart
    assert cell(dialog, "moved", Way.PUSH) == "300"
    assert cell(dialog, "lateness", Way.LOCAL) == "–"
    assert not dialog.choices[Way.LOCAL].isEnabled()
    with qtbot.waitSignal(dialog.preview_wished) as told:
        dialog.show_offer(BEFORE, offer(Way.LOCAL, 700, 12))  # marked by itself
    assert told.args[0].way is Way.LOCAL
    with qtbot.waitSignal(dialog.preview_wished) as told:
        qtbot.mouseClick(dialog.choices[Way.PUSH], Qt.MouseButton.LeftButton)
    assert told.args[0].way is Way.PUSH
    with qtbot.waitSignal(dialog.taken) as told:
        qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert told.args[0].way is Way.PUSH


def test_on_a_small_screen_it_can_be_stopped_without_scrolling_and_offers_stay_in_place(
    dialog: MendingDialog, outlook: Outlook, qtbot: QtBot
) -> None:
    """A laptop of 1366 x 768 at 150 %, and all that can be told of a rush order."""
    dialog.hide()
    dialog.form.kind.setCurrentIndex(list(HappeningKind).index(HappeningKind.RUSH))
    dialog.show_running(is_running=True)
    dialog.fit(QSize(911, 512))
    QDialog.setVisible(dialog, True)
    told = {"work_order": "WO-000233", "item": "KJ-01-L", "routing": "R"}
    for way in Way:
        end = RushEnd(NOW + timedelta(hours=52), 190)
        chosen = (Finding("chosen_routing", params=told),) * 4
        dialog.show_offer(BEFORE, replace(offer(way, 700, 12), rush=end, chosen=chosen))
    scrolled = dialog.findChild(QScrollArea)
    assert scrolled is not None
    qtbot.waitUntil(scrolled.verticalScrollBar().isVisible)
    assert dialog.stop.visibleRegion().boundingRect() == dialog.stop.rect()
    place = dialog.choices[Way.LOCAL].mapTo(dialog, QPoint())
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    dialog.show_running(is_running=False, is_stopped=True)
    QApplication.processEvents()
    assert not dialog.stop.isVisible()
    assert dialog.choices[Way.LOCAL].mapTo(dialog, QPoint()) == place


def test_more_to_fill_in_moves_the_dialog_up_and_not_its_buttons_off_the_screen(
    dialog: MendingDialog, qtbot: QtBot
) -> None:
    room = dialog.screen().availableGeometry()
    dialog.move(dialog.x(), room.bottom() - dialog.frameGeometry().height())
    lowest = dialog.frameGeometry().bottom()
    assert lowest <= room.bottom()
    height = dialog.height()
    for _ in range(list(HappeningKind).index(HappeningKind.RUSH)):
        qtbot.keyClick(dialog.form.kind, Qt.Key.Key_Down)
    dialog.show_offer(BEFORE, offer(Way.LOCAL, 700, 12))
    qtbot.waitUntil(lambda: dialog.height() > height)
    assert lowest <= dialog.frameGeometry().bottom() <= room.bottom()
    assert dialog.frameGeometry().top() >= room.top()


def test_a_way_without_a_plan_says_why_and_cannot_be_taken(dialog: MendingDialog) -> None:
    dialog.show_offer(BEFORE, MendOffer(Way.PUSH, error=DomainError("plan_missing")))
    assert "No plan was found" in cell(dialog, "lateness", Way.PUSH)
    assert not dialog.choices[Way.PUSH].isEnabled()
    assert not dialog.take.isEnabled()


@pytest.mark.parametrize("is_stopped", [False, True])
def test_when_no_more_is_awaited_something_is_marked(
    dialog: MendingDialog, is_stopped: bool
) -> None:
    """Also what comes in after a stop; what is marked stays marked."""
    dialog.show_running(is_running=True)
    dialog.show_offer(BEFORE, MendOffer(Way.LOCAL, error=DomainError("plan_missing")))
    if not is_stopped:
        dialog.show_offer(BEFORE, offer(Way.PUSH, 5000, 300))
    assert dialog.chosen() is None  # planning anew may still be better
    dialog.show_running(is_running=False, is_stopped=is_stopped)
    if is_stopped:
        assert dialog.chosen() is None
        assert dialog.notice.text() == tr("mending.stopped_early")  # a way without a plan is none
        dialog.show_offer(BEFORE, offer(Way.PUSH, 5000, 300))
        assert dialog.notice.text() == tr("mending.stopped")
    assert dialog.choices[Way.PUSH].isChecked()
    assert dialog.take.isEnabled()
    dialog.show_offer(BEFORE, offer(Way.LOCAL, 700, 12))
    assert dialog.choices[Way.PUSH].isChecked()


def test_what_is_asked_anew_forgets_the_offers(dialog: MendingDialog, qtbot: QtBot) -> None:
    dialog.show_offer(BEFORE, offer(Way.LOCAL, 700, 12))
    with qtbot.waitSignal(dialog.preview_wished) as told:
        dialog.form.end.setDateTime(dialog.form.end.dateTime().addDays(1))
    assert told.args[0] is None
    assert not dialog.offers
    assert not dialog.take.isEnabled()


def test_the_frozen_time_is_told_when_it_is_typed(dialog: MendingDialog, qtbot: QtBot) -> None:
    dialog.frozen.setFocus()
    dialog.frozen.selectAll()
    qtbot.keyClicks(dialog.frozen, "24")
    with qtbot.waitSignal(dialog.frozen_chosen) as told:
        qtbot.keyClick(dialog.frozen, Qt.Key.Key_Tab)
    assert told.args == [24]

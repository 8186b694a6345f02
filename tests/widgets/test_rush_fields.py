"""A rush order is typed into the dialog that mends a plan, and told of in every offer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.outlooks import look_at
from domain.changes import ChangeSet
from domain.errors import Finding, Severity
from domain.happenings import Happening, HappeningKind
from domain.items import Item, ItemType
from domain.mend_offers import Figures, MendOffer, RushEnd, Way
from domain.orders import Customer, OrderLine
from domain.production import WorkOrder
from tests.builders import NOW, TODAY, make_customer, make_item, make_order_line
from tests.widgets.factory import make_factory
from widgets.outlook import Outlook
from widgets.schedule.mending import MendingDialog
from widgets.schedule.rush_fields import QuantityBox
from widgets.search_box import SearchBox
from widgets.speaking import speak


@pytest.fixture
def outlook() -> Outlook:
    plan = make_factory().plan
    plan.put(make_item(code="PHANTOM", type=ItemType.PHANTOM))
    plan.put(make_item(code="WIRE", name="Copper wire", unit="m"))
    return look_at(plan, NOW)


@pytest.fixture
def dialog(outlook: Outlook, qtbot: QtBot) -> MendingDialog:
    shown = MendingDialog(outlook)
    qtbot.addWidget(shown)
    shown.show_running(is_running=False)
    shown.show()
    qtbot.waitExposed(shown)
    shown.suggest(HappeningKind.RUSH, {})
    return shown


def choose(box: SearchBox, typed: str, qtbot: QtBot) -> None:
    """Type a part of a name and go on to the next field, past the list that opens."""
    line = box.lineEdit()
    assert line is not None
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, typed)
    qtbot.keyClick(QApplication.activePopupWidget() or line, Qt.Key.Key_Tab)


def type_into(field: QWidget, text: str, qtbot: QtBot) -> None:
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Tab)


def test_a_rush_order_is_typed_and_asked_for(
    dialog: MendingDialog, outlook: Outlook, qtbot: QtBot
) -> None:
    wire = outlook.plan.one(Item, code="WIRE")
    customer = next(iter(outlook.plan.table(Customer).values()))
    choose(dialog.form.subject, "copper", qtbot)
    rush = dialog.form.rush
    assert rush.quantity.text().endswith(" m")
    type_into(rush.quantity, "2.5", qtbot)
    rush.wanted.setDate(QDate(2026, 12, 24))
    choose(rush.customer, customer.name[-4:], qtbot)
    type_into(rush.number, "X-17", qtbot)
    with qtbot.waitSignal(dialog.asked) as told:
        qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    happening = told.args[0]
    assert isinstance(happening, Happening)
    assert (happening.kind, happening.subject_id) == (HappeningKind.RUSH, wire.id)
    assert (happening.quantity, happening.priority) == (Decimal("2.5"), 1)
    assert (happening.due_on, happening.order_number) == (TODAY.replace(day=24), "X-17")
    assert happening.customer_id == customer.id


def test_nothing_below_zero_and_no_day_that_is_over_can_be_typed(
    dialog: MendingDialog, qtbot: QtBot
) -> None:
    rush = dialog.form.rush
    for typed in ("-5", "0"):
        type_into(rush.quantity, typed, qtbot)
        assert rush.quantity.quantity() > 0
    rush.wanted.setDate(QDate(2026, 11, 30))
    assert rush.day() == TODAY


def test_what_is_no_item_of_its_own_cannot_be_ordered(
    dialog: MendingDialog, outlook: Outlook
) -> None:
    subject = dialog.form.subject
    shown = {subject.itemData(at) for at in range(subject.count())}
    sold = {row.id for row in outlook.plan.table(Item).values() if row.code != "PHANTOM"}
    assert shown == sold


def test_the_number_is_the_next_one_and_another_when_it_is_taken(
    dialog: MendingDialog, outlook: Outlook, qtbot: QtBot
) -> None:
    rush, plan = dialog.form.rush, outlook.plan
    first = rush.number.text()
    assert first
    assert plan.one(OrderLine, order_number=first) is None
    item = next(iter(plan.table(Item).values()))
    plan.put(make_order_line(item, order_number=first))  # by another desk
    dialog.set_outlook(outlook)
    second = rush.number.text()
    assert second not in {"", first}
    assert plan.one(OrderLine, order_number=second) is None
    # What was typed stays, also the number of an order that there is; nothing is not a number.
    type_into(rush.number, first, qtbot)
    dialog.set_outlook(outlook)
    assert rush.number.text() == first
    type_into(rush.number, " ", qtbot)
    assert rush.number.text() == second


def test_new_customers_can_be_chosen_and_the_chosen_one_stays(
    dialog: MendingDialog, outlook: Outlook
) -> None:
    customer, plan = dialog.form.rush.customer, outlook.plan
    assert customer.chosen() is None
    customer.setCurrentIndex(1)
    chosen = customer.chosen()
    fresh = make_customer(code="000", name="First of all")
    plan.put(fresh)
    dialog.set_outlook(outlook)
    assert customer.chosen() == chosen
    assert customer.findData(fresh.id) == 1


def test_the_keyboard_goes_through_the_form_as_it_is_read(
    dialog: MendingDialog, qtbot: QtBot
) -> None:
    form, rush = dialog.form, dialog.form.rush
    expected = [form.kind, form.subject, rush.quantity, rush.wanted, rush.priority]
    expected += [rush.customer, rush.number, form.ask]
    form.kind.setFocus()
    for field in expected:
        focused = dialog.focusWidget()
        assert field is focused or field.isAncestorOf(focused)
        for _ in range(3 if field is rush.wanted else 1):  # year, month and day
            qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)


def test_every_offer_says_when_the_rush_order_is_ready(dialog: MendingDialog) -> None:
    figures, changes = Figures(0, 0, 0), ChangeSet("mend_plan", ())
    ends = {
        Way.PUSH: RushEnd(NOW + timedelta(minutes=90), 0),
        Way.LOCAL: RushEnd(NOW + timedelta(days=3), 1500),
        Way.GLOBAL: RushEnd(NOW, 0, is_in_stock=True),
    }
    for way, end in ends.items():
        dialog.show_offer(figures, MendOffer(way, figures, 0, changes, rush=end))
    words = [dialog.table._cells["rush", way].text() for way in Way]
    assert words[0].endswith("in time")
    assert words[1].endswith("late by 1 d 1 h")
    assert words[2] == "All of it is in stock"
    assert dialog.table._cells["rush", Way.PUSH].isVisible()
    dialog.form.kind.setCurrentIndex(0)
    assert not dialog.table._cells["rush", Way.PUSH].isVisible()
    assert not dialog.offers


def test_an_offer_tells_what_it_makes_otherwise(dialog: MendingDialog, qapp: QApplication) -> None:
    figures, changes = Figures(0, 0, 0), ChangeSet("mend_plan", ())
    cells = [dialog.table._cells["chosen", way] for way in Way]
    dialog.show_offer(figures, MendOffer(Way.PUSH, figures, 0, changes))
    assert not any(cell.isVisible() for cell in cells)
    told = tuple(
        Finding(
            "chosen_routing",
            Severity.INFO,
            (),
            {"work_order": f"WO-{n}", "item": "WIRE", "routing": "B"},
        )
        for n in range(1, 6)
    )
    dialog.show_offer(figures, MendOffer(Way.GLOBAL, figures, 0, changes, chosen=told))
    lines = cells[-1].text().splitlines()
    assert cells[-1].isVisible()
    assert lines[0] == "WO-1 (WIRE) is made by routing B."
    assert lines[3:] == ["and 2 more"]
    assert len(cells[-1].toolTip().splitlines()) == 5
    assert cells[0].text() == ""
    speak(qapp, "zh")
    qapp.processEvents()
    assert cells[-1].text().splitlines()[3] == "另有 2 项"


def test_scrap_is_counted_in_the_unit_of_its_work_order(
    dialog: MendingDialog, outlook: Outlook, qapp: QApplication
) -> None:
    plan, form = outlook.plan, dialog.form
    form.kind.setCurrentIndex(list(HappeningKind).index(HappeningKind.SCRAP))
    order = plan.need(WorkOrder, form.subject.chosen() or UUID(int=0))
    for language, unit in (("zh", "千克"), ("en", "kg")):
        speak(qapp, language)
        plan.put(replace(plan.need(Item, order.item_id), unit="kg"))
        form.set_outlook(outlook)
        assert form.quantity.text() in {f"1 {unit}", "1 kg"}


def test_what_was_asked_before_is_shown_again(dialog: MendingDialog, outlook: Outlook) -> None:
    form = dialog.form
    machine = next(iter(outlook.bookings.values())).machine_id
    assert machine is not None
    wire = outlook.plan.one(Item, code="WIRE")
    customer = next(iter(outlook.plan.table(Customer).values()))
    asked = [
        Happening(
            HappeningKind.RUSH,
            wire.id,
            due_on=TODAY + timedelta(days=9),
            quantity=Decimal("7.25"),
            priority=3,
            order_number="X-9",
            customer_id=customer.id,
        ),
        Happening(
            HappeningKind.BREAKDOWN,
            machine,
            start_at=NOW + timedelta(hours=3),
            end_at=NOW + timedelta(hours=5),
        ),
    ]
    for each in asked:
        form.fill(each)
        again = form.happening()
        assert again is not None
        assert (
            replace(again, due_on=each.due_on, quantity=each.quantity, percent=each.percent) == each
        )
    form.fill(asked[0])
    assert form.happening() == asked[0]


@pytest.mark.parametrize(("value", "shown"), [(1, "1"), (2.5, "2.5"), (1234.125, "1234.125")])
def test_a_quantity_has_no_more_digits_than_it_needs(
    value: float, shown: str, qtbot: QtBot
) -> None:
    box = QuantityBox()
    qtbot.addWidget(box)
    box.setValue(value)
    assert box.text() == shown
    assert box.quantity() == Decimal(shown)

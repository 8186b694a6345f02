"""A rush order in the window, on a real database: suggested, offered, taken, undone, refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import QDate, Qt
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.mending import MendingDialog
from app.solving import PlanningProcess
from db.store import Store
from domain.changes import Change, ChangeSet
from domain.happenings import HappeningKind
from domain.items import Item
from domain.mend_offers import Way
from domain.orders import OrderLine, OrderStatus
from domain.plan import Plan
from domain.production import WorkOrder
from domain.scenarios import Booking
from tests.app.test_mend_rush import planned_shop
from tests.builders import NOW, make_customer, make_order_line
from widgets.text import error_text, tr

CUSTOMER = make_customer(code="C7", name="Pump works")


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """Another desk's way to a database with one order, on a machine that makes two items."""
    opened = Store(database)
    plan, _ = planned_shop()
    plan.put(CUSTOMER)
    opened.write(ChangeSet("edit", tuple(Change.insert(row) for row in plan.rows())))
    yield opened
    opened.close()


@pytest.fixture
def desk(desks: Callable[..., Desk], database: str, store: Store) -> Desk:
    del store
    opened = desks(database)
    opened.session.clock = lambda: NOW
    opened.session.planning = PlanningProcess()
    opened.session.outlooks.renew()
    return opened


def open_dialog(desk: Desk, qtbot: QtBot) -> MendingDialog:
    """Something happened, F6, while the item is chosen that is hurried."""
    item = desk.session.bench.plan.one(Item, code="HURRIED")
    desk.window.panels["items"].rows_chosen.emit([item])
    desk.window.activateWindow()
    qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    dialog = desk.deeds.mending.dialog
    assert dialog is not None
    return dialog


def fill_in(dialog: MendingDialog, qtbot: QtBot) -> None:
    """Three pieces for a customer, in two days."""
    rush = dialog.form.rush
    rush.quantity.setFocus()
    rush.quantity.selectAll()
    qtbot.keyClicks(rush.quantity, "3")
    rush.wanted.setDate(QDate(2026, 12, 3))
    rush.customer.choose(CUSTOMER.id)


def ask(desk: Desk, dialog: MendingDialog, qtbot: QtBot) -> None:
    """All three offers."""
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: Way.LOCAL in dialog.offers, timeout=90_000)
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.deeds.mending._job is None, timeout=20_000)
    assert set(dialog.offers) == set(Way)


def settle(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not desk.session.bench.pending_count, timeout=20_000)


def test_a_rush_order_is_suggested_offered_taken_undone_and_made_again(
    desk: Desk, store: Store, qtbot: QtBot
) -> None:
    bench = desk.session.bench
    dialog = open_dialog(desk, qtbot)
    assert dialog.form.chosen_kind() is HappeningKind.RUSH
    assert dialog.form.subject.currentText() == "HURRIED"
    number = dialog.form.rush.number.text()
    fill_in(dialog, qtbot)
    ask(desk, dialog, qtbot)
    assert dialog.choices[Way.LOCAL].isChecked()
    shown = desk.session.outlooks.current.plan  # the preview
    assert shown.one(OrderLine, order_number=number) is not None
    assert bench.plan.one(OrderLine, order_number=number) is None  # nothing is stored yet
    assert dialog.table._cells["rush", Way.LOCAL].text().endswith("in time")
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    settle(desk, qtbot)

    def is_there(plan: Plan) -> bool:
        line = plan.one(OrderLine, order_number=number)
        if line is None:
            return False
        assert (line.status, line.priority) == (OrderStatus.CONFIRMED, 1)
        assert (line.quantity, line.customer_id) == (Decimal(3), CUSTOMER.id)
        return len(plan.table(Booking)) == len(plan.table(WorkOrder)) == 2

    assert is_there(bench.plan)
    assert is_there(store.load())
    bench.undo()
    settle(desk, qtbot)
    for plan in (bench.plan, store.load()):
        assert plan.one(OrderLine, order_number=number) is None
        assert len(plan.table(Booking)) == len(plan.table(WorkOrder)) == 1
    bench.redo()
    settle(desk, qtbot)
    assert is_there(bench.plan)
    assert is_there(store.load())


def test_an_order_line_suggests_its_item(desk: Desk, qtbot: QtBot) -> None:
    (line,) = desk.session.bench.plan.table(OrderLine).values()
    desk.window.panels["orders"].rows_chosen.emit([line])
    qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    dialog = desk.deeds.mending.dialog
    assert dialog is not None
    assert dialog.form.chosen_kind() is HappeningKind.RUSH
    assert dialog.form.subject.chosen() == line.item_id
    dialog.reject()


def taken_elsewhere(desk: Desk, number: str) -> ChangeSet:
    """An order of that number, by somebody else."""
    plan = desk.session.bench.plan
    line = make_order_line(plan.one(Item, code="USUAL"), order_number=number, line="10")
    line = replace(line, status=OrderStatus.DRAFT, due_on=line.due_on + timedelta(days=9))
    return ChangeSet("add_row", (Change.insert(line),))


def test_a_number_that_another_desk_takes_is_not_suggested_any_more(
    desk: Desk, store: Store, qtbot: QtBot
) -> None:
    dialog = open_dialog(desk, qtbot)
    number = dialog.form.rush.number.text()
    ask(desk, dialog, qtbot)
    store.write(taken_elsewhere(desk, number))
    qtbot.waitUntil(lambda: dialog.form.rush.number.text() != number, timeout=20_000)
    assert dialog.notice.text() == tr("mending.stale")
    assert not dialog.take.isEnabled()
    dialog.reject()


def test_taken_in_the_same_moment_it_is_refused_and_nothing_has_to_be_typed_again(
    desk: Desk, store: Store, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(desk.deeds, "show_error", told.append)
    dialog = open_dialog(desk, qtbot)
    number = dialog.form.rush.number.text()
    fill_in(dialog, qtbot)
    ask(desk, dialog, qtbot)
    store.write(taken_elsewhere(desk, number))
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)  # before that is heard
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert number in error_text(told[0])
    again = desk.deeds.mending.dialog
    assert again is not None
    rush = again.form.rush
    qtbot.waitUntil(lambda: rush.number.text() != number, timeout=20_000)
    assert (rush.quantity.value(), rush.customer.chosen()) == (3, CUSTOMER.id)
    assert rush.wanted.date() == QDate(2026, 12, 3)
    assert again.form.subject.currentText() == "HURRIED"
    assert len(store.load().table(WorkOrder)) == 1  # nothing of it was stored
    plan = desk.session.bench.plan
    qtbot.waitUntil(lambda: len(plan.table(WorkOrder)) == 1, timeout=20_000)
    ask(desk, again, qtbot)
    qtbot.mouseClick(again.take, Qt.MouseButton.LeftButton)
    settle(desk, qtbot)
    assert len(told) == 1
    assert len(store.load().table(WorkOrder)) == 2


def test_what_cannot_be_planned_is_said_and_the_form_stays(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(desk.deeds.mending, "_show_error", told.append)
    bench = desk.session.bench
    bare = replace(bench.plan.one(Item, code="HURRIED"), id=CUSTOMER.id, code="BARE")
    bench.submit(ChangeSet("add_row", (Change.insert(bare),), {"name": "BARE"}))
    settle(desk, qtbot)
    dialog = open_dialog(desk, qtbot)
    dialog.form.subject.choose(bare.id)
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(told), timeout=90_000)
    assert "BARE is to be made but has no routing" in error_text(told[0])
    assert dialog.isVisible()
    assert dialog.form.subject.chosen() == bare.id
    assert dialog.form.isEnabled()
    dialog.reject()

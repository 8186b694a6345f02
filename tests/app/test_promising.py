"""When we can deliver, asked in the window on a real database, and made an order of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.plan_message import PlanMessage
from db.store import Store
from domain.changes import Change, ChangeSet
from domain.edits import edit_field
from domain.orders import OrderLine, OrderStatus
from tests.builders import TODAY, make_order_line, make_purchase_line
from tests.domain.scheduling.test_quote import shop


@pytest.fixture
def planned_shop(database: str) -> str:
    """URL of a database with two planned orders of one item, and a draft of another."""
    plan, _scenario, item, _machine = shop()
    draft = make_order_line(
        item, 2, order_number="SO-7", due_on=TODAY, status=OrderStatus.DRAFT, line="10"
    )
    store = Store(database)
    try:
        rows = [*plan.rows(), draft]
        store.write(ChangeSet("edit", tuple(Change.insert(row) for row in rows)))
    finally:
        store.close()
    return database


def test_a_promise_becomes_an_order_and_can_be_undone(
    desks: Callable[..., Desk], planned_shop: str, qtbot: QtBot
) -> None:
    desk = desks(planned_shop)
    plan = desk.session.bench.plan
    qtbot.waitUntil(lambda: bool(desk.session.outlooks.current.fates))
    draft = plan.one(OrderLine, order_number="SO-7")
    assert draft is not None
    desk._choose([draft])
    desk.window.panels["orders"].commands["promise"].trigger()
    dialog = desk.deeds.promises.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.questions()[0].quote is not None, timeout=60_000)
    assert dialog.make.text() == "Set this due date"

    dialog.form.suggest(desk.session.outlooks.current.item(draft.item_id))
    qtbot.keyClicks(dialog.form.quantity, "1")
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: all(each.quote for each in dialog.questions()), timeout=20_000)
    assert dialog.number.text() == "SO-8"
    qtbot.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
    line = plan.one(OrderLine, order_number="SO-8")
    assert line is not None
    assert (line.status, line.quantity, line.line) == (OrderStatus.DRAFT, Decimal(1), "10")
    qtbot.waitUntil(lambda: not desk.session.bench.pending_count)
    store = Store(planned_shop)
    stored = store.load().one(OrderLine, order_number="SO-8")
    store.close()
    assert stored is not None
    assert stored.due_on == line.due_on
    assert not dialog.notice.isVisible(), "a new draft changes nothing of the plan"
    desk.deeds.do("undo")
    assert plan.one(OrderLine, order_number="SO-8") is None

    bought = make_purchase_line(desk.session.outlooks.current.item(draft.item_id), 5)
    desk.session.bench.submit(ChangeSet("edit", (Change.insert(bought),)))
    assert "has changed" in dialog.notice.text()
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: all(each.quote for each in dialog.questions()), timeout=20_000)
    assert dialog.notice.text() == ""
    qtbot.waitUntil(lambda: not desk.session.bench.pending_count)


def test_odds_are_worked_out_and_grow_old(
    desks: Callable[..., Desk], planned_shop: str, qtbot: QtBot
) -> None:
    desk = desks(planned_shop)
    outlooks, orders = desk.session.outlooks, desk.window.panels["orders"]
    qtbot.waitUntil(lambda: bool(outlooks.current.fates))
    orders.commands["odds"].trigger()
    qtbot.waitUntil(lambda: outlooks.current.odds is not None, timeout=60_000)
    assert outlooks.current.odds is not None
    assert not outlooks.current.odds_are_old
    assert len(outlooks.current.odds.lines) == 2
    line = desk.session.bench.plan.one(OrderLine, order_number="SO-1", line="1")
    assert line is not None
    plan = desk.session.bench.plan
    desk.session.bench.submit(edit_field(plan, line, "due_on", TODAY + timedelta(days=1)))
    qtbot.waitUntil(lambda: outlooks.current.odds_are_old)
    qtbot.waitUntil(lambda: not desk.session.bench.pending_count)
    desk.planning.ended.emit(PlanMessage(is_last=True))
    assert desk.deeds.odds._quiet.isActive(), "when all is quiet, those of the new plan follow"

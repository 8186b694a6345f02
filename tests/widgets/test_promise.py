"""The promise dialog: wishes are typed, answers shown side by side, orders wished of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from domain.errors import Finding, Severity
from domain.orders import OrderLine, Wish
from domain.scheduling.quote import Quoter
from tests.builders import NOW, TODAY, id_maker, make_customer
from tests.domain.scheduling.test_quote import shop
from widgets.orders.asked import outcome
from widgets.orders.promise import PromiseDialog
from widgets.outlook import Outlook
from widgets.speaking import speak


@pytest.fixture
def opened(qtbot):
    """A dialog on a small planned shop, which answers at once."""
    plan, scenario, item, machine = shop(make_customer(code="C1", name="Ace Pumps"))
    quoter = Quoter(plan, scenario, NOW, id_maker(4))
    dialog = PromiseDialog(Outlook(plan=plan, now_at=NOW, scenario=scenario))
    qtbot.addWidget(dialog)
    dialog.asked.connect(
        lambda rows: dialog.show_answers([replace(r, quote=quoter.quote(r.wish)) for r in rows])
    )
    dialog.show()
    return dialog, plan, item, machine


def typed(qtbot, field, text):
    field.clear()
    qtbot.keyClicks(field, text)


def branches(dialog):
    tree = dialog.ways
    found = [tree.topLevelItem(n) for n in range(tree.topLevelItemCount())]
    return {
        each.text(0): [each.child(n).text(0) for n in range(each.childCount())] for each in found
    }


def test_several_quantities_stand_side_by_side(opened, qtbot):
    dialog, plan, _, machine = opened
    typed(qtbot, dialog.form.item, "item")
    typed(qtbot, dialog.form.quantity, "1; 2")
    dialog.form.due_on.setDate(TODAY)
    qtbot.keyClick(dialog.form.quantity, Qt.Key.Key_Return)
    rows = dialog.questions()
    assert [row.wish for row in rows] == [
        Wish(rows[0].item.id, Decimal(n), TODAY, 5) for n in (1, 2)
    ]
    assert [row.gentle.late_minutes for row in rows] == [0, 240]
    assert outcome(rows[0], rows[0].gentle).endswith("· in time")
    qtbot.waitUntil(lambda: dialog.ways.topLevelItemCount() == 2)
    dialog.grid.chosen.select([rows[1].id])
    qtbot.waitUntil(lambda: "late by 4 h" in next(iter(branches(dialog))))
    gentle, rush = branches(dialog).values()
    assert "Machine busy with other work (other orders in front)" in gentle
    assert dialog.ways.topLevelItem(0).child(0).text(2) == machine.code
    later = plan.get(OrderLine, rows[1].rush.later[0][0])
    assert f"{later.label} gets later" in rush
    assert "Weighted lateness of the other orders: 0 min → 20 h" in rush


def test_what_cannot_be_understood_is_said_and_asks_nothing(opened, qtbot):
    dialog, *_ = opened
    for item, quantity, words in (
        ("nothing", "1", "There is no item “nothing”"),
        ("ITEM", "ten", "“ten” is not a number"),
        ("ITEM", "0", "“0” is no quantity"),
        ("ITEM", "", "cannot be empty"),
    ):
        typed(qtbot, dialog.form.item, item)
        typed(qtbot, dialog.form.quantity, quantity)
        qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
        assert words in dialog.grid.notice._label.text()
    assert dialog.questions() == []


def test_an_order_is_wished_with_a_promised_day(opened, qtbot, qapp):
    dialog, _, item, _ = opened
    dialog.suggest_number("SO-9")
    dialog.form.suggest(item)
    typed(qtbot, dialog.form.quantity, "8")
    dialog.form.due_on.setDate(TODAY)
    qtbot.mouseClick(dialog.form.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.days.count() == 3)
    dialog.customer.setCurrentIndex(1)
    with qtbot.waitSignal(dialog.order_wished) as wished:
        qtbot.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
    (wish,) = wished.args
    # 8 × 300 minutes behind 600: 3000 minutes from 08:00 on, 10:00 on the third day.
    assert wish.due_on == date(2026, 12, 3)
    assert (wish.order_number, wish.asked.wish.quantity) == ("SO-9", 8)
    assert wish.customer_id == dialog.customer.itemData(1)
    speak(qapp, "zh")
    qtbot.waitUntil(lambda: dialog.make.text() == "生成订单")
    assert "延误" in dialog.ways.topLevelItem(0).text(0)
    speak(qapp, "en")


def test_what_is_made_otherwise_stands_first(opened, qtbot):
    dialog, _, item, _ = opened
    typed(qtbot, dialog.form.item, "item")
    typed(qtbot, dialog.form.quantity, "2")
    qtbot.keyClick(dialog.form.quantity, Qt.Key.Key_Return)
    (row,) = dialog.questions()
    params = {"item": item.code, "quantity": Decimal(2)}
    told = Finding("wish_buying", Severity.INFO, (item.id,), params)
    bought = replace(row.quote, gentle=replace(row.quote.gentle, told=(told,)))
    dialog.show_answers([replace(row, quote=bought)])
    qtbot.waitUntil(lambda: dialog.ways.topLevelItemCount() == 2)
    gentle, rush = branches(dialog).values()
    assert gentle[0].startswith("2 of ITEM are bought instead of made")
    assert not any("bought" in words for words in rush)

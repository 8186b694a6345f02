"""Odds on screen: a column, facts, and a colour on the Gantt; out of date when rows change."""

from __future__ import annotations

from dataclasses import replace

from domain.orders import OrderLine
from domain.scenarios import Booking
from domain.scheduling.odds import plan_odds
from tests.builders import NOW
from tests.domain.scheduling.test_quote import shop
from widgets.details.facts import facts
from widgets.gantt.colouring import Colouring, categories, legend
from widgets.gantt.data import GanttData
from widgets.gantt.tips import bar_tip
from widgets.orders.panel import OrdersPanel
from widgets.orders.rows import line_view, odds_role, odds_words
from widgets.outlook import Outlook
from widgets.theme import Category, Role


def looked_at():
    plan, scenario, _, _ = shop(quantity=3)
    odds = plan_odds(plan, scenario, NOW, replays=100)
    bookings = {b.operation_id: b for b in plan.table(Booking).values()}
    return Outlook(plan=plan, now_at=NOW, scenario=scenario, bookings=bookings, odds=odds)


def test_the_orders_table_tells_and_sorts_by_odds(qtbot):
    outlook = looked_at()
    panel = OrdersPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.show_outlook(outlook)
    (column,) = (c for c in panel.grid.model.columns if c.key == "on_time")
    views = sorted(panel.grid.model.shown_rows(), key=column.sort_key)
    assert column.text(views[0]) == "0 %"
    assert odds_role(views[0]) is Role.LATE
    assert 40 <= int(column.text(views[1]).removesuffix(" %")) < 90
    panel.show_outlook(replace(outlook, odds_are_old=True))
    assert all(column.text(v).endswith("% (old)") for v in panel.grid.model.shown_rows())
    panel.show_outlook(replace(outlook, odds=None))
    assert [column.text(v) for v in panel.grid.model.shown_rows()] == ["–", "–"]


def test_the_facts_tell_dates_and_risks():
    outlook = looked_at()
    line = max(
        outlook.plan.table(OrderLine).values(), key=lambda x: outlook.odds.lines[x.id].on_time
    )
    told = dict(facts(outlook, line))
    assert told["column.on_time"] == odds_words(line_view(outlook, line))
    assert told["column.likely_at"] < told["column.safe_at"]
    _, share = outlook.odds.lines[line.id].causes[0]
    assert f"/10 ({share * 100:.0f} %)" in told["column.risks"]


def test_fragile_bars_stand_out_and_say_why():
    outlook = looked_at()
    bookings = list(outlook.bookings.values())
    data = GanttData(outlook.plan, bookings, NOW, fragility=outlook.odds.fragile)
    worst = data.by_operation[max(outlook.odds.fragile, key=outlook.odds.fragile.get)]
    assert categories(data, Colouring.RISK)[worst] == Category.VERMILION
    assert "makes an order late in" in bar_tip(data, worst)
    assert len(legend(data, Colouring.RISK)) == 4
    untold = GanttData(outlook.plan, bookings, NOW)
    assert set(categories(untold, Colouring.RISK)) == {Category.GREY}
    assert "makes an order late" not in bar_tip(untold, worst)

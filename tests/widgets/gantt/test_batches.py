"""Bars that run together lie beside one another in their machine's row, each to be seen and hit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import builders as make
from tests.widgets.gantt.conftest import Hand
from widgets import text
from widgets.gantt.data import GanttData
from widgets.gantt.tips import bar_tip
from widgets.gantt.view import GanttView


@pytest.fixture
def furnace(qtbot):
    """Three work orders of 2 in one batch of a furnace that holds 10."""
    text.set_language("en")
    center = make.make_work_center(code="HEAT")
    machine = make.make_machine(code="F1", work_center_id=center.id, batch_capacity=Decimal(10))
    item, scenario = make.make_item(code="A", family="860"), make.make_scenario(published=True)
    step = make.make_routing_operation(item, work_center_id=center.id)
    rows, bookings = [center, machine, item, step, scenario], []
    for number in range(3):
        order = make.make_work_order(item, 2, number=f"WO-{number}")
        operation = make.make_operation(order, step)
        times = (0, 30, 150) if not bookings else (30, 30, 150)
        led = {"batch_id": bookings[0].id} if bookings else {}
        bookings.append(make.make_booking(scenario, operation, machine, times, **led))
        rows += [order, operation]
    plan = make.make_plan(*rows, *bookings)
    view = GanttView(GanttData(plan, bookings, make.NOW))
    qtbot.addWidget(view)
    view.resize(1200, 640)
    view.show()
    qtbot.waitExposed(view)
    yield view
    text.set_language("zh")


def test_members_of_a_batch_are_all_seen_and_hit(furnace):
    chart, hand = furnace.chart, Hand(furnace)
    rects = [chart.rect(i) for i in range(3)]
    assert not any(one.intersects(other) for one in rects for other in rects if one is not other)
    lane = chart.machine_lane(chart.data.bookings[0].machine_id)
    top = chart.rows.top(chart.rows.place(lane))
    assert all(top <= rect.top() and rect.height() >= 8 for rect in rects)
    assert all(rect.bottom() <= top + chart.rows.size(chart.rows.place(lane)) for rect in rects)
    for i in range(3):
        spot = hand.spot(i, 0.7)
        assert chart.bar_at(spot.x(), spot.y() + furnace.canvas.scrolled) == i
        hand.click(spot)
        assert chart.data.work_order(i).number in furnace.canvas.accessibleDescription()


def test_the_tip_tells_who_is_in_the_batch_and_how_full_it_is(furnace):
    tip = bar_tip(furnace.chart.data, 1)
    # 3 × 2 units of load 1 are 6 of 10.
    assert "with WO-0, WO-2 · 6 of 10" in tip


def test_a_batch_counts_once_in_the_load(furnace):
    # Booked from 08:00 to 10:30 of a day of 24 hours: 150 minutes, not 3 × 120 + 30.
    chart = furnace.chart
    lane = chart.machine_lane(chart.data.bookings[0].machine_id)
    sums = chart._load_sums(lane)
    assert sums[0].max() == 150

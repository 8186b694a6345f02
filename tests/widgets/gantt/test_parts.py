"""Scale, header steps, rows, links, words: the parts without a window."""

from __future__ import annotations

import gc
import itertools
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as make
from tests.widgets.gantt.factory import make_factory
from widgets import text
from widgets.gantt.chart import Chart
from widgets.gantt.due import due_minute
from widgets.gantt.lanes import Grouping, Lane, build_lanes, natural
from widgets.gantt.links import links_of
from widgets.gantt.scale import NARROWEST, WIDEST, TimeScale, fitting, to_instant, to_minute
from widgets.gantt.ticks import tick_lines
from widgets.gantt.tips import bar_tip, bar_words, promises
from widgets.gantt.worktime import WorkTime

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


@given(st.floats(0, 6e7), st.floats(NARROWEST, WIDEST), st.floats(0.01, 100), st.integers(0, 2000))
def test_zoom_keeps_the_minute_under_the_pointer(left, wide, factor, x):
    scale = TimeScale(left, wide)
    zoomed = scale.zoomed(factor, x)
    assert zoomed.minute(x) == pytest.approx(scale.minute(x), abs=1e-3)
    assert NARROWEST <= zoomed.pixels_per_minute <= WIDEST


def test_minutes_are_instants():
    assert to_instant(to_minute(make.NOW)) == make.NOW


@pytest.mark.parametrize(
    ("wide", "upper", "lower"),
    [
        (6.0, "Tue 1 Dec 2026", "08:00"),
        (0.3, "Tue 1 Dec 2026", "08:00"),
        (0.05, "Week 49 · 30 Nov 2026", "Tue 1"),
        (0.018, "W49 · 30 Nov", "1"),
        (0.005, "Dec 2026", "30 Nov"),
        (0.001, "2026", "Dec"),
    ],
)
def test_header_steps_follow_the_zoom(wide, upper, lower):
    text.set_language("en")
    lines = tick_lines(TimeScale(to_minute(make.NOW), wide), 900, SHANGHAI, (480, 960))
    text.set_language("zh")
    assert lines.upper[0].label == upper or lines.upper[1].label == upper
    assert lines.lower[0].label == lower
    assert lines.lower[0].minute <= to_minute(make.NOW)


def test_shift_changes_stand_in_the_header():
    scale = TimeScale(to_minute(make.NOW), 0.09)  # 130 pixels a day: too little for four-hour steps
    labels = [tick.label for tick in tick_lines(scale, 900, SHANGHAI, (0, 480, 960)).lower]
    assert labels[:4] == ["08:00", "16:00", "00:00", "08:00"]


def test_days_begin_at_local_midnight_when_clocks_change():
    first = to_minute(datetime(2026, 10, 24, tzinfo=BERLIN).astimezone(UTC))
    minutes = [t.minute for t in tick_lines(TimeScale(first, 0.04), 400, BERLIN).lower]
    steps = [b - a for a, b in itertools.pairwise(minutes)]
    assert 25 * 60 in steps  # clocks go back on 25 October 2026
    assert {1440, 1500} == set(steps)


def test_a_due_day_is_over_at_midnight_of_the_plant():
    assert to_instant(due_minute(date(2026, 12, 1), SHANGHAI)) == datetime(
        2026, 12, 1, 16, tzinfo=UTC
    )


def test_machines_are_sorted_as_people_count():
    assert sorted(["M10", "M2", "a1", "M1"], key=natural) == ["a1", "M1", "M2", "M10"]


@pytest.mark.parametrize("grouping", list(Grouping))
def test_every_bar_is_in_some_lane(grouping):
    data = make_factory(300, 12)
    lanes = build_lanes(data, grouping)
    leaves = [lane for lane in lanes if not lane.is_group]
    assert {i for lane in leaves for i in lane.bars.tolist()} == set(range(300))
    seen: list[str] = []
    for lane in lanes:
        assert set(lane.above) <= set(seen)
        seen.append(lane.key)


@pytest.mark.parametrize("grouping", list(Grouping))
def test_lanes_go_with_their_plan_and_are_no_garbage_in_circles(grouping):
    def count():
        return sum(isinstance(each, Lane) for each in gc.get_objects())

    data = make_factory(300, 12)
    gc.collect()
    gc.disable()
    try:
        before = count()
        lanes = build_lanes(data, grouping)
        assert count() == before + len(lanes)
        lanes.clear()
        assert count() == before
    finally:
        gc.enable()


def test_folding_hides_what_is_under_a_group():
    chart = Chart(make_factory(300, 12))
    count, group = len(chart.rows.lanes), chart.lanes[0]
    chart.collapsed.add(group.key)
    chart.lay_out()
    assert len(chart.rows.lanes) == count - len(group.children)
    assert chart.rows.place(group.children[0]) == 0  # folded into its group


def test_rows_find_the_lane_at_a_height():
    rows = Chart(make_factory(100, 12)).rows
    for place in range(len(rows.lanes)):
        assert rows.at(rows.top(place)) == place
        assert rows.at(rows.top(place + 1) - 1) == place
    assert rows.at(-1) is None
    assert rows.at(rows.height) is None


def test_gaps_are_what_is_not_worked():
    work = WorkTime([(make.at(10), make.at(20)), (make.at(30), make.at(40))])
    zero = to_minute(make.NOW)
    assert (work.gaps(zero, zero + 50) - zero).tolist() == [[0, 10], [20, 30], [40, 50]]
    assert (work.gaps(zero + 12, zero + 35) - zero).tolist() == [[20, 30]]
    assert WorkTime([]).gaps(0, 5).tolist() == [[0, 5]]


def assembly():
    """A part that goes into a product which an order line wants."""
    part, product = make.make_item(code="PART"), make.make_item(code="PRODUCT", name="Pump")
    steps = [
        make.make_routing_operation(part, 10),
        make.make_routing_operation(part, 20),
        make.make_routing_operation(product, 10),
        make.make_routing_operation(product, 20),
    ]
    made, used = make.make_work_order(part, number="WO-1"), make.make_work_order(product)
    operations = [
        make.make_operation(made if k < 2 else used, step) for k, step in enumerate(steps)
    ]
    line = make.make_order_line(product)
    pegs = [make.make_peg(made, used, 1, operations[3]), make.make_peg(used, line)]
    machine, scenario = make.make_machine(), make.make_scenario()
    bookings = [
        make.make_booking(scenario, each, machine, (k * 100, k * 100, k * 100 + 60))
        for k, each in enumerate(operations)
    ]
    plan = make.make_plan(part, product, steps, made, used, operations, line, pegs, machine)
    return plan, bookings, line


def test_links_follow_the_routing_and_the_pegs():
    from widgets.gantt.data import GanttData

    plan, bookings, _ = assembly()
    data = GanttData(plan, bookings, make.NOW)
    # 0, 1: the part's steps; 2, 3: the product's. The part is taken at the product's last step.
    assert set(links_of(data, [0])) == {(0, 1), (1, 3)}
    assert set(links_of(data, [2])) == {(2, 3), (1, 3)}


def test_lateness_is_told_in_words_through_all_levels():
    from widgets.gantt.data import GanttData

    plan, bookings, line = assembly()
    text.set_language("en")
    try:
        data = GanttData(plan, bookings, make.NOW, slack={line.id: -(1440 + 180)})
        part_order = data.work_order(0).id
        assert promises(data, part_order) == ["Order SO-1/1: 1 d 3 h late, due 2026-12-11"]
        assert data.late_bars().all()
        assert "1 d 3 h late" in bar_words(data, 0)
        assert "<b>WO-1 · 10 · PART</b>" in bar_tip(data, 0)
    finally:
        text.set_language("zh")


def test_fitting_shows_the_whole_span():
    scale = fitting(1000, 9000, 800)
    assert scale.x(1000) == pytest.approx(16)
    assert scale.x(9000) == pytest.approx(784)

"""What is painted: only what shows, where it belongs, at every zoom and scaling."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFont, QImage, QPainter

from domain.resources import Machine
from domain.scenarios import LockLevel
from tests import builders as make
from tests.widgets.gantt.factory import make_factory
from widgets import text, theme
from widgets.gantt.chart import Chart
from widgets.gantt.colouring import Colouring
from widgets.gantt.data import GanttData
from widgets.gantt.image import render_image
from widgets.gantt.painter import ChartPainter
from widgets.gantt.scale import fitting, to_minute
from widgets.gantt.tips import lane_tip
from widgets.theme import Category, Role, category_colour, colour

WIDTH, HEIGHT = 900, 500


@pytest.fixture(autouse=True)
def light(qapp):
    theme.use_dark(False)
    text.set_language("en")
    yield
    text.set_language("zh")


def picture(chart: Chart, ratio: float = 1.0, top: int = 0) -> tuple[QImage, ChartPainter]:
    image = QImage(
        round(WIDTH * ratio), round(HEIGHT * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    font = QFont()
    font.setPixelSize(11)
    painted = ChartPainter(chart, font)
    painter = QPainter(image)
    painted.paint(painter, QRect(0, top, WIDTH, HEIGHT), ratio)
    painter.end()
    return image, painted


def one_machine(*times: tuple[int, int, int], lock: LockLevel = LockLevel.NONE) -> Chart:
    """One machine that works from 08:00 to 17:00, and a work order a booking."""
    calendar, item = make.make_calendar(), make.make_item(family="A")
    machine = make.make_machine(calendar_id=calendar.id)
    step, scenario = make.make_routing_operation(item), make.make_scenario()
    rows, bookings = [], []
    for k, each in enumerate(times):
        order = make.make_work_order(item, number=f"WO-{k}")
        operation = make.make_operation(order, step)
        rows += [order, operation]
        bookings.append(make.make_booking(scenario, operation, machine, each, lock=lock))
    week = make.make_week(calendar, days=7)
    plan = make.make_plan(calendar, week, machine, item, step, scenario, rows)
    chart = Chart(GanttData(plan, bookings, make.NOW))
    chart.colouring = Colouring.STATUS
    chart.recolour()
    return chart


def row_of(chart: Chart, i: int = 0) -> int:
    return round(chart.rect(i).center().y())


def test_only_the_bars_in_sight_are_painted():
    chart = Chart(make_factory(1500, 20))
    chart.scale = fitting(*chart.data.span, WIDTH).zoomed(20, 200)
    _, painted = picture(chart)
    first, last = chart.scale.minute(0), chart.scale.minute(WIDTH)
    shown = [chart.rows.lanes[k] for k in chart.rows.between(0, HEIGHT)]
    expected = sum(
        1
        for lane in shown
        if not lane.is_group
        for i in lane.bars
        if chart.data.end[i] >= first and chart.data.setup[i] <= last
    )
    assert 0 < painted.bars_painted <= expected + 2 * len(shown)
    assert painted.bars_painted >= expected - 2 * len(shown)
    assert painted.bars_painted < len(chart.data) / 5


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_a_bar_begins_and_ends_on_its_minutes(ratio):
    chart = one_machine((60, 60, 180))  # 09:00 to 11:00, no setup
    begin = to_minute(make.NOW)
    chart.scale = fitting(begin, begin + 400, WIDTH)
    image, _ = picture(chart, ratio)
    y = round(row_of(chart) * ratio)
    fill = category_colour(Category.GREY).rgb()
    xs = [x for x in range(image.width()) if image.pixel(x, y) == fill]
    assert min(xs) / ratio == pytest.approx(chart.scale.x(begin + 60), abs=2.5)
    assert max(xs) / ratio == pytest.approx(chart.scale.x(begin + 180), abs=4)


def test_setup_is_paler_and_hatched():
    chart = one_machine((60, 120, 300))
    begin = to_minute(make.NOW)
    chart.scale = fitting(begin, begin + 400, WIDTH)
    image, _ = picture(chart)
    fill = category_colour(Category.GREY).rgb()
    y = row_of(chart)
    head = range(round(chart.scale.x(begin + 60)) + 2, round(chart.scale.x(begin + 120)) - 2)
    assert all(image.pixel(x, y) != fill for x in head)
    assert len({image.pixel(x, y) for x in head}) >= 3  # the lines of the hatch


def test_a_pause_shows_as_a_thin_paler_body():
    chart = one_machine((420, 420, 1500))  # 15:00 to 09:00 the next day
    begin = to_minute(make.NOW)
    chart.scale = fitting(begin, begin + 1600, WIDTH)
    image, _ = picture(chart)
    night = round(chart.scale.x(begin + 900))  # 23:00
    rect = chart.rect(0)
    fill = category_colour(Category.GREY).rgb()
    column = [image.pixel(night, y) for y in range(int(rect.top()), int(rect.bottom()))]
    assert fill not in column
    closed = colour(Role.NONWORKING).rgb()
    assert Counter(column).most_common(1)[0][0] == closed
    assert len(set(column)) == 2  # the thin body is there as well


def test_not_working_time_is_shaded():
    chart = one_machine((60, 60, 120))
    begin = to_minute(make.NOW)
    chart.scale = fitting(begin, begin + 2000, WIDTH)
    image, _ = picture(chart)
    y = chart.rows.top(1) + 2
    assert image.pixel(round(chart.scale.x(begin + 900)), y) == colour(Role.NONWORKING).rgb()
    assert image.pixel(round(chart.scale.x(begin + 200)) + 3, y) == colour(Role.PANEL).rgb()


def test_opened_overtime_is_neither_closed_nor_plain_working_time():
    chart = one_machine((60, 60, 120))
    plan = chart.data.plan
    scenario = make.make_scenario(published=True)
    machine = next(iter(plan.table(Machine).values()))
    for row in (scenario, make.make_overtime_shift(scenario, machine, 840, 960, 75)):
        plan.put(row)
    chart = Chart(GanttData(plan, chart.data.bookings, make.NOW))
    begin = to_minute(make.NOW)
    chart.scale = fitting(begin, begin + 2000, WIDTH)
    image, _ = picture(chart)
    y = chart.rows.top(1) + 2
    left, right = (round(chart.scale.x(begin + minute)) for minute in (850, 950))
    shades = {image.pixel(x, y) for x in range(left, right)}
    assert colour(Role.OVERTIME).rgb() in shades
    assert len(shades) >= 2  # the lines of the hatch
    assert image.pixel(round(chart.scale.x(begin + 1000)), y) == colour(Role.NONWORKING).rgb()
    lane = next(lane for lane in chart.lanes if lane.row_id == machine.id)
    assert "75" in lane_tip(chart, lane, begin + 900)
    work = chart.worktime(machine.id)
    assert work is not None
    assert np.diff(work.worked(begin + np.array([840.0, 1000.0]))) == 120


def test_late_bars_are_outlined():
    chart = one_machine((60, 60, 180))
    chart.late[:] = True
    begin = to_minute(make.NOW)
    chart.scale = fitting(begin, begin + 400, WIDTH)
    image, _ = picture(chart)
    rect, x = chart.rect(0), round(chart.scale.x(begin + 120))
    late = colour(Role.LATE).rgb()
    assert image.pixel(x, int(rect.top())) == late
    assert image.pixel(x, int(rect.top()) + 1) == late
    assert image.pixel(x, int(rect.bottom()) - 1) == late


def test_thousands_of_bars_on_few_pixels_stay_visible():
    chart = one_machine(*[(k * 3, k * 3, k * 3 + 2) for k in range(150)])
    begin = to_minute(make.NOW)
    chart.scale = fitting(begin - 30_000, begin + 30_000, WIDTH)  # 450 minutes are 7 pixels
    image, painted = picture(chart)
    assert painted.bars_painted == 150
    y = row_of(chart)
    fill = category_colour(Category.GREY).rgb()
    left, right = chart.scale.x(begin), chart.scale.x(begin + 450)
    assert all(image.pixel(x, y) == fill for x in range(round(left) + 1, round(right) - 1))


def test_bars_that_overlap_get_tracks_of_their_own():
    chart = one_machine((0, 0, 100), (50, 50, 150), (120, 120, 200))
    lane = chart.lanes_of(0)[0]
    assert lane.track_count == 2
    assert lane.tracks.tolist() == [0, 1, 0]
    assert not chart.rect(0).intersects(chart.rect(1))


def test_a_machine_change_moves_a_bar_to_its_new_lane():
    chart = Chart(make_factory(200, 9))
    data = chart.data
    booking = data.bookings[0]
    target = next(
        lane for lane in chart.lanes if lane.kind == "machine" and lane.row_id != booking.machine_id
    )
    before = chart.lanes_of(0)[0]
    moved = replace(
        booking,
        machine_id=target.row_id,
        setup_start_at=booking.setup_start_at + timedelta(days=1),
        run_start_at=booking.run_start_at + timedelta(days=1),
        end_at=booking.end_at + timedelta(days=1),
    )
    chart.set_bookings([moved])
    assert 0 in target.bars
    assert 0 not in before.bars
    fresh = Chart(GanttData(data.plan, data.bookings, make.NOW))
    for lane, other in zip(chart.lanes, fresh.lanes, strict=True):
        assert lane.bars.tolist() == other.bars.tolist(), lane.title
        assert lane.reach.tolist() == other.reach.tolist()


def test_bookings_come_and_go():
    chart = Chart(make_factory(200, 9))
    data = chart.data
    gone = data.bookings[5]
    chart.set_bookings([], [gone.id])
    assert len(chart.data) == 199
    assert gone.id not in data.position
    assert sum(len(lane.bars) for lane in chart.lanes if lane.kind == "machine") == 199
    chart.set_bookings([gone])
    assert len(chart.data) == 200
    picture(chart)


def test_load_is_the_booked_share_of_working_time():
    # 540 working minutes a day; 09:00 to 13:30 of the first day, all of the second.
    chart = one_machine((60, 60, 330), (1440, 1440, 1440 + 540))
    lane = chart.lanes_of(0)[0]
    start = to_minute(make.NOW) - 480
    buckets = np.array([start, start + 1440, start + 2880, start + 4320])
    assert chart.loads([lane], buckets)[0] == pytest.approx([0.5, 1.0, 0.0])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("dark", [False, True])
def test_the_image_holds_every_machine(language, dark):
    data = make_factory(300, 40)
    image = render_image(data, QSize(1400, 700), language, dark=dark)
    assert image.width() == 1400
    assert image.height() >= 700
    assert text.language() == "en"  # the window's own language stays
    assert not theme.is_dark()
    colours = {image.pixel(x, y) for x in range(230, 1400, 3) for y in range(60, 700, 7)}
    theme.use_dark(dark)
    fills = {category_colour(kind).rgb() for kind in Category}
    theme.use_dark(False)
    assert len(fills & colours) >= 4


def test_nothing_booked_is_no_error():
    plan = make.make_plan(make.make_machine())
    chart = Chart(GanttData(plan, [], make.NOW))
    picture(chart)
    render_image(chart.data, QSize(800, 300), "en")


def test_a_new_lock_shows_its_pin():
    chart = one_machine((60, 60, 180))
    begin = to_minute(make.NOW)
    chart.scale = fitting(begin, begin + 400, WIDTH)
    before, _ = picture(chart)
    chart.set_bookings([replace(chart.data.bookings[0], lock=LockLevel.TIME)])
    after, _ = picture(chart)
    corner = chart.rect(0).topRight()
    frozen = colour(Role.FROZEN).rgb()
    spots = [(round(corner.x()) - dx, round(corner.y()) + dy) for dx in range(9) for dy in range(5)]
    assert frozen not in {before.pixel(x, y) for x, y in spots}
    assert frozen in {after.pixel(x, y) for x, y in spots}


def test_a_bar_that_leaves_the_plant_gets_a_lane_there():
    chart = one_machine((60, 60, 180), (200, 200, 300))
    chart.set_bookings([replace(chart.data.bookings[0], machine_id=None)])
    outside = chart.machine_lane(None)
    assert outside is not None
    assert outside.bars.tolist() == [0]


def test_what_is_highlighted_leaves_the_rest_pale():
    chart = one_machine((60, 60, 180), (200, 200, 300))
    begin = to_minute(make.NOW)
    chart.scale = fitting(begin, begin + 400, WIDTH)
    chart.highlighted = {chart.data.bookings[0].operation_id}
    chart.dim()
    image, _ = picture(chart)
    fill, y = category_colour(Category.GREY).rgb(), row_of(chart)
    # Away from the texts at the left of the bars.
    assert image.pixel(round(chart.scale.x(begin + 175)), y) == fill
    assert image.pixel(round(chart.scale.x(begin + 292)), y) != fill

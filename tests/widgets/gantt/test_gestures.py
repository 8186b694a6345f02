"""Wheel, mouse and keys on a real window."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt

from widgets.gantt.drop import DropPreview, Moved
from widgets.gantt.lanes import Grouping
from widgets.gantt.scale import to_instant
from widgets.text import format_instant, tr

ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_wheel_zooms_and_keeps_the_time_under_the_pointer(view, hand):
    before, wide = view.chart.scale.minute(500), view.chart.scale.pixels_per_minute
    hand.wheel(QPoint(500, 100), 3)
    assert view.chart.scale.minute(500) == pytest.approx(before, abs=0.01)
    assert view.chart.scale.pixels_per_minute == pytest.approx(wide * 1.2**3)


def test_wheel_with_shift_pans_and_with_ctrl_scrolls(view, hand):
    view.resize(1200, 300)
    left, wide = view.chart.scale.left_minute, view.chart.scale.pixels_per_minute
    hand.wheel(QPoint(300, 60), -1, SHIFT)
    assert view.chart.scale.left_minute == pytest.approx(left + 120 / wide)
    hand.wheel(QPoint(300, 60), -1, CTRL)
    assert view.canvas.verticalScrollBar().value() == 120
    assert view.chart.scale.pixels_per_minute == wide


@pytest.mark.parametrize("button", [Qt.MouseButton.MiddleButton, None])
def test_middle_button_or_space_pans(view, hand, button):
    minute = view.chart.scale.minute(400)
    if button is None:
        from PySide6.QtTest import QTest

        QTest.keyPress(view.canvas, Qt.Key.Key_Space)
        hand.drag(QPoint(400, 100), QPoint(520, 100))
        QTest.keyRelease(view.canvas, Qt.Key.Key_Space)
    else:
        hand.drag(QPoint(400, 100), QPoint(520, 100), button)
    assert view.chart.scale.minute(520) == pytest.approx(minute)
    assert not view.chart.selected


def test_click_selects_and_tells(view, hand, first_bar, qtbot):
    operation = view.chart.data.bookings[first_bar].operation_id
    with qtbot.waitSignal(view.selection_changed) as told:
        hand.click(hand.spot(first_bar))
    assert told.args == [(operation,)]
    hand.click(QPoint(3, view.canvas.viewport().height() - 2))
    assert not view.chart.selected


def test_in_a_low_chart_the_strip_below_it_is_there_while_it_tells_of_a_drag(
    view, hand, first_bar, qtbot
):
    view.setMinimumSize(1, 1)  # else it is no smaller than it is
    view.resize(1200, 130)
    qtbot.waitUntil(lambda: not view.foot.isVisible())
    middle = view.canvas.viewport().height() // 2
    bar = view.canvas.verticalScrollBar()
    bar.setValue(bar.value() + hand.spot(first_bar).y() - middle)
    spot = hand.spot(first_bar)
    assert abs(spot.y() - middle) <= 1
    hand.press(spot)
    hand.move(spot + QPoint(30, 0))
    hand.move(spot + QPoint(60, 0))
    qtbot.waitUntil(view.foot.isVisible)
    hand.release(spot + QPoint(60, 0))
    qtbot.waitUntil(lambda: not view.foot.isVisible())


def test_rubber_band_selects_every_bar_it_touches(view, hand, first_bar):
    chart = view.chart
    lane = chart.lanes_of(first_bar)[0]
    top = chart.rows.top(chart.rows.place(lane)) - view.canvas.scrolled
    height = view.chart.rows.size(chart.rows.place(lane))
    hand.press(QPoint(0, top + 1))  # between bars and lane border: no bar is held
    assert view.canvas.gesture.bar is None or chart.rect(view.canvas.gesture.bar).left() <= 2
    hand.release(QPoint(0, top + 1))
    view.canvas.select(())
    hand.press(QPoint(1, top - 3))
    hand.move(QPoint(300, top + 8))
    hand.move(QPoint(600, top + height - 4))
    hand.release(QPoint(600, top + height - 4))
    above = chart.lane_at(top - 3)
    expected = {
        chart.data.bookings[i].operation_id
        for each in (lane, above)
        if not each.is_group
        for i in each.bars.tolist()
        if chart.rect(i).right() >= 1 and chart.rect(i).left() <= 600
    }
    assert expected
    assert chart.selected == expected


def test_drag_asks_for_the_exact_minute(view, hand, first_bar, qtbot):
    booking = view.chart.data.bookings[first_bar]
    view.set_evaluator(lambda *_: DropPreview())
    start = hand.spot(first_bar)
    stop = start + QPoint(31, 0)
    moved = 31 / view.chart.scale.pixels_per_minute
    grip = view.chart.scale.minute(start.x()) - view.chart.data.setup[first_bar]
    wanted = round(view.chart.scale.minute(start.x()) + moved - grip)
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    with qtbot.waitSignal(view.move_requested) as told:
        hand.press(start)
        for kind, buttons in (
            (QEvent.Type.MouseMove, Qt.MouseButton.LeftButton),
            (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
        ):
            spot = QPointF(stop)
            place = QPointF(hand.port.mapToGlobal(stop))
            left = Qt.MouseButton.LeftButton
            QApplication.sendEvent(hand.port, QMouseEvent(kind, spot, place, left, buttons, ALT))
    assert told.args == [booking.id, booking.machine_id, to_instant(wanted)]
    assert view.chart.data.bookings[first_bar] == booking  # the view itself changes nothing


def test_drag_snaps_to_the_end_of_a_neighbour(view, hand, first_bar, qtbot):
    chart = view.chart
    lane = chart.lanes_of(first_bar)[0]
    bars = lane.bars.tolist()
    after = bars[bars.index(first_bar) + 1]
    end = int(chart.data.end[after])
    view.set_evaluator(lambda *_: DropPreview())
    start = hand.spot(first_bar)
    distance = (end - int(chart.data.setup[first_bar])) * chart.scale.pixels_per_minute
    with qtbot.waitSignal(view.move_requested) as told:
        hand.drag(start, start + QPoint(round(distance) + 3, 0))
    candidates = {*chart.data.end[bars].tolist()} | {
        int(chart.data.setup[b] - (chart.data.end[first_bar] - chart.data.setup[first_bar]))
        for b in bars
    }
    minute = int(told.args[2].timestamp() // 60)
    assert minute == end or minute in candidates
    assert abs(minute - end) * chart.scale.pixels_per_minute <= 8 + 3


def test_drag_to_another_machine(view, hand, first_bar, qtbot):
    booking = view.chart.data.bookings[first_bar]
    lanes = [lane for lane in view.chart.rows.lanes if lane.kind == "machine"]
    target = next(lane for lane in lanes if lane.row_id != booking.machine_id)
    view.set_evaluator(lambda *_: DropPreview(), lambda _booking: {target.row_id})
    start = hand.spot(first_bar)
    stop = QPoint(start.x(), hand.lane_y(target.row_id))
    hand.press(start)
    hand.move(stop)
    assert view.canvas.overlay.eligible == {target.key}
    with qtbot.waitSignal(view.move_requested) as told:
        hand.release(stop)
    assert told.args[:2] == [booking.id, target.row_id]


def test_escape_cancels_a_drag(view, hand, first_bar, qtbot):
    view.set_evaluator(lambda *_: DropPreview())
    start = hand.spot(first_bar)
    with qtbot.assertNotEmitted(view.move_requested, wait=50):
        hand.press(start)
        hand.move(start + QPoint(40, 0))
        assert view.canvas.overlay.wish is not None
        hand.key(Qt.Key.Key_Escape)
        assert view.canvas.overlay.wish is None
        hand.release(start + QPoint(40, 0))
    assert view.foot.drop_words() == []


def test_a_refused_drop_tells_why_and_asks_for_nothing(view, hand, first_bar, qtbot):
    from PySide6.QtWidgets import QToolTip

    view.set_evaluator(lambda *_: DropPreview(refusal="The material is not there before Friday"))
    start = hand.spot(first_bar)
    with qtbot.assertNotEmitted(view.move_requested, wait=50):
        hand.press(start)
        hand.move(start + QPoint(40, 0))
        qtbot.waitUntil(lambda: view.canvas.overlay.preview is not None)
        assert "Friday" in QToolTip.text()
        assert view.canvas.viewport().cursor().shape() == Qt.CursorShape.ForbiddenCursor
        assert any("Friday" in words for words, _ in view.foot.drop_words())
        hand.release(start + QPoint(41, 0))
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_the_last_wish_wins_and_the_strip_tells_its_effect(view, hand, first_bar, qtbot):
    asked = []

    def evaluate(booking, machine_id, start_at):
        asked.append(start_at)
        span = booking.end_at - booking.setup_start_at
        after = start_at + timedelta(days=400)
        moved = Moved(booking.id, machine_id, after, after, after + span)
        return DropPreview("", (moved, moved), -90, setup_delta=15, later_lines=2)

    view.set_evaluator(evaluate)
    start = hand.spot(first_bar)
    hand.press(start)
    for dx in range(10, 60, 5):
        hand.move(start + QPoint(dx, 0))
    qtbot.waitUntil(lambda: view.canvas.overlay.preview is not None)
    assert len(asked) < 10
    assert asked[-1] == view.canvas.overlay.wish.start_at
    said = " ".join(words for words, _ in view.foot.drop_words())
    assert "Lateness −1 h 30 min" in said
    assert "Setup +15 min" in said
    assert "1 other operation moves" in said
    assert "2 orders get later" in said
    later = view.canvas.overlay.wish.start_at + timedelta(days=400)
    assert format_instant(later, view.chart.data.zone) in said
    view.grab()
    hand.key(Qt.Key.Key_Escape)
    hand.release(start)


def test_read_only_views_do_not_drag_and_say_why(view, hand, first_bar, qtbot):
    from PySide6.QtWidgets import QToolTip

    port = view.canvas.viewport()
    view.set_read_only(True)
    start = hand.spot(first_bar)
    with qtbot.assertNotEmitted(view.move_requested, wait=50):
        hand.press(start)
        hand.move(start + QPoint(60, 0))
        assert QToolTip.text() == tr("gantt.tip.read_only")
        assert port.cursor().shape() == Qt.CursorShape.ForbiddenCursor
        hand.release(start + QPoint(60, 0))
    assert port.cursor().shape() == Qt.CursorShape.ArrowCursor
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_arrows_walk_the_machine_and_the_work_order(view, hand, first_bar):
    data = view.chart.data
    view.select_operations([data.bookings[first_bar].operation_id])
    lane = view.chart.lanes_of(first_bar)[0].bars.tolist()
    hand.key(Qt.Key.Key_Right)
    after = data.by_operation[view.chart.focus]
    assert after == lane[lane.index(first_bar) + 1]
    hand.key(Qt.Key.Key_Left)
    assert view.chart.selected == {data.bookings[first_bar].operation_id}
    chain = data.operations_of(data.operation(first_bar).work_order_id)
    for key, step in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Up, -1)):
        place = chain.index(data.by_operation[view.chart.focus])
        expected = chain[min(max(place + step, 0), len(chain) - 1)]
        hand.key(key)
        assert data.by_operation[view.chart.focus] == expected
    hand.key(Qt.Key.Key_End)
    rect = view.chart.rect(data.by_operation[view.chart.focus])
    assert rect.left() >= 0
    assert rect.left() < view.canvas.viewport().width()


def test_shift_arrow_extends_and_escape_clears(view, hand, first_bar):
    view.select_operations([view.chart.data.bookings[first_bar].operation_id])
    hand.key(Qt.Key.Key_Right, SHIFT)
    assert len(view.chart.selected) == 2
    hand.key(Qt.Key.Key_Escape)
    assert not view.chart.selected


def test_fit_keys(view, hand, first_bar):
    hand.key(Qt.Key.Key_0, CTRL)
    first, last = view.chart.data.span
    width = view.canvas.viewport().width()
    assert view.chart.scale.x(first) >= 0
    assert view.chart.scale.x(last) <= width
    view.select_operations([view.chart.data.bookings[first_bar].operation_id])
    hand.key(Qt.Key.Key_F)
    rect = view.chart.rect(first_bar)
    assert rect.left() > 0
    assert rect.right() < width
    assert rect.width() > width / 2
    hand.key(Qt.Key.Key_N)
    assert view.chart.scale.x(view.chart.data.now) == pytest.approx(width / 4)


def test_double_click_and_enter_open_the_operation(view, hand, first_bar, qtbot):
    from PySide6.QtTest import QTest

    booking = view.chart.data.bookings[first_bar]
    with qtbot.waitSignal(view.operation_activated) as told:
        QTest.mouseDClick(
            hand.port,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            hand.spot(first_bar),
        )
    assert told.args == [booking.id]
    view.select_operations([booking.operation_id])
    with qtbot.waitSignal(view.operation_activated) as told:
        hand.key(Qt.Key.Key_Return)
    assert told.args == [booking.id]


def test_time_is_dragged_in_every_grouping(view, first_bar, hand, qtbot):
    view.set_evaluator(lambda *_: DropPreview())
    view.set_grouping(Grouping.WORK_ORDER)
    view.chart.collapsed.clear()
    view.chart.lay_out()
    view.canvas.reload()
    booking = view.chart.data.bookings[first_bar]
    view.canvas.reveal(first_bar)
    start = hand.spot(first_bar, 0.4)
    with qtbot.waitSignal(view.move_requested) as told:
        hand.drag(start, start + QPoint(50, 60))
    assert told.args[:2] == [booking.id, booking.machine_id]
    assert told.args[2] > booking.setup_start_at - timedelta(minutes=1)


def test_h_highlights_the_order_and_escape_clears_it(view, hand, first_bar):
    data = view.chart.data
    view.select_operations([data.bookings[first_bar].operation_id])
    hand.key(Qt.Key.Key_H)
    chain = data.operations_of(data.operation(first_bar).work_order_id)
    assert {data.bookings[i].operation_id for i in chain} <= view.chart.highlighted
    assert view.chart.dimmed.any()
    hand.key(Qt.Key.Key_Escape)
    assert not view.chart.highlighted
    assert view.chart.selected  # the next Escape clears that


def test_the_menu_offers_intentions(view, first_bar, qtbot):
    from domain.scenarios import LockLevel
    from widgets.gantt.menu import build_menu

    booking = view.chart.data.bookings[first_bar]
    view.select_operations([booking.operation_id])
    menu = build_menu(view.canvas, first_bar, view.set_colouring)
    locks = next(a.menu() for a in menu.actions() if a.menu() and a.text() == "Lock")
    with qtbot.waitSignal(view.lock_requested) as told:
        next(a for a in locks.actions() if a.text() == "Machine and time").trigger()
    assert told.args == [[booking.id], LockLevel.TIME]
    with qtbot.waitSignal(view.work_order_requested) as told:
        menu.actions()[0].trigger()
    assert told.args == [view.chart.data.work_order(first_bar).id]
    menu.deleteLater()


def test_the_minimap_moves_the_window(view, qtbot):
    from PySide6.QtTest import QTest

    view.canvas.zoom(8, 300)
    spot = QPoint(view.minimap.width() // 2, 20)
    QTest.mouseClick(view.minimap, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    middle = view.chart.scale.minute(view.canvas.viewport().width() / 2)
    hour = 90 / view.minimap.horizon.pixels_per_minute
    assert middle == pytest.approx(view.minimap.horizon.minute(spot.x()), abs=hour / 30)


def test_words_follow_the_language(view, qapp, qtbot):
    from widgets.speaking import speak

    speak(qapp, "zh")
    qtbot.waitUntil(lambda: view.canvas.accessibleName() == "排产甘特图")
    view.grab()
    speak(qapp, "en")
    qtbot.waitUntil(lambda: view.canvas.accessibleName() == "Schedule, Gantt chart")


def test_the_focused_bar_is_told_to_assistive_technology(view, hand, first_bar):
    hand.click(hand.spot(first_bar))
    assert view.chart.data.work_order(first_bar).number in view.canvas.accessibleDescription()

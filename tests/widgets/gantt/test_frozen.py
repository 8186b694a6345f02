"""The frozen time in the chart, and the way to mend a plan from its context menu."""

from __future__ import annotations

from dataclasses import replace

from widgets.gantt.lanes import LaneKind
from widgets.gantt.menu import build_menu
from widgets.gantt.tips import lane_tip
from widgets.text import tr


def machine_lane(view):
    return next(lane for lane in view.chart.lanes if lane.kind is LaneKind.MACHINE)


def test_the_frozen_time_is_told_and_shown(view):
    data, lane = view.chart.data, machine_lane(view)
    before = view.canvas.grab().toImage()
    assert "Frozen until" not in lane_tip(view.chart, lane, data.now + 30)
    data.plan.put(replace(data.plan.home_plant(), frozen_hours=48))
    assert data.frozen_minutes == 48 * 60
    assert "Frozen until" in lane_tip(view.chart, lane, data.now + 30)
    assert "Frozen until" not in lane_tip(view.chart, lane, data.now + 48 * 60)
    view.canvas.refresh()
    assert view.canvas.grab().toImage() != before


def test_the_row_of_a_machine_offers_to_mend_what_happened_to_it(view, qtbot):
    lane = machine_lane(view)
    view.canvas.menu_machine_id = lane.row_id
    menu = build_menu(view.canvas, None, lambda _colouring: None)
    action = next(each for each in menu.actions() if each.text() == tr("gantt.menu.mend"))
    with qtbot.waitSignal(view.mend_requested) as told:
        action.trigger()
    assert told.args == [lane.row_id]
    view.canvas.menu_machine_id = None
    words = [each.text() for each in build_menu(view.canvas, None, print).actions()]
    assert tr("gantt.menu.mend") not in words

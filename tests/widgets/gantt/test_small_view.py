"""The Gantt where it has little room."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from widgets.gantt.view import GanttView


def test_where_it_is_low_rows_have_the_room_of_the_minimap(view: GanttView, qtbot: QtBot) -> None:
    assert view.minimap.isVisible()
    view.resize(800, 180)
    qtbot.waitUntil(lambda: not view.minimap.isVisible())
    assert view.canvas.viewport().height() >= 3 * 24
    assert view.minimumSizeHint().height() <= 160
    view.resize(800, 640)
    qtbot.waitUntil(view.minimap.isVisible)

"""The Schedule panel: how it follows the plan, in one turn of the event loop or in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast
from uuid import uuid4

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from domain.objectives import Goal
from domain.scenarios import Booking
from tests.widgets.factory import Factory
from tests.widgets.test_panels import shown
from widgets.gantt.view import GanttView
from widgets.outlook import Outlook
from widgets.schedule import panel as schedule
from widgets.schedule.panel import SchedulePanel
from widgets.text import tr

HOUR = timedelta(hours=1)


def opened(qtbot: QtBot, outlook: Outlook) -> tuple[SchedulePanel, GanttView]:
    panel = cast("SchedulePanel", shown(qtbot, SchedulePanel, outlook))
    assert panel.gantt is not None
    return panel, panel.gantt


def later(outlook: Outlook, hours: int) -> Outlook:
    """The same with everything so many hours later, in a plan of its own."""
    rows = [
        replace(
            row,
            setup_start_at=row.setup_start_at + hours * HOUR,
            run_start_at=row.run_start_at + hours * HOUR,
            end_at=row.end_at + hours * HOUR,
        )
        for row in outlook.bookings.values()
    ]
    return with_bookings(outlook, rows, is_other=True)


def with_bookings(outlook: Outlook, rows: Sequence[Booking], *, is_other: bool) -> Outlook:
    plan = outlook.plan.copy() if is_other else outlook.plan
    return replace(outlook, plan=plan, bookings={row.operation_id: row for row in rows})


def drawn(gantt: GanttView) -> set[Booking]:
    return set(gantt.chart.data.bookings)


def shown_in(outlook: Outlook) -> set[Booking]:
    return set(outlook.bookings.values())


def test_many_bars_are_placed_a_turn_after_they_were_looked_up(
    qtbot: QtBot, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_MANY", 0)
    before = factory.outlook()
    panel, gantt = opened(qtbot, before)
    after = later(before, 1)
    panel.show_outlook(after)
    assert drawn(gantt) == shown_in(before)
    qtbot.waitUntil(lambda: drawn(gantt) == shown_in(after))
    for last in (later(before, 3), with_bookings(after, [], is_other=True)):
        panel.show_outlook(later(before, 2))  # overtaken before it is placed
        panel.show_outlook(last)
        qtbot.waitUntil(lambda last=last: drawn(gantt) == shown_in(last))


def test_a_change_of_bars_that_wait_to_be_placed_is_not_lost(
    qtbot: QtBot, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_MANY", 0)
    before = factory.outlook()
    panel, gantt = opened(qtbot, before)
    moved = later(before, 1)
    panel.show_outlook(moved)
    (row, *rest) = later(moved, 1).bookings.values()
    changed = with_bookings(moved, [row, *list(moved.bookings.values())[1:]], is_other=False)
    panel.show_outlook(changed)  # the same plan: only what has changed is drawn
    assert rest
    assert drawn(gantt) == shown_in(changed)
    qtbot.wait(20)
    assert drawn(gantt) == shown_in(changed)


def test_a_booking_that_another_takes_the_place_of_leaves_no_bar(
    qtbot: QtBot, factory: Factory
) -> None:
    before = factory.outlook()
    panel, gantt = opened(qtbot, before)
    (old, *rest) = before.bookings.values()
    assert gantt.chart.data.position[old.id] >= 0
    new = replace(old, id=uuid4())
    after = with_bookings(before, [new, *rest], is_other=False)
    panel.show_outlook(after)
    data = gantt.chart.data
    assert drawn(gantt) == shown_in(after)
    assert set(data.position) == {row.id for row in (new, *rest)}
    assert [data.bookings[at] for at in data.by_operation.values()] == data.bookings
    panel.show_outlook(with_bookings(after, rest, is_other=False))
    assert drawn(gantt) == set(rest)


def test_a_chart_without_a_plan_says_what_to_do_or_that_one_is_being_made(
    qtbot: QtBot, factory: Factory
) -> None:
    outlook = replace(factory.outlook(), bookings={}, scenario=None)
    panel, gantt = opened(qtbot, outlook)

    def said() -> list[str]:
        return [each.text() for each in gantt.canvas.findChildren(QLabel) if each.isVisible()]

    assert said() == [tr("gantt.empty")]
    panel.show_running(is_running=True)
    assert said() == [tr("gantt.empty.making")]
    panel.show_running(is_running=False)
    assert said() == [tr("gantt.empty")]
    chart, note = gantt.canvas.viewport(), gantt.empty
    for size in ((700, 300), (1300, 700)):
        panel.resize(*size)
        qtbot.waitUntil(lambda: note.geometry().center() == chart.rect().center())
        assert note.heightForWidth(note.width()) <= note.height()


def test_a_chart_that_opens_while_a_plan_is_being_made_says_so(
    qtbot: QtBot, factory: Factory
) -> None:
    panel = SchedulePanel()
    qtbot.addWidget(panel)
    panel.show_running(is_running=True)
    panel.show()
    panel.show_outlook(replace(factory.outlook(), bookings={}, scenario=None))
    assert panel.gantt is not None
    assert panel.gantt.empty.text() == tr("gantt.empty.making")


def test_where_it_is_low_the_figures_take_one_line_or_none_unless_something_goes_on(
    qtbot: QtBot, factory: Factory
) -> None:
    panel, gantt = opened(qtbot, factory.outlook())
    panel.show_outlook(replace(factory.outlook(), amounts=dict.fromkeys(Goal, 123_456)))
    line = panel.quality
    panel.resize(420, 600)
    qtbot.waitUntil(lambda: line.height() > 2 * line.fontMetrics().height())
    panel.resize(420, 235)
    qtbot.waitUntil(lambda: line.height() < 2 * line.fontMetrics().height())
    assert line.text() in line.toolTip()
    qtbot.waitUntil(gantt.foot.isVisible)
    panel.resize(420, 210)
    qtbot.waitUntil(lambda: not line.isVisible())
    qtbot.waitUntil(gantt.foot.isVisible)
    panel.show_running(is_running=True, words=lambda: "Improving")
    assert line.isVisible()
    panel.show_running(is_running=False)
    assert not line.isVisible()

"""What lies over the bars: now, selection, links, the drag and what it would move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from widgets.gantt.chart import Chart
from widgets.gantt.drop import DropPreview, Moved, Wish
from widgets.gantt.due import due_minute
from widgets.gantt.lanes import Grouping
from widgets.gantt.links import Link, paint_links
from widgets.gantt.scale import to_minute
from widgets.theme import Role, colour

MOST_DUE = 60  # selected bars whose due dates are shown


@dataclass(slots=True)
class Overlay:
    """Passing marks; ``eligible`` are the lanes (by key) a dragged bar may go to, None all.

    ``preview`` answers ``asked``; while the hand is faster than the answers it stays on show.
    """

    hovered: int | None = None
    links: list[Link] = field(default_factory=list[Link])
    rubber: QRectF | None = None
    wish: Wish | None = None
    asked: Wish | None = None
    preview: DropPreview | None = None
    snap_minute: int | None = None
    eligible: frozenset[str] | None = None


def paint_overlay(
    painter: QPainter, chart: Chart, overlay: Overlay, area: QRect, selected: list[QRectF]
) -> None:
    """Paint the marks; ``area`` as for ``ChartPainter.paint``, ``selected`` frames from there."""
    painter.save()
    painter.translate(0, -area.top())
    if overlay.eligible is not None:
        _shade_others(painter, chart, overlay.eligible, area)
    _paint_frozen(painter, chart, area)
    _paint_now(painter, chart, area)
    _paint_due(painter, chart, area)
    paint_links(painter, chart, overlay.links)
    if overlay.hovered is not None and overlay.hovered < len(chart.data):
        _frame(painter, chart.rect(overlay.hovered), QPen(colour(Role.MUTED), 1))
    _paint_selection(painter, chart, selected)
    if overlay.wish is not None:
        _paint_drag(painter, chart, overlay, overlay.wish, area)
    if overlay.rubber is not None:
        fill = _faint(colour(Role.ACCENT), 0.15)
        painter.setPen(QPen(colour(Role.ACCENT), 1))
        painter.setBrush(fill)
        painter.drawRect(overlay.rubber)
    painter.restore()


def _faint(ink: QColor, share: float) -> QColor:
    ink.setAlphaF(share)
    return ink


def _shade_others(painter: QPainter, chart: Chart, eligible: frozenset[str], area: QRect) -> None:
    rows = chart.rows
    for place in rows.between(area.top(), area.bottom() + 1):
        if rows.lanes[place].key not in eligible:
            rect = QRect(0, rows.top(place), area.width(), rows.size(place))
            painter.fillRect(rect, _faint(colour(Role.WINDOW), 0.72))


def _paint_frozen(painter: QPainter, chart: Chart, area: QRect) -> None:
    """A band over the time in which the plan is not moved any more, with a line at its end."""
    data = chart.data
    if not data.frozen_minutes:
        return
    left, right = (chart.scale.x(data.now + minutes) for minutes in (0, data.frozen_minutes))
    if right < 0 or left > area.width():
        return
    band = QRectF(left, area.top(), right - left, area.height())
    painter.fillRect(band, _faint(colour(Role.FROZEN), 0.08))
    painter.setPen(QPen(colour(Role.FROZEN), 1, Qt.PenStyle.DashLine))
    painter.drawLine(round(right), area.top(), round(right), area.bottom())


def _paint_now(painter: QPainter, chart: Chart, area: QRect) -> None:
    x = chart.scale.x(chart.data.now)
    if -2 <= x <= area.width() + 2:
        painter.fillRect(QRectF(round(x) - 0.5, area.top(), 1.5, area.height()), colour(Role.NOW))


def _paint_due(painter: QPainter, chart: Chart, area: QRect) -> None:
    """The due dates of the selected bars' orders, across all lanes."""
    if chart.grouping is not Grouping.MACHINE:
        return
    for minute, late in due_marks(chart).items():
        x = round(chart.scale.x(minute))
        if 0 <= x <= area.width():
            ink = colour(Role.LATE if late else Role.OK)
            painter.setPen(QPen(ink, 1, Qt.PenStyle.DashLine))
            painter.drawLine(x, area.top(), x, min(area.bottom(), chart.rows.height))


def due_marks(chart: Chart) -> dict[int, bool]:
    """Due minutes of the orders of the selected bars, with whether the order is late."""
    data, found = chart.data, dict[int, bool]()
    chosen = chart.positions(islice(chart.selected, MOST_DUE))
    for work_order_id in {data.operation(i).work_order_id for i in chosen}:
        for line in data.order_lines(work_order_id):
            minute = due_minute(line.due_on, data.zone)
            found[minute] = found.get(minute, False) or data.slack.get(line.id, 0) < 0
    return found


def _paint_selection(painter: QPainter, chart: Chart, frames: list[QRectF]) -> None:
    painter.setPen(QPen(colour(Role.ACCENT), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRects([frame.adjusted(-0.5, -0.5, -0.5, -0.5) for frame in frames])
    for i in chart.positions([chart.focus] if chart.focus else ()):
        rect = chart.rect(i)
        if rect is not None:
            pen = QPen(colour(Role.TEXT), 1, Qt.PenStyle.DotLine)
            _frame(painter, rect.adjusted(-2, -2, 2, 2), pen)


def _frame(painter: QPainter, rect: QRectF | None, pen: QPen) -> None:
    if rect is None:
        return
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(-0.5, -0.5, -0.5, -0.5))


def _paint_drag(painter: QPainter, chart: Chart, overlay: Overlay, wish: Wish, area: QRect) -> None:
    preview = overlay.preview
    i = chart.data.position.get(wish.booking.id)
    if i is None:
        return
    refused = preview is not None and bool(preview.refusal)
    if overlay.snap_minute is not None and not refused:
        x = round(chart.scale.x(overlay.snap_minute))
        painter.fillRect(QRect(x, area.top(), 1, area.height()), colour(Role.ACCENT))
    moved: Sequence[Moved] = preview.moved if preview is not None else ()
    for each in moved:
        if each.booking_id != wish.booking.id:
            _paint_ghost(painter, chart, each, colour(Role.MUTED))
    own = next((each for each in moved if each.booking_id == wish.booking.id), None)
    if own is None or refused or overlay.asked != wish:
        span = wish.booking.end_at - wish.booking.setup_start_at
        head = wish.booking.run_start_at - wish.booking.setup_start_at
        start = wish.start_at
        own = Moved(wish.booking.id, wish.machine_id, start, start + head, start + span)
    _paint_ghost(
        painter, chart, own, colour(Role.LATE if refused else Role.ACCENT), refused=refused
    )


def _paint_ghost(
    painter: QPainter, chart: Chart, moved: Moved, ink: QColor, *, refused: bool = False
) -> None:
    i = chart.data.position.get(moved.booking_id)
    if i is None:
        return
    homes = chart.lanes_of(i)
    lane = chart.machine_lane(moved.machine_id) or (homes[0] if homes else None)
    place = None if lane is None else chart.rows.place(lane)
    if place is None:
        return
    top, height = chart.rows.bar_band(place)
    left = chart.scale.x(to_minute(moved.setup_start_at))
    rect = QRectF(left, top, chart.scale.x(to_minute(moved.end_at)) - left, height)
    painter.setPen(QPen(ink, 1.5, Qt.PenStyle.DashLine if refused else Qt.PenStyle.SolidLine))
    fill = _faint(QColor(ink), 0.25)
    painter.setBrush(fill)
    painter.drawRect(rect)
    if refused:
        painter.setBrush(Qt.BrushStyle(Qt.BrushStyle.BDiagPattern))
        painter.drawRect(rect)
    run_x = chart.scale.x(to_minute(moved.run_start_at))
    if run_x > left + 1:
        painter.drawLine(QPointF(run_x, rect.top()), QPointF(run_x, rect.bottom()))

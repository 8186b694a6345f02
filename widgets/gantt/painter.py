"""Paints the lanes of a chart: working time, grid, bars, texts, marks. Knows no widget.

A painter comes with its origin at the top left of the lanes' viewport; ``area`` is what of the rows
shows in it: horizontally the viewport's own pixels, vertically those of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPen

from domain.resources import Downtime
from widgets.gantt import raster
from widgets.gantt.chart import Chart
from widgets.gantt.field import Band, Field, blocks, gather, paint_columns
from widgets.gantt.inks import mixed
from widgets.gantt.labels import NARROWEST_PX, Labels, choices
from widgets.gantt.lanes import Lane, LaneKind
from widgets.gantt.marks import hatch_brush, paint_due_flag, paint_pin
from widgets.gantt.raster import Grid, Pauses, Pixels
from widgets.gantt.scale import to_minute
from widgets.gantt.ticks import DAY, HOUR, TickLines
from widgets.gantt.worktime import WorkTime
from widgets.theme import Role, colour

LOAD_HEIGHT, GROUP_LOAD_HEIGHT = 3, 14
_PIN_FROM_PX = 14


@dataclass(frozen=True, slots=True)
class _Shown:
    """A lane in the viewport: its place among the rows, and its bands of bars, if it has any."""

    place: int
    lane: Lane
    bands: list[Band]


class ChartPainter:
    """Paints a chart; keeps laid-out texts for the next time."""

    def __init__(self, chart: Chart, font: QFont) -> None:
        self.chart = chart
        self.labels = Labels(font, lambda i: choices(chart.data, chart.grouping, i))
        self.bars_painted = 0  # in the last picture, as a measure of work
        self._of_work: dict[int, tuple[Pixels, Pauses]] = {}
        self._picture: tuple[list[Band], Field, Grid] | None = None

    def paint(self, painter: QPainter, area: QRect, ratio: float = 1.0) -> None:
        """Paint the lanes within ``area``."""
        chart = self.chart
        scale = chart.scale
        width = max(round(area.width() * ratio), 1)
        grid = Grid(scale.left_minute, scale.pixels_per_minute * ratio, width, ratio)
        self._of_work.clear()
        painter.fillRect(0, 0, area.width(), area.height(), colour(Role.PANEL))
        painter.save()
        painter.translate(0, -area.top())
        places = chart.rows.between(area.top(), area.bottom() + 1)
        shown = [self._show(place, grid) for place in places]
        bands = [band for row in shown for band in row.bands]
        field = gather(chart, bands, grid)
        self.bars_painted = len(field.bars)
        self._picture = bands, field, grid
        lines = chart.ticks(area.width())
        self._paint_ground(painter, shown, grid, area)
        self._paint_lines(painter, lines, shown, area)
        self._paint_loads(painter, shown, grid, lines)
        if self.bars_painted:
            self._paint_bars(painter, bands, field, grid)
            self._paint_pins(painter, bands, field, grid)
            self._paint_texts(painter, bands, field, grid)
        self._paint_due(painter, shown)
        painter.restore()

    def frames(self, positions: list[int]) -> list[QRectF]:
        """Where these bars lie in the last picture, as far as they show."""
        if self._picture is None or not positions:
            return []
        bands, field, grid = self._picture
        chosen = np.zeros(len(self.chart.data), np.bool_)
        chosen[positions] = True
        found: list[QRectF] = []
        for k in np.flatnonzero(chosen[field.bars]).tolist():
            band, left = bands[field.band[k]], float(field.start[k]) / grid.ratio
            width = float(field.stop[k]) / grid.ratio - left
            found.append(QRectF(left, band.top, width, band.height))
        return found

    def _show(self, place: int, grid: Grid) -> _Shown:
        lane, rows = self.chart.rows.lanes[place], self.chart.rows
        if lane.kind is LaneKind.WORK_CENTER:
            return _Shown(place, lane, [])
        work = self.chart.worktime(lane.row_id) if lane.kind is LaneKind.MACHINE else None
        rests = None if work is None else self._times(work, grid)[1]
        bands: list[Band] = []
        for track in range(lane.track_count):
            top, height = rows.bar_band(place, track)
            if lane.is_group:  # a sum of what is under it stays in the background
                top, height = top + height // 4, height // 2
            bands.append(Band(lane, track, top, height, rests))
        return _Shown(place, lane, bands)

    def _times(self, work: WorkTime, grid: Grid) -> tuple[Pixels, Pauses]:
        """Background and pauses, once for all lanes that share the working time."""
        found = self._of_work.get(id(work))
        if found is None:
            found = raster.closed_row(work, grid)[None, :], raster.pauses(work, grid)
            self._of_work[id(work)] = found
        return found

    def _paint_ground(
        self, painter: QPainter, shown: list[_Shown], grid: Grid, area: QRect
    ) -> None:
        rows = self.chart.rows
        window = colour(Role.WINDOW)
        for row in shown:
            top, size = rows.top(row.place), rows.size(row.place)
            work = self.chart.worktime(row.lane.row_id)
            if row.lane.kind is LaneKind.MACHINE and work is not None:
                target = QRectF(0, top, grid.width / grid.ratio, size)
                closed = _image(self._times(work, grid)[0])
                painter.drawImage(target, closed, QRectF(0, 0, grid.width, 1))
                self._paint_overtime(painter, row.lane, top, size, area.width())
                self._paint_stops(painter, row.lane, top, size)
            elif row.lane.is_group:
                painter.fillRect(0, top, area.width(), size, window)

    def _paint_overtime(
        self, painter: QPainter, lane: Lane, top: int, size: int, width: int
    ) -> None:
        """Hours that the plan has opened and pays for; hatched, for those who see no colours."""
        scale, ground, lines = self.chart.scale, colour(Role.OVERTIME), colour(Role.FROZEN)
        lines.setAlphaF(0.4)
        for row in self.chart.data.overtime(lane.row_id):
            left, right = scale.x(to_minute(row.start_at)), scale.x(to_minute(row.end_at))
            if right > 0 and left < width:
                box = QRectF(left, top, max(right - left, 1), size - 1)
                painter.fillRect(box, ground)
                painter.fillRect(box, QBrush(lines, Qt.BrushStyle.BDiagPattern))

    def _paint_stops(self, painter: QPainter, lane: Lane, top: int, size: int) -> None:
        """Downtime, told apart from what the calendar leaves free."""
        scale, faint = self.chart.scale, colour(Role.MUTED)
        faint.setAlphaF(0.35)
        for stop in self.chart.data.plan.where(Downtime, machine_id=lane.row_id):
            left, right = scale.x(to_minute(stop.start_at)), scale.x(to_minute(stop.end_at))
            box = QRectF(left, top, max(right - left, 1), size - 1)
            painter.fillRect(box, QBrush(faint, Qt.BrushStyle.DiagCrossPattern))

    def _paint_lines(
        self, painter: QPainter, lines: TickLines, shown: list[_Shown], area: QRect
    ) -> None:
        rows, scale = self.chart.rows, self.chart.scale
        minor, major = colour(Role.GRID), colour(Role.BORDER)
        bottom = min(area.bottom() + 1, rows.height)
        for row in shown:
            y = rows.top(row.place) + rows.size(row.place) - 1
            painter.fillRect(0, y, area.width(), 1, minor)
        for ticks, ink in ((lines.lower, minor), (lines.upper, major)):
            for tick in ticks:
                x = round(scale.x(tick.minute))
                painter.fillRect(QRect(x, area.top(), 1, bottom - area.top()), ink)

    def _paint_bars(self, painter: QPainter, bands: list[Band], field: Field, grid: Grid) -> None:
        columns, heads = paint_columns(self.chart, bands, field, grid)
        ratio = grid.ratio
        for members, block in blocks(columns, bands, ratio):
            height = block.shape[1]
            image = _image(block.reshape(-1, grid.width))
            for k, member in enumerate(members):
                target = QRectF(0, bands[member].top, grid.width / ratio, height / ratio)
                painter.drawImage(target, image, QRectF(0, k * height, grid.width, height))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hatch_brush(ratio))
        painter.drawRects(
            [
                QRectF(a / ratio, bands[k].top + 1, (b - a) / ratio, bands[k].height - 2)
                for k, a, b in heads
            ]
        )

    def _paint_loads(
        self, painter: QPainter, shown: list[_Shown], grid: Grid, lines: TickLines
    ) -> None:
        rows, buckets = self.chart.rows, self._buckets(lines)
        columns = grid.column(buckets)
        heights = {LaneKind.MACHINE: LOAD_HEIGHT, LaneKind.WORK_CENTER: GROUP_LOAD_HEIGHT}
        for kind, height in heights.items():
            members = [row for row in shown if row.lane.kind is kind]
            if not members:
                continue
            share = self.chart.loads([row.lane for row in members], buckets)
            levels = raster.load_rows(share, columns, grid.width, round(height * grid.ratio))
            image = _image(levels.reshape(-1, grid.width))
            for k, row in enumerate(members):
                bottom = rows.top(row.place) + rows.size(row.place) - 1
                target = QRectF(0, bottom - height, grid.width / grid.ratio, height)
                source = QRectF(0, k * levels.shape[1], grid.width, levels.shape[1])
                painter.drawImage(target, image, source)

    def _buckets(self, lines: TickLines) -> NDArray[np.int64]:
        """Days, or weeks where days are too narrow."""
        first, second = (lines.lower[k].minute for k in (0, 1)) if len(lines.lower) > 1 else (0, 0)
        days = lines.lower if second - first > DAY - 2 * HOUR else lines.upper
        marks = [tick.minute for tick in days]
        step = marks[-1] - marks[-2] if len(marks) > 1 else DAY
        return np.array([*marks, marks[-1] + step], np.int64)

    def _paint_pins(self, painter: QPainter, bands: list[Band], field: Field, grid: Grid) -> None:
        ratio, bookings = grid.ratio, self.chart.data.bookings
        pinned = self.chart.locked[field.bars] & (self.chart.dimmed[field.bars] == 0)
        wide = field.stop - field.start >= _PIN_FROM_PX * ratio
        for k in np.flatnonzero(wide & pinned).tolist():
            corner = QPointF(float(field.stop[k]) / ratio, bands[field.band[k]].top)
            paint_pin(painter, corner, bookings[field.bars[k]].lock)

    def _paint_due(self, painter: QPainter, shown: list[_Shown]) -> None:
        rows = self.chart.rows
        for row in shown:
            due = row.lane.due
            if due is not None:
                late = bool(len(row.lane.bars)) and int(row.lane.reach[-1]) > due
                x = round(self.chart.scale.x(due))
                paint_due_flag(painter, x, rows.top(row.place), rows.size(row.place), late=late)

    def _paint_texts(self, painter: QPainter, bands: list[Band], field: Field, grid: Grid) -> None:
        painter.setFont(self.labels.font)
        plain, faint = QPen(colour(Role.CATEGORY_TEXT)), QPen(_faint_text())
        dimmed, was_faint = self.chart.dimmed, None
        for k, left, room in _rooms(bands, field, grid, self.labels.ascent):
            i, band = int(field.bars[k]), bands[field.band[k]]
            text = self.labels.fitting(i, room)
            if text is None:
                continue
            if dimmed[i] != was_faint:
                was_faint = dimmed[i]
                painter.setPen(faint if was_faint else plain)
            y = band.top + (band.height - text.size().height()) / 2
            painter.drawStaticText(QPointF(left, y), text)


def _rooms(
    bands: list[Band], field: Field, grid: Grid, ascent: float
) -> Iterator[tuple[int, float, int]]:
    """Where there is room for text: the bar in the field, the left pixel, the width in pixels."""
    ratio, least = grid.ratio, NARROWEST_PX * grid.ratio
    begin, run, stop = (
        np.minimum(np.maximum(each, 0), grid.width) for each in (field.start, field.run, field.stop)
    )
    begin = np.where(stop - run >= least, run, begin)  # beside the setup head, or over it
    high = np.array([band.height + 3 >= ascent and not band.lane.is_group for band in bands])
    for k in np.flatnonzero((stop - begin >= least) & high[field.band]).tolist():
        left, right = int(begin[k]), int(stop[k])
        rests = bands[field.band[k]].rests
        if rests is not None and rests.rests[left:right].any():
            left, right = raster.working_run(rests, left, right, round(60 * ratio))
        if right - left >= least:
            yield k, left / ratio + 3, int((right - left) / ratio) - 5


def _faint_text() -> QColor:
    return mixed(colour(Role.MUTED), colour(Role.PANEL), 0.75)


def _image(pixels: Pixels) -> QImage:
    height, width = pixels.shape
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)

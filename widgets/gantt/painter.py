"""Paints the lanes of a chart: working time, grid, bars, texts, marks. Knows no widget.

A painter comes with its origin at the top left of the lanes' viewport; ``area`` is what of the rows
shows in it: horizontally the viewport's own pixels, vertically those of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from domain.scenarios import LockLevel
from widgets.gantt import raster
from widgets.gantt.chart import Chart
from widgets.gantt.inks import mixed
from widgets.gantt.labels import NARROWEST_PX, Labels, choices
from widgets.gantt.lanes import Lane, LaneKind
from widgets.gantt.marks import hatch_brush, paint_due_flag, paint_pin
from widgets.gantt.raster import BAR_ROWS, Grid, Pauses, Pixels, Strip
from widgets.gantt.ticks import DAY, TickLines, tick_lines
from widgets.gantt.worktime import WorkTime
from widgets.theme import Role, colour

LOAD_HEIGHT, GROUP_LOAD_HEIGHT = 3, 14
_PIN_FROM_PX = 14


@dataclass(slots=True)
class _Shown:
    """A lane in the viewport and what of its bars can be seen."""

    place: int
    lane: Lane
    strips: list[Strip]


class ChartPainter:
    """Paints a chart; keeps laid-out texts for the next time."""

    def __init__(self, chart: Chart, font: QFont) -> None:
        self.chart = chart
        self.labels = Labels(font, lambda i: choices(chart.data, chart.grouping, i))
        self.bars_painted = 0  # in the last picture, as a measure of work
        self._rows: dict[int, tuple[Pixels, Pauses]] = {}
        self._hatches: list[QRectF] = []

    def paint(self, painter: QPainter, area: QRect, ratio: float = 1.0) -> None:
        """Paint the lanes within ``area``."""
        chart = self.chart
        scale = chart.scale
        width = max(round(area.width() * ratio), 1)
        grid = Grid(scale.left_minute, scale.pixels_per_minute / ratio, width, ratio)
        self._rows.clear()
        painter.fillRect(0, 0, area.width(), area.height(), colour(Role.PANEL))
        painter.save()
        painter.translate(0, -area.top())
        places = chart.rows.between(area.top(), area.bottom() + 1)
        shown = [self._show(place, grid) for place in places]
        self.bars_painted = sum(len(strip.bars) for row in shown for strip in row.strips)
        lines = tick_lines(scale, area.width(), chart.data.zone, chart.shift_minutes())
        self._paint_ground(painter, shown, grid, area)
        self._paint_lines(painter, lines, shown, area)
        self._paint_bars(painter, shown, grid)
        self._paint_loads(painter, shown, grid, lines)
        self._paint_marks(painter, shown, grid)
        self._paint_texts(painter, shown, grid)
        painter.restore()

    def _show(self, place: int, grid: Grid) -> _Shown:
        lane = self.chart.rows.lanes[place]
        if lane.kind is LaneKind.WORK_CENTER:
            return _Shown(place, lane, [])
        tracks = range(lane.track_count)
        return _Shown(place, lane, [raster.strip(self.chart, lane, t, grid) for t in tracks])

    def _of_worktime(self, work: WorkTime, grid: Grid) -> tuple[Pixels, Pauses]:
        """Background and pauses, once for all lanes that share the working time."""
        found = self._rows.get(id(work))
        if found is None:
            found = raster.closed_row(work, grid)[None, :], raster.pauses(work, grid)
            self._rows[id(work)] = found
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
                closed, _ = self._of_worktime(work, grid)
                _stretch(painter, closed, top, size, grid)
            elif row.lane.is_group:
                painter.fillRect(0, top, area.width(), size, window)

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

    def _paint_bars(self, painter: QPainter, shown: list[_Shown], grid: Grid) -> None:
        """All bars in one image, each of its rows stretched to its band."""
        count = sum(1 for row in shown for strip in row.strips if len(strip.bars))
        if not count:
            return
        pixels = np.zeros((count * BAR_ROWS, grid.width), np.uint32)
        bands: list[tuple[int, int]] = []
        for row in shown:
            for track, strip in enumerate(row.strips):
                if not len(strip.bars):
                    continue
                out = pixels[len(bands) * BAR_ROWS :][:BAR_ROWS]
                heads = raster.bar_rows(self.chart, strip, grid, self._pauses(row.lane, grid), out)
                top, height = self._band(row, track)
                bands.append((top, height))
                ratio = grid.ratio
                self._hatches += [
                    QRectF(a / ratio, top + 1, (b - a) / ratio, height - 2) for a, b in heads
                ]
        image = _image(pixels)
        has = np.count_nonzero(pixels, axis=1)
        for k, (top, height) in enumerate(bands):
            for kind, y, h in _slices(top, height):
                source = k * BAR_ROWS + kind
                if has[source]:
                    target = QRectF(0, y, grid.width / grid.ratio, h)
                    painter.drawImage(target, image, QRectF(0, source, grid.width, 1))

    def _pauses(self, lane: Lane, grid: Grid) -> Pauses | None:
        work = self.chart.worktime(lane.row_id) if lane.kind is LaneKind.MACHINE else None
        return None if work is None else self._of_worktime(work, grid)[1]

    def _band(self, row: _Shown, track: int) -> tuple[int, int]:
        top, height = self.chart.rows.bar_band(row.place, track)
        if row.lane.is_group:  # a sum of what is under it stays in the background
            return top + height // 4, height // 2
        return top, height

    def _paint_loads(
        self, painter: QPainter, shown: list[_Shown], grid: Grid, lines: TickLines
    ) -> None:
        rows = self.chart.rows
        buckets = self._buckets(lines)
        columns = grid.column(buckets)
        for row in shown:
            if row.lane.kind not in {LaneKind.MACHINE, LaneKind.WORK_CENTER}:
                continue
            height = LOAD_HEIGHT if row.lane.kind is LaneKind.MACHINE else GROUP_LOAD_HEIGHT
            levels = np.zeros((round(height * grid.ratio), grid.width), np.uint32)
            raster.load_rows(self.chart.load(row.lane, buckets), columns, levels)
            bottom = rows.top(row.place) + rows.size(row.place) - 1
            target = QRectF(0, bottom - height, grid.width / grid.ratio, height)
            painter.drawImage(target, _image(levels))

    def _buckets(self, lines: TickLines) -> np.ndarray:
        """Days, or weeks where days are too narrow."""
        days = lines.lower if self.chart.scale.pixels_per_minute * DAY < 52 else lines.upper
        marks = [tick.minute for tick in days]
        step = marks[-1] - marks[-2] if len(marks) > 1 else DAY
        return np.array([*marks, marks[-1] + step], np.int64)

    def _paint_marks(self, painter: QPainter, shown: list[_Shown], grid: Grid) -> None:
        """Setup hatches, pins, due flags."""
        rows, data, ratio = self.chart.rows, self.chart.data, grid.ratio
        for row in shown:
            for track, strip in enumerate(row.strips):
                top, _ = self._band(row, track)
                for k in np.flatnonzero(strip.stop - strip.start >= _PIN_FROM_PX * ratio):
                    if data.bookings[strip.bars[k]].lock is not LockLevel.NONE:
                        lock = data.bookings[strip.bars[k]].lock
                        paint_pin(painter, QPointF(strip.stop[k] / ratio, top), lock)
            if row.lane.due is not None:
                late = bool(len(row.lane.bars)) and int(row.lane.reach[-1]) > row.lane.due
                x = round(self.chart.scale.x(row.lane.due))
                paint_due_flag(painter, x, rows.top(row.place), rows.size(row.place), late=late)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hatch_brush(ratio))
        painter.drawRects(self._hatches)
        self._hatches.clear()

    def _paint_texts(self, painter: QPainter, shown: list[_Shown], grid: Grid) -> None:
        painter.setFont(self.labels.font)
        plain, faint = QPen(colour(Role.CATEGORY_TEXT)), QPen(_faint_text())
        for row in shown:
            if row.lane.is_group:
                continue
            rests = self._pauses(row.lane, grid)
            for track, strip in enumerate(row.strips):
                top, height = self.chart.rows.bar_band(row.place, track)
                if height + 3 < self.labels.ascent:
                    continue
                for i, left, room in _rooms(strip, rests, grid):
                    text = self.labels.fitting(i, room)
                    if text is not None:
                        painter.setPen(faint if self.chart.dimmed[i] else plain)
                        y = top + (height - text.size().height()) / 2
                        painter.drawStaticText(QPointF(left, y), text)


def _rooms(strip: Strip, rests: Pauses | None, grid: Grid) -> Iterator[tuple[int, float, int]]:
    """Where bars have room for text: the bar, the left pixel, the width in pixels."""
    ratio, least = grid.ratio, NARROWEST_PX * grid.ratio
    begin, run, stop = (
        np.clip(each, 0, grid.width) for each in (strip.start, strip.run, strip.stop)
    )
    begin = np.where(stop - run >= least, run, begin)  # beside the setup head, or over it
    for k in np.flatnonzero(stop - begin >= least).tolist():
        left, right = int(begin[k]), int(stop[k])
        if rests is not None and rests.rests[left:right].any():
            left, right = raster.working_run(rests, left, right, round(60 * ratio))
        if right - left >= least:
            yield int(strip.bars[k]), left / ratio + 3, int((right - left) / ratio) - 5


def _faint_text() -> QColor:
    return mixed(colour(Role.MUTED), colour(Role.PANEL), 0.75)


def _image(pixels: Pixels) -> QImage:
    height, width = pixels.shape
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)


def _stretch(painter: QPainter, row: Pixels, top: int, height: int, grid: Grid) -> None:
    target = QRectF(0, top, grid.width / grid.ratio, height)
    painter.drawImage(target, _image(row), QRectF(0, 0, grid.width, 1))


def _slices(top: int, height: int) -> list[tuple[int, float, float]]:
    """What row goes where in a band: kind, top, height."""
    thin = max(height // 4, 2)
    return [
        (raster.THIN, top + (height - thin) // 2, thin),
        (raster.BODY, top, height),
        (raster.DONE, top + height - 4, 3),
        (raster.EDGE, top, 1),
        (raster.EDGE, top + height - 1, 1),
        (raster.LATE, top, 2),
        (raster.LATE, top + height - 2, 2),
    ]

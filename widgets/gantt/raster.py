"""Bars as rows of pixels.

A lane is a handful of one-pixel-high rows as wide as the viewport, each stretched to its band when
drawn. What a column shows is found by binary search, so a lane costs the same whether it holds ten
bars or ten thousand, and edges fall on whole device pixels at every scaling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from widgets.gantt.chart import Chart
from widgets.gantt.inks import SHADES, inks
from widgets.gantt.lanes import Lane
from widgets.gantt.worktime import WorkTime

Columns = NDArray[np.int64]
Pixels = NDArray[np.uint32]

BODY, THIN, EDGE, LATE, DONE = range(5)  # rows of a track of bars
BAR_ROWS = 5
PAUSE_PX, EDGED_PX = 3, 5  # narrower pauses are not shown; narrower bars have no outline
FULL_LOAD = 0.95


@dataclass(frozen=True, slots=True)
class Grid:
    """The columns of a viewport: ``width`` device pixels of ``ratio`` a device-independent one."""

    left_minute: float
    columns_per_minute: float
    width: int
    ratio: float

    def column(self, minutes: NDArray[np.int64] | NDArray[np.float64]) -> Columns:
        """The columns of minutes, kept near the viewport."""
        exact = (minutes - self.left_minute) * self.columns_per_minute
        return np.rint(np.clip(exact, -8, self.width + 8)).astype(np.int64)

    def edges(self) -> NDArray[np.float64]:
        """The minutes between columns, one more than columns."""
        return self.left_minute + np.arange(self.width + 1) / self.columns_per_minute

    @property
    def span(self) -> tuple[float, float]:
        """First and last minute."""
        return self.left_minute, self.left_minute + self.width / self.columns_per_minute


def closed_row(work: WorkTime, grid: Grid) -> Pixels:
    """The background of a lane: the less of a column's time is worked, the darker."""
    worked = np.diff(work.worked(grid.edges())) * grid.columns_per_minute
    shade = np.rint((1 - np.clip(worked, 0, 1)) * SHADES).astype(np.int64)
    return inks().closed[shade]


def pause_columns(work: WorkTime, grid: Grid) -> NDArray[np.bool_]:
    """Columns in which work rests long enough to be seen."""
    change = np.zeros(grid.width + 1, np.int64)
    gaps = work.gaps(*grid.span)
    wide = gaps[(gaps[:, 1] - gaps[:, 0]) * grid.columns_per_minute >= PAUSE_PX * grid.ratio]
    np.add.at(change, np.clip(grid.column(wide[:, 0]), 0, grid.width), 1)
    np.add.at(change, np.clip(grid.column(wide[:, 1]), 0, grid.width), -1)
    return np.cumsum(change)[:-1] > 0


@dataclass(frozen=True, slots=True)
class Strip:
    """The bars of a track that show: positions in the data and their columns."""

    bars: NDArray[np.int64]
    start: Columns
    run: Columns
    stop: Columns


def strip(chart: Chart, lane: Lane, track: int, grid: Grid) -> Strip:
    """The bars of a lane's track in the viewport; only they are looked at."""
    shown = lane.visible(*grid.span)
    bars = lane.bars[shown]
    if lane.tracks is not None:
        bars = bars[lane.tracks[shown] == track]
    data = chart.data
    start = grid.column(data.setup[bars])
    stop = np.maximum(grid.column(data.end[bars]), start + 1)
    return Strip(bars, start, grid.column(data.run[bars]), stop)


def bar_rows(
    chart: Chart, shown: Strip, grid: Grid, paused: NDArray[np.bool_] | None, out: Pixels
) -> None:
    """Fill the rows of a track, ``out[BAR_ROWS, width]``; 0 is transparent."""
    columns = np.arange(grid.width)
    owner = np.searchsorted(shown.start, columns, "right") - 1
    taken = (owner >= 0) & (columns < np.maximum.accumulate(shown.stop)[owner])
    columns, owner = columns[taken], owner[taken]
    bars, start, stop = shown.bars[owner], shown.start[owner], shown.stop[owner]
    table = inks()
    dimmed, category = chart.dimmed[bars], chart.category[bars]
    wide = stop - start
    pen = max(round(grid.ratio), 1)
    edged = wide >= EDGED_PX * pen
    side = edged & ((columns < start + pen) | ((columns >= stop - 2 * pen) & (columns < stop)))
    edge = table.edge[dimmed, category]
    late = chart.late[bars]
    edge = np.where(late, table.late[dimmed], edge)
    body = np.where(columns < shown.run[owner], table.head[dimmed, category], 0)
    body = np.where(body == 0, table.fill[dimmed, category], body)
    body = np.where(side, edge, body)
    gap = (wide >= 3 * pen) & (columns >= stop - pen)
    body[gap] = 0
    rest = np.zeros(len(columns), np.bool_) if paused is None else paused[columns]
    out[THIN, columns] = np.where(rest, table.head[dimmed, category], 0)
    out[BODY, columns] = np.where(rest, 0, body)
    framed = ~rest & ~gap
    out[EDGE, columns] = np.where(framed & edged, edge, 0)
    out[LATE, columns] = np.where(framed & late, edge, 0)
    share = chart.done[bars]
    if share.any():
        finished = columns < start + share * wide
        out[DONE, columns] = np.where(finished & framed, table.done[dimmed, category], 0)


def load_rows(
    chart: Chart, lanes: list[Lane], buckets: NDArray[np.int64], grid: Grid, out: Pixels
) -> None:
    """Fill a profile ``out[height, width]``: booked share of the working time of each bucket.

    ``buckets`` are the minutes between them, ascending, from before the viewport to after it.
    """
    edges = buckets.astype(np.float64)
    booked, there = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    for lane in lanes:
        work = chart.worktime(lane.row_id)
        if work is not None:
            booked += np.diff(booked_minutes(chart, lane, work, edges))
            there += np.diff(work.worked(edges))
    share = np.divide(booked, there, out=np.zeros_like(booked), where=there > 0)
    height = len(out)
    bucket = np.searchsorted(grid.column(buckets), np.arange(grid.width), "right") - 1
    bucket = np.clip(bucket, 0, len(share) - 1)
    level = np.ceil(np.clip(share, 0, 1) * height - 1e-9).astype(np.int64)[bucket]
    ink = inks().load[np.where(share >= FULL_LOAD, 2, 1)][bucket]
    filled = np.arange(height)[::-1, None] < level[None, :]
    out[:] = np.where(filled, ink[None, :], 0)


def booked_minutes(
    chart: Chart, lane: Lane, work: WorkTime, at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Working minutes that a machine's bars take up before each of the times ``at``."""
    if not len(lane.bars):
        return np.zeros(len(at))
    lo = max(int(np.searchsorted(lane.reach, at[0], "right")) - 1, 0)
    bars = lane.bars[lo : int(np.searchsorted(lane.starts, at[-1], "left")) + 1]
    if not len(bars):
        return np.zeros(len(at))
    begins = work.worked(chart.data.setup[bars].astype(np.float64))
    ends = work.worked(chart.data.end[bars].astype(np.float64))
    before = np.concatenate(([0.0], np.cumsum(ends - begins)))
    k = np.searchsorted(chart.data.setup[bars], at, "right") - 1
    known = np.maximum(k, 0)
    part = np.clip(work.worked(at) - begins[known], 0, ends[known] - begins[known])
    return np.where(k >= 0, before[known] + part, 0.0)

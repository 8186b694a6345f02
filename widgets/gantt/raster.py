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
PAUSE_PX, EDGED_PX, HATCH_PX = 3, 5, 3  # narrower ones: no pause, no outline, no hatch
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


@dataclass(frozen=True, slots=True)
class Pauses:
    """Where work visibly rests: as columns ``[start, stop)``, and column by column."""

    starts: Columns
    stops: Columns
    rests: NDArray[np.bool_]


def pauses(work: WorkTime, grid: Grid) -> Pauses:
    """The pauses of a working time in the viewport."""
    gaps = work.gaps(*grid.span)
    wide = gaps[(gaps[:, 1] - gaps[:, 0]) * grid.columns_per_minute >= PAUSE_PX * grid.ratio]
    starts = np.clip(grid.column(wide[:, 0]), 0, grid.width)
    stops = np.clip(grid.column(wide[:, 1]), 0, grid.width)
    change = np.zeros(grid.width + 1, np.int64)
    np.add.at(change, starts, 1)
    np.add.at(change, stops, -1)
    return Pauses(starts, stops, np.cumsum(change)[:-1] > 0)


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
    chart: Chart, shown: Strip, grid: Grid, paused: Pauses | None, out: Pixels
) -> list[tuple[int, int]]:
    """Fill the rows of a track, ``out[BAR_ROWS, width]``; 0 is transparent.

    Returns:
        The stretches of columns that show setup at work and are wide enough for a hatch.
    """
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
    head = columns < shown.run[owner]
    body = np.where(head, table.head[dimmed, category], table.fill[dimmed, category])
    body = np.where(side, edge, body)
    gap = (wide >= 3 * pen) & (columns >= stop - pen)
    body[gap] = 0
    rest = np.zeros(len(columns), np.bool_) if paused is None else paused.rests[columns]
    out[THIN, columns] = np.where(rest, table.head[dimmed, category], 0)
    out[BODY, columns] = np.where(rest, 0, body)
    framed = ~rest & ~gap
    out[EDGE, columns] = np.where(framed & edged, edge, 0)
    out[LATE, columns] = np.where(framed & late, edge, 0)
    share = chart.done[bars]
    if share.any():
        finished = columns < start + share * wide
        out[DONE, columns] = np.where(finished & framed, table.done[dimmed, category], 0)
    return _runs(columns[head & ~rest], round(HATCH_PX * grid.ratio))


def _runs(columns: Columns, least: int) -> list[tuple[int, int]]:
    """Ascending columns as stretches ``[start, stop)`` of at least ``least``."""
    if not len(columns):
        return []
    breaks = np.flatnonzero(np.diff(columns) > 1)
    starts = columns[np.concatenate(([0], breaks + 1))]
    stops = columns[np.concatenate((breaks, [len(columns) - 1]))] + 1
    wide = stops - starts >= least
    return list(zip(starts[wide].tolist(), stops[wide].tolist(), strict=True))


def load_rows(share: NDArray[np.float64], edges: Columns, out: Pixels) -> None:
    """Fill a profile ``out[height, width]`` with the load of buckets between columns ``edges``."""
    height, width = out.shape
    bucket = np.searchsorted(edges, np.arange(width), "right") - 1
    bucket = np.clip(bucket, 0, len(share) - 1)
    level = np.ceil(np.clip(share, 0, 1) * height - 1e-9).astype(np.int64)[bucket]
    ink = inks().load[np.where(share >= FULL_LOAD, 2, 1)][bucket]
    filled = np.arange(height)[::-1, None] < level[None, :]
    out[:] = np.where(filled, ink[None, :], 0)


def working_run(pauses: Pauses, start: int, stop: int, enough: int) -> tuple[int, int]:
    """The first stretch of ``enough`` columns without a pause, else the widest there is."""
    best = (start, start)
    at = start
    first = int(np.searchsorted(pauses.stops, start, "right"))
    for pause_start, pause_stop in zip(
        pauses.starts[first:].tolist(), pauses.stops[first:].tolist(), strict=True
    ):
        if pause_start >= stop:
            break
        if pause_start - at > best[1] - best[0]:
            best = (at, pause_start)
            if best[1] - best[0] >= enough:
                return best
        at = pause_stop
    return (at, stop) if stop - at > best[1] - best[0] else best

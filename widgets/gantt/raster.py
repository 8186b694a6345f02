"""Time as columns of pixels: what is worked, what rests, how much is booked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from widgets.gantt.inks import SHADES, inks
from widgets.gantt.worktime import WorkTime

Columns = NDArray[np.int64]
Pixels = NDArray[np.uint32]

PAUSE_PX = 3  # narrower pauses are not shown
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
        near = np.minimum(np.maximum(exact, -8), self.width + 8)  # np.clip is far slower
        return np.rint(near).astype(np.int64)

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


def load_rows(share: NDArray[np.float64], edges: Columns, width: int, height: int) -> Pixels:
    """Profiles ``[lane, height, width]`` of the load ``share[lane, bucket]``.

    ``edges`` are the columns between buckets, one more than buckets.
    """
    bucket = np.searchsorted(edges, np.arange(width), "right") - 1
    bucket = np.minimum(np.maximum(bucket, 0), share.shape[1] - 1)
    level = np.ceil(np.minimum(share, 1) * height - 1e-9).astype(np.int64)[:, bucket]
    ink = inks().load[np.where(share >= FULL_LOAD, 2, 1)][:, bucket]
    filled = np.arange(height)[::-1, None] < level[:, None, :]
    return np.where(filled, ink[:, None, :], np.uint32(0))


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

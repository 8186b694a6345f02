"""The bars in sight, all lanes at once, and the pixels they become.

What a column of a lane shows follows from one sweep over the columns, whatever the number of bars:
ten thousand cost hardly more than ten, and edges fall on whole device pixels at every scaling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from widgets.gantt.chart import Chart
from widgets.gantt.inks import inks
from widgets.gantt.lanes import Lane
from widgets.gantt.raster import Columns, Grid, Pauses, Pixels

EDGED_PX, HATCH_PX = 5, 3  # narrower bars have no outline, narrower heads no hatch
_NONE = np.uint32(0)  # transparent


@dataclass(frozen=True, slots=True)
class Band:
    """Where a track of a lane's bars is painted: device-independent pixels of the rows."""

    lane: Lane
    track: int
    top: int
    height: int
    rests: Pauses | None


@dataclass(frozen=True, slots=True)
class Field:
    """Bars by position in the data, each with its band and its columns, in order of both."""

    bars: NDArray[np.int64]
    band: NDArray[np.int64]
    start: Columns
    run: Columns
    stop: Columns


def gather(chart: Chart, bands: Sequence[Band], grid: Grid) -> Field:
    """The bars of the bands that lie in the viewport; no other is looked at."""
    found = [_in_sight(band, grid) for band in bands]
    bars = np.concatenate([np.zeros(0, np.int64), *found])
    band = np.repeat(np.arange(len(bands)), [len(each) for each in found])
    data = chart.data
    start = grid.column(data.setup[bars])
    stop = np.maximum(grid.column(data.end[bars]), start + 1)
    shown = (stop > 0) & (start < grid.width)
    bars, start = bars[shown], start[shown]
    return Field(bars, band[shown], start, grid.column(data.run[bars]), stop[shown])


def _in_sight(band: Band, grid: Grid) -> NDArray[np.int64]:
    lane, shown = band.lane, band.lane.visible(*grid.span)
    bars = lane.bars[shown]
    return bars if lane.tracks is None else bars[lane.tracks[shown] == band.track]


@dataclass(frozen=True, slots=True)
class _Columns:
    """What the columns show, by ``[band, column]``: pixels of each part of a bar, 0 for none."""

    body: Pixels
    thin: Pixels  # where work rests
    edge: Pixels
    late: Pixels
    done: Pixels


def paint_columns(
    chart: Chart, bands: Sequence[Band], field: Field, grid: Grid
) -> tuple[_Columns, list[tuple[int, int, int]]]:
    """The pixels of all columns, and where setup is hatched: band, first column, end column."""
    width, count = grid.width, len(bands)
    flat, owner = _owners(field, count, width)
    column = flat - field.band[owner] * width
    begin, end, wide = field.start[owner], field.stop[owner], (field.stop - field.start)[owner]
    pen = max(round(grid.ratio), 1)
    rest = _rests(bands, width)[flat]
    gap = (wide >= 3 * pen) & (column >= end - pen)
    edged = wide >= EDGED_PX * pen
    side = edged & ((column < begin + pen) | (column >= end - 2 * pen))
    head = column < field.run[owner]
    framed = ~rest & ~gap
    bars = field.bars
    table, dimmed, category = inks(), chart.dimmed[bars], chart.category[bars]
    late = chart.late[bars]
    fill = table.fill[dimmed, category][owner]
    pale = table.head[dimmed, category][owner]
    edge = np.where(late, table.late[dimmed], table.edge[dimmed, category])[owner]
    body = np.where(side, edge, np.where(head, pale, fill))

    def spread(pixels: Pixels, where: NDArray[np.bool_]) -> Pixels:
        rows = np.zeros(count * width, np.uint32)
        rows[flat] = np.where(where, pixels, _NONE)
        return rows.reshape(count, width)

    finished = column < begin + chart.done[bars][owner] * wide
    shown = _Columns(
        body=spread(body, framed),
        thin=spread(pale, rest),
        edge=spread(edge, framed & edged),
        late=spread(edge, framed & late[owner]),
        done=spread(table.done[dimmed, category][owner], finished & framed),
    )
    hatched = flat[head & framed & (dimmed == 0)[owner]]
    return shown, list(_runs(hatched, width, round(HATCH_PX * grid.ratio)))


def _owners(field: Field, count: int, width: int) -> tuple[Columns, NDArray[np.int64]]:
    """The columns of all bands in a row that show a bar, and which of the field it is."""
    base = field.band * width
    stop = np.minimum(field.stop, width) + base
    mark = np.zeros(count * width, np.int64)
    mark[np.maximum(field.start, 0) + base] = np.arange(1, len(field.bars) + 1)
    owner = np.maximum.accumulate(mark) - 1
    flat = np.arange(count * width)
    taken = (owner >= 0) & (flat < np.maximum.accumulate(stop)[owner])
    return flat[taken], owner[taken]


def _rests(bands: Sequence[Band], width: int) -> NDArray[np.bool_]:
    never = np.zeros(width, np.bool_)
    return np.concatenate([never if band.rests is None else band.rests.rests for band in bands])


def _runs(flat: Columns, width: int, least: int) -> Iterator[tuple[int, int, int]]:
    """Unbroken stretches of at least ``least`` columns within a band."""
    if not len(flat):
        return
    broken = (np.diff(flat) > 1) | (np.diff(flat // width) > 0)
    cuts = np.flatnonzero(broken) + 1
    starts, stops = flat[np.concatenate(([0], cuts))], flat[np.concatenate((cuts - 1, [-1]))] + 1
    wide = stops - starts >= least
    for start, stop in zip(starts[wide].tolist(), stops[wide].tolist(), strict=True):
        band = start // width
        yield band, start - band * width, stop - band * width


def blocks(
    shown: _Columns, bands: Sequence[Band], ratio: float
) -> Iterator[tuple[list[int], Pixels]]:
    """Finished bars as images ``[band, height, width]``, one for each height of bands there is."""
    heights: dict[int, list[int]] = {}
    for k, band in enumerate(bands):
        heights.setdefault(max(round(band.height * ratio), 3), []).append(k)
    pen = max(round(ratio), 1)
    for height, members in heights.items():
        block = np.repeat(shown.body[members][:, None, :], height, axis=1)
        done = shown.done[members]
        if done.any():
            _lay_over(block, slice(height - 4 * pen, height - pen), done)
        _lay_over(block, slice(0, pen), shown.edge[members])
        _lay_over(block, slice(height - pen, height), shown.edge[members])
        late = shown.late[members]
        if late.any():
            _lay_over(block, slice(0, 2 * pen), late)
            _lay_over(block, slice(height - 2 * pen, height), late)
        thin = max(height // 4, 2)
        middle = (height - thin) // 2
        _lay_over(block, slice(middle, middle + thin), shown.thin[members])
        yield members, block


def _lay_over(block: Pixels, rows: slice, pixels: Pixels) -> None:
    target = block[:, rows, :]
    np.copyto(target, pixels[:, None, :], where=(pixels != 0)[:, None, :])

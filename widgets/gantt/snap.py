"""Where a dragged bar comes to rest."""

from __future__ import annotations

import numpy as np

from widgets.gantt.chart import Chart
from widgets.gantt.lanes import Lane

REACH_PX = 8


def snapped(chart: Chart, i: int, lane: Lane | None, minute: float) -> tuple[int, bool]:
    """The minute near ``minute`` that a bar's start sticks to on a lane, and whether it does.

    It sticks to the ends of other bars, to where it fits right before one, to shift starts and to
    now; else the nearest whole minute is taken.
    """
    data, reach = chart.data, REACH_PX / chart.scale.pixels_per_minute
    span = int(data.end[i] - data.setup[i])
    near = [np.array([data.now])]
    if lane is not None:
        shown = lane.visible(minute - reach - 1, minute + span + reach + 1)
        others = lane.bars[shown]
        others = others[others != i]
        near += [data.end[others], data.setup[others] - span]
        work = chart.worktime(lane.row_id)
        if work is not None:
            near.append(work.next_starts(minute - reach, minute + reach))
    candidates = np.concatenate(near)
    distance = np.abs(candidates - minute)
    best = int(np.argmin(distance))
    if distance[best] <= reach:
        return int(candidates[best]), True
    return round(minute), False

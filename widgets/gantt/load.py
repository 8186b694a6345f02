"""How much of a machine's working time is booked, day by day."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from widgets.gantt.data import GanttData
from widgets.gantt.due import due_minute
from widgets.gantt.lanes import Lane
from widgets.gantt.worktime import WorkTime

Counts = NDArray[np.float64]


def midnights(from_at: datetime, to_at: datetime, zone: tzinfo) -> NDArray[np.int64]:
    """The minutes at which local days begin, from before ``from_at`` to after ``to_at``."""
    first, last = from_at.astimezone(zone).date(), to_at.astimezone(zone).date()
    days = (last - first).days + 2
    return np.array([due_minute(first + timedelta(days=k - 1), zone) for k in range(days)])


class DayLoad:
    """Working minutes and booked ones before each midnight, by machine lane; kept till dropped."""

    def __init__(self, edges: NDArray[np.int64]) -> None:
        self.edges = edges
        self._sums: dict[str, Counts] = {}

    def drop(self, lane: Lane) -> None:
        """Forget a lane whose bars have changed."""
        self._sums.pop(lane.key, None)

    def of_machine(self, data: GanttData, lane: Lane, work: WorkTime | None) -> Counts:
        """Minutes ``[booked or there, midnight]`` before each midnight."""
        found = self._sums.get(lane.key)
        if found is None:
            at = self.edges.astype(np.float64)
            pair = (_booked(data, lane, work, at), work.worked(at)) if work else (0 * at, 0 * at)
            found = self._sums[lane.key] = np.array(pair)
        return found

    def of_group(self, lane: Lane, members: list[Counts]) -> Counts:
        """The same for the members of a group together."""
        found = self._sums.get(lane.key)
        if found is None:
            found = self._sums[lane.key] = np.sum(members, axis=0)
        return found


def _booked(data: GanttData, lane: Lane, work: WorkTime, at: Counts) -> Counts:
    # A batch takes its machine once, however many run in it.
    bars = lane.bars[[data.bookings[i].batch_id is None for i in lane.bars.tolist()]]
    if not len(bars):
        return np.zeros(len(at))
    starts = data.setup[bars]
    begins = work.worked(starts.astype(np.float64))
    spans = work.worked(data.end[bars].astype(np.float64)) - begins
    before = np.concatenate(([0.0], np.cumsum(spans)))
    k = np.searchsorted(starts, at, "right") - 1
    known = np.maximum(k, 0)
    part = np.clip(work.worked(at) - begins[known], 0, spans[known])
    return np.where(k >= 0, before[known] + part, 0.0)

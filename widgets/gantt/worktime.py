"""A machine's working time as arrays, to shade what is not worked and to weigh its load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from domain.calendars import Calendar, Shift
from domain.plan import Plan
from domain.resources import Machine
from widgets.gantt.scale import to_minute

Minutes = NDArray[np.int64]
MOST_EDGES = 6  # more shift changes a day would not be read


class WorkTime:
    """Disjoint working intervals ``[start, end)`` in minutes, ascending."""

    def __init__(self, intervals: Iterable[tuple[datetime, datetime]]) -> None:
        pairs = [(to_minute(start), to_minute(end)) for start, end in intervals]
        edges = np.array(pairs, np.int64).reshape(-1, 2)
        self.starts: Minutes = edges[:, 0].copy()
        self.ends: Minutes = edges[:, 1].copy()
        # The worked minutes before each edge, for interpolation: flat in a gap, rising in work.
        self._edges = edges.reshape(-1).astype(np.float64)
        worked = np.zeros(len(self._edges))
        worked[1::2] = np.cumsum(edges[:, 1] - edges[:, 0])
        worked[2::2] = worked[1:-1:2]
        self._worked = worked

    def worked(self, minutes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Minutes worked from the first interval's start up to each of ``minutes``."""
        if not len(self._edges):
            return np.zeros(len(minutes))
        return np.interp(minutes, self._edges, self._worked)

    def gaps(self, first: float, last: float) -> NDArray[np.float64]:
        """The times not worked within ``[first, last]``, as rows of start and end."""
        lo = int(np.searchsorted(self.ends, first, "right"))
        hi = int(np.searchsorted(self.starts, last, "left"))
        edges = np.empty((hi - lo + 1, 2))
        edges[0, 0], edges[-1, 1] = first, last
        edges[1:, 0] = self.ends[lo:hi]
        edges[:-1, 1] = self.starts[lo:hi]
        return edges[edges[:, 1] > edges[:, 0]]

    def next_starts(self, first: float, last: float) -> Minutes:
        """The beginnings of work in ``[first, last]``."""
        lo, hi = np.searchsorted(self.starts, (first, last))
        return self.starts[lo:hi]


def shift_changes(plan: Plan) -> tuple[int, ...]:
    """The minutes of the day at which the shifts of the most used calendar change."""
    uses = Counter(
        machine.calendar_id
        for machine in plan.table(Machine).values()
        if plan.get(Calendar, machine.calendar_id) is not None
    )
    if not uses:
        return ()
    shifts = plan.where(Shift, calendar_id=uses.most_common(1)[0][0])
    edges = {s.start_minute for s in shifts} | {s.end_minute % 1440 for s in shifts}
    return tuple(sorted(edges)) if len(edges) <= MOST_EDGES else ()

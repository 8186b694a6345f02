"""Which lanes show and where. Pixels count from the top of the first lane."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from widgets.gantt.lanes import Lane, LaneKind

TRACK_HEIGHT = 12


class Rows:
    """The lanes that are not hidden in a collapsed one, top to bottom."""

    def __init__(self, lanes: Sequence[Lane], collapsed: Iterable[str], lane_height: int) -> None:
        closed = set(collapsed)
        self.lane_height = lane_height
        self.lanes = [lane for lane in lanes if closed.isdisjoint(lane.above)]
        heights = [self._height(lane) for lane in self.lanes]
        self.tops = np.concatenate(([0], np.cumsum(np.array(heights, np.int64))))
        self._place = {lane.key: k for k, lane in enumerate(self.lanes)}

    def _height(self, lane: Lane) -> int:
        return max(self.lane_height, lane.track_count * TRACK_HEIGHT + 8)

    @property
    def height(self) -> int:
        """Of all lanes together."""
        return int(self.tops[-1])

    def place(self, lane: Lane) -> int | None:
        """The position of a lane, or of the one it is folded into; None: not here at all."""
        keys = (lane.key, *reversed(lane.above))
        return next((self._place[key] for key in keys if key in self._place), None)

    def top(self, place: int) -> int:
        """Where a lane begins."""
        return int(self.tops[place])

    def size(self, place: int) -> int:
        """How tall a lane is."""
        return int(self.tops[place + 1] - self.tops[place])

    def at(self, y: float) -> int | None:
        """The position of the lane at a pixel, or None above and below all."""
        if not 0 <= y < self.height:
            return None
        return int(np.searchsorted(self.tops, y, "right")) - 1

    def between(self, top: float, bottom: float) -> range:
        """The positions of the lanes that show between two pixels."""
        first = int(np.searchsorted(self.tops, max(top, 0), "right")) - 1
        last = int(np.searchsorted(self.tops, min(bottom, self.height), "left"))
        return range(max(first, 0), min(last, len(self.lanes)))

    def bar_band(self, place: int, track: int = 0) -> tuple[int, int]:
        """Top and height of the bars of a lane; the load profile keeps the lowest pixels."""
        lane, top, size = self.lanes[place], self.top(place), self.size(place)
        below = 6 if lane.kind is LaneKind.MACHINE else 4
        each = (size - 4 - below + 1) // lane.track_count
        return top + 4 + track * each, each - (1 if lane.track_count > 1 else 0)

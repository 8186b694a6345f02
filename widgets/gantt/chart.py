"""The state of the picture: data, lanes, scale, selection. No widget."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from domain.resources import Downtime, Machine
from domain.scenarios import Booking, LockLevel
from domain.working_time import working_intervals
from widgets.gantt.colouring import Colouring, categories
from widgets.gantt.data import GanttData
from widgets.gantt.lanes import Grouping, Lane, LaneKind, build_lanes
from widgets.gantt.load import DayLoad, midnights
from widgets.gantt.rows import Rows
from widgets.gantt.scale import TimeScale, to_instant
from widgets.gantt.ticks import TickLines, tick_lines
from widgets.gantt.worktime import WorkTime, shift_changes
from widgets.text import language

BIT_BY_BIT = 500  # more changed bookings than this: build all lanes anew
SIDE_DAYS = 35  # working time is known this long before and after the bookings


class Chart:
    """What is shown and how. Horizontal pixels from the viewport's left, vertical from row 0."""

    def __init__(self, data: GanttData, lane_height: int = 24) -> None:
        self.data = data
        self.grouping = Grouping.MACHINE
        self.colouring = Colouring.ORDER
        self.lane_height = lane_height
        self.collapsed: set[str] = set()
        self.scale = TimeScale(float(data.now), 0.02)
        self.selected: set[UUID] = set()  # operations, as in the rest of the program
        self.highlighted: set[UUID] = set()
        self.focus: UUID | None = None
        self._known: set[str] = set()
        self._ticks: tuple[object, TickLines] | None = None
        self._worktimes: dict[UUID, WorkTime] = {}
        self._shared: dict[UUID | None, WorkTime] = {}
        self.rebuild()

    def rebuild(self) -> None:
        """Make all lanes and colours anew, after other rows than bookings have changed."""
        self.lanes = build_lanes(self.data, self.grouping)
        self._by_key = {lane.key: lane for lane in self.lanes}
        self._lanes_of: dict[int, list[Lane]] | None = None
        new = {lane.key for lane in self.lanes if lane.is_group} - self._known
        if self.grouping is not Grouping.MACHINE:
            self.collapsed |= new
        self._known |= new
        self._find_window()
        self._shift_minutes = shift_changes(self.data.plan)
        self._ticks = None
        self.lay_out()
        self.recolour()

    def _find_window(self) -> None:
        first, last = self.data.span
        side = timedelta(days=SIDE_DAYS)
        self.window = (to_instant(first) - side, to_instant(last) + side)
        self._worktimes.clear()
        self._shared.clear()
        self._day_load = DayLoad(midnights(*self.window, self.data.zone))

    def lay_out(self) -> None:
        """Place the rows after something was folded or a lane has grown."""
        self.rows = Rows(self.lanes, self.collapsed, self.lane_height)

    def recolour(self) -> None:
        """Work out what colours and marks the bars have."""
        data = self.data
        self.category = categories(data, self.colouring)
        self.late = data.late_bars()
        self.done = data.done_shares()
        self._find_locks()
        self.dim()

    def _find_locks(self) -> None:
        pinned = (booking.lock is not LockLevel.NONE for booking in self.data.bookings)
        self.locked = np.fromiter(pinned, np.bool_, len(self.data))

    def dim(self) -> None:
        """Work out which bars stand back behind the highlighted ones."""
        self.dimmed = np.zeros(len(self.data), np.uint8)
        if self.highlighted:
            self.dimmed[:] = 1
            self.dimmed[self.positions(self.highlighted)] = 0

    def positions(self, operation_ids: Iterable[UUID]) -> list[int]:
        """The bars of these operations, as far as they are booked."""
        known = self.data.by_operation
        return [known[each] for each in operation_ids if each in known]

    def lanes_of(self, i: int) -> list[Lane]:
        """Every lane a bar lies in, the most detailed first."""
        if self._lanes_of is None:
            self._lanes_of = {}
            for lane in reversed(self.lanes):
                for each in lane.bars.tolist():
                    self._lanes_of.setdefault(each, []).append(lane)
            for lanes in self._lanes_of.values():
                lanes.sort(key=lambda lane: -lane.depth)
        return self._lanes_of.get(i, [])

    def machine_lane(self, machine_id: UUID | None) -> Lane | None:
        """The lane of a machine, in the tree by machine."""
        return self._by_key.get("outside" if machine_id is None else f"m{machine_id}")

    def set_bookings(self, changed: Collection[Booking], removed: Collection[UUID] = ()) -> None:
        """Take bookings that have changed; only the lanes concerned are sorted again."""
        data = self.data
        known = not removed and all(self._has_lane(booking) for booking in changed)
        if not known or len(changed) > BIT_BY_BIT:
            data.set_bookings(changed, removed)
            self.rebuild()
            return
        touched: dict[str, set[int]] = {}
        for booking in changed:
            i = data.position[booking.id]
            homes = self.lanes_of(i)
            for lane in homes:
                touched.setdefault(lane.key, set(lane.bars.tolist()))
            if self.grouping is Grouping.MACHINE:
                self._rehome(i, self.machine_lane(booking.machine_id), touched)
        data.set_bookings(changed)
        for booking in changed:
            self.locked[data.position[booking.id]] = booking.lock is not LockLevel.NONE
        for key, bars in touched.items():
            self._by_key[key].arrange(data, sorted(bars))
            self._day_load.drop(self._by_key[key])
        first, last = data.span
        if not (self.window[0] <= to_instant(first) and to_instant(last) <= self.window[1]):
            self._find_window()
        self.lay_out()

    def _has_lane(self, booking: Booking) -> bool:
        if booking.id not in self.data.position:
            return False
        by_machine = self.grouping is Grouping.MACHINE
        return not by_machine or self.machine_lane(booking.machine_id) is not None

    def _rehome(self, i: int, target: Lane | None, touched: dict[str, set[int]]) -> None:
        for lane in self.lanes_of(i):
            touched[lane.key].discard(i)
        keys = (target.key, *reversed(target.above)) if target else ()
        homes = [self._by_key[key] for key in keys]
        for lane in homes:
            touched.setdefault(lane.key, set(lane.bars.tolist())).add(i)
        if self._lanes_of is not None:
            self._lanes_of[i] = homes

    def worktime(self, machine_id: UUID | None) -> WorkTime | None:
        """When a machine works; None: always. Machines of one calendar share it."""
        machine = self.data.plan.get(Machine, machine_id)
        if machine is None:
            return None
        found = self._worktimes.get(machine.id)
        if found is None:
            found = self._worktimes[machine.id] = self._make_worktime(machine)
        return found

    def _make_worktime(self, machine: Machine) -> WorkTime:
        plan = self.data.plan
        opened = self.data.overtime(machine.id)
        alone = bool(opened or plan.where(Downtime, machine_id=machine.id))
        if not alone and machine.calendar_id in self._shared:
            return self._shared[machine.calendar_id]
        made = WorkTime(working_intervals(plan, machine, *self.window, opened))
        if not alone:
            self._shared[machine.calendar_id] = made
        return made

    def loads(self, lanes: list[Lane], buckets: NDArray[np.int64]) -> NDArray[np.float64]:
        """The booked share of working time ``[lane, bucket]``; ``buckets`` lie between midnights.

        The lanes are of machines, or groups of such.
        """
        edges = self._day_load.edges
        place = np.minimum(np.searchsorted(edges, buckets), len(edges) - 1)
        sums = np.array([self._load_sums(lane)[:, place] for lane in lanes])
        booked, there = np.diff(sums, axis=2).transpose(1, 0, 2)
        return np.divide(booked, there, out=np.zeros_like(booked), where=there > 0)

    def _load_sums(self, lane: Lane) -> NDArray[np.float64]:
        if lane.is_group:
            return self._day_load.of_group(lane, [self._load_sums(each) for each in lane.children])
        return self._day_load.of_machine(self.data, lane, self.worktime(lane.row_id))

    def ticks(self, width: int) -> TickLines:
        """The steps of time on that many pixels; made once for the header and the lanes."""
        key = (self.scale, width, language())
        if self._ticks is None or self._ticks[0] != key:
            lines = tick_lines(self.scale, width, self.data.zone, self._shift_minutes)
            self._ticks = (key, lines)
        return self._ticks[1]

    def track(self, i: int, lane: Lane) -> int:
        """The track of a bar within a lane."""
        if lane.tracks is None:
            return 0
        return int(lane.tracks[int(np.flatnonzero(lane.bars == i)[0])])

    def rect(self, i: int, lane: Lane | None = None) -> QRectF | None:
        """Where a bar lies, in the given lane or the first it has; None if in none."""
        if lane is None:
            lane = next(iter(self.lanes_of(i)), None)
        place = None if lane is None else self.rows.place(lane)
        if lane is None or place is None:
            return None
        track = self.track(i, lane) if self.rows.lanes[place] is lane else 0
        top, height = self.rows.bar_band(place, track)
        left = self.scale.x(float(self.data.setup[i]))
        return QRectF(left, top, self.scale.x(float(self.data.end[i])) - left, height)

    def lane_at(self, y: float) -> Lane | None:
        """The lane at a height."""
        place = self.rows.at(y)
        return None if place is None else self.rows.lanes[place]

    def bar_at(self, x: float, y: float, reach_px: float = 2.0) -> int | None:
        """The bar at a point; narrow ones are caught from ``reach_px`` beside them."""
        lane = self.lane_at(y)
        if lane is None or lane.kind is LaneKind.WORK_CENTER:
            return None
        first, last = self.scale.minute(x - reach_px), self.scale.minute(x + reach_px)
        best, best_distance = None, float("inf")
        for i in lane.bars[lane.visible(first, last)].tolist():
            rect = self.rect(i, lane)
            if rect is None or (lane.track_count > 1 and not rect.top() <= y <= rect.bottom()):
                continue
            distance = max(rect.left() - x, x - rect.right(), 0.0)
            if distance <= min(best_distance, reach_px):
                best, best_distance = i, distance
        return best

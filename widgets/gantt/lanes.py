"""The rows of the Gantt: a tree of lanes, each with its bars in order of time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.items import Item
from domain.orders import OrderLine
from domain.production import WorkOrder
from domain.resources import Machine, WorkCenter
from widgets.gantt.data import GanttData
from widgets.gantt.due import due_minute
from widgets.outlook import step_title
from widgets.text import format_quantity, tr

MOST_TRACKS = 6
MOST_TRACKS_OF_A_BATCH = 24


class Grouping(StrEnum):
    """What a row stands for."""

    MACHINE = "machine"
    ORDER = "order"
    WORK_ORDER = "work_order"


class LaneKind(StrEnum):
    """What a lane shows."""

    WORK_CENTER = "work_center"
    MACHINE = "machine"
    OUTSIDE = "outside"
    ORDER = "order"
    WORK_ORDER = "work_order"
    OPERATION = "operation"


@dataclass(slots=True, eq=False)
class Lane:
    """A row. ``bars`` are positions in the data, by start; ``reach`` is the latest end so far.

    Bars that overlap in time lie in different ``tracks``. ``due`` is the minute a flag stands at.
    ``above`` are the keys of the lanes it lies in, the outermost first: no lanes, as these would be
    garbage in circles with every new plan.
    """

    key: str
    kind: LaneKind
    row_id: UUID | None
    title: str
    note: str = ""
    above: tuple[str, ...] = ()
    children: list[Lane] = field(default_factory=list["Lane"])
    bars: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    reach: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    tracks: NDArray[np.int64] | None = None
    track_count: int = 1
    due: int | None = None

    @property
    def depth(self) -> int:
        """0 for a lane of the top level."""
        return len(self.above)

    @property
    def is_group(self) -> bool:
        """Whether the lane sums up the lanes under it."""
        return bool(self.children)

    def arrange(self, data: GanttData, bars: Iterable[int]) -> None:
        """Take these bars, sorted; O(n log n)."""
        chosen = np.fromiter(bars, np.int64)
        chosen = chosen[np.lexsort((data.end[chosen], data.setup[chosen]))]
        self.bars, self.starts = chosen, data.setup[chosen]
        ends = data.end[chosen]
        self.reach = np.maximum.accumulate(ends) if len(chosen) else ends
        self.tracks, self.track_count = None, 1
        if not self.is_group and len(chosen) > 1 and np.any(self.starts[1:] < self.reach[:-1]):
            has_batches = any(data.bookings[i].batch_id is not None for i in chosen.tolist())
            self._stack(ends, MOST_TRACKS_OF_A_BATCH if has_batches else MOST_TRACKS)

    def _stack(self, ends: NDArray[np.int64], most: int) -> None:
        free = [0] * most
        self.tracks = np.zeros(len(self.bars), np.int64)
        for k, start in enumerate(self.starts.tolist()):
            track = next((t for t in range(most) if free[t] <= start), most - 1)
            free[track] = int(ends[k])
            self.tracks[k] = track
        self.track_count = int(self.tracks.max()) + 1

    def visible(self, first: float, last: float) -> slice:
        """The bars that may show between two minutes; O(log n)."""
        lo = int(np.searchsorted(self.reach, first, "right"))
        return slice(lo, max(lo, int(np.searchsorted(self.starts, last, "left"))))


def build_lanes(data: GanttData, grouping: Grouping) -> list[Lane]:
    """All lanes of the tree, parents before their children."""
    makers = {
        Grouping.MACHINE: _by_machine,
        Grouping.ORDER: _by_order,
        Grouping.WORK_ORDER: _by_work_order,
    }
    return makers[grouping](data)


def natural(text: str) -> list[tuple[int, int, str]]:
    """A sort key that puts M2 before M10."""
    parts = re.split(r"(\d+)", text)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p.casefold()) for p in parts if p]


def _by_machine(data: GanttData) -> list[Lane]:
    plan = data.plan
    booked: dict[UUID | None, list[int]] = {each: [] for each in (*plan.table(Machine), None)}
    for i, booking in enumerate(data.bookings):
        booked.get(booking.machine_id, booked[None]).append(i)
    machines = sorted(plan.table(Machine).values(), key=lambda machine: natural(machine.code))
    centers = sorted(plan.table(WorkCenter).values(), key=lambda center: natural(center.code))
    lanes: list[Lane] = []
    for center in [*centers, None]:
        center_id = center.id if center else None
        members = [m for m in machines if m.work_center_id == center_id]
        if not members:
            continue
        name = tr("gantt.lane.no_work_center") if center is None else center.name or center.code
        group = Lane(f"c{center_id}", LaneKind.WORK_CENTER, center_id, name)
        group.note = "" if center is None or not center.name else center.code
        lanes.append(group)
        for machine in members:
            lane = _child(group, f"m{machine.id}", LaneKind.MACHINE, machine.id, machine.code)
            lane.note = machine.name
            lane.arrange(data, booked.get(machine.id, ()))
            lanes.append(lane)
        group.arrange(data, (i for m in members for i in booked.get(m.id, ())))
    if booked.get(None):
        outside = Lane("outside", LaneKind.OUTSIDE, None, tr("gantt.lane.outside"))
        outside.arrange(data, booked[None])
        lanes.append(outside)
    return lanes


def _child(parent: Lane, key: str, kind: LaneKind, row_id: UUID, title: str) -> Lane:
    lane = Lane(key, kind, row_id, title, above=(*parent.above, parent.key))
    parent.children.append(lane)
    return lane


def _by_order(data: GanttData) -> list[Lane]:
    served: dict[UUID | None, list[WorkOrder]] = {}
    for work_order in data.plan.table(WorkOrder).values():
        for line_id in [line.id for line in data.order_lines(work_order.id)] or [None]:
            served.setdefault(line_id, []).append(work_order)
    order_lines = sorted(
        (data.plan.need(OrderLine, line_id) for line_id in served if line_id is not None),
        key=lambda line: (line.due_on, line.priority, natural(line.label)),
    )
    lanes: list[Lane] = []
    for line in order_lines:
        item = data.plan.need(Item, line.item_id)
        group = Lane(f"l{line.id}", LaneKind.ORDER, line.id, line.label)
        group.note = f"{item.name or item.code} × {format_quantity(line.quantity)}"
        group.due = due_minute(line.due_on, data.zone)
        lanes.extend(_family(data, group, served[line.id]))
    if None in served:
        stock = Lane("stock", LaneKind.ORDER, None, tr("gantt.lane.for_stock"))
        lanes.extend(_family(data, stock, served[None]))
    return lanes


def _family(data: GanttData, group: Lane, work_orders: list[WorkOrder]) -> list[Lane]:
    """The group with a lane for each of its work orders, the first to start on top."""
    family = [(data.operations_of(each.id), each) for each in work_orders]
    family = [(bars, each) for bars, each in family if bars]
    family.sort(key=lambda pair: int(data.setup[pair[0]].min()))
    for bars, work_order in family:
        lane = _work_order_lane(data, work_order, group)
        lane.arrange(data, bars)
    group.arrange(data, (i for bars, _ in family for i in bars))
    return [group, *group.children] if family else []


def _work_order_lane(data: GanttData, work_order: WorkOrder, parent: Lane | None) -> Lane:
    item = data.plan.need(Item, work_order.item_id)
    facts = (LaneKind.WORK_ORDER, work_order.id, work_order.number)
    key = f"w{work_order.id}"
    lane = _child(parent, f"{key}/{parent.key}", *facts) if parent else Lane(key, *facts)
    lane.note = f"{item.name or item.code} × {format_quantity(work_order.quantity)}"
    if work_order.routing:
        lane.note += f" · {work_order.routing}"
    return lane


def _by_work_order(data: GanttData) -> list[Lane]:
    lanes: list[Lane] = []
    rows = data.plan.table(WorkOrder).values()
    for work_order in sorted(rows, key=lambda row: natural(row.number)):
        bars = data.operations_of(work_order.id)
        if not bars:
            continue
        group = _work_order_lane(data, work_order, None)
        lines = data.order_lines(work_order.id)
        group.due = due_minute(lines[0].due_on, data.zone) if lines else None
        lanes.append(group)
        for i in bars:
            operation, machine = data.operation(i), data.machine(i)
            title = step_title(data.plan, operation)
            lane = _child(group, f"o{operation.id}", LaneKind.OPERATION, operation.id, title)
            lane.note = machine.code if machine else tr("gantt.lane.outside")
            lane.arrange(data, [i])
            lanes.append(lane)
        group.arrange(data, bars)
    return lanes

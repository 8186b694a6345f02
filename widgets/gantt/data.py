"""What the Gantt shows: a plan's bookings as arrays, and the facts about each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from domain.items import Item
from domain.orders import OrderLine
from domain.pegging import served_lines, work_below
from domain.plan import Plan
from domain.production import Operation, WorkOrder, WorkStatus
from domain.resources import Machine, Plant
from domain.scenarios import Booking, OvertimeShift
from domain.working_time import opened_overtime
from widgets.gantt.scale import to_minute, to_minutes

_Kind = TypeVar("_Kind", bound=np.generic)


class GanttData:
    """Bookings of one plan by position: ``bookings[i]``, ``setup[i]``, ``run[i]``, ``end[i]``.

    Times are whole minutes since 1970 UTC. ``slack`` holds the minutes from finish to due of order
    lines, below 0 for late ones; ``progress`` the finished share of operations, 0…1; ``fragility``
    the share of cases in which an operation's overrun makes an order late, None: nobody knows.
    """

    def __init__(
        self,
        plan: Plan,
        bookings: Iterable[Booking],
        now_at: datetime,
        *,
        slack: Mapping[UUID, int] | None = None,
        progress: Mapping[UUID, float] | None = None,
        fragility: Mapping[UUID, float] | None = None,
    ) -> None:
        self.plan = plan
        self.now = to_minute(now_at)
        self.zone = ZoneInfo(plan.home_plant().timezone)
        self.slack = dict(slack or {})
        self.progress = dict(progress or {})
        self.fragility = fragility
        self.bookings = list(bookings)
        self._lines: dict[UUID, list[OrderLine]] = {}
        self._overtime: dict[UUID, list[OvertimeShift]] = {}
        for row in sorted(opened_overtime(plan), key=lambda row: row.start_at):
            self._overtime.setdefault(row.machine_id, []).append(row)
        self._index()

    def overtime(self, machine_id: UUID | None) -> list[OvertimeShift]:
        """The overtime that the plan in force has opened at a machine, by time."""
        return self._overtime.get(machine_id, []) if machine_id else []

    @property
    def has_overtime(self) -> bool:
        """Whether it has opened any."""
        return bool(self._overtime)

    def _index(self) -> None:
        """Look everything up once: rows may leave the plan while the bars are still on screen."""
        rows: list[Booking] = []
        self._steps: list[Operation] = []
        self._orders: list[tuple[WorkOrder, Item]] = []
        places: dict[UUID, int | None] = {}
        at: list[int] = []
        steps = self.plan.table(Operation)
        for booking in self.bookings:
            step = steps.get(booking.operation_id)
            if step is None:
                continue  # it is gone, and the booking about to go
            place = places.get(step.work_order_id, -1)
            if place == -1:
                place = places[step.work_order_id] = self._add_order(step.work_order_id)
            if place is not None:
                rows.append(booking)
                self._steps.append(step)
                at.append(place)
        self.bookings = rows
        self.order_at = np.array(at, np.int64)
        self.setup = to_minutes(booking.setup_start_at for booking in rows)
        self.run = to_minutes(booking.run_start_at for booking in rows)
        self.end = to_minutes(booking.end_at for booking in rows)
        for name in ("position", "by_operation"):
            self.__dict__.pop(name, None)

    @cached_property
    def position(self) -> dict[UUID, int]:
        """The place of each booking; made when it is first asked for, as that takes a while."""
        return {booking.id: i for i, booking in enumerate(self.bookings)}

    @cached_property
    def by_operation(self) -> dict[UUID, int]:
        """The place of each operation's booking."""
        return {booking.operation_id: i for i, booking in enumerate(self.bookings)}

    def _add_order(self, work_order_id: UUID) -> int | None:
        """The place of a work order among those that have bars; None if it is gone."""
        order = self.plan.get(WorkOrder, work_order_id)
        item = self.plan.get(Item, order.item_id) if order else None
        if order is None or item is None:
            return None
        self._orders.append((order, item))
        return len(self._orders) - 1

    def set_bookings(self, changed: Iterable[Booking], removed: Iterable[UUID] = ()) -> None:
        """Take new versions of bookings, and new ones, and forget the ``removed`` ids."""
        gone = set(removed)
        changed = [booking for booking in changed if booking.id not in gone]
        if not gone and all(booking.id in self.position for booking in changed):
            for booking in changed:
                self._replace(self.position[booking.id], booking)
            return
        rows = {booking.id: booking for booking in self.bookings if booking.id not in gone}
        rows.update((booking.id, booking) for booking in changed)
        self.bookings = list(rows.values())
        self._index()

    def _replace(self, i: int, booking: Booking) -> None:
        self.bookings[i] = booking
        self.setup[i] = to_minute(booking.setup_start_at)
        self.run[i] = to_minute(booking.run_start_at)
        self.end[i] = to_minute(booking.end_at)

    def __len__(self) -> int:
        return len(self.bookings)

    @property
    def frozen_minutes(self) -> int:
        """How long from now on the plan is not moved any more; 0 in an empty factory."""
        return 60 * self.plan.home_plant().frozen_hours if self.plan.table(Plant) else 0

    @property
    def span(self) -> tuple[int, int]:
        """First and last minute of what there is to see, ``now`` included."""
        if not len(self):
            return self.now, self.now + 7 * 1440
        return min(self.now, int(self.setup.min())), max(self.now, int(self.end.max()))

    def operation(self, i: int) -> Operation:
        """The operation of a bar."""
        return self._steps[i]

    def work_order(self, i: int) -> WorkOrder:
        """The work order of a bar."""
        return self._orders[self.order_at[i]][0]

    def item(self, i: int) -> Item:
        """What a bar makes."""
        return self._orders[self.order_at[i]][1]

    def machine(self, i: int) -> Machine | None:
        """Where a bar is done; None outside the plant."""
        return self.plan.get(Machine, self.bookings[i].machine_id)

    def order_lines(self, work_order_id: UUID) -> list[OrderLine]:
        """The order lines that a work order serves, through all levels, the first due first."""
        found = self._lines.get(work_order_id)
        if found is None:
            found = self._lines[work_order_id] = served_lines(self.plan, work_order_id)
        return found

    def slack_of(self, work_order_id: UUID) -> int | None:
        """Least slack in minutes of the order lines a work order serves; None: none is known."""
        known = (self.slack.get(line.id) for line in self.order_lines(work_order_id))
        return min((slack for slack in known if slack is not None), default=None)

    def late_bars(self) -> NDArray[np.bool_]:
        """Which bars serve an order line that is late."""
        if not any(minutes < 0 for minutes in self.slack.values()):
            return np.zeros(len(self), np.bool_)
        return self.by_order(lambda order, _item: (self.slack_of(order.id) or 0) < 0, np.bool_)

    def families(self) -> set[str]:
        """The families of what is made."""
        return {item.family for _order, item in self._orders}

    def by_order(
        self, look: Callable[[WorkOrder, Item], object], kind: type[_Kind]
    ) -> NDArray[_Kind]:
        """For every bar what is found of its work order, which is asked once."""
        found = np.array([look(order, item) for order, item in self._orders], kind)
        return found[self.order_at]

    def done_shares(self) -> NDArray[np.float32]:
        """How much of every bar's work is reported as done, 0…1."""
        done = {WorkStatus.COMPLETED, WorkStatus.CLOSED}
        shares = self.by_order(lambda order, _item: order.status in done, np.float32)
        for operation_id, share in self.progress.items():
            i = self.by_operation.get(operation_id)
            if i is not None:
                shares[i] = max(shares[i], min(share, 1.0))
        return shares

    def fragility_of(self, i: int) -> float | None:
        """In what share of cases a bar's overrun makes an order late; None: nobody knows."""
        if self.fragility is None:
            return None
        return self.fragility.get(self.bookings[i].operation_id, 0.0)

    def operations_of(self, work_order_id: UUID) -> list[int]:
        """The bars of a work order, in routing order."""
        rows = self.plan.where(Operation, work_order_id=work_order_id)
        rows.sort(key=lambda operation: (operation.number, operation.part))
        return [self.by_operation[row.id] for row in rows if row.id in self.by_operation]

    def family_of(self, positions: Iterable[int]) -> set[int]:
        """The bars of all work orders for the order lines that some bars serve, these included."""
        work_orders = {self.operation(i).work_order_id for i in positions}
        lines = {line.id: line for each in work_orders for line in self.order_lines(each)}
        for line in lines.values():
            work_orders.update(order.id for order in work_below(self.plan, line))
        return {i for each in work_orders for i in self.operations_of(each)}

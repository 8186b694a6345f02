"""Whether work can have begun when the plan in force says so, by all that the rows tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.items import Item
from domain.orders import PurchaseLine
from domain.plan import Plan
from domain.production import Operation, Peg, PlannedOrder, SupplyKind, WorkOrder, WorkStatus
from domain.resources import Absence, Downtime, Machine
from domain.routings import followed_by
from domain.scenarios import Booking, has_begun
from domain.scheduling.problem import Rest
from domain.variants import in_order
from domain.working_time import local_instant

OPEN = (WorkStatus.PLANNED, WorkStatus.FIRM, WorkStatus.RELEASED, WorkStatus.STARTED)
_MINUTE = timedelta(minutes=1)


def is_stopped(plan: Plan, machine: Machine, at: datetime) -> bool:
    """Whether a machine stands at an instant."""
    rows = plan.where(Downtime, machine_id=machine.id)
    return any(row.start_at <= at < row.end_at for row in rows)


def befores_of(plan: Plan, order: WorkOrder, step: Operation) -> Sequence[Operation]:
    """The steps of a work order that one of them has to wait for."""
    steps = in_order(plan.where(Operation, work_order_id=order.id))
    return next(
        (found for one, found in zip(steps, followed_by(steps), strict=True) if one == step), ()
    )


class Beginnings:
    """What can have begun.

    Args:
        plan: The factory.
        now_at: A whole minute.
        rests: What of begun work is left, of all that is booked to run before what is asked for.
        lost: Operations that do not go on.
    """

    def __init__(
        self,
        plan: Plan,
        now_at: datetime,
        rests: Mapping[UUID, Rest],
        lost: Collection[UUID],
    ) -> None:
        self._plan, self._now_at, self._rest, self._lost = plan, now_at, rests, lost
        self._zone = ZoneInfo(plan.home_plant().timezone)
        self._timely: dict[UUID, bool] = {}
        """Whether what is yet to begin can begin when it is booked to."""

    def could_begin(self, row: Booking, machine: Machine | None) -> bool:
        """Whether what a booking says has begun; while it is set up, whether it can run after."""
        if row.operation_id in self._lost:
            return False
        step = self._plan.need(Operation, row.operation_id)
        order = self._plan.need(WorkOrder, step.work_order_id)
        start, end = row.setup_start_at, row.setup_start_at + _MINUTE
        if machine is not None and is_stopped(self._plan, machine, start):
            return False
        if any(self._is_absent(person, start, end) for person in row.operator_ids):
            return False
        return self._befores_done(row, order, step) and self._has_parts(row, order, step)

    def _is_absent(self, person_id: UUID, start: datetime, end: datetime) -> bool:
        rows = self._plan.where(Absence, operator_id=person_id)
        return any(row.start_at < end and row.end_at > start for row in rows)

    def _befores_done(self, row: Booking, order: WorkOrder, step: Operation) -> bool:
        """Whether what it follows is done when it is to run, or hands over in batches."""
        return all(
            (before.transfer_batch is not None and self._goes_on(row, before.id))
            or self._is_done_for(row, before.id, ceil(before.wait_minutes))
            for before in befores_of(self._plan, order, step)
        )

    def _goes_on(self, row: Booking, before_id: UUID) -> bool:
        """Whether an operation has begun, or will in time for one that is still being set up."""
        is_set_up = row.run_start_at > self._now_at
        is_timely = is_set_up and self._booked_end(row, before_id) is not None
        return is_timely or before_id in self._rest

    def _is_done_for(self, row: Booking, before_id: UUID, pause: int = 0) -> bool:
        """Whether an operation is done, or will be in time for one that is still being set up."""
        rest = self._rest.get(before_id)
        if rest is not None and rest.is_done:
            return True
        if row.run_start_at <= self._now_at:
            return False
        ends_at = self._booked_end(row, before_id)
        if rest is not None:
            ends_at = self._now_at + rest.end * _MINUTE
        return ends_at is not None and ends_at + pause * _MINUTE <= row.run_start_at

    def _booked_end(self, row: Booking, operation_id: UUID) -> datetime | None:
        """When what is yet to begin ends by the same plan; None: it does not, or not as booked."""
        booked = self._plan.one(Booking, scenario_id=row.scenario_id, operation_id=operation_id)
        step = self._plan.get(Operation, operation_id)
        if booked is None or step is None or has_begun(booked, self._now_at):
            return None
        if operation_id not in self._timely:
            order = self._plan.need(WorkOrder, step.work_order_id)
            is_timely = self._befores_done(booked, order, step)
            self._timely[operation_id] = is_timely and self._has_parts(booked, order, step)
        return booked.end_at if self._timely[operation_id] else None

    def _has_parts(self, row: Booking, order: WorkOrder, step: Operation) -> bool:
        """Whether all that is bought or made for it is there when it is to run."""
        by = max(row.run_start_at, self._now_at)
        for peg in self._plan.where(Peg, demand_id=order.id):
            taker = self._plan.get(Operation, peg.operation_id)
            if taker is not None and taker.number != step.number:  # else it, or a part of the same
                continue
            if peg.supply_kind is SupplyKind.PURCHASE:
                line = self._plan.get(PurchaseLine, peg.supply_id)
                if line is not None and local_instant(line.due_on, self._zone) > by:
                    return False
            elif peg.supply_kind is SupplyKind.PLANNED_ORDER:
                bought = self._plan.get(PlannedOrder, peg.supply_id)
                if bought is not None and self._comes_at(bought, row) > by:
                    return False
            elif peg.supply_kind is SupplyKind.WORK_ORDER and not self._is_made(row, peg.supply_id):
                return False
        return True

    def _comes_at(self, bought: PlannedOrder, row: Booking) -> datetime:
        """A proposal that nobody has followed is ordered now at the earliest, unless it came in
        time for what runs."""
        if bought.firm or row.run_start_at < self._now_at:
            return bought.due_at
        lead = ceil(self._plan.need(Item, bought.item_id).lead_time_days * 1440)
        return max(bought.due_at, self._now_at + lead * _MINUTE)

    def _is_made(self, row: Booking, order_id: UUID) -> bool:
        order = self._plan.get(WorkOrder, order_id)
        if order is None or order.status not in OPEN:
            return True
        steps = self._plan.where(Operation, work_order_id=order_id)
        return all(self._is_done_for(row, step.id) for step in steps)

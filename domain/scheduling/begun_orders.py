"""Proposals that are no proposals any more, because their work has begun by the plan in force."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.mrp import Explosion, explode
from domain.orders import OrderLine, OrderStatus
from domain.plan import Plan
from domain.production import DemandKind, Operation, Peg, PlannedOrder, WorkOrder, WorkStatus
from domain.scenarios import Booking, has_begun, is_frozen, keeps_its_place
from domain.scheduling.begun import begun_work
from domain.scheduling.problem import Rest


@dataclass(frozen=True, slots=True)
class Begun:
    """A factory whose begun work orders are none of MRP's business.

    Attributes:
        plan: With planned work orders as firm ones of which something has begun, and with them what
            they are made of.
        orders: The work orders that have begun, but for those that are spent.
        spent: Those of which all is over and that nobody waits for, as their pegs say.
    """

    plan: Plan
    orders: Collection[UUID] = ()
    spent: Collection[UUID] = ()

    def explode(
        self,
        now_at: datetime,
        new_id: Callable[[], UUID],
        held: Collection[UUID] = (),
        lent: Collection[UUID] | None = None,
    ) -> Explosion:
        """What MRP makes of it; what has begun keeps its material, and so does what is held.

        What has begun also stays with what it is for, unless something new is wanted sooner: it was
        made for that. Else time alone would give it to others, and change their lots.

        See `domain.mrp.explode` for the arguments.
        """
        held, stay = {*self.orders, *held}, None
        if lent is None and self.orders:
            lent = stay = self.orders
        return explode(self.plan, now_at, new_id, held, self.spent, lent=lent, stay=stay)


def begun_firm(plan: Plan, now_at: datetime) -> Begun:
    """The same factory with planned work orders as firm ones of which something has begun.

    So MRP leaves them the quantity, the routing and the parts that they are made with; and what was
    proposed to be bought for what runs has been, or it could not run. What is over
    is firm only while somebody waits for it: nobody reports it, so else it would stay for ever.

    Args:
        plan: The factory; it stays as it is.
        now_at: Aware start of the plan; cut to the whole minute.
    """
    begun = begun_work(plan, plan.published(), now_at)
    steps = (plan.need(Operation, operation_id) for operation_id in begun)
    orders = dict.fromkeys(step.work_order_id for step in steps)
    wanted, held, spent = _Wanted(plan, begun), plan.copy(), set[UUID]()
    for order in [plan.need(WorkOrder, order_id) for order_id in orders]:
        if order.status is not WorkStatus.PLANNED:
            continue
        if wanted.is_kept(order):
            held.put(replace(order, status=WorkStatus.FIRM))
        else:
            spent.add(order.id)
    for bought in _taken(plan, begun, now_at, spent):
        held.put(replace(bought, firm=True))
    return Begun(held, orders.keys() - spent, spent)


def taken_proposals(plan: Plan, now_at: datetime) -> set[UUID]:
    """What was only proposed to be bought, but has come: work has begun that takes it.

    Args:
        plan: The factory.
        now_at: Aware start of the new plan; cut to the whole minute.
    """
    begun = begun_work(plan, plan.published(), now_at)
    return {bought.id for bought in _taken(plan, begun, now_at)}


def _taken(
    plan: Plan, begun: Mapping[UUID, Rest], now_at: datetime, spent: Collection[UUID] = ()
) -> Iterator[PlannedOrder]:
    """Not by what is spent: it goes, and what it took is no supply of anybody else's."""
    now_at = now_at.replace(second=0, microsecond=0)
    for operation_id, rest in begun.items():
        step = plan.need(Operation, operation_id)
        is_run = rest.booking.run_start_at < now_at and step.work_order_id not in spent
        for peg in plan.where(Peg, demand_id=step.work_order_id) if is_run else ():
            taker, bought = (
                plan.get(Operation, peg.operation_id),
                plan.get(PlannedOrder, peg.supply_id),
            )
            is_its_own = taker is None or taker.number == step.number
            if bought is not None and is_its_own and not bought.firm and bought.due_at <= now_at:
                yield bought


def held_orders(plan: Plan, now_at: datetime) -> set[UUID]:
    """The work orders of which the plan in force has begun, frozen or locked work.

    Args:
        plan: The factory.
        now_at: Aware start of the new plan.
    """
    frozen_hours = plan.home_plant().frozen_hours
    return _booked(plan, lambda row: keeps_its_place(row, now_at, frozen_hours))


def next_orders(plan: Plan, now_at: datetime) -> set[UUID]:
    """The work orders of which the plan in force has begun or frozen work: they are made next,
    whoever is in a hurry. What is only locked may be far off.

    Args:
        plan: The factory.
        now_at: Aware start of the new plan.
    """
    frozen_minutes = 60 * plan.home_plant().frozen_hours
    return _booked(
        plan, lambda row: has_begun(row, now_at) or is_frozen(row, now_at, frozen_minutes)
    )


def _booked(plan: Plan, is_meant: Callable[[Booking], bool]) -> set[UUID]:
    """The work orders of such bookings of the plan in force."""
    rows = (row for row in plan.table(Booking).values() if row.published and is_meant(row))
    steps = (plan.get(Operation, row.operation_id) for row in rows)
    return {step.work_order_id for step in steps if step is not None}


class _Wanted:
    """Whom work orders serve, as their pegs say."""

    def __init__(self, plan: Plan, begun: Mapping[UUID, Rest]) -> None:
        self._plan, self._begun = plan, begun
        self._kept: dict[UUID, bool] = {}

    def is_kept(self, order: WorkOrder) -> bool:
        """Whether an order is there after all: it is not over, or somebody waits for it."""
        found = self._kept.get(order.id)
        if found is None:
            found = self._kept[order.id] = not self._is_over(order) or self._is_wanted(order)
        return found

    def _is_over(self, order: WorkOrder) -> bool:
        steps = self._plan.where(Operation, work_order_id=order.id)
        rests = [self._begun.get(step.id) for step in steps]
        return all(rest is not None and rest.is_done for rest in rests)

    def _is_wanted(self, order: WorkOrder) -> bool:
        return any(self._waits(peg) for peg in self._plan.where(Peg, supply_id=order.id))

    def _waits(self, peg: Peg) -> bool:
        if peg.demand_kind is DemandKind.ORDER_LINE:
            line = self._plan.get(OrderLine, peg.demand_id)
            return line is not None and line.status is OrderStatus.CONFIRMED
        if peg.demand_kind is DemandKind.WORK_ORDER:
            order = self._plan.get(WorkOrder, peg.demand_id)
            is_open = order is not None and order.status not in _CLOSED
            return order is not None and is_open and self.is_kept(order)
        return self._plan.find(peg.demand_id) is not None


_CLOSED = (WorkStatus.COMPLETED, WorkStatus.CLOSED)

"""The rows that a repair begins with: what of the proposals is decided by now, and what is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from domain.changes import Change, ChangeSet
from domain.items import Item, ItemType
from domain.plan import Plan
from domain.production import Operation, PlannedOrder, WorkOrder, WorkStatus
from domain.scenarios import Booking
from domain.scheduling.begun_orders import taken_proposals
from domain.scheduling.hours import DAY


def with_proposals_firm(plan: Plan) -> Plan:
    """The same factory with the work that is proposed and booked taken as decided.

    A repair moves work; it does not make other work of it, however it was chosen to be made. What
    else is to be bought is proposed anew: held firm, it would change hands with what is in stock,
    and work would wait that nothing has happened to.
    """
    held = plan.copy()
    booked = {row.operation_id for row in plan.table(Booking).values() if row.published}
    for order in plan.table(WorkOrder).values():
        steps = plan.where(Operation, work_order_id=order.id)
        if order.status is WorkStatus.PLANNED and any(step.id in booked for step in steps):
            held.put(replace(order, status=WorkStatus.FIRM))
    for bought in plan.table(PlannedOrder).values():
        if plan.need(Item, bought.item_id).type is ItemType.MAKE:
            held.put(replace(bought, firm=True))
    return held


def ordered_late(plan: Plan, now_at: datetime) -> ChangeSet:
    """Proposals to buy that nobody has followed: ordered now, they come a lead time from now.

    What running work has taken is there, whoever brought it.

    Args:
        plan: The factory; it stays as it is.
        now_at: Aware start of the repair; cut to the whole minute.
    """
    now_at = now_at.replace(second=0, microsecond=0)
    changes, taken = list[Change](), taken_proposals(plan, now_at)
    for order in plan.table(PlannedOrder).values():
        lead = ceil(plan.need(Item, order.item_id).lead_time_days * DAY)
        due_at = now_at + timedelta(minutes=lead)
        if not order.firm and order.id not in taken and order.due_at < due_at:
            order_at = max(order.order_at, now_at)
            changes.append(Change.update(order, replace(order, order_at=order_at, due_at=due_at)))
    return ChangeSet("plan", tuple(changes))

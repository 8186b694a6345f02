"""A rush order in a plan: when it is ready, and what keeps it from being planned at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from domain.errors import Finding, Severity
from domain.items import BomLine
from domain.mend_offers import RushEnd
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import Operation, Peg, SupplyKind, WorkOrder
from domain.routings import RoutingOperation
from domain.scenarios import Booking, Scenario
from domain.scheduling.lateness import line_fate

_MERE = frozenset({"order_line_unplanned", "order_not_planned", "waits_for_unplanned_work"})
"""Findings that say no more than that something else is amiss."""

_TO_COME = frozenset({SupplyKind.WORK_ORDER, SupplyKind.PLANNED_ORDER})
"""What has to be made or bought yet, even if that takes no time."""


def rush_end(plan: Plan, scenario: Scenario, line: OrderLine, now_at: datetime) -> RushEnd | None:
    """When an order line is ready by a scenario of the rows; None: it can not be finished."""
    now_at = now_at.replace(second=0, microsecond=0)
    fate = line_fate(plan, plan.where(Booking, scenario_id=scenario.id), now_at, line)
    if fate.finish_at is None:
        return None
    kinds = {peg.supply_kind for peg in plan.where(Peg, demand_id=line.id)}
    is_there = fate.finish_at <= now_at and not kinds & _TO_COME
    return RushEnd(fate.finish_at, fate.late_minutes, is_in_stock=is_there)


def why_unplanned(plan: Plan, line: OrderLine, findings: Iterable[Finding]) -> Finding:
    """What keeps an order line from being planned: of all findings one about what it is made of."""
    concerned = {line.id, *_made_of(plan, line.item_id)}
    own = [
        finding
        for finding in findings
        if finding.severity is Severity.ERROR and concerned.intersection(finding.refs)
    ]
    telling = (finding for finding in own if finding.code not in _MERE)
    mere = Finding("order_line_unplanned", Severity.ERROR, (line.id,), {"order": line.label})
    return next(telling, own[0] if own else mere)


def _made_of(plan: Plan, item_id: UUID) -> set[UUID]:
    """Ids of an item, all that goes into it, the steps to make them and the work on them."""
    items = [item_id]
    seen = {item_id}
    for parent_id in items:
        below = {line.component_id for line in plan.where(BomLine, parent_id=parent_id)} - seen
        items += sorted(below)
        seen |= below
    for each in items:
        seen |= {step.id for step in plan.where(RoutingOperation, item_id=each)}
        for order in plan.where(WorkOrder, item_id=each):
            seen |= {order.id, *(s.id for s in plan.where(Operation, work_order_id=order.id))}
    return seen

"""A rush order in a plan: when it is ready, and what keeps it from being planned at all."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from domain.errors import Finding, Severity
from domain.items import BomLine
from domain.mend_offers import RushEnd
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.routings import RoutingOperation
from domain.scheduling.problem import Problem, Solution

_MERE = frozenset({"order_line_unplanned", "order_not_planned", "waits_for_unplanned_work"})
"""Findings that say no more than that something else is amiss."""


def rush_end(problem: Problem, solution: Solution, line_id: UUID) -> RushEnd:
    """When an order line that is planned is ready."""
    tables, line = problem.tables, problem.line_ids.index(line_id)
    made = tables.line_op[tables.line_first[line] : tables.line_first[line + 1]]
    finish = max(int(tables.line_floor[line]), *solution.end[made].tolist(), 0)
    late = max(0, finish - int(tables.line_due[line]))
    return RushEnd(problem.instant(finish), late, is_in_stock=not len(made) and finish == 0)


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

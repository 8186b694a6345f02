"""What stands in the way of the plan in force, told from its rows alone: the same for everybody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from uuid import UUID, uuid4

from domain.errors import Finding, Severity
from domain.mrp import explode
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.scenarios import Booking
from domain.scheduling.build import OPEN, build_problem


def plan_findings(plan: Plan, now_at: datetime) -> list[Finding]:
    """What MRP has to say, what can not be scheduled and why, and what found no place.

    The rows stay as they are. Where there is a published plan its own start counts, not ``now_at``,
    so that nothing differs between two who ask at other times. As long as an explosion takes.
    """
    scenario = plan.published()
    start_at = now_at if scenario is None else scenario.now_at
    exploded = explode(plan, start_at, uuid4).findings
    short = short_orders(exploded)
    found = [*exploded, *build_problem(plan, start_at, short=short).findings]
    if scenario is not None:
        booked = {row.operation_id for row in plan.where(Booking, scenario_id=scenario.id)}
        known = {ref for finding in found for ref in finding.refs}
        found += _homeless(plan, booked | known)
    return found


def short_orders(findings: Iterable[Finding]) -> set[UUID]:
    """The standing work orders that MRP finds something missing for."""
    return {finding.refs[0] for finding in findings if finding.code == "order_short"}


def _homeless(plan: Plan, told: Collection[UUID]) -> Iterator[Finding]:
    """Open work orders without any place in the plan that nothing has been said of yet."""
    for order in plan.table(WorkOrder).values():
        steps = plan.where(Operation, work_order_id=order.id)
        is_told = order.id in told or any(step.id in told for step in steps)
        if steps and not is_told and order.status in OPEN:
            params = {"work_order": order.number}
            yield Finding("work_order_not_booked", Severity.WARNING, (order.id,), params)

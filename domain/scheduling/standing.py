"""What stands in the way of the plan in force, told from its rows alone: the same for everybody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from uuid import UUID, uuid4

from domain.errors import Finding, Severity
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.scenarios import Booking
from domain.scheduling.beginnings import OPEN
from domain.scheduling.begun_orders import begun_firm
from domain.scheduling.build import build_problem
from domain.scheduling.lateness import lines_in_time


def plan_findings(plan: Plan, now_at: datetime) -> list[Finding]:
    """What MRP has to say, what can not be scheduled and why, and what found no place.

    The rows stay as they are. Where there is a published plan its own start counts, not ``now_at``,
    so that nothing differs between two who ask at other times. As long as an explosion takes.
    """
    scenario = plan.published()
    start_at = now_at if scenario is None else scenario.now_at
    exploded = begun_firm(plan, start_at).explode(start_at, uuid4).findings
    short = short_orders(exploded)
    found = [*exploded, *build_problem(plan, start_at, short=short).findings]
    if scenario is not None:
        rows = plan.where(Booking, scenario_id=scenario.id)
        found = without_idle_alarms(found, plan, rows, start_at)
        booked = {row.operation_id for row in rows}
        known = {ref for finding in found for ref in finding.refs}
        found += _homeless(plan, booked | known)
    return found


def without_idle_alarms(
    findings: Iterable[Finding], plan: Plan, bookings: Iterable[Booking], now_at: datetime
) -> list[Finding]:
    """Findings but those that work should have begun for order lines which a plan has in time.

    MRP knows no plan: it says when work should begin by estimate, as if nothing could be hurried.
    """
    found = list(findings)
    lines = {ref for each in found if each.code == "release_past_due" for ref in each.refs[1:]}
    if not lines:
        return found
    kept = lines_in_time(plan, bookings, now_at)
    return [each for each in found if each.code != "release_past_due" or set(each.refs[1:]) - kept]


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

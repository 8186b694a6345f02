"""The checker on ways of making: a work order's operations are those of its routing, once each."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from domain.errors import Finding, Severity
from domain.production import Operation, WorkOrder, WorkStatus
from domain.routings import RoutingOperation
from domain.scheduling.check_facts import Facts

_CLOSED = frozenset({WorkStatus.COMPLETED, WorkStatus.CLOSED})


def check_variants(facts: Facts) -> Iterable[Finding]:
    """Routings and parts of all open work orders."""
    for order in facts.plan.table(WorkOrder).values():
        if order.status not in _CLOSED:
            by_number: dict[int, list[Operation]] = {}
            for step in facts.steps(order):
                by_number.setdefault(step.number, []).append(step)
                yield from _check_routing(facts, order, step)
            for parts in by_number.values():
                yield from _check_parts(order, parts)


def _check_routing(facts: Facts, order: WorkOrder, step: Operation) -> Iterable[Finding]:
    """One work order is made by one routing."""
    template = facts.plan.get(RoutingOperation, step.routing_operation_id)
    if template is not None and template.routing != order.routing:
        params = {"work_order": order.number, "operation": step.number}
        params |= {"routing": template.routing, "expected": order.routing}
        # A firm order keeps its operations when somebody gives a routing another name.
        severity = Severity.ERROR if order.status is WorkStatus.PLANNED else Severity.WARNING
        yield Finding("routing_mixed", severity, (step.id, order.id), params)


def _check_parts(order: WorkOrder, parts: list[Operation]) -> Iterable[Finding]:
    """Either whole, or in parts that add up to the quantity, no more of them than may be."""
    first = parts[0]
    total = sum((step.amount(order) for step in parts), Decimal(0))
    numbers = [step.part for step in parts]
    wanted = [0] if len(parts) == 1 and not first.part else list(range(1, len(parts) + 1))
    params: dict[str, object] = {"work_order": order.number, "operation": first.number}
    if numbers != wanted or total != order.quantity:
        params |= {"expected": order.quantity, "actual": total}
        yield Finding("parts_do_not_add_up", Severity.ERROR, (first.id, order.id), params)
    elif len(parts) > max(1, first.split_most):
        params |= {"parts": len(parts), "most": first.split_most}
        yield Finding("too_many_parts", Severity.ERROR, (first.id, order.id), params)

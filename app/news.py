"""What of the checker's word on a plan is new to the planner."""

from __future__ import annotations

from collections.abc import Iterable

from domain.errors import DomainError, Finding, Severity

_TOLD = ("rule5_longest_wait", "must_finish_late", "held_had_to_move")
"""Findings that do not forbid a plan but that the planner must see."""


def news_of(checked: Iterable[Finding], told: Iterable[Finding]) -> tuple[Finding, ...]:
    """The checker's word on what has no place, unless it is known why, and on broken wishes."""
    known = {ref for finding in told for ref in finding.refs}
    return tuple(
        finding
        for finding in checked
        if finding.code in _TOLD
        or (finding.code == "work_order_not_booked" and known.isdisjoint(finding.refs))
    )


def better_refused(error: DomainError) -> Finding:
    """That a better plan was found than the one kept, and which rule it breaks.

    Args:
        error: ``plan_rejected`` with the checker's first finding.
    """
    first = {"first": error.params["first"]}
    return Finding("better_plan_refused", Severity.WARNING, error.refs, first)

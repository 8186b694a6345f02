"""The checker's word on overtime: what is open must be allowed, paid for, and open once."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from uuid import UUID

from domain.errors import Finding, Severity
from domain.resources import Machine
from domain.scenarios import OvertimeShift
from domain.scheduling.check_facts import Facts
from domain.working_time import OvertimeWindow, overtime_windows


def check_overtime(facts: Facts) -> Iterable[Finding]:
    """Every window of overtime that should not be as it is."""
    by_machine: dict[UUID, list[OvertimeShift]] = {}
    for row in facts.overtime:
        by_machine.setdefault(row.machine_id, []).append(row)
    for machine_id, rows in by_machine.items():
        machine = facts.plan.get(Machine, machine_id)
        if machine is None:
            yield _broken("overtime_of_nothing", rows[0], "")
            continue
        rows.sort(key=lambda row: row.start_at)
        for before, row in pairwise(rows):
            if row.start_at < before.end_at:
                yield _broken("overtime_overlap", row, machine.code)
        for row in rows:
            yield from _check_one(facts, row, machine)


def _check_one(facts: Facts, row: OvertimeShift, machine: Machine) -> Iterable[Finding]:
    allowed = overtime_windows(facts.plan, machine, row.start_at, row.end_at)
    window = next((each for each in allowed if _is_that(each, row)), None)
    if window is None:
        yield _broken("overtime_not_allowed", row, machine.code)
    elif window.cost != row.cost:
        params = {"expected": window.cost, "actual": row.cost}
        yield _broken("overtime_cost", row, machine.code, **params)


def _is_that(window: OvertimeWindow, row: OvertimeShift) -> bool:
    return (window.start_at, window.end_at) == (row.start_at, row.end_at)


def _broken(code: str, row: OvertimeShift, machine: str, **params: object) -> Finding:
    start = {"machine": machine, "start": row.start_at}
    return Finding(code, Severity.ERROR, (row.id, row.machine_id), {**start, **params})


def overtime_amount(rows: Iterable[OvertimeShift]) -> int:
    """What overtime costs, rounded up to whole units."""
    total = sum((row.cost for row in rows), Decimal(0))
    return int(total.to_integral_value(rounding=ROUND_CEILING))

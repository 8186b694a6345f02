"""Rule 5 of the checker: what comes after what, how soon, and how late at the most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import product
from math import ceil
from uuid import UUID

from domain.errors import Finding, Severity
from domain.production import DemandKind, Peg, SupplyKind, WorkOrder
from domain.scheduling.check_facts import Facts, Placed


def check_order(facts: Facts) -> Iterable[Finding]:
    """Operations of a work order one after the other, and its parts in time from other plants."""
    for order in facts.plan.table(WorkOrder).values():
        into: dict[UUID, list[Placed]] = {}
        for step, follower in facts.followed(order):
            before = facts.placed.get(step.id)
            if before is not None:
                into.setdefault(follower.id, []).append(before)
        for step_id, befores in into.items():
            after = facts.placed.get(step_id)
            if after is None:
                continue
            for before in befores:
                yield from _check_pair(facts, before, after, befores)
                yield from _check_longest_wait(before, after)
    yield from _check_parts(facts)


def _check_pair(
    facts: Facts, before: Placed, after: Placed, befores: list[Placed]
) -> Iterable[Finding]:
    if facts.is_over(after):
        return
    pause = ceil(before.step.wait_minutes) + facts.way(before, after)
    runs = facts.has_begun(after) and after.run < 0  # then it began in time, by the plan in force
    batch = before.handed_batch
    is_handed = before.machine is not None and after.machine is not None
    if is_handed and (facts.may_share(before.step) or facts.may_share(after.step)):
        batch = None  # a furnace gives out, and takes in, everything at once
    if after.step.part or batch is None or before.machine is None or after.machine is None:
        if after.run < before.end + pause and not runs:
            earliest = facts.instant(before.end + pause)
            yield after.broken("rule5_sequence", before=before.step.number, earliest=earliest)
        return
    first_out = facts.worked(before.machine).done(before.run, before.run_minutes(batch))
    if after.run < first_out + pause and not runs:
        yield after.broken("rule5_transfer_start", before=before.step.number, batch=batch)
    # Where batches join, the largest of them is run last.
    last = max(
        other.handed_batch or Decimal(0) for other in befores if not facts.may_share(other.step)
    )
    last_in = facts.worked(after.machine).done(before.end + pause, after.run_minutes(last))
    if after.end < last_in:
        yield after.broken("rule5_transfer_end", before=before.step.number, batch=batch)


def _check_longest_wait(before: Placed, after: Placed) -> Iterable[Finding]:
    """No longer than may be. Calendars and locks can make that impossible: then it is told."""
    longest = before.step.max_wait_minutes
    if longest is None:
        return
    latest = before.end + max(longest, ceil(before.step.wait_minutes))
    if after.run > latest:
        waited = after.run - before.end
        params = {"before": before.step.number, "minutes": waited, "longest": longest}
        found = after.broken("rule5_longest_wait", **params)
        yield replace(found, severity=Severity.WARNING)


def _check_parts(facts: Facts) -> Iterable[Finding]:
    """What is made in another plant has to be brought."""
    pegs = facts.plan.where(
        Peg, supply_kind=SupplyKind.WORK_ORDER, demand_kind=DemandKind.WORK_ORDER
    )
    for peg in pegs:
        maker = facts.plan.get(WorkOrder, peg.supply_id)
        taker = facts.plan.get(WorkOrder, peg.demand_id)
        steps = facts.steps(taker) if taker else []
        named = [step for step in steps if step.id == peg.operation_id]
        number = [*named, *steps][0].number if steps else None
        takers = [facts.placed.get(step.id) for step in steps if step.number == number]
        makers = [facts.placed.get(step.id) for step in (facts.finishing(maker) if maker else ())]
        for before, after in product(makers, takers):
            way = facts.way(before, after) if before and after else 0
            runs = after is not None and facts.has_begun(after) and after.run < 0
            if before and after and way and not runs and after.run < before.end + way:
                name = before.order.number
                earliest = facts.instant(before.end + way)
                yield after.broken("transfer_too_short", part=name, earliest=earliest)

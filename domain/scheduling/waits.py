"""Longest waits: whoever may not wait long for the next operation begins later himself."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from heapq import heapify, heappop, heappush

import numpy as np

from domain.scheduling.compiled import I32, lean
from domain.scheduling.problem import Problem, Solution, Tables, breach_of
from domain.scheduling.worktime import end_of, minute_of, work_before

_PATIENCE = 5
"""Rounds without getting better after which a plan in which nothing waits too long is given up."""


def within_waits(problem: Problem, plan: Callable[[Problem], Solution]) -> Solution:
    """A plan in which no operation waits longer than it may, if that can be had by holding some
    and without moving held work for it.

    Args:
        problem: What to plan.
        plan: Makes the plan of a problem with the same operations, always in the same way.
    """
    best = found = plan(problem)
    if best.overrun == 0:
        return best
    tries = _PATIENCE
    release = problem.tables.release.copy()
    while tries > 0:
        tries -= 1
        alternative, start, end = found.alternative, found.run_start, found.end
        if not _hold(problem.tables, found.order, alternative, start, end, release):
            break
        held = problem.tables._replace(release=release)
        found = plan(replace(problem, tables=held))
        if breach_of(problem, found) < breach_of(problem, best):
            best, tries = found, _PATIENCE
        if found.overrun == 0:
            break
    return best


@lean
def _hold(
    tables: Tables, order: I32, alternative: I32, run_start: I32, end: I32, release: I32
) -> bool:
    """Raise the release of what ends too early for what comes after; False if nothing does."""
    is_held = False
    for at in range(order.size - 1, -1, -1):
        op = order[at]
        if tables.is_limited[op] == 0:
            continue
        # What is held itself holds what is before it, in the same round.
        start = max(run_start[op], release[op])
        for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
            before = tables.edge_from[edge]
            if tables.edge_most[edge] < 0 or tables.pin[before] >= 0:
                continue
            needed = start - tables.edge_most[edge]
            if end[before] < needed:
                begin = _begin_for(tables, before, alternative[before], needed)
                if begin > release[before]:
                    release[before] = begin
                    is_held = True
    return is_held


@lean
def _begin_for(tables: Tables, op: int, alt: int, end: int) -> int:
    """Minute at which a run has to start to end at a minute, or as soon after as can be."""
    if alt < 0:
        return end - tables.elapsed[op]
    if tables.alt_run[alt] == 0:
        return end
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    work = work_before(tables.worktime, calendar, end)
    if end_of(tables.worktime, calendar, work) < end:
        work += 1
    return minute_of(tables.worktime, calendar, max(0, work - tables.alt_run[alt]))


def close_order(tables: Tables, order: I32) -> I32:
    """The order with operations that may not wait long for one another side by side."""
    place = np.zeros(len(order), np.int64)
    place[order] = np.arange(len(order))
    key = place.copy()
    missing = np.diff(tables.edge_first)
    edges = np.flatnonzero(tables.edge_most >= 0)
    owner = np.repeat(np.arange(len(order)), missing)
    # Everything that is linked by limits comes when its last one would.
    while True:
        before, after = tables.edge_from[edges], owner[edges]
        latest = np.maximum(key[before], key[after])
        if (latest == key[before]).all() and (latest == key[after]).all():
            break
        np.maximum.at(key, before, latest)
        np.maximum.at(key, after, latest)
    return _in_order(tables, missing.tolist(), list(zip(key.tolist(), place.tolist(), strict=True)))


def _in_order(tables: Tables, missing: list[int], keys: list[tuple[int, int]]) -> I32:
    """Operations by key as far as their predecessors allow."""
    following, first = tables.next_op.tolist(), tables.next_first.tolist()
    heap = [(*keys[op], op) for op, count in enumerate(missing) if count == 0]
    heapify(heap)
    found: list[int] = []
    while heap:
        op = heappop(heap)[2]
        found.append(op)
        for after in following[first[op] : first[op + 1]]:
            missing[after] -= 1
            if missing[after] == 0:
                heappush(heap, (*keys[after], after))
    return np.array(found, np.int32)

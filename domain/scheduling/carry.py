"""A plan carried over to other choices: new operations take the place of those that go."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

import numpy as np

from domain.scheduling.choices import Choices, Modes
from domain.scheduling.compiled import F64, I32, lean
from domain.scheduling.decode import (
    Shopfloor,
    Times,
    book_next,
    decode,
    earliest_work,
    new_shopfloor,
    new_times,
    place_after,
    place_with_crew,
)
from domain.scheduling.goals import Goals
from domain.scheduling.problem import NONE, Solution, Tables, setup_between
from domain.scheduling.worktime import FAR, span

_OPEN = np.inf


def carried(
    choices: Choices, solution: Solution, before: Modes, goals: Goals, early: float = 1.0
) -> Solution:
    """A plan of the problem of some modes as a plan of that of others.

    What both have keeps its machine and its place in the order. A new operation comes where one of
    its work order was that goes, else right before what it is for, and takes the machine on which
    it ends first.

    Args:
        choices: What is chosen from.
        solution: The plan.
        before: Its modes.
        goals: Those of the others, with the problem that they make.
        early: Share of its place in the order at which a new operation is put, 0 … 1.
    """
    old, new = choices.part(before), choices.part(goals.modes)
    problem = goals.problem
    count = len(choices.whole.tables.release)
    place = np.full(count, _OPEN)
    place[old.ops[solution.order]] = np.arange(len(old.ops), dtype=np.float64)
    machine = np.full(count, NONE, np.int32)
    ran = solution.alternative >= 0
    machine[old.ops[ran]] = old.alts[solution.alternative[ran]]
    key = place[new.ops]
    is_new = ~np.isfinite(key)
    key[is_new] = _places(choices, place, old.ops, new.ops, is_new) * early
    alt_number = np.full(len(choices.whole.tables.alt_op) + 1, NONE, np.int32)
    alt_number[new.alts] = np.arange(len(new.alts), dtype=np.int32)
    alternative = alt_number[machine[new.ops]]
    _settle(problem.tables, key)
    order = np.lexsort((np.arange(len(key)), key)).astype(np.int32)
    is_free = is_new & (problem.tables.elapsed < 0)
    times, floor = new_times(problem.tables), new_shopfloor(problem.tables)
    _choose_machines(problem.tables, order, alternative, is_free.astype(np.int32), times, floor)
    return decode(problem, order, alternative)


def _places(
    choices: Choices,
    place: F64,
    old: I32,
    new: I32,
    is_new: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> F64:
    """Where those operations were that the new ones take the place of, infinite: none."""
    gone = np.setdiff1d(old, new, assume_unique=True)
    by_owner: dict[int, dict[int, float]] = {}
    for op in gone:
        steps = by_owner.setdefault(choices.owner(op), {})
        number = choices.number(op)
        steps[number] = min(steps.get(number, _OPEN), place[op])
    found: list[float] = []
    for op in new[is_new]:
        steps = by_owner.get(choices.owner(op), {})
        found.append(steps.get(choices.number(op), min(steps.values(), default=_OPEN)))
    return np.array(found)


@lean
def _settle(tables: Tables, key: F64) -> None:
    """Put what has no place right before what follows it, and nothing before what it follows."""
    for op in range(key.size - 1, -1, -1):
        if np.isinf(key[op]):
            for at in range(tables.next_first[op], tables.next_first[op + 1]):
                key[op] = min(key[op], key[tables.next_op[at]])
    for op in range(key.size):
        for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
            key[op] = max(key[op], key[tables.edge_from[edge]])


@lean
def _choose_machines(
    tables: Tables, order: I32, alternative: I32, is_free: I32, times: Times, floor: Shopfloor
) -> None:
    """Book in the given order; what is free takes the machine on which it ends first."""
    for at in range(order.size):
        op = order[at]
        if is_free[op]:
            soonest = FAR
            for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
                end = _end_on(tables, op, alt, alternative, times, floor)
                if alternative[op] < 0 or end < soonest:
                    alternative[op], soonest = alt, end
        book_next(tables, op, alternative, times, floor)


@lean
def _end_on(
    tables: Tables, op: int, alt: int, alternative: I32, times: Times, floor: Shopfloor
) -> int:
    """When an operation would end by way of an alternative."""
    machine = tables.alt_machine[alt]
    before = floor.last[machine]
    setup = setup_between(tables, machine, before, op)
    free = times.work_end[before] if before >= 0 else 0
    ready = earliest_work(tables, op, alt, alternative, times.run_start, times.end)
    work = place_after(tables, op, alt, ready, free, setup)
    if tables.crew_size[op] > 0:
        work = place_with_crew(tables, op, alt, work, setup, floor.operator_free)
    return span(tables.worktime, tables.machine_calendar[machine], work, tables.alt_run[alt])[1]

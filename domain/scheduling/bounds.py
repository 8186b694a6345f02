"""How good a plan can be at best: bounds on weighted lateness that no plan beats."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

import numpy as np

from domain.scheduling.compiled import I32, lean
from domain.scheduling.decode import place_with_crew
from domain.scheduling.problem import (
    Problem,
    Tables,
    csr,
    setup_between,
    weighted_lateness,
)
from domain.scheduling.worktime import FAR, end_of, span, unbroken_from, work_before

_PAIRS = 20_000_000
"""Pairs of operations on a machine looked at for the smallest setups; with more, setups are 0."""


def path_bound(problem: Problem) -> int:
    """Every operation as early as its own chain and the people's hours let it, as if alone."""
    return int(weighted_lateness(problem.tables, earliest_times(problem)[1]))


def earliest_ends(problem: Problem) -> I32:
    """Minute before which each operation can not end in any plan; people and setups forgotten."""
    return _look(problem, np.zeros(len(problem.tables.alt_op), np.int32), has_crews=False)[1]


def earliest_times(problem: Problem) -> tuple[I32, I32]:
    """Minutes before which each operation can not start its run, and not end, in any plan."""
    return _look(problem, smallest_setups(problem), problem.has_crews)


def _look(problem: Problem, setup: I32, has_crews: bool) -> tuple[I32, I32]:
    tables, count = problem.tables, problem.operation_count
    start, batch, end = np.zeros((3, count), np.int32)
    free = np.zeros(len(tables.operator_calendar), np.int32)
    _look_ahead(tables, setup, free, has_crews, start, batch, end)
    return start, end


def smallest_setups(problem: Problem) -> I32:
    """Setup minutes that an alternative takes whatever runs before it on the machine."""
    tables = problem.tables
    setup = np.zeros(len(tables.alt_op), np.int32)
    if int((np.bincount(tables.alt_machine).astype(np.int64) ** 2).sum()) <= _PAIRS:
        users: list[list[int]] = [[] for _ in range(problem.machine_count)]
        for op, machine in zip(tables.alt_op, tables.alt_machine, strict=True):
            users[machine].append(int(op))
        _find_smallest(tables, *csr(users), setup)
    return setup


@lean
def _find_smallest(tables: Tables, user_first: I32, user_op: I32, setup: I32) -> None:
    for alt in range(setup.size):
        machine, op = tables.alt_machine[alt], tables.alt_op[alt]
        if tables.machine_capacity[machine] > 0:
            continue  # others may have set it up
        least = tables.own_setup[op]
        for at in range(user_first[machine], user_first[machine + 1]):
            if least == 0:
                break
            if user_op[at] != op:
                least = min(least, setup_between(tables, machine, user_op[at], op))
        setup[alt] = least


@lean
def _look_ahead(
    tables: Tables, setup: I32, free: I32, has_crews: bool, start: I32, batch: I32, end: I32
) -> None:
    for op in range(end.size):
        ready = max(tables.release[op], tables.pin[op], tables.opening[op])
        for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
            before = tables.edge_from[edge]
            done = batch[before] if tables.edge_overlap[edge] else end[before]
            ready = max(ready, done + tables.edge_wait[edge])
        if tables.elapsed[op] >= 0:
            start[op], batch[op], end[op] = ready, ready, ready + tables.elapsed[op]
            continue
        start[op], batch[op], end[op] = FAR, FAR, FAR
        for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
            calendar = tables.machine_calendar[tables.alt_machine[alt]]
            run = tables.alt_run[alt]
            work = _from_work(tables, op, alt, ready, setup[alt], end)
            if tables.fit[op]:
                begin = work - setup[alt]
                work = unbroken_from(tables.worktime, calendar, begin, setup[alt] + run)
                work += setup[alt]
            if has_crews and tables.crew_size[op] > 0:
                work = place_with_crew(tables, op, alt, work, setup[alt], free)
            begun, ended = span(tables.worktime, calendar, work, run)
            first = end_of(tables.worktime, calendar, work + tables.alt_first_batch[alt])
            start[op] = min(start[op], begun)
            batch[op] = min(batch[op], max(begun, first))
            end[op] = min(end[op], ended)


@lean
def _from_work(tables: Tables, op: int, alt: int, ready: int, setup: int, end: I32) -> int:
    """Earliest run start on the machine's axis, after its setup and for the last batches' sake."""
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    work = max(setup, work_before(tables.worktime, calendar, ready))
    if tables.opening[op] > 0:
        opening = work_before(tables.worktime, calendar, tables.opening[op])
        work = max(work, opening + setup)
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        if tables.edge_overlap[edge]:
            done = end[tables.edge_from[edge]] + tables.edge_wait[edge]
            last = work_before(tables.worktime, calendar, done) + tables.alt_last_batch[alt]
            work = max(work, last - tables.alt_run[alt])
    return work

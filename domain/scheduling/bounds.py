"""How good a plan can be at best: bounds on weighted lateness that no plan beats."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

import numpy as np

from domain.scheduling.compiled import I32, lean
from domain.scheduling.problem import Problem, Tables, weighted_lateness
from domain.scheduling.worktime import FAR, end_of, span, unbroken_from, work_before


def path_bound(problem: Problem) -> int:
    """Every operation as early as its own chain lets it, as if it were alone in the factory."""
    return int(weighted_lateness(problem.tables, earliest_ends(problem)))


def earliest_ends(problem: Problem) -> I32:
    """Minute before which each operation can not end in any plan."""
    tables, count = problem.tables, problem.operation_count
    start, batch, end = np.zeros((3, count), np.int32)
    _look_ahead(tables, start, batch, end)
    return end


@lean
def _look_ahead(tables: Tables, start: I32, batch: I32, end: I32) -> None:
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
            work = work_before(tables.worktime, calendar, ready)
            run = tables.alt_run[alt]
            if tables.fit[op]:
                work = unbroken_from(tables.worktime, calendar, work, run)
            begun, ended = span(tables.worktime, calendar, work, run)
            first = end_of(tables.worktime, calendar, work + tables.alt_first_batch[alt])
            start[op] = min(start[op], begun)
            batch[op] = min(batch[op], max(begun, first))
            end[op] = min(end[op], ended)

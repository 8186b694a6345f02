"""How urgent every operation is, seen from the due dates of what it is for."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from domain.scheduling.compiled import I32, lean
from domain.scheduling.problem import Problem, Tables
from domain.scheduling.worktime import FAR, work_before

F64 = npt.NDArray[np.float64]


class Urgency(NamedTuple):
    """What makes an operation urgent, independent of the machine."""

    latest_start: I32
    """Minute at which it must start if its order lines are to be on time with no waiting."""
    weight: F64
    mean_minutes: float
    mean_setup: float


def urgency_of(problem: Problem) -> Urgency:
    """Work back from the due minutes along the fastest machines."""
    tables = problem.tables
    count = problem.operation_count
    worktime = tables.worktime
    stretch = np.ones(len(worktime.minute_first) - 1)
    window = min(worktime.horizon, 8 * 7 * 1440)
    for calendar in range(len(stretch)):
        stretch[calendar] = window / max(1, work_before(worktime, calendar, window))
    latest = np.full(count, FAR, np.int32)
    weight = np.zeros(count)
    run = np.zeros(count, np.int32)
    _look_back(tables, stretch, latest, weight, run)
    machined = run[tables.elapsed < 0]
    return Urgency(
        latest,
        weight,
        float(max(1.0, machined.mean() if len(machined) else 1.0)),
        float(max(1.0, tables.own_setup.mean() if count else 1.0)),
    )


@lean
def _look_back(tables: Tables, stretch: F64, latest: I32, weight: F64, run: I32) -> None:
    for op in range(latest.size - 1, -1, -1):
        for at in range(tables.serves_first[op], tables.serves_first[op + 1]):
            line = tables.serves_line[at]
            latest[op] = min(latest[op], tables.line_due[line])
            weight[op] += tables.line_weight[line]
        run[op] = tables.elapsed[op]
        for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
            calendar = tables.machine_calendar[tables.alt_machine[alt]]
            minutes = int(tables.alt_run[alt] * stretch[calendar])
            if run[op] < 0 or minutes < run[op]:
                run[op] = minutes
        latest[op] -= run[op]
        for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
            before = tables.edge_from[edge]
            latest[before] = min(latest[before], latest[op] - tables.edge_wait[edge])
            weight[before] += weight[op]

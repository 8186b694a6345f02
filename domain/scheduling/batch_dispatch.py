"""Dispatching to machines that run several operations together: whom to take along.

Whoever finds room in a run that begins no earlier than it is ready goes along, the most urgent
first: it costs no time. And of those that could lead a run, the one counts for more with which more
of its family would go: its index is that of all of them.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

import numpy as np

from domain.scheduling.compiled import I32, I64, lean
from domain.scheduling.decode import Shopfloor, Times, joins_last
from domain.scheduling.problem import Tables
from domain.scheduling.urgency import F64


def family_room(tables: Tables) -> I64:
    """Room for one number a family that batches are made of."""
    families = int(tables.batch_family.max(initial=-1)) + 1
    return np.zeros(families + int(tables.part.max(initial=-1)) + 1, np.int64)


@lean
def _place(tables: Tables, waiting: I64, op: int) -> int:
    """Where a family's number is: those without family, a part each, come last."""
    if tables.batch_family[op] >= 0:
        return tables.batch_family[op]
    return waiting.size - 1 - tables.part[op]


@lean
def gather(tables: Tables, queue: I32, queue_work: I32, until: int, waiting: I64) -> None:
    """Add up the loads by family of what waits in a queue and is ready by a working minute."""
    for at in range(queue.size):
        waiting[_place(tables, waiting, tables.alt_op[queue[at]])] = 0
    for at in range(queue.size):
        if queue_work[at] <= until:
            load = tables.alt_load[queue[at]]
            waiting[_place(tables, waiting, tables.alt_op[queue[at]])] += load


@lean
def company(tables: Tables, alt: int, waiting: I64) -> float:
    """Logarithm of how many times its own load would run together with an operation."""
    op, capacity = tables.alt_op[alt], tables.machine_capacity[tables.alt_machine[alt]]
    load = max(1, min(tables.alt_load[alt], capacity))
    there = max(load, min(capacity, waiting[_place(tables, waiting, op)]))
    return np.log(there / load)


@lean
def companion(
    tables: Tables,
    queue: I32,
    queue_work: I32,
    latest_start: I32,
    noise: F64,
    alternative: I32,
    times: Times,
    floor: Shopfloor,
) -> int:
    """Place in a queue of whom the machine's last run takes along, -1: nobody."""
    best, soonest = -1, np.inf
    for at in range(queue.size):
        op = tables.alt_op[queue[at]]
        until = latest_start[op] - noise[op]
        if until < soonest and joins_last(
            tables, op, queue[at], queue_work[at], alternative, times, floor
        ):
            best, soonest = at, until
    return best

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
from domain.scheduling.dispatch_board import Board
from domain.scheduling.problem import Tables
from domain.scheduling.urgency import F64


@lean
def _place(tables: Tables, waiting: I64, op: int) -> int:
    """Where a family's number is: those without family, a part each, come last."""
    if tables.batch_family[op] >= 0:
        return tables.batch_family[op]
    return waiting.size - 1 - tables.part[op]


@lean
def _gather(tables: Tables, board: Board, low: int, high: int, until: int) -> None:
    """Add up the loads by family of what waits in a queue and is ready by a working minute."""
    waiting = board.waiting
    for at in range(low, high):
        waiting[_place(tables, waiting, tables.alt_op[board.queue[at]])] = 0
    for at in range(low, high):
        if board.queue_work[at] <= until:
            load = tables.alt_load[board.queue[at]]
            waiting[_place(tables, waiting, tables.alt_op[board.queue[at]])] += load


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
    board: Board,
    times: Times,
    floor: Shopfloor,
    latest_start: I32,
    noise: F64,
    machine: int,
    now: int,
) -> int:
    """Place in the queue of whom the machine's last run takes along, -1: nobody.

    What waits by working minute `now` is then counted by family, for `company`.
    """
    best, soonest = -1, np.inf
    low = board.queue_first[machine]
    high = low + board.queue_size[machine]
    for at in range(low, high):
        alt = board.queue[at]
        op = tables.alt_op[alt]
        until = latest_start[op] - noise[op]
        if until < soonest and joins_last(
            tables, op, alt, board.queue_work[at], board.alternative, times, floor
        ):
            best, soonest = at, until
    if best < 0:
        _gather(tables, board, low, high, now)
    return best

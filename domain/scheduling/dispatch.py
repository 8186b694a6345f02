"""A first plan at once: list dispatching by apparent tardiness cost with setups.

Whenever a machine can go on, the waiting operation with the highest index is booked. The index is
the logarithm of the ATCS rule (Lee, Bhaskaran, Pinedo 1997): weight per minute, discounted by
slack, by setup and by the idle time it would leave. A grid of the discounts gives variety.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from typing import NamedTuple

import numpy as np

from domain.scheduling.batch_dispatch import companion, company
from domain.scheduling.compiled import lean
from domain.scheduling.decode import (
    Shopfloor,
    Times,
    book,
    book_elapsed,
    decode,
    earliest_work,
    join_last,
    joins_last,
    new_shopfloor,
    new_times,
    place_after,
    place_with_crew,
    solution_of,
    take_crew,
)
from domain.scheduling.dispatch_board import Board, new_board
from domain.scheduling.pinned import pinned_mates
from domain.scheduling.problem import (
    Problem,
    Solution,
    Tables,
    setup_between,
)
from domain.scheduling.urgency import F64, Urgency
from domain.scheduling.worktime import FAR, minute_of, work_before


class Rule(NamedTuple):
    """Parameters of the index; an infinite discount leaves its term out."""

    slack_scale: float
    setup_scale: float
    idle_scale: float
    slow_limit: float
    """An alternative that takes this many times as long as the fastest is not used."""


@lean
def _line_up(
    tables: Tables, board: Board, times: Times, floor: Shopfloor, op: int, slow: float
) -> None:
    """Let an operation whose predecessors are booked wait at its machines."""
    fastest = FAR
    for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
        fastest = min(fastest, tables.alt_run[alt])
    for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
        if tables.alt_run[alt] > max(1.0, slow) * fastest:
            continue
        machine = tables.alt_machine[alt]
        calendar = tables.machine_calendar[machine]
        work = earliest_work(tables, op, alt, board.alternative, times.run_start, times.end)
        at = board.queue_first[machine] + board.queue_size[machine]
        board.queue[at] = alt
        board.queue_work[at] = work
        board.queue_size[machine] += 1
        last = floor.last[machine]
        free = times.work_end[last] if last >= 0 else 0
        minute = minute_of(tables.worktime, calendar, max(work, free))
        board.next_minute[machine] = min(board.next_minute[machine], minute)


@lean
def release(
    tables: Tables, board: Board, times: Times, floor: Shopfloor, first: int, slow: float
) -> None:
    """Line up `first` (its predecessors are booked); subcontracted work is booked at once."""
    board.stack[0] = first
    size = 1
    while size > 0:
        size -= 1
        op = board.stack[size]
        if tables.elapsed[op] < 0:
            _line_up(tables, board, times, floor, op, slow)
            continue
        book_elapsed(tables, op, board.alternative, times)
        board.order[board.tally[0]] = op
        board.tally[0] += 1
        for at in range(tables.next_first[op], tables.next_first[op + 1]):
            after = tables.next_op[at]
            board.missing[after] -= 1
            if board.missing[after] == 0:
                board.stack[size] = after
                size += 1


@lean
def _index(
    tables: Tables,
    urgency: Urgency,
    rule: Rule,
    noise: F64,
    op: int,
    alt: int,
    minute: int,
    setup: int,
    idle: int,
) -> float:
    """Logarithm of the ATCS index."""
    slack = max(0, urgency.latest_start[op] - minute)
    weight = (urgency.weight[op] + 0.01) / (tables.alt_run[alt] + setup + 1.0)
    return (
        np.log(weight)
        - slack / (rule.slack_scale * urgency.mean_minutes)
        - setup / (rule.setup_scale * urgency.mean_setup)
        - idle / (rule.idle_scale * urgency.mean_minutes)
        + noise[op]
    )


@lean
def drop_booked(tables: Tables, board: Board, machine: int) -> int:
    """Take operations booked elsewhere out of a queue; returns the earliest run start left."""
    first = board.queue_first[machine]
    kept, earliest = 0, FAR
    for at in range(first, first + board.queue_size[machine]):
        alt = board.queue[at]
        if board.alternative[tables.alt_op[alt]] >= 0:
            continue
        board.queue[first + kept] = alt
        board.queue_work[first + kept] = board.queue_work[at]
        earliest = min(earliest, board.queue_work[at])
        kept += 1
    board.queue_size[machine] = kept
    return earliest


@lean
def _next_pin(tables: Tables, board: Board, machine: int) -> int:
    """The first operation pinned to a start on this machine that is not booked yet, or -1."""
    found = -1
    for at in range(board.pin_first[machine], board.pin_first[machine + 1]):
        op = board.pin_op[at]
        if board.alternative[op] < 0 and (found < 0 or tables.pin[op] < tables.pin[found]):
            found = op
    return found


@lean
def _fits_before_pin(
    tables: Tables, machine: int, pinned: int, op: int, alt: int, work: int
) -> bool:
    """Whether an operation leaves the next pinned one its start."""
    if pinned < 0 or pinned == op:
        return True
    calendar = tables.machine_calendar[machine]
    limit = work_before(tables.worktime, calendar, tables.pin[pinned])
    setup = setup_between(tables, machine, op, pinned)
    return work + tables.alt_run[alt] + setup <= limit


@lean
def _start_work(
    tables: Tables, alt: int, ready: int, free: int, setup: int, floor: Shopfloor
) -> int:
    op = tables.alt_op[alt]
    work = place_after(tables, op, alt, ready, free, setup)
    if tables.crew_size[op] > 0:
        work = place_with_crew(tables, op, alt, work, setup, floor.operator_free)
    return work


@lean
def _choose(
    tables: Tables,
    board: Board,
    times: Times,
    floor: Shopfloor,
    urgency: Urgency,
    rule: Rule,
    noise: F64,
    machine: int,
    earliest: int,
) -> int:
    """Place in the queue of the operation to book next on a machine, or -1 if none may go."""
    last = floor.last[machine]
    free = times.work_end[last] if last >= 0 else 0
    last = times.head[last] if last >= 0 else -1
    now, first = max(free, earliest), board.queue_first[machine]
    is_shared = tables.machine_capacity[machine] > 0
    if is_shared:
        at = companion(tables, board, times, floor, urgency.latest_start, noise, machine, now)
        if at >= 0:
            return at
    minute = minute_of(tables.worktime, tables.machine_calendar[machine], now)
    pinned = -1 if board.tally[1] else _next_pin(tables, board, machine)
    best, best_index, held = -1, -np.inf, -1
    for at in range(first, first + board.queue_size[machine]):
        alt, ready = board.queue[at], board.queue_work[at]
        op = tables.alt_op[alt]
        held = at if op == pinned else held
        setup = setup_between(tables, machine, last, op)
        if ready > now + setup:
            continue
        work = _start_work(tables, alt, ready, free, setup, floor)
        if not _fits_before_pin(tables, machine, pinned, op, alt, work):
            continue
        idle = max(0, work - setup - free)
        index = _index(tables, urgency, rule, noise, op, alt, minute, setup, idle)
        if is_shared:
            index += company(tables, alt, board.waiting)
        if index > best_index:
            best, best_index = at, index
    return best if best >= 0 else held


@lean
def _book_after(
    tables: Tables, times: Times, floor: Shopfloor, op: int, alt: int, ready: int
) -> None:
    """Book an operation after its machine's last one."""
    machine = tables.alt_machine[alt]
    last = floor.last[machine]
    free = times.work_end[last] if last >= 0 else 0
    leader = times.head[last] if last >= 0 else -1
    setup = setup_between(tables, machine, leader, op)
    work = _start_work(tables, alt, ready, free, setup, floor)
    book(tables, op, alt, work, setup, times)
    floor.last[machine] = op
    if tables.crew_size[op] > 0:
        take_crew(tables, op, alt, times, floor.operator_free)


@lean
def book_choice(
    tables: Tables, board: Board, times: Times, floor: Shopfloor, at: int, slow: float
) -> None:
    """Book what waits at a place of a machine's queue, and line up what may follow it."""
    alt, ready = board.queue[at], board.queue_work[at]
    op = tables.alt_op[alt]
    if tables.is_shared[op] and joins_last(tables, op, alt, ready, board.alternative, times, floor):
        join_last(tables, op, alt, times, floor)
    else:
        _book_after(tables, times, floor, op, alt, ready)
    board.alternative[op] = alt
    board.order[board.tally[0]] = op
    board.tally[0] += 1
    for after_at in range(tables.next_first[op], tables.next_first[op + 1]):
        after = tables.next_op[after_at]
        board.missing[after] -= 1
        if board.missing[after] == 0:
            release(tables, board, times, floor, after, slow)


@lean
def renew_machine(
    tables: Tables, board: Board, times: Times, floor: Shopfloor, machine: int
) -> None:
    """When the machine can go on with what waits there now."""
    earliest = drop_booked(tables, board, machine)
    if earliest == FAR:
        board.next_minute[machine] = FAR
        return
    last = floor.last[machine]
    free = times.work_end[last] if last >= 0 else 0
    calendar = tables.machine_calendar[machine]
    board.next_minute[machine] = minute_of(tables.worktime, calendar, max(earliest, free))


@lean
def next_machine(board: Board) -> int:
    """The machine that can go on first."""
    best = 0
    for machine in range(1, board.next_minute.size):
        if board.next_minute[machine] < board.next_minute[best]:
            best = machine
    return best


@lean
def dispatch_all(
    tables: Tables,
    board: Board,
    times: Times,
    floor: Shopfloor,
    urgency: Urgency,
    rule: Rule,
    noise: F64,
) -> None:
    """Book every operation."""
    count = tables.release.size
    for op in range(count):
        if tables.edge_first[op] == tables.edge_first[op + 1]:
            release(tables, board, times, floor, op, rule.slow_limit)
    while board.tally[0] < count:
        machine = next_machine(board)
        if board.next_minute[machine] == FAR:
            board.tally[1] = 1
            for other in range(board.next_minute.size):
                renew_machine(tables, board, times, floor, other)
            continue
        earliest = drop_booked(tables, board, machine)
        at = -1
        if earliest < FAR:
            at = _choose(tables, board, times, floor, urgency, rule, noise, machine, earliest)
        if at < 0:
            board.next_minute[machine] = FAR
            continue
        book_choice(tables, board, times, floor, at, rule.slow_limit)
        renew_machine(tables, board, times, floor, machine)


PLAIN = Rule(2.0, np.inf, np.inf, 1.5)
"""Apparent tardiness cost as in the textbook."""

GRID = tuple(
    Rule(slack, setup, idle, slow)
    for slow in (2.5,)
    for slack in (3.0, 8.0, 1.2, 20.0)
    for setup, idle in ((1.0, 0.5), (0.4, 0.5), (3.0, 2.0))
)


def dispatch(problem: Problem, urgency: Urgency, rule: Rule, noise: F64 | None = None) -> Solution:
    """The plan of one dispatching rule; `noise` is added to each operation's index."""
    tables = problem.tables
    board, times, floor = new_board(tables), new_times(tables), new_shopfloor(tables)
    added = np.zeros(problem.operation_count) if noise is None else noise
    dispatch_all(tables, board, times, floor, _mates_first(tables, urgency), rule, added)
    found = solution_of(problem, board.order, board.alternative, times)
    return decode(problem, found.order, found.alternative) if found.overrun else found


def _mates_first(tables: Tables, urgency: Urgency) -> Urgency:
    """The same with those most urgent that have a place in a batch: nobody else takes it."""
    mates = pinned_mates(tables)
    if not mates.size:
        return urgency
    latest = urgency.latest_start.copy()
    latest[mates] = -FAR
    return urgency._replace(latest_start=latest)

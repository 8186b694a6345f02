"""Plans by the dispatching rules of the textbooks, as they stand there: what a search is held to.

Whenever a machine can go on, the operation of the best priority among those that have arrived is
booked on it; nothing is tuned. Remaining times are elapsed minutes on the fastest machine.
"""

from typing import NamedTuple

import numpy as np

from domain.scheduling.compiled import I32, lean
from domain.scheduling.decode import (
    Shopfloor,
    Times,
    new_shopfloor,
    new_times,
    solution_of,
)
from domain.scheduling.dispatch import (
    Board,
    book_choice,
    drop_booked,
    new_board,
    next_machine,
    release,
    renew_machine,
)
from domain.scheduling.problem import Problem, Solution, Tables, setup_between
from domain.scheduling.urgency import F64, urgency_of
from domain.scheduling.worktime import FAR, minute_of

RULES = ("FIFO", "SPT", "WSPT", "EDD", "MST", "MDD", "CR", "ATC", "ATCS")
"""First come first served; shortest (weighted) processing time; earliest due date; minimum slack;
modified due date (Baker and Bertrand 1982); critical ratio; apparent tardiness cost (Vepsalainen
and Morton 1987); the same with setups (Lee, Bhaskaran and Pinedo 1997)."""

_FIFO, _SPT, _WSPT, _EDD, _MST, _MDD, _CR, _ATC, _ATCS = range(9)

_LOOK_AHEAD, _WAITING = 3.0, 2.0
"""Vepsalainen and Morton's figures for job shops: k, and waiting in processing times to come."""


class Facts(NamedTuple):
    """What the rules look at."""

    due: I32
    """Due minute of the most urgent order line behind each operation."""
    remaining: F64
    """Elapsed minutes of its own run and all that must follow, with no waiting."""
    elapsed: F64
    weight: F64
    mean_run: float
    mean_setup: float
    k1: float
    k2: float


def facts_of(problem: Problem) -> Facts:
    """The facts, with k1 and k2 by the formulas of Lee, Bhaskaran and Pinedo."""
    tables, urgency = problem.tables, urgency_of(problem)
    count = problem.operation_count
    due = np.full(count, FAR, np.int32)
    for op in range(count - 1, -1, -1):
        for at in range(tables.serves_first[op], tables.serves_first[op + 1]):
            due[op] = min(due[op], tables.line_due[tables.serves_line[at]])
        for at in range(tables.next_first[op], tables.next_first[op + 1]):
            due[op] = min(due[op], due[tables.next_op[at]])
    remaining = (due - urgency.latest_start).astype(np.float64)
    elapsed = remaining.copy()
    for op in range(count):
        after = tables.next_op[tables.next_first[op] : tables.next_first[op + 1]]
        if len(after):
            elapsed[op] -= remaining[after].max()
    run = float(tables.alt_run.mean())
    setup = float(tables.change[tables.change > 0].mean()) if (tables.change > 0).any() else 1.0
    last = dispatched(problem, Facts(due, remaining, elapsed, urgency.weight, run, setup, 1, 1), 0)
    makespan = max(1, last.makespan)
    span = float(tables.line_due.max() - tables.line_due.min()) / makespan
    tightness = 1.0 - float(tables.line_due.mean()) / makespan
    k1 = 4.5 + span if span <= 0.5 else 6.0 - 2.0 * span
    k2 = max(0.05, tightness) / (2.0 * np.sqrt(setup / run))
    return Facts(due, remaining, elapsed, urgency.weight, run, setup, k1, float(k2))


@lean
def _look_ahead(facts: Facts, op: int, minute: int, k: float) -> float:
    ahead = facts.remaining[op] - facts.elapsed[op]
    slack = facts.due[op] - minute - facts.elapsed[op] - (1.0 + _WAITING) * ahead
    return max(0.0, slack) / (k * facts.mean_run)


@lean
def _priority(
    facts: Facts, rule: int, op: int, run: int, arrival: int, minute: int, setup: int
) -> float:
    """The smallest goes first."""
    weight = facts.weight[op] / max(1, run)
    if rule == _FIFO:
        return float(arrival)
    if rule == _SPT:
        return float(run)
    if rule == _WSPT:
        return -weight
    if rule == _EDD:
        return float(facts.due[op])
    if rule == _MST:
        return facts.due[op] - facts.remaining[op]
    if rule == _MDD:
        return max(float(facts.due[op]), minute + facts.remaining[op])
    if rule == _CR:
        return (facts.due[op] - minute) / max(1.0, facts.remaining[op])
    if rule == _ATC:
        return -weight * np.exp(-_look_ahead(facts, op, minute, _LOOK_AHEAD))
    discount = setup / (facts.k2 * facts.mean_setup)
    return -weight * np.exp(-_look_ahead(facts, op, minute, facts.k1) - discount)


@lean
def _choose(
    tables: Tables, board: Board, last: int, facts: Facts, rule: int, machine: int, now: int
) -> int:
    """Place in the machine's queue of what goes next after `last`."""
    minute = minute_of(tables.worktime, tables.machine_calendar[machine], now)
    best, lowest = -1, np.inf
    first = board.queue_first[machine]
    for at in range(first, first + board.queue_size[machine]):
        if board.queue_work[at] > now:
            continue
        alt = board.queue[at]
        op = tables.alt_op[alt]
        setup = setup_between(tables, machine, last, op)
        arrival, run = board.queue_work[at], tables.alt_run[alt]
        priority = _priority(facts, rule, op, run, arrival, minute, setup)
        if best < 0 or priority < lowest:
            best, lowest = at, priority
    return best


@lean
def _dispatch(
    tables: Tables, board: Board, times: Times, floor: Shopfloor, facts: Facts, rule: int
) -> None:
    count = tables.release.size
    for op in range(count):
        if tables.edge_first[op] == tables.edge_first[op + 1]:
            release(tables, board, times, floor, op, np.inf)
    while board.tally[0] < count:
        machine = next_machine(board)
        earliest = drop_booked(tables, board, machine)
        if earliest == FAR:
            board.next_minute[machine] = FAR
            continue
        last = floor.last[machine]
        free = times.work_end[last] if last >= 0 else 0
        at = _choose(tables, board, last, facts, rule, machine, max(free, earliest))
        book_choice(tables, board, times, floor, at, np.inf)
        renew_machine(tables, board, times, floor, machine)


def dispatched(problem: Problem, facts: Facts, rule: int) -> Solution:
    """The plan of one rule, by its number."""
    tables = problem.tables
    board, times, floor = new_board(tables), new_times(tables), new_shopfloor(tables)
    _dispatch(tables, board, times, floor, facts, rule)
    return solution_of(problem, board.order, board.alternative, times)


def best_plain(problem: Problem) -> tuple[int, str, dict[str, int]]:
    """Least weighted lateness by a textbook rule, that rule, and what each gives."""
    facts = facts_of(problem)
    values = {name: dispatched(problem, facts, rule).value for rule, name in enumerate(RULES)}
    best = min(values, key=lambda name: values[name])
    return values[best], best, values

"""A plan as machine sequences, with times that follow every small change at once.

For work without crews. A move takes one operation out of its sequence and puts it in elsewhere; only
what that shifts is timed anew, in order of time, and everything is put back if it does not pay.
"""

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from domain.scheduling.compiled import I32, I64, lean
from domain.scheduling.decode import earliest_work, place_after, ready_minute
from domain.scheduling.heap import op_at, pop, push
from domain.scheduling.problem import Problem, Solution, Tables, line_lateness, setup_between
from domain.scheduling.worktime import span, work_before

VALUE, SETUP, LATE_PINS, MOVED = 0, 1, 2, 3
"""Places in `Chains.totals`."""

PIN_WEIGHT = 1000
"""Weighted minutes that a minute's delay of a pinned start counts in the search."""

MOVE_WEIGHT = 50
"""Weighted minutes that an operation counts which starts over an hour from where it was."""

MOVE_MINUTES = 60

Numbers = TypeVar("Numbers", I32, I64)


class Chains(NamedTuple):
    """The plan, and what an unfinished move has to remember."""

    alternative: I32
    place: I32
    """Position of each operation in its machine's sequence."""
    first: I32
    size: I32
    sequence: I32
    """Machine m's operations are `sequence[first[m] : first[m] + size[m]]`."""
    run_start: I32
    end: I32
    work_end: I32
    setup: I32
    line_cost: I64
    totals: I64
    early_leave: I32
    """1: a successor may start before the operation's end."""
    reference: I32
    """Run starts of a plan that is to be kept as far as it goes, -1: none."""
    # unfinished move
    heap: I64
    heap_size: I64
    is_queued: npt.NDArray[np.uint8]
    mark: I32
    log_op: I32
    log_times: I32
    log_line: I32
    log_cost: I64
    line_mark: I32
    log_size: I64
    """[operations logged, lines logged, current mark]"""
    log_totals: I64


def new_chains(problem: Problem, solution: Solution) -> Chains:
    """The sequences of a decoded plan."""
    tables = problem.tables
    count, lines = problem.operation_count, len(tables.line_due)
    sizes = np.bincount(tables.alt_machine, minlength=problem.machine_count)
    early = np.zeros(count, np.int32)
    early[tables.edge_from[tables.edge_overlap > 0]] = 1
    chains = Chains(
        alternative=np.zeros(count, np.int32),
        place=np.zeros(count, np.int32),
        first=np.concatenate(([0], np.cumsum(sizes))).astype(np.int32),
        size=np.zeros(problem.machine_count, np.int32),
        sequence=np.zeros(len(tables.alt_machine), np.int32),
        run_start=np.zeros(count, np.int32),
        end=np.zeros(count, np.int32),
        work_end=np.zeros(count, np.int32),
        setup=np.zeros(count, np.int32),
        line_cost=np.zeros(lines, np.int64),
        totals=np.zeros(4, np.int64),
        early_leave=early,
        reference=np.full(count, -1, np.int32),
        heap=np.zeros(count + 8, np.int64),
        heap_size=np.zeros(1, np.int64),
        is_queued=np.zeros(count, np.uint8),
        mark=np.zeros(count, np.int32),
        log_op=np.zeros(count, np.int32),
        log_times=np.zeros((count, 4), np.int32),
        log_line=np.zeros(lines, np.int32),
        log_cost=np.zeros(lines, np.int64),
        line_mark=np.zeros(lines, np.int32),
        log_size=np.zeros(3, np.int64),
        log_totals=np.zeros(4, np.int64),
    )
    load_order(tables, chains, solution.order, solution.alternative)
    return chains


@lean
def copy_into(target: Numbers, source: Numbers) -> None:
    """Copy element by element: a slice assignment would want room for a temporary array."""
    for at in range(source.size):
        target[at] = source[at]


@lean
def load_order(tables: Tables, chains: Chains, order: I32, alternative: I32) -> None:
    """Set sequences and times from an order of operations, predecessors first."""
    chains.size[:] = 0
    chains.totals[:] = 0
    for at in range(order.size):
        op = order[at]
        chains.alternative[op] = alternative[op]
        if alternative[op] >= 0:
            machine = tables.alt_machine[alternative[op]]
            chains.place[op] = chains.size[machine]
            chains.sequence[chains.first[machine] + chains.size[machine]] = op
            chains.size[machine] += 1
        start, end, work_end, setup = times_of(tables, chains, op)
        chains.run_start[op], chains.end[op] = start, end
        chains.work_end[op], chains.setup[op] = work_end, setup
        chains.totals[SETUP] += setup
        if tables.pin[op] >= 0:
            chains.totals[LATE_PINS] += start - tables.pin[op]
        chains.totals[MOVED] += _is_moved(chains, op)
    for line in range(tables.line_due.size):
        cost = tables.line_weight[line] * line_lateness(tables, line, chains.end)
        chains.line_cost[line] = cost
        chains.totals[VALUE] += cost


@lean
def _is_moved(chains: Chains, op: int) -> int:
    """1 if the operation starts far from where it is to stay."""
    wish = chains.reference[op]
    return 1 if wish >= 0 and abs(chains.run_start[op] - wish) > MOVE_MINUTES else 0


@lean
def before_on_machine(tables: Tables, chains: Chains, op: int) -> int:
    """The operation before this one on its machine, or -1."""
    place = chains.place[op]
    if place == 0 or chains.alternative[op] < 0:
        return -1
    machine = tables.alt_machine[chains.alternative[op]]
    return chains.sequence[chains.first[machine] + place - 1]


@lean
def times_of(tables: Tables, chains: Chains, op: int) -> tuple[int, int, int, int]:
    """Run start, end, end on the machine's working-time axis and setup, from its neighbours."""
    alt = chains.alternative[op]
    if alt < 0:
        start = ready_minute(tables, op, chains.alternative, chains.run_start, chains.end)
        start = max(start, tables.opening[op])
        return start, start + tables.elapsed[op], 0, 0
    machine = tables.alt_machine[alt]
    before = before_on_machine(tables, chains, op)
    setup = setup_between(tables, machine, before, op)
    free = chains.work_end[before] if before >= 0 else 0
    ready = earliest_work(tables, op, alt, chains.alternative, chains.run_start, chains.end)
    work = place_after(tables, op, alt, ready, free, setup)
    run = tables.alt_run[alt]
    start, end = span(tables.worktime, tables.machine_calendar[machine], work, run)
    return start, end, work + run, setup


@lean
def _push(chains: Chains, minute: int, op: int) -> None:
    """Queue an operation to be timed anew, in order of time."""
    if chains.is_queued[op]:
        return
    chains.is_queued[op] = 1
    push(chains.heap, chains.heap_size, minute, op)


@lean
def _pop(chains: Chains) -> int:
    op = pop(chains.heap, chains.heap_size)
    chains.is_queued[op] = 0
    return op


@lean
def _log(chains: Chains, op: int) -> None:
    """Remember an operation's times as they were before the move."""
    if chains.mark[op] == chains.log_size[2]:
        return
    chains.mark[op] = chains.log_size[2]
    at = chains.log_size[0]
    chains.log_op[at] = op
    chains.log_times[at, 0] = chains.run_start[op]
    chains.log_times[at, 1] = chains.end[op]
    chains.log_times[at, 2] = chains.work_end[op]
    chains.log_times[at, 3] = chains.setup[op]
    chains.log_size[0] = at + 1


@lean
def _cost_lines(tables: Tables, chains: Chains, op: int) -> None:
    """Cost the order lines anew that an operation finishes."""
    for at in range(tables.serves_first[op], tables.serves_first[op + 1]):
        line = tables.serves_line[at]
        cost = tables.line_weight[line] * line_lateness(tables, line, chains.end)
        old = chains.line_cost[line]
        if cost == old:
            continue
        if chains.line_mark[line] != chains.log_size[2]:
            chains.line_mark[line] = chains.log_size[2]
            chains.log_line[chains.log_size[1]] = line
            chains.log_cost[chains.log_size[1]] = old
            chains.log_size[1] += 1
        chains.line_cost[line] = cost
        chains.totals[VALUE] += cost - old


@lean
def _retime(tables: Tables, chains: Chains, op: int) -> bool:
    """Time an operation anew; False if nothing about it changes."""
    start, end, work_end, setup = times_of(tables, chains, op)
    if (
        start == chains.run_start[op]
        and end == chains.end[op]
        and work_end == chains.work_end[op]
        and setup == chains.setup[op]
    ):
        return False
    _log(chains, op)
    if tables.pin[op] >= 0:
        chains.totals[LATE_PINS] += start - chains.run_start[op]
    chains.totals[SETUP] += setup - chains.setup[op]
    chains.totals[MOVED] -= _is_moved(chains, op)
    chains.run_start[op], chains.end[op] = start, end
    chains.work_end[op], chains.setup[op] = work_end, setup
    chains.totals[MOVED] += _is_moved(chains, op)
    _cost_lines(tables, chains, op)
    return True


@lean
def cost_of(totals: I64, setup_price: float) -> float:
    """What the search minimises."""
    kept = PIN_WEIGHT * totals[LATE_PINS] + MOVE_WEIGHT * totals[MOVED]
    return totals[VALUE] + kept + setup_price * totals[SETUP]


@lean
def settle(tables: Tables, chains: Chains, setup_price: float, limit: float) -> bool:
    """Time anew all that is queued and all that it shifts.

    Returns:
        False if the cost passes `limit` on the way, or if the move made a circle.
    """
    budget = 4 * chains.place.size + 64
    while chains.heap_size[0] > 0:
        op = _pop(chains)
        if not _retime(tables, chains, op):
            continue
        budget -= 1
        if budget < 0 or cost_of(chains.totals, setup_price) > limit:
            return False
        if chains.alternative[op] >= 0:
            machine = tables.alt_machine[chains.alternative[op]]
            if chains.place[op] + 1 < chains.size[machine]:
                after = chains.sequence[chains.first[machine] + chains.place[op] + 1]
                _push(chains, chains.run_start[after], after)
        for at in range(tables.next_first[op], tables.next_first[op + 1]):
            after = tables.next_op[at]
            _push(chains, chains.run_start[after], after)
    return True


@lean
def _take_out(tables: Tables, chains: Chains, op: int) -> None:
    machine = tables.alt_machine[chains.alternative[op]]
    base = chains.first[machine]
    chains.size[machine] -= 1
    for place in range(chains.place[op], chains.size[machine]):
        moved = chains.sequence[base + place + 1]
        chains.sequence[base + place] = moved
        chains.place[moved] = place


@lean
def _put_in(tables: Tables, chains: Chains, op: int, alt: int, place: int) -> None:
    machine = tables.alt_machine[alt]
    base = chains.first[machine]
    for at in range(chains.size[machine], place, -1):
        moved = chains.sequence[base + at - 1]
        chains.sequence[base + at] = moved
        chains.place[moved] = at
    chains.size[machine] += 1
    chains.sequence[base + place] = op
    chains.place[op] = place
    chains.alternative[op] = alt


@lean
def _queue_at(tables: Tables, chains: Chains, machine: int, place: int) -> None:
    if place < chains.size[machine]:
        op = chains.sequence[chains.first[machine] + place]
        _push(chains, chains.run_start[op], op)


@lean
def begin_move(tables: Tables, chains: Chains, op: int, alt: int, place: int) -> None:
    """Put an operation at `place` (counted without it) of the machine of `alt`."""
    chains.log_size[0] = 0
    chains.log_size[1] = 0
    chains.log_size[2] += 1
    copy_into(chains.log_totals, chains.totals)
    old_machine = tables.alt_machine[chains.alternative[op]]
    old_place = chains.place[op]
    _take_out(tables, chains, op)
    _queue_at(tables, chains, old_machine, old_place)
    machine = tables.alt_machine[alt]
    key = chains.run_start[op]
    if place < chains.size[machine]:
        follower = chains.sequence[chains.first[machine] + place]
        key = chains.run_start[follower] - 1
        _push(chains, chains.run_start[follower], follower)
    _put_in(tables, chains, op, alt, place)
    _push(chains, max(0, key), op)


@lean
def undo_move(tables: Tables, chains: Chains, op: int, alt: int, place: int) -> None:
    """Take the last move back: `op` was at `place` of the machine of `alt`."""
    for at in range(chains.heap_size[0]):
        chains.is_queued[op_at(chains.heap, at)] = 0
    chains.heap_size[0] = 0
    _take_out(tables, chains, op)
    _put_in(tables, chains, op, alt, place)
    for at in range(chains.log_size[0]):
        logged = chains.log_op[at]
        chains.run_start[logged] = chains.log_times[at, 0]
        chains.end[logged] = chains.log_times[at, 1]
        chains.work_end[logged] = chains.log_times[at, 2]
        chains.setup[logged] = chains.log_times[at, 3]
    for at in range(chains.log_size[1]):
        chains.line_cost[chains.log_line[at]] = chains.log_cost[at]
    copy_into(chains.totals, chains.log_totals)


@lean
def is_safe(tables: Tables, chains: Chains, op: int, machine: int, place: int) -> bool:
    """Whether putting `op` at `place` of a machine surely makes no circle; O(its neighbours).

    A way from x to y means that y starts no earlier than x is left, so that times tell.
    """
    base = chains.first[machine]
    shift = 0
    if chains.alternative[op] >= 0 and tables.alt_machine[chains.alternative[op]] == machine:
        shift = 1 if place > chains.place[op] else 0
    size = chains.size[machine]
    lower, upper = place + shift - 1, place + shift
    if lower >= 0 and chains.sequence[base + lower] == op:
        lower -= 1
    if upper < size and chains.sequence[base + upper] == op:
        upper += 1
    if lower >= 0:
        before = chains.sequence[base + lower]
        for at in range(tables.next_first[op], tables.next_first[op + 1]):
            after = tables.next_op[at]
            leave = chains.run_start[after] if chains.early_leave[after] else chains.end[after]
            if before == after or chains.run_start[before] >= leave:
                return False
    if upper < size:
        follower = chains.sequence[base + upper]
        leave = chains.end[follower]
        if chains.early_leave[follower]:
            leave = chains.run_start[follower]
        for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
            origin = tables.edge_from[edge]
            if origin == follower or chains.run_start[origin] >= leave:
                return False
    return True


@lean
def place_by_time(chains: Chains, machine: int, minute: int) -> int:
    """First place of a machine whose operation starts at or after a minute."""
    base = chains.first[machine]
    low, high = 0, chains.size[machine]
    while low < high:
        middle = (low + high) >> 1
        if chains.run_start[chains.sequence[base + middle]] < minute:
            low = middle + 1
        else:
            high = middle
    return low


@lean
def _outgoing(tables: Tables, chains: Chains, missing: I32) -> None:
    for op in range(missing.size):
        missing[op] = tables.edge_first[op + 1] - tables.edge_first[op]
        if before_on_machine(tables, chains, op) >= 0:
            missing[op] += 1


@lean
def order_by_time(tables: Tables, chains: Chains, missing: I32, order: I32) -> int:
    """Write all operations by run start, predecessors first; returns how many there are."""
    _outgoing(tables, chains, missing)
    chains.heap_size[0] = 0
    for op in range(missing.size):
        if missing[op] == 0:
            _push(chains, chains.run_start[op], op)
    count = 0
    while chains.heap_size[0] > 0:
        op = _pop(chains)
        order[count] = op
        count += 1
        for at in range(tables.next_first[op], tables.next_first[op + 1]):
            after = tables.next_op[at]
            missing[after] -= 1
            if missing[after] == 0:
                _push(chains, chains.run_start[after], after)
        if chains.alternative[op] >= 0:
            machine = tables.alt_machine[chains.alternative[op]]
            if chains.place[op] + 1 < chains.size[machine]:
                after = chains.sequence[chains.first[machine] + chains.place[op] + 1]
                missing[after] -= 1
                if missing[after] == 0:
                    _push(chains, chains.run_start[after], after)
    return count


@lean
def order_of_sequences(
    tables: Tables,
    alternative: I32,
    chains: Chains,
    sequence: I32,
    size: I32,
    follower: I32,
    missing: I32,
    order: I32,
) -> int:
    """Write an order that respects machine sequences and predecessors; returns its length."""
    for op in range(missing.size):
        missing[op] = tables.edge_first[op + 1] - tables.edge_first[op]
        follower[op] = -1
    for machine in range(size.size):
        base = chains.first[machine]
        for place in range(1, size[machine]):
            follower[sequence[base + place - 1]] = sequence[base + place]
            missing[sequence[base + place]] += 1
    count = 0
    for op in range(missing.size):
        if missing[op] == 0:
            order[count] = op
            count += 1
    at = 0
    while at < count:
        op = order[at]
        at += 1
        for edge in range(tables.next_first[op], tables.next_first[op + 1]):
            after = tables.next_op[edge]
            missing[after] -= 1
            if missing[after] == 0:
                order[count] = after
                count += 1
        after = follower[op]
        if after >= 0:
            missing[after] -= 1
            if missing[after] == 0:
                order[count] = after
                count += 1
    return count

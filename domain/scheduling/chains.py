"""A plan as machine sequences, with times that follow every small change at once; `moves` does it.

Operators count with their shifts here, but not with their other work: see `manned`.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from domain.scheduling.batches import can_join, crew_joins
from domain.scheduling.compiled import I32, I64, inlined, lean
from domain.scheduling.decode import earliest_work, place_after, place_with_crew, ready_minute
from domain.scheduling.heap import pop, push
from domain.scheduling.problem import (
    Problem,
    Solution,
    Tables,
    line_lateness,
    overrun_of,
    setup_between,
)
from domain.scheduling.worktime import span

VALUE, SETUP, SLIPPED, MOVED, DISLIKED = 0, 1, 2, 3, 4
"""Places in `Chains.totals`."""

PIN_WEIGHT = 1000
"""Weighted minutes that a slipped minute counts in the search: of a pinned start, or of an
operation that comes later than the one before it may wait."""

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
    head: I32
    """Who leads the batch that each operation runs in; itself if it runs alone."""
    load: I32
    """What that batch holds, up to and with it; 0 on ordinary machines."""
    is_shared: I32
    """As in the tables."""
    line_cost: I64
    totals: I64
    early_leave: I32
    """1: a successor, or the next on its machine, may start before the operation's end."""
    reference: I32
    """Run starts of a plan that is to be kept as far as it goes, -1: none."""
    reference_alternative: I32
    """What each operation is to stay with, -1: any."""
    dislike: I32
    """What each alternative adds to the total of disliked minutes."""
    idle: I32
    """When each operator is free: always."""
    # unfinished move
    heap: I64
    heap_size: I64
    is_queued: npt.NDArray[np.uint8]
    mark: I32
    log_op: I32
    log_times: I32
    log_batch: I32
    log_line: I32
    log_cost: I64
    line_mark: I32
    log_swap: I32
    """Operations that overtook the one before them."""
    log_size: I64
    """[operations logged, lines logged, current mark, overtakings logged]"""
    log_totals: I64


def _early_leave(tables: Tables) -> I32:
    early = tables.is_shared.copy()
    early[tables.edge_from[tables.edge_overlap > 0]] = 1
    return early


def new_chains(problem: Problem, solution: Solution) -> Chains:
    """The sequences of a decoded plan."""
    tables, count, lines = problem.tables, problem.operation_count, len(problem.tables.line_due)
    sizes = np.bincount(tables.alt_machine, minlength=problem.machine_count)
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
        head=np.arange(count, dtype=np.int32),
        load=np.zeros(count, np.int32),
        is_shared=tables.is_shared,
        line_cost=np.zeros(lines, np.int64),
        totals=np.zeros(5, np.int64),
        early_leave=_early_leave(tables),
        reference=np.full(count, -1, np.int32),
        reference_alternative=np.full(count, -1, np.int32),
        dislike=np.zeros(len(tables.alt_machine), np.int32),
        idle=np.zeros(len(tables.operator_calendar), np.int32),
        heap=np.zeros(count + 8, np.int64),
        heap_size=np.zeros(1, np.int64),
        is_queued=np.zeros(count, np.uint8),
        mark=np.zeros(count, np.int32),
        log_op=np.zeros(count, np.int32),
        log_times=np.zeros((count, 4), np.int32),
        log_batch=np.zeros((count, 2), np.int32),
        log_line=np.zeros(lines, np.int32),
        log_cost=np.zeros(lines, np.int64),
        line_mark=np.zeros(lines, np.int32),
        log_swap=np.zeros(count + 64, np.int32),
        log_size=np.zeros(4, np.int64),
        log_totals=np.zeros(5, np.int64),
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
            chains.totals[DISLIKED] += chains.dislike[alternative[op]]
        if tables.is_shared[op]:
            found = shared_times_of(tables, chains, op)
            start, end, work_end, setup, chains.head[op], chains.load[op] = found
        else:
            start, end, work_end, setup = times_of(tables, chains, op)
        chains.run_start[op], chains.end[op] = start, end
        chains.work_end[op], chains.setup[op] = work_end, setup
        chains.totals[SETUP] += setup
        if tables.pin[op] >= 0:
            chains.totals[SLIPPED] += start - tables.pin[op]
        if tables.is_limited[op]:
            chains.totals[SLIPPED] += overrun_of(tables, op, chains.run_start, chains.end)
        chains.totals[MOVED] += is_moved(chains, op)
    for line in range(tables.line_due.size):
        cost = tables.line_weight[line] * line_lateness(tables, line, chains.end)
        chains.line_cost[line] = cost
        chains.totals[VALUE] += cost


@lean
def is_moved(chains: Chains, op: int) -> int:
    """1 if the operation starts far from where it is to stay, or is on another machine."""
    same = chains.reference_alternative[op]
    if same >= 0 and chains.alternative[op] != same:
        return 1
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


@inlined
def times_of(tables: Tables, chains: Chains, op: int) -> tuple[int, int, int, int]:
    """Run start, end, end on the machine's working-time axis and setup, from its neighbours."""
    alt, ready = chains.alternative[op], 0
    if alt >= 0:
        ready = earliest_work(tables, op, alt, chains.alternative, chains.run_start, chains.end)
    return times_from(tables, chains, op, ready)


@inlined
def times_from(tables: Tables, chains: Chains, op: int, ready: int) -> tuple[int, int, int, int]:
    """The same for who knows from when on its machine's working-time axis it may run."""
    alt = chains.alternative[op]
    if alt < 0:
        start = ready_minute(tables, op, -1, chains.alternative, chains.run_start, chains.end)
        start = max(start, tables.opening[op])
        return start, start + tables.elapsed[op], 0, 0
    machine = tables.alt_machine[alt]
    before = before_on_machine(tables, chains, op)
    setup = setup_between(tables, machine, before, op)
    free = chains.work_end[before] if before >= 0 else 0
    work = place_after(tables, op, alt, ready, free, setup)
    if tables.crew_size[op] > 0:
        work = place_with_crew(tables, op, alt, work, setup, chains.idle)
    run = tables.alt_run[alt]
    start, end = span(tables.worktime, tables.machine_calendar[machine], work, run)
    return start, end, work + run, setup


@lean
def joins_before(
    tables: Tables, chains: Chains, op: int, alt: int, before: int, ready: int
) -> bool:
    """Whether an operation that may run from a working minute on joins the batch before it."""
    if not can_join(
        tables,
        op,
        alt,
        before,
        ready,
        chains.alternative,
        chains.head,
        chains.load,
        chains.run_start,
        chains.end,
        chains.work_end,
    ):
        return False
    return crew_joins(tables, op, chains.head[before], chains.run_start, chains.idle)


@lean
def shared_times_of(tables: Tables, chains: Chains, op: int) -> tuple[int, int, int, int, int, int]:
    """As `times_of`, then leader and load, for what may run together with others.

    A function of its own: one call more in `times_of`, and the compiler would not inline that.
    """
    alt = chains.alternative[op]
    machine = tables.alt_machine[alt]
    before = before_on_machine(tables, chains, op)
    ready = earliest_work(tables, op, alt, chains.alternative, chains.run_start, chains.end)
    if joins_before(tables, chains, op, alt, before, ready):
        start, end, work_end = chains.run_start[before], chains.end[before], chains.work_end[before]
        load = chains.load[before] + tables.alt_load[alt]
        return start, end, work_end, 0, chains.head[before], load
    before = chains.head[before] if before >= 0 else -1
    setup = setup_between(tables, machine, before, op)
    free = chains.work_end[before] if before >= 0 else 0
    work = place_after(tables, op, alt, ready, free, setup)
    if tables.crew_size[op] > 0:
        work = place_with_crew(tables, op, alt, work, setup, chains.idle)
    run = tables.alt_run[alt]
    start, end = span(tables.worktime, tables.machine_calendar[machine], work, run)
    return start, end, work + run, setup, op, tables.alt_load[alt]


@lean
def queue_op(chains: Chains, minute: int, op: int) -> None:
    """Queue an operation to be timed anew, in order of time."""
    if chains.is_queued[op]:
        return
    chains.is_queued[op] = 1
    push(chains.heap, chains.heap_size, minute, op)


@lean
def next_queued(chains: Chains) -> int:
    """Take the operation that is next in time."""
    op = pop(chains.heap, chains.heap_size)
    chains.is_queued[op] = 0
    return op


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
            queue_op(chains, chains.run_start[op], op)
    count = 0
    while chains.heap_size[0] > 0:
        op = next_queued(chains)
        order[count] = op
        count += 1
        for at in range(tables.next_first[op], tables.next_first[op + 1]):
            after = tables.next_op[at]
            missing[after] -= 1
            if missing[after] == 0:
                queue_op(chains, chains.run_start[after], after)
        if chains.alternative[op] >= 0:
            machine = tables.alt_machine[chains.alternative[op]]
            if chains.place[op] + 1 < chains.size[machine]:
                after = chains.sequence[chains.first[machine] + chains.place[op] + 1]
                missing[after] -= 1
                if missing[after] == 0:
                    queue_op(chains, chains.run_start[after], after)
    return count


@lean
def _count_missing(
    tables: Tables, chains: Chains, sequence: I32, size: I32, follower: I32, missing: I32
) -> None:
    """How many predecessors each operation waits for, and who follows it on its machine."""
    for op in range(missing.size):
        missing[op] = tables.edge_first[op + 1] - tables.edge_first[op]
        follower[op] = -1
    for machine in range(size.size):
        base = chains.first[machine]
        for place in range(1, size[machine]):
            follower[sequence[base + place - 1]] = sequence[base + place]
            missing[sequence[base + place]] += 1


@lean
def order_of_sequences(
    tables: Tables,
    chains: Chains,
    sequence: I32,
    size: I32,
    follower: I32,
    missing: I32,
    order: I32,
) -> int:
    """Write an order that respects machine sequences and predecessors; returns its length."""
    _count_missing(tables, chains, sequence, size, follower, missing)
    count = 0
    for op in range(missing.size):
        if missing[op] == 0:
            order[count] = op
            count += 1
    at = 0
    while at < count:
        op = order[at]
        at += 1
        for edge in range(tables.next_first[op], tables.next_first[op + 1] + 1):
            is_job = edge < tables.next_first[op + 1]
            after = tables.next_op[edge] if is_job else follower[op]
            if after >= 0:
                missing[after] -= 1
                if missing[after] == 0:
                    order[count] = after
                    count += 1
    return count

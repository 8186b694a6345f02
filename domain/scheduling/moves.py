"""Moves on machine sequences, timed anew only as far as they shift something.

A move takes one operation out of its sequence and puts it in elsewhere, or lets two take each
other's places. What that shifts follows in order of time; all is put back if it does not pay.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from domain.scheduling.chains import (
    DISLIKED,
    MOVED,
    SETUP,
    SLIPPED,
    VALUE,
    Chains,
    copy_into,
    is_moved,
    next_queued,
    queue_op,
    shared_times_of,
    times_from,
)
from domain.scheduling.compiled import F64, I64, inlined, lean
from domain.scheduling.decode import earliest_work
from domain.scheduling.heap import op_at
from domain.scheduling.overtaking import is_overtaken, let_pass, undo_passing
from domain.scheduling.problem import Tables, line_lateness, overrun_of


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
    if chains.is_shared[op]:
        chains.log_batch[at, 0], chains.log_batch[at, 1] = chains.head[op], chains.load[op]
    chains.log_size[0] = at + 1


@inlined
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


@inlined
def _retime(tables: Tables, chains: Chains, op: int, ready: int) -> bool:
    """Time an operation anew; False if nothing about it changes.

    `ready` is its `earliest_work`, found once for all who ask; 0 for what may be shared.
    """
    head, load, is_same = op, 0, True
    if chains.is_shared[op]:
        start, end, work_end, setup, head, load = shared_times_of(tables, chains, op)
        is_same = head == chains.head[op] and load == chains.load[op]
    else:
        start, end, work_end, setup = times_from(tables, chains, op, ready)
    if (
        start == chains.run_start[op]
        and end == chains.end[op]
        and work_end == chains.work_end[op]
        and setup == chains.setup[op]
        and is_same
    ):
        return False
    _log(chains, op)
    if tables.pin[op] >= 0:
        chains.totals[SLIPPED] += start - chains.run_start[op]
    if tables.is_limited[op]:
        chains.totals[SLIPPED] -= _overrun_around(tables, chains, op)
    chains.totals[SETUP] += setup - chains.setup[op]
    chains.totals[MOVED] -= is_moved(chains, op)
    chains.run_start[op], chains.end[op] = start, end
    chains.work_end[op], chains.setup[op] = work_end, setup
    if not is_same:
        chains.head[op], chains.load[op] = head, load
    chains.totals[MOVED] += is_moved(chains, op)
    if tables.is_limited[op]:
        chains.totals[SLIPPED] += _overrun_around(tables, chains, op)
    _cost_lines(tables, chains, op)
    return True


@lean
def _overrun_around(tables: Tables, chains: Chains, op: int) -> int:
    """Minutes too many of all waits that an operation's times are part of."""
    last = -1
    total = overrun_of(tables, op, chains.run_start, chains.end)
    for at in range(tables.next_first[op], tables.next_first[op + 1]):
        after = tables.next_op[at]
        if after != last and tables.is_limited[after]:
            total += overrun_of(tables, after, chains.run_start, chains.end)
        last = after
    return total


@lean
def cost_of(totals: I64, price: F64) -> float:
    """What the search minimises."""
    cost = 0.0
    for at in range(totals.size):
        cost += price[at] * totals[at]
    return cost


@lean
def settle(tables: Tables, chains: Chains, own_price: F64, price: F64, limit: float) -> bool:
    """Time anew all that is queued and all that it shifts, overtaking where that pays.

    Returns:
        False if the cost passes `limit` on the way, or if the move made a circle.
    """
    budget = 4 * chains.place.size + 64
    while chains.heap_size[0] > 0:
        op = next_queued(chains)
        alt, ready = chains.alternative[op], 0
        if alt >= 0 and not chains.is_shared[op]:
            ready = earliest_work(tables, op, alt, chains.alternative, chains.run_start, chains.end)
        has_room = chains.log_size[3] < chains.log_swap.size
        if has_room and is_overtaken(tables, chains, own_price, op, ready):
            let_pass(tables, chains, op)
            continue
        if not _retime(tables, chains, op, ready):
            continue
        budget -= 1
        if budget < 0 or cost_of(chains.totals, price) > limit:
            return False
        if chains.alternative[op] >= 0:
            machine = tables.alt_machine[chains.alternative[op]]
            if chains.place[op] + 1 < chains.size[machine]:
                after = chains.sequence[chains.first[machine] + chains.place[op] + 1]
                queue_op(chains, chains.run_start[after], after)
        for at in range(tables.next_first[op], tables.next_first[op + 1]):
            after = tables.next_op[at]
            queue_op(chains, chains.run_start[after], after)
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
def _queue_at(chains: Chains, machine: int, place: int) -> None:
    if place < chains.size[machine]:
        op = chains.sequence[chains.first[machine] + place]
        queue_op(chains, chains.run_start[op], op)


@lean
def _queue_successors(tables: Tables, chains: Chains, op: int) -> None:
    """Transfer batches and ways between plants follow the machine, even where no time changes."""
    for at in range(tables.next_first[op], tables.next_first[op + 1]):
        after = tables.next_op[at]
        queue_op(chains, chains.run_start[after], after)


@lean
def begin_move(tables: Tables, chains: Chains, op: int, alt: int, place: int) -> None:
    """Put an operation at `place` (counted without it) of the machine of `alt`."""
    _begin(chains)
    old_machine = tables.alt_machine[chains.alternative[op]]
    old_place = chains.place[op]
    chains.totals[DISLIKED] += chains.dislike[alt] - chains.dislike[chains.alternative[op]]
    chains.totals[MOVED] -= is_moved(chains, op)
    _take_out(tables, chains, op)
    _queue_at(chains, old_machine, old_place)
    machine = tables.alt_machine[alt]
    key = chains.run_start[op]
    if place < chains.size[machine]:
        follower = chains.sequence[chains.first[machine] + place]
        key = chains.run_start[follower] - 1
        queue_op(chains, chains.run_start[follower], follower)
    _put_in(tables, chains, op, alt, place)
    chains.totals[MOVED] += is_moved(chains, op)
    queue_op(chains, max(0, key), op)
    if machine != old_machine:
        _queue_successors(tables, chains, op)


@lean
def undo_move(tables: Tables, chains: Chains, op: int, alt: int, place: int) -> None:
    """Take the last move back: `op` was at `place` of the machine of `alt`."""
    _empty_queue(chains)
    undo_passing(tables, chains)
    _take_out(tables, chains, op)
    _put_in(tables, chains, op, alt, place)
    _undo_times(chains)


@lean
def _begin(chains: Chains) -> None:
    chains.log_size[0] = 0
    chains.log_size[1] = 0
    chains.log_size[2] += 1
    chains.log_size[3] = 0
    copy_into(chains.log_totals, chains.totals)


@lean
def _empty_queue(chains: Chains) -> None:
    for at in range(chains.heap_size[0]):
        chains.is_queued[op_at(chains.heap, at)] = 0
    chains.heap_size[0] = 0


@lean
def _undo_times(chains: Chains) -> None:
    for at in range(chains.log_size[0]):
        logged = chains.log_op[at]
        chains.run_start[logged] = chains.log_times[at, 0]
        chains.end[logged] = chains.log_times[at, 1]
        chains.work_end[logged] = chains.log_times[at, 2]
        chains.setup[logged] = chains.log_times[at, 3]
        if chains.is_shared[logged]:
            chains.head[logged] = chains.log_batch[at, 0]
            chains.load[logged] = chains.log_batch[at, 1]
    for at in range(chains.log_size[1]):
        chains.line_cost[chains.log_line[at]] = chains.log_cost[at]
    copy_into(chains.totals, chains.log_totals)


@lean
def _exchange(tables: Tables, chains: Chains, op: int, alt: int, other: int, back: int) -> None:
    here = chains.first[tables.alt_machine[chains.alternative[op]]] + chains.place[op]
    there = chains.first[tables.alt_machine[chains.alternative[other]]] + chains.place[other]
    chains.sequence[here], chains.sequence[there] = other, op
    chains.place[op], chains.place[other] = chains.place[other], chains.place[op]
    chains.alternative[op], chains.alternative[other] = alt, back


@lean
def begin_exchange(
    tables: Tables, chains: Chains, op: int, alt: int, other: int, back: int
) -> None:
    """Let two operations, not neighbours, take each other's places: by `alt` and by `back`."""
    _begin(chains)
    _queue_at(chains, tables.alt_machine[back], chains.place[op] + 1)
    _queue_at(chains, tables.alt_machine[alt], chains.place[other] + 1)
    for mover, new in ((op, alt), (other, back)):
        chains.totals[DISLIKED] += chains.dislike[new] - chains.dislike[chains.alternative[mover]]
        chains.totals[MOVED] -= is_moved(chains, mover)
    _exchange(tables, chains, op, alt, other, back)
    chains.totals[MOVED] += is_moved(chains, op) + is_moved(chains, other)
    queue_op(chains, chains.run_start[other], op)
    queue_op(chains, chains.run_start[op], other)
    if tables.alt_machine[alt] != tables.alt_machine[back]:
        _queue_successors(tables, chains, op)
        _queue_successors(tables, chains, other)


@lean
def undo_exchange(tables: Tables, chains: Chains, op: int, alt: int, other: int, back: int) -> None:
    """Take the last exchange back: `op` ran by `alt`, the other one by `back`."""
    _empty_queue(chains)
    undo_passing(tables, chains)
    _exchange(tables, chains, op, alt, other, back)
    _undo_times(chains)


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
    if lower >= 0 and not _may_follow(tables, chains, op, chains.sequence[base + lower]):
        return False
    return upper >= size or _may_precede(tables, chains, op, chains.sequence[base + upper])


@lean
def _may_follow(tables: Tables, chains: Chains, op: int, before: int) -> bool:
    for at in range(tables.next_first[op], tables.next_first[op + 1]):
        after = tables.next_op[at]
        leave = chains.run_start[after] if chains.early_leave[after] else chains.end[after]
        if before == after or chains.run_start[before] >= leave:
            return False
    return True


@lean
def _may_precede(tables: Tables, chains: Chains, op: int, follower: int) -> bool:
    leave = chains.end[follower]
    if chains.early_leave[follower]:
        leave = chains.run_start[follower]
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        origin = tables.edge_from[edge]
        if origin == follower or chains.run_start[origin] >= leave:
            return False
    return True


@lean
def fits_in_place_of(tables: Tables, chains: Chains, op: int, other: int) -> bool:
    """Whether an operation makes no circle in the place of another one that is no neighbour."""
    machine = tables.alt_machine[chains.alternative[other]]
    at = chains.first[machine] + chains.place[other]
    if chains.place[other] > 0:
        before = chains.sequence[at - 1]
        if before == op or not _may_follow(tables, chains, op, before):
            return False
    if chains.place[other] + 1 < chains.size[machine]:
        follower = chains.sequence[at + 1]
        return follower != op and _may_precede(tables, chains, op, follower)
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

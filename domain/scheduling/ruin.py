"""Ruin and recreate on a timetable: a few jobs are taken out and put into gaps in another order.

Whoever has got late takes the slots of jobs that can wait; these go where there is room. All else
stays where it is (Schrimpf et al. 2000; Christiaens, Vanden Berghe 2020: gaps overlooked at times).
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from typing import NamedTuple

import numpy as np

from domain.scheduling.chains import MOVE_MINUTES
from domain.scheduling.compiled import F64, I32, I64, U64, inlined, lean
from domain.scheduling.problem import Problem, Tables
from domain.scheduling.random_numbers import draw, new_random, uniform
from domain.scheduling.slots import (
    MOVED,
    VALUE,
    Slots,
    cost_of_line,
    is_gap_sound,
    put_back,
    put_in,
    stability_cost,
    take_out,
)
from domain.scheduling.urgency import urgency_of

MOST = 100
"""No more operations are taken out at a time."""

_BLINKS = 12
_STEPS = 12
_MOST_IN_A_ROW = 6
"""Operations of a machine that make room for one."""

_PLACES = 32
"""So many places are looked at, at most, for where room costs least."""

_RANKS = 1 << 20

TAKEN, LINES, MARK, BETTER, TRIED, LATEST = 0, 1, 2, 3, 4, 5
"""Places in `Ruin.counts`."""


class Ruin(NamedTuple):
    """What is taken out, how it was, and the best plan so far."""

    is_free: I32
    """By operation, 1: it may be moved."""
    later: I32
    """The lines that have got later."""
    line_before: I64
    """What every line cost before."""
    latest_start: I32
    """Of every operation, if its lines are to be on time."""
    weight: F64
    """What a minute's delay of each costs if they are not."""
    random: U64
    mark: I32
    """By operation: `counts[MARK]` if it is taken out."""
    op: I32
    rank: I32
    """Whose turn it is when they are put in again, lower first."""
    was: I32
    """[operation taken out, alternative, place, work, start, end]"""
    is_in: I32
    line: I32
    line_cost: I64
    line_mark: I32
    counts: I64
    best_alternative: I32
    best_start: I32
    best_total: I64


def new_ruin(
    problem: Problem, slots: Slots, is_free: I32, later: I32, line_before: I64, seed: int
) -> Ruin:
    """Nothing taken out."""
    urgency = urgency_of(problem)
    count, lines = problem.operation_count, len(problem.tables.line_due)
    return Ruin(
        is_free=is_free,
        later=later,
        line_before=line_before,
        latest_start=urgency.latest_start,
        weight=urgency.weight,
        random=new_random(seed),
        mark=np.zeros(count, np.int32),
        op=np.zeros(MOST, np.int32),
        rank=np.zeros(MOST, np.int32),
        was=np.zeros((MOST, 5), np.int32),
        is_in=np.zeros(MOST, np.int32),
        line=np.zeros(lines, np.int32),
        line_cost=np.zeros(lines, np.int64),
        line_mark=np.zeros(lines, np.int32),
        counts=np.array([0, 0, 0, 0, 0, slots.end.max(initial=0)], np.int64),
        best_alternative=slots.alternative.copy(),
        best_start=slots.run_start.copy(),
        best_total=np.array([slots.totals.sum()], np.int64),
    )


@inlined
def _take(tables: Tables, slots: Slots, ruin: Ruin, first: int, rank: int) -> bool:
    """Take an operation out with all that comes after it; False if that cannot be."""
    begin = ruin.counts[TAKEN]
    if ruin.mark[first] == ruin.counts[MARK]:
        return True
    if not _take_one(tables, slots, ruin, first, rank):
        return False
    at = begin
    while at < ruin.counts[TAKEN]:
        op = ruin.op[at]
        at += 1
        for edge in range(tables.next_first[op], tables.next_first[op + 1]):
            after = tables.next_op[edge]
            if ruin.mark[after] == ruin.counts[MARK]:
                continue
            if not _take_one(tables, slots, ruin, after, rank):
                return False
    return True


@inlined
def _take_one(tables: Tables, slots: Slots, ruin: Ruin, op: int, rank: int) -> bool:
    at = ruin.counts[TAKEN]
    if at >= MOST or not ruin.is_free[op]:
        return False
    ruin.mark[op] = ruin.counts[MARK]
    ruin.op[at], ruin.rank[at], ruin.is_in[at] = op, rank, 0
    ruin.was[at, 0], ruin.was[at, 1] = slots.alternative[op], slots.place[op]
    ruin.was[at, 2], ruin.was[at, 3] = slots.work[op], slots.run_start[op]
    ruin.was[at, 4] = slots.end[op]
    ruin.counts[TAKEN] = at + 1
    slots.totals[MOVED] -= stability_cost(slots, op)
    take_out(tables, slots, op)
    alt = slots.alternative[op]
    return alt < 0 or is_gap_sound(tables, slots, tables.alt_machine[alt], ruin.was[at, 1])


@inlined
def _restore(tables: Tables, slots: Slots, ruin: Ruin) -> None:
    """Everything as it was before it was taken out."""
    for at in range(ruin.counts[TAKEN]):
        op = ruin.op[at]
        if ruin.is_in[at]:
            slots.totals[MOVED] -= stability_cost(slots, op)
            take_out(tables, slots, op)
    for at in range(ruin.counts[TAKEN] - 1, -1, -1):
        op, was = ruin.op[at], ruin.was[at]
        put_back(tables, slots, op, was[0], was[1], was[2], was[3], was[4])
        slots.totals[MOVED] += stability_cost(slots, op)
    for at in range(ruin.counts[LINES]):
        line = ruin.line[at]
        slots.totals[VALUE] += ruin.line_cost[at] - slots.line_cost[line]
        slots.line_cost[line] = ruin.line_cost[at]


@inlined
def _is_ready(tables: Tables, ruin: Ruin, op: int) -> bool:
    """Whether nothing that an operation needs is still out."""
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        if ruin.mark[tables.edge_from[edge]] == ruin.counts[MARK]:
            return False
    return True


@inlined
def _comes_before(ruin: Ruin, at: int, other: int) -> bool:
    if ruin.rank[at] != ruin.rank[other]:
        return ruin.rank[at] < ruin.rank[other]
    return ruin.was[at, 3] < ruin.was[other, 3]


@inlined
def _recreate(tables: Tables, slots: Slots, ruin: Ruin, blinks: int) -> None:
    """Put everything in again, by rank, then as it was in time."""
    for _ in range(ruin.counts[TAKEN]):
        best = -1
        for at in range(ruin.counts[TAKEN]):
            if ruin.is_in[at] or not _is_ready(tables, ruin, ruin.op[at]):
                continue
            if best < 0 or _comes_before(ruin, at, best):
                best = at
        op = ruin.op[best]
        put_in(tables, slots, op, blinks, ruin.random)
        ruin.is_in[best], ruin.mark[op] = 1, 0
        slots.totals[MOVED] += stability_cost(slots, op)


@inlined
def _cost_lines(tables: Tables, slots: Slots, ruin: Ruin) -> None:
    """Cost the lines anew that what was taken out finishes."""
    for at in range(ruin.counts[TAKEN]):
        op = ruin.op[at]
        for serves in range(tables.serves_first[op], tables.serves_first[op + 1]):
            line = tables.serves_line[serves]
            if ruin.line_mark[line] == ruin.counts[MARK]:
                continue
            ruin.line_mark[line] = ruin.counts[MARK]
            ruin.line[ruin.counts[LINES]] = line
            ruin.line_cost[ruin.counts[LINES]] = slots.line_cost[line]
            ruin.counts[LINES] += 1
            cost = cost_of_line(tables, slots, line)
            slots.totals[VALUE] += cost - slots.line_cost[line]
            slots.line_cost[line] = cost


@inlined
def _seed(tables: Tables, slots: Slots, ruin: Ruin) -> int:
    """An operation of a line that is later than before, sometimes of any late one; -1: none."""
    line = -1
    if tables.line_due.size == 0:
        return -1
    if ruin.later.size > 0 and uniform(ruin.random) < 0.7:
        for _ in range(8):
            each = ruin.later[draw(ruin.random, ruin.later.size)]
            if slots.line_cost[each] > ruin.line_before[each]:
                line = each
                break
    for _ in range(8):
        each = draw(ruin.random, tables.line_due.size)
        if line < 0 and slots.line_cost[each] > 0:
            line = each
    if line < 0 or tables.line_first[line] == tables.line_first[line + 1]:
        return -1
    count = tables.line_first[line + 1] - tables.line_first[line]
    op = tables.line_op[tables.line_first[line] + draw(ruin.random, count)]
    for at in range(tables.line_first[line], tables.line_first[line + 1]):
        if slots.end[tables.line_op[at]] > slots.end[op]:
            op = tables.line_op[at]
    # Some way back along what it waits for, or to what is the first to come later than it did.
    is_first_wanted, steps = uniform(ruin.random) < 0.5, draw(ruin.random, _STEPS)
    while True:
        before = _holding(tables, slots, op)
        if before < 0 or not ruin.is_free[before]:
            return op
        is_later = slots.run_start[before] > slots.kept_start[before] + MOVE_MINUTES
        if not (is_later if is_first_wanted else steps > 0):
            return op
        op, steps = before, steps - 1


@inlined
def _holding(tables: Tables, slots: Slots, op: int) -> int:
    """What an operation needs that ends last, -1: nothing."""
    held, latest = -1, -1
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        before = tables.edge_from[edge]
        if slots.end[before] + tables.edge_wait[edge] > latest:
            held, latest = before, slots.end[before] + tables.edge_wait[edge]
    return held


@inlined
def _harm(ruin: Ruin, op: int, minute: int) -> float:
    """What it would cost at least if an operation ran at a minute."""
    return ruin.weight[op] * max(0, minute - ruin.latest_start[op])


@inlined
def _harm_of_room(
    slots: Slots, ruin: Ruin, machine: int, place: int, wanted: int, until: int
) -> float:
    """What it would cost at least to have a machine free for so long from a place on."""
    base = slots.first[machine]
    free = slots.work_end[slots.sequence[base + place - 1]] if place > 0 else 0
    harm = 0.0
    for at in range(place, place + _MOST_IN_A_ROW):
        if at >= slots.size[machine]:
            return harm
        op = slots.sequence[base + at]
        if slots.work[op] - free >= wanted:
            return harm
        if not ruin.is_free[op] or ruin.mark[op] == ruin.counts[MARK]:
            return np.inf
        harm += _harm(ruin, op, until)
    return np.inf


@inlined
def _make_room(tables: Tables, slots: Slots, ruin: Ruin, at: int, delay: int, until: int) -> bool:
    """Take out as many in a row as it takes to let one in that is out; False if that cannot be.

    It is let in so many minutes after it was in the plan that is kept, where it harms least of
    some places.
    """
    op = ruin.op[at]
    if tables.elapsed[op] >= 0:
        return True
    minute = min(slots.kept_start[op] + delay, slots.run_start[op])
    best, machine, place, wanted = np.inf, -1, 0, 0
    for _ in range(1 + draw(ruin.random, _PLACES)):
        alt = tables.alt_first[op]
        alt += draw(ruin.random, tables.alt_first[op + 1] - alt)
        each = tables.alt_machine[alt]
        near = _place_at(slots, each, minute) - 2 + draw(ruin.random, 10)
        near = min(max(0, near), slots.size[each])
        length = tables.alt_run[alt] + tables.own_setup[op]
        harm = _harm_of_room(slots, ruin, each, near, length, until)
        if harm < best:
            best, machine, place, wanted = harm, each, near, length
    if machine < 0:
        return True
    base = slots.first[machine]
    free = slots.work_end[slots.sequence[base + place - 1]] if place > 0 else 0
    while place < slots.size[machine]:
        victim = slots.sequence[base + place]
        if slots.work[victim] - free >= wanted:
            return True
        # Who has least to lose comes last, mostly.
        rank = max(1, _RANKS - int(min(_RANKS, _harm(ruin, victim, until))))
        if uniform(ruin.random) < 0.05:
            rank = draw(ruin.random, _RANKS)
        if not _take(tables, slots, ruin, victim, rank):
            return False
    return True


@inlined
def _place_at(slots: Slots, machine: int, minute: int) -> int:
    """First place of a machine whose operation starts at or after a minute."""
    base = slots.first[machine]
    low, high = 0, slots.size[machine]
    while low < high:
        middle = (low + high) >> 1
        if slots.run_start[slots.sequence[base + middle]] < minute:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _ruin(tables: Tables, slots: Slots, ruin: Ruin) -> bool:
    seed = _seed(tables, slots, ruin)
    if seed < 0 or not _take(tables, slots, ruin, seed, 0):
        return False
    until = slots.run_start[seed]
    delay = int(uniform(ruin.random) ** 3 * max(0, until - slots.kept_start[seed]))
    if uniform(ruin.random) < 0.5:  # in a full plan there is no gap for them before its end
        until = max(until, ruin.counts[LATEST])
    share = uniform(ruin.random) if uniform(ruin.random) < 0.5 else 0.0
    for at in range(ruin.counts[TAKEN]):
        makes_room = at == 0 or uniform(ruin.random) < share
        if makes_room and not _make_room(tables, slots, ruin, at, delay, until):
            return False
    return True


@lean
def ruin_and_recreate(
    tables: Tables, slots: Slots, ruin: Ruin, rounds: int, heat: float, stop: I32
) -> None:
    """Some rounds; each is kept if it is good enough for the heat."""
    for _ in range(rounds):
        if stop[0]:
            break
        ruin.counts[TRIED] += 1
        ruin.counts[TAKEN], ruin.counts[LINES] = 0, 0
        ruin.counts[MARK] += 1
        before = slots.totals[VALUE] + slots.totals[MOVED]
        if not _ruin(tables, slots, ruin):
            _restore(tables, slots, ruin)
            continue
        _recreate(tables, slots, ruin, _BLINKS if uniform(ruin.random) < 0.5 else 0)
        _cost_lines(tables, slots, ruin)
        after = slots.totals[VALUE] + slots.totals[MOVED]
        if after - before > -heat * np.log(uniform(ruin.random) + 1e-12):
            _restore(tables, slots, ruin)
        elif after < ruin.best_total[0]:
            ruin.best_total[0] = after
            ruin.counts[BETTER] += 1
            for op in range(slots.alternative.size):
                ruin.best_alternative[op] = slots.alternative[op]
                ruin.best_start[op] = slots.run_start[op]

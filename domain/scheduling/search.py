"""Annealing on machine sequences: moves for late orders first, then for setups."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from typing import NamedTuple

import numpy as np

from domain.scheduling.chains import (
    DISLIKED,
    VALUE,
    Chains,
    before_on_machine,
    copy_into,
    is_moved,
    load_order,
    new_chains,
    order_of_sequences,
)
from domain.scheduling.compiled import I32, I64, U64, lean
from domain.scheduling.decode import by_time, decode, ready_minute
from domain.scheduling.moves import (
    begin_move,
    cost_of,
    is_safe,
    place_by_time,
    settle,
    undo_move,
)
from domain.scheduling.prices import Prices, estimate, new_prices, renew
from domain.scheduling.problem import Problem, Solution, Tables
from domain.scheduling.random_numbers import draw, new_random, uniform
from domain.scheduling.yardstick import Yardstick, is_less

MOVES, UNSAVED, BESTS = 0, 1, 2
"""Places in `Walk.counts`."""

_REACH = 12


class Walk(NamedTuple):
    """One annealing walk: where it is, the best place it has seen, its random numbers."""

    chains: Chains
    best_alternative: I32
    best_sequence: I32
    best_size: I32
    best_totals: I64
    random: U64
    counts: I64
    prices: Prices


def new_walk(problem: Problem, solution: Solution, seed: int) -> Walk:
    """A walk that starts from a decoded plan."""
    chains = new_chains(problem, solution)
    return Walk(
        chains=chains,
        best_alternative=chains.alternative.copy(),
        best_sequence=chains.sequence.copy(),
        best_size=chains.size.copy(),
        best_totals=chains.totals.copy(),
        random=new_random(seed),
        counts=np.zeros(3, np.int64),
        prices=new_prices(problem),
    )


@lean
def _late_line(tables: Tables, chains: Chains, random: U64) -> int:
    """A random late order line, or -1 if all are on time."""
    lines = tables.line_due.size
    if chains.totals[VALUE] == 0 or lines == 0:
        return -1
    for _ in range(6):
        line = draw(random, lines)
        if chains.line_cost[line] > 0:
            return line
    first = draw(random, lines)
    for step in range(lines):
        line = (first + step) % lines
        if chains.line_cost[line] > 0:
            return line
    return -1


@lean
def _last_of_line(tables: Tables, chains: Chains, line: int) -> int:
    """The operation that ends last of those that finish a line, or -1."""
    last = -1
    for at in range(tables.line_first[line], tables.line_first[line + 1]):
        op = tables.line_op[at]
        if last < 0 or chains.end[op] > chains.end[last]:
            last = op
    return last


@lean
def _waiting_op(prices: Prices, random: U64, last: int, patience: float) -> int:
    """An operation on the critical chain to `last` that waits for its machine, or -1."""
    op, found = last, -1
    for _ in range(200):
        if prices.by_machine[op]:
            found = op
            if uniform(random) < patience:
                return op
        op = prices.holder[op]
        if op < 0:
            return found
    return found


@lean
def _ready(tables: Tables, chains: Chains, op: int) -> int:
    return ready_minute(
        tables, op, chains.alternative[op], chains.alternative, chains.run_start, chains.end
    )


@lean
def _earlier_place(chains: Chains, random: U64, op: int) -> int:
    """A place some steps before the present one; near ones more often."""
    step = 1
    while step < 24 and uniform(random) < 0.55:
        step += 1
    return max(0, chains.place[op] - step)


@lean
def _family_place(
    tables: Tables, chains: Chains, random: U64, op: int, machine: int, near: int
) -> int:
    """A place next to an operation of the same family around `near`, or -1."""
    base, size = chains.first[machine], chains.size[machine]
    low, high = max(0, near - _REACH), min(size, near + _REACH)
    if high <= low:
        return -1
    first = draw(random, high - low)
    for step in range(high - low):
        place = low + (first + step) % (high - low)
        other = chains.sequence[base + place]
        if other != op and tables.family[other] == tables.family[op]:
            is_own = tables.alt_machine[chains.alternative[op]] == machine
            shift = 1 if is_own and place > chains.place[op] else 0
            return place - shift + draw(random, 2)
    return -1


@lean
def _other_machine(tables: Tables, chains: Chains, random: U64, op: int) -> int:
    """A random other alternative of an operation, or -1."""
    first, stop = tables.alt_first[op], tables.alt_first[op + 1]
    if stop - first < 2:
        return -1
    alt = first + draw(random, stop - first - 1)
    return alt + 1 if alt >= chains.alternative[op] else alt


@lean
def _propose(tables: Tables, chains: Chains, random: U64, op: int) -> tuple[int, int, int]:
    """Where an operation that waits could go: (operation, alternative, place), -1 for nowhere."""
    kind = uniform(random)
    alt = chains.alternative[op]
    machine = tables.alt_machine[alt]
    if kind < 0.40:
        return op, alt, _earlier_place(chains, random, op)
    if kind < 0.55:
        return op, alt, _family_place(tables, chains, random, op, machine, chains.place[op])
    mover = op
    if kind > 0.80:
        before = before_on_machine(tables, chains, op)
        if before >= 0:
            mover = before
            if kind > 0.90:
                return mover, chains.alternative[mover], chains.place[mover] + 1 + draw(random, 4)
    other = _other_machine(tables, chains, random, mover)
    if other < 0:
        return op, alt, _earlier_place(chains, random, op)
    target = tables.alt_machine[other]
    near = place_by_time(chains, target, _ready(tables, chains, mover))
    if uniform(random) < 0.4:
        place = _family_place(tables, chains, random, mover, target, near)
        if place >= 0:
            return mover, other, place
    return mover, other, near + draw(random, 4) - 1


@lean
def _pick(tables: Tables, chains: Chains, prices: Prices, random: U64, late_share: float) -> int:
    """An operation worth moving: one that a late line waits for mostly, else one with a price."""
    line = _late_line(tables, chains, random)
    if line >= 0 and uniform(random) < late_share:
        last = _last_of_line(tables, chains, line)
        if last >= 0:
            return _waiting_op(prices, random, last, 0.3 if uniform(random) < 0.5 else 0.06)
        return -1
    op = draw(random, chains.place.size)
    alt = chains.alternative[op]
    if alt >= 0 and (chains.setup[op] > 0 or chains.dislike[alt] > 0 or is_moved(chains, op)):
        return op
    return -1


@lean
def _target(
    tables: Tables, walk: Walk, yardstick: Yardstick, tries: int
) -> tuple[int, int, int, float]:
    """The most promising of some random moves of one operation: (operation, alternative, place)."""
    chains, random = walk.chains, walk.random
    best = (-1, -1, -1, np.inf)
    op = _pick(tables, chains, walk.prices, random, yardstick.late_share)
    if op < 0 or chains.alternative[op] < 0:
        return best
    for _ in range(tries):
        mover, alt, place = _propose(tables, chains, random, op)
        if place < 0 or tables.pin[mover] >= 0:
            continue
        machine = tables.alt_machine[alt]
        is_own = tables.alt_machine[chains.alternative[mover]] == machine
        place = min(place, chains.size[machine] - (1 if is_own else 0))
        if is_own and place == chains.place[mover]:
            continue
        if not is_safe(tables, chains, mover, machine, place):
            continue
        cost = estimate(tables, chains, walk.prices, mover, alt, place)
        worse = chains.dislike[alt] - chains.dislike[chains.alternative[mover]]
        cost += yardstick.price[DISLIKED] * worse
        if cost < best[3]:
            best = (mover, alt, place, cost)
    return best


@lean
def keep_best(walk: Walk) -> None:
    """Save the present plan as the best."""
    walk.counts[UNSAVED] = 0
    copy_into(walk.best_alternative, walk.chains.alternative)
    copy_into(walk.best_sequence, walk.chains.sequence)
    copy_into(walk.best_size, walk.chains.size)
    copy_into(walk.best_totals, walk.chains.totals)


@lean
def _try(
    tables: Tables, walk: Walk, heat: float, yardstick: Yardstick, tries: int, cutoff: float
) -> None:
    """Propose one move and keep it if it is good enough."""
    chains, random = walk.chains, walk.random
    op, alt, place, cost = _target(tables, walk, yardstick, tries)
    if place < 0 or cost > cutoff * heat:
        return
    old_alt, old_place = chains.alternative[op], chains.place[op]
    before = cost_of(chains.totals, yardstick.price)
    threshold = before - heat * np.log(uniform(random) + 1e-12)
    begin_move(tables, chains, op, alt, place)
    if not settle(tables, chains, yardstick.price, threshold):
        undo_move(tables, chains, op, old_alt, old_place)
        return
    after = cost_of(chains.totals, yardstick.price)
    if after > threshold:
        undo_move(tables, chains, op, old_alt, old_place)
    elif is_less(yardstick.levels, chains.totals, walk.best_totals):
        walk.counts[UNSAVED] = 1
        walk.counts[BESTS] += 1
        copy_into(walk.best_totals, walk.chains.totals)
    elif walk.counts[UNSAVED]:
        # Only now does the walk leave its best plan: go back, save it, come again.
        undo_move(tables, chains, op, old_alt, old_place)
        keep_best(walk)
        begin_move(tables, chains, op, alt, place)
        settle(tables, chains, yardstick.price, threshold)


@lean
def anneal(
    tables: Tables,
    walk: Walk,
    moves: int,
    heat: float,
    yardstick: Yardstick,
    tries: int,
    cutoff: float,
    stop: I32,
) -> None:
    """Try some moves; returns early when `stop[0]` is set."""
    refresh = 256 + tables.release.size // 4
    for _ in range(moves):
        if stop[0]:
            break
        if walk.counts[MOVES] % refresh == 0:
            renew(tables, walk.chains, walk.prices, 600.0)
        _try(tables, walk, heat, yardstick, tries, cutoff)
        walk.counts[MOVES] += 1
    if walk.counts[UNSAVED]:
        keep_best(walk)


def solution_of_best(problem: Problem, walk: Walk) -> Solution:
    """The best plan of a walk, decoded exactly."""
    count = problem.operation_count
    follower, missing, order = np.zeros((3, count), np.int32)
    order_of_sequences(
        problem.tables,
        walk.chains,
        walk.best_sequence,
        walk.best_size,
        follower,
        missing,
        order,
    )
    return by_time(decode(problem, order, walk.best_alternative))


def keep_near(problem: Problem, walk: Walk, solution: Solution) -> None:
    """From here on the walk pays for every operation that starts far from where it starts now."""
    walk.chains.reference[:] = solution.run_start
    load_order(problem.tables, walk.chains, solution.order, solution.alternative)
    keep_best(walk)


def go_on_from(problem: Problem, walk: Walk, solution: Solution, yardstick: Yardstick) -> None:
    """Continue a walk from another plan."""
    load_order(problem.tables, walk.chains, solution.order, solution.alternative)
    if is_less(yardstick.levels, walk.chains.totals, walk.best_totals):
        keep_best(walk)

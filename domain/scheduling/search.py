"""Annealing on machine sequences: moves for late orders first, then for setups."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from typing import NamedTuple

import numpy as np

from domain.scheduling.batch_moves import propose_company
from domain.scheduling.batch_prices import (
    estimate_shared,
    is_about_batches,
)
from domain.scheduling.chains import (
    DISLIKED,
    Chains,
    copy_into,
    load_order,
    new_chains,
    order_of_sequences,
)
from domain.scheduling.compiled import F64, I32, I64, U64, inlined, lean
from domain.scheduling.decode import by_time, decode
from domain.scheduling.estimates import estimate, estimate_exchange
from domain.scheduling.moves import (
    begin_exchange,
    begin_move,
    cost_of,
    fits_in_place_of,
    is_safe,
    settle,
    undo_exchange,
    undo_move,
)
from domain.scheduling.prices import Prices, new_prices, renew
from domain.scheduling.problem import Problem, Solution, Tables
from domain.scheduling.proposals import alternative_on, partner, pick, propose, ready_now
from domain.scheduling.random_numbers import draw, new_random, uniform
from domain.scheduling.yardstick import Yardstick, is_less

MOVES, UNSAVED, BESTS = 0, 1, 2
"""Places in `Walk.counts`."""

_EXCHANGE_SHARE = 0.55
"""How often two operations change places: in a full plan, one that comes alone pushes the rest."""

_COMPANY_SHARE = 0.5
"""How often an operation that may run together with others looks for them."""


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


class Move(NamedTuple):
    """An operation goes to a place, or takes that of `other`, which then runs by `back`."""

    op: int
    alt: int
    place: int
    other: int
    back: int
    cost: float
    """Estimated change of what the search minimises."""


@lean
def _move(op: int, alt: int, place: int, other: int, back: int, cost: float) -> Move:
    """A move in one type of numbers, whatever they were picked from."""
    return Move(
        np.int64(op), np.int64(alt), np.int64(place), np.int64(other), np.int64(back), float(cost)
    )


@inlined
def _insertion(tables: Tables, walk: Walk, yardstick: Yardstick, tries: int, op: int) -> Move:
    """The most promising of some random other places of one operation or the one before it."""
    chains, random = walk.chains, walk.random
    best = _move(-1, -1, -1, -1, -1, np.inf)
    for _ in range(tries):
        # Each of these is called here only: the compiler would not inline what has two callers.
        if chains.is_shared[op] and uniform(random) < _COMPANY_SHARE:
            mover, alt, place = propose_company(tables, chains, random, op)
        else:
            mover, alt, place = propose(tables, chains, random, op)
        if place < 0 or tables.pin[mover] >= 0:
            continue
        machine = tables.alt_machine[alt]
        is_own = tables.alt_machine[chains.alternative[mover]] == machine
        place = min(place, chains.size[machine] - (1 if is_own else 0))
        if is_own and place == chains.place[mover]:
            continue
        if not is_safe(tables, chains, mover, machine, place):
            continue
        if chains.is_shared[mover] and is_about_batches(tables, chains, mover, alt):
            cost = estimate_shared(tables, chains, walk.prices, mover, alt, place)
        else:
            cost = estimate(tables, chains, walk.prices, mover, alt, place)
        cost += yardstick.price[DISLIKED] * _more_disliked(chains, mover, alt)
        if cost < best.cost:
            best = _move(mover, alt, place, -1, -1, cost)
    return best


@lean
def _more_disliked(chains: Chains, op: int, alt: int) -> int:
    return chains.dislike[alt] - chains.dislike[chains.alternative[op]]


@inlined
def _exchange(tables: Tables, walk: Walk, yardstick: Yardstick, tries: int, op: int) -> Move:
    """The most promising of some random exchanges of one operation with an earlier one."""
    chains, random = walk.chains, walk.random
    best = _move(-1, -1, -1, -1, -1, np.inf)
    if tables.pin[op] >= 0:
        return best
    here = tables.alt_machine[chains.alternative[op]]
    ready = ready_now(tables, chains, op)
    for _ in range(tries):
        alt = tables.alt_first[op] + draw(random, tables.alt_first[op + 1] - tables.alt_first[op])
        other = partner(tables, chains, random, op, ready, tables.alt_machine[alt])
        back = alternative_on(tables, other, here) if other >= 0 else -1
        if back < 0 or not fits_in_place_of(tables, chains, op, other):
            continue
        if not fits_in_place_of(tables, chains, other, op):
            continue
        cost = estimate_exchange(tables, chains, walk.prices, op, alt, other, back)
        worse = _more_disliked(chains, op, alt) + _more_disliked(chains, other, back)
        cost += yardstick.price[DISLIKED] * worse
        if cost < best.cost:
            best = _move(op, alt, chains.place[other], other, back, cost)
    return best


@inlined
def _target(tables: Tables, walk: Walk, yardstick: Yardstick, tries: int) -> Move:
    """The most promising of some random moves of one operation; its place is -1 for none."""
    op = pick(tables, walk.chains, walk.prices, walk.random, yardstick.late_share)
    if op < 0 or walk.chains.alternative[op] < 0:
        return _move(-1, -1, -1, -1, -1, np.inf)
    if uniform(walk.random) < _EXCHANGE_SHARE:
        return _exchange(tables, walk, yardstick, tries, op)
    return _insertion(tables, walk, yardstick, tries, op)


@lean
def keep_best(walk: Walk) -> None:
    """Save the present plan as the best."""
    walk.counts[UNSAVED] = 0
    copy_into(walk.best_alternative, walk.chains.alternative)
    copy_into(walk.best_sequence, walk.chains.sequence)
    copy_into(walk.best_size, walk.chains.size)
    copy_into(walk.best_totals, walk.chains.totals)


@lean
def _make(tables: Tables, walk: Walk, move: Move, price: F64, limit: float) -> bool:
    """Make a move and time everything anew; False if it costs over the limit."""
    if move.other >= 0:
        begin_exchange(tables, walk.chains, move.op, move.alt, move.other, move.back)
    else:
        begin_move(tables, walk.chains, move.op, move.alt, move.place)
    if not settle(tables, walk.chains, walk.prices.own, price, limit):
        return False
    return cost_of(walk.chains.totals, price) <= limit


@lean
def _undo(tables: Tables, walk: Walk, move: Move, was: Move) -> None:
    if move.other >= 0:
        undo_exchange(tables, walk.chains, move.op, was.alt, move.other, was.back)
    else:
        undo_move(tables, walk.chains, move.op, was.alt, was.place)


@inlined
def _try(
    tables: Tables, walk: Walk, heat: float, yardstick: Yardstick, tries: int, cutoff: float
) -> None:
    """Propose one move and keep it if it is good enough."""
    chains = walk.chains
    move = _target(tables, walk, yardstick, tries)
    if move.place < 0 or move.cost > cutoff * heat:
        return
    back = chains.alternative[move.other] if move.other >= 0 else -1
    was = _move(move.op, chains.alternative[move.op], chains.place[move.op], move.other, back, 0.0)
    limit = cost_of(chains.totals, yardstick.price) - heat * np.log(uniform(walk.random) + 1e-12)
    if not _make(tables, walk, move, yardstick.price, limit):
        _undo(tables, walk, move, was)
    elif is_less(yardstick.levels, chains.totals, walk.best_totals):
        walk.counts[UNSAVED] = 1
        walk.counts[BESTS] += 1
        copy_into(walk.best_totals, chains.totals)
    elif walk.counts[UNSAVED]:
        # Only now does the walk leave its best plan: go back, save it, come again.
        _undo(tables, walk, move, was)
        keep_best(walk)
        _make(tables, walk, move, yardstick.price, limit)


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

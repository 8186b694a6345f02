"""A bound from priced machine hours: every order for itself pays for the hours it takes.

Each class of like machines asks a price for a working minute, by stretch of time. Every tree of
operations then takes its cheapest times and machines, alone: lateness of its lines × weight plus
the price of its minutes, exactly, by dynamic programming over time. Prices rise where more minutes
are taken than there are and fall where fewer are (Lagrangian relaxation; Hoitomt, Luh and Pattipati
1993), after each tree at once, so that the next one sees them (Zhao, Luh and Wang 1999).

Why no plan is under it: take a plan, and for each tree what it pays in it. Its minutes lie within
working time and each machine works on one operation at a time, so all trees together pay for no
more minutes than there are: at most the worth of all capacity. A plan's lateness is therefore at
least what all trees pay less that worth; and each tree pays at least its cheapest way, because
what it does in the plan is one of its ways: every operation in the run time of its class, after its
children and not before its earliest start. This holds at any prices of zero or more, so the search
for them may be as rough as it likes (it looks at coarse cells of time, rounded to the nearest) and
stop at any moment; what is returned was found minute by minute. Setups cost nothing here but those
at the very beginning: no machine runs anything in its first minutes, however short the setup.

All sums there are exact: prices are multiples of 1/4096, and no sum reaches 2 ** 53 of them.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from domain.scheduling.compiled import I32, lean
from domain.scheduling.forest import Forest, grow_forest
from domain.scheduling.problem import Problem, Tables
from domain.scheduling.worktime import work_before

F64 = npt.NDArray[np.float64]

_FINENESS = 4096.0
_CELLS = 96
_LEVELS = ((40, 2.0, 0.01), (100, 0.4, 0.002))
"""Rounds, first and last step; from level to level the cells become half as long."""

_AT_A_TIME = 4_000_000
"""Minutes × machines looked at between two questions whether to stop, some 0.03 s."""


class Market(NamedTuple):
    """Time in cells of `step` minutes, the last without end, and what a minute costs in each.

    All tables but `least` and the last two are [class, cell].
    """

    step: int
    work: I32
    """Working minutes of one machine before the cell begins."""
    minutes: F64
    """Working minutes of one machine in the cell."""
    room: F64
    """Minutes of all machines of the class that runs can take."""
    price: F64
    paid: F64
    """Price of all working minutes of a machine before the cell begins."""
    use: F64
    """Minutes that the trees take at present."""
    least: F64
    """[height, cell] least cost of a subtree that ends by then."""
    ready: F64
    cost: F64


class Choice(NamedTuple):
    """What the trees take: cells of start and modes, as `start × ways + mode`, -1 for nothing."""

    best: I32
    """[place in the tree, cell]: the cheapest way to end by then; no rows if not kept."""
    chosen: I32
    by: I32
    """Cell by which a node has to end."""


@lean
def _cell(step: int, minutes: int) -> int:
    return (minutes + step // 2) // step


@lean
def _make_ready(forest: Forest, market: Market, node: int) -> bool:
    """Cost of the children for each cell of start; True if some bind the node's end instead."""
    ready, least = market.ready, market.least
    final = ready.size - 1
    ready[:] = 0.0
    has_overlap = False
    for edge in range(forest.child_first[node], forest.child_first[node + 1]):
        if forest.last[edge] >= 0:
            has_overlap = True
            continue
        row = forest.height[forest.child[edge]]
        gap = min(_cell(market.step, forest.gap[edge]), final)
        ready[:gap] = np.inf
        for cell in range(gap, final):
            ready[cell] += least[row, cell - gap]
        ready[final] += least[row, final]
    return has_overlap


@lean
def _by_end(forest: Forest, market: Market, node: int, end: int) -> float:
    """Cost of those children that bind the node's end."""
    final = market.cost.size - 1
    total = 0.0
    for edge in range(forest.child_first[node], forest.child_first[node + 1]):
        if forest.last[edge] >= 0:
            by = end - _cell(market.step, forest.last[edge]) if end < final else final
            row = forest.height[forest.child[edge]]
            total += market.least[row, by] if by >= 0 else np.inf
    return total


@lean
def _price_of(market: Market, which: int, run: int, start: int, end: int) -> float:
    """Price of the run minutes from the beginning of a cell on, over by the cell `end`."""
    if end == start:
        return run * market.price[which, start]
    paid = market.paid[which, end] - market.paid[which, start]
    over = market.work[which, end] - market.work[which, start] - run
    if end == market.cost.size - 1 and over < 0:
        return paid
    return paid - over * market.price[which, end - 1]


@lean
def _try_mode(
    forest: Forest, market: Market, node: int, mode: int, has_overlap: bool, best: I32
) -> None:
    which, run = forest.mode_class[mode], forest.mode_run[mode]
    work, cost, final, step = market.work[which], market.cost, market.cost.size - 1, market.step
    end = min(final, forest.head[node] // step)
    for start in range(end, final):
        if work[start + 1] == work[start] or market.ready[start] == np.inf:
            continue
        end = max(end, start)
        while end < final and work[end] < work[start] + run - step // 2:
            end += 1
        if forest.fit[node] and end < final and (end - start) * step > run + step // 2 * 2:
            continue
        price = market.ready[start] + _price_of(market, which, run, start, end)
        if has_overlap:
            price += _by_end(forest, market, node, end)
        if price < cost[end]:
            cost[end] = price
            if best.size:
                best[end] = start * forest.ways + mode - forest.mode_first[node]


@lean
def _try_elapsed(forest: Forest, market: Market, node: int, best: I32) -> None:
    final = market.cost.size - 1
    length = _cell(market.step, forest.elapsed[node])
    for start in range(min(final, forest.head[node] // market.step), final):
        end = min(final, start + length)
        if market.ready[start] < market.cost[end]:
            market.cost[end] = market.ready[start]
            if best.size:
                best[end] = start * forest.ways


@lean
def _solve(forest: Forest, market: Market, node: int, best: I32) -> float:
    """Least cost of a node's subtree by the cell in which it ends; returns it for any end."""
    cost, step = market.cost, market.step
    final = cost.size - 1
    has_overlap = _make_ready(forest, market, node)
    cost[:] = np.inf
    best[:] = -1
    # Whatever starts after the end of the cells pays for nothing.
    cost[final] = market.ready[final] + _by_end(forest, market, node, final)
    if forest.elapsed[node] >= 0:
        _try_elapsed(forest, market, node, best)
    for mode in range(forest.mode_first[node], forest.mode_first[node + 1]):
        _try_mode(forest, market, node, mode, has_overlap, best)
    for at in range(forest.due_first[node], forest.due_first[node + 1]):
        for end in range(min(final, max(0, forest.due[at]) // step), final + 1):
            ended = end * step if end < final else max(end * step, forest.soonest[node])
            cost[end] += forest.weight[at] * max(0, ended - forest.due[at])
    least = market.least[forest.height[node]]
    least[0] = cost[0]
    for end in range(1, final + 1):
        least[end] = min(cost[end], least[end - 1])
        if best.size and cost[end] >= least[end - 1]:
            best[end] = best[end - 1]
    return least[final]


@lean
def _take(forest: Forest, market: Market, node: int, chosen: int, sign: float) -> tuple[int, int]:
    """Add or take back the minutes of a choice; returns the cells of its start and end."""
    final, step = market.cost.size - 1, market.step
    start = chosen // forest.ways if chosen >= 0 else final
    if start >= final:
        return final, final
    if forest.elapsed[node] >= 0:
        return start, min(final, start + _cell(step, forest.elapsed[node]))
    mode = forest.mode_first[node] + chosen % forest.ways
    which, left, end = forest.mode_class[mode], forest.mode_run[mode], start
    while end < final and left > step // 2:
        here = market.work[which, end + 1] - market.work[which, end]
        market.use[which, end] += sign * here
        left -= here
        end += 1
    if end < final or left <= 0:
        market.use[which, max(start, end - 1)] += sign * left
    return start, end


@lean
def _choose(forest: Forest, market: Market, choice: Choice, low: int, high: int) -> None:
    """Let a tree change over to its cheapest way."""
    final, step = market.cost.size - 1, market.step
    for at in range(high - 1, low - 1, -1):
        node = forest.order[at]
        if at == high - 1:
            choice.by[node] = final
        _take(forest, market, node, choice.chosen[node], -1.0)
        by = choice.by[node]
        choice.chosen[node] = choice.best[at - low, by] if by >= 0 else -1
        start, end = _take(forest, market, node, choice.chosen[node], 1.0)
        for edge in range(forest.child_first[node], forest.child_first[node + 1]):
            limit = start - _cell(step, forest.gap[edge]) if start < final else final
            if forest.last[edge] >= 0:
                limit = end - _cell(step, forest.last[edge]) if end < final else final
            choice.by[forest.child[edge]] = limit


@lean
def _change_prices(market: Market, pace: float) -> None:
    for which in range(market.price.shape[0]):
        paid = 0.0
        for cell in range(market.price.shape[1]):
            market.paid[which, cell] = paid
            room = market.room[which, cell]
            if room > 0:
                missing = (market.use[which, cell] - room) / room
                market.price[which, cell] = max(0.0, market.price[which, cell] + pace * missing)
            paid += market.minutes[which, cell] * market.price[which, cell]


@lean
def _haggle(forest: Forest, market: Market, choice: Choice, trees: I32, pace: float) -> None:
    """Each of the trees chooses anew, and prices follow."""
    for tree in trees:
        low, high = forest.tree_first[tree], forest.tree_first[tree + 1]
        for at in range(low, high):
            _solve(forest, market, forest.order[at], choice.best[at - low])
        _choose(forest, market, choice, low, high)
        _change_prices(market, pace)


@lean
def _sum_up(forest: Forest, market: Market, low: int, high: int, none: I32) -> float:
    """What the trees pay at least that end in a part of the order; parts must come in turn."""
    total = 0.0
    for at in range(low, high):
        least = _solve(forest, market, forest.order[at], none)
        if forest.parent[forest.order[at]] < 0:
            total += least
    return total


@lean
def _fill_work(tables: Tables, forest: Forest, step: int, work: I32) -> None:
    for which in range(work.shape[0]):
        calendar = forest.class_calendar[which]
        for cell in range(work.shape[1]):
            work[which, cell] = work_before(tables.worktime, calendar, cell * step)


def open_market(problem: Problem, forest: Forest, step: int, horizon: int) -> Market:
    """Cells up to a horizon, where nothing costs anything."""
    count, cells = len(forest.class_calendar), -(-horizon // step) + 1
    work = np.zeros((count, cells), np.int32)
    _fill_work(problem.tables, forest, step, work)
    after = np.maximum(0, work - forest.class_setup[:, None])
    price, paid, use = np.zeros((3, count, cells))
    ready, cost = np.zeros((2, cells))
    return Market(
        step=step,
        work=work,
        minutes=np.diff(work, axis=1, append=work[:, -1:]).astype(np.float64),
        room=np.diff(after, axis=1, append=after[:, -1:]) * forest.class_machines[:, None] * 1.0,
        price=price,
        paid=paid,
        use=use,
        least=np.zeros((int(forest.height.max(initial=0)) + 1, cells)),
        ready=ready,
        cost=cost,
    )


def find_prices(
    forest: Forest,
    market: Market,
    rounds: tuple[int, float, float],
    should_stop: Callable[[], bool],
) -> bool:
    """Haggle until prices settle; False if stopped before."""
    count, first, last = rounds
    nodes, trees = len(forest.parent), len(forest.tree_first) - 1
    largest = int(np.diff(forest.tree_first).max(initial=0))
    choice = Choice(
        np.full((largest, market.cost.size), -1, np.int32),
        np.full(nodes, -1, np.int32),
        np.zeros(nodes, np.int32),
    )
    random = np.random.default_rng(1)
    scale = float(forest.weight.mean()) / trees
    for round_number in range(count):
        pace = scale * first * (last / first) ** (round_number / count)
        order = random.permutation(trees).astype(np.int32)
        for part in np.array_split(order, -(-trees // 500)):
            if should_stop():
                return False
            _haggle(forest, market, choice, part, pace)
    return True


def bound_at(
    forest: Forest, exact: Market, prices: Market, should_stop: Callable[[], bool]
) -> int | None:
    """The bound at these prices, found minute by minute; None if stopped before."""
    cells = exact.cost.size
    price = np.repeat(np.round(prices.price * _FINENESS) / _FINENESS, prices.step, axis=1)
    exact.price[:] = price[:, :cells]
    exact.price[:, -1] = 0.0
    exact.paid[:, 1:] = np.cumsum(exact.minutes * exact.price, axis=1)[:, :-1]
    total, count, none = 0.0, len(forest.order), np.zeros(0, np.int32)
    modes = max(1, len(forest.mode_run) // max(1, count))
    chunk = max(1, _AT_A_TIME // (cells * modes))
    for low in range(0, count, chunk):
        if should_stop():
            return None
        total += _sum_up(forest, exact, low, min(count, low + chunk), none)
    worth = float((exact.price * exact.room).sum())
    return int(np.floor(total - worth)) + forest.certain


def priced_bound(
    problem: Problem,
    start: I32,
    end: I32,
    horizon: int,
    should_stop: Callable[[], bool],
    on_bound: Callable[[int], object],
) -> None:
    """Tell better and better bounds until prices are found or it is stopped.

    Args:
        problem: What is planned.
        start: Minute before which no operation can start its run.
        end: Minute before which no operation can end.
        horizon: Minutes that are looked at; what comes after them costs its lateness only.
        should_stop: Asked every tenth of a second or so.
        on_bound: Told each bound.
    """
    forest = grow_forest(problem, start, end)
    if len(forest.order) == 0 or len(forest.class_calendar) == 0:
        return
    exact = open_market(problem, forest, 1, horizon)
    step, coarser = 2 * -(-horizon // (2 * _CELLS)), None
    for level in _LEVELS:
        market = open_market(problem, forest, step, horizon)
        if coarser is not None:
            market.price[:] = np.repeat(coarser.price, 2, axis=1)[:, : market.cost.size]
        market.room[:, -1] = 0.0
        market.price[:, -1] = 0.0
        _change_prices(market, 0.0)
        if not find_prices(forest, market, level, should_stop):
            return
        bound = bound_at(forest, exact, market, should_stop)
        if bound is None:
            return
        on_bound(bound)
        step, coarser = step // 2, market

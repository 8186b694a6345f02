"""Annealing on the order of booking, for work that holds operators.

Where crews are scarce, a shift anywhere can move people everywhere, so every trial is decoded
exactly: from the first place that changed on, and only until it is clearly no good.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from typing import NamedTuple

import numpy as np

from domain.scheduling.chains import DISLIKED, SETUP, VALUE, copy_into
from domain.scheduling.compiled import I32, I64, U64, lean
from domain.scheduling.decode import Shopfloor, Times, book_next, new_shopfloor, new_times
from domain.scheduling.moves import cost_of
from domain.scheduling.problem import Problem, Solution, Tables
from domain.scheduling.random_numbers import draw, new_random, uniform
from domain.scheduling.yardstick import Yardstick, is_less

_CHECKPOINTS = 48

NOW, BEST, TRIAL = 0, 1, 2


class OrderWalk(NamedTuple):
    """The present order with its times, a trial beside it, and the best seen."""

    order: I32
    place: I32
    alternative: I32
    times: Times
    trial: Times
    last: I32
    """Last operation of each machine at each checkpoint."""
    free: I32
    """When each operator is free at each checkpoint."""
    floor: Shopfloor
    finish: I32
    line_of: I32
    best_order: I32
    best_alternative: I32
    totals: I64
    """Rows NOW, BEST and TRIAL as `Chains.totals`; here no plan is kept and pins are not seen."""
    dislike: I32
    """As `Chains.dislike`."""
    random: U64


def new_order_walk(problem: Problem, solution: Solution, seed: int, dislike: I32) -> OrderWalk:
    """A walk that starts from a decoded plan."""
    tables, count = problem.tables, problem.operation_count
    place = np.zeros(count, np.int32)
    place[solution.order] = np.arange(count, dtype=np.int32)
    floor = new_shopfloor(tables)
    walk = OrderWalk(
        order=solution.order.copy(),
        place=place,
        alternative=solution.alternative.copy(),
        times=new_times(tables),
        trial=new_times(tables),
        last=np.full((_CHECKPOINTS + 1, len(floor.last)), -1, np.int32),
        free=np.zeros((_CHECKPOINTS + 1, len(floor.operator_free)), np.int32),
        floor=floor,
        finish=np.zeros(len(tables.line_due), np.int32),
        line_of=_line_of(tables),
        best_order=solution.order.copy(),
        best_alternative=solution.alternative.copy(),
        totals=np.zeros((3, 5), np.int64),
        dislike=dislike,
        random=new_random(seed),
    )
    chosen = solution.alternative[solution.alternative >= 0]
    walk.totals[TRIAL, DISLIKED] = dislike[chosen].sum()
    decode_from(tables, walk, 0, np.inf)
    accept_trial(tables, walk, 0)
    walk.totals[BEST] = walk.totals[NOW]
    return walk


def _line_of(tables: Tables) -> I32:
    """An order line that each operation works for, -1 for none."""
    found = np.full(len(tables.release), -1, np.int32)
    for op in range(len(found) - 1, -1, -1):
        served = tables.serves_line[tables.serves_first[op] : tables.serves_first[op + 1]]
        after = tables.next_op[tables.next_first[op] : tables.next_first[op + 1]]
        if len(served):
            found[op] = served[0]
        elif len(after):
            found[op] = found[after[0]]
    return found


@lean
def _checkpoint(count: int, index: int) -> int:
    return (count * index) // _CHECKPOINTS


@lean
def _finish_lines(tables: Tables, walk: OrderWalk, op: int) -> None:
    """Count the lateness that an operation's end adds to its lines."""
    for at in range(tables.serves_first[op], tables.serves_first[op + 1]):
        line = tables.serves_line[at]
        due = tables.line_due[line]
        old = max(walk.finish[line], due)
        new = max(walk.trial.end[op], old)
        walk.finish[line] = new
        walk.totals[TRIAL, VALUE] += tables.line_weight[line] * (new - old)


@lean
def decode_from(tables: Tables, walk: OrderWalk, changed: int, limit: float) -> bool:
    """Decode the order into the trial from place `changed` on; False once it costs over `limit`."""
    count = walk.order.size
    index = 0
    while index + 1 <= _CHECKPOINTS and _checkpoint(count, index + 1) <= changed:
        index += 1
    for machine in range(walk.floor.last.size):
        walk.floor.last[machine] = walk.last[index, machine]
    for operator in range(walk.floor.operator_free.size):
        walk.floor.operator_free[operator] = walk.free[index, operator]
    walk.totals[TRIAL, VALUE], walk.totals[TRIAL, SETUP] = 0, 0
    for line in range(walk.finish.size):
        walk.finish[line] = max(tables.line_due[line], tables.line_floor[line])
        late = walk.finish[line] - tables.line_due[line]
        walk.totals[TRIAL, VALUE] += tables.line_weight[line] * late
    first = _checkpoint(count, index)
    for at in range(first):
        _finish_lines(tables, walk, walk.order[at])
        walk.totals[TRIAL, SETUP] += walk.trial.setup[walk.order[at]]
    for at in range(first, count):
        if walk.totals[TRIAL, VALUE] > limit:
            return False
        op = walk.order[at]
        book_next(tables, op, walk.alternative, walk.trial, walk.floor)
        _finish_lines(tables, walk, op)
        walk.totals[TRIAL, SETUP] += walk.trial.setup[op]
    return walk.totals[TRIAL, VALUE] <= limit


@lean
def _copy_times(source: Times, target: Times, op: int) -> None:
    target.setup_start[op] = source.setup_start[op]
    target.run_start[op] = source.run_start[op]
    target.end[op] = source.end[op]
    target.work_end[op] = source.work_end[op]
    target.setup[op] = source.setup[op]
    target.head[op], target.load[op] = source.head[op], source.load[op]
    for at in range(source.crew.shape[1]):
        target.crew[op, at] = source.crew[op, at]


@lean
def accept_trial(tables: Tables, walk: OrderWalk, changed: int) -> None:
    """Make the trial the present plan and renew the checkpoints behind the change."""
    count, index = walk.order.size, 0
    for machine in range(walk.floor.last.size):
        walk.floor.last[machine] = -1
    for operator in range(walk.floor.operator_free.size):
        walk.floor.operator_free[operator] = 0
    for at in range(count):
        while index <= _CHECKPOINTS and _checkpoint(count, index) == at:
            for machine in range(walk.floor.last.size):
                walk.last[index, machine] = walk.floor.last[machine]
            for operator in range(walk.floor.operator_free.size):
                walk.free[index, operator] = walk.floor.operator_free[operator]
            index += 1
        op = walk.order[at]
        if at >= changed:
            _copy_times(walk.trial, walk.times, op)
        _pass(tables, walk, op)
    copy_into(walk.totals[NOW], walk.totals[TRIAL])


@lean
def _pass(tables: Tables, walk: OrderWalk, op: int) -> None:
    """Follow an operation's machine and crew through the order."""
    if walk.alternative[op] >= 0:
        walk.floor.last[tables.alt_machine[walk.alternative[op]]] = op
    for at in range(tables.crew_size[op]):
        walk.floor.operator_free[walk.times.crew[op, at]] = walk.times.end[op]


@lean
def _drop_trial(walk: OrderWalk, changed: int) -> None:
    """Make the trial equal to the present plan again from a place on."""
    for at in range(changed, walk.order.size):
        _copy_times(walk.times, walk.trial, walk.order[at])


@lean
def _keep_best(walk: OrderWalk) -> None:
    for at in range(walk.order.size):
        walk.best_order[at] = walk.order[at]
        walk.best_alternative[at] = walk.alternative[at]
    copy_into(walk.totals[BEST], walk.totals[NOW])


@lean
def _pick(tables: Tables, walk: OrderWalk) -> int:
    """A random operation, one that works for a late line if possible."""
    count = walk.order.size
    op = draw(walk.random, count)
    if walk.totals[NOW, VALUE] == 0:
        return op
    for _ in range(40):
        line = walk.line_of[op]
        if line >= 0:
            finish = tables.line_floor[line]
            for at in range(tables.line_first[line], tables.line_first[line + 1]):
                finish = max(finish, walk.times.end[tables.line_op[at]])
            if finish > tables.line_due[line]:
                return op
        op = draw(walk.random, count)
    return op


@lean
def _bounds_of(tables: Tables, walk: OrderWalk, op: int) -> tuple[int, int]:
    """Places between which an operation may go: after its predecessors, before its successors."""
    low, high = 0, walk.order.size - 1
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        low = max(low, walk.place[tables.edge_from[edge]] + 1)
    for at in range(tables.next_first[op], tables.next_first[op + 1]):
        high = min(high, walk.place[tables.next_op[at]] - 1)
    return low, high


@lean
def _shift(walk: OrderWalk, origin: int, target: int) -> None:
    """Move the operation at place `origin` to place `target`."""
    op = walk.order[origin]
    step = 1 if target > origin else -1
    at = origin
    while at != target:
        moved = walk.order[at + step]
        walk.order[at] = moved
        walk.place[moved] = at
        at += step
    walk.order[target] = op
    walk.place[op] = target


@lean
def _reach(random: U64, low: int, place: int, high: int) -> int:
    """A new place, mostly earlier, near ones more often."""
    share = uniform(random)
    share *= share
    if uniform(random) < 0.7:
        return place - int(share * (place - low))
    return place + int(share * (high - place))


@lean
def _step(tables: Tables, walk: OrderWalk, heat: float, yardstick: Yardstick) -> None:
    """Try one move: another place in the order, another machine, or both."""
    op = _pick(tables, walk)
    origin, old = walk.place[op], walk.alternative[op]
    low, high = _bounds_of(tables, walk, op)
    target = _reach(walk.random, low, origin, high)
    choices = tables.alt_first[op + 1] - tables.alt_first[op]
    if choices > 1 and (target == origin or uniform(walk.random) < 0.3):
        walk.alternative[op] = tables.alt_first[op] + draw(walk.random, choices)
    if target == origin and walk.alternative[op] == old:
        return
    _shift(walk, origin, target)
    changed = min(origin, target)
    now, trial = walk.totals[NOW], walk.totals[TRIAL]
    trial[DISLIKED] = now[DISLIKED]
    if walk.alternative[op] >= 0:
        trial[DISLIKED] += walk.dislike[walk.alternative[op]] - walk.dislike[old]
    limit = cost_of(now, yardstick.price) - heat * np.log(uniform(walk.random) + 1e-12)
    is_done = decode_from(tables, walk, changed, limit)
    if is_done and cost_of(trial, yardstick.price) <= limit:
        accept_trial(tables, walk, changed)
        if is_less(yardstick.levels, now, walk.totals[BEST]):
            _keep_best(walk)
        return
    _shift(walk, target, origin)
    walk.alternative[op] = old
    _drop_trial(walk, changed)


@lean
def anneal_order(
    tables: Tables, walk: OrderWalk, moves: int, heat: float, yardstick: Yardstick, stop: I32
) -> None:
    """Try some moves; returns early when `stop[0]` is set."""
    for _ in range(moves):
        if stop[0]:
            return
        _step(tables, walk, heat, yardstick)

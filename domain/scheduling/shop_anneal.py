"""Simulated annealing on the critical paths of late jobs: the engine for weighted tardiness.

Every move is decoded, not estimated: on the few hundred operations of such a shop that takes about
as long as a good estimate would.
"""

from typing import NamedTuple

import numpy as np

from domain.scheduling.compiled import I32, I64, U64, compiled, lean
from domain.scheduling.shop import Shop
from domain.scheduling.shop_graph import (
    DURATION,
    END,
    FIRST,
    HEAD,
    JOB_AFTER,
    JOB_BEFORE,
    MACHINE,
    MACHINE_AFTER,
    MACHINE_BEFORE,
    displace,
    set_heads,
)
from domain.scheduling.shop_moves import draw, step_back
from domain.scheduling.shop_tabu import Desk, keep_best, load


class Aim(NamedTuple):
    """What lateness costs: last operation, due time and weight of every job."""

    last: I32
    due: I64
    weight: I64


def aim_of(shop: Shop) -> Aim:
    """The aim of a shop with due dates."""
    return Aim((shop.job_start[1:] - 1).astype(np.int32), shop.due, shop.weight)


@lean
def _tardiness(rows: I32, aim: Aim) -> int:
    total = 0
    for job in range(aim.last.size):
        late = np.int64(rows[aim.last[job], END]) - aim.due[job]
        if late > 0:
            total += late * aim.weight[job]
    return total


@lean
def _late_job(rows: I32, aim: Aim, random: U64) -> int:
    """Last operation of a random late job, or -1."""
    chosen, seen = -1, 0
    for job in range(aim.last.size):
        if rows[aim.last[job], END] > aim.due[job]:
            seen += 1
            if draw(random, seen) == 0:
                chosen = aim.last[job]
    return chosen


@lean
def _propose(desk: Desk, aim: Aim) -> tuple[int, int, int, int]:
    """A random move on the critical path of a random late job; operation -1 if there is none."""
    rows, random, nobody = desk.rows, desk.random, desk.rows.shape[0] - 1
    here, chosen, seen = _late_job(rows, aim, random), -1, 0
    changes_machine = desk.options.shape[0] > desk.order.size and draw(random, 3) == 0
    while here != nobody and here >= 0:
        before = step_back(rows, desk.setups, here, random)
        by_machine = before != nobody and before == rows[here, MACHINE_BEFORE]
        if changes_machine or (by_machine and before != rows[here, JOB_BEFORE]):
            seen += 1
            if draw(random, seen) == 0:
                chosen = here
        here = before
    if chosen < 0:
        return -1, 0, 0, 0
    if changes_machine:
        return _to_other_machine(desk, chosen)
    before = rows[chosen, MACHINE_BEFORE]
    if draw(random, 2) == 0:
        return before, rows[chosen, MACHINE], rows[before, DURATION], _far_right(desk, before)
    return chosen, rows[chosen, MACHINE], rows[chosen, DURATION], _far_left(desk, chosen)


@lean
def _far_right(desk: Desk, mover: int) -> int:
    """The operation after which to put `mover`: the next one, with luck one further on."""
    rows, nobody = desk.rows, desk.rows.shape[0] - 1
    target, after = rows[mover, MACHINE_AFTER], rows[mover, JOB_AFTER]
    while draw(desk.random, 3) == 0:
        further = rows[target, MACHINE_AFTER]
        if further == nobody or further == after:  # noqa: SIM109 - the compiler knows no `in` here
            break
        if after != nobody and rows[after, END] <= rows[further, HEAD]:
            break
        target = further
    return target


@lean
def _far_left(desk: Desk, mover: int) -> int:
    """The operation after which to put `mover`: before the last one, with luck further back."""
    rows, nobody = desk.rows, desk.rows.shape[0] - 1
    target, before = rows[mover, MACHINE_BEFORE], rows[mover, JOB_BEFORE]
    while draw(desk.random, 3) == 0:
        further = rows[target, MACHINE_BEFORE]
        if further == nobody or further == before:  # noqa: SIM109 - the compiler knows no `in`
            break
        if before != nobody and rows[before, HEAD] >= rows[further, END]:
            break
        target = further
    return rows[target, MACHINE_BEFORE]


@lean
def _to_other_machine(desk: Desk, mover: int) -> tuple[int, int, int, int]:
    """A random other option, in the order of the present starts, which makes no cycle."""
    rows, nobody = desk.rows, desk.rows.shape[0] - 1
    first, stop = desk.option_start[mover], desk.option_start[mover + 1]
    option = first + draw(desk.random, stop - first)
    machine, duration = desk.options[option, 0], desk.options[option, 1]
    if machine == rows[mover, MACHINE]:
        return -1, 0, 0, 0
    before, here = nobody, desk.lines[machine, FIRST]
    while here != nobody and rows[here, HEAD] < rows[mover, HEAD]:
        before, here = here, rows[here, MACHINE_AFTER]
    return mover, machine, duration, before


@lean
def _move(desk: Desk, move: tuple[int, int, int, int], stamp: int) -> bool:
    place = displace(desk.rows, desk.lines, desk.order, desk.held, move, stamp)[0]
    if place < 0:
        return False
    set_heads(desk.rows, desk.setups, desk.order, place)
    return True


@lean
def _try(desk: Desk, aim: Aim, value: int, heat: float, stamp: int) -> int:
    """Make one move and keep or undo it; the new value, or -1 if it made a cycle."""
    rows = desk.rows
    move = _propose(desk, aim)
    if move[0] < 0:
        return value
    mover = move[0]
    back = (mover, rows[mover, MACHINE], rows[mover, DURATION], rows[mover, MACHINE_BEFORE])
    if not _move(desk, move, 2 * stamp):
        return -1
    found = _tardiness(rows, aim)
    if found > value:
        chance = np.exp((value - found) / heat)
        if draw(desk.random, 1_000_000) >= 1_000_000 * chance:
            return value if _move(desk, back, 2 * stamp + 1) else -1
    return found


@compiled
def anneal(
    desk: Desk,
    start: tuple[I32, I32],
    aim: Aim,
    moves: int,
    heats: tuple[float, float],
    target: int,
    stop: I32,
) -> tuple[int, int]:
    """Cool down once over `moves` moves; the best is left on the desk.

    `heats` are the first and the last temperature, in units of the objective. Ends
    early at `target` or when `stop[0]` is set.

    Returns:
        The best weighted tardiness and the number of moves made.
    """
    load(desk, start[0], start[1])
    value = _tardiness(desk.rows, aim)
    best, now, heat = value, 0, heats[0]
    cooling = (heats[1] / heats[0]) ** (1.0 / max(1, moves))
    while now < moves and best > target and stop[0] == 0:
        now += 1
        heat *= cooling
        value = _try(desk, aim, value, heat, now)
        if value < 0:
            load(desk, desk.best_order.copy(), desk.best_choice.copy())
            value = best
        elif value < best:
            best = value
            keep_best(desk)
    return best, now

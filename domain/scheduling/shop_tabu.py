"""Tabu search on the critical path: the engine for makespans."""

from typing import NamedTuple

import numpy as np

from domain.scheduling.compiled import I32, U64, compiled, lean
from domain.scheduling.shop import Shop
from domain.scheduling.shop_graph import (
    DURATION,
    JOB,
    MACHINE,
    MACHINE_AFTER,
    MACHINE_BEFORE,
    link,
    makespan,
    new_rows,
    relocate,
    set_heads,
    set_tails,
)
from domain.scheduling.shop_moves import (
    AFTER,
    ESTIMATE,
    FORBIDDEN,
    MOVE_WIDTH,
    OPERATION,
    TO_DURATION,
    TO_MACHINE,
    block_moves,
    critical_path,
    draw,
    machine_moves,
)

MOVE_LIMIT = 4096


class Desk(NamedTuple):
    """Everything one search needs to work, allocated once."""

    rows: I32
    lines: I32
    order: I32
    held: I32
    path: I32
    moves: I32
    tabu: I32
    forbidden_until: I32
    setups: I32
    option_start: I32
    options: I32
    best_order: I32
    best_choice: I32
    random: U64


def make_desk(shop: Shop, seed: int) -> Desk:
    """A desk for one searching thread."""
    count = shop.operation_count
    options = np.stack([shop.option_machine, shop.option_duration], axis=1).astype(np.int32)
    return Desk(
        rows=new_rows(shop),
        lines=np.zeros((shop.machine_count, 2), np.int32),
        order=np.zeros(count, np.int32),
        held=np.zeros(count, np.int32),
        path=np.zeros(count, np.int32),
        moves=np.zeros((MOVE_LIMIT, MOVE_WIDTH), np.int32),
        tabu=np.zeros((count, shop.job_count), np.int32),
        forbidden_until=np.zeros(len(options), np.int32),
        setups=shop.setups,
        option_start=shop.option_start.astype(np.int32),
        options=np.ascontiguousarray(options),
        best_order=np.zeros(count, np.int32),
        best_choice=np.zeros(count, np.int32),
        random=np.array([seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019 & (2**64 - 1)], np.uint64),
    )


@lean
def _choose(rows: I32, moves: I32, count: int, best: int, thrift: int, random: U64) -> int:
    """Index of the best allowed move (allowed: not forbidden, or better than ever).

    Every unit of machine time that a move saves counts `thrift` units of estimate: where machines
    differ, that pays off later.
    """
    chosen, least, ties = -1, 2_000_000_000_000, 0
    for index in range(count):
        estimate = moves[index, ESTIMATE]
        if moves[index, FORBIDDEN] != 0 and estimate >= best:
            continue
        extra = moves[index, TO_DURATION] - rows[moves[index, OPERATION], DURATION]
        cost = np.int64(estimate) + thrift * extra
        if cost > least:
            continue
        ties = ties + 1 if cost == least else 1
        if cost < least or draw(random, ties) == 0:
            chosen, least = index, cost
    return chosen if chosen >= 0 else draw(random, count)


@lean
def _forbid(rows: I32, tabu: I32, mover: int, before: int, until: int) -> None:
    """Forbid to undo, for a while, the order of the pairs that the coming move turns round."""
    job, nobody = rows[mover, JOB], rows.shape[0] - 1
    here = rows[mover, MACHINE_AFTER]
    goes_right = False
    scan = here
    while scan != nobody and not goes_right:
        goes_right = scan == before
        scan = rows[scan, MACHINE_AFTER]
    if goes_right:
        while True:
            tabu[mover, rows[here, JOB]] = until
            if here == before:
                return
            here = rows[here, MACHINE_AFTER]
    here = rows[mover, MACHINE_BEFORE]
    while here != before:
        tabu[here, job] = until
        here = rows[here, MACHINE_BEFORE]


@lean
def _forbid_option(desk: Desk, mover: int, until: int) -> None:
    for option in range(desk.option_start[mover], desk.option_start[mover + 1]):
        if desk.options[option, 0] == desk.rows[mover, MACHINE]:
            desk.forbidden_until[option] = until


@compiled
def keep_best(desk: Desk) -> None:
    """Note down the plan on the desk as the best."""
    rows = desk.rows
    desk.best_order[:] = desk.order
    for operation in range(desk.order.size):
        for option in range(desk.option_start[operation], desk.option_start[operation + 1]):
            if desk.options[option, 0] == rows[operation, MACHINE]:
                desk.best_choice[operation] = option


@compiled
def load(desk: Desk, order: I32, choice: I32) -> int:
    """Put a sequence on the desk and return its makespan."""
    desk.order[:] = order
    link(desk.rows, desk.lines, desk.order, choice, desk.options)
    set_heads(desk.rows, desk.setups, desk.order, 0)
    set_tails(desk.rows, desk.setups, desk.order, desk.order.size - 1)
    desk.best_order[:] = order
    desk.best_choice[:] = choice
    return makespan(desk.rows, desk.lines)


@lean
def _collect(desk: Desk, now: int) -> int:
    rows, setups, path, moves = desk.rows, desk.setups, desk.path, desk.moves
    length = critical_path(rows, desk.lines, setups, path, desk.random)
    count = block_moves(rows, setups, desk.tabu, now, path, length, moves)
    if desk.options.shape[0] > desk.order.size:
        count = machine_moves(
            rows,
            desk.lines,
            setups,
            desk.forbidden_until,
            now,
            desk.option_start,
            desk.options,
            path,
            length,
            moves,
            count,
        )
    return count


@lean
def _step(desk: Desk, best: int, now: int, tenure: int, thrift: int) -> bool:
    """Make one move if this path has any; False when it made a cycle.

    That can happen only with operations that take no time.
    """
    rows, moves = desk.rows, desk.moves
    count = _collect(desk, now)
    if count == 0:
        return True
    index = _choose(rows, moves, count, best, thrift, desk.random)
    mover, machine = moves[index, OPERATION], moves[index, TO_MACHINE]
    duration, before = moves[index, TO_DURATION], moves[index, AFTER]
    until = now + tenure + draw(desk.random, tenure // 2 + 1)
    if machine == rows[mover, MACHINE]:
        _forbid(rows, desk.tabu, mover, before, until)
    else:
        _forbid_option(desk, mover, until)
    move = (mover, machine, duration, before)
    return relocate(rows, desk.lines, desk.order, desk.held, desk.setups, move, now)


@compiled
def tabu_search(
    desk: Desk,
    start: tuple[I32, I32],
    patience: int,
    limit: int,
    target: int,
    thrift: int,
    stop: I32,
) -> tuple[int, int]:
    """Search on from a sequence; the best is left in `best_order` and `best_choice`.

    Ends after `patience` moves without a better plan, after `limit` moves, at `target`, or when
    `stop[0]` is set.

    Returns:
        The best makespan and the number of moves made.
    """
    best = load(desk, start[0], start[1])
    desk.tabu[:, :] = 0
    desk.forbidden_until[:] = 0
    tenure = 10 + desk.tabu.shape[1] // desk.lines.shape[0]
    now, since = 0, 0
    while now < limit and since < patience and best > target and stop[0] == 0:
        now += 1
        since += 1
        if not _step(desk, best, now, tenure, thrift):
            load(desk, desk.best_order.copy(), desk.best_choice.copy())
        value = makespan(desk.rows, desk.lines)
        if value < best:
            best, since = value, 0
            keep_best(desk)
    return best, now

"""Moves that can shorten a critical path, each with an estimate of what it would lead to.

Within a block of the path: any operation to the block's ends, and its ends inwards (the moves of
Balas and Vazacopoulos 1998, extended as in Zhang, Li, Guan and Rao 2007). To another machine: the
positions that Mastrolilli and Gambardella (2000) show to hold a best insertion.
"""

from domain.scheduling.compiled import I32, U64, lean
from domain.scheduling.shop_graph import (
    DURATION,
    END,
    FIRST,
    HEAD,
    JOB,
    JOB_AFTER,
    JOB_BEFORE,
    LAST,
    MACHINE,
    MACHINE_AFTER,
    MACHINE_BEFORE,
    TAIL,
    TRIAL,
    gap,
)

OPERATION, TO_MACHINE, TO_DURATION, AFTER, ESTIMATE, FORBIDDEN = 0, 1, 2, 3, 4, 5
MOVE_WIDTH = 6


@lean
def draw(random: U64, limit: int) -> int:
    """A number from 0 up to `limit`, by xorshift."""
    state = random[0]
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    random[0] = state
    return (state >> 33) % limit


@lean
def critical_path(rows: I32, lines: I32, setups: I32, path: I32, random: U64) -> int:
    """Walk one random longest path backwards; fill `path` from its start, return its length."""
    nobody = rows.shape[0] - 1
    longest, here, ties = -1, nobody, 0
    for machine in range(lines.shape[0]):
        end = rows[lines[machine, LAST], END]
        ties = ties + 1 if end == longest else 1
        if end > longest or (end == longest and draw(random, ties) == 0):
            longest, here = end, lines[machine, LAST]
        if end < longest:
            ties -= 1
    length = 0
    while here != nobody:
        path[length] = here
        length += 1
        here = step_back(rows, setups, here, random)
    for index in range(length // 2):
        path[index], path[length - 1 - index] = path[length - 1 - index], path[index]
    return length


@lean
def step_back(rows: I32, setups: I32, here: int, random: U64) -> int:
    """The operation that an operation waits for, nobody if none; random if both kinds bind."""
    nobody = rows.shape[0] - 1
    head = rows[here, HEAD]
    by_job, by_machine = rows[here, JOB_BEFORE], rows[here, MACHINE_BEFORE]
    machine_end = rows[by_machine, END] + gap(setups, rows[here, MACHINE], by_machine, here)
    job_binds = by_job != nobody and rows[by_job, END] == head
    machine_binds = by_machine != nobody and machine_end == head
    if job_binds and machine_binds:
        return by_job if draw(random, 2) == 0 else by_machine
    if job_binds:
        return by_job
    return by_machine if machine_binds else nobody


@lean
def _try_right(
    rows: I32, setups: I32, tabu: I32, now: int, mover: int, target: int
) -> tuple[int, bool]:
    """Estimate of `mover` right after `target`, and whether a recent move forbids it."""
    machine, before = rows[mover, MACHINE], rows[mover, MACHINE_BEFORE]
    clock, here, forbidden = rows[before, END], before, False
    job = rows[mover, JOB]
    while here != target:
        after = rows[mover, MACHINE_AFTER] if here == before else rows[here, MACHINE_AFTER]
        clock += gap(setups, machine, here, after)
        here = after
        clock = max(clock, rows[rows[here, JOB_BEFORE], END])
        rows[here, TRIAL] = clock
        clock += rows[here, DURATION]
        forbidden |= bool(tabu[here, job] > now)
    clock = max(clock + gap(setups, machine, here, mover), rows[rows[mover, JOB_BEFORE], END])
    after = rows[target, MACHINE_AFTER]
    tail = rows[after, TAIL] + gap(setups, machine, mover, after)
    tail = max(tail, rows[rows[mover, JOB_AFTER], TAIL]) + rows[mover, DURATION]
    worst, after, here = clock + tail, mover, target
    while here != mover:
        tail += gap(setups, machine, here, after)
        tail = max(tail, rows[rows[here, JOB_AFTER], TAIL]) + rows[here, DURATION]
        worst = max(worst, rows[here, TRIAL] + tail)
        after, here = here, rows[here, MACHINE_BEFORE]
    return worst, forbidden


@lean
def _try_left(
    rows: I32, setups: I32, tabu: I32, now: int, mover: int, target: int
) -> tuple[int, bool]:
    """Estimate of `mover` right before `target`, and whether a recent move forbids it."""
    machine, before = rows[mover, MACHINE], rows[target, MACHINE_BEFORE]
    clock = rows[before, END] + gap(setups, machine, before, mover)
    clock = max(clock, rows[rows[mover, JOB_BEFORE], END])
    start, previous, here, forbidden = clock, mover, target, False
    clock += rows[mover, DURATION]
    while here != mover:
        clock += gap(setups, machine, previous, here)
        clock = max(clock, rows[rows[here, JOB_BEFORE], END])
        rows[here, TRIAL] = clock
        clock += rows[here, DURATION]
        forbidden |= bool(tabu[mover, rows[here, JOB]] > now)
        previous, here = here, rows[here, MACHINE_AFTER]
    after, here = rows[mover, MACHINE_AFTER], rows[mover, MACHINE_BEFORE]
    tail, worst = rows[after, TAIL], 0
    while True:
        tail += gap(setups, machine, here, after)
        tail = max(tail, rows[rows[here, JOB_AFTER], TAIL]) + rows[here, DURATION]
        worst = max(worst, rows[here, TRIAL] + tail)
        after = here
        if here == target:
            break
        here = rows[here, MACHINE_BEFORE]
    tail += gap(setups, machine, mover, after)
    tail = max(tail, rows[rows[mover, JOB_AFTER], TAIL]) + rows[mover, DURATION]
    return max(worst, start + tail), forbidden


@lean
def _add(
    moves: I32, count: int, mover: int, to: tuple[int, int, int], cost: int, tabu: bool
) -> int:
    if count >= moves.shape[0]:
        return count
    moves[count, OPERATION] = mover
    moves[count, TO_MACHINE], moves[count, TO_DURATION], moves[count, AFTER] = to
    moves[count, ESTIMATE] = cost
    moves[count, FORBIDDEN] = tabu
    return count + 1


@lean
def _add_right(
    rows: I32, setups: I32, tabu: I32, now: int, moves: I32, count: int, pair: tuple[int, int]
) -> int:
    mover, target = pair
    after = rows[mover, JOB_AFTER]
    if after == target or (after != rows.shape[0] - 1 and rows[after, END] <= rows[target, HEAD]):
        return count
    cost, forbidden = _try_right(rows, setups, tabu, now, mover, target)
    to = (rows[mover, MACHINE], rows[mover, DURATION], target)
    return _add(moves, count, mover, to, cost, forbidden)


@lean
def _add_left(
    rows: I32, setups: I32, tabu: I32, now: int, moves: I32, count: int, pair: tuple[int, int]
) -> int:
    mover, target = pair
    before = rows[mover, JOB_BEFORE]
    if before == target or (
        before != rows.shape[0] - 1 and rows[before, HEAD] >= rows[target, END]
    ):
        return count
    cost, forbidden = _try_left(rows, setups, tabu, now, mover, target)
    to = (rows[mover, MACHINE], rows[mover, DURATION], rows[target, MACHINE_BEFORE])
    return _add(moves, count, mover, to, cost, forbidden)


@lean
def block_moves(
    rows: I32, setups: I32, tabu: I32, now: int, path: I32, length: int, moves: I32
) -> int:
    """Collect the moves within the blocks of a path; the outer edges of its ends gain nothing."""
    count, first = 0, 0
    while first < length:
        last = first
        while last + 1 < length and path[last + 1] == rows[path[last], MACHINE_AFTER]:
            last += 1
        if last > first:
            for index in range(first, last):
                if last < length - 1 or setups.shape[0] > 0 or index == first:
                    pair = (path[index], path[last])
                    count = _add_right(rows, setups, tabu, now, moves, count, pair)
                if first < index and (first > 0 or setups.shape[0] > 0):
                    pair = (path[index], path[first])
                    count = _add_left(rows, setups, tabu, now, moves, count, pair)
            for index in range(first + 1, last):
                pair = (path[first], path[index])
                count = _add_right(rows, setups, tabu, now, moves, count, pair)
                pair = (path[last], path[index])
                count = _add_left(rows, setups, tabu, now, moves, count, pair)
            if last > first + 1:
                pair = (path[last], path[first])
                count = _add_left(rows, setups, tabu, now, moves, count, pair)
        first = last + 1
    return count


@lean
def _best_place(
    rows: I32, lines: I32, setups: I32, mover: int, machine: int, duration: int
) -> tuple[int, int]:
    """Where on another machine an operation would lengthen the plan least, and how long it gets."""
    nobody = rows.shape[0] - 1
    head, tail = rows[rows[mover, JOB_BEFORE], END], rows[rows[mover, JOB_AFTER], TAIL]
    before, here = nobody, lines[machine, FIRST]
    while here != nobody and rows[here, END] <= head and rows[here, TAIL] > tail:
        before, here = here, rows[here, MACHINE_AFTER]
    best, place = 2_000_000_000, before
    while True:
        start = max(head, rows[before, END] + gap(setups, machine, before, mover))
        rest = max(tail, rows[here, TAIL] + gap(setups, machine, mover, here))
        cost = start + duration + rest
        if cost < best:
            best, place = cost, before
        if here == nobody or (rows[here, END] > head and rows[here, TAIL] <= tail):
            return place, best
        before, here = here, rows[here, MACHINE_AFTER]


@lean
def machine_moves(
    rows: I32,
    lines: I32,
    setups: I32,
    forbidden_until: I32,
    now: int,
    option_start: I32,
    options: I32,
    path: I32,
    length: int,
    moves: I32,
    count: int,
) -> int:
    """Collect, for every operation of a path and every other machine, the best place there."""
    for index in range(length):
        mover = path[index]
        for option in range(option_start[mover], option_start[mover + 1]):
            machine, duration = options[option, 0], options[option, 1]
            if machine != rows[mover, MACHINE]:
                place, cost = _best_place(rows, lines, setups, mover, machine, duration)
                tabu = forbidden_until[option] > now
                count = _add(moves, count, mover, (machine, duration, place), cost, tabu)
    return count

"""The plan of a shop as a graph: who comes before whom on which machine, and when.

One row per operation keeps everything a move reads in one cache line; the row after the last
stands for 'nobody', with length and times of zero, so that no loop has to ask.
"""

import numpy as np

from domain.scheduling.compiled import I32, lean
from domain.scheduling.shop import Shop

JOB_BEFORE, JOB_AFTER, MACHINE_BEFORE, MACHINE_AFTER = 0, 1, 2, 3
MACHINE, DURATION, HEAD, END, TAIL = 4, 5, 6, 7, 8
PLACE, MARK, TRIAL, JOB = 9, 10, 11, 12
WIDTH = 16
FIRST, LAST = 0, 1


def new_rows(shop: Shop) -> I32:
    """Rows with the job links set and nothing planned yet."""
    count = shop.operation_count
    rows = np.zeros((count + 1, WIDTH), np.int32)
    rows[:, : MACHINE_AFTER + 1] = count
    for job in range(shop.job_count):
        first, stop = int(shop.job_start[job]), int(shop.job_start[job + 1])
        rows[first:stop, JOB] = job
        rows[first + 1 : stop, JOB_BEFORE] = np.arange(first, stop - 1)
        rows[first : stop - 1, JOB_AFTER] = np.arange(first + 1, stop)
    return rows


@lean
def gap(setups: I32, machine: int, before: int, after: int) -> int:
    """Setup between two neighbours; an impossible pair costs more than any plan lasts."""
    if setups.shape[0] == 0:
        return 0
    minutes = setups[machine, before, after]
    return minutes if minutes >= 0 else 10_000_000


@lean
def link(rows: I32, lines: I32, order: I32, places: I32, options: I32) -> None:
    """Build machine sequences from a total order and one option (machine, duration) each."""
    nobody = rows.shape[0] - 1
    lines[:, :] = nobody
    for place in range(order.size):
        operation = order[place]
        machine = options[places[operation], 0]
        before = lines[machine, LAST]
        row = rows[operation]
        row[MACHINE] = machine
        row[DURATION] = options[places[operation], 1]
        row[MACHINE_BEFORE] = before
        row[MACHINE_AFTER] = nobody
        row[PLACE] = place
        row[MARK] = 0
        if before == nobody:
            lines[machine, FIRST] = operation
        else:
            rows[before, MACHINE_AFTER] = operation
        lines[machine, LAST] = operation


@lean
def set_heads(rows: I32, setups: I32, order: I32, start: int) -> None:
    """Earliest starts and ends of everything from place `start` on."""
    for place in range(start, order.size):
        row = rows[order[place]]
        before = row[MACHINE_BEFORE]
        head = rows[before, END]
        if setups.shape[0] > 0:
            head += gap(setups, row[MACHINE], before, order[place])
        head = max(head, rows[row[JOB_BEFORE], END])
        row[HEAD] = head
        row[END] = head + row[DURATION]


@lean
def set_tails(rows: I32, setups: I32, order: I32, start: int) -> None:
    """Longest way from the start of each operation to the end of the plan, up to `start`."""
    for place in range(start, -1, -1):
        row = rows[order[place]]
        after = row[MACHINE_AFTER]
        tail = rows[after, TAIL]
        if setups.shape[0] > 0:
            tail += gap(setups, row[MACHINE], order[place], after)
        row[TAIL] = row[DURATION] + max(tail, rows[row[JOB_AFTER], TAIL])


@lean
def makespan(rows: I32, lines: I32) -> int:
    """When the last machine is done."""
    longest = 0
    for machine in range(lines.shape[0]):
        longest = max(longest, rows[lines[machine, LAST], END])
    return longest


@lean
def _unlink(rows: I32, lines: I32, operation: int) -> None:
    nobody = rows.shape[0] - 1
    row = rows[operation]
    before, after = row[MACHINE_BEFORE], row[MACHINE_AFTER]
    if before == nobody:
        lines[row[MACHINE], FIRST] = after
    else:
        rows[before, MACHINE_AFTER] = after
    if after == nobody:
        lines[row[MACHINE], LAST] = before
    else:
        rows[after, MACHINE_BEFORE] = before


@lean
def _insert(rows: I32, lines: I32, operation: int, machine: int, before: int) -> None:
    nobody = rows.shape[0] - 1
    row = rows[operation]
    after = lines[machine, FIRST] if before == nobody else rows[before, MACHINE_AFTER]
    row[MACHINE], row[MACHINE_BEFORE], row[MACHINE_AFTER] = machine, before, after
    if before == nobody:
        lines[machine, FIRST] = operation
    else:
        rows[before, MACHINE_AFTER] = operation
    if after == nobody:
        lines[machine, LAST] = operation
    else:
        rows[after, MACHINE_BEFORE] = operation


@lean
def _push_right(rows: I32, order: I32, held: I32, mover: int, target: int, stamp: int) -> bool:
    """Reorder so that `mover` and what hangs on it come after `target`; False on a cycle."""
    write, count, last = rows[mover, PLACE], 0, rows[target, PLACE]
    for place in range(write, last + 1):
        operation = order[place]
        row = rows[operation]
        if (
            operation == mover
            or rows[row[JOB_BEFORE], MARK] == stamp
            or rows[row[MACHINE_BEFORE], MARK] == stamp
        ):
            row[MARK] = stamp
            held[count] = operation
            count += 1
        else:
            order[write] = operation
            row[PLACE] = write
            write += 1
    for index in range(count):
        order[write + index] = held[index]
        rows[held[index], PLACE] = write + index
    return rows[target, MARK] != stamp


@lean
def _push_left(rows: I32, order: I32, held: I32, mover: int, target: int, stamp: int) -> bool:
    """Reorder so that `mover` and what it hangs on come before `target`; False on a cycle."""
    write, count, last = rows[mover, PLACE], 0, rows[target, PLACE]
    for place in range(write, last - 1, -1):
        operation = order[place]
        row = rows[operation]
        if (
            operation == mover
            or rows[row[JOB_AFTER], MARK] == stamp
            or rows[row[MACHINE_AFTER], MARK] == stamp
        ):
            row[MARK] = stamp
            held[count] = operation
            count += 1
        else:
            order[write] = operation
            row[PLACE] = write
            write -= 1
    for index in range(count):
        order[write - index] = held[index]
        rows[held[index], PLACE] = write - index
    return rows[target, MARK] != stamp


@lean
def displace(
    rows: I32, lines: I32, order: I32, held: I32, move: tuple[int, int, int, int], stamp: int
) -> tuple[int, int]:
    """Put an operation (operation, machine, duration, before) elsewhere, times unchanged.

    Returns:
        The first and last place in the order whose operations the move concerns; -1 for the
        first when it would make a cycle: the rows are then unusable.
    """
    operation, machine, duration, before = move
    nobody = rows.shape[0] - 1
    old_place = rows[operation, PLACE]
    _unlink(rows, lines, operation)
    _insert(rows, lines, operation, machine, before)
    rows[operation, DURATION] = duration
    after = rows[operation, MACHINE_AFTER]
    is_sound = True
    if before != nobody and rows[before, PLACE] > old_place:
        is_sound = _push_right(rows, order, held, operation, before, stamp)
    elif after != nobody and rows[after, PLACE] < old_place:
        is_sound = _push_left(rows, order, held, operation, after, stamp)
    new_place = rows[operation, PLACE]
    return (min(old_place, new_place) if is_sound else -1), max(old_place, new_place)


@lean
def relocate(
    rows: I32,
    lines: I32,
    order: I32,
    held: I32,
    setups: I32,
    move: tuple[int, int, int, int],
    stamp: int,
) -> bool:
    """Put an operation elsewhere and renew all times; False as in `displace`."""
    first, last = displace(rows, lines, order, held, move, stamp)
    if first < 0:
        return False
    set_heads(rows, setups, order, first)
    set_tails(rows, setups, order, last)
    return True

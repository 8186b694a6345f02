"""Work as late as it may be: nothing starts earlier than what is due needs it.

The other way round than decoding: from the last operation to the first, each goes right as far as
due times, what follows it, its machine and its crew allow. Machines, their sequences and crews
stay, no order line gets later than it is or than it is due, and what cannot move stays, so that
every step leaves a plan that keeps all rules. With these sequences no plan starts anything later.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from domain.scheduling.batches import members
from domain.scheduling.compiled import I32, lean
from domain.scheduling.decode import by_time
from domain.scheduling.problem import (
    Problem,
    Solution,
    Tables,
    pause_of,
    setup_between,
    total_overrun,
)
from domain.scheduling.worktime import FAR, interval_of, minute_of, span, work_before


class _Late(NamedTuple):
    """The plan while it is being shifted, and what limits it from the right."""

    alternative: I32
    setup_start: I32
    run_start: I32
    end: I32
    crew: I32
    work: I32
    """Run start on the machine's working-time axis."""
    setup: I32
    delivery: I32
    """When each order line is due, or finished if that is later."""
    machine_next: I32
    """Working minute at which each machine is taken again."""
    operator_next: I32
    """Minute at which each operator is."""
    wish: I32
    """Minute to which the run start may go, below 0: nowhere."""
    head: I32
    run: I32
    """Working minutes that its machine runs for it: its batch's, if it is in one."""
    together: I32
    """Latest working minute for the batch that it leads, as far as its members have told."""
    member_first: I32
    member: I32
    """Who else is in the batch that an operation leads."""


def as_late_as(problem: Problem, solution: Solution, wish: I32) -> Solution:
    """The same plan with each operation as late as it can be, up to a run start at `wish`.

    Lateness and setups stay as they are.
    """
    tables = problem.tables
    works = np.zeros((2, problem.operation_count), np.int32)
    member_first, member = members(solution.head)
    run = np.zeros(problem.operation_count, np.int32)
    chosen = solution.alternative[solution.head]
    run[chosen >= 0] = tables.alt_run[chosen[chosen >= 0]]
    late = _Late(
        solution.alternative,
        solution.setup_start.copy(),
        solution.run_start.copy(),
        solution.end.copy(),
        solution.crew,
        works[0],
        works[1],
        np.zeros(len(tables.line_due), np.int32),
        np.full(problem.machine_count, FAR, np.int32),
        np.full(len(tables.operator_calendar), FAR, np.int32),
        np.where(tables.pin >= 0, -1, wish).astype(np.int32),
        solution.head,
        run,
        np.full(problem.operation_count, FAR, np.int32),
        member_first,
        member,
    )
    last = np.full(problem.machine_count, -1, np.int32)
    deliveries(tables, late.end, late.delivery)
    _shift_all(tables, late, solution.order, last)
    shifted = replace(
        solution,
        setup_start=late.setup_start,
        run_start=late.run_start,
        end=late.end,
        overrun=int(total_overrun(tables, late.run_start, late.end)),
    )
    return by_time(shifted)


@lean
def deliveries(tables: Tables, end: I32, delivery: I32) -> None:
    """When each order line leaves: when it is due, or finished if that is later."""
    for line in range(delivery.size):
        leaves = max(tables.line_due[line], tables.line_floor[line])
        for at in range(tables.line_first[line], tables.line_first[line + 1]):
            leaves = max(leaves, end[tables.line_op[at]])
        delivery[line] = leaves


@lean
def _shift_all(tables: Tables, late: _Late, order: I32, last: I32) -> None:
    for at in range(order.size):
        op = order[at]
        alt = late.alternative[op]
        if alt < 0:
            continue
        machine = tables.alt_machine[alt]
        before = late.head[last[machine]] if last[machine] >= 0 else -1
        if late.head[op] == op:
            late.setup[op] = setup_between(tables, machine, before, op)
        late.work[op] = work_before(
            tables.worktime, tables.machine_calendar[machine], late.run_start[op]
        )
        last[machine] = op
    for at in range(order.size - 1, -1, -1):
        op = order[at]
        if late.alternative[op] < 0:
            _shift_elapsed(tables, late, op)
        else:
            _shift(tables, late, op)


@lean
def _latest_end(tables: Tables, late: _Late, op: int) -> int:
    """Minute by which an operation must be done for what it is for; now, if it is for stock."""
    latest = FAR
    for at in range(tables.serves_first[op], tables.serves_first[op + 1]):
        latest = min(latest, late.delivery[tables.serves_line[at]])
    for at in range(tables.next_first[op], tables.next_first[op + 1]):
        after = tables.next_op[at]
        for edge in range(tables.edge_first[after], tables.edge_first[after + 1]):
            if tables.edge_from[edge] == op:
                latest = min(latest, _end_for(tables, late, after, edge))
    if latest == FAR:
        return late.end[op]
    return min(latest, max(late.end[op], tables.worktime.horizon))


@lean
def _end_for(tables: Tables, late: _Late, after: int, edge: int) -> int:
    """Minute by which a predecessor must end so that `after` need not start later."""
    alt = late.alternative[after]
    if not tables.edge_overlap[edge] or alt < 0:
        return late.run_start[after] - pause_of(tables, edge, late.alternative, alt)
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    work = late.work[after] + tables.alt_run[alt] - tables.alt_last_batch[alt]
    pause = pause_of(tables, edge, late.alternative, alt)
    return minute_of(tables.worktime, calendar, work) - pause


@lean
def _latest_for_batch(tables: Tables, late: _Late, op: int, alt: int) -> int:
    """Working minute by which the run must start for its first transfer batches."""
    latest = FAR
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    for at in range(tables.next_first[op], tables.next_first[op + 1]):
        after = tables.next_op[at]
        for edge in range(tables.edge_first[after], tables.edge_first[after + 1]):
            if tables.edge_from[edge] != op or not tables.edge_overlap[edge]:
                continue
            pause = pause_of(tables, edge, late.alternative, late.alternative[after])
            minute = late.run_start[after] - pause
            work = work_before(tables.worktime, calendar, minute) - tables.alt_first_batch[alt]
            latest = min(latest, work, _last_start(tables, calendar, minute))
    return latest


@lean
def _last_start(tables: Tables, calendar: int, minute: int) -> int:
    """Last working minute that begins at or before a minute."""
    return work_before(tables.worktime, calendar, minute + 1) - 1


@lean
def _latest_work(tables: Tables, late: _Late, op: int, alt: int) -> int:
    """Last working minute at which the run may start, but for breaks and its crew's shifts."""
    machine, run = tables.alt_machine[alt], late.run[op]
    calendar = tables.machine_calendar[machine]
    end = _latest_end(tables, late, op)
    for at in range(tables.crew_size[op]):
        end = min(end, late.operator_next[late.crew[op, at]])
    work = work_before(tables.worktime, calendar, end) - run
    if run == 0:
        work = _last_start(tables, calendar, end)
    work = min(work, late.machine_next[machine] - run)
    work = min(work, _latest_for_batch(tables, late, op, alt))
    return min(work, _last_start(tables, calendar, max(0, _wish(tables, late, op))))


@lean
def _wish(tables: Tables, late: _Late, op: int) -> int:
    """Minute to which the run start may go without letting what is before it wait too long."""
    wish = late.wish[op]
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        if tables.edge_most[edge] >= 0:
            wish = min(wish, late.end[tables.edge_from[edge]] + tables.edge_most[edge])
    return wish


@lean
def _before_break(tables: Tables, calendar: int, start: int, length: int) -> int:
    """Last `s <= start` such that `[s, s + length)` lies in one working interval; below 0: none."""
    while start >= 0:
        at = interval_of(tables.worktime, calendar, start)
        start = min(start, tables.worktime.before[at + 1] - length)
        if start >= tables.worktime.before[at]:
            return start
    return start


@lean
def _before_leaving(tables: Tables, calendar: int, operator: int, start: int, length: int) -> int:
    """Last `s <= start` from which the operator stays for `length`; below 0: none."""
    row = tables.cover_of[calendar, tables.operator_calendar[operator]]
    first = tables.cover_first[row]
    low, high = first, tables.cover_first[row + 1]
    while low < high:
        middle = (low + high) // 2
        if tables.cover_from[middle] <= start:
            low = middle + 1
        else:
            high = middle
    for at in range(low - 1, first - 1, -1):
        start = min(start, tables.cover_to[at] - max(1, length))
        if start >= tables.cover_from[at]:
            return start
    return -1


@lean
def _latest_start(tables: Tables, late: _Late, op: int, alt: int, start: int) -> int:
    """The last setup start at or before `start` that suits breaks and crew; below 0: none."""
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    length = late.setup[op] + late.run[op]
    while start >= 0:
        found = start
        if tables.fit[op]:
            # As `unbroken_length`, with the run of its batch.
            unbroken = late.setup[op] + max(1, late.run[op])
            found = _before_break(tables, calendar, found, unbroken)
        for at in range(tables.crew_size[op]):
            if found >= 0:
                found = _before_leaving(tables, calendar, late.crew[op, at], found, length)
        if found == start:
            return start
        start = found
    return start


@lean
def _shift(tables: Tables, late: _Late, op: int) -> None:
    alt = late.alternative[op]
    leader, work = late.head[op], -1
    if late.wish[op] > late.run_start[op] and late.end[op] <= tables.worktime.horizon:
        work = _latest_work(tables, late, op, alt)
    if leader != op:
        # It goes when its leader does; whom it serves and who serves it is known by now.
        late.together[leader] = min(late.together[leader], work)
    else:
        machine = tables.alt_machine[alt]
        work = _latest_for_all(tables, late, op, alt, min(work, late.together[op]))
        if work > late.work[op]:
            _put(tables, late, op, alt, work)
            for at in range(late.member_first[op], late.member_first[op + 1]):
                _put(tables, late, late.member[at], alt, work)
        late.machine_next[machine] = late.work[op] - late.setup[op]
    for at in range(tables.crew_size[op]):
        operator = late.crew[op, at]
        if leader == op or not _holds(tables, late, leader, operator):
            late.operator_next[operator] = late.setup_start[op]


@lean
def _holds(tables: Tables, late: _Late, op: int, operator: int) -> bool:
    found = False
    for at in range(tables.crew_size[op]):
        found |= late.crew[op, at] == operator
    return found


@lean
def _latest_for_all(tables: Tables, late: _Late, op: int, alt: int, work: int) -> int:
    """The last run start at or before a working minute for an operation and those with it."""
    while work >= 0:
        found = _latest_start(tables, late, op, alt, work - late.setup[op]) + late.setup[op]
        for at in range(late.member_first[op], late.member_first[op + 1]):
            if found >= 0:
                found = _latest_start(tables, late, late.member[at], alt, found)
        if found == work:
            return work
        work = found
    return work


@lean
def _put(tables: Tables, late: _Late, op: int, alt: int, work: int) -> None:
    calendar = tables.machine_calendar[tables.alt_machine[alt]]
    begin, end = span(tables.worktime, calendar, work, late.run[op])
    late.work[op], late.run_start[op], late.end[op] = work, begin, end
    late.setup_start[op] = begin
    if late.setup[op] > 0:
        setup = late.setup[op]
        late.setup_start[op] = span(tables.worktime, calendar, work - setup, setup)[0]


@lean
def _shift_elapsed(tables: Tables, late: _Late, op: int) -> None:
    start = min(_latest_end(tables, late, op) - tables.elapsed[op], _wish(tables, late, op))
    if start > late.run_start[op]:
        late.run_start[op], late.setup_start[op] = start, start
        late.end[op] = start + tables.elapsed[op]

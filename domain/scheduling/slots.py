"""A plan as a timetable: every operation in a slot of its machine, the others stay where they are.

Unlike sequences, which close up and push, slots stand still: what is taken out leaves a gap, and
what is put in takes the first gap that is long enough. So a change costs what it touches. People
and tools have no slots here.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from typing import NamedTuple

import numpy as np

from domain.scheduling.chains import MOVE_MINUTES
from domain.scheduling.compiled import I32, I64, U64, inlined, lean
from domain.scheduling.decode import earliest_work, place_after, ready_minute
from domain.scheduling.problem import Problem, Solution, Tables, line_lateness, setup_between
from domain.scheduling.random_numbers import draw
from domain.scheduling.worktime import FAR, span, work_before

VALUE, MOVED = 0, 1
"""Places in `Slots.totals`."""


class Slots(NamedTuple):
    """Who runs where and when; `work` and `work_end` are on the machine's working-time axis."""

    alternative: I32
    place: I32
    first: I32
    size: I32
    sequence: I32
    """Machine m's operations are `sequence[first[m] : first[m] + size[m]]`, by time."""
    work: I32
    work_end: I32
    run_start: I32
    end: I32
    line_cost: I64
    totals: I64
    kept_start: I32
    """Run start of every operation in the plan that is to be kept."""
    stability: I64
    """What each operation costs that starts over an hour from there."""


def new_slots(problem: Problem, solution: Solution, kept_start: I32, stability: I64) -> Slots:
    """The timetable of a decoded plan."""
    tables, count = problem.tables, problem.operation_count
    sizes = np.bincount(tables.alt_machine, minlength=problem.machine_count)
    slots = Slots(
        alternative=np.zeros(count, np.int32),
        place=np.zeros(count, np.int32),
        first=np.concatenate(([0], np.cumsum(sizes))).astype(np.int32),
        size=np.zeros(problem.machine_count, np.int32),
        sequence=np.zeros(len(tables.alt_machine), np.int32),
        work=np.zeros(count, np.int32),
        work_end=np.zeros(count, np.int32),
        run_start=np.zeros(count, np.int32),
        end=np.zeros(count, np.int32),
        line_cost=np.zeros(len(tables.line_due), np.int64),
        totals=np.zeros(2, np.int64),
        kept_start=kept_start,
        stability=stability,
    )
    load_slots(tables, slots, solution)
    return slots


def load_slots(tables: Tables, slots: Slots, solution: Solution) -> None:
    """Set the timetable from a decoded plan."""
    order = solution.order
    load_times(tables, slots, order, solution.alternative, solution.run_start, solution.end)


@lean
def load_times(
    tables: Tables, slots: Slots, order: I32, alternative: I32, run_start: I32, end: I32
) -> None:
    """Set the timetable from times; on each machine in the order given."""
    slots.size[:] = 0
    slots.totals[:] = 0
    for at in range(order.size):
        op = order[at]
        slots.alternative[op] = alternative[op]
        slots.run_start[op], slots.end[op] = run_start[op], end[op]
        slots.totals[MOVED] += stability_cost(slots, op)
        if alternative[op] < 0:
            continue
        machine = tables.alt_machine[alternative[op]]
        calendar = tables.machine_calendar[machine]
        slots.work[op] = work_before(tables.worktime, calendar, run_start[op])
        slots.work_end[op] = slots.work[op] + tables.alt_run[alternative[op]]
        _open_slot(slots, machine, slots.size[machine], op)
    for line in range(tables.line_due.size):
        slots.line_cost[line] = cost_of_line(tables, slots, line)
        slots.totals[VALUE] += slots.line_cost[line]


@inlined
def cost_of_line(tables: Tables, slots: Slots, line: int) -> int:
    """Weighted lateness of an order line."""
    return tables.line_weight[line] * line_lateness(tables, line, slots.end)


@inlined
def stability_cost(slots: Slots, op: int) -> int:
    """What it costs that an operation is far from where it was."""
    is_far = abs(slots.run_start[op] - slots.kept_start[op]) > MOVE_MINUTES
    return slots.stability[op] if is_far else 0


@inlined
def _open_slot(slots: Slots, machine: int, place: int, op: int) -> None:
    base = slots.first[machine]
    for at in range(slots.size[machine], place, -1):
        moved = slots.sequence[base + at - 1]
        slots.sequence[base + at] = moved
        slots.place[moved] = at
    slots.size[machine] += 1
    slots.sequence[base + place] = op
    slots.place[op] = place


@inlined
def take_out(tables: Tables, slots: Slots, op: int) -> None:
    """Take an operation out of its slot; its times stay as they are."""
    alt = slots.alternative[op]
    if alt < 0:
        return
    machine = tables.alt_machine[alt]
    base = slots.first[machine]
    slots.size[machine] -= 1
    for place in range(slots.place[op], slots.size[machine]):
        moved = slots.sequence[base + place + 1]
        slots.sequence[base + place] = moved
        slots.place[moved] = place


@inlined
def put_back(
    tables: Tables, slots: Slots, op: int, alt: int, place: int, work: int, start: int, end: int
) -> None:
    """Put an operation into a slot that is known to be free."""
    slots.alternative[op] = alt
    slots.run_start[op], slots.end[op] = start, end
    if alt < 0:
        return
    slots.work[op], slots.work_end[op] = work, work + tables.alt_run[alt]
    _open_slot(slots, tables.alt_machine[alt], place, op)


@inlined
def is_gap_sound(tables: Tables, slots: Slots, machine: int, place: int) -> bool:
    """Whether the operation at a place has room for the setup after the one before it now."""
    if place >= slots.size[machine]:
        return True
    base = slots.first[machine]
    op = slots.sequence[base + place]
    before = slots.sequence[base + place - 1] if place > 0 else -1
    free = slots.work_end[before] if before >= 0 else 0
    setup = setup_between(tables, machine, before, op)
    if setup == 0:
        return True
    if tables.fit[op] or tables.opening[op] > 0:
        alt = slots.alternative[op]
        return place_after(tables, op, alt, slots.work[op], free, setup) == slots.work[op]
    return free + setup <= slots.work[op]


@inlined
def _first_at(slots: Slots, machine: int, work: int) -> int:
    """First place of a machine whose operation runs from `work` on or later."""
    base = slots.first[machine]
    low, high = 0, slots.size[machine]
    while low < high:
        middle = (low + high) >> 1
        if slots.work[slots.sequence[base + middle]] < work:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _find(
    tables: Tables, slots: Slots, op: int, alt: int, ready: int, blinks: int, random: U64
) -> tuple[int, int]:
    """Place and run start of the first gap of a machine that is long enough.

    One in `blinks` gaps is overlooked, so that the same choice is not made every time.
    """
    machine = tables.alt_machine[alt]
    base, size, run = slots.first[machine], slots.size[machine], tables.alt_run[alt]
    for place in range(_first_at(slots, machine, ready), size):
        before = slots.sequence[base + place - 1] if place > 0 else -1
        after = slots.sequence[base + place]
        free = slots.work_end[before] if before >= 0 else 0
        if max(ready, free) + run > slots.work[after]:
            continue
        setup = setup_between(tables, machine, before, op)
        work = place_after(tables, op, alt, ready, free, setup)
        change = setup_between(tables, machine, op, after)
        if work + run + change > slots.work[after]:
            continue
        if change > 0 and (tables.fit[after] or tables.opening[after] > 0):
            kept, behind = slots.work[after], work + run
            if place_after(tables, after, slots.alternative[after], kept, behind, change) != kept:
                continue
        if blinks > 0 and draw(random, blinks) == 0:
            continue
        return place, work
    before = slots.sequence[base + size - 1] if size > 0 else -1
    free = slots.work_end[before] if before >= 0 else 0
    setup = setup_between(tables, machine, before, op)
    return size, place_after(tables, op, alt, ready, free, setup)


@inlined
def put_in(tables: Tables, slots: Slots, op: int, blinks: int, random: U64) -> None:
    """Put an operation into the gap, on any of its machines, in which it ends first."""
    if tables.elapsed[op] >= 0:
        ready = ready_minute(tables, op, -1, slots.alternative, slots.run_start, slots.end)
        start = max(ready, tables.opening[op])
        put_back(tables, slots, op, -1, 0, 0, start, start + tables.elapsed[op])
        return
    best_end, best_alt, best_place, best_work, best_start = FAR * 2 - 1, -1, 0, 0, 0
    for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
        calendar = tables.machine_calendar[tables.alt_machine[alt]]
        ready = earliest_work(tables, op, alt, slots.alternative, slots.run_start, slots.end)
        place, work = _find(tables, slots, op, alt, ready, blinks, random)
        start, end = span(tables.worktime, calendar, work, tables.alt_run[alt])
        if end < best_end:
            best_end, best_alt, best_place = end, alt, place
            best_work, best_start = work, start
    put_back(tables, slots, op, best_alt, best_place, best_work, best_start, best_end)

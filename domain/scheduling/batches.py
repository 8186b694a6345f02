"""Machines that run several operations of one family together: furnaces, ovens, baths.

An operation joins the batch that its machine ran last if it is of its family, finds room, is ready
when that run starts and takes no longer itself. So the first of a batch, its *leader*, decides when
it runs: one that waits for a late member is led by that member. Joining changes nothing that is
booked: no delay ever has to be decided, sequences say everything.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

import numpy as np

from domain.scheduling.compiled import I32, I64, lean
from domain.scheduling.problem import NONE, Tables
from domain.scheduling.worktime import minute_of

_UNITS = 1 << 29
"""Loads are counted in the finest power of ten of which a capacity holds fewer."""

_FINEST = 6


def _digits(capacity: Decimal) -> int:
    """Decimal places to which loads of a machine are counted (below 0: in tens, hundreds…)."""
    digits = _FINEST
    while capacity.scaleb(digits) >= _UNITS:
        digits -= 1
    return digits


def capacity_units(capacity: Decimal | None) -> int:
    """A capacity as a whole number, rounded down; 0: none, an ordinary machine."""
    return max(1, int(capacity.scaleb(_digits(capacity)))) if capacity else 0


def load_units(load: Decimal, capacity: Decimal) -> int:
    """A load counted likewise, rounded up; whatever is over the capacity counts as one more."""
    most, units = capacity_units(capacity), load.scaleb(_digits(capacity))
    return most + 1 if units > most else int(units.to_integral_value(ROUND_CEILING))


def family_room(tables: Tables) -> I64:
    """Room for one number a family that batches are made of."""
    families = int(tables.batch_family.max(initial=-1)) + 1
    return np.zeros(families + int(tables.part.max(initial=-1)) + 1, np.int64)


def members(head: I32) -> tuple[I32, I32]:
    """Who else is in the batch that each operation leads, as (first, operations)."""
    led = np.flatnonzero(head != np.arange(len(head)))
    count = np.bincount(head[led], minlength=len(head))
    first = np.concatenate(([0], np.cumsum(count))).astype(np.int32)
    return first, led[np.argsort(head[led], kind="stable")].astype(np.int32)


@lean
def is_one_family(tables: Tables, one: int, other: int) -> bool:
    """Whether two operations may run in one batch: same family, or the same item and operation."""
    family = tables.batch_family[one]
    if family != tables.batch_family[other]:
        return False
    return family >= 0 or tables.part[one] == tables.part[other]


@lean
def can_join(
    tables: Tables,
    op: int,
    alt: int,
    before: int,
    ready_work: int,
    alternative: I32,
    head: I32,
    load: I32,
    run_start: I32,
    end: I32,
    work_end: I32,
) -> bool:
    """Whether an operation runs together with its machine's last one, its people not asked.

    Args:
        tables: The problem.
        op: The operation.
        alt: The alternative by which it would run.
        before: The machine's last operation, -1: none.
        ready_work: Working minute from which it may run.
        alternative: Of all operations; what follows, too.
        head: The leader of each one's batch.
        load: What its batch holds, up to and with it.
        run_start: When its batch runs.
        end: When that is over.
        work_end: The same in working minutes.
    """
    capacity = tables.machine_capacity[tables.alt_machine[alt]]
    if capacity == 0 or before < 0 or load[before] + tables.alt_load[alt] > capacity:
        return False
    if not is_one_family(tables, op, before):
        return False
    run = tables.alt_run[alternative[head[before]]]
    if tables.alt_run[alt] > run or ready_work > work_end[before] - run:
        return False
    return not tables.fit[op] or end[before] - run_start[before] == run


@lean
def crew_joins(tables: Tables, op: int, leader: int, run_start: I32, operator_free: I32) -> bool:
    """Whether the leader's people serve an operation, too, and its own tools are free by then."""
    for need in range(tables.need_first[op], tables.need_first[op + 1]):
        which, size = tables.need_crew[need], tables.need_size[need]
        if tables.crew_is_tool[which]:
            for at in range(tables.crew_first[which], tables.crew_first[which + 1]):
                if _is_free(tables, tables.crew_operator[at], run_start[leader], operator_free):
                    size -= 1
        else:
            size -= _shared(tables, leader, which)
        if size > 0:
            return False
    return True


@lean
def _shared(tables: Tables, leader: int, which: int) -> int:
    """How many people of a crew a leader holds."""
    for need in range(tables.need_first[leader], tables.need_first[leader + 1]):
        if tables.need_crew[need] == which:
            return tables.need_size[need]
    return 0


@lean
def share_crew(
    tables: Tables, op: int, leader: int, run_start: I32, end: I32, crew: I32, operator_free: I32
) -> None:
    """Give an operation the leader's people, and tools of its own."""
    place = 0
    for need in range(tables.need_first[op], tables.need_first[op + 1]):
        which = tables.need_crew[need]
        theirs = _place_of(tables, leader, which)
        for number in range(tables.need_size[need]):
            if tables.crew_is_tool[which]:
                unit = _last_free_unit(tables, which, run_start[leader], operator_free)
                crew[op, place] = unit
                # A run of no time ends as it starts: so that no unit is taken twice.
                operator_free[unit] = max(end[leader], run_start[leader] + 1)
            else:
                crew[op, place] = crew[leader, theirs + number]
            place += 1


@lean
def _place_of(tables: Tables, op: int, which: int) -> int:
    """Where in an operation's crew those of one crew begin."""
    place = 0
    for need in range(tables.need_first[op], tables.need_first[op + 1]):
        if tables.need_crew[need] == which:
            return place
        place += tables.need_size[need]
    return place


@lean
def _last_free_unit(tables: Tables, which: int, minute: int, operator_free: I32) -> int:
    best, best_free = NONE, -1
    for at in range(tables.crew_first[which], tables.crew_first[which + 1]):
        unit = tables.crew_operator[at]
        if best_free < operator_free[unit] and _is_free(tables, unit, minute, operator_free):
            best, best_free = unit, operator_free[unit]
    return best


@lean
def _is_free(tables: Tables, unit: int, minute: int, operator_free: I32) -> bool:
    """Whether a unit of a tool is back by then, also from work that has begun."""
    there = minute_of(tables.worktime, tables.operator_calendar[unit], 0)
    return max(there, operator_free[unit]) <= minute

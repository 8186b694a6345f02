"""A scheduling problem as flat arrays, built once and read by every compiled loop.

All times are whole minutes since `now`, all indexes start at 0, and -1 means 'none'. Only work that
can be planned at all is in here; what cannot is named in `Problem.findings`.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np

from domain.errors import Finding
from domain.objectives import Goal
from domain.scenarios import Booking, OvertimeShift
from domain.scheduling.compiled import I32, lean
from domain.scheduling.worktime import Worktime

NONE = -1


class Tables(NamedTuple):
    """What the compiled loops read; `x_first[i] … x_first[i + 1]` is i's slice of `x`.

    `op` operation, `alt` a machine that may do it, `edge` an operation's predecessor, `line` an
    order line, `operator` a person or a unit of a tool, `crew` those that can stand in for one
    another (the people of a skill, the units of a tool), `need` what an operation holds of a crew,
    `cover` the stretches of a machine calendar's working-time axis in which an operator calendar is
    at work.
    """

    # operations
    release: I32
    """Minute before which the run may not start: earliest start, bought material."""
    opening: I32
    """Minute before which not even the setup may start."""
    elapsed: I32
    """Elapsed minutes of a subcontracted operation, which needs no machine; else -1."""
    own_setup: I32
    family: I32
    part: I32
    """Same number: same item and operation, so no setup between the two."""
    fit: I32
    """1: setup and run in one unbroken working interval."""
    crew_size: I32
    """How many operators it holds in all."""
    pin: I32
    """Minute at which the run must start, -1 free."""
    batch_family: I32
    """Same number: may run together; -1: only with the same part."""
    is_shared: I32
    """1: it may go to a machine that runs several operations together."""
    # what operations hold besides their machine
    need_first: I32
    need_crew: I32
    need_size: I32
    # predecessors and successors
    edge_first: I32
    edge_from: I32
    edge_wait: I32
    """Elapsed minutes between the predecessor's end and the start."""
    edge_overlap: I32
    """1: the start may follow the predecessor's first transfer batch."""
    edge_most: I32
    """The most minutes that may pass between the predecessor's end and the start, -1: any."""
    is_limited: I32
    """By operation, 1: one of its edges, in or out, has such a limit."""
    next_first: I32
    next_op: I32
    # alternatives
    alt_first: I32
    alt_op: I32
    alt_machine: I32
    alt_run: I32
    alt_first_batch: I32
    """Run minutes of the first transfer batch that this operation hands on."""
    alt_last_batch: I32
    """Run minutes, here, of the last transfer batch that comes in."""
    alt_load: I32
    """What it takes of the machine's capacity; 0 where that does one thing at a time."""
    # machines
    machine_calendar: I32
    machine_capacity: I32
    """What one batch may hold; 0: an ordinary machine."""
    machine_plant: I32
    transfer: I32
    """Elapsed minutes from plant to plant; empty where there are none."""
    change_group: I32
    change: I32
    """Setup minutes by change group, from family, to family; -1 where no row says anything."""
    # operators
    crew_first: I32
    crew_operator: I32
    crew_is_tool: I32
    operator_calendar: I32
    cover_of: I32
    """[machine calendar, operator calendar] → row of `cover_first`."""
    cover_first: I32
    cover_from: I32
    cover_to: I32
    # order lines
    line_due: I32
    line_weight: I32
    line_floor: I32
    """Earliest finish that stock and purchases allow."""
    line_first: I32
    line_op: I32
    """Operations at whose ends the line is finished."""
    serves_first: I32
    serves_line: I32
    """The same the other way round: lines that an operation finishes."""
    worktime: Worktime


class Rest(NamedTuple):
    """What is still to be done of a booking that has begun, in working minutes from now on.

    ``start`` and ``end`` are the minutes from now in which the rest of the run lies, ``start`` -1:
    nobody knows. ``worked`` is what has been run. ``keeps_crew`` False: one of its people is absent
    before the end.
    """

    booking: Booking
    setup: int
    run: int
    start: int
    end: int
    worked: int
    keeps_crew: bool
    is_done: bool


@dataclass(frozen=True)
class Problem:
    """What is to be scheduled, and how its numbers map back to rows."""

    now_at: datetime
    tables: Tables
    operation_ids: tuple[UUID | None, ...] = ()
    """None: no operation of the factory but a planned order that waits for its components."""
    machine_ids: tuple[UUID, ...] = ()
    operator_ids: tuple[UUID, ...] = ()
    """The people; operators of higher numbers are units of tools."""
    line_ids: tuple[UUID, ...] = ()
    findings: tuple[Finding, ...] = ()
    owner_ids: tuple[UUID, ...] = ()
    """The work order, or the planned order that waits, of each operation."""
    overtime: tuple[OvertimeShift, ...] = ()
    """Overtime that the calendars hold because a scenario has opened it."""
    overtime_hours: tuple[tuple[tuple[int, int], ...], ...] = ()
    """By calendar, what is open at a machine and what a person may do of it; empty: nothing is."""
    begun: Mapping[UUID, Rest] = field(default_factory=dict[UUID, Rest])
    """By operation, what is left of work that has begun in the plan in force."""

    @property
    def operation_count(self) -> int:
        """Number of operations."""
        return len(self.tables.release)

    @property
    def machine_count(self) -> int:
        """Number of machines."""
        return len(self.tables.machine_calendar)

    @property
    def has_crews(self) -> bool:
        """Whether any operation holds people or tools."""
        return bool((self.tables.crew_size > 0).any())

    @property
    def has_batches(self) -> bool:
        """Whether any operation may run together with others."""
        return bool(self.tables.is_shared.any())

    @property
    def has_limits(self) -> bool:
        """Whether any operation may not wait for ever for the next one."""
        return bool(self.tables.is_limited.any())

    def minute(self, instant: datetime) -> int:
        """Whole minutes from `now` to an instant, rounded up."""
        return -int((self.now_at - instant) // timedelta(minutes=1))

    def instant(self, minute: int) -> datetime:
        """The instant of a minute."""
        return self.now_at + timedelta(minutes=minute)


class Window(NamedTuple):
    """Overtime of a machine that may be opened, in `[start, end)`."""

    machine: int
    start: int
    end: int
    cents: int
    """What it costs, in hundredths of the unit of money."""


@dataclass(frozen=True)
class Solution:
    """A decoded plan.

    Attributes:
        order: Operations in the order in which the decoder books them.
        alternative: Chosen alternative of each operation, -1 for a subcontracted one.
        setup_start: Minute at which the machine is taken.
        run_start: Minute at which the run starts.
        end: Minute at which the operation is done.
        crew: Operators of operation i, need by need: `crew[i, :tables.crew_size[i]]`.
        head: The first of the operations with which each runs together; itself if it runs alone.
        value: Sum over order lines of lateness in minutes × weight.
        overrun: Minutes by which operations wait longer for the next than they may.
        setup_minutes: Sum of all setups.
        work_in_progress: As `Goal.WORK_IN_PROGRESS`; 0 until it is measured by `Goals`.
        changes: As `Goal.CHANGES`, likewise.
        preference: As `Goal.PREFERENCE`, likewise.
        buying: As `Goal.BUYING`, likewise.
        modes: What is chosen in `Choices`; empty where there is nothing to choose.
        overtime: As `Goal.OVERTIME`, likewise.
        opened: Overtime that is opened for it, likewise.
        bound: No plan has a smaller `value`.
        bound_origin: Which argument gave the bound.
    """

    order: I32
    alternative: I32
    setup_start: I32
    run_start: I32
    end: I32
    crew: I32
    head: I32
    value: int
    setup_minutes: int
    overrun: int = 0
    work_in_progress: int = 0
    changes: int = 0
    preference: int = 0
    buying: int = 0
    modes: tuple[int, ...] = ()
    overtime: int = 0
    opened: tuple[Window, ...] = ()
    bound: int = 0
    bound_origin: str = ""

    @property
    def makespan(self) -> int:
        """Minute at which everything is done."""
        return int(self.end.max(initial=0))

    @property
    def amounts(self) -> dict[Goal, int]:
        """How much there is of everything that a plan should have little of."""
        return {
            Goal.LATENESS: self.value,
            Goal.SETUP: self.setup_minutes,
            Goal.WORK_IN_PROGRESS: self.work_in_progress,
            Goal.CHANGES: self.changes,
            Goal.PREFERENCE: self.preference,
            Goal.BUYING: self.buying,
            Goal.OVERTIME: self.overtime,
        }

    def is_better_than(self, other: "Solution") -> bool:
        """No longer waits than may be, then less weighted lateness, then less setup."""
        mine = self.overrun, self.value, self.setup_minutes
        return mine < (other.overrun, other.value, other.setup_minutes)


def slip_of(problem: Problem, solution: Solution) -> int:
    """Minutes by which frozen, locked and begun work is not where it has to be."""
    pin = problem.tables.pin
    return int(np.abs(solution.run_start - pin)[pin >= 0].sum())


def breach_of(problem: Problem, solution: Solution) -> tuple[int, int]:
    """What no plan should have, the worse first: minutes by which held work slips, which is wrong
    where it could have stayed, then those by which waits are too long, which is only told."""
    return slip_of(problem, solution), solution.overrun


@lean
def setup_between(tables: Tables, machine: int, before: int, after: int) -> int:
    """Setup minutes of `after` when `before` (-1: nothing) was the machine's last operation."""
    if before < 0:
        return tables.own_setup[after]
    group = tables.change_group[machine]
    origin, target = tables.family[before], tables.family[after]
    if group >= 0 and origin >= 0 and target >= 0:
        minutes = tables.change[group, origin, target]
        if minutes >= 0:
            return minutes
    if tables.part[before] == tables.part[after]:
        return 0
    return tables.own_setup[after]


@lean
def setups_on(tables: Tables, machine: int, ops: I32, setups: I32) -> None:
    """Setups on a machine: [0, k] of `ops[k]` after nothing, [i + 1, k] after `ops[i]`."""
    for k in range(ops.size):
        setups[0, k] = setup_between(tables, machine, -1, ops[k])
        for i in range(ops.size):
            setups[i + 1, k] = setup_between(tables, machine, ops[i], ops[k])


@lean
def pause_of(tables: Tables, edge: int, alternative: I32, alt: int) -> int:
    """Minutes that must pass on an edge: the wait, and the way to the plant of `alt`'s machine."""
    before = alternative[tables.edge_from[edge]]
    if tables.transfer.size == 0 or before < 0 or alt < 0:
        return tables.edge_wait[edge]
    origin = tables.machine_plant[tables.alt_machine[before]]
    target = tables.machine_plant[tables.alt_machine[alt]]
    return tables.edge_wait[edge] + tables.transfer[origin, target]


@lean
def overrun_of(tables: Tables, op: int, run_start: I32, end: I32) -> int:
    """Minutes by which an operation comes later than those before it may wait."""
    total = 0
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        if tables.edge_most[edge] >= 0:
            waited = run_start[op] - end[tables.edge_from[edge]]
            total += max(0, waited - tables.edge_most[edge])
    return total


@lean
def total_overrun(tables: Tables, run_start: I32, end: I32) -> int:
    """The same of all operations."""
    total = 0
    for op in range(run_start.size):
        if tables.is_limited[op]:
            total += overrun_of(tables, op, run_start, end)
    return total


@lean
def line_lateness(tables: Tables, line: int, end: I32) -> int:
    """Lateness of an order line in minutes, before its weight."""
    finish = tables.line_floor[line]
    for at in range(tables.line_first[line], tables.line_first[line + 1]):
        finish = max(finish, end[tables.line_op[at]])
    return max(0, finish - tables.line_due[line])


@lean
def weighted_lateness(tables: Tables, end: I32) -> int:
    """The objective of a plan whose operations end at `end`."""
    total = 0
    for line in range(tables.line_due.size):
        total += tables.line_weight[line] * line_lateness(tables, line, end)
    return total


def crew_members(tables: Tables, op: int) -> list[int]:
    """Everybody, and every unit of a tool, that an operation could hold, need by need."""
    found: list[int] = []
    for need in range(tables.need_first[op], tables.need_first[op + 1]):
        crew = tables.need_crew[need]
        low, high = tables.crew_first[crew], tables.crew_first[crew + 1]
        found += tables.crew_operator[low:high].tolist()
    return found


def csr(groups: list[list[int]]) -> tuple[I32, I32]:
    """Lists of numbers as (first, items)."""
    first = np.cumsum([0, *(len(group) for group in groups)]).astype(np.int32)
    flat = [item for group in groups for item in group]
    return first, np.array(flat, dtype=np.int32)

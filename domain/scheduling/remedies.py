"""What would help a late order line: each remedy is tried on the plan, and its effect told.

A remedy changes one thing and the plan is timed anew around it, without any search: what is told is
what this one thing does by itself. A new search afterwards can only do better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from uuid import UUID

import numpy as np

from domain.plan import Plan
from domain.production import Operation
from domain.scheduling.compiled import I32
from domain.scheduling.decode import by_time, decode
from domain.scheduling.events import calendars_of, with_hours
from domain.scheduling.explain import Cause, Explainer, Link, own_work
from domain.scheduling.problem import (
    NONE,
    Problem,
    Solution,
    crew_members,
    line_lateness,
    setup_between,
)
from domain.scheduling.resources import Intervals
from domain.scheduling.right_shift import right_shift

_BREAK = 120
"""Minutes: a longer pause between two working intervals is the end of a shift."""

_MOST_OPERATIONS = 4
_MOST_MACHINES = 2


class Help(StrEnum):
    """What is changed."""

    CLOSE_GAPS = "close_gaps"
    """Everything as early as the sequences allow."""
    LINE_FIRST = "line_first"
    """The line's work goes first wherever it waits."""
    OTHER_MACHINE = "other_machine"
    OVERTIME = "overtime"
    """Two more hours after every shift of a machine, with the people it needs."""
    EXTRA_SHIFT = "extra_shift"
    """Up to eight more hours after every shift."""
    MATERIAL_NOW = "material_now"
    START_NOW = "start_now"
    """The order's earliest start does not hold."""
    HAND_OVER = "hand_over"
    """The next operation begins when half of the quantity is done."""
    NEXT_TO_FAMILY = "next_to_family"
    """Directly after work that needs no set-up."""


_EXTRA_MINUTES = {Help.OVERTIME: 120, Help.EXTRA_SHIFT: 480}


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that helps.

    Attributes:
        kind: What is changed.
        op: Operation concerned, -1: none.
        machine: Machine concerned, -1: none.
        saved_minutes: By how much less the line is late; 1 or more.
        value_change: Weighted lateness of all order lines, more (above 0) or less than now.
        problem: What is planned, with the change.
        solution: The plan with it.
    """

    kind: Help
    op: int
    machine: int
    saved_minutes: int
    value_change: int
    problem: Problem
    solution: Solution


_Trial = Callable[[], tuple[Problem, Solution]]
_Idea = tuple[Help, int, int, _Trial]


def remedies(
    plan: Plan, problem: Problem, solution: Solution, line: int, *, workers: int = 2
) -> list[Remedy]:
    """What makes an order line less late, the most helpful first.

    Args:
        plan: The factory's rows.
        problem: What was planned.
        solution: The plan of it.
        line: Number of the line in ``problem.line_ids``.
        workers: Threads.
    """
    late = int(line_lateness(problem.tables, line, solution.end))
    if late == 0:
        return []
    closed = decode(problem, solution.order, solution.alternative)
    closed_late = int(line_lateness(problem.tables, line, closed.end))
    found: list[Remedy] = []
    if closed_late < late:
        change = closed.value - solution.value
        found = [Remedy(Help.CLOSE_GAPS, -1, -1, late - closed_late, change, problem, closed)]
    # What mere closing up already gives is no merit of the others.
    base, late = (closed, closed_late) if closed_late < late else (solution, late)
    ideas = list(_Ideas(plan, problem, base, line).all())
    with ThreadPoolExecutor(max(1, workers)) as pool:
        tried = list(pool.map(lambda idea: idea[3](), ideas))
    for (kind, op, machine, _), (changed, after) in zip(ideas, tried, strict=True):
        saved = late - int(line_lateness(changed.tables, line, after.end))
        if saved > 0:
            change = after.value - base.value
            found.append(Remedy(kind, op, machine, saved, change, changed, after))
    first = next((one for one in found if one.kind is Help.LINE_FIRST), None)
    found = [one for one in found if not _is_only_first(one, first)]
    return sorted(found, key=lambda one: (-one.saved_minutes, one.value_change, one.kind, one.op))


def _is_only_first(one: Remedy, first: Remedy | None) -> bool:
    """Whether a remedy does no more than going first does without it, at no lower price."""
    if first is None or one.kind in (Help.LINE_FIRST, Help.CLOSE_GAPS):
        return False
    is_no_more = one.saved_minutes <= first.saved_minutes
    return is_no_more and one.value_change >= first.value_change


class _Ideas:
    """What can be tried for one line of one plan."""

    def __init__(self, rows: Plan, problem: Problem, plan: Solution, line: int) -> None:
        self._rows = rows
        self._problem, self._plan, self._line = problem, plan, line
        self._tables = problem.tables
        self._late = int(line_lateness(problem.tables, line, plan.end))
        self._own = own_work(problem, line)
        self._chain = Explainer(problem, plan).chain(line)

    def all(self) -> Iterator[_Idea]:
        """Every idea, with how to try it."""
        yield Help.LINE_FIRST, NONE, NONE, lambda: self._pulled(self._problem, self._own)
        yield from self._machines()
        yield from self._hours()
        yield from self._arrivals()
        yield from self._overlaps()
        yield from self._families()

    def _pulled(
        self, problem: Problem, ops: Iterable[int], alternative: I32 | None = None
    ) -> tuple[Problem, Solution]:
        """The plan with some operations as early as they can be, before all they meet."""
        plan, chosen = self._plan, list(ops)
        start = plan.run_start.copy()
        start[chosen] = 0
        is_first = np.isin(plan.order, chosen)
        order = np.concatenate((plan.order[is_first], plan.order[~is_first]))
        alternative = plan.alternative if alternative is None else alternative
        wished = replace(plan, order=order, run_start=start, alternative=alternative)
        pushed = right_shift(problem, wished)
        closed = by_time(decode(problem, pushed.order, pushed.alternative))
        return problem, self._better(problem, pushed, closed)

    def _retimed(self, problem: Problem, order: I32 | None = None) -> tuple[Problem, Solution]:
        """The plan in the same sequences, or in another one, under changed circumstances."""
        plan = self._plan
        return problem, decode(problem, plan.order if order is None else order, plan.alternative)

    def _freed(self, problem: Problem) -> tuple[Problem, Solution]:
        """The line's work keeps its places or goes first: what helps it at the lower price."""
        kept = self._retimed(problem)[1]
        return problem, self._better(problem, kept, self._pulled(problem, self._own)[1])

    def _better(self, problem: Problem, one: Solution, two: Solution) -> Solution:
        def rank(plan: Solution) -> tuple[bool, int]:
            late = line_lateness(problem.tables, self._line, plan.end)
            return bool(late >= self._late), plan.value

        return min(one, two, key=rank)

    def _machines(self) -> Iterator[_Idea]:
        """Other machines for the operations that wait longest."""
        tables, plan = self._tables, self._plan
        on_chain = dict.fromkeys(link.op for link in self._chain if link.op in self._own)
        waits = {op: int(plan.setup_start[op]) - self._ready(op) for op in on_chain}
        for op in sorted(waits, key=lambda op: -waits[op])[:_MOST_OPERATIONS]:
            for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
                if alt == plan.alternative[op]:
                    continue
                changed = plan.alternative.copy()
                changed[op] = alt
                trial = partial(self._pulled, self._problem, [op], changed)
                yield Help.OTHER_MACHINE, op, int(tables.alt_machine[alt]), trial

    def _ready(self, op: int) -> int:
        tables = self._tables
        edges = range(tables.edge_first[op], tables.edge_first[op + 1])
        ends = (int(self._plan.end[tables.edge_from[edge]]) for edge in edges)
        return max([int(tables.release[op]), *ends])

    def _hours(self) -> Iterator[_Idea]:
        """More hours for the machines that take most of the chain."""
        busy = (Cause.RUN, Cause.SETUP, Cause.QUEUE, Cause.CLOSED)
        totals: Counter[int] = Counter()
        for link in self._chain:
            if link.cause in busy and link.machine >= 0:
                totals[link.machine] += link.minutes
        for machine, _ in totals.most_common(_MOST_MACHINES):
            for kind, minutes in _EXTRA_MINUTES.items():
                yield kind, NONE, machine, partial(self._with_hours, machine, minutes)

    def _with_hours(self, machine: int, minutes: int) -> tuple[Problem, Solution]:
        tables = self._tables
        calendars = calendars_of(tables.worktime)
        until = self._chain[0].end
        people: set[int] = set()
        for link in self._chain:
            if link.machine == machine and tables.crew_size[link.op] > 0:
                people |= set(crew_members(tables, link.op))
        own = longer(calendars[tables.machine_calendar[machine]], minutes, until)
        crews = {
            person: longer(calendars[tables.operator_calendar[person]], minutes, until)
            for person in people
        }
        return self._freed(with_hours(self._problem, {machine: own}, crews))

    def _arrivals(self) -> Iterator[_Idea]:
        """Material at once, and no earliest start."""
        for link in self._chain:
            if link.cause is Cause.MATERIAL:
                yield Help.MATERIAL_NOW, link.op, NONE, partial(self._with_material, link)
            if link.cause is Cause.EARLIEST_START:
                yield Help.START_NOW, link.op, NONE, partial(self._with_start, link)

    def _with_material(self, link: Link) -> tuple[Problem, Solution]:
        tables = self._tables
        if link.op < 0:
            floor = tables.line_floor.copy()
            floor[self._line] = 0
            return self._freed(self._changed(line_floor=floor))
        release = tables.release.copy()
        release[link.op] = tables.opening[link.op]
        return self._freed(self._changed(release=release))

    def _with_start(self, link: Link) -> tuple[Problem, Solution]:
        """Operations of the line that were held back to the same minute are let go together."""
        tables = self._tables
        held = tables.opening[link.op]
        release, opening = tables.release.copy(), tables.opening.copy()
        for op in self._own:
            if opening[op] == held:
                release[op] = release[op] if release[op] > held else 0
                opening[op] = 0
        return self._freed(self._changed(release=release, opening=opening))

    def _changed(self, **columns: I32) -> Problem:
        return replace(self._problem, tables=self._tables._replace(**columns))

    def _overlaps(self) -> Iterator[_Idea]:
        """Hand over at half the quantity along the line's own chain."""
        tables = self._tables
        for link in self._chain:
            if link.cause is not Cause.RUN:
                continue
            for at in range(tables.next_first[link.op], tables.next_first[link.op + 1]):
                after = int(tables.next_op[at])
                if after in self._own and self._can_overlap(link.op, after):
                    trial = partial(self._with_overlap, link.op, after)
                    yield Help.HAND_OVER, link.op, link.machine, trial

    def _can_overlap(self, op: int, after: int) -> bool:
        """Whether both are steps of one work order on machines, not handed over in batches yet."""
        tables = self._tables
        low, high = tables.edge_first[after], tables.edge_first[after + 1]
        edges = [edge for edge in range(low, high) if tables.edge_from[edge] == op]
        is_alone = not tables.edge_overlap[low:high].any()
        order = self._order_of(op)
        is_same = order is not None and order == self._order_of(after)
        is_shared = tables.is_shared[op] or tables.is_shared[after]
        is_possible = tables.elapsed[after] < 0 and not is_shared
        return is_same and is_alone and len(edges) == 1 and is_possible

    def _order_of(self, op: int) -> UUID | None:
        step = self._rows.get(Operation, self._problem.operation_ids[op])
        return step.work_order_id if step else None

    def _with_overlap(self, op: int, after: int) -> tuple[Problem, Solution]:
        tables = self._tables
        overlap = tables.edge_overlap.copy()
        edges = range(tables.edge_first[after], tables.edge_first[after + 1])
        overlap[[edge for edge in edges if tables.edge_from[edge] == op]] = 1
        first, last = tables.alt_first_batch.copy(), tables.alt_last_batch.copy()
        out = slice(tables.alt_first[op], tables.alt_first[op + 1])
        into = slice(tables.alt_first[after], tables.alt_first[after + 1])
        first[out] = (tables.alt_run[out] + 1) // 2
        last[into] = (tables.alt_run[into] + 1) // 2
        return self._freed(
            self._changed(edge_overlap=overlap, alt_first_batch=first, alt_last_batch=last)
        )

    def _families(self) -> Iterator[_Idea]:
        """Behind work of the same family on the machine."""
        for link in self._chain:
            if link.cause is Cause.SETUP:
                order = self._beside_family(link.op, link.machine)
                if order is not None:
                    trial = partial(self._retimed, self._problem, order)
                    yield Help.NEXT_TO_FAMILY, link.op, link.machine, trial

    def _beside_family(self, op: int, machine: int) -> I32 | None:
        """The order of booking with the operation behind the last one that needs no setup."""
        tables, order = self._tables, self._plan.order.tolist()
        here = order.index(op)
        before = tables.edge_from[tables.edge_first[op] : tables.edge_first[op + 1]].tolist()
        for place in range(here - 1, NONE, -1):
            other = order[place]
            if other in before:
                return None
            alternative = self._plan.alternative[other]
            if alternative < 0 or tables.alt_machine[alternative] != machine:
                continue
            if setup_between(tables, machine, other, op) == 0:
                moved = [*order[: place + 1], op, *order[place + 1 : here], *order[here + 1 :]]
                return np.array(moved, np.int32)
        return None


def longer(intervals: Intervals, minutes: int, until: int) -> Intervals:
    """Working intervals with more time after every shift that ends before a minute."""
    found: list[tuple[int, int]] = []
    for at, (low, high) in enumerate(intervals):
        follows = intervals[at + 1][0] if at + 1 < len(intervals) else high
        room = follows - high
        more = min(minutes, room) if room > _BREAK and high < until else 0
        found.append((low, high + more))
    return tuple(found)

"""What the search may choose beside machines and sequences, and the problem of every choice.

All ways of making things are laid out in one whole problem. What is chosen is a tuple of modes, one
a choice; the operations that these modes want are a problem of its own, which the walks, the bounds
and everything else take as they take any other.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from threading import Lock
from uuid import UUID

import numpy as np

from domain.objectives import ON_TIME, ObjectiveProfile
from domain.plan import Plan
from domain.production import Operation, PlannedOrder, WorkOrder
from domain.routings import MAIN
from domain.scenarios import Booking, OvertimeShift, Scenario
from domain.scheduling.build import build_problem, resources_for
from domain.scheduling.compiled import I32
from domain.scheduling.goals import Goals, goals_of, levels_with_buying, starts_of
from domain.scheduling.laid_out import BUY, Choice, LaidOut, Modes, choices_in
from domain.scheduling.problem import NONE, Problem, Rest, Solution, csr
from domain.scheduling.relaxed import Loose, relaxed
from domain.scheduling.restrict import Part, restricted, restricted_goals
from domain.scheduling.ways import Variants, variants_of

__all__ = ["BUY", "Choice", "Choices", "Modes", "choices_of"]

_REMEMBERED = 64


def choices_of(
    plan: Plan,
    now_at: datetime,
    *,
    profile: ObjectiveProfile = ON_TIME,
    scenario: Scenario | None = None,
    short: Collection[UUID] = (),
    before: Plan | None = None,
    frozen_minutes: int = 0,
    begun: Mapping[UUID, Rest] | None = None,
    overtime: Collection[OvertimeShift] | None = None,
) -> Choices | None:
    """What there is to choose for a plan's proposals, None: nothing.

    Args:
        plan: The factory with exploded work orders and pegs; as MRP has left it.
        now_at: Aware start of the plan.
        profile: What makes a plan better.
        scenario: The plan in force, as in `goals_of`.
        short: As in `build_problem`.
        frozen_minutes: As in `build_problem`.
        begun: As in `build_problem`.
        overtime: As in `build_problem`.
        before: The rows that MRP began with: how they say that work is made is tried, too, and
            is what changes are counted against.
    """
    variants = variants_of(plan, now_at, short)
    if variants.is_empty:
        return None
    all_rows = plan.copy()
    for routings in variants.steps.values():
        for operation in (one for steps in routings for one in steps):
            all_rows.put(operation)
    whole = build_problem(
        all_rows,
        now_at,
        frozen_minutes=frozen_minutes,
        resources=resources_for(plan, now_at, frozen_minutes, begun, overtime),
        short=short,
        variants=variants,
        overtime=overtime,
        begun=begun,
    )
    if before is not None and scenario is not None:
        _put_back(all_rows, before, scenario)
    goals = goals_of(whole, all_rows, profile, scenario)
    goals = replace(goals, levels=levels_with_buying(goals.levels, profile))
    found = Choices(all_rows, whole, variants, goals)
    if before is not None:
        found.present = found.modes_in(before)
    if goals.starts:
        found.in_force = scenario
    return found if found.choices else None


def _put_back(all_rows: Plan, before: Plan, scenario: Scenario) -> None:
    """Bookings that have gone with what MRP has made anew, of operations that may come back."""
    for booking in before.where(Booking, scenario_id=scenario.id):
        is_back = all_rows.get(Operation, booking.operation_id) is not None
        if is_back and all_rows.get(Booking, booking.id) is None:
            all_rows.put(booking)


class Choices:
    """All choices of a plan and the problems that they make.

    Attributes:
        plan: The rows, with the operations of every way.
        whole: The problem that has all of them; never to be solved itself.
        choices: What there is to choose.
        usual: The modes by which MRP has planned.
        present: Modes to begin with, too.
        in_force: The plan in force, None: there is none.
    """

    def __init__(self, plan: Plan, whole: Problem, variants: Variants, goals: Goals) -> None:
        self.plan = plan
        self.whole = whole
        self.variants = variants
        self.choices = choices_in(whole, variants)
        self.usual: Modes = (0,) * len(self.choices)
        self.present: Modes = self.usual
        self.in_force: Scenario | None = None
        self._goals = goals
        self.laid = LaidOut(plan, whole, variants, self.choices)
        rows = [plan.get(Operation, one) for one in whole.operation_ids]
        self._numbers = [NONE if row is None else row.number for row in rows]
        self._made: dict[Modes, tuple[Goals, Part]] = {}
        self._making = Lock()  # a plan that is checked asks beside the search

    def goals(self, modes: Modes) -> Goals:
        """The goals of the problem that these modes make."""
        return self._make(modes)[0]

    def part(self, modes: Modes) -> Part:
        """Which of the whole problem's operations that problem has."""
        return self._make(modes)[1]

    def problem(self, modes: Modes) -> Problem:
        """That problem."""
        return self._make(modes)[0].problem

    def of_operation(self, op: int) -> list[int]:
        """The choices that an operation of the whole problem depends on."""
        found = (int(self.laid.way[op]), int(self.laid.split[op]))
        return [choice for choice in found if choice >= 0]

    def owner(self, op: int) -> int:
        """The work order, by number, of an operation of the whole problem."""
        return int(self.laid.owner[op])

    def number(self, op: int) -> int:
        """The operation's number in its work order, -1: it has none."""
        return self._numbers[op]

    def is_open(self, choice: int, modes: Modes) -> bool:
        """Whether a choice matters under these modes: somebody needs the work order, and it is
        made by the routing that is meant."""
        one = self.choices[choice]
        is_meant = one.number is None or self.way(one.order_id, modes) == one.routing
        return is_meant and self.laid.is_needed(one.order_id, modes)

    def way(self, order_id: UUID, modes: Modes) -> str:
        """The routing that a work order is made by, or ``BUY``."""
        at = self.laid.ways.get(order_id)
        return MAIN if at is None else str(self.choices[at].options[modes[at]])

    def operations(self, order_id: UUID, modes: Modes) -> list[Operation]:
        """The operations that a work order has when it is made."""
        ids = self.laid.wanted(order_id, modes)
        return [self.plan.need(Operation, one) for one in ids]

    def plain(self, modes: Modes) -> Modes:
        """The same modes, with the usual one where a choice does not matter."""
        return tuple(
            mode if mode and self.is_open(at, modes) else 0 for at, mode in enumerate(modes)
        )

    def modes_in(self, plan: Plan) -> Modes:
        """How work orders are made that are in another plan too, as far as it can be told."""
        modes = list(self.usual)
        for op, operation_id in enumerate(self.whole.operation_ids):
            if operation_id is None or plan.get(Operation, operation_id) is None:
                continue
            for choice, mode in self.laid.modes_for(op):
                modes[choice] = mode
        bought = Counter(
            (order.item_id, order.quantity) for order in plan.table(PlannedOrder).values()
        )
        for at, choice in enumerate(self.choices):
            order = self.plan.need(WorkOrder, choice.order_id)
            key = order.item_id, order.good_quantity
            if BUY in choice.options and bought[key] > 0:
                bought[key] -= 1
                modes[at] = choice.options.index(BUY)
        return self.plain(tuple(modes))

    def starts(self, modes: Modes) -> tuple[Solution, ...]:
        """The plan that is to be kept, as far as it holds under these modes."""
        return starts_of(self.problem(modes), self.plan, self.in_force)

    def relaxed(self) -> Problem:
        """A problem whose bounds hold whatever is chosen."""
        modes = self.usual
        problem, ops = self.problem(modes), self.part(modes).ops
        gone = self.laid.may_be_gone()[self.laid.owner][ops]
        way = self.laid.way[ops]
        rerouted = np.array([self._is_rerouted(int(one)) for one in way], np.bool_)
        split = self.laid.split[ops] >= 0
        return relaxed(problem, Loose(split, rerouted, gone), self._least()[ops])

    def _is_rerouted(self, way: int) -> bool:
        return way >= 0 and any(name not in (MAIN, BUY) for name in self.choices[way].options)

    def _least(self) -> I32:
        """Of each operation: minutes that pass, however it is split, before the next may begin."""
        tables, laid = self.whole.tables, self.laid
        count = len(tables.release)
        first = np.full(count, np.iinfo(np.int32).max, np.int32)
        np.minimum.at(first, tables.alt_op, tables.alt_first_batch)
        first[tables.elapsed >= 0] = 0
        found = np.zeros(count, np.int32)
        for choice in range(len(self.choices)):
            mine = laid.split == choice
            if mine.any():
                modes = laid.split_modes()
                longest = [first[mine & (modes == m)].max() for m in np.unique(modes[mine])]
                found[mine] = min(longest)
        return found

    def _make(self, modes: Modes) -> tuple[Goals, Part]:
        with self._making:
            found = self._made.pop(modes, None)
            if found is None:
                found = self._new(modes)
                while len(self._made) >= _REMEMBERED:
                    del self._made[next(iter(self._made))]
            self._made[modes] = found
            return found

    def _new(self, modes: Modes) -> tuple[Goals, Part]:
        tables = self.whole.tables
        release, floor, cost = tables.release.copy(), tables.line_floor.copy(), 0
        for supply in self.laid.bought(modes):
            release[supply.takers] = np.maximum(release[supply.takers], supply.lead)
            floor[supply.lines] = np.maximum(floor[supply.lines], supply.lead)
            cost += supply.cost
        problem, part = restricted(self.whole, self.laid.kept(modes), release, floor)
        goals = restricted_goals(self._goals, problem, part)
        if cost:  # what is bought needs no parts, whatever they are pegged to
            goals = self._with_lines(goals, part, modes)
        return replace(goals, buying=cost, modes=modes), part

    def _with_lines(self, goals: Goals, part: Part, modes: Modes) -> Goals:
        """The goals with what each work order is for under these modes."""
        served = self.laid.lines_served(modes)
        owners = np.zeros(len(goals.job_first) - 1, np.int32)
        is_work = goals.job >= 0
        owners[goals.job[is_work]] = self.laid.owner[part.ops][is_work]
        first, lines = csr([sorted(served[owner]) for owner in owners])
        return replace(goals, job_first=first, job_line=lines)

"""A planner's goals laid out for a problem: what counts how much, and how much of it a plan has."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

import numpy as np

from domain.objectives import Goal, ObjectiveProfile
from domain.plan import Plan
from domain.production import DemandKind, Operation, Peg
from domain.scenarios import Booking, Scenario
from domain.scheduling.amounts import lines_served, machine_ranks
from domain.scheduling.chains import DISLIKED, MOVE_MINUTES, MOVE_WEIGHT, MOVED, SETUP, VALUE
from domain.scheduling.compiled import I32
from domain.scheduling.keeping import pushed_from
from domain.scheduling.latest import as_late_as, deliveries
from domain.scheduling.overtime import Overtime
from domain.scheduling.overtime_rows import overtime_of
from domain.scheduling.problem import NONE, Problem, Solution, breach_of, csr
from domain.scheduling.right_shift import alternative_on, solution_from
from domain.scheduling.urgency import urgency_of
from domain.scheduling.worktime import FAR
from domain.scheduling.yardstick import SETUP_PRICE, Yardstick, new_yardstick, plain_yardstick

_PLACES = {
    Goal.LATENESS: VALUE,
    Goal.SETUP: SETUP,
    Goal.CHANGES: MOVED,
    Goal.PREFERENCE: DISLIKED,
}
"""Where the walks add a goal up; work in progress comes from a shift to the right afterwards."""

_UNSEEN = {Goal.WORK_IN_PROGRESS: 0, Goal.OVERTIME: 0}
"""What the walks do not add up: how calendars are is decided between them."""

_PRICES = {Goal.SETUP: SETUP_PRICE, Goal.CHANGES: float(MOVE_WEIGHT), Goal.PREFERENCE: 1.0}
_DOMINANCE = 20.0
"""How many times its price a goal counts, while searching, that comes before lateness."""

_SCALE = 100
"""Weights have two decimals at most: a hundredth of one is a whole number."""

Levels = tuple[dict[Goal, int], ...]


@dataclass(frozen=True)
class Goals:
    """What one run of the search is after.

    Attributes:
        levels: Weights of goals; between two plans, the first level whose sum differs decides.
        yardstick: The same for the walks.
        job: Work order of each operation by number, -1: none.
        job_first: Lines that job j is for: `job_line[job_first[j] : job_first[j + 1]]`.
        job_line: See there.
        dislike: Of each alternative, run minutes × how far down its machine is.
        kept_start: Run start of each operation in the plan in force, -1: not in it.
        kept_alternative: What it runs on there, -1: not in it.
        wish: How late each operation's run may start for the goals' sake, below 0: as it comes.
        starts: Plans to begin with.
        buying: What the plan buys instead of making, as `Goal.BUYING`.
        modes: The choices that the problem stands for.
        left_out: Operations of the plan in force that these choices leave out: changes, whatever
            becomes of the others.
    """

    problem: Problem
    levels: Levels
    yardstick: Yardstick
    job: I32
    job_first: I32
    job_line: I32
    dislike: I32
    kept_start: I32
    kept_alternative: I32
    wish: I32
    starts: tuple[Solution, ...] = ()
    buying: int = 0
    modes: tuple[int, ...] = ()
    left_out: int = 0
    overtime: Overtime | None = None
    """What may be opened; None: nothing, or the goal is not named."""
    opened: frozenset[int] = frozenset()
    """What of it is open in ``problem``."""
    held_cents: int = 0
    """Cost of the overtime that is open anyway."""

    @property
    def is_lateness_first(self) -> bool:
        """Whether a bound on lateness is a bound on the first thing that counts."""
        return set(self.levels[0]) == {Goal.LATENESS}

    def widest(self, problem: Problem) -> Problem:
        """A problem with all overtime open: what no plan can do here, none can with less."""
        return self.overtime.widest(problem) if self.overtime else problem

    def opening(self, opened: frozenset[int]) -> Goals:
        """The same goals for the problem with other overtime open."""
        if self.overtime is None or opened == self.opened:
            return self
        return replace(self, problem=self.overtime.opening(self.problem, opened), opened=opened)

    def finished(self, solution: Solution) -> Solution:
        """The same plan shifted right as far as the goals want it, and measured."""
        if (self.wish >= 0).any():
            solution = as_late_as(self.problem, solution, self.wish)
        return replace(self.measured(solution), work_in_progress=self._work_in_progress(solution))

    def measured(self, solution: Solution) -> Solution:
        """The same plan with its amounts of what the walks see, and the overtime that it uses."""
        chosen = solution.alternative[solution.alternative >= 0]
        opened, cents = (), self.held_cents
        if self.overtime is not None:
            used = self.overtime.used(self.problem, solution, self.opened)
            opened = tuple(self.overtime.windows[at] for at in sorted(used))
            cents += self.overtime.cents(used)
        return replace(
            solution,
            overtime=-(-cents // 100),
            opened=opened,
            changes=int(self.moved(solution).sum()) + self.left_out,
            preference=int(self.dislike[chosen].sum(dtype=np.int64)),
            buying=self.buying,
            modes=self.modes,
        )

    def key(self, solution: Solution) -> tuple[int, ...]:
        """What is smaller of a better plan: held work that slips, then too long waits, then the
        goals, and between equals unusual choices."""
        unusual = sum(mode > 0 for mode in self.modes)
        return (*breach_of(self.problem, solution), *self._sums(solution.amounts), unusual)

    def walk_key(self, solution: Solution) -> tuple[int, ...]:
        """The same of the goals, without what the walks do not see."""
        amounts = {**solution.amounts, **_UNSEEN}
        return (*breach_of(self.problem, solution), *self._sums(amounts))

    def key_of_totals(self, value: int, setup: int, moved: int, disliked: int) -> tuple[int, ...]:
        """The same from what a walk has added up; it counts long waits as lateness, and of the
        plan in force only what is left of it."""
        totals = value, setup, moved + self.left_out, disliked
        amounts = dict(zip(_PLACES, totals, strict=True))
        return (0, 0, *self._sums({**_UNSEEN, Goal.BUYING: self.buying, **amounts}))

    def _sums(self, amounts: Mapping[Goal, int]) -> tuple[int, ...]:
        return tuple(
            sum(weight * amounts[goal] for goal, weight in level.items()) for level in self.levels
        )

    def moved(self, solution: Solution) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which operations are not where they are in the plan in force."""
        is_far = abs(solution.run_start - self.kept_start) > MOVE_MINUTES
        is_elsewhere = solution.alternative != self.kept_alternative
        return (self.kept_start >= 0) & (is_far | is_elsewhere)

    def _work_in_progress(self, solution: Solution) -> int:
        jobs = len(self.job_first) - 1
        if not jobs:
            return 0
        owned = self.job >= 0
        job = self.job[owned]
        begun, left = np.full(jobs, FAR, np.int64), np.zeros(jobs, np.int64)
        np.minimum.at(begun, job, solution.setup_start[owned])
        np.maximum.at(left, job, solution.end[owned])
        delivery = np.zeros(len(self.problem.tables.line_due), np.int32)
        deliveries(self.problem.tables, solution.end, delivery)
        owner = np.repeat(np.arange(jobs), np.diff(self.job_first))
        np.maximum.at(left, owner, delivery[self.job_line])
        return int((left - begun).sum())


def plain_goals(problem: Problem) -> Goals:
    """Lateness, then setup, of a problem without rows: nothing else is measured."""
    none = np.zeros(0, np.int32)
    nowhere = np.full(problem.operation_count, NONE, np.int32)
    return Goals(
        problem,
        ({Goal.LATENESS: 1}, {Goal.SETUP: 1}),
        plain_yardstick(),
        job=nowhere,
        job_first=np.zeros(1, np.int32),
        job_line=none,
        dislike=np.zeros(len(problem.tables.alt_machine), np.int32),
        kept_start=nowhere,
        kept_alternative=nowhere,
        wish=nowhere,
    )


def goals_of(
    problem: Problem, plan: Plan, profile: ObjectiveProfile, scenario: Scenario | None = None
) -> Goals:
    """A profile's goals for a problem made of these rows.

    Args:
        problem: What is to be planned.
        plan: The rows it was built from.
        profile: What counts.
        scenario: The plan in force, that changes are counted against; None: there is none.
    """
    levels = _levels(profile)
    first, lines, job = _jobs(problem, plan)
    start, alternative = _kept(problem, plan, scenario)
    is_going_on = bool((start >= 0).any() or (problem.tables.pin >= 0).any())
    return Goals(
        problem,
        levels,
        _yardstick(profile, levels),
        job=job,
        job_first=first,
        job_line=lines,
        dislike=_dislikes(problem, plan),
        kept_start=start,
        kept_alternative=alternative,
        wish=_wishes(problem, plan, profile, start),
        starts=starts_of(problem, plan, scenario) if is_going_on else (),
        overtime=_overtime(problem, plan, levels),
        held_cents=int(sum(row.cost for row in problem.overtime) * 100),
    )


def _overtime(problem: Problem, plan: Plan, levels: Levels) -> Overtime | None:
    """What may be opened, if something that it can help counts at least as much as its cost."""
    level = next((at for at, each in enumerate(levels) if Goal.OVERTIME in each), None)
    if level is None or not any(Goal.LATENESS in each for each in levels[: level + 1]):
        return None
    found = overtime_of(problem, plan)
    return found if found.windows else None


def _levels(profile: ObjectiveProfile) -> Levels:
    """The profile's levels, then lateness and setup, that decide what it leaves open."""
    goals = [Goal(name) for name in profile.goals]
    if profile.is_weighted:
        levels = [{goal: int(profile.weight(goal) * _SCALE) for goal in goals}]
        return (*levels, {Goal.LATENESS: 1}, {Goal.SETUP: 1})
    rest = [goal for goal in (Goal.LATENESS, Goal.SETUP) if goal not in goals]
    return tuple({goal: 1} for goal in (*goals, *rest))


def levels_with_buying(levels: Levels, profile: ObjectiveProfile) -> Levels:
    """The levels where things may be bought instead of made, which a profile need not speak of.

    Then buying is only for lateness: it counts right behind it, or with its own weight where goals
    are weighed; where something else comes before lateness, nothing is bought.
    """
    if any(Goal.BUYING in level for level in levels):
        return levels
    if profile.is_weighted:
        return ({**levels[0], Goal.BUYING: int(profile.buying_weight * _SCALE)}, *levels[1:])
    if set(levels[0]) == {Goal.LATENESS}:
        return (levels[0], {Goal.BUYING: 1}, *levels[1:])
    return ({Goal.BUYING: 1}, *levels)


def _yardstick(profile: ObjectiveProfile, levels: Levels) -> Yardstick:
    prices: dict[int, float] = {SETUP: SETUP_PRICE}
    goals = [Goal(name) for name in profile.goals]
    late = profile.lateness_weight if Goal.LATENESS in goals else Decimal(0)
    for at, goal in enumerate(goals):
        if goal not in _PRICES:
            continue
        is_before = Goal.LATENESS not in goals[: at + 1]
        price = _PRICES[goal] * (_DOMINANCE if is_before else 1.0)
        if profile.is_weighted and late:
            price = float(profile.weight(goal) / late)
        prices[_PLACES[goal]] = price
    seen = [
        {_PLACES[goal]: weight for goal, weight in level.items() if goal in _PLACES}
        for level in levels
    ]
    return new_yardstick(prices, [level for level in seen if level])


def _jobs(problem: Problem, plan: Plan) -> tuple[I32, I32, I32]:
    """The lines each work order is for, as (first, lines), and the work order of each operation."""
    steps = [plan.get(Operation, operation_id) for operation_id in problem.operation_ids]
    numbers: dict[UUID, int] = {}
    job = [NONE if s is None else numbers.setdefault(s.work_order_id, len(numbers)) for s in steps]
    places = {line_id: at for at, line_id in enumerate(problem.line_ids)}
    known: dict[UUID, frozenset[UUID]] = {}
    groups = [
        sorted(places[line] for line in lines_served(plan, order_id, known) if line in places)
        for order_id in numbers
    ]
    first, lines = csr(groups)
    return first, lines, np.array(job, np.int32)


def _dislikes(problem: Problem, plan: Plan) -> I32:
    """Run minutes × how far down the machine is, of each alternative."""
    tables = problem.tables
    ranks: dict[UUID, dict[UUID, int]] = {}
    dislike = np.zeros(len(tables.alt_machine), np.int32)
    for op, operation_id in enumerate(problem.operation_ids):
        step = plan.get(Operation, operation_id)
        if step is None:
            continue
        rank = ranks.get(step.routing_operation_id)
        if rank is None:
            rank = machine_ranks(plan, step.routing_operation_id)
            ranks[step.routing_operation_id] = rank
        for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
            down = rank.get(problem.machine_ids[tables.alt_machine[alt]], 0)
            dislike[alt] = min(FAR, int(tables.alt_run[alt]) * down)
    return dislike


def _kept(problem: Problem, plan: Plan, scenario: Scenario | None) -> tuple[I32, I32]:
    """Run start and alternative of each operation in the plan in force, -1: not in it."""
    start, alternative = np.full((2, problem.operation_count), NONE, np.int32)
    booked = plan.where(Booking, scenario_id=scenario.id) if scenario else ()
    by_operation = {booking.operation_id: booking for booking in booked}
    machines = {machine_id: at for at, machine_id in enumerate(problem.machine_ids)}
    for op, operation_id in enumerate(problem.operation_ids):
        booking = by_operation.get(operation_id) if operation_id else None
        if booking is None:
            continue
        start[op] = max(0, problem.minute(booking.run_start_at))
        if operation_id in problem.begun:  # what is left of it begins when its machine works
            start[op] = max(start[op], problem.tables.pin[op])
        if booking.machine_id is not None:
            machine = machines.get(booking.machine_id, NONE)
            alternative[op] = alternative_on(problem.tables, op, machine)
    return start, alternative


def _wishes(problem: Problem, plan: Plan, profile: ObjectiveProfile, kept: I32) -> I32:
    """Up to where the goals want work shifted right.

    Work in progress wants all of it as late as can be; a plan that is to be kept wants it back
    where it was, and if that comes first, no further than an hour from there.
    """
    wish = np.full(problem.operation_count, NONE, np.int32)
    goals = list(profile.goals)
    if Goal.CHANGES in goals:
        wish = kept.copy()
    if Goal.WORK_IN_PROGRESS not in goals:
        return wish
    at = goals.index(Goal.WORK_IN_PROGRESS)
    is_kept = (kept >= 0) & (Goal.CHANGES in goals[:at])
    wish = np.where(is_kept, kept + MOVE_MINUTES, FAR).astype(np.int32)
    wish[list(_early(problem, plan))] = NONE
    return wish


def _early(problem: Problem, plan: Plan) -> Iterable[int]:
    """What is wanted as soon as can be: the last operation of work that fills safety stock, and
    planned orders, whose dates are those of their own rows."""
    filling = {p.supply_id for p in plan.where(Peg, demand_kind=DemandKind.SAFETY_STOCK)}
    last: dict[UUID, tuple[int, int]] = {}
    for op, operation_id in enumerate(problem.operation_ids):
        step = plan.get(Operation, operation_id)
        if step is None:
            yield op
        elif step.work_order_id in filling:
            last[step.work_order_id] = max(last.get(step.work_order_id, (0, 0)), (step.number, op))
    yield from (op for _, op in last.values())


def starts_of(problem: Problem, plan: Plan, scenario: Scenario | None) -> tuple[Solution, ...]:
    """The plan in force with new work put in as soon as can be, or as late as its due time lets."""
    if scenario is None:
        return ()
    latest = urgency_of(problem).latest_start
    is_due = latest <= problem.tables.worktime.horizon  # else nobody is waiting for it
    due = np.where(is_due, np.maximum(0, latest), 0).astype(np.int32)
    found = [
        solution_from(problem, plan, scenario),
        solution_from(problem, plan, scenario, otherwise=due),
    ]
    if (problem.tables.pin >= 0).any():
        found.append(pushed_from(problem, plan, scenario, 0))
    return tuple(solution for solution in found if solution is not None)

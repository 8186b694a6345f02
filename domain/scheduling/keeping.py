"""Which of the work that has begun can go on as it is, by the word of the checker.

It is kept only if the plan in force, pushed, then breaks no rule; whatever can not be kept is
planned anew like any other work, and so is what could not have begun without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

import numpy as np
import numpy.typing as npt

from domain.errors import Finding, Severity
from domain.plan import Plan
from domain.scenarios import Booking, OvertimeShift, Scenario, has_begun
from domain.scheduling.begun import begun_work
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.check_held import NOT_BEGUN_MOVED
from domain.scheduling.checks import check_plan
from domain.scheduling.compiled import I32
from domain.scheduling.overtime_rows import overtime_rows
from domain.scheduling.problem import NONE, Problem, Rest, Solution, breach_of, slip_of
from domain.scheduling.right_shift import solution_from

Mask = npt.NDArray[np.bool_]

_ROUNDS = 4
"""So often only what breaks a rule is let go; then all of it. So often what is free gives way."""


@dataclass(frozen=True)
class Kept:
    """A problem in which work goes on that has begun.

    Attributes:
        problem: With all begun work that can be kept.
        in_force: The bookings that a new plan is held to.
        lost: How many operations had begun by the plan in force and are planned anew.
        is_held: Whether a new plan is held to anything.
    """

    problem: Problem
    in_force: list[Booking]
    lost: int = 0
    is_held: bool = True

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the planner must know of it."""
        if not self.is_held:
            return (Finding("nothing_held", Severity.WARNING),)
        if not self.lost:
            return ()
        return (Finding("begun_not_kept", Severity.WARNING, (), {"count": self.lost}),)


def keep_begun(
    plan: Plan,
    scenario: Scenario | None,
    now_at: datetime,
    *,
    frozen_minutes: int = 0,
    short: Collection[UUID] = (),
    overtime: Collection[OvertimeShift] | None = None,
    is_held: bool = True,
) -> Kept:
    """The problem of now, with all begun work that can go on.

    Args:
        plan: The rows as they are to be planned now.
        scenario: The plan in force; None: there is none.
        now_at: As all that follows but the last, see `build_problem`.
        frozen_minutes: There.
        short: There.
        overtime: There.
        is_held: False: nothing goes on, and a new plan is held to nothing.
    """
    problem_of = partial(
        build_problem,
        plan,
        now_at,
        frozen_minutes=frozen_minutes,
        short=short,
        overtime=overtime,
    )
    if scenario is None:
        return Kept(problem_of(begun={}), [])
    lost: set[UUID] = set()
    for at in range(_ROUNDS if is_held else 0):
        begun = begun_work(plan, scenario, now_at, lost)
        kept = _kept(plan, scenario, problem_of(begun=begun))
        broken = _broken(plan, scenario, kept) if begun else set[UUID]()
        if not broken:
            return kept
        at_fault = _at_fault(plan, broken, begun)
        lost.update(at_fault if at_fault and at < _ROUNDS - 2 else begun)
    kept = _kept(plan, scenario, problem_of(begun={}))
    return kept if is_held else Kept(kept.problem, [], kept.lost, is_held=False)


def _kept(plan: Plan, scenario: Scenario, problem: Problem) -> Kept:
    rows = plan.where(Booking, scenario_id=scenario.id)
    anew = {step for step in problem.operation_ids if step not in problem.begun}
    free = {row.id for row in rows if row.operation_id in anew and has_begun(row, problem.now_at)}
    held = [
        problem.begun[row.operation_id].booking if row.operation_id in problem.begun else row
        for row in rows
        if row.id not in free
    ]
    return Kept(problem, held, len(free))


def _broken(plan: Plan, scenario: Scenario, kept: Kept) -> set[UUID]:
    """The operations that break a rule in the plan in force as it goes on.

    What is not in it yet comes after all that is: it is nobody's fault. Nor is it the fault of what
    has begun if frozen or locked work is pushed: a search may keep that where it is.
    """
    problem, rows = kept.problem, plan.where(Booking, scenario_id=scenario.id)
    last = max((problem.minute(row.end_at) for row in rows), default=0)
    solution = solution_from(problem, plan, scenario, behind(problem, last))
    if solution is None:
        return set()
    parts = kept.problem, solution, plan, scenario, uuid4
    found = check_plan(
        plan, bookings_from(*parts), kept.problem.now_at, overtime_rows(*parts), kept.in_force
    )
    errors = {
        ref
        for each in found
        if each.severity is Severity.ERROR and each.code not in NOT_BEGUN_MOVED
        for ref in each.refs
    }
    return {step for step in kept.problem.operation_ids if step is not None and step in errors}


def behind(problem: Problem, minute: int) -> I32:
    """Earliest starts of what is not booked: that minute where nothing that is held waits for it.

    See ``otherwise`` of `solution_from`.
    """
    tables = problem.tables
    is_begun = [each in problem.begun for each in problem.operation_ids]
    is_asked = np.array(is_begun, np.bool_) | (tables.pin >= 0)
    for op in np.flatnonzero(np.diff(tables.edge_first))[::-1]:  # those before have lower numbers
        if is_asked[op]:
            is_asked[tables.edge_from[tables.edge_first[op] : tables.edge_first[op + 1]]] = True
    return np.where(is_asked | (tables.elapsed >= 0), 0, minute).astype(np.int32)


def pushed_from(
    problem: Problem, plan: Plan, scenario: Scenario, frozen_minutes: int
) -> Solution | None:
    """The plan in force, later where it has to be; what is new goes first wherever it waits, but
    behind what is frozen, and behind locked work that it would push. Then what is free, or cannot
    stay anyway, makes way for held work, if less of that slips so.

    Returns:
        None if nothing of the problem is booked.
    """
    pin, minute, best = problem.tables.pin, frozen_minutes, None
    for _ in range(_ROUNDS):
        best = solution_from(problem, plan, scenario, behind(problem, minute))
        if best is None or not slip_of(problem, best):
            return best
        slips = (pin >= 0) & (best.run_start != pin)
        until = int((pin + best.end - best.run_start)[slips].max())
        if until <= minute:
            break  # it is not for what is new that they slip
        minute = until
    release, found = problem.tables.release.copy(), best
    for _ in range(_ROUNDS):
        if found is None or best is None or not _make_way(problem, found, release):
            break
        held = replace(problem, tables=problem.tables._replace(release=release))
        found = solution_from(held, plan, scenario, behind(problem, minute))
        best = min(best, found or best, key=partial(breach_of, problem))
    return best


def _make_way(problem: Problem, pushed: Solution, release: I32) -> bool:
    """Release what is free behind the held work that it pushes, or if it pushes none, what cannot
    stay itself; False if that pushes none either."""
    pin = problem.tables.pin
    is_loose = pin < 0, (pin >= 0) & (pushed.run_start != pin)
    return any(_release_behind(problem, pushed, each, release) for each in is_loose)


def _release_behind(problem: Problem, pushed: Solution, is_loose: Mask, release: I32) -> bool:
    tables, before = problem.tables, release.copy()
    machine = np.where(pushed.alternative < 0, NONE, tables.alt_machine[pushed.alternative])
    for op in np.flatnonzero((tables.pin >= 0) & (pushed.run_start != tables.pin)):
        pin, start = tables.pin[op], pushed.run_start[op]
        setup = start - pushed.setup_start[op]
        is_there = (pushed.setup_start < start) & (pushed.end > pin - setup)
        crew = pushed.crew[op, : tables.crew_size[op]]
        is_shared = (machine == machine[op]) | np.isin(pushed.crew, crew).any(axis=1)
        in_way = is_there & is_shared & is_loose & (pushed.alternative >= 0)
        release[in_way] = np.maximum(release[in_way], pin + pushed.end[op] - start)
    return bool((release > before).any())


def _at_fault(plan: Plan, broken: Iterable[UUID], begun: Mapping[UUID, Rest]) -> Collection[UUID]:
    """What has begun of that, else what has begun on its machines or with its people."""
    broken = set(broken)
    if named := broken & begun.keys():
        return named
    rows = [row for step in broken for row in plan.where(Booking, operation_id=step)]
    machines = {row.machine_id for row in rows}
    people = {person for row in rows for person in row.operator_ids}
    return {
        step
        for step, rest in begun.items()
        if rest.booking.machine_id in machines or people & set(rest.booking.operator_ids)
    }

"""An order line's story in the planner's terms: what its time went on, and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from domain.orders import PurchaseLine
from domain.plan import Plan
from domain.production import Operation, Peg, PlannedOrder, SupplyKind
from domain.scenarios import Booking, Scenario
from domain.scheduling.board import Board
from domain.scheduling.build import build_problem
from domain.scheduling.conflict import Obstacle, line_conflict
from domain.scheduling.explain import Cause, Explainer, Link
from domain.scheduling.problem import Problem, Solution, line_lateness
from domain.scheduling.remedies import Help, remedies
from domain.scheduling.right_shift import solution_from
from domain.working_time import local_instant


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the time from the plan's start to the line's finish.

    ``minutes`` of ``[begin_at, end_at)`` went on ``cause``; ``is_own`` tells work of the line
    itself from work of others that stood in its way. Ids are None where there is none; ``item_ids``
    are what came last of all the material waited for.
    """

    cause: Cause
    minutes: int
    begin_at: datetime
    end_at: datetime
    operation_id: UUID | None
    machine_id: UUID | None
    is_own: bool
    item_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What would make the line less late by ``saved_minutes``.

    ``value_change`` is the weighted minutes by which all order lines together get later (above 0)
    or earlier.
    """

    kind: Help
    saved_minutes: int
    value_change: int
    operation_id: UUID | None
    machine_id: UUID | None


@dataclass(frozen=True, slots=True)
class Why:
    """Stretches from the finish back to the plan's start; advice only for a line that is late.

    ``obstacles`` rule out that it is in time, however all else is planned; None: nothing does.
    """

    stretches: tuple[Stretch, ...]
    advice: tuple[Advice, ...]
    obstacles: tuple[Obstacle, ...] | None = None


def why_late(plan: Plan, scenario: Scenario, line_id: UUID) -> Why | None:
    """Explain an order line's finish in a scenario.

    Takes some seconds in a large factory: most of it goes on laying the plan out.

    Returns:
        None if the line is not planned in it.
    """
    problem = build_problem(plan, scenario.now_at, scenario=scenario)
    solution = shown_plan(problem, plan, scenario)
    if solution is None or line_id not in problem.line_ids:
        return None
    line = problem.line_ids.index(line_id)
    links = Explainer(problem, solution).chain(line)
    found = remedies(plan, problem, solution, line)
    is_late = int(line_lateness(problem.tables, line, solution.end)) > 0
    board = Board(plan, scenario, scenario.now_at) if is_late else None
    return Why(
        stretches(plan, problem, links, line_id),
        tuple(
            Advice(
                one.kind,
                one.saved_minutes,
                one.value_change,
                _operation(problem, one.op),
                _machine(problem, one.machine),
            )
            for one in found
        ),
        line_conflict(board, line_id, board.problem.minute(scenario.now_at)) if board else None,
    )


def joined(links: Iterable[Link]) -> Iterator[Link]:
    """Links with neighbours of the same cause, operation and machine made one."""
    last: Link | None = None
    for link in links:
        if last is None:
            last = link
        elif _key(link) == _key(last):
            minutes = last.minutes + link.minutes
            begin, end = min(link.start, last.start), max(link.end, last.end)
            last = Link(last.cause, minutes, begin, end, last.op, last.machine, last.is_own)
        else:
            yield last
            last = link
    if last is not None:
        yield last


def _key(link: Link) -> tuple[Cause, int, int]:
    return link.cause, link.op, link.machine


def shown_plan(problem: Problem, plan: Plan, scenario: Scenario) -> Solution | None:
    """A scenario's bookings as a solution; work that is not booked yet comes behind all of them.

    Returns:
        None if nothing of the problem is booked.
    """
    bookings = plan.where(Booking, scenario_id=scenario.id)
    last = max((problem.minute(booking.end_at) for booking in bookings), default=0)
    # What waits for its components at a supplier is never booked, and begins when they are there.
    starts = [0 if step is None else max(0, last) for step in problem.operation_ids]
    return solution_from(problem, plan, scenario, np.array(starts, np.int32))


def stretches(
    plan: Plan, problem: Problem, links: Iterable[Link], line_id: UUID
) -> tuple[Stretch, ...]:
    """A line's chain in the planner's terms; ``plan`` holds the rows of the problem's work."""
    return tuple(
        Stretch(
            link.cause,
            link.minutes,
            problem.instant(link.start),
            problem.instant(link.end),
            _operation(problem, link.op),
            _machine(problem, link.machine),
            link.is_own,
            _materials(plan, problem, link, line_id) if link.cause is Cause.MATERIAL else (),
        )
        for link in joined(links)
    )


def _materials(plan: Plan, problem: Problem, link: Link, line_id: UUID) -> tuple[UUID, ...]:
    """What is bought for the work, or for the line itself, and comes last."""
    step = plan.get(Operation, _operation(problem, link.op))
    pegs = plan.where(Peg, demand_id=step.work_order_id if step else line_id)
    arrivals = [
        (at, peg.item_id)
        for peg in pegs
        if (step is None or peg.operation_id in (None, step.id))
        and (at := _arrival(plan, problem, peg)) is not None
    ]
    last = max((at for at, _ in arrivals), default=None)
    return tuple(dict.fromkeys(item for at, item in arrivals if at == last))


def _arrival(plan: Plan, problem: Problem, peg: Peg) -> int | None:
    """Minute at which what is bought is there; None: it is made, or in stock."""
    if peg.supply_kind is SupplyKind.PURCHASE:
        bought = plan.get(PurchaseLine, peg.supply_id)
        if bought is not None:
            zone = ZoneInfo(plan.home_plant().timezone)
            return problem.minute(local_instant(bought.due_on, zone))
    if peg.supply_kind is SupplyKind.PLANNED_ORDER:
        order = plan.get(PlannedOrder, peg.supply_id)
        return problem.minute(order.due_at) if order is not None else None
    return None


def _operation(problem: Problem, op: int) -> UUID | None:
    return problem.operation_ids[op] if op >= 0 else None


def _machine(problem: Problem, machine: int) -> UUID | None:
    return problem.machine_ids[machine] if machine >= 0 else None

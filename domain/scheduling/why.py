"""An order line's story in the planner's terms: what its time went on, and what would help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.plan import Plan
from domain.scenarios import Scenario
from domain.scheduling.build import build_problem
from domain.scheduling.explain import Cause, Explainer, Link
from domain.scheduling.problem import Problem
from domain.scheduling.remedies import Help, remedies
from domain.scheduling.right_shift import solution_from


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the time from the plan's start to the line's finish.

    ``minutes`` of ``[begin_at, end_at)`` went on ``cause``; ``is_own`` tells work of the line
    itself from work of others that stood in its way. Ids are None where there is none.
    """

    cause: Cause
    minutes: int
    begin_at: datetime
    end_at: datetime
    operation_id: UUID | None
    machine_id: UUID | None
    is_own: bool


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
    """Stretches from the finish back to the plan's start; advice only for a line that is late."""

    stretches: tuple[Stretch, ...]
    advice: tuple[Advice, ...]


def why_late(plan: Plan, scenario: Scenario, line_id: UUID) -> Why | None:
    """Explain an order line's finish in a scenario.

    Takes some seconds in a large factory: most of it goes on laying the plan out.

    Returns:
        None if the line is not planned in it.
    """
    problem = build_problem(plan, scenario.now_at, scenario=scenario)
    solution = solution_from(problem, plan, scenario)
    if solution is None or line_id not in problem.line_ids:
        return None
    line = problem.line_ids.index(line_id)
    links = joined(Explainer(problem, solution).chain(line))
    found = remedies(plan, problem, solution, line)
    return Why(
        tuple(_stretch(problem, link) for link in links),
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
    )


def joined(links: list[Link]) -> Iterator[Link]:
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


def _stretch(problem: Problem, link: Link) -> Stretch:
    return Stretch(
        link.cause,
        link.minutes,
        problem.instant(link.start),
        problem.instant(link.end),
        _operation(problem, link.op),
        _machine(problem, link.machine),
        link.is_own,
    )


def _operation(problem: Problem, op: int) -> UUID | None:
    return problem.operation_ids[op] if op >= 0 else None


def _machine(problem: Problem, machine: int) -> UUID | None:
    return problem.machine_ids[machine] if machine >= 0 else None

"""How sure the dates of the plan in force are, in the planner's terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.plan import Plan
from domain.scenarios import Scenario
from domain.scheduling.build import build_problem
from domain.scheduling.robustness import Robustness, replay
from domain.scheduling.why import shown_plan


@dataclass(frozen=True, slots=True)
class LineOdds:
    """How sure an order line is.

    Attributes:
        on_time: Probability that it is finished by the end of its due day, 0 … 1.
        likely_at: It is finished by then in half of all cases.
        safe_at: It is finished by then in nine of ten cases.
        causes: The operations whose overrun most often makes it late, with the share of all cases
            in which it is they, the worst first.
    """

    on_time: float
    likely_at: datetime
    safe_at: datetime
    causes: tuple[tuple[UUID, float], ...]


@dataclass(frozen=True, slots=True)
class Odds:
    """Order lines by id; ``fragile`` holds the share of all cases in which an operation's overrun
    makes an order late, by operation id, for all with any."""

    lines: Mapping[UUID, LineOdds]
    fragile: Mapping[UUID, float]


def plan_odds(
    plan: Plan,
    scenario: Scenario,
    now_at: datetime,
    *,
    replays: int = 400,
    should_stop: Callable[[], bool] = lambda: False,
) -> Odds | None:
    """Replay a scenario from now on, with the usual variation of times and breakdowns.

    Takes some seconds in a large factory. The same plan has the same odds.

    Returns:
        None if nothing is planned, or it was stopped.
    """
    problem = build_problem(plan, scenario.now_at, scenario=scenario)
    solution = shown_plan(problem, plan, scenario)
    if solution is None:
        return None
    since = problem.minute(now_at)
    found = replay(
        problem, solution, replays=replays, workers=1, since=since, should_stop=should_stop
    )
    if should_stop():
        return None
    steps = problem.operation_ids
    lines = {
        line_id: LineOdds(
            float(found.on_time[line]),
            problem.instant(int(found.median_finish[line])),
            problem.instant(int(found.likely_finish[line])),
            _causes(found, line, steps),
        )
        for line, line_id in enumerate(problem.line_ids)
    }
    spots = found.fragile_spots(most=len(steps))
    fragile = {step: float(found.fragility[op]) for op in spots if (step := steps[op]) is not None}
    return Odds(lines, fragile)


def _causes(
    found: Robustness, line: int, steps: tuple[UUID | None, ...]
) -> tuple[tuple[UUID, float], ...]:
    causes = ((steps[op], share) for op, share in found.causes(line))
    return tuple((step, share) for step, share in causes if step is not None)

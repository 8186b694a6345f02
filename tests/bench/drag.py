"""How fast the Gantt answers a drag: ``python -m tests.bench.drag``.

Random bars of a dispatched factory are dropped on random eligible machines at random times within
the plan; the times are those of building the board once and of each answer, refusals included.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from datetime import timedelta
from uuid import UUID

from domain.errors import RuleViolation
from domain.plan import Plan
from domain.scenarios import Booking, Scenario
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.repair import MoveBoard
from domain.scheduling.urgency import urgency_of
from tests.bench.factories import NOW_AT, make_factory
from tests.bench.report import Meter, show


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.drag")
    parser.add_argument("--operations", type=int, default=2000)
    parser.add_argument("--drags", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    plan, scenario = _planned(options.operations, options.seed)
    bookings = plan.where(Booking, scenario_id=scenario.id)
    meter = Meter()
    builds = [_seconds(lambda: MoveBoard(plan, scenario, NOW_AT))[0] for _ in range(3)]
    board = MoveBoard(plan, scenario, NOW_AT)
    facts = _drag(board, bookings, random.Random(options.seed), options.drags)
    case = f"{len(bookings)} operations"
    show(meter.line("drag", case, build_ms=_ms(statistics.median(builds)), **facts))


def _planned(operations: int, seed: int) -> tuple[Plan, Scenario]:
    source = random.Random(seed)
    plan = make_factory(operations, seed)
    problem = build_problem(plan, NOW_AT)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    scenario = Scenario(
        id=UUID(int=source.getrandbits(128)),
        plant_id=plan.home_plant().id,
        name="drag",
        published=True,
        now_at=NOW_AT,
    )
    plan.put(scenario)
    new_id = lambda: UUID(int=source.getrandbits(128))  # noqa: E731
    for row in bookings_from(problem, solution, plan, scenario, new_id):
        plan.put(row)
    return plan, scenario


def _drag(
    board: MoveBoard, bookings: list[Booking], source: random.Random, count: int
) -> dict[str, object]:
    times: list[float] = []
    moved: list[int] = []
    for _ in range(count):
        booking, other = source.choice(bookings), source.choice(bookings)
        near = booking.setup_start_at + timedelta(minutes=source.randint(-2000, 2000))
        start_at = source.choice([near, other.end_at])
        machine_id = source.choice(sorted(board.eligible(booking)))
        try:
            seconds, move = _seconds(
                lambda b=booking, m=machine_id, t=start_at: board.try_move(b, m, t, NOW_AT)
            )
            moved.append(len(move.bookings))
        except RuleViolation:
            continue
        times.append(seconds)
    times.sort()
    return {
        "answer_p50_ms": _ms(times[len(times) // 2]),
        "answer_p95_ms": _ms(times[int(len(times) * 0.95)]),
        "answer_max_ms": _ms(times[-1]),
        "accepted": len(moved),
        "moved_p50": int(statistics.median(moved)),
        "moved_max": max(moved),
    }


def _seconds(act):
    began = time.perf_counter()
    result = act()
    return time.perf_counter() - began, result


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


if __name__ == "__main__":
    main()

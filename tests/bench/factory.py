"""Plan a seeded factory, or mend its plan after something happened."""

import argparse
import multiprocessing
import time
from multiprocessing.connection import Connection
from uuid import uuid4

import numpy as np

from domain.errors import Severity
from domain.plan import Plan
from domain.scenarios import Scenario
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import GRID, dispatch
from domain.scheduling.engine import repair, solve, warm_up
from domain.scheduling.events import delay_material, stop_machine
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.right_shift import carry_over, right_shift
from domain.scheduling.urgency import urgency_of
from tests.bench.factories import NOW_AT, add_rush_order, make_factory
from tests.bench.plain_rules import best_plain
from tests.bench.report import Meter, show

EVENTS = ("breakdown", "rush", "material")
DAY = 1440


def violations(plan: Plan, problem: Problem, solution: Solution) -> int:
    """What the independent checker finds wrong."""
    plant_id = plan.home_plant().id
    scenario = Scenario(id=uuid4(), plant_id=plant_id, name="bench", now_at=NOW_AT)
    bookings = bookings_from(problem, solution, plan, scenario, uuid4)
    found = check_plan(plan, bookings, NOW_AT)
    return sum(finding.severity is Severity.ERROR for finding in found)


def run_plan(options: argparse.Namespace) -> dict[str, object]:
    """Plan the factory and report how good and how fast."""
    meter = Meter()
    plan = make_factory(options.operations, options.seed)
    begun = time.perf_counter()
    problem = build_problem(plan, NOW_AT)
    built = time.perf_counter() - begun
    dispatch_value, dispatch_rule, _ = best_plain(problem)
    urgency = urgency_of(problem)
    grid_value = min(dispatch(problem, urgency, rule).value for rule in GRID)
    steps = []
    solution = solve(
        problem,
        seconds=options.seconds,
        workers=options.workers,
        seed=options.seed,
        on_progress=steps.append,
    )
    searched = max(1e-9, steps[-1].seconds - next(s.seconds for s in steps if s.moves))
    return meter.line(
        "factory",
        f"{options.operations}",
        operations=problem.operation_count,
        order_lines=len(problem.line_ids),
        dispatch_value=dispatch_value,
        dispatch_rule=dispatch_rule,
        grid_value=grid_value,
        value=solution.value,
        ratio=round(solution.value / max(1, dispatch_value), 4),
        grid_ratio=round(solution.value / max(1, grid_value), 4),
        setup_minutes=solution.setup_minutes,
        bound=solution.bound,
        bound_origin=solution.bound_origin,
        build_seconds=round(built, 3),
        first_plan_seconds=round(steps[0].seconds, 4),
        moves_per_second=round(steps[-1].moves / searched),
        checker_violations=violations(plan, problem, solution),
        workers=options.workers,
        seed=options.seed,
    )


def run_event(options: argparse.Namespace) -> dict[str, object]:
    """Plan, let something happen, mend."""
    meter = Meter()
    plan = make_factory(options.operations, options.seed)
    problem = build_problem(plan, NOW_AT)
    before = solve(problem, seconds=options.seconds, workers=options.workers, seed=options.seed)
    changed, old, decode_seconds = _happen(options.event, plan, problem, before)
    steps = []
    after = repair(
        changed, old, seconds=1.0, workers=options.workers, seed=1, on_progress=steps.append
    )
    pushed = steps[0].solution
    assert pushed is not None
    return meter.line(
        "factory",
        f"{options.operations}-{options.event}",
        operations=changed.operation_count,
        value_before=before.value,
        value_pushed=pushed.value,
        value=after.value,
        decode_seconds=round(decode_seconds, 4),
        repair_seconds=round(steps[-1].seconds, 3),
        moved_unaffected_share=round(_moved_share(old, pushed, after), 4),
        cost_ratio=round(after.value / max(1, before.value), 4),
        checker_violations=None
        if options.event == "material"
        else violations(plan, changed, after),
    )


def _happen(
    event: str, plan: Plan, problem: Problem, before: Solution
) -> tuple[Problem, Solution, float]:
    """The problem afterwards, the plan to keep, and how long the first new plan took."""
    if event == "rush":
        add_rush_order(plan)
        changed = build_problem(plan, NOW_AT)
        begun = time.perf_counter()
        kept = carry_over(changed, problem, before)
        return changed, kept, time.perf_counter() - begun
    busy = np.bincount(problem.tables.alt_machine[before.alternative], minlength=2)
    machine_id = problem.machine_ids[int(busy.argmax())]
    begun = time.perf_counter()
    if event == "breakdown":
        changed = stop_machine(problem, machine_id, DAY, DAY + 480)
        _note_downtime(plan, machine_id)
    else:
        late = int(np.argsort(before.run_start)[problem.operation_count // 10])
        operation_id = problem.operation_ids[late]
        assert operation_id is not None
        changed = delay_material(problem, operation_id, int(before.run_start[late]) + 2 * DAY)
    right_shift(changed, before)
    return changed, before, time.perf_counter() - begun


def _note_downtime(plan: Plan, machine_id) -> None:
    from datetime import timedelta

    from domain.resources import Downtime

    start = NOW_AT + timedelta(minutes=DAY)
    end = start + timedelta(minutes=480)
    plan.put(Downtime(id=uuid4(), machine_id=machine_id, start_at=start, end_at=end))


def _moved_share(old: Solution, pushed: Solution, after: Solution) -> float:
    """Share of the operations that the push left alone which start over an hour elsewhere now."""
    alone = np.abs(pushed.run_start - old.run_start) <= 60
    moved = np.abs(after.run_start - old.run_start) > 60
    return float((alone & moved).sum() / max(1, alone.sum()))


def serve(link: Connection, options: argparse.Namespace) -> None:
    """The benchmark's work, in a process of its own as in the product."""
    warm_up()
    link.send(run_event(options) if options.event else run_plan(options))


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.factory", description=__doc__)
    parser.add_argument("--operations", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--event", choices=EVENTS)
    options = parser.parse_args(arguments)
    context = multiprocessing.get_context("spawn")
    link, child = context.Pipe()
    process = context.Process(target=serve, args=(child, options))
    process.start()
    child.close()
    line = link.recv()
    process.join()
    show(line)


if __name__ == "__main__":
    main()

"""Plan a seeded factory, or mend its plan after something happened."""

import argparse
import multiprocessing
import time
from multiprocessing.connection import Connection

from domain.scheduling.build import build_problem
from domain.scheduling.dispatch import GRID, dispatch
from domain.scheduling.engine import solve, warm_up
from domain.scheduling.urgency import urgency_of
from tests.bench.events import EVENTS, run_event, violations
from tests.bench.factories import NOW_AT, make_factory
from tests.bench.plain_rules import best_plain
from tests.bench.report import Meter, show


def run_plan(options: argparse.Namespace) -> dict[str, object]:
    """Plan the factory and report how good and how fast."""
    meter = Meter()
    plan = make_factory(options.operations, options.factory_seed or options.seed, options.due)
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
        due=options.due,
    )


def run_plan_and_event(options: argparse.Namespace) -> dict[str, object]:
    """Plan, let something happen, mend."""
    meter = Meter()
    plan = make_factory(options.operations, options.factory_seed or options.seed, options.due)
    problem = build_problem(plan, NOW_AT)
    before = solve(problem, seconds=options.seconds, workers=options.workers, seed=options.seed)
    found = run_event(options, plan, problem, before)
    return meter.line("factory", f"{options.operations}-{options.event}", **found)


def serve(link: Connection, options: argparse.Namespace) -> None:
    """The benchmark's work, in a process of its own as in the product."""
    warm_up()
    link.send(run_plan_and_event(options) if options.event else run_plan(options))


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.factory", description=__doc__)
    parser.add_argument("--operations", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--factory-seed", type=int, help="if it is to be another one")
    parser.add_argument("--due", type=float, default=1.0, help="times the usual time until due")
    parser.add_argument("--event", choices=EVENTS)
    parser.add_argument("--machines", type=int, default=5, help="that break down, each in turn")
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

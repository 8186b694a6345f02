"""Rush orders, promises and replays on the benchmark's factory, timed."""

import argparse
from datetime import timedelta
from decimal import Decimal
from statistics import median
from time import perf_counter
from uuid import uuid4

from domain.items import Item
from domain.scheduling.build import build_problem
from domain.scheduling.decode import by_time
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.explain import Explainer
from domain.scheduling.promise import Promiser, Wish
from domain.scheduling.robustness import replay
from domain.scheduling.urgency import urgency_of
from tests.bench.factories import NOW_AT, make_factory
from tests.bench.report import Meter, show


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.promise", description=__doc__)
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replays", type=int, default=500)
    options = parser.parse_args(arguments)
    meter = Meter()
    plan = make_factory(options.operations, options.seed)
    problem = build_problem(plan, NOW_AT)
    solution = by_time(dispatch(problem, urgency_of(problem), PLAIN))
    begun = perf_counter()
    promiser = Promiser(plan, problem, solution, uuid4)
    prepared = perf_counter() - begun
    due_on = (NOW_AT + timedelta(days=14)).date()
    wishes = [Wish(item.id, Decimal(20), due_on) for item in plan.table(Item).values()][:12]
    promiser.promise(wishes[0])
    times = [_seconds(lambda wish=wish: promiser.promise(wish)) for wish in wishes]
    many = _seconds(lambda: promiser.promises(wishes))
    replay(problem, solution, replays=2)
    replayed = _seconds(lambda: replay(problem, solution, replays=options.replays))
    explainer = Explainer(problem, solution)
    lines = range(len(problem.line_ids))
    explained = _seconds(lambda: [explainer.chain(line) for line in lines]) / len(lines)
    line = meter.line(
        "promise",
        f"factory-{problem.operation_count}",
        prepare_seconds=round(prepared, 4),
        promise_seconds=round(median(times), 4),
        slowest_promise_seconds=round(max(times), 4),
        twelve_promises_seconds=round(many, 4),
        explain_line_seconds=round(explained, 5),
        replays=options.replays,
        replay_seconds=round(replayed, 3),
    )
    show(line)


def _seconds(task) -> float:
    begun = perf_counter()
    task()
    return perf_counter() - begun


if __name__ == "__main__":
    main()

"""Plan one public instance with the product's own engine."""

import argparse
from pathlib import Path

from tests.bench.instances import read_shop
from tests.bench.report import Meter, show
from tests.bench.shop_process import ShopProcess
from tests.bench.verify import faults

FORMATS = ("jsp", "fjsp", "fjsp-sdst", "wtjsp")


def run(process: ShopProcess, path: Path, options: argparse.Namespace) -> dict[str, object]:
    """Plan the instance, check the plan, and report both."""
    meter = Meter()
    shop = read_shop(path, options.format, options.factor, options.first_jobs)
    outcome = process.solve(
        shop, seconds=options.seconds, workers=options.workers, seed=options.seed
    )
    result = outcome.result
    found = faults(shop, result.plan)
    if found:
        raise SystemExit(f"{path}: the plan is wrong: {found[:5]}")
    line = meter.line(
        "schedule",
        f"{path.parent.name}/{path.name}",
        objective="weighted_tardiness" if shop.minimizes_tardiness else "makespan",
        value=result.plan.value,
        bound=result.bound,
        bound_origin=result.bound_origin,
        proven=result.is_proven,
        first_value=result.first_value,
        first_seconds=round(result.first_seconds, 4),
        solve_seconds=round(outcome.seconds, 3),
        moves=result.moves,
        workers=options.workers,
        seed=options.seed,
    )
    line["cpu_seconds"] = round(outcome.cpu_seconds, 3)
    line["peak_memory_mb"] = outcome.peak_memory_mb
    return line


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that one instance and a folder of them share."""
    parser.add_argument("--factor", type=float, default=1.3, help="tightness of due dates, wtjsp")
    parser.add_argument("--first-jobs", type=int, help="leave out the jobs after so many (wtjsp)")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.schedule", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--format", choices=FORMATS, required=True)
    add_options(parser)
    options = parser.parse_args(arguments)
    with ShopProcess() as process:
        line = run(process, options.file, options)
    show(line)


if __name__ == "__main__":
    main()

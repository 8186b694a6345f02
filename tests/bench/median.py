"""Run another benchmark several times and print the median of each of its figures.

`python -m tests.bench.median --runs 3 factory --operations 500 --seconds 5`
"""

import argparse
import statistics

from tests.bench.__main__ import FAILED, Line, run
from tests.bench.report import show

_EACH = ("value", "ratio", "mean_gap", "worst_gap", "best_known_reached", "cost_ratio")
"""Of these, what every run said is told, too."""


def median_line(lines: list[Line]) -> Line:
    """The middle (of two, the smaller) of every number; what is no number is the first run's."""
    first = lines[0]
    found: Line = {}
    for key, value in first.items():
        values = [line.get(key) for line in lines]
        numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        found[key] = statistics.median_low(numbers) if len(numbers) == len(lines) else value
    found["runs"] = {key: [line[key] for line in lines] for key in _EACH if key in first}
    return found


def main(arguments: list[str] | None = None) -> int:
    """Command line; 1 if a run failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.median", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("name", help="the benchmark")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="its own arguments")
    options = parser.parse_args(arguments)
    lines: list[Line] = []
    for _ in range(options.runs):
        lines.append(run(options.name, options.rest))
        show(lines[-1])
        if FAILED in lines[-1]:
            return 1
    show(median_line(lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

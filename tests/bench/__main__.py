"""Run every benchmark with short settings, each in a process of its own, and print a table."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from tests.bench.report import ROOT

Line = dict[str, object]

ALWAYS = [
    ["factory", "--operations", "500", "--seconds", "5"],
    ["factory", "--operations", "2000", "--seconds", "5"],
    ["factory", "--operations", "2000", "--seconds", "5", "--event", "breakdown"],
    ["factory", "--operations", "2000", "--seconds", "5", "--event", "rush"],
    ["gantt", "--operations", "2000", "--machines", "50"],
    ["drag", "--operations", "500", "--drags", "50"],
    ["promise", "--operations", "2000", "--replays", "50"],
    ["tables"],
    ["start"],
    ["flow"],
]
WITH_INSTANCES = [
    ["--only", "jsp_(ft|orb)/"],
    ["--only", "jsp_(taillard|dmu)/", "--every", "20"],
    ["--only", "fjsp_[bdh]", "--every", "20"],
    ["--only", "sdst", "--every", "4"],
    ["--format", "wtjsp", "--factor", "1.5", "--first-jobs", "10", "--every", "4"],
]
UNSHOWN = ("benchmark", "case", "commit", "cores", "seed")
FAILED = "failed"


def run(name: str, arguments: list[str]) -> Line:
    """The last line of one benchmark, or how it failed."""
    command = [sys.executable, "-m", f"tests.bench.{name}", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        reason = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        return {"benchmark": name, "case": " ".join(arguments), FAILED: reason}
    return json.loads(lines[-1])


def facts(line: Line, prefix: str = "") -> list[str]:
    """What a line says, flat: `open_seconds 0.4`, `out.pan_p50_ms 24`."""
    said: list[str] = []
    for key, value in line.items():
        if isinstance(value, dict):
            said += facts(value, f"{prefix}{key}.")
        elif key not in UNSHOWN and value is not None:
            said.append(f"{prefix}{key} {value}")
    return said


def show_row(line: Line) -> None:
    """One benchmark of the table: its name and case, then its facts, three a row."""
    said = [f"{fact:<32}" for fact in facts(line)]
    rows = ["".join(said[index : index + 3]).rstrip() for index in range(0, len(said), 3)]
    print(f"{line['benchmark']} · {line['case']}", *rows, sep="\n    ", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Command line; 1 if a benchmark failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--instances",
        type=Path,
        default=ROOT.parent / "shared" / "bench",
        help="folder with public instances and best_known.csv; without it those are left out",
    )
    folder: Path = parser.parse_args(arguments).instances.resolve()
    calls = [(name, rest) for name, *rest in ALWAYS]
    calls = [call for call in calls if Path(__file__).with_name(f"{call[0]}.py").exists()]
    if (folder / "best_known.csv").exists():
        calls += [("schedule_set", [str(folder), "--seconds", "5", *r]) for r in WITH_INSTANCES]
    else:
        print(f"schedule_set · left out: no best_known.csv in {folder}")
    lines: list[Line] = []
    for name, rest in calls:
        lines.append(run(name, rest))
        show_row(lines[-1])
    print(json.dumps({"benchmark": "all", "results": lines}, ensure_ascii=False))
    return 1 if any(FAILED in line for line in lines) else 0


if __name__ == "__main__":
    raise SystemExit(main())

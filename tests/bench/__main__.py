"""Run every benchmark with short settings, each in a process of its own, and print a table.

`python -m tests.bench [FOLDER]`: the folder holds public instances and `best_known.csv`; without
one, the benchmarks that need them are left out.
"""

import json
import subprocess
import sys
from pathlib import Path

from tests.bench.report import ROOT

ALWAYS = [
    ["factory", "--operations", "500", "--seconds", "5"],
    ["factory", "--operations", "2000", "--seconds", "5"],
    ["gantt", "--operations", "2000", "--machines", "50"],
    ["drag", "--operations", "500", "--drags", "50"],
]
WITH_INSTANCES = [
    ["schedule_set", "--only", "jsp_(ft|orb)/", "--seconds", "5"],
    ["schedule_set", "--only", "jsp_(taillard|dmu)/", "--every", "20", "--seconds", "5"],
    ["schedule_set", "--only", "fjsp_[bdh]", "--every", "20", "--seconds", "5"],
    ["schedule_set", "--only", "sdst", "--every", "4", "--seconds", "5"],
    ["schedule_set", "--only", "jsp_ft/", "--format", "wtjsp", "--factor", "1.5", "--seconds", "5"],
]
PLAIN = ("benchmark", "case", "commit", "cores")


def run(name: str, arguments: list[str]) -> dict[str, object]:
    """The last line of one benchmark."""
    command = [sys.executable, "-m", f"tests.bench.{name}", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        return {"benchmark": name, "case": "failed: " + done.stderr.strip()[-200:]}
    return json.loads(lines[-1])


def main() -> None:
    """Command line."""
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    calls = [(name, rest) for name, *rest in ALWAYS]
    if folder is not None:
        calls += [(name, [str(folder), *rest]) for name, *rest in WITH_INSTANCES]
    lines = [run(name, arguments) for name, arguments in calls]
    for line in lines:
        facts = [f"{key} {value}" for key, value in line.items() if key not in PLAIN]
        print(f"{line['benchmark']:<14}{line['case']:<44}{', '.join(facts)}")
    print(json.dumps({"benchmark": "all", "results": lines}, ensure_ascii=False))


if __name__ == "__main__":
    main()

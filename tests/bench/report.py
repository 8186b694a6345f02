"""What every benchmark prints: one JSON object as its last line."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Meter:
    """Wall and processor time from here on, of this process and of those it waited for."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _cpu_seconds()

    def line(self, benchmark: str, case: str, **facts: object) -> dict[str, object]:
        """The facts with everything that each benchmark reports."""
        return {
            "benchmark": benchmark,
            "case": case,
            **facts,
            "seconds": round(time.perf_counter() - self._wall, 3),
            "cpu_seconds": round(_cpu_seconds() - self._cpu, 3),
            "peak_memory_mb": peak_memory_mb(),
            "commit": commit(),
            "cores": os.cpu_count() or 1,
        }


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def peak_memory_mb() -> float | None:
    """The most memory that this process or one of its finished children held; None on Windows."""
    try:
        import resource
    except ImportError:
        return None
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(kind).ru_maxrss for kind in kinds)
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def commit() -> str:
    """The commit that is measured, with a plus sign if there are changes on top of it."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--abbrev=12"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    return done.stdout.strip() or "unknown"


def show(line: dict[str, object]) -> None:
    """Print one result."""
    print(json.dumps(line, ensure_ascii=False), flush=True)

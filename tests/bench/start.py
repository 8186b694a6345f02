"""The client's start, and whether its window stays alive while plans are made and mended.

A process of its own is started on a database that holds the planned machining sample, or a seeded
factory of some thousand operations. Measured are the seconds from its start to the window with the
orders' fates on screen (``window_seconds``; the median of several, the first one left out), and
every turn of the event loop during a planning run and what follows it, then (``mending_…``) while
offers for a breakdown come, ``previewing_…`` while each is looked at, ``taking_…`` when the last
is taken: ``longest_turn_ms`` by the clock and ``longest_turn_cpu_ms`` by the processor time of the
UI thread, which other work on the machine does not change. ``turns_unqueued_over_50_ms`` leaves
out the time in which the thread could have gone on but had no processor (Linux only).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.bench.report import ROOT, Meter, show

FREE_TURN_MS = 50
QUEUE = Path("/proc/thread-self/schedstat")
AFTER_SECONDS = 3
"""So long the last plan is watched: it is read back, and laid out for drags, and what it lacks is
looked for."""
LONGEST_SECONDS = 60
"""So long an offer of each kind is waited for."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="of planning under watch")
    parser.add_argument("--operations", type=int, help="a factory of that size, not the sample")
    parser.add_argument("--client", nargs=2, metavar=("URL", "SINCE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.client:
        client(args.client[0], float(args.client[1]), args.seconds)
        return
    from tests.bench.flow import server

    meter = Meter()
    with server() as url:
        prepare(url, args.operations)
        runs = [start_client(url, 0) for _ in range(args.repeats + 1)][1:]
        watched = start_client(url, args.seconds)
    figures = {
        name: round(statistics.median(run[name] for run in runs), 3)
        for name in ("window_seconds", "window_cpu_seconds", "import_cpu_seconds")
    }
    figures |= {name: value for name, value in watched.items() if "turn" in name}
    show(meter.line("start", str(args.operations or "machining"), **figures))


def prepare(url: str, operations: int | None) -> None:
    """Put the sample, or a factory with so many operations, and a plan of it into the database."""
    from app.plan_run import PlanRequest
    from app.solving import PlanningProcess
    from db.store import Store
    from domain.changes import difference
    from tests.bench.factories import NOW_AT, make_factory
    from tests.bench.flow import SAMPLE, read_sample
    from tests.builders import NOW

    with PlanningProcess() as process, closing(Store(url)) as store:
        if operations:
            store.write(difference("import", [], make_factory(operations, 1).rows()))
        else:
            store.write(read_sample(SAMPLE))
        now_at = NOW_AT if operations else NOW
        request = PlanRequest(now_at, seconds=2, scenario_name="Plan")
        last = process.run(store.load().rows(), request, lambda _message: None)
        assert last.changes is not None
        store.write(last.changes)


def start_client(url: str, seconds: float) -> dict[str, float]:
    """What one client measured."""
    with tempfile.TemporaryDirectory(prefix="gantry-bench-") as home:
        command = [sys.executable, "-m", "tests.bench.start", "--seconds", str(seconds)]
        done = subprocess.run(
            [*command, "--client", url, str(time.time())],
            cwd=ROOT,
            capture_output=True,
            check=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "GANTRY_HOME": home},
        )
    return json.loads(done.stdout.splitlines()[-1])


def client(url: str, since: float, seconds: float) -> None:
    """Be the program until its window shows everything, then plan under watch."""
    from app.commands.run import open_window
    from app.config import Config

    imported = time.process_time()
    application, desk = open_window(url, Config())
    try:
        opened: list[bool] = []
        desk.session.opened.connect(lambda: opened.append(True))
        while not (opened and desk.session.outlooks.current.fates):
            application.processEvents()
        application.processEvents()
        figures = {
            "window_seconds": time.time() - since,
            "window_cpu_seconds": time.process_time(),
            "import_cpu_seconds": imported,
        }
        if seconds:
            figures |= watch(application, desk, seconds)
        print(json.dumps(figures))
    finally:
        desk.window.close()
        desk.close()


class Turns:
    """Every turn of an application's event loop, while something lasts."""

    def __init__(self, application) -> None:
        self._application = application
        self._clock: list[float] = []
        self._cpu: list[float] = []
        self._queued: list[float] = []

    def watch(self, lasts: Callable[[], bool], click: Callable[[], object] = lambda: None) -> None:
        """Turn the loop until it is over; a click belongs to the first turn."""
        acts = [click]
        while lasts():
            began, worked, waited = time.perf_counter(), time.thread_time(), queue_seconds()
            if acts:
                acts.pop()()
            self._application.processEvents()
            self._clock.append((time.perf_counter() - began) * 1000)
            self._cpu.append((time.thread_time() - worked) * 1000)
            self._queued.append((queue_seconds() - waited) * 1000)
            time.sleep(0.001)

    def figures(self, prefix: str = "") -> dict[str, float]:
        """The longest turns, and how many were too long, of what was watched since last asked."""
        own = [turn - wait for turn, wait in zip(self._clock, self._queued, strict=True)]
        found = {
            "longest_turn_ms": round(max(self._clock), 1),
            "longest_turn_cpu_ms": round(max(self._cpu), 1),
            "turns_over_50_ms": sum(turn > FREE_TURN_MS for turn in self._clock),
            "turns_cpu_over_50_ms": sum(work > FREE_TURN_MS for work in self._cpu),
            "turns_unqueued_over_50_ms": sum(turn > FREE_TURN_MS for turn in own),
        }
        for times in (self._clock, self._cpu, self._queued):
            times.clear()
        return {prefix + name: value for name, value in found.items()}


def watch(application, desk, seconds: float) -> dict[str, float]:
    """Plan, then mend the plan, and time every turn of the event loop."""
    turns = Turns(application)
    ended: list[float] = []
    desk.planning.ended.connect(lambda _last: ended.append(time.perf_counter()))
    desk.planning.failed.connect(lambda _error: ended.append(time.perf_counter()))
    turns.watch(
        lambda: not ended or is_settling(desk, ended[0]), lambda: desk.planning.start(seconds)
    )
    return turns.figures() | mend(turns, desk, seconds)


def mend(turns: Turns, desk, seconds: float) -> dict[str, float]:
    """A machine breaks down: each offer is looked at, and the last one taken."""
    from domain.mend_offers import Way
    from domain.resources import Machine

    mending = desk.deeds.mending
    mending.open([next(iter(desk.session.bench.plan.table(Machine).values()))])
    dialog = mending.dialog
    begun = time.perf_counter()
    turns.watch(
        lambda: (
            time.perf_counter() - begun < LONGEST_SECONDS
            and not (time.perf_counter() - begun > seconds and Way.GLOBAL in dialog.offers)
        ),
        dialog.form.ask.click,
    )
    mending.stop()
    stopped = time.perf_counter()
    turns.watch(lambda: is_soon_after(stopped))
    found = turns.figures("mending_")
    for way in (Way.PUSH, Way.LOCAL, Way.GLOBAL):
        begun = time.perf_counter()
        turns.watch(lambda since=begun: is_soon_after(since), dialog.choices[way].click)
    found |= turns.figures("previewing_")
    begun = time.perf_counter()
    turns.watch(lambda: is_settling(desk, begun), dialog.take.click)
    return found | turns.figures("taking_")


def is_settling(desk, since: float) -> bool:
    """Whether what follows a plan may still be under way."""
    return bool(desk.session.bench.pending_count) or is_soon_after(since)


def is_soon_after(end: float) -> bool:
    """Whether that was a moment ago."""
    return time.perf_counter() - end < AFTER_SECONDS


def queue_seconds() -> float:
    """How long this thread has been kept from running by others so far; 0 where nobody tells."""
    try:
        return int(QUEUE.read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:
        return 0.0


if __name__ == "__main__":
    main()

"""From a workbook to the first plan in PostgreSQL: reading, checking, writing, planning.

``seconds`` of each step are wall time; the server and the planning process are up, as they are
while the window is open. Medians of several imports into databases of their own.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

from app.exchange.reading import read_workbook
from app.first_start import SAMPLE_DAY
from app.plan_message import PlanMessage
from app.plan_run import PlanRequest
from app.solving import PlanningProcess
from db.embedded import EmbeddedServer
from db.migrate import upgrade
from db.store import Store
from domain.changes import ChangeSet
from domain.plan import Plan
from domain.production import Operation
from tests.bench.report import Meter, show
from tests.builders import NOW, make_plan
from widgets.text import RESOURCES

SAMPLE = RESOURCES / "samples" / "machining.xlsx"


@contextmanager
def server() -> Iterator[str]:
    """URL of a migrated database on a server of its own."""
    with tempfile.TemporaryDirectory(prefix="gantry-bench-") as folder:
        embedded = EmbeddedServer(Path(folder))
        try:
            url = embedded.start()
            upgrade(url)
            yield url
        finally:
            embedded.destroy()


def read_sample(path: Path) -> ChangeSet:
    """A workbook as changes to an empty factory."""
    reading = read_workbook(path, Plan(), new_id=uuid4, today=SAMPLE_DAY)
    assert not reading.faults
    return reading.changes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=SAMPLE)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    with server() as url, PlanningProcess() as process, closing(Store(url)) as store:
        warm = PlanRequest(NOW, iterations=1)
        process.run(make_plan().rows(), warm, lambda _message: None)
        meter = Meter()
        reads: list[float] = []
        for _ in range(args.repeats):
            began = time.perf_counter()
            changes = read_sample(args.file)
            reads.append(time.perf_counter() - began)
        began = time.perf_counter()
        store.write(changes)
        write_seconds = time.perf_counter() - began
        began = time.perf_counter()
        plan = store.load()
        load_seconds = time.perf_counter() - began
        firsts = [first_plan_seconds(process, plan) for _ in range(args.repeats)]
        last = process.run(
            plan.rows(), PlanRequest(NOW, seconds=1, scenario_name="Plan"), lambda _message: None
        )
        assert last.changes is not None
        began = time.perf_counter()
        store.write(last.changes)
        plan_write_seconds = time.perf_counter() - began
        plan.apply(last.changes)
        read_seconds = statistics.median(reads)
        show(
            meter.line(
                "flow",
                args.file.stem,
                rows=len(changes),
                read_seconds=round(read_seconds, 3),
                write_seconds=round(write_seconds, 3),
                import_seconds=round(read_seconds + write_seconds, 3),
                load_seconds=round(load_seconds, 3),
                operations=len(plan.table(Operation)),
                first_plan_seconds=round(statistics.median(firsts), 3),
                plan_write_seconds=round(plan_write_seconds, 3),
            )
        )


def first_plan_seconds(process: PlanningProcess, plan: Plan) -> float:
    """From asking to the first checked plan."""
    began, first = time.perf_counter(), [0.0]

    def hear(message: PlanMessage) -> None:
        if message.changes is not None and not first[0]:
            first[0] = time.perf_counter() - began

    process.run(plan.rows(), PlanRequest(NOW, seconds=60), hear, lambda: bool(first[0]))
    return first[0]


if __name__ == "__main__":
    main()

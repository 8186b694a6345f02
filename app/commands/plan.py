"""``gantry plan FILE.xlsx``: a workbook in, a folder of plan files out; no database, no window."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from app.commands.reporting import peak_memory_mb, show_findings, show_reading
from app.exchange.plan_folder import write_plan
from app.exchange.reading import read_workbook
from app.exchange.values import FIRST_DAY, LAST_DAY
from app.plan_message import PlanMessage
from app.plan_run import PlanRequest
from app.solving import PREPARING, PlanningProcess
from domain.objectives import ON_TIME, PRESETS
from domain.orders import OrderLine, OrderStatus
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.scenarios import Booking, useful_gap
from domain.scheduling.lateness import LineLateness
from widgets.text import error_text, set_zone, tr

OK, FAILED, USAGE = 0, 1, 2


@dataclass(slots=True)
class _Watch:
    """Shows progress on standard error and notes when the first plan was there."""

    begun: float = field(default_factory=time.monotonic)
    first_seconds: float | None = None
    _shown_at: float = 0

    def tell(self, message: PlanMessage) -> None:
        now = time.monotonic()
        if message.changes is not None and self.first_seconds is None:
            self.first_seconds = now - self.begun
        if message.stage == PREPARING:
            print(tr("planning.preparing"), file=sys.stderr)
        if message.weighted_lateness is None:
            return
        if now - self._shown_at < 1 and not message.is_last:
            return
        self._shown_at = now
        gap = useful_gap(message.weighted_lateness, message.lower_bound)
        text = tr(
            "cli.plan_progress" if gap is not None else "cli.plan_progress_no_bound",
            seconds=f"{message.seconds:.1f}",
            value=message.weighted_lateness,
            bound=message.lower_bound,
            gap=f"{gap or 0:.0%}",
            setup=message.setup_minutes,
            stage=tr(f"stage.{message.stage}"),
        )
        print(text, file=sys.stderr)


def plan(args: argparse.Namespace) -> int:
    """Plan a workbook as the factory-workbook specification says."""
    try:
        wanted = None if args.now is None else _time(args.now)
    except ValueError:
        print(tr("cli.not_a_time", value=args.now), file=sys.stderr)
        return USAGE
    with PlanningProcess() as process:  # it warms up while the workbook is read
        begun = time.monotonic()
        factory = _read(args.file, wanted)
        if factory is None:
            return FAILED
        import_seconds = time.monotonic() - begun
        folder = args.out or args.file.with_name(f"{args.file.stem}-plan")
        folder.mkdir(parents=True, exist_ok=True)  # better refused now than after the search
        now_at = _start(wanted, factory)
        profile = next((each for each in PRESETS if each.name == args.profile), ON_TIME)
        request = PlanRequest(now_at, args.seconds, args.workers, args.seed, profile=profile)
        watch = _Watch()
        last = process.run(factory.rows(), request, watch.tell)
        solve_seconds = time.monotonic() - watch.begun
    show_findings(last.findings)
    if last.error is not None or last.changes is None:
        print(error_text(last.error) if last.error else tr("cli.nothing_planned"), file=sys.stderr)
        return FAILED
    factory.apply(last.changes)
    lateness = write_plan(folder, factory, now_at)
    print(tr("cli.plan_written", folder=folder), file=sys.stderr)
    if args.json:
        numbers = _numbers(factory, lateness, last, now_at)
        numbers |= {
            "first_plan_seconds": round(watch.first_seconds or 0, 3),
            "solve_seconds": round(solve_seconds, 3),
            "import_seconds": round(import_seconds, 3),
            "peak_memory_mb": peak_memory_mb(),
        }
        if args.profile:
            numbers["goals"] = {goal.value: amount for goal, amount in last.amounts.items()}
        print(json.dumps(numbers))
    return OK


def _time(text: str) -> datetime:
    """A start as it was typed, in the years that a workbook's days may be in.

    Raises:
        ValueError: it is none.
    """
    at = datetime.fromisoformat(text)
    if not FIRST_DAY <= at.date() <= LAST_DAY:
        raise ValueError(text)
    return at


def _read(path: Path, wanted: datetime | None) -> Plan | None:
    today = (wanted or datetime.now(UTC)).date()
    reading = read_workbook(path, Plan(), new_id=uuid4, today=today, for_plan=True)
    if reading.faults:
        show_reading(reading)
        return None
    factory = Plan()
    factory.apply(reading.changes)
    confirmed = factory.where(OrderLine, status=OrderStatus.CONFIRMED)
    if not confirmed:
        print(tr("cli.no_orders", file=path), file=sys.stderr)
        return None
    return factory


def _start(wanted: datetime | None, factory: Plan) -> datetime:
    """The plan's start as an aware minute, rounded up: nothing may start before it.

    Times without offset, and all shown, are plant time.
    """
    zone = ZoneInfo(factory.home_plant().timezone)
    set_zone(zone)
    start = wanted or datetime.now(zone)
    if start.tzinfo is None:
        start = start.replace(tzinfo=zone)
    start = start.astimezone(UTC)
    whole = start.replace(second=0, microsecond=0)
    return whole if whole == start else whole + timedelta(minutes=1)


def _numbers(
    factory: Plan, lateness: list[LineLateness], last: PlanMessage, now_at: datetime
) -> dict[str, object]:
    value, bound = last.weighted_lateness or 0, last.lower_bound
    ends = [booking.end_at for booking in factory.table(Booking).values()]
    span = max(ends, default=now_at) - now_at
    return {
        "operations": len(factory.table(Operation)),
        "work_orders": len(factory.table(WorkOrder)),
        "order_lines": len(lateness),
        "late_lines": sum(1 for entry in lateness if entry.late_minutes),
        "weighted_lateness": value,
        "lower_bound": bound,
        "gap": None if bound is None else (value - bound) / value if value else 0.0,
        "setup_minutes": last.setup_minutes,
        "makespan_minutes": span // timedelta(minutes=1),
    }

"""The figures of the dashboard, from the plan in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.orders import OrderLine, OrderStatus
from domain.resources import Machine, WorkCenter
from domain.scenarios import Booking, useful_gap
from domain.scheduling.lateness import LineLateness
from domain.working_time import Interval, opened_overtime, working_intervals
from widgets.charts.bars import Bar
from widgets.outlook import Outlook
from widgets.text import format_duration, tr
from widgets.theme import Role

LOAD_DAYS = 14


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name and what it should be read as."""

    key: str
    words: str
    note: str = ""
    role: Role = Role.TEXT


def figures(outlook: Outlook, shortage_count: int) -> list[Figure]:
    """The numbers a manager asks for first."""
    lines = outlook.plan.where(OrderLine, status=OrderStatus.CONFIRMED)
    planned = [f for line in lines if (f := outlook.fates.get(line.id)) and f.finish_at]
    late = [fate for fate in planned if fate.late_minutes]
    unplanned = len(lines) - len(planned)
    share = f"{100 * (len(planned) - len(late)) // len(planned)} %" if planned else "–"
    return [
        Figure("on_time", share, tr("dashboard.of_lines", n=len(planned))),
        Figure("late_lines", str(len(late)), _longest(late), Role.LATE if late else Role.OK),
        Figure("unplanned", str(unplanned), "", Role.WARNING if unplanned else Role.OK),
        _lateness(outlook),
        Figure(
            "shortages",
            str(shortage_count),
            tr("dashboard.items"),
            Role.WARNING if shortage_count else Role.OK,
        ),
        _setup(outlook),
    ]


def _longest(late: list[LineLateness]) -> str:
    worst = max((fate.late_minutes for fate in late), default=0)
    return tr("dashboard.at_most", by=format_duration(worst)) if worst else ""


def _lateness(outlook: Outlook) -> Figure:
    scenario = outlook.scenario
    if scenario is None or scenario.weighted_lateness is None:
        return Figure("weighted_lateness", "–")
    value = scenario.weighted_lateness
    note = ""
    if scenario.lower_bound is not None and value:
        gap = useful_gap(value, scenario.lower_bound)
        note = tr("dashboard.no_bound") if gap is None else tr("dashboard.gap", gap=f"{gap:.0%}")
    return Figure("weighted_lateness", format_duration(value), note)


def _setup(outlook: Outlook) -> Figure:
    scenario = outlook.scenario
    if scenario is None or scenario.setup_minutes is None:
        return Figure("setup", "–")
    return Figure("setup", format_duration(scenario.setup_minutes))


def load_bars(outlook: Outlook) -> list[Bar]:
    """Booked share of the working time of the next LOAD_DAYS days, by work center, fullest first.

    O(bookings + working intervals).
    """
    plan = outlook.plan
    start, end = outlook.now_at, outlook.now_at + timedelta(days=LOAD_DAYS)
    by_machine: dict[UUID | None, list[Booking]] = {}
    for booking in outlook.bookings.values():
        by_machine.setdefault(booking.machine_id, []).append(booking)
    worked: dict[str, list[float]] = {}
    opened = opened_overtime(plan)
    for machine in plan.table(Machine).values():
        center = plan.get(WorkCenter, machine.work_center_id)
        name = (center.name or center.code) if center else machine.code
        open_times = working_intervals(plan, machine, start, end, opened)
        sums = worked.setdefault(name, [0.0, 0.0])
        sums[0] += _overlap(by_machine.get(machine.id, []), open_times)
        sums[1] += sum((b - a).total_seconds() for a, b in open_times)
    bars = [_bar(name, busy / total) for name, (busy, total) in worked.items() if total]
    return sorted(bars, key=lambda bar: -bar.share)


def _bar(name: str, share: float) -> Bar:
    return Bar(name, share, f"{share * 100:.0f} %")


def _overlap(bookings: list[Booking], open_times: list[Interval]) -> float:
    """Seconds of working time that are booked, batches once; both lists are apart in time."""
    spans = sorted((b.setup_start_at, b.end_at) for b in bookings if b.batch_id is None)
    busy, at = 0.0, 0
    for opens, closes in open_times:
        while at < len(spans) and spans[at][1] <= opens:
            at += 1
        busy += _covered(spans[at:], opens, closes)
    return busy


def _covered(spans: list[Interval], opens: datetime, closes: datetime) -> float:
    total = 0.0
    for start, end in spans:
        if start >= closes:
            break
        total += max((min(end, closes) - max(start, opens)).total_seconds(), 0.0)
    return total

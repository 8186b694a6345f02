"""When machines and people work: shifts, holidays, downtime and overtime in real time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.calendars import Holiday, Overtime, Shift
from domain.plan import Plan
from domain.resources import Absence, Downtime, Machine, Operator, Plant
from domain.scenarios import OvertimeShift

Interval = tuple[datetime, datetime]

_MIDNIGHT = 1440


def working_intervals(
    plan: Plan,
    resource: Machine | Operator,
    from_at: datetime,
    to_at: datetime,
    opened: Iterable[OvertimeShift] = (),
) -> list[Interval]:
    """When a machine or operator works within ``[from_at, to_at)``, less downtime and absence.

    Intervals are half-open, sorted, apart from one another and in UTC. Shifts are read in the time
    zone of the machine's plant, or of the home plant for an operator. ``opened`` is overtime that
    is open: a machine works in its own, and a person in all of it that their calendar allows; so
    give for a person only that of the machine at which they work.
    """
    if isinstance(resource, Machine):
        plant = plan.need(Plant, resource.plant_id)
        stops = [(d.start_at, d.end_at) for d in plan.where(Downtime, machine_id=resource.id)]
    else:
        plant = plan.home_plant()
        stops = [(a.start_at, a.end_at) for a in plan.where(Absence, operator_id=resource.id)]
    worked = calendar_intervals(plan, resource.calendar_id, plant.timezone, from_at, to_at)
    more = _overtime_of(plan, resource, opened)
    if more:
        inside = [(max(low, from_at), min(high, to_at)) for low, high in more]
        worked = _merged([*worked, *(each for each in inside if each[0] < each[1])])
    return _without(worked, _merged(stops)) if stops else worked


def calendar_intervals(
    plan: Plan, calendar_id: UUID | None, timezone: str, from_at: datetime, to_at: datetime
) -> list[Interval]:
    """The working intervals of a calendar within ``[from_at, to_at)``; None works round the clock.

    A shift past midnight belongs to the day it starts on, so a holiday stops only what starts on
    it. Wall times that a change of clocks skips or repeats are taken as PEP 495's fold 0 has them.
    """
    if from_at >= to_at:
        return []
    if calendar_id is None:
        return [(from_at.astimezone(UTC), to_at.astimezone(UTC))]
    zone = ZoneInfo(timezone)
    week, days_off = _hours_by_day(plan, calendar_id)
    day = from_at.astimezone(zone).date() - timedelta(days=1)
    last = to_at.astimezone(zone).date()
    found: list[Interval] = []
    while day <= last:
        for start, end in days_off.get(day, week.get(day.isoweekday(), ())):
            stop = end if end > start else end + _MIDNIGHT
            opens, closes = local_instant(day, zone, start), local_instant(day, zone, stop)
            if opens < to_at and closes > from_at and opens < closes:
                found.append((max(opens, from_at), min(closes, to_at)))
        day += timedelta(days=1)
    return _merged((start.astimezone(UTC), end.astimezone(UTC)) for start, end in found)


def opened_overtime(plan: Plan) -> list[OvertimeShift]:
    """The overtime of the plan in force."""
    scenario = plan.published()
    return plan.where(OvertimeShift, scenario_id=scenario.id) if scenario else []


def _overtime_of(
    plan: Plan, resource: Machine | Operator, opened: Iterable[OvertimeShift]
) -> list[Interval]:
    if isinstance(resource, Machine):
        return [(row.start_at, row.end_at) for row in opened if row.machine_id == resource.id]
    windows = _merged((row.start_at, row.end_at) for row in opened)
    if not windows:
        return []
    zone = ZoneInfo(plan.home_plant().timezone)
    allowed = _occurrences(plan, resource.calendar_id, zone, windows[0][0], windows[-1][1])
    return [
        (max(low, start), min(high, end))
        for start, end in windows
        for low, high, _ in allowed
        if low < end and high > start
    ]


@dataclass(frozen=True, slots=True)
class OvertimeWindow:
    """Overtime that a calendar allows in ``[start_at, end_at)``: it is opened as a whole."""

    start_at: datetime
    end_at: datetime
    hourly_cost: Decimal

    @property
    def cost(self) -> Decimal:
        """What it costs, rounded up to a hundredth."""
        minutes = (self.end_at - self.start_at) // timedelta(minutes=1)
        return (minutes * self.hourly_cost / 60).quantize(Decimal("0.01"), ROUND_CEILING)


def overtime_windows(
    plan: Plan, machine: Machine, from_at: datetime, to_at: datetime
) -> list[OvertimeWindow]:
    """Every window of overtime that a machine may open and that touches ``[from_at, to_at)``.

    A row of a calendar gives one window each time, less working time and less what a cheaper row
    allows; of equally cheap ones, the one that begins earlier holds.
    """
    timezone = plan.need(Plant, machine.plant_id).timezone
    rows = _occurrences(plan, machine.calendar_id, ZoneInfo(timezone), from_at, to_at)
    if not rows:
        return []
    wide = from_at - timedelta(days=3), to_at + timedelta(days=3)
    worked = calendar_intervals(plan, machine.calendar_id, timezone, *wide)
    edges = {edge for low, high, _ in rows for edge in (low, high)}
    edges |= {edge for interval in worked for edge in interval}
    found: list[OvertimeWindow] = []
    last: tuple[datetime, datetime, Decimal] | None = None
    places = sorted(edges)
    for start, end in pairwise(places):
        allowing = [row for row in rows if row[0] <= start and row[1] >= end]
        is_worked = any(low <= start and high >= end for low, high in worked)
        holder = None
        if allowing and not is_worked:
            holder = min(allowing, key=lambda row: (row[2], row[0], row[1]))
        if holder is not None and holder == last:
            found[-1] = OvertimeWindow(found[-1].start_at, end, holder[2])
        elif holder is not None:
            found.append(OvertimeWindow(start, end, holder[2]))
        last = holder
    return [each for each in found if each.start_at < to_at and each.end_at > from_at]


def _occurrences(
    plan: Plan, calendar_id: UUID | None, zone: ZoneInfo, from_at: datetime, to_at: datetime
) -> list[tuple[datetime, datetime, Decimal]]:
    """Where a calendar allows overtime around a stretch of time, and its cost per hour."""
    rows = plan.where(Overtime, calendar_id=calendar_id)
    if not rows:
        return []
    special = {row.day_on for row in plan.where(Holiday, calendar_id=calendar_id)}
    day = from_at.astimezone(zone).date() - timedelta(days=2)
    found: list[tuple[datetime, datetime, Decimal]] = []
    while day <= to_at.astimezone(zone).date() + timedelta(days=1):
        for row in rows:
            if row.weekday != day.isoweekday() or day in special:
                continue
            is_over_midnight = row.end_minute <= row.start_minute
            stop = row.end_minute + (_MIDNIGHT if is_over_midnight else 0)
            opens, closes = (
                local_instant(day, zone, row.start_minute),
                local_instant(day, zone, stop),
            )
            found.append((opens, closes, row.hourly_cost or Decimal(1)))
        day += timedelta(days=1)
    return sorted(found)


def local_instant(day: date, zone: ZoneInfo, minute: int = 0) -> datetime:
    """The instant (UTC) at which a wall clock in ``zone`` shows that minute of that day."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    return wall.astimezone(UTC)


def _hours_by_day(
    plan: Plan, calendar_id: UUID
) -> tuple[dict[int, list[tuple[int, int]]], dict[date, list[tuple[int, int]]]]:
    week: dict[int, list[tuple[int, int]]] = {}
    for shift in plan.where(Shift, calendar_id=calendar_id):
        week.setdefault(shift.weekday, []).append((shift.start_minute, shift.end_minute))
    days: dict[date, list[tuple[int, int]]] = {}
    for holiday in plan.where(Holiday, calendar_id=calendar_id):
        hours = days.setdefault(holiday.day_on, [])
        if holiday.start_minute is not None and holiday.end_minute is not None:
            hours.append((holiday.start_minute, holiday.end_minute))
    return week, days


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _without(worked: list[Interval], stops: list[Interval]) -> list[Interval]:
    """What is left of ``worked`` outside ``stops``; both sorted and disjoint."""
    left: list[Interval] = []
    first = 0
    for start, end in worked:
        at = start
        while first < len(stops) and stops[first][1] <= start:
            first += 1
        for stop_start, stop_end in stops[first:]:
            if stop_start >= end:
                break
            if stop_start > at:
                left.append((at, stop_start))
            at = max(at, stop_end)
        if at < end:
            left.append((at, end))
    return left

"""When machines and people work: shifts, holidays and downtime as intervals of real time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.calendars import Holiday, Shift
from domain.plan import Plan
from domain.resources import Absence, Downtime, Machine, Operator, Plant

Interval = tuple[datetime, datetime]

_MIDNIGHT = 1440


def working_intervals(
    plan: Plan, resource: Machine | Operator, from_at: datetime, to_at: datetime
) -> list[Interval]:
    """When a machine or operator works within ``[from_at, to_at)``, less downtime and absence.

    Intervals are half-open, sorted, apart from one another and in UTC. Shifts are read in the time
    zone of the machine's plant, or of the home plant for an operator.
    """
    if isinstance(resource, Machine):
        plant = plan.need(Plant, resource.plant_id)
        stops = [(d.start_at, d.end_at) for d in plan.where(Downtime, machine_id=resource.id)]
    else:
        plant = plan.home_plant()
        stops = [(a.start_at, a.end_at) for a in plan.where(Absence, operator_id=resource.id)]
    worked = calendar_intervals(plan, resource.calendar_id, plant.timezone, from_at, to_at)
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

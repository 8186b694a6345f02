"""Hours of weekdays as minutes of a plan: where they lie, and what they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.calendars import Holiday, Overtime
from domain.plan import Plan

Intervals = tuple[tuple[int, int], ...]

DAY = 1440


@dataclass(frozen=True)
class Span:
    """The stretch of time that is planned: `now` and a number of days."""

    now_at: datetime
    days: int

    def minute(self, instant: datetime) -> int:
        """Whole minutes from now, rounded up."""
        return -int((self.now_at - instant) // timedelta(minutes=1))

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return self.days * DAY


def day_intervals(
    day: date, hours: Sequence[tuple[int, int]], zone: ZoneInfo, span: Span
) -> Iterable[tuple[int, int]]:
    """Hours of a local day as minutes; an end at or before its start is on the next day."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - wall time, placed below
    for start, end in hours:
        length_end = end if end > start else end + DAY
        opens = (midnight + timedelta(minutes=start)).replace(tzinfo=zone)
        closes = (midnight + timedelta(minutes=length_end)).replace(tzinfo=zone)
        yield span.minute(opens), span.minute(closes)


def united(intervals: list[tuple[int, int]], horizon: int) -> Intervals:
    """Intervals in order, joined where they meet, within the horizon."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        low, high = max(start, 0), min(end, horizon)
        if low >= high:
            continue
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def overtime_hours(
    plan: Plan, calendar_id: UUID | None, timezone: str, span: Span
) -> list[tuple[int, int, Decimal]]:
    """Every stretch in which a calendar allows overtime, with its hourly cost; they may overlap."""
    week: dict[int, list[Overtime]] = {}
    for row in plan.where(Overtime, calendar_id=calendar_id):
        week.setdefault(row.weekday, []).append(row)
    if not week:
        return []
    special = {row.day_on for row in plan.where(Holiday, calendar_id=calendar_id)}
    zone = ZoneInfo(timezone)
    first = span.now_at.astimezone(zone).date() - timedelta(days=1)
    found: list[tuple[int, int, Decimal]] = []
    for offset in range(span.days + 2):
        day = first + timedelta(days=offset)
        for row in () if day in special else week.get(day.isoweekday(), ()):
            hours = day_intervals(day, [(row.start_minute, row.end_minute)], zone, span)
            found += [(low, high, row.hourly_cost) for low, high in hours]
    return found


def allowed_at_all(hours: Iterable[tuple[int, int, Decimal]], span: Span) -> Intervals:
    """The same at whatever cost."""
    return united([(low, high) for low, high, _ in hours], span.minutes)


def with_overtime(own: Intervals, allowed: Intervals, opened: Intervals) -> Intervals:
    """A person's hours at a machine with overtime that their calendar allows."""
    more = shared(allowed, opened)
    return united([*own, *more], max(own[-1][1] if own else 0, more[-1][1])) if more else own


def shared(one: Intervals, other: Intervals) -> Intervals:
    """The time that lies in both."""
    found: list[tuple[int, int]] = []
    at = 0
    for start, end in one:
        while at < len(other) and other[at][1] <= start:
            at += 1
        look = at
        while look < len(other) and other[look][0] < end:
            found.append((max(start, other[look][0]), min(end, other[look][1])))
            look += 1
    return tuple(found)

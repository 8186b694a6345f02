"""The two lines of the time header: which steps fit, where they begin, what they are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from widgets.gantt.scale import TimeScale, to_instant, to_minute
from widgets.text import tr

DAY, HOUR = 1440, 60


class Tick(NamedTuple):
    """A step begins at ``minute``; ``label`` names the step up to the next tick."""

    minute: int
    label: str


@dataclass(frozen=True, slots=True)
class TickLines:
    """Coarse steps above fine ones. Both begin at or before the left edge."""

    upper: list[Tick]
    lower: list[Tick]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A kind of step: its usual length, the narrowest it is shown, where steps begin."""

    minutes: float
    narrowest_px: float
    begins: Callable[[date, date], Iterator[datetime]]  # local wall times, days both included
    label: Callable[[datetime, float], str]  # of a local begin, shown that many pixels wide


def tick_lines(
    scale: TimeScale, width: int, zone: tzinfo, shift_minutes: tuple[int, ...] = ()
) -> TickLines:
    """The header of ``width`` pixels in a plant's zone.

    ``shift_minutes`` are the minutes of the local day at which shifts change; empty: not known.
    """
    lower, upper = _choose(scale.pixels_per_minute, shift_minutes)
    return TickLines(_ticks(upper, scale, width, zone), _ticks(lower, scale, width, zone))


def _choose(pixels_per_minute: float, shift_minutes: tuple[int, ...]) -> tuple[_Unit, _Unit]:
    fine = [_clock(step) for step in (5, 10, 15, 30, HOUR, 2 * HOUR, 4 * HOUR)]
    if len(shift_minutes) > 1:
        fine.append(_shifts(shift_minutes))
    for unit in fine:
        if unit.minutes * pixels_per_minute >= unit.narrowest_px:
            return unit, _DAY_NAMED
    for lower, upper in ((_DAY_SHORT, _WEEK_NAMED), (_WEEK_SHORT, _MONTH_NAMED)):
        if lower.minutes * pixels_per_minute >= lower.narrowest_px:
            return lower, upper
    return _MONTH_SHORT, _YEAR


def _ticks(unit: _Unit, scale: TimeScale, width: int, zone: tzinfo) -> list[Tick]:
    left, right = scale.left_minute, scale.minute(width)
    first = to_instant(left).astimezone(zone).date()
    last = to_instant(right).astimezone(zone).date()
    step_px = unit.minutes * scale.pixels_per_minute
    found: list[Tick] = []
    for local in unit.begins(first, last):
        minute = to_minute(local.replace(tzinfo=zone).astimezone(UTC))
        if minute <= left:
            found.clear()
        elif minute > right:
            break
        found.append(Tick(minute, unit.label(local, step_px)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 2):
        yield first + timedelta(days=offset)


def _at(minutes: tuple[int, ...]) -> Callable[[date, date], Iterator[datetime]]:
    def begins(first: date, last: date) -> Iterator[datetime]:
        for day in _days(first - timedelta(days=1), last):
            for minute in minutes:
                yield _midnight(day) + timedelta(minutes=minute)

    return begins


def _clock_label(local: datetime, _px: float) -> str:
    return f"{local:%H:%M}"


def _clock(step: int) -> _Unit:
    return _Unit(step, 46, _at(tuple(range(0, DAY, step))), _clock_label)


def _shifts(minutes: tuple[int, ...]) -> _Unit:
    return _Unit(DAY / len(minutes), 42, _at(minutes), _clock_label)


def _day_begins(first: date, last: date) -> Iterator[datetime]:
    return (_midnight(day) for day in _days(first, last))


def _week_begins(first: date, last: date) -> Iterator[datetime]:
    monday = first - timedelta(days=first.weekday())
    return (_midnight(day) for day in _days(monday, last) if day.weekday() == 0)


def _month_begins(first: date, last: date) -> Iterator[datetime]:
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month + 1):
        yield _midnight(date(month // 12, month % 12 + 1, 1))


def _year_begins(first: date, last: date) -> Iterator[datetime]:
    return (_midnight(date(year, 1, 1)) for year in range(first.year, last.year + 2))


def _parts(local: datetime) -> dict[str, object]:
    return {
        "year": local.year,
        "month": tr(f"gantt.month.{local.month}"),
        "day": local.day,
        "weekday": tr(f"weekday.{local.isoweekday()}"),
        "week": local.isocalendar().week,
    }


def _day_label(local: datetime, px: float) -> str:
    return tr("gantt.tick.day" if px >= 52 else "gantt.tick.day_short", **_parts(local))


def _week_label(local: datetime, px: float) -> str:
    return tr("gantt.tick.week" if px >= 190 else "gantt.tick.week_short", **_parts(local))


def _label(key: str) -> Callable[[datetime, float], str]:
    return lambda local, _px: tr(key, **_parts(local))


_DAY_NAMED = _Unit(DAY, 0, _day_begins, _label("gantt.tick.day_full"))
_DAY_SHORT = _Unit(DAY, 20, _day_begins, _day_label)
_WEEK_NAMED = _Unit(7 * DAY, 0, _week_begins, _week_label)
_WEEK_SHORT = _Unit(7 * DAY, 44, _week_begins, _label("gantt.tick.week_start"))
_MONTH_NAMED = _Unit(30.4 * DAY, 0, _month_begins, _label("gantt.tick.month"))
_MONTH_SHORT = _Unit(30.4 * DAY, 0, _month_begins, _label("gantt.tick.month_short"))
_YEAR = _Unit(365.2 * DAY, 0, _year_begins, _label("gantt.tick.year"))

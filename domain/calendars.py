"""When work is done: calendars, shifts, holidays, and when more may be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.changes import Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar(Row):
    """A named weekly pattern of work."""

    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift(Row):
    """Work on one weekday (1 Monday … 7 Sunday), in minutes of the local day.

    ``start_minute`` 0…1439, ``end_minute`` 0…1440; an end at or before the start runs past midnight
    and belongs to the day it starts on, so that one at the start means 24 hours.
    """

    calendar_id: UUID
    weekday: int
    start_minute: int
    end_minute: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Holiday(Row):
    """A day that does not follow the week.

    Without minutes the whole day is closed; with them exactly these hours are worked. All rows of a
    day add up, and that day follows them alone.
    """

    calendar_id: UUID
    day_on: date
    start_minute: int | None = None
    end_minute: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Overtime(Row):
    """Hours of one weekday in which whoever has the calendar may work beyond it, but need not.

    Times are those of a `Shift`. A day with holidays' rows has no overtime that starts on it. What
    lies in working time is none; where several rows allow the same minute, the cheapest holds.
    ``hourly_cost`` is what an hour costs more than an hour of working time; 0 counts as 1, so that
    overtime is never free.
    """

    calendar_id: UUID
    weekday: int
    start_minute: int
    end_minute: int
    hourly_cost: Decimal = Decimal(0)

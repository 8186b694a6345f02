"""Working time as flat tables: working minutes before a minute, and back, in constant time.

Every machine owns a *working-time axis*: its working minutes numbered from 0 at `now`. On that axis
an operation that pauses over breaks is a plain interval, so shifts, holidays and downtime vanish
from the search. Calendars with the same intervals share one table.

Minutes are whole minutes since `now`; intervals are half-open. Beyond the horizon every calendar
counts as open, so that any load finds an end; whoever reads a plan must treat what lies there as
not planned.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from domain.scheduling.compiled import I32, lean

FAR = 1 << 29
"""A minute later than any plan; sums of two stay inside 32 bits."""

_SHIFT = 9


class Worktime(NamedTuple):
    """All calendars' working intervals in a row, with a hint table for each direction."""

    opens: I32
    closes: I32
    before: I32
    """Working minutes of the calendar before the interval opens."""
    minute_hint: I32
    minute_first: I32
    work_hint: I32
    work_first: I32
    horizon: int


def build_worktime(calendars: Sequence[Sequence[tuple[int, int]]], horizon: int) -> Worktime:
    """Stack calendars given as sorted, disjoint working intervals, cut to `[0, horizon)`.

    Intervals that touch are joined, because `fit` asks for unbroken working time.
    """
    return stack_calendars([calendar_part(each, horizon) for each in calendars], horizon)


class CalendarPart(NamedTuple):
    """One calendar's share of the tables."""

    opens: I32
    closes: I32
    before: I32
    minute_hint: I32
    work_hint: I32


def calendar_part(intervals: Sequence[tuple[int, int]], horizon: int) -> CalendarPart:
    """The share of a calendar given as in `build_worktime`."""
    opens, closes, before = _one_calendar(intervals, horizon)
    by_minute, by_work = _hints(closes, horizon), _hints(before[1:], int(before[-2]))
    return CalendarPart(opens, closes, before, by_minute, by_work)


def stack_calendars(parts: Sequence[CalendarPart], horizon: int) -> Worktime:
    """The tables of calendars whose shares were made before."""
    minute_hints: list[I32] = []
    work_hints: list[I32] = []
    base = 0
    for part in parts:
        minute_hints.append(base + part.minute_hint)
        work_hints.append(base + part.work_hint)
        base += len(part.opens)
    return Worktime(
        _stack([part.opens for part in parts]),
        _stack([part.closes for part in parts]),
        _stack([part.before for part in parts]),
        _stack(minute_hints),
        _firsts(minute_hints),
        _stack(work_hints),
        _firsts(work_hints),
        horizon,
    )


def _one_calendar(intervals: Sequence[tuple[int, int]], horizon: int) -> tuple[I32, I32, I32]:
    joined: list[list[int]] = []
    for start, end in intervals:
        low, high = max(start, 0), min(end, horizon)
        if low >= high:
            continue
        if joined and joined[-1][1] == low:
            joined[-1][1] = high
        else:
            joined.append([low, high])
    # The open time after the horizon, then a guard that no search passes.
    joined += [[horizon, FAR], [FAR, 2 * FAR]]
    pairs = np.array(joined, dtype=np.int64)
    lengths = pairs[:, 1] - pairs[:, 0]
    before = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    return pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32), before.astype(np.int32)


def _hints(limits: I32, last: int) -> I32:
    """For each bucket the first interval whose limit lies beyond the bucket's first value."""
    buckets = np.arange((last >> _SHIFT) + 1, dtype=np.int64) << _SHIFT
    return np.searchsorted(limits, buckets, side="right").astype(np.int32)


def _stack(parts: Sequence[I32]) -> I32:
    return np.concatenate(parts).astype(np.int32) if parts else np.zeros(0, np.int32)


def _firsts(parts: Sequence[I32]) -> I32:
    return np.cumsum([0, *(len(part) for part in parts)]).astype(np.int32)


@lean
def work_before(table: Worktime, calendar: int, minute: int) -> int:
    """Working minutes of the calendar in `[0, minute)`."""
    first = table.minute_first[calendar]
    bucket = min(first + (minute >> _SHIFT), table.minute_first[calendar + 1] - 1)
    at = table.minute_hint[bucket]
    while table.closes[at] <= minute:
        at += 1
    return table.before[at] + max(0, minute - table.opens[at])


@lean
def interval_of(table: Worktime, calendar: int, work: int) -> int:
    """Index of the interval that holds the calendar's working minute number `work`."""
    first = table.work_first[calendar]
    bucket = min(first + (work >> _SHIFT), table.work_first[calendar + 1] - 1)
    at = table.work_hint[bucket]
    while table.before[at + 1] <= work:
        at += 1
    return at


@lean
def minute_of(table: Worktime, calendar: int, work: int) -> int:
    """The minute at which working minute number `work` begins."""
    at = interval_of(table, calendar, work)
    return table.opens[at] + work - table.before[at]


@lean
def end_of(table: Worktime, calendar: int, work: int) -> int:
    """The minute at which `work` working minutes are done (0 for none)."""
    return minute_of(table, calendar, work - 1) + 1 if work > 0 else 0


@lean
def span(table: Worktime, calendar: int, work: int, length: int) -> tuple[int, int]:
    """Start and end minute of the working minutes `[work, work + length)`."""
    at = interval_of(table, calendar, work)
    start = table.opens[at] + work - table.before[at]
    if length == 0:
        return start, start
    last = work + length - 1
    while table.before[at + 1] <= last:
        at += 1
    return start, table.opens[at] + last - table.before[at] + 1


@lean
def unbroken_from(table: Worktime, calendar: int, work: int, length: int) -> int:
    """First `w >= work` such that `[w, w + length)` lies in one working interval."""
    at = interval_of(table, calendar, work)
    while work + length > table.before[at + 1]:
        at += 1
        work = table.before[at]
    return work

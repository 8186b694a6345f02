from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.working_time import calendar_intervals, overtime_windows, working_intervals
from tests.builders import (
    make_calendar,
    make_downtime,
    make_holiday,
    make_machine,
    make_operator,
    make_overtime,
    make_plan,
    make_plant,
    make_shift,
    make_week,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def local(day: int, hour: int, minute: int = 0, month: int = 12, zone: ZoneInfo = SHANGHAI):
    return datetime(2026, month, day, hour, minute, tzinfo=zone)


def shown(intervals, zone=SHANGHAI):
    return [
        f"{start.astimezone(zone):%d %H:%M}-{end.astimezone(zone):%d %H:%M}"
        for start, end in intervals
    ]


def test_shifts_of_a_week_are_cut_to_the_asked_span():
    calendar = make_calendar()
    machine = make_machine(calendar_id=calendar.id)
    plan = make_plan(calendar, make_week(calendar), machine)
    found = working_intervals(plan, machine, local(1, 9), local(2, 10))
    assert shown(found) == ["01 09:00-01 17:00", "02 08:00-02 10:00"]


def test_without_calendar_the_clock_round():
    machine = make_machine()
    found = working_intervals(make_plan(machine), machine, local(1, 9), local(5, 10))
    assert found == [(local(1, 9), local(5, 10))]


def test_night_shift_belongs_to_the_day_it_starts_on():
    calendar = make_calendar()
    machine = make_machine(calendar_id=calendar.id)
    # Tuesday 1 December 22:00 to Wednesday 06:00; Wednesday itself is closed.
    plan = make_plan(
        calendar,
        make_shift(calendar, 2, 22 * 60, 6 * 60),
        make_shift(calendar, 3, 22 * 60, 6 * 60),
        make_holiday(calendar, date(2026, 12, 2)),
        machine,
    )
    found = working_intervals(plan, machine, local(1, 0), local(4, 0))
    assert shown(found) == ["01 22:00-02 06:00"]
    # The part before the asked span started the day before it.
    assert shown(working_intervals(plan, machine, local(2, 3), local(2, 5))) == [
        "02 03:00-02 05:00"
    ]


def test_shift_from_midnight_to_midnight_is_a_whole_day():
    calendar = make_calendar()
    plan = make_plan(calendar, make_shift(calendar, 2, 0, 1440), make_shift(calendar, 3, 0, 0))
    found = calendar_intervals(plan, calendar.id, "Asia/Shanghai", local(1, 0), local(5, 0))
    assert shown(found) == ["01 00:00-03 00:00"]


def test_overtime_that_ends_when_it_starts_is_24_hours_as_a_shift_is():
    calendar = make_calendar()
    machine = make_machine(calendar_id=calendar.id)
    day = make_shift(calendar, 2, 8 * 60, 16 * 60)
    plan = make_plan(calendar, day, make_overtime(calendar, 2, 16 * 60, 16 * 60, 60), machine)
    (window,) = overtime_windows(plan, machine, local(1, 0), local(7, 0))
    assert shown([(window.start_at, window.end_at)]) == ["01 16:00-02 16:00"]
    assert window.cost == 24 * 60


def test_holiday_with_hours_replaces_the_week_and_several_rows_add_up():
    calendar = make_calendar()
    day = date(2026, 12, 2)
    plan = make_plan(
        calendar,
        make_week(calendar),
        make_holiday(calendar, day),
        make_holiday(calendar, day, start_minute=540, end_minute=600),
        make_holiday(calendar, day, start_minute=600, end_minute=660),
    )
    found = calendar_intervals(plan, calendar.id, "Asia/Shanghai", local(2, 0), local(3, 0))
    assert shown(found) == ["02 09:00-02 11:00"]


def test_overlapping_shifts_merge_and_downtime_cuts():
    calendar = make_calendar()
    machine = make_machine(calendar_id=calendar.id)
    plan = make_plan(
        calendar,
        make_shift(calendar, 2, 480, 780),
        make_shift(calendar, 2, 720, 1020),
        machine,
        make_downtime(machine, local(1, 10), local(1, 11)),
        make_downtime(machine, local(1, 10, 30), local(1, 12)),
        make_downtime(machine, local(1, 16, 30), local(1, 20)),
    )
    found = working_intervals(plan, machine, local(1, 0), local(2, 0))
    assert shown(found) == ["01 08:00-01 10:00", "01 12:00-01 16:30"]


@pytest.mark.parametrize(
    ("day", "month", "hours"),
    [(28, 3, 7), (24, 10, 9), (14, 11, 8)],
    ids=["clocks go forward", "clocks go back", "ordinary"],
)
def test_night_shift_where_clocks_change(day, month, hours):
    calendar = make_calendar()
    plan = make_plan(
        make_plant(timezone="Europe/Berlin"), calendar, make_shift(calendar, 6, 1320, 360)
    )
    start = local(day, 0, month=month, zone=BERLIN)
    end = local(min(30, day + 2), 0, month=month, zone=BERLIN)
    ((opens, closes),) = calendar_intervals(plan, calendar.id, "Europe/Berlin", start, end)
    assert (closes - opens).total_seconds() == hours * 3600


def test_operator_follows_the_home_plant():
    calendar = make_calendar()
    operator = make_operator("weld", calendar_id=calendar.id)
    plan = make_plan(make_plant(timezone="UTC"), calendar, make_week(calendar), operator)
    found = working_intervals(plan, operator, local(1, 9), local(2, 0))
    assert found == [(datetime(2026, 12, 1, 8, tzinfo=UTC), datetime(2026, 12, 1, 16, tzinfo=UTC))]


hours = st.tuples(st.integers(1, 7), st.integers(0, 1439), st.integers(0, 1440))


@given(st.lists(hours, max_size=8), st.integers(0, 5000), st.integers(1, 20000))
def test_intervals_are_sorted_apart_and_the_same_when_asked_in_parts(shifts, start, length):
    calendar = make_calendar()
    plan = make_plan(calendar, [make_shift(calendar, *shift) for shift in shifts])
    from_at = local(1, 0) + (local(1, 0, 1) - local(1, 0)) * start
    middle = from_at + (local(1, 0, 1) - local(1, 0)) * (length // 2)
    to_at = from_at + (local(1, 0, 1) - local(1, 0)) * length

    def ask(low, high):
        return calendar_intervals(plan, calendar.id, "Asia/Shanghai", low, high)

    whole = ask(from_at, to_at)
    assert all(low < high for low, high in whole)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(whole))
    total = sum((high - low).total_seconds() for low, high in whole)
    parts = ask(from_at, middle) + ask(middle, to_at)
    assert total == sum((high - low).total_seconds() for low, high in parts)

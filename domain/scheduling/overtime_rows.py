"""Overtime between rows and problems: what may be opened, what is open, what a plan has opened."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from uuid import UUID

from domain.plan import Plan
from domain.resources import Absence, Downtime, Machine, Operator, Plant
from domain.scenarios import Booking, OvertimeShift, Scenario, held_batches
from domain.scheduling.begun import busy_people
from domain.scheduling.hours import DAY, Intervals, Span, allowed_at_all, overtime_hours
from domain.scheduling.overtime import Overtime
from domain.scheduling.problem import Problem, Solution, Window
from domain.scheduling.resources import calendar_intervals, without

MOST_DAYS = 400
"""Nobody decides today on overtime that is further off."""

MOST_WINDOWS = 20_000
"""Of more the earliest are looked at."""

_BEFORE = 2
"""Days before the plan's start from which hours are looked at: some run over midnight."""

_Hours = tuple[tuple[int, int, Decimal], ...]


def overtime_of(problem: Problem, plan: Plan) -> Overtime:
    """All that may be opened beyond a problem made of these rows.

    What has begun before the plan's start can not be opened any more.
    """
    held = {(row.machine_id, row.start_at) for row in problem.overtime}
    days = min(problem.tables.worktime.horizon // DAY, MOST_DAYS)
    allowed = Allowed(plan, problem.now_at, days)
    found: list[Window] = []
    stops: dict[int, list[tuple[int, int]]] = {}
    for at, machine_id in enumerate(problem.machine_ids):
        for start, end, rate in allowed.windows(plan.need(Machine, machine_id)):
            is_inside = start >= 0 and end <= days * DAY
            if is_inside and (machine_id, problem.instant(start)) not in held:
                found.append(Window(at, start, end, cents_of(end - start, rate)))
        for row in plan.where(Downtime, machine_id=machine_id):
            stop = problem.minute(row.start_at), problem.minute(row.end_at)
            stops.setdefault(at, []).append(stop)
    found = sorted(sorted(found, key=lambda each: each.start)[:MOST_WINDOWS])
    people = [plan.need(Operator, each) for each in problem.operator_ids] if found else []
    busy = busy_people(problem.begun)
    hours = {
        at: without(allowed.of_person(person), [(0, busy.get(person.id, 0))])
        for at, person in enumerate(people)
    }
    return Overtime(problem, found, hours, stops)


class Allowed:
    """The overtime that calendars allow from two days before a plan's start on."""

    def __init__(self, plan: Plan, now_at: datetime, days: int) -> None:
        self._plan, self._shift = plan, _BEFORE * DAY
        self._span = Span(now_at - timedelta(days=_BEFORE), days + _BEFORE)
        self._windows: dict[tuple[UUID | None, str], _Hours] = {}
        self._people: dict[UUID | None, Intervals] = {}

    def windows(self, machine: Machine) -> _Hours:
        """What a machine may open, in minutes from the plan's start, with the cost of an hour.

        Every time of a row is a window, less working time and less what a cheaper row allows.
        """
        zone = self._plan.need(Plant, machine.plant_id).timezone
        key = machine.calendar_id, zone
        if key not in self._windows:
            hours = overtime_hours(self._plan, machine.calendar_id, zone, self._span)
            worked = calendar_intervals(self._plan, *key, self._span) if hours else ()
            self._windows[key] = tuple(
                (low - self._shift, high - self._shift, rate)
                for low, high, rate in _apart(hours, worked)
            )
        return self._windows[key]

    def of_person(self, person: Operator) -> Intervals:
        """When a person who is not absent may work beyond their calendar."""
        hours = self._of_calendar(person)
        stops = sorted(
            (
                self._span.minute(row.start_at) - self._shift,
                self._span.minute(row.end_at) - self._shift,
            )
            for row in self._plan.where(Absence, operator_id=person.id)
        )
        return without(hours, stops) if stops else hours

    def _of_calendar(self, person: Operator) -> Intervals:
        if person.calendar_id not in self._people:
            home = self._plan.home_plant().timezone
            hours = overtime_hours(self._plan, person.calendar_id, home, self._span)
            self._people[person.calendar_id] = tuple(
                (max(0, low - self._shift), high - self._shift)
                for low, high in allowed_at_all(hours, self._span)
                if high > self._shift
            )
        return self._people[person.calendar_id]


def _apart(hours: Iterable[tuple[int, int, Decimal]], worked: Intervals) -> _Hours:
    """Hours less what is worked anyway and less each other's, the cheaper ones first."""
    taken = list(worked)
    found: list[tuple[int, int, Decimal]] = []
    ranked = [(rate or Decimal(1), low, high) for low, high, rate in hours]
    for rate in sorted({each[0] for each in ranked}):
        pieces: list[tuple[int, int]] = []
        ends = [end for _, end in taken]
        until = 0
        for _, low, high in sorted(each for each in ranked if each[0] == rate):
            left = max(low, until)
            for start, end in taken[bisect_right(ends, left) :]:
                if start >= high:
                    break
                if start > left:
                    pieces.append((left, start))
                left = max(left, end)
            if left < high:
                pieces.append((left, high))
            until = max(until, high)
        found += [(low, high, rate) for low, high in pieces]
        taken = sorted([*taken, *pieces])
    return tuple(sorted(found))


def cents_of(minutes: int, rate: Decimal) -> int:
    """The cost of so much overtime in hundredths, rounded up."""
    return int((minutes * rate * 100 / 60).to_integral_value(rounding=ROUND_CEILING))


def held_overtime(
    plan: Plan, scenario: Scenario, now_at: datetime, frozen_minutes: int
) -> tuple[OvertimeShift, ...]:
    """What of a scenario's overtime a new plan must keep open.

    It has begun and is not over, or bookings lie in it that keep their time. What the calendars
    do not allow any more is not kept.
    """
    rows = allowed_overtime(plan, scenario, now_at)
    if not rows:
        return ()
    kept: dict[UUID, list[Booking]] = {}
    bookings = plan.where(Booking, scenario_id=scenario.id)
    held = held_batches(bookings, now_at, frozen_minutes)
    for booking in bookings:
        if booking.machine_id and booking.batch in held:
            kept.setdefault(booking.machine_id, []).append(booking)
    return tuple(row for row in rows if _is_held(row, now_at, kept))


def allowed_overtime(plan: Plan, scenario: Scenario, now_at: datetime) -> tuple[OvertimeShift, ...]:
    """What of a scenario's overtime is not over and still allowed by the calendars."""
    rows = plan.where(OvertimeShift, scenario_id=scenario.id)
    if not rows:
        return ()
    over = [row for row in rows if row.end_at <= now_at]
    rows = [row for row in rows if row.end_at > now_at]
    days = (max((row.end_at for row in rows), default=now_at) - now_at).days + 2
    allowed = Allowed(plan, now_at, days)
    worked = [row for row in over if _is_worked_in(plan, row, now_at)]
    return (*worked, *(row for row in rows if _is_allowed(plan, allowed, row, now_at)))


def _is_worked_in(plan: Plan, row: OvertimeShift, now_at: datetime) -> bool:
    """Whether work that is not over yet was done in overtime that is."""
    booked = plan.where(Booking, scenario_id=row.scenario_id, machine_id=row.machine_id)
    return any(
        one.setup_start_at < row.end_at and one.end_at > row.start_at and one.end_at > now_at
        for one in booked
    )


def _is_held(row: OvertimeShift, now_at: datetime, kept: Mapping[UUID, Sequence[Booking]]) -> bool:
    return row.start_at < now_at or any(
        booking.setup_start_at < row.end_at and booking.end_at > row.start_at
        for booking in kept.get(row.machine_id, ())
    )


def _is_allowed(plan: Plan, allowed: Allowed, row: OvertimeShift, now_at: datetime) -> bool:
    start, end = ((at - now_at) // timedelta(minutes=1) for at in (row.start_at, row.end_at))
    windows = allowed.windows(plan.need(Machine, row.machine_id))
    cents = int(row.cost * 100)
    return any(
        (low, high, cents_of(high - low, rate)) == (start, end, cents)
        for low, high, rate in windows
    )


def overtime_rows(
    problem: Problem,
    solution: Solution,
    plan: Plan,
    scenario: Scenario,
    new_id: Callable[[], UUID],
) -> list[OvertimeShift]:
    """All overtime of a plan as rows of a scenario: what it keeps open and what it has opened.

    What was open before keeps its row's id.
    """
    before = {
        (row.machine_id, row.start_at): row
        for row in plan.where(OvertimeShift, scenario_id=scenario.id)
    }
    rows = list(problem.overtime)
    for window in solution.opened:
        machine_id, start_at = problem.machine_ids[window.machine], problem.instant(window.start)
        present = before.get((machine_id, start_at))
        rows.append(
            OvertimeShift(
                id=present.id if present else new_id(),
                row_version=present.row_version if present else 0,
                plant_id=scenario.plant_id,
                scenario_id=scenario.id,
                machine_id=machine_id,
                start_at=start_at,
                end_at=problem.instant(window.end),
                cost=Decimal(window.cents) / 100,
                published=scenario.published,
            )
        )
    return rows

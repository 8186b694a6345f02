"""Machines, operators, tools, calendars and changeovers of a plan as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from domain.calendars import Holiday, Shift
from domain.items import Item
from domain.plan import Plan
from domain.resources import Absence, Changeover, Downtime, Machine, Operator, Plant, Tool, Transfer
from domain.scheduling.compiled import I32
from domain.scheduling.problem import NONE, csr
from domain.scheduling.worktime import FAR, Worktime, build_worktime

Intervals = tuple[tuple[int, int], ...]

_DAY = 1440


def whole_minutes(value: Decimal) -> int:
    """Minutes rounded up, as the planner counts; what takes for ever takes `FAR`."""
    return min(FAR, int(value.to_integral_value(rounding=ROUND_CEILING)))


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
        return self.days * _DAY


@dataclass
class Resources:
    """Everything about machines and people that the engine's tables hold."""

    machine_ids: tuple[UUID, ...]
    machine_calendar: I32
    machine_plant: I32
    transfer: I32
    """Minutes from plant to plant; empty where no work has to travel."""
    operator_ids: tuple[UUID, ...]
    operator_calendar: I32
    intervals: list[Intervals]
    worktime: Worktime
    families: dict[str, int]
    change_group: I32
    change: I32
    skills: dict[str, int]
    tools: dict[UUID, int]
    """Crew of every tool, as `skills` for a skill."""
    crews: list[list[int]]
    cover_of: I32
    covers: list[list[tuple[int, int]]]
    machine_index: dict[UUID, int] = field(default_factory=dict[UUID, int])
    _longest: dict[int, int] = field(default_factory=dict[int, int])

    @property
    def days(self) -> int:
        """Length of the stretch of time that the calendars cover."""
        return self.worktime.horizon // _DAY

    def longest_interval(self, machine: int) -> int:
        """Longest unbroken working interval of a machine inside the horizon, in minutes."""
        calendar = int(self.machine_calendar[machine])
        if calendar not in self._longest:
            lengths = (end - start for start, end in self.intervals[calendar])
            self._longest[calendar] = max(lengths, default=0)
        return self._longest[calendar]


def build_resources(plan: Plan, span: Span) -> Resources:
    """Collect the tables of a plan's machines and operators."""
    pool = _CalendarPool(plan, span)
    machines = list(plan.table(Machine).values())
    machine_calendar = np.array([pool.of_machine(m) for m in machines], dtype=np.int32)
    operators = list(plan.table(Operator).values())
    skills, crews = _crews(operators)
    hours = [pool.of_operator(operator) for operator in operators]
    tools: dict[UUID, int] = {}
    for tool in plan.table(Tool).values():
        tools[tool.id] = len(crews)
        crews.append(list(range(len(hours), len(hours) + tool.count)))
        hours += [pool.always()] * tool.count
    operator_calendar = np.array(hours, dtype=np.int32)
    plants = {plant_id: at for at, plant_id in enumerate(plan.table(Plant))}
    families = family_numbers(plan)
    groups, change = _changes(plan, machines, families)
    cover_of, covers = cover_of_calendars(pool.intervals, machine_calendar, operator_calendar)
    return Resources(
        machine_ids=tuple(m.id for m in machines),
        machine_calendar=machine_calendar,
        machine_plant=np.array([plants[machine.plant_id] for machine in machines], np.int32),
        transfer=_transfers(plan, plants),
        operator_ids=tuple(o.id for o in operators),
        operator_calendar=operator_calendar,
        intervals=pool.intervals,
        worktime=build_worktime(pool.intervals, span.minutes),
        families=families,
        change_group=groups,
        change=change,
        skills=skills,
        tools=tools,
        crews=crews,
        cover_of=cover_of,
        covers=covers,
        machine_index={m.id: i for i, m in enumerate(machines)},
    )


def _transfers(plan: Plan, plants: Mapping[UUID, int]) -> I32:
    rows = plan.table(Transfer).values()
    size = len(plants) if rows else 0
    minutes = np.zeros((size, size), np.int32)
    for row in rows:
        minutes[plants[row.from_plant_id], plants[row.to_plant_id]] = whole_minutes(row.minutes)
    return minutes


class _CalendarPool:
    """Working intervals by content: machines that work alike share one table."""

    def __init__(self, plan: Plan, span: Span) -> None:
        self._plan, self._span = plan, span
        self._base: dict[tuple[UUID | None, str], Intervals] = {}
        self._index: dict[Intervals, int] = {}
        self.intervals: list[Intervals] = []
        self._home = plan.home_plant().timezone

    def of_machine(self, machine: Machine) -> int:
        plant = self._plan.get(Plant, machine.plant_id)
        own = self._calendar(machine.calendar_id, plant.timezone if plant else self._home)
        stops = [
            (self._span.minute(stop.start_at), self._span.minute(stop.end_at))
            for stop in self._plan.where(Downtime, machine_id=machine.id)
        ]
        return self._number(without(own, sorted(stops)) if stops else own)

    def of_operator(self, operator: Operator) -> int:
        own = self._calendar(operator.calendar_id, self._home)
        stops = [
            (self._span.minute(stop.start_at), self._span.minute(stop.end_at))
            for stop in self._plan.where(Absence, operator_id=operator.id)
        ]
        return self._number(without(own, sorted(stops)) if stops else own)

    def always(self) -> int:
        """The calendar of what is there at any time."""
        return self._number(((0, self._span.minutes),))

    def _number(self, intervals: Intervals) -> int:
        found = self._index.get(intervals)
        if found is None:
            found = self._index[intervals] = len(self.intervals)
            self.intervals.append(intervals)
        return found

    def _calendar(self, calendar_id: UUID | None, timezone: str) -> Intervals:
        key = (calendar_id, timezone)
        if key not in self._base:
            self._base[key] = _calendar_intervals(self._plan, calendar_id, timezone, self._span)
        return self._base[key]


def _calendar_intervals(
    plan: Plan, calendar_id: UUID | None, timezone: str, span: Span
) -> Intervals:
    if calendar_id is None:
        return ((0, span.minutes),)
    week: dict[int, list[tuple[int, int]]] = {}
    for shift in plan.where(Shift, calendar_id=calendar_id):
        week.setdefault(shift.weekday, []).append((shift.start_minute, shift.end_minute))
    special: dict[date, list[tuple[int, int]]] = {}
    for holiday in plan.where(Holiday, calendar_id=calendar_id):
        hours = special.setdefault(holiday.day_on, [])
        if holiday.start_minute is not None and holiday.end_minute is not None:
            hours.append((holiday.start_minute, holiday.end_minute))
    zone = ZoneInfo(timezone)
    first = span.now_at.astimezone(zone).date() - timedelta(days=1)
    found: list[tuple[int, int]] = []
    for offset in range(span.days + 2):
        day = first + timedelta(days=offset)
        hours = special.get(day, week.get(day.isoweekday(), []))
        if hours:
            found += _day_intervals(day, hours, zone, span)
    return _united(found, span.minutes)


def _day_intervals(
    day: date, hours: Sequence[tuple[int, int]], zone: ZoneInfo, span: Span
) -> Iterable[tuple[int, int]]:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - wall time, placed below
    for start, end in hours:
        length_end = end if end > start else end + _DAY
        opens = (midnight + timedelta(minutes=start)).replace(tzinfo=zone)
        closes = (midnight + timedelta(minutes=length_end)).replace(tzinfo=zone)
        yield span.minute(opens), span.minute(closes)


def _united(intervals: list[tuple[int, int]], horizon: int) -> Intervals:
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


def without(intervals: Intervals, stops: Sequence[tuple[int, int]]) -> Intervals:
    """The intervals less some stops, which are sorted."""
    left: list[tuple[int, int]] = []
    for start, end in intervals:
        at = start
        for stop, again in stops:
            if again <= at or stop >= end:
                continue
            if stop > at:
                left.append((at, stop))
            at = max(at, again)
        if at < end:
            left.append((at, end))
    return tuple(left)


def family_numbers(plan: Plan) -> dict[str, int]:
    """Every changeover family, numbered by name; items without one are a family of their own.

    So `*`, which stands for any family, is for them too.
    """
    names = {item.family for item in plan.table(Item).values()}
    for row in plan.table(Changeover).values():
        names |= {row.from_family, row.to_family}
    return {name: at for at, name in enumerate(sorted(names))}


def _changes(plan: Plan, machines: Sequence[Machine], families: dict[str, int]) -> tuple[I32, I32]:
    """Change group of every machine, and the dense table of every group."""
    tables: list[I32] = []
    known: dict[bytes, int] = {}
    groups = np.full(len(machines), NONE, dtype=np.int32)
    for at, machine in enumerate(machines):
        center = machine.work_center_id
        rows = plan.where(Changeover, work_center_id=center, machine_id=None) if center else []
        own = plan.where(Changeover, machine_id=machine.id)
        if not rows and not own:
            continue
        table = _change_table([*_by_precision(rows), *_by_precision(own)], families)
        key = table.tobytes()
        if key not in known:
            known[key] = len(tables)
            tables.append(table)
        groups[at] = known[key]
    size = len(families)
    return groups, np.array(tables, dtype=np.int32).reshape(len(tables), size, size)


def _by_precision(rows: Sequence[Changeover]) -> list[Changeover]:
    """The least precise first, so that a later, more precise row overwrites it."""
    return sorted(rows, key=lambda row: (row.from_family != "*", row.to_family != "*"))


def _change_table(rows: Sequence[Changeover], families: dict[str, int]) -> I32:
    table = np.full((len(families), len(families)), NONE, dtype=np.int32)
    for row in rows:
        origin = slice(None) if row.from_family == "*" else families[row.from_family]
        target = slice(None) if row.to_family == "*" else families[row.to_family]
        table[origin, target] = whole_minutes(row.minutes)
    return table


def _crews(operators: Sequence[Operator]) -> tuple[dict[str, int], list[list[int]]]:
    """Operators of every skill, those with the fewest skills first."""
    skills: dict[str, int] = {}
    crews: list[list[int]] = []
    for at in sorted(range(len(operators)), key=lambda i: len(operators[i].skills)):
        for skill in dict.fromkeys(operators[at].skills):
            if skill not in skills:
                skills[skill] = len(crews)
                crews.append([])
            crews[skills[skill]].append(at)
    return skills, crews


def cover_of_calendars(
    intervals: Sequence[Intervals], machines: I32, operators: I32
) -> tuple[I32, list[list[tuple[int, int]]]]:
    """Row of each pair of calendars (machine, operator), and each row's stretches."""
    cover_of = np.full((len(intervals), len(intervals)), NONE, dtype=np.int32)
    covers: list[list[tuple[int, int]]] = []
    for machine in sorted({int(c) for c in machines}):
        for operator in sorted({int(c) for c in operators}):
            cover_of[machine, operator] = len(covers)
            covers.append(_cover(intervals[machine], intervals[operator]))
    return cover_of, covers


def _cover(machine: Intervals, operator: Intervals) -> list[tuple[int, int]]:
    """Where on the machine's working-time axis the operator is at work all the time."""
    found: list[tuple[int, int]] = []
    done, at = 0, 0
    for start, end in machine:
        while at < len(operator) and operator[at][1] <= start:
            at += 1
        look = at
        while look < len(operator) and operator[look][0] < end:
            low = done + max(operator[look][0], start) - start
            high = done + min(operator[look][1], end) - start
            if found and found[-1][1] == low:
                found[-1] = (found[-1][0], high)
            else:
                found.append((low, high))
            look += 1
        done += end - start
    return [*found, (done, FAR)]


def cover_arrays(covers: Sequence[Sequence[tuple[int, int]]]) -> tuple[I32, I32, I32]:
    """Covers as (first, from, to)."""
    first, lows = csr([[low for low, _ in cover] for cover in covers])
    _, highs = csr([[high for _, high in cover] for cover in covers])
    return first, lows, highs

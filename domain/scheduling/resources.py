"""Machines, operators, tools, calendars and changeovers of a plan as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from domain.calendars import Holiday, Shift
from domain.items import Item
from domain.plan import Plan
from domain.resources import Absence, Changeover, Downtime, Machine, Operator, Plant, Tool, Transfer
from domain.scenarios import OvertimeShift
from domain.scheduling.batches import capacity_units
from domain.scheduling.begun import busy_people, busy_tools
from domain.scheduling.compiled import I32
from domain.scheduling.hours import (
    DAY,
    Intervals,
    Span,
    allowed_at_all,
    day_intervals,
    overtime_hours,
    united,
    with_overtime,
)
from domain.scheduling.problem import NONE, Rest, csr
from domain.scheduling.worktime import FAR, Worktime, build_worktime


def whole_minutes(value: Decimal) -> int:
    """Minutes rounded up, as the planner counts; what takes for ever takes `FAR`."""
    return min(FAR, int(value.to_integral_value(rounding=ROUND_CEILING)))


@dataclass
class Resources:
    """Everything about machines and people that the engine's tables hold."""

    machine_ids: tuple[UUID, ...]
    machine_calendar: I32
    machine_plant: I32
    transfer: I32
    """Minutes from plant to plant; empty where no work has to travel."""
    machine_capacity: I32
    """What a batch may hold, as `capacity_units`; 0: an ordinary machine."""
    capacities: tuple[Decimal, ...]
    operator_ids: tuple[UUID, ...]
    operator_calendar: I32
    intervals: list[Intervals]
    overtime: tuple[Intervals, ...]
    """As `Problem.overtime_hours`."""
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
        return self.worktime.horizon // DAY

    def longest_interval(self, machine: int) -> int:
        """Longest unbroken working interval of a machine inside the horizon, in minutes."""
        calendar = int(self.machine_calendar[machine])
        if calendar not in self._longest:
            lengths = (end - start for start, end in self.intervals[calendar])
            self._longest[calendar] = max(lengths, default=0)
        return self._longest[calendar]


def build_resources(
    plan: Plan,
    span: Span,
    overtime: Iterable[OvertimeShift] = (),
    begun: Mapping[UUID, Rest] | None = None,
) -> Resources:
    """Collect the tables of a plan's machines and operators, with the overtime that is open.

    Whoever and whatever is at work that has begun is not there for anything else until it ends.
    """
    pool = _CalendarPool(plan, span, overtime, busy_people(begun or {}))
    machines = list(plan.table(Machine).values())
    machine_calendar = np.array([pool.of_machine(m) for m in machines], dtype=np.int32)
    operators = list(plan.table(Operator).values())
    (skills, crews), hours = _crews(operators), [pool.of_operator(one) for one in operators]
    tools = _add_tools(plan, pool, crews, hours, busy_tools(plan, begun or {}))
    operator_calendar = np.array(hours, dtype=np.int32)
    plants = {plant_id: at for at, plant_id in enumerate(plan.table(Plant))}
    families = family_numbers(plan)
    groups, change = _changes(plan, machines, families)
    more = tuple(pool.overtime) if any(pool.overtime) else ()
    cover_of, covers = cover_of_calendars(pool.intervals, machine_calendar, operator_calendar, more)
    return Resources(
        machine_ids=tuple(m.id for m in machines),
        machine_calendar=machine_calendar,
        machine_plant=np.array([plants[machine.plant_id] for machine in machines], np.int32),
        transfer=_transfers(plan, plants),
        machine_capacity=np.array([capacity_units(m.batch_capacity) for m in machines], np.int32),
        capacities=tuple(m.batch_capacity or Decimal(0) for m in machines),
        operator_ids=tuple(o.id for o in operators),
        operator_calendar=operator_calendar,
        intervals=pool.intervals,
        overtime=more,
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


def _add_tools(
    plan: Plan,
    pool: _CalendarPool,
    crews: list[list[int]],
    hours: list[int],
    busy: Mapping[UUID, Sequence[int]],
) -> dict[UUID, int]:
    """A crew of units for every tool, and each unit's calendar; returns the crew of each tool."""
    tools: dict[UUID, int] = {}
    for tool in plan.table(Tool).values():
        tools[tool.id] = len(crews)
        crews.append(list(range(len(hours), len(hours) + tool.count)))
        # The last units are those at work: whoever takes the first idle one gets none of them.
        ends = [*[0] * tool.count, *sorted(busy.get(tool.id, ()))]
        hours += [pool.from_minute(end) for end in ends[len(ends) - tool.count :]]
    return tools


def _transfers(plan: Plan, plants: Mapping[UUID, int]) -> I32:
    rows = plan.table(Transfer).values()
    size = len(plants) if rows else 0
    minutes = np.zeros((size, size), np.int32)
    for row in rows:
        minutes[plants[row.from_plant_id], plants[row.to_plant_id]] = whole_minutes(row.minutes)
    return minutes


class _CalendarPool:
    """Working intervals by content: machines that work alike share one table."""

    def __init__(
        self,
        plan: Plan,
        span: Span,
        overtime: Iterable[OvertimeShift],
        busy: Mapping[UUID, int],
    ) -> None:
        self._plan, self._span, self._busy = plan, span, busy
        self._opened: dict[UUID, list[tuple[int, int]]] = {}
        for row in overtime:
            window = span.minute(row.start_at), span.minute(row.end_at)
            self._opened.setdefault(row.machine_id, []).append(window)
        self._base: dict[tuple[UUID | None, str], Intervals] = {}
        self._index: dict[tuple[Intervals, Intervals], int] = {}
        self.intervals: list[Intervals] = []
        self.overtime: list[Intervals] = []
        self._home = plan.home_plant().timezone

    def of_machine(self, machine: Machine) -> int:
        plant = self._plan.get(Plant, machine.plant_id)
        own = self._calendar(machine.calendar_id, plant.timezone if plant else self._home)
        windows = united(self._opened.get(machine.id, []), self._span.minutes)
        if windows:
            own = united([*own, *windows], self._span.minutes)
        stops = [
            (self._span.minute(stop.start_at), self._span.minute(stop.end_at))
            for stop in self._plan.where(Downtime, machine_id=machine.id)
        ]
        return self._number(without(own, sorted(stops)) if stops else own, windows)

    def of_operator(self, operator: Operator) -> int:
        own = self._calendar(operator.calendar_id, self._home)
        stops = sorted(
            (self._span.minute(stop.start_at), self._span.minute(stop.end_at))
            for stop in self._plan.where(Absence, operator_id=operator.id)
        )
        if operator.id in self._busy:
            stops = sorted([*stops, (0, self._busy[operator.id])])
        own = without(own, stops) if stops else own
        if not self._opened:
            return self._number(own)
        allowed = overtime_hours(self._plan, operator.calendar_id, self._home, self._span)
        return self._number(own, without(allowed_at_all(allowed, self._span), stops))

    def from_minute(self, minute: int) -> int:
        """The calendar of what is there at any time from a minute on."""
        return self._number(((minute, self._span.minutes),))

    def _number(self, intervals: Intervals, overtime: Intervals = ()) -> int:
        key = intervals, overtime
        found = self._index.get(key)
        if found is None:
            found = self._index[key] = len(self.intervals)
            self.intervals.append(intervals)
            self.overtime.append(overtime)
        return found

    def _calendar(self, calendar_id: UUID | None, timezone: str) -> Intervals:
        key = (calendar_id, timezone)
        if key not in self._base:
            self._base[key] = calendar_intervals(self._plan, calendar_id, timezone, self._span)
        return self._base[key]


def calendar_intervals(
    plan: Plan, calendar_id: UUID | None, timezone: str, span: Span
) -> Intervals:
    """The working time of a calendar in a time zone; None works round the clock."""
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
            found += day_intervals(day, hours, zone, span)
    return united(found, span.minutes)


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
    intervals: Sequence[Intervals],
    machines: I32,
    operators: I32,
    overtime: Sequence[Intervals] = (),
) -> tuple[I32, list[list[tuple[int, int]]]]:
    """Row of each pair of calendars (machine, operator), and each row's stretches.

    ``overtime`` is that of `Problem.overtime_hours`.
    """
    cover_of = np.full((len(intervals), len(intervals)), NONE, dtype=np.int32)
    covers: list[list[tuple[int, int]]] = []
    for machine in sorted({int(c) for c in machines}):
        for operator in sorted({int(c) for c in operators}):
            cover_of[machine, operator] = len(covers)
            hours = intervals[operator]
            if overtime:
                hours = with_overtime(hours, overtime[operator], overtime[machine])
            covers.append(_cover(intervals[machine], hours))
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

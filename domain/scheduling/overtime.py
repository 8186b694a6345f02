"""Overtime as a choice: the windows that machines may open, and the problem with some of them open.

Opening windows changes calendars alone, so that any plan of the problem can be decoded again with
other windows open. Who works at a machine is there in its overtime, if their calendar allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from domain.scheduling.compiled import I32
from domain.scheduling.events import calendars_of
from domain.scheduling.hours import (
    Intervals,
    united,
    with_overtime,
)
from domain.scheduling.problem import NONE, Problem, Solution, Window
from domain.scheduling.resources import cover_arrays, without
from domain.scheduling.worktime import FAR, CalendarPart, calendar_part, stack_calendars

Numbers = npt.NDArray[np.integer]

Opened = frozenset[int]
"""Windows that are open, by number."""


class _Calendars:
    """Calendars by number: hours, and overtime as in `Problem.overtime_hours`."""

    def __init__(self, hours: Sequence[Intervals], overtime: Sequence[Intervals]) -> None:
        self.hours = list(hours)
        self.overtime = list(overtime) or [() for _ in hours]
        self._numbers: dict[tuple[Intervals, Intervals], int] = {}

    def number(self, hours: Intervals, overtime: Intervals) -> int:
        """The number of a calendar; a new one unless it was asked for before."""
        key = hours, overtime
        if key not in self._numbers:
            self._numbers[key] = len(self.hours)
            self.hours.append(hours)
            self.overtime.append(overtime)
        return self._numbers[key]


_Hours: TypeAlias = tuple[dict[str, Any], tuple[Intervals, ...]]
"""The columns of the tables that depend on calendars, and `Problem.overtime_hours`."""


class Overtime:
    """What may be opened beyond a problem as it stands, and that problem with any of it open."""

    def __init__(
        self,
        problem: Problem,
        windows: Sequence[Window],
        people: Mapping[int, Intervals],
        stops: Mapping[int, Sequence[tuple[int, int]]],
    ) -> None:
        """Lay it out.

        Args:
            problem: With none of it open.
            windows: What machines may open.
            people: When operators, by number, may work beyond their calendars.
            stops: When machines, by number, stand still whatever is open.
        """
        self.problem = problem
        self._stops = {machine: sorted(each) for machine, each in stops.items()}
        self.windows = tuple(windows)
        self._people = {person: hours for person, hours in people.items() if hours}
        self.of_machine: dict[int, list[int]] = {}
        for at, window in enumerate(self.windows):
            self.of_machine.setdefault(window.machine, []).append(at)
        tables = problem.tables
        self._horizon = tables.worktime.horizon
        self._calendars = calendars_of(tables.worktime)
        self._parts = [calendar_part(each, self._horizon) for each in self._calendars]
        self._more: dict[Intervals, CalendarPart] = {}
        self._covers: dict[tuple[Intervals, Intervals], list[tuple[int, int]]] = {}
        self._known: dict[Opened, _Hours] = {}

    def widest(self, problem: Problem) -> Problem:
        """A problem of these machines and people with everything open."""
        return self.opening(problem, frozenset(range(len(self.windows))))

    def opening(self, problem: Problem, opened: Opened) -> Problem:
        """A problem of these machines and people, whatever its work, with these windows open.

        The calendars of the last few choices are kept.
        """
        hours = self._known.get(opened)
        if hours is None:
            if len(self._known) > 8:
                self._known.clear()
            hours = self._known[opened] = self._hours(opened)
        columns, overtime_hours = hours
        tables = problem.tables._replace(**columns)
        return replace(problem, tables=tables, overtime_hours=overtime_hours)

    def numbers(self, plan: Solution) -> Opened:
        """The windows that a plan has opened."""
        opened = set(plan.opened)
        machines = {window.machine for window in opened}
        return frozenset(
            at
            for machine in machines
            for at in self.of_machine[machine]
            if self.windows[at] in opened
        )

    def _hours(self, opened: Opened) -> _Hours:
        """When machines and people are at work."""
        tables = self.problem.tables
        known = _Calendars(self._calendars, self.problem.overtime_hours)
        machines, people = tables.machine_calendar.copy(), tables.operator_calendar.copy()
        more: dict[int, list[tuple[int, int]]] = {}
        for at in sorted(opened):
            machine, start, end, _ = self.windows[at]
            more.setdefault(machine, []).append((start, end))
        for machine, windows in more.items():
            base = int(machines[machine])
            usable = without(tuple(windows), self._stops.get(machine, ()))
            hours = united([*self._calendars[base], *usable], self._horizon)
            every = united([*known.overtime[base], *windows], self._horizon)
            machines[machine] = known.number(hours, every)
        for person, allowed in self._people.items():
            people[person] = known.number(self._calendars[people[person]], allowed)
        parts = [*self._parts, *(self._part(each) for each in known.hours[len(self._parts) :])]
        cover_of, covers = self._cover_tables(known, machines, people)
        first, low, high = cover_arrays(covers)
        columns = {
            "machine_calendar": machines,
            "operator_calendar": people,
            "worktime": stack_calendars(parts, self._horizon),
            "cover_of": cover_of,
            "cover_first": first,
            "cover_from": low,
            "cover_to": high,
        }
        return columns, tuple(known.overtime)

    def _part(self, hours: Intervals) -> CalendarPart:
        if hours not in self._more:
            if len(self._more) > 500:
                self._more.clear()
            self._more[hours] = calendar_part(hours, self._horizon)
        return self._more[hours]

    def _cover_tables(
        self, known: _Calendars, machines: I32, people: I32
    ) -> tuple[I32, list[list[tuple[int, int]]]]:
        cover_of = np.full((len(known.hours), len(known.hours)), NONE, np.int32)
        covers: list[list[tuple[int, int]]] = []
        if len(self._covers) > 2000:
            self._covers.clear()
        for machine in sorted({int(each) for each in machines}):
            for person in sorted({int(each) for each in people}):
                windows, allowed = known.overtime[machine], known.overtime[person]
                hours = with_overtime(known.hours[person], allowed, windows)
                key = known.hours[machine], hours
                if key not in self._covers:
                    self._covers[key] = cover(*key)
                cover_of[machine, person] = len(covers)
                covers.append(self._covers[key])
        return cover_of, covers

    def used(self, problem: Problem, solution: Solution, opened: Opened) -> Opened:
        """Those of the open windows in which the machine does something."""
        if not opened:
            return opened
        tables = problem.tables
        works = (solution.alternative >= 0) & (solution.end > solution.setup_start)
        ops = np.flatnonzero(works)
        machine = tables.alt_machine[solution.alternative[ops]].astype(np.int64)
        starts = machine * FAR + solution.setup_start[ops]
        by_place = np.argsort(starts, kind="stable")
        starts, ends = starts[by_place], (machine * FAR + solution.end[ops])[by_place]
        chosen = sorted(opened)
        low = np.array([self.windows[at].machine * FAR + self.windows[at].start for at in chosen])
        high = np.array([self.windows[at].machine * FAR + self.windows[at].end for at in chosen])
        last = np.searchsorted(starts, high, "left") - 1
        is_used = (last >= 0) & (ends[np.maximum(last, 0)] > low) if len(ops) else last >= 0
        return frozenset(at for at, is_one in zip(chosen, is_used.tolist(), strict=True) if is_one)

    def cents(self, opened: Iterable[int]) -> int:
        """What windows cost together."""
        return sum(self.windows[at].cents for at in opened)


def cover(machine: Intervals, person: Intervals) -> list[tuple[int, int]]:
    """As in `resources`: where on the machine's axis a person is at work all the time."""
    opens, closes = _columns(machine)
    comes, goes = _columns(person)
    before = np.concatenate(([0], np.cumsum(closes - opens)))
    first = np.searchsorted(goes, opens, "right")
    count = np.maximum(0, np.searchsorted(comes, closes, "left") - first)
    at = np.repeat(np.arange(len(opens)), count)
    offset = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    other = first[at] + offset
    low = before[at] + np.maximum(comes[other], opens[at]) - opens[at]
    high = before[at] + np.minimum(goes[other], closes[at]) - opens[at]
    starts = np.ones(len(low), np.bool_)
    starts[1:] = low[1:] != high[:-1]
    heads = np.flatnonzero(starts)
    tails = np.concatenate((heads[1:] - 1, [len(low) - 1])) if len(low) else heads
    done = int(before[-1])
    return [*zip(low[heads].tolist(), high[tails].tolist(), strict=True), (done, FAR)]


def _columns(intervals: Intervals) -> tuple[Numbers, Numbers]:
    pairs = np.array(intervals, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]

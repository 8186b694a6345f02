"""Overtime as a choice: the windows that machines may open, and the problem with some of them open.

Opening windows changes calendars alone, so that any plan of the problem can be decoded again with
other windows open. People are at work wherever overtime is open at some machine and their own
calendar allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.scheduling.compiled import I32
from domain.scheduling.events import calendars_of
from domain.scheduling.hours import (
    Intervals,
    shared,
    united,
    with_overtime,
)
from domain.scheduling.problem import NONE, Problem, Solution, Window
from domain.scheduling.resources import cover_arrays, without
from domain.scheduling.worktime import FAR, CalendarPart, calendar_part, stack_calendars

Numbers = npt.NDArray[np.integer]

Opened = frozenset[int]
"""Windows that are open, by number."""


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
        self._known: dict[Opened, dict[str, Any]] = {}

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
        return replace(problem, tables=problem.tables._replace(**hours))

    def _hours(self, opened: Opened) -> dict[str, Any]:
        """The columns of the tables that say when machines and people are at work."""
        tables = self.problem.tables
        calendars, numbers = list(self._calendars), dict[Intervals, int]()
        machines, people = tables.machine_calendar.copy(), tables.operator_calendar.copy()
        for machine, hours in self._machine_hours(opened).items():
            machines[machine] = _number(calendars, numbers, hours)
        if self._people:
            every = united([self.windows[at][1:3] for at in sorted(opened)], self._horizon)
            changed = dict[tuple[int, Intervals], int]()
            for person, allowed in self._people.items():
                key = int(people[person]), allowed
                if key not in changed:
                    hours = with_overtime(self._calendars[key[0]], allowed, every)
                    changed[key] = _number(calendars, numbers, hours)
                people[person] = changed[key]
        parts = [*self._parts, *(self._part(each) for each in calendars[len(self._parts) :])]
        cover_of, covers = self._cover_tables(calendars, machines, people)
        first, low, high = cover_arrays(covers)
        return {
            "machine_calendar": machines,
            "operator_calendar": people,
            "worktime": stack_calendars(parts, self._horizon),
            "cover_of": cover_of,
            "cover_first": first,
            "cover_from": low,
            "cover_to": high,
        }

    def _machine_hours(self, opened: Opened) -> dict[int, Intervals]:
        more: dict[int, list[tuple[int, int]]] = {}
        for at in opened:
            machine, start, end, _ = self.windows[at]
            more.setdefault(machine, []).append((start, end))
        calendar = self.problem.tables.machine_calendar
        return {
            machine: united(
                [
                    *self._calendars[calendar[machine]],
                    *without(tuple(windows), self._stops.get(machine, ())),
                ],
                self._horizon,
            )
            for machine, windows in sorted(more.items())
        }

    def _part(self, hours: Intervals) -> CalendarPart:
        if hours not in self._more:
            if len(self._more) > 500:
                self._more.clear()
            self._more[hours] = calendar_part(hours, self._horizon)
        return self._more[hours]

    def _cover_tables(
        self, calendars: Sequence[Intervals], machines: I32, people: I32
    ) -> tuple[I32, list[list[tuple[int, int]]]]:
        cover_of = np.full((len(calendars), len(calendars)), NONE, np.int32)
        covers: list[list[tuple[int, int]]] = []
        if len(self._covers) > 2000:
            self._covers.clear()
        for machine in sorted({int(each) for each in machines}):
            for person in sorted({int(each) for each in people}):
                key = calendars[machine], calendars[person]
                if key not in self._covers:
                    self._covers[key] = cover(*key)
                cover_of[machine, person] = len(covers)
                covers.append(self._covers[key])
        return cover_of, covers

    def used(self, problem: Problem, solution: Solution, opened: Opened) -> Opened:
        """Those of the open windows in which somebody works, or without which people lack."""
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
        used = {at for at, is_one in zip(chosen, is_used.tolist(), strict=True) if is_one}
        if self._people and problem.has_crews and len(used) < len(chosen):
            used |= self._needed_by_people(problem, solution, ops, opened - used, used)
        return frozenset(used)

    def _needed_by_people(
        self, problem: Problem, solution: Solution, ops: Numbers, idle: Opened, used: Iterable[int]
    ) -> set[int]:
        """Windows of machines that do nothing in them, but that bring people to others."""
        tables = problem.tables
        there = united([self.windows[at][1:3] for at in used], self._horizon)
        found: set[int] = set()
        for at in sorted(idle):
            window = self.windows[at]
            begun, done = solution.setup_start[ops], solution.end[ops]
            for op in ops[(begun < window.end) & (done > window.start)]:
                stretch = max(int(solution.setup_start[op]), window.start)
                worked = ((stretch, min(int(solution.end[op]), window.end)),)
                for person in solution.crew[op, : tables.crew_size[op]]:
                    allowed = self._people.get(int(person), ())
                    own = self._calendars[self.problem.tables.operator_calendar[person]]
                    lacking = without(without(shared(worked, allowed), own), there)
                    if lacking:
                        found.add(at)
        return found

    def cents(self, opened: Iterable[int]) -> int:
        """What windows cost together."""
        return sum(self.windows[at].cents for at in opened)


def _number(calendars: list[Intervals], numbers: dict[Intervals, int], hours: Intervals) -> int:
    if hours not in numbers:
        numbers[hours] = len(calendars)
        calendars.append(hours)
    return numbers[hours]


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

"""What happens to a factory that already has a plan: the same problem under new circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import numpy as np

from domain.scheduling.problem import Problem
from domain.scheduling.resources import Intervals, cover_arrays, cover_of_calendars, without
from domain.scheduling.worktime import Worktime, build_worktime


def stop_machine(problem: Problem, machine_id: UUID, start: int, end: int) -> Problem:
    """A machine does not work in the minutes `[start, end)`, whatever its calendar says."""
    machine = problem.machine_ids.index(machine_id)
    calendars = calendars_of(problem.tables.worktime)
    own = calendars[problem.tables.machine_calendar[machine]]
    return with_hours(problem, {machine: without(own, [(start, end)])}, {})


def with_hours(
    problem: Problem, machines: Mapping[int, Intervals], operators: Mapping[int, Intervals]
) -> Problem:
    """Some machines and operators work in other intervals than before."""
    tables = problem.tables
    calendars, overtime = calendars_of(tables.worktime), list(problem.overtime_hours)
    machine_calendar = tables.machine_calendar.copy()
    operator_calendar = tables.operator_calendar.copy()
    for column, hours in ((machine_calendar, machines), (operator_calendar, operators)):
        for number, intervals in hours.items():
            if overtime:
                overtime.append(overtime[column[number]])
            column[number] = len(calendars)
            calendars.append(intervals)
    cover_of, covers = cover_of_calendars(calendars, machine_calendar, operator_calendar, overtime)
    first, low, high = cover_arrays(covers)
    changed = tables._replace(
        machine_calendar=machine_calendar,
        operator_calendar=operator_calendar,
        worktime=build_worktime(calendars, tables.worktime.horizon),
        cover_of=cover_of,
        cover_first=first,
        cover_from=low,
        cover_to=high,
    )
    return replace(problem, tables=changed, overtime_hours=tuple(overtime))


def calendars_of(worktime: Worktime) -> list[Intervals]:
    """The intervals that the tables were made from."""
    ends = np.flatnonzero(worktime.opens == worktime.horizon)
    found: list[Intervals] = []
    first = 0
    for end in ends:
        pairs = zip(worktime.opens[first:end], worktime.closes[first:end], strict=True)
        found.append(tuple((int(low), int(high)) for low, high in pairs))
        first = int(end) + 2
    return found

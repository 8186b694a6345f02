"""Which units of its tools a booked operation holds: bookings name people, but no units."""

from __future__ import annotations

from collections.abc import Iterable

from domain.scheduling.problem import Problem


def units_held(problem: Problem, jobs: Iterable[tuple[int, int, int]]) -> dict[int, list[int]]:
    """Give units to jobs, which are (setup start, end, operation), in order of time.

    Units stand in for one another, so that this works out whenever there are enough of them. Where
    there are not, an operation gets fewer.
    """
    tables, people = problem.tables, len(problem.operator_ids)
    free = dict.fromkeys(range(people, len(tables.operator_calendar)))
    held: dict[int, list[int]] = {}
    for start, end, op in sorted(jobs) if free else ():
        for need in range(tables.need_first[op], tables.need_first[op + 1]):
            crew, size = int(tables.need_crew[need]), int(tables.need_size[need])
            members = tables.crew_operator[tables.crew_first[crew] : tables.crew_first[crew + 1]]
            able = [unit for unit in members.tolist() if unit >= people]
            idle = [unit for unit in able if (until := free[unit]) is None or until <= start]
            for unit in idle[:size]:
                free[unit] = end
                held.setdefault(op, []).append(unit)
    return held

"""What can be told of an operation before any search: on which machines it has a place at all.

What has none must not come before the search: it would drag whatever follows it on its machine out
of the stretch of time that is planned.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import TypeAlias

from domain.scheduling.resources import Resources

Option: TypeAlias = tuple[int, int, int, int]
"""Machine, run minutes, run of the first batch out, run of the last batch in."""


class Possible:
    """Places of operations, as far as calendars and crews allow; each question is asked once."""

    def __init__(self, resources: Resources, horizon: int) -> None:
        self._resources = resources
        self._horizon = horizon
        self._reaches: dict[tuple[int, int, int], int] = {}

    def refusal(self, minutes: int) -> str | None:
        """Why something that takes, or begins after, so many minutes can not be planned."""
        return "beyond_horizon" if minutes >= self._horizon else None

    def working(self, options: list[Option]) -> list[Option]:
        """Those whose machine works at all."""
        return [o for o in options if self._resources.longest_interval(o[0]) > 0]

    def ending(self, options: list[Option]) -> list[Option]:
        """Those whose run can end within the time that is planned."""
        return [o for o in options if self.refusal(o[1]) is None]

    def unbroken(self, options: list[Option], setup: int, family: int) -> list[Option]:
        """Those whose machine has an interval for run and setup, be it the shortest there is."""
        return [
            option
            for option in options
            if self._resources.longest_interval(option[0])
            >= self._shortest_setup(option[0], setup, family) + max(1, option[1])
        ]

    def manned(
        self, options: list[Option], setup: int, family: int, crew: tuple[int, int]
    ) -> list[Option]:
        """Those at which a crew, as (skill, size), can stay for setup and run without a change."""
        return [
            option
            for option in options
            if self._reach(option[0], *crew)
            >= self._shortest_setup(option[0], setup, family) + option[1]
        ]

    def _shortest_setup(self, machine: int, own: int, family: int) -> int:
        """The least setup that the first of a family needs on a machine."""
        group = int(self._resources.change_group[machine])
        if group < 0 or family < 0:
            return own
        changes = self._resources.change[group][:, family].tolist()
        return min([own, *(m for at, m in enumerate(changes) if m >= 0 and at != family)])

    def _reach(self, machine: int, skill: int, size: int) -> int:
        """The longest stretch of a machine's working time that one crew is there for."""
        resources = self._resources
        key = (int(resources.machine_calendar[machine]), skill, size)
        if key not in self._reaches:
            rows = [
                int(resources.cover_of[key[0], resources.operator_calendar[person]])
                for person in resources.crews[skill]
            ]
            stays = [stay for row in rows for stay in resources.covers[row][:-1]]
            self._reaches[key] = _longest_together(stays, size)
        return self._reaches[key]


def _longest_together(stays: list[tuple[int, int]], size: int) -> int:
    """The longest stretch that lies within stays of ``size`` people; O(n log n) for few people."""
    longest = 0
    ends: list[int] = []
    for low, high in sorted(stays):
        del ends[: bisect_right(ends, low)]
        insort(ends, high)
        if len(ends) >= size:
            longest = max(longest, ends[-size] - low)
    return longest

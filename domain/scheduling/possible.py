"""What can be told of an operation before any search: on which machines it has a place at all.

What has none must not come before the search: it would drag whatever follows it on its machine out
of the stretch of time that is planned.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeAlias

from domain.scheduling.resources import Intervals, Resources

Option: TypeAlias = tuple[int, int, int, int, int]
"""Machine, run minutes, run of the first batch out, run of the last batch in."""


class Wish(NamedTuple):
    """What an operation needs of a place."""

    options: list[Option]
    setup: int
    family: int
    is_fit: bool
    needs: list[tuple[int, int]]
    """Crews, and how many of each."""


class Possible:
    """Places of operations, as far as calendars and crews allow; each question is asked once."""

    def __init__(self, resources: Resources, horizon: int) -> None:
        self._resources = resources
        self._horizon = horizon
        self._reaches: dict[tuple[int, int, int, bool], int] = {}

    def refusal(self, minutes: int) -> str | None:
        """Why something that takes, or begins after, so many minutes can not be planned."""
        return "beyond_horizon" if minutes >= self._horizon else None

    def places(self, wish: Wish) -> tuple[list[Option], str]:
        """The options that always have a place, else those that may have one; if none, why.

        Whether a long setup lets an operation fit into a shift depends on what runs before it. A
        rule of dispatch may come to it too late, so that machines where it always fits go first.
        """
        found, code = self._places(wish, after_anything=True)
        return (found, code) if found else self._places(wish, after_anything=False)

    def _places(self, wish: Wish, *, after_anything: bool) -> tuple[list[Option], str]:
        def setup(option: Option) -> int:
            return self._setup(option[0], wish, after_anything=after_anything)

        longest = self._resources.longest_interval
        found, code = wish.options, "no_machine"
        if found:
            code, found = "machine_never_works", [o for o in found if longest(o[0]) > 0]
        if found and wish.is_fit:
            code = "longer_than_any_interval"
            found = [o for o in found if longest(o[0]) >= setup(o) + max(1, o[1])]
        if found:
            code, found = "beyond_horizon", [o for o in found if self.refusal(o[1]) is None]
        for crew, size in wish.needs if found else ():
            members = self._resources.crews[crew] if crew >= 0 else []
            if len(members) < size:
                is_tool = crew in self._resources.tools.values()
                return [], "too_few_tools" if is_tool else "no_operator_with_skill"
            code = "operators_never_long_enough"
            found = [o for o in found if self._reach(o[0], wish, crew, size) >= setup(o) + o[1]]
        return found, code

    def _setup(self, machine: int, wish: Wish, *, after_anything: bool) -> int:
        """The most setup an operation can need, or the least that the first of a family can."""
        group = int(self._resources.change_group[machine])
        if group < 0 or wish.family < 0:
            return wish.setup
        changes = self._resources.change[group][:, wish.family].tolist()
        if after_anything:
            return max(wish.setup, *changes)
        others = (m for at, m in enumerate(changes) if m >= 0 and at != wish.family)
        return min([wish.setup, *others])

    def _reach(self, machine: int, wish: Wish, crew: int, size: int) -> int:
        """The longest stretch of a machine's working time that one crew is there for."""
        resources = self._resources
        calendar = int(resources.machine_calendar[machine])
        key = (calendar, crew, size, wish.is_fit)
        if key not in self._reaches:
            rows = [
                int(resources.cover_of[calendar, resources.operator_calendar[person]])
                for person in resources.crews[crew]
            ]
            stays = [stay for row in rows for stay in resources.covers[row][:-1]]
            stays = _cut(stays, resources.intervals[calendar]) if wish.is_fit else stays
            self._reaches[key] = _longest_together(stays, size)
        return self._reaches[key]


def _cut(stays: list[tuple[int, int]], intervals: Intervals) -> list[tuple[int, int]]:
    """Stays on a working-time axis, in pieces that end where a working interval does."""
    breaks = list(accumulate(end - start for start, end in intervals))
    pieces: list[tuple[int, int]] = []
    for low, high in stays:
        inside = breaks[bisect_right(breaks, low) : bisect_left(breaks, high)]
        pieces += pairwise([low, *inside, high])
    return pieces


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

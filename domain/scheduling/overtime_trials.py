"""Plans tried with more or fewer windows of overtime open, each decoded again.

Opening or closing a window changes calendars alone, so that the same order of work, decoded again,
tells what it is worth.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from domain.objectives import Goal
from domain.scheduling.decode import decode
from domain.scheduling.explain import Explainer
from domain.scheduling.goals import Goals
from domain.scheduling.overtime import Opened, Overtime
from domain.scheduling.problem import Solution, Window, line_lateness

MOST_LINES = 40
"""Late lines whose chains are looked at, the dearest first."""

_SINGLE_LINES = 8
_CHUNKS = 48
_WEEK = 7 * 1440

_SWAP = 1440
"""How much later overtime may be that takes the place of dearer one."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A plan under some choice of windows; ``used`` are those of them in which work is done."""

    goals: Goals
    plan: Solution
    key: tuple[int, ...]
    used: Opened


class Trials:
    """Looks for better choices around a plan, as long as it may go on; counts its ``tries``."""

    def __init__(self, goals: Goals, overtime: Overtime, may_go_on: Callable[[], bool]) -> None:
        self.overtime, self._may_go_on = overtime, may_go_on
        self.tries = 0
        levels = goals.levels[:-1]
        self._is_late_first = any(
            Goal.LATENESS in level and Goal.OVERTIME not in level for level in levels
        )

    def attempt(self, goals: Goals, opened: Opened, plan: Solution) -> Trial:
        """A plan, made with these goals, decoded again with these windows open."""
        self.tries += 1
        goals = goals.opening(opened)
        return self.judged(goals, decode(goals.problem, plan.order, plan.alternative))

    def judged(self, goals: Goals, plan: Solution) -> Trial:
        """A plan of a problem with windows open, and what it uses of them."""
        finished = goals.finished(plan)
        return Trial(goals, plan, goals.key(finished), self.overtime.numbers(finished))

    def more(self, present: Trial) -> Iterable[Trial]:
        """The plan with more windows open, less what does not pay.

        Weighed against other goals, all that helps may together cost more than it is worth though
        some of it is not: then what helps the dearest late lines is tried line by line.
        """
        cheaper = self._cheaper(present.used)
        if cheaper:
            yield self.closed(self.attempt(present.goals, present.used | cheaper, present.plan))
        helpful = [found - present.used for found in self._helpful(present)]
        together: Opened = frozenset().union(*helpful)
        if not together or not self._may_go_on():
            return
        first = self.closed(self.attempt(present.goals, present.used | together, present.plan))
        yield first
        if self._is_late_first or first.key < present.key:
            return
        for few in dict.fromkeys(helpful[:_SINGLE_LINES]):
            if few and few != together and self._may_go_on():
                yield self.closed(self.attempt(present.goals, present.used | few, present.plan))

    def helpful(self, present: Trial) -> Opened:
        """Every window that may help a late line."""
        return frozenset().union(*self._helpful(present))

    def fewer(self, opened: Opened, random: np.random.Generator) -> Opened:
        """Without those of one machine in one week, or if that is most of them, without one, and
        with what is cheaper in their place."""
        if not opened:
            return opened
        windows = self.overtime.windows
        places = {at: (windows[at].machine, windows[at].start // _WEEK) for at in opened}
        chosen = sorted(opened)[int(random.integers(len(opened)))]
        gone = {chosen}
        if 2 * Counter(places.values())[places[chosen]] <= len(opened):
            gone = {at for at in opened if places[at] == places[chosen]}
        return (opened - gone) | self._cheaper(frozenset(gone))

    def closed(self, trial: Trial) -> Trial:
        """The plan without those windows that are not worth what they cost, the dearest first."""
        windows = self.overtime.windows

        def dearness(at: int) -> tuple[float, int, int]:
            return -_rate(windows[at]), windows[at].machine, windows[at].start

        opened = sorted(trial.goals.opened, key=dearness)
        if self._is_late_first:
            return self._without_group(trial, opened)
        for size in dict.fromkeys((max(1, len(opened) // _CHUNKS), 1)):
            for at in range(0, len(opened), size):
                trial = self._without(trial, opened[at : at + size])
        return trial

    def _without_group(self, trial: Trial, group: Sequence[int]) -> Trial:
        """All of a group closed if it can be, else as much of each half as can be."""
        without = self._without(trial, group)
        if without is not trial or len(group) < 2 or not self._may_go_on():
            return without
        half = len(group) // 2
        return self._without_group(self._without_group(trial, group[:half]), group[half:])

    def _without(self, trial: Trial, group: Iterable[int]) -> Trial:
        if trial.used.isdisjoint(group) or not self._may_go_on():
            return trial
        left = trial.goals.opened.difference(group)
        other = self.attempt(trial.goals, left, trial.plan)
        return other if other.key < trial.key else trial

    def _helpful(self, present: Trial) -> list[Opened]:
        """Of each late line, the windows in a stretch of its chain, on the machine there."""
        lines = _late_lines(present)
        if not lines:
            return []
        explainer = Explainer(present.goals.problem, present.plan)
        return [self._on_chain(explainer, line) for line in lines]

    def _on_chain(self, explainer: Explainer, line: int) -> Opened:
        windows = self.overtime.windows
        found: set[int] = set()
        for link in explainer.chain(line):
            numbers = self.overtime.of_machine.get(link.machine, [])
            first = bisect_left(numbers, link.start + 1, key=lambda at: windows[at].end)
            for at in numbers[first:]:
                if windows[at].start >= link.end:
                    break
                found.add(at)
        return frozenset(found)

    def _cheaper(self, used: Opened) -> Opened:
        """Windows that cost less an hour than others of their machine, before or soon after."""
        windows = self.overtime.windows
        dearest: dict[int, float] = {}
        until: dict[int, int] = {}
        for window in (windows[at] for at in used):
            machine = window.machine
            dearest[machine] = max(dearest.get(machine, 0.0), _rate(window))
            until[machine] = max(until.get(machine, 0), window.end + _SWAP)
        return frozenset(
            at
            for machine, rate in dearest.items()
            for at in self.overtime.of_machine[machine]
            if windows[at].start < until[machine] and _rate(windows[at]) < rate
        ).difference(used)


def _late_lines(present: Trial) -> list[int]:
    """The late lines, those that count most first."""
    tables, plan = present.goals.problem.tables, present.plan
    late = {
        line: int(line_lateness(tables, line, plan.end) * tables.line_weight[line])
        for line in range(len(tables.line_due))
    }
    lines = sorted((line for line in late if late[line] > 0), key=lambda line: -late[line])
    return lines[:MOST_LINES]


def _rate(window: Window) -> float:
    return window.cents / (window.end - window.start)

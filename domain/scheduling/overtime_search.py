"""Which overtime is worth its cost: decided between the rounds of the search.

Opening or closing a window changes calendars alone, so that the best plan, decoded again, tells
what it is worth. What the chains of late lines go through is opened together, then whatever is not
worth its cost is closed again. Every other leg of the walks tries more, or less, than the best
plan has: what they make of it may be better once they have arranged themselves with it.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from domain.objectives import Goal
from domain.scheduling.compiled import I32
from domain.scheduling.decode import decode
from domain.scheduling.explain import Explainer
from domain.scheduling.goals import Goals
from domain.scheduling.overtime import Opened, Overtime
from domain.scheduling.problem import Solution, Window, line_lateness
from domain.scheduling.seats import Seat

LEGS = 16
"""Parts of a run between which the overtime is decided anew."""

QUIET_SHARE = 0.8
"""From here on the walks work on the best plan's overtime alone."""

TIME_SHARE = 0.25
MOST_TRIES = 300
"""Plans decoded in one decision where the search counts rounds, not seconds."""

MOST_LINES = 40
"""Late lines whose chains are looked at, the dearest first."""

_SINGLE_LINES = 8
_LOOPS = 4
_WEEK = 7 * 1440

_SWAP = 1440
"""How much later overtime may be that takes the place of dearer one."""


class Run(Protocol):
    """What this needs of the search."""

    goals: Goals
    best_goals: Goals
    seconds: float
    seed: int
    iterations: int | None
    stop: I32

    @property
    def elapsed(self) -> float:
        """Seconds since the call."""
        ...

    def is_over(self) -> bool:
        """Whether time is up."""
        ...

    def offer(self, solution: Solution, stage: str, goals: Goals | None = None) -> bool:
        """Keep a plan, made with the choices and hours of these goals, if it is the best."""
        ...

    def best_or_fail(self) -> Solution:
        """The best plan so far."""
        ...

    def base_or_fail(self) -> Solution:
        """The same before work was shifted right."""
        ...


@dataclass(frozen=True, slots=True)
class _Trial:
    """A plan under some choice of windows."""

    goals: Goals
    plan: Solution
    key: tuple[int, ...]
    used: Opened


class OvertimeStep:
    """Decides for one run of the search which overtime is open."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._overtime = run.goals.overtime
        self._opened: Opened = frozenset()
        """What is open until the next decision."""
        self._random = np.random.default_rng(run.seed)
        self._leg = 0
        self._is_trial = False
        self._spent = self._since = 0.0
        self._tries = 0
        levels = run.goals.levels
        self._is_late_first = any(
            Goal.LATENESS in level and Goal.OVERTIME not in level for level in levels[:-1]
        )

    def settle(self) -> None:
        """Open and close for the best plan, as it stands, what makes it better."""
        if self._overtime is not None:
            self._begin()
            self._improve(self._overtime)
            self._end()

    def step(self, seats: Sequence[Seat], share: float) -> None:
        """Between two rounds, at this share of the run: what the walks go on with."""
        overtime = self._overtime
        if overtime is None or share * LEGS < self._leg + 1:
            return
        self._leg = int(share * LEGS)
        self._begin()
        before = self._opened
        if self._is_trial:
            self._hear(overtime, seats)
        self._improve(overtime)
        self._opened = self._next(overtime, share)
        self._end()
        if self._opened != before:
            goals, base = self.base()
            for seat in seats:
                seat.go_on_from(goals, base)

    def base(self) -> tuple[Goals, Solution]:
        """The best plan, as it is with what is open now."""
        run = self._run
        base, goals = run.base_or_fail(), run.best_goals.opening(self._opened)
        if goals is run.best_goals:
            return goals, base
        return goals, decode(goals.problem, base.order, base.alternative)

    def _begin(self) -> None:
        self._tries, self._since = 0, time.perf_counter()

    def _end(self) -> None:
        self._spent += time.perf_counter() - self._since

    def _may_go_on(self) -> bool:
        run = self._run
        if run.is_over():
            return False
        if run.iterations is not None:
            return self._tries < MOST_TRIES
        spent = self._spent + time.perf_counter() - self._since
        return spent < TIME_SHARE * max(run.elapsed, TIME_SHARE * run.seconds)

    def _offer(self, trial: _Trial) -> bool:
        return self._run.offer(trial.plan, "overtime", trial.goals)

    def _try(self, opened: Opened, plan: Solution, goals: Goals | None = None) -> _Trial:
        """A plan, made with these goals or the best plan's, again with these windows open."""
        self._tries += 1
        goals = (goals or self._run.best_goals).opening(opened)
        again = decode(goals.problem, plan.order, plan.alternative)
        return self._judged(goals, again)

    def _judged(self, goals: Goals, plan: Solution) -> _Trial:
        finished = goals.finished(plan)
        used = frozenset(self._numbers(finished))
        return _Trial(goals, plan, goals.key(finished), used)

    def _numbers(self, plan: Solution) -> Iterable[int]:
        opened = set(plan.opened)
        overtime = self._overtime
        of_machine = overtime.of_machine if overtime else {}
        for machine in {window.machine for window in opened}:
            for at in of_machine[machine]:
                if overtime and overtime.windows[at] in opened:
                    yield at

    def _hear(self, overtime: Overtime, seats: Sequence[Seat]) -> None:
        """What the walks have made of a trial: whatever of it does not pay is closed first."""
        for seat in seats:
            trial = self._judged(seat.goals, seat.walk.best_solution())
            self._offer(trial)
            self._offer(self._closed(overtime, trial))

    def _improve(self, overtime: Overtime) -> None:
        for _ in range(_LOOPS):
            plan = self._run.base_or_fail()
            best = self._run.best_or_fail()
            present = self._try(frozenset(self._numbers(best)), plan)
            trials = [present, *self._more(overtime, present)]
            found = min(trials, key=lambda trial: trial.key)
            if found is present:
                found = self._closed(overtime, present)
            if not self._offer(found):
                break
        self._opened = frozenset(self._numbers(self._run.best_or_fail()))

    def _more(self, overtime: Overtime, present: _Trial) -> Iterable[_Trial]:
        """The plan with more windows open, less what does not pay."""
        cheaper = self._cheaper(overtime, present.used)
        if cheaper:
            yield self._closed(overtime, self._try(present.used | cheaper, present.plan))
        lines = self._late_lines(present)
        if not lines or not self._may_go_on():
            return
        explainer = Explainer(present.goals.problem, present.plan)
        helpful = [self._helpful(overtime, explainer, line) - present.used for line in lines]
        together: Opened = frozenset().union(*helpful)
        if not together:
            return
        all_open = self._try(present.used | together, present.plan)
        first = self._closed(overtime, all_open)
        yield first
        if self._is_late_first or first.key < present.key:
            return
        for more in dict.fromkeys(helpful[:_SINGLE_LINES]):
            if more and more != together and self._may_go_on():
                yield self._closed(overtime, self._try(present.used | more, present.plan))

    def _cheaper(self, overtime: Overtime, used: Opened) -> Opened:
        """Windows that cost less an hour than others that are open later or on the same day."""
        dearest: dict[int, float] = {}
        until: dict[int, int] = {}
        for at in used:
            machine = overtime.windows[at].machine
            dearest[machine] = max(dearest.get(machine, 0.0), _rate(overtime.windows[at]))
            until[machine] = max(until.get(machine, 0), overtime.windows[at].end)
        found: set[int] = set()
        for machine, rate in dearest.items():
            for at in overtime.of_machine[machine]:
                window = overtime.windows[at]
                if window.start >= until[machine] + _SWAP:
                    break
                if _rate(window) < rate:
                    found.add(at)
        return frozenset(found) - used

    def _late_lines(self, present: _Trial) -> list[int]:
        tables, plan = present.goals.problem.tables, present.plan
        late = {
            line: int(line_lateness(tables, line, plan.end) * tables.line_weight[line])
            for line in range(len(tables.line_due))
        }
        lines = sorted((line for line in late if late[line] > 0), key=lambda line: -late[line])
        return lines[:MOST_LINES]

    def _helpful(self, overtime: Overtime, explainer: Explainer, line: int) -> Opened:
        """Windows that lie in a stretch of a line's chain, on the machine that it waits for."""
        found: set[int] = set()
        for link in explainer.chain(line):
            numbers = overtime.of_machine.get(link.machine, [])
            first = bisect_left(numbers, link.start + 1, key=lambda at: overtime.windows[at].end)
            for at in numbers[first:]:
                if overtime.windows[at].start >= link.end:
                    break
                found.add(at)
        return frozenset(found)

    def _closed(self, overtime: Overtime, trial: _Trial) -> _Trial:
        """The plan without those windows that are not worth what they cost, the dearest first."""
        windows = overtime.windows

        def dearness(at: int) -> tuple[float, int, int]:
            return -_rate(windows[at]), windows[at].machine, windows[at].start

        used = sorted(trial.goals.opened, key=dearness)
        if self._is_late_first:
            return self._without_group(trial, used)
        for size in dict.fromkeys((max(1, len(used) // 48), 1)):
            chunks = [used[at : at + size] for at in range(0, len(used), size)]
            for chunk in chunks:
                trial = self._without(trial, chunk)
        return trial

    def _without_group(self, trial: _Trial, group: Sequence[int]) -> _Trial:
        """All of a group closed if it can be, else as much of each half as can be."""
        without = self._without(trial, group)
        if without is not trial or len(group) < 2 or not self._may_go_on():
            return without
        half = len(group) // 2
        return self._without_group(self._without_group(trial, group[:half]), group[half:])

    def _without(self, trial: _Trial, group: Iterable[int]) -> _Trial:
        if trial.used.isdisjoint(group) or not self._may_go_on():
            return trial
        other = self._try(trial.goals.opened.difference(group), trial.plan, trial.goals)
        return other if other.key < trial.key else trial

    def _next(self, overtime: Overtime, share: float) -> Opened:
        """What is open until the next decision: as in the best plan, or in a trial more or less."""
        best = frozenset(self._numbers(self._run.best_or_fail()))
        self._is_trial = self._leg % 2 == 1 and share < QUIET_SHARE
        if not self._is_trial:
            return best
        more, fewer = best | self._any_helpful(overtime), self._fewer(overtime, best)
        wanted = [more, fewer] if self._leg % 4 == 1 else [fewer, more]
        found = next((each for each in wanted if each != best), best)
        self._is_trial = found != best
        return found

    def _any_helpful(self, overtime: Overtime) -> Opened:
        plan, goals = self._run.base_or_fail(), self._run.best_goals
        present = self._judged(goals, plan)
        explainer = Explainer(goals.problem, plan)
        lines = self._late_lines(present)
        return frozenset().union(*(self._helpful(overtime, explainer, line) for line in lines))

    def _fewer(self, overtime: Overtime, best: Opened) -> Opened:
        """Without those of one machine in one week, or if that is most of them, without one, and
        with what is cheaper in their place."""
        if not best:
            return best
        windows = overtime.windows
        chosen = sorted(best)[int(self._random.integers(len(best)))]
        weeks = Counter((windows[at].machine, windows[at].start // _WEEK) for at in best)
        place = windows[chosen].machine, windows[chosen].start // _WEEK
        gone = {chosen}
        if 2 * weeks[place] <= len(best):
            gone = {at for at in best if (windows[at].machine, windows[at].start // _WEEK) == place}
        return (best - gone) | self._cheaper(overtime, frozenset(gone))


def _rate(window: Window) -> float:
    return window.cents / (window.end - window.start)

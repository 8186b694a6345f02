"""Which overtime is worth its cost: decided between the rounds of the search.

What the chains of late lines go through is opened together, then whatever is not worth its cost is
closed again. Every other leg of the walks tries more, or less, than the best plan has: what they
make of it may be better once they have arranged themselves with it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from domain.scheduling.decode import decode
from domain.scheduling.goals import Goals
from domain.scheduling.overtime import Opened
from domain.scheduling.overtime_trials import Trial, Trials
from domain.scheduling.problem import Solution
from domain.scheduling.seats import Seat

LEGS = 16
"""Parts of a run between which the overtime is decided anew."""

QUIET_SHARE = 0.8
"""From here on the walks work on the best plan's overtime alone."""

TIME_SHARE = 0.25
MOST_TRIES = 300
"""Plans decoded in one decision where the search counts rounds, not seconds."""

_LOOPS = 4


class Run(Protocol):
    """What this needs of the search."""

    goals: Goals
    best_goals: Goals
    seconds: float
    seed: int
    iterations: int | None

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


class OvertimeStep:
    """Decides for one run of the search which overtime is open."""

    def __init__(self, run: Run) -> None:
        self._run = run
        overtime = run.goals.overtime
        self._trials = Trials(run.goals, overtime, self._may_go_on) if overtime else None
        self._opened: Opened = frozenset()
        """What is open until the next decision."""
        self._random = np.random.default_rng(run.seed)
        self._leg = 0
        self._is_trial = False
        self._spent = self._since = 0.0

    def settle(self) -> None:
        """Open and close for the best plan, as it stands, what makes it better."""
        if self._trials is not None:
            self._begin(self._trials)
            self._improve(self._trials)
            self._end()

    def step(self, seats: Sequence[Seat], share: float) -> None:
        """Between two rounds, at this share of the run: settle what the walks go on with."""
        trials = self._trials
        if trials is None or share * LEGS < self._leg + 1:
            return
        self._leg = int(share * LEGS)
        self._begin(trials)
        before = self._opened
        if self._is_trial:
            self._hear(trials, seats)
        self._improve(trials)
        self._opened = self._next(trials, share)
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

    def _begin(self, trials: Trials) -> None:
        trials.tries, self._since = 0, time.perf_counter()

    def _end(self) -> None:
        self._spent += time.perf_counter() - self._since

    def _may_go_on(self) -> bool:
        run = self._run
        if run.is_over():
            return False
        if run.iterations is not None:
            return self._trials is not None and self._trials.tries < MOST_TRIES
        spent = self._spent + time.perf_counter() - self._since
        return spent < TIME_SHARE * max(run.elapsed, TIME_SHARE * run.seconds)

    def _offer(self, trial: Trial) -> bool:
        return self._run.offer(trial.plan, "overtime", trial.goals)

    def _hear(self, trials: Trials, seats: Sequence[Seat]) -> None:
        """What the walks have made of a trial: whatever of it does not pay is closed first."""
        for seat in seats:
            trial = trials.judged(seat.goals, seat.walk.best_solution())
            self._offer(trial)
            self._offer(trials.closed(trial))

    def _improve(self, trials: Trials) -> None:
        run = self._run
        for _ in range(_LOOPS):
            opened = trials.overtime.numbers(run.best_or_fail())
            present = trials.attempt(run.best_goals, opened, run.base_or_fail())
            found = min([present, *trials.more(present)], key=lambda trial: trial.key)
            if not self._offer(trials.closed(present) if found is present else found):
                break
        self._opened = trials.overtime.numbers(run.best_or_fail())

    def _next(self, trials: Trials, share: float) -> Opened:
        """What is open until the next decision: as in the best plan, or in a trial more or less."""
        run = self._run
        best = trials.overtime.numbers(run.best_or_fail())
        wanted: list[Opened] = []
        if self._leg % 2 == 1 and share < QUIET_SHARE:
            present = trials.attempt(run.best_goals, best, run.base_or_fail())
            wanted = [best | trials.helpful(present), trials.fewer(best, self._random)]
        if self._leg % 4 == 3:
            wanted.reverse()
        found = next((each for each in wanted if each != best), best)
        self._is_trial = found != best
        return found

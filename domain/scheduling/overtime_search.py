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

from domain.scheduling.compiled import I32
from domain.scheduling.decode import decode
from domain.scheduling.goals import Goals
from domain.scheduling.overtime import Opened
from domain.scheduling.overtime_trials import Trial, Trials
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.walks import RoundWalk, new_round_walk

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

    problem: Problem
    goals: Goals
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

    def offer(self, solution: Solution, stage: str) -> bool:
        """Keep a plan of the present problem if it is better than the best."""
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

    def step(self, walks: list[RoundWalk], share: float) -> list[RoundWalk]:
        """Between two rounds: the walks to go on with, at this share of the run."""
        trials, run = self._trials, self._run
        if trials is None or share * LEGS < self._leg + 1:
            return walks
        self._leg = int(share * LEGS)
        self._begin(trials)
        before = run.goals.opened
        if self._is_trial:
            self._hear(trials, walks)
        self._improve(trials)
        wanted = self._next(trials, share)
        self._switch(run.goals.opening(wanted))
        self._end()
        if wanted == before:
            return walks
        seeds = [run.seed * 101 + n + 7919 * self._leg for n in range(len(walks))]
        base = self.base()
        return [new_round_walk(run.goals, base, seed, run.stop) for seed in seeds]

    def base(self) -> Solution:
        """The best plan, as it is with what is open now."""
        run = self._run
        base, best = run.base_or_fail(), run.best_or_fail()
        if self._trials is None or self._trials.numbers(best) == run.goals.opened:
            return base
        return decode(run.problem, base.order, base.alternative)

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

    def _switch(self, goals: Goals) -> None:
        self._run.goals, self._run.problem = goals, goals.problem

    def _offer(self, trial: Trial) -> bool:
        self._switch(trial.goals)
        return self._run.offer(trial.plan, "overtime")

    def _hear(self, trials: Trials, walks: Sequence[RoundWalk]) -> None:
        """What the walks have made of a trial: whatever of it does not pay is closed first."""
        goals = self._run.goals
        for plan in (walk.best_solution() for walk in walks):
            trial = trials.judged(goals, plan)
            self._offer(trial)
            self._offer(trials.closed(trial))

    def _improve(self, trials: Trials) -> None:
        run = self._run
        for _ in range(_LOOPS):
            opened = trials.numbers(run.best_or_fail())
            present = trials.attempt(opened, run.base_or_fail())
            found = min([present, *trials.more(present)], key=lambda trial: trial.key)
            if not self._offer(trials.closed(present) if found is present else found):
                break
        self._switch(run.goals.opening(trials.numbers(run.best_or_fail())))

    def _next(self, trials: Trials, share: float) -> Opened:
        """What is open until the next decision: as in the best plan, or in a trial more or less."""
        run = self._run
        best = trials.numbers(run.best_or_fail())
        wanted: list[Opened] = []
        if self._leg % 2 == 1 and share < QUIET_SHARE:
            present = trials.attempt(best, run.base_or_fail())
            wanted = [best | trials.helpful(present), trials.fewer(best, self._random)]
        if self._leg % 4 == 3:
            wanted.reverse()
        found = next((each for each in wanted if each != best), best)
        self._is_trial = found != best
        return found

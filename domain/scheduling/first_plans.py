"""First plans: dispatching by a grid of rules, then by the best of them changed a little."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from domain.scheduling.decode import by_time
from domain.scheduling.dispatch import GRID, Rule, dispatch
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.urgency import urgency_of

_SHARE = 0.16
"""Of the time, for all of this together."""

TUNE_ROUNDS = 40
"""Changed rules where rounds are counted, not seconds."""


class FirstPlans:
    """Dispatches a problem again and again and offers the plans.

    Args:
        problem: What to plan.
        offer: Keeps a plan, with the stage it comes from, if it is better than the best.
        is_over: Whether a share of the time is used up.
        key: What is smaller of a better one of these plans, whatever else has been offered.

    Attributes:
        best: The best of these plans; None: there is none yet.
        best_rule: The rule that made it.
    """

    def __init__(
        self,
        problem: Problem,
        offer: Callable[[Solution, str], object],
        is_over: Callable[[float], bool],
        key: Callable[[Solution], tuple[int, ...]],
    ) -> None:
        self._problem, self._offer, self._is_over = problem, offer, is_over
        self._urgency = urgency_of(problem)
        self._key = key
        self._best_key: tuple[int, ...] = ()
        self.best: Solution | None = None
        self.best_rule = GRID[0]

    def dispatch(self) -> None:
        """The first plan of all, there at once."""
        self._try(self.best_rule)

    def dispatch_grid(self) -> None:
        """The other rules of the grid."""
        for rule in GRID[1:]:
            if self._is_over(_SHARE):
                return
            self._try(rule)

    def tune(self, seed: int, rounds: int | None) -> None:
        """Change the best rule a little, again and again, and keep what is better.

        Args:
            seed: Start of the random choices.
            rounds: How often; None: as long as there is time.
        """
        random, tried = np.random.default_rng(seed), 0
        while tried != rounds and not self._is_over(_SHARE):
            tried += 1
            factors = np.exp(random.normal(0.0, 0.35, 4) * (random.random(4) < 0.6))
            self._try(Rule(*(float(f) for f in np.array(self.best_rule) * factors)))

    def _try(self, rule: Rule) -> None:
        found = by_time(dispatch(self._problem, self._urgency, rule))
        self._offer(found, "dispatch")
        key = self._key(found)
        if self.best is None or key < self._best_key:
            self.best, self.best_rule, self._best_key = found, rule, key

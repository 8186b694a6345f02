"""Where walks sit: under which choices and hours each of them is on its way."""

from __future__ import annotations

from domain.scheduling.compiled import I32
from domain.scheduling.goals import Goals
from domain.scheduling.problem import Solution
from domain.scheduling.walks import new_round_walk


class Seat:
    """A walk and what it walks under: it gets a new one when choices or hours change."""

    def __init__(self, goals: Goals, start: Solution, seed: int, stop: I32) -> None:
        self.goals = goals
        self.walk = new_round_walk(goals, start, seed, stop)
        self._seed, self._stop = seed, stop

    def go_on_from(self, goals: Goals, solution: Solution) -> None:
        """Continue from another plan, made with the choices and hours of its goals."""
        if (goals.modes, goals.opened) == (self.goals.modes, self.goals.opened):
            self.walk.go_on_from(solution)
            return
        self._seed += 7919
        self.goals = goals
        self.walk = new_round_walk(goals, solution, self._seed, self._stop)

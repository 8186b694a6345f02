"""Tries other choices on the best plan, between the rounds of the walks."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np

from domain.scheduling.carry import carried
from domain.scheduling.choices import Choices, Modes
from domain.scheduling.decode import by_time
from domain.scheduling.dispatch import Rule, dispatch
from domain.scheduling.goals import Goals
from domain.scheduling.problem import Problem, Solution, line_lateness
from domain.scheduling.seats import Seat
from domain.scheduling.urgency import urgency_of

_LINES = 5
"""Late lines that are looked into, worst first."""

_STEPS = 300
_AIMED = 0.6
"""Share of trials that are about what late lines wait for."""

_BACK = 0.2
"""Share of trials that take a choice back."""

_ANYWHERE = 0.4
"""Share of trials that put new operations somewhere earlier than where the old ones were."""

TRY_SECONDS, IDLE_SECONDS = 0.03, 0.01
"""Time for trials after a round of a tenth of a second, if the last ones found something or not."""

TRIES = 12
"""Trials after a round when the number of rounds is given instead of time."""

PERIOD, LEG = 20, 5
"""In so many rounds one walk goes once, for so many of them, where choices lead that are not better
at once; then all walks go on with the choices of the best plan. A walk that is alone goes half as
often."""

LAST_SECONDS = 0.1
"""Time to take choices back at the end."""

Offer = Callable[[Solution, Goals], bool]


class Chooser:
    """Changes one choice at a time and keeps what is better."""

    def __init__(self, choices: Choices, seed: int) -> None:
        self.choices = choices
        self._random = np.random.default_rng(seed)
        self.is_lucky = True
        """Whether the last trials have found anything better."""
        self._worse: tuple[Goals, Solution] | None = None
        self._worse_key: tuple[int, ...] | None = None

    def take_worse(self) -> tuple[Goals, Solution] | None:
        """The best plan of other choices that trials since the last call found to be no better."""
        found, self._worse, self._worse_key = self._worse, None, None
        return found

    def in_force(self) -> Iterable[tuple[Solution, Goals]]:
        """The plan in force by what is chosen in it, and by the usual modes."""
        choices = self.choices
        for modes in dict.fromkeys((choices.present, choices.usual)):
            goals = choices.goals(modes)
            for solution in choices.starts(modes):
                yield solution, goals

    def starts(self, usual: Solution, rule: Rule) -> Iterable[tuple[Solution, Goals]]:
        """New plans by what is chosen in the plan in force, if that is unusual.

        Args:
            usual: A plan of the usual modes.
            rule: By which it was dispatched.
        """
        choices = self.choices
        if choices.present == choices.usual:
            return
        goals = choices.goals(choices.present)
        yield carried(choices, usual, choices.usual, goals), goals
        yield by_time(dispatch(goals.problem, urgency_of(goals.problem), rule)), goals

    def aims(self, goals: Goals, solution: Solution) -> list[int]:
        """Choices about the operations that late lines wait for."""
        ops = self.choices.part(goals.modes).ops
        found = [
            choice
            for op in awaited(goals.problem, solution)
            for choice in self.choices.of_operation(int(ops[op]))
        ]
        return list(dict.fromkeys(found))

    def try_one(self, goals: Goals, base: Solution, aims: list[int], offer: Offer) -> bool:
        """Try one change of a plan; whether it was taken."""
        modes = self._changed(goals.modes, aims)
        if modes == goals.modes:
            return False
        early = 1.0 if self._random.random() > _ANYWHERE else float(self._random.random())
        return self._offer(goals, base, modes, early, offer)

    def take_back(self, goals: Goals, base: Solution, choice: int, offer: Offer) -> bool:
        """Try the usual mode of one choice."""
        modes = self._with(goals.modes, choice, 0)
        return modes != goals.modes and self._offer(goals, base, modes, 1.0, offer)

    def _offer(
        self, goals: Goals, base: Solution, modes: Modes, early: float, offer: Offer
    ) -> bool:
        there = self.choices.goals(modes).opening(goals.opened)
        found = carried(self.choices, base, goals.modes, there, early)
        if offer(found, there):
            return True
        measured = there.measured(found)
        if self._worse_key is None or there.walk_key(measured) < self._worse_key:
            self._worse, self._worse_key = (there, measured), there.walk_key(measured)
        return False

    def _changed(self, modes: Modes, aims: list[int]) -> Modes:
        draw = self._random.random()
        unusual = [at for at, mode in enumerate(modes) if mode]
        if unusual and draw < _BACK:
            return self._with(modes, self._one_of(unusual), 0)
        if aims and draw < _BACK + _AIMED:
            choice = self._one_of(aims)
        else:
            choice = int(self._random.integers(len(modes)))
        others = [m for m in range(len(self.choices.choices[choice].options)) if m != modes[choice]]
        return self._with(modes, choice, self._one_of(others))

    def _one_of(self, numbers: list[int]) -> int:
        return numbers[int(self._random.integers(len(numbers)))]

    def _with(self, modes: Modes, choice: int, mode: int) -> Modes:
        return self.choices.plain((*modes[:choice], mode, *modes[choice + 1 :]))


class _Search(Protocol):
    """The run that choices are made in."""

    best_goals: Goals
    iterations: int | None

    def base_or_fail(self) -> Solution:
        """The best plan so far, as the walks know it."""
        ...

    def offer(self, solution: Solution, stage: str, goals: Goals | None = None) -> bool:
        """Keep a plan if it is better."""
        ...

    def is_over(self, share: float = 1.0) -> bool:
        """Whether time is up."""
        ...


def choose(search: _Search, chooser: Chooser, seats: Sequence[Seat], rounds: int) -> None:
    """Try other choices after a round; what is better takes the walk that stands worst."""
    chooser.take_worse()
    is_better = _try(search, chooser)
    worst = max(seats, key=lambda seat: seat.walk.best_key())
    place = rounds % (PERIOD if len(seats) > 1 else 2 * PERIOD)
    if is_better:
        worst.go_on_from(search.best_goals, search.base_or_fail())
    elif place == 0:
        for seat in seats:
            if seat.goals.modes != search.best_goals.modes:
                seat.go_on_from(search.best_goals, search.base_or_fail())
    elif place == PERIOD - LEG and (other := chooser.take_worse()) is not None:
        worst.go_on_from(*other)
    elif place == PERIOD and len(seats) == 1:
        worst.go_on_from(search.best_goals, search.base_or_fail())


def _try(search: _Search, chooser: Chooser) -> bool:
    """Trials for as long as they may take; whether any was better."""
    begun, tries = time.perf_counter(), 0
    seconds = TRY_SECONDS if chooser.is_lucky else IDLE_SECONDS
    aims = chooser.aims(search.best_goals, search.base_or_fail())
    chooser.is_lucky = False
    while not search.is_over():
        if search.iterations is None and tries and time.perf_counter() - begun > seconds:
            break
        if search.iterations is not None and tries >= TRIES:
            break
        tries += 1
        if chooser.try_one(search.best_goals, search.base_or_fail(), aims, _offer_to(search)):
            chooser.is_lucky = True
            aims = chooser.aims(search.best_goals, search.base_or_fail())
    return chooser.is_lucky


def take_back(search: _Search, chooser: Chooser) -> None:
    """At the end, make usual again whatever the plan is no worse without."""
    deadline = time.perf_counter() + LAST_SECONDS
    for choice in range(len(chooser.choices.choices)):
        if search.iterations is None and time.perf_counter() > deadline:
            return
        goals = search.best_goals
        if goals.modes[choice]:
            chooser.take_back(goals, search.base_or_fail(), choice, _offer_to(search))


def _offer_to(search: _Search) -> Offer:
    return lambda solution, goals: search.offer(solution, "choice", goals)


def awaited(problem: Problem, solution: Solution) -> list[int]:
    """The operations that late lines wait for: from the last one back, always to what ended last
    of what came before, on the machine or in the routing."""
    tables = problem.tables
    before = _machine_before(problem, solution)
    end = solution.end
    lines = range(len(tables.line_due))
    late = [(int(tables.line_weight[n]) * line_lateness(tables, n, end), n) for n in lines]
    found: dict[int, None] = {}
    for value, line in sorted(late, key=lambda one: (-one[0], one[1]))[:_LINES]:
        makers = tables.line_op[tables.line_first[line] : tables.line_first[line + 1]]
        if not value or not len(makers):
            continue
        op = int(makers[np.argmax(end[makers])])
        for _ in range(_STEPS):
            if op in found:
                break
            found[op] = None
            origins = tables.edge_from[tables.edge_first[op] : tables.edge_first[op + 1]].tolist()
            if before[op] >= 0:
                origins.append(int(before[op]))
            if not origins:
                break
            op = max(origins, key=lambda one: (end[one], one))
    return list(found)


def _machine_before(problem: Problem, solution: Solution) -> list[int]:
    """What each operation's machine does just before it, -1: nothing."""
    tables = problem.tables
    found = [-1] * problem.operation_count
    ran = np.flatnonzero(solution.alternative >= 0)
    machine = tables.alt_machine[solution.alternative[ran]]
    by_time = ran[np.lexsort((ran, solution.end[ran], solution.run_start[ran], machine))]
    on = tables.alt_machine[solution.alternative[by_time]]
    for at in range(1, len(by_time)):
        if on[at] == on[at - 1]:
            found[int(by_time[at])] = int(by_time[at - 1])
    return found

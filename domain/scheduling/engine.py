"""The engine's one door: a first plan at once, then better ones until time is up.

Dispatching gives the first plan; its rule is tuned to the case; annealing goes on from there, one
walk a core. Whatever is handed out was decoded exactly, and never gets worse.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

import numpy as np

from domain.objectives import LEAN, Goal
from domain.scheduling.bounding import Bounding
from domain.scheduling.bounds import path_bound
from domain.scheduling.build import build_problem
from domain.scheduling.chains import DISLIKED, SETUP
from domain.scheduling.choices import Choices
from domain.scheduling.chooser import Chooser, choose, take_back
from domain.scheduling.decode import decode
from domain.scheduling.events import stop_machine
from domain.scheduling.exact import SMALL, ExactSearch
from domain.scheduling.first_plans import TUNE_ROUNDS, FirstPlans
from domain.scheduling.goals import Goals, goals_of, plain_goals
from domain.scheduling.mend import mend
from domain.scheduling.overtime_search import OvertimeStep
from domain.scheduling.problem import Problem, Solution, line_lateness, setups_on
from domain.scheduling.seats import Seat
from domain.scheduling.tiny import tiny_factory
from domain.scheduling.walks import new_round_walk
from domain.scheduling.yardstick import SETUP_PRICE

EXACT_FROM = 0.2
"""Share of the time after which the exact model takes over a worker where the factory is small."""

MEETINGS = 4
"""How often in a run all walks go on from the best plan."""


@dataclass(frozen=True)
class Progress:
    """Where the search stands.

    `value` is the best plan's weighted lateness in minutes, `bound` what no plan's can be below,
    `amounts` what it has of everything a goal may be about, `seconds` the time since the call,
    `moves` how many moves were tried. `solution` is set when it is a new best.
    """

    value: int
    setup_minutes: int
    amounts: dict[Goal, int]
    bound: int
    seconds: float
    moves: int
    stage: str
    solution: Solution | None = None


def solve(
    problem: Problem,
    *,
    seconds: float,
    workers: int = 2,
    seed: int = 1,
    on_progress: Callable[[Progress], object] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    iterations: int | None = None,
    start: Solution | None = None,
    goals: Goals | None = None,
    choices: Choices | None = None,
) -> Solution:
    """Plan as well as the time allows.

    Args:
        problem: What to plan.
        seconds: Time to search, from the call on.
        workers: Walks at the same time, one thread each.
        seed: Start of all random choices.
        on_progress: Told the first plan at once, each better one, and some ten times a second how
            it goes; called in the caller's thread.
        should_stop: Asked often; the best plan so far is returned within 0.2 s.
        iterations: Rounds of search instead of a time limit: same seed, same plan.
        start: A plan to begin with, if it is better than dispatching.
        goals: What makes a plan better; None: lateness, then setup.
        choices: What may be made otherwise than in the problem, which is then, with its goals, that
            of the usual modes; None: nothing. `Solution.modes` says what was chosen.
    """
    if choices is not None:
        goals = choices.goals(choices.usual)
        problem = goals.problem
    search = _Search(
        goals or plain_goals(problem), seconds, seed, on_progress, should_stop, iterations, choices
    )
    search.begin_with_plan_in_force()
    search.first_plans.dispatch()
    if problem.operation_count == 0:
        return search.best_or_fail()
    if start is not None:
        search.offer(decode(problem, start.order, start.alternative), "start")
    search.first_plans.dispatch_grid()
    search.first_plans.tune(seed, None if iterations is None else TUNE_ROUNDS)
    search.begin_with_present()
    with ThreadPoolExecutor(1) as aside:
        search.bounding.start(aside, search.bounded)
        try:
            search.anneal(max(1, workers))
        finally:
            search.end_exact()
            search.end_bounding()
    search.tell("done")
    return search.best_or_fail()


class _Search:
    """One run: the best plan so far, the clock, and who is told."""

    def __init__(
        self,
        goals: Goals,
        seconds: float,
        seed: int,
        on_progress: Callable[[Progress], object],
        should_stop: Callable[[], bool],
        iterations: int | None,
        choices: Choices | None = None,
    ) -> None:
        self.problem = problem = goals.problem
        self.goals = self.best_goals = goals
        self.chooser = Chooser(choices, seed) if choices else None
        self.bounded = goals.widest(choices.relaxed() if choices else problem)
        self.seconds = seconds
        self.seed = seed
        self.on_progress = on_progress
        self.should_stop = should_stop
        self.iterations = iterations
        self.begun = time.perf_counter()
        self.bound, self.bound_origin = path_bound(self.bounded), "path"
        self.exact: ExactSearch | None = None
        self.best: Solution | None = None
        self.base: Solution | None = None
        self.first_plans = FirstPlans(
            problem, self.offer, self.is_over, lambda plan: goals.walk_key(goals.measured(plan))
        )
        self.moves = 0
        self.stop = np.zeros(1, np.int32)
        self.bounding = Bounding(self.stop, iterations is None)

    @property
    def elapsed(self) -> float:
        """Seconds since the call."""
        return time.perf_counter() - self.begun

    def is_over(self, share: float = 1.0) -> bool:
        """Whether a share of the time is used up, or the caller wants to stop, or all is won."""
        if self.should_stop() or self._is_perfect():
            self.stop[0] = 1
        if self.stop[0]:
            return True
        return self.iterations is None and self.elapsed >= share * self.seconds

    def _is_perfect(self) -> bool:
        """Whether no plan can be better: as late as the bound, and nothing else that counts."""
        best = self.best
        if best is None or best.value > self.bound or not self.goals.is_lateness_first:
            return False
        slipped, overrun, _, *others = self.best_goals.key(best)
        return not any((slipped, overrun, *others))

    def best_or_fail(self) -> Solution:
        """The best plan so far."""
        if self.best is None:
            raise RuntimeError("nothing was planned yet")
        return self.best

    def base_or_fail(self) -> Solution:
        """The best plan as it was before work was shifted right for its goals' sake."""
        if self.base is None:
            raise RuntimeError("nothing was planned yet")
        return self.base

    def offer(self, solution: Solution, stage: str, goals: Goals | None = None) -> bool:
        """Keep a plan if it is better than the best; says so if it is.

        ``goals`` are those of the choices that it was made with, None: of the usual ones.
        """
        goals = goals or self.goals
        finished = goals.finished(solution)
        if self.best is not None and goals.key(finished) >= self.best_goals.key(self.best):
            return False
        self.base, self.best, self.best_goals = solution, self._bounded(finished), goals
        self.tell(stage, self.best)
        return True

    def _bounded(self, solution: Solution) -> Solution:
        bound = min(self.bound, solution.value)
        return replace(solution, bound=bound, bound_origin=self.bound_origin)

    def tell(self, stage: str, solution: Solution | None = None) -> None:
        """Report where the search stands."""
        best = self.best_or_fail()
        progress = Progress(
            value=best.value,
            setup_minutes=best.setup_minutes,
            amounts=best.amounts,
            bound=best.bound,
            seconds=self.elapsed,
            moves=self.moves,
            stage=stage,
            solution=solution,
        )
        self.on_progress(progress)

    def begin_with_plan_in_force(self) -> None:
        """Offer the plan in force before any other: whoever stops at once has nothing worse.

        What is new in it may go to several places: where it is best.
        """
        starts = [(solution, self.goals) for solution in self.goals.starts]
        starts += self.chooser.in_force() if self.chooser else ()
        if starts:
            solution, goals = min(starts, key=lambda one: one[1].key(one[1].finished(one[0])))
            self.offer(solution, "start", goals)

    def begin_with_present(self) -> None:
        """Offer new plans with what is chosen in the plan in force, too."""
        usual, rule = self.first_plans.best, self.first_plans.best_rule
        if self.chooser is not None and usual is not None:
            for solution, goals in self.chooser.starts(usual, rule):
                self.offer(solution, "start", goals)

    def anneal(self, workers: int) -> None:
        """Walks in threads, round by round; from time to time all go on from the best plan."""
        overtime = OvertimeStep(self)
        overtime.settle()
        best, base = self.best_or_fail(), self.base_or_fail()
        seeds = [self.seed * 101 + n for n in range(workers)]
        walks = [Seat(self.best_goals, base, seed, self.stop) for seed in seeds]
        dear = max(SETUP_PRICE, *self.goals.yardstick.price[[SETUP, DISLIKED]])
        hot = max(3 * dear, 0.15 * best.value / max(1, _late_lines(self.problem, best)))
        begun, rounds, meeting = self.elapsed, 0, 0
        with ThreadPoolExecutor(workers) as pool:
            while not self.is_over():
                share = self._share(begun, rounds)
                if share >= 1.0:
                    break
                heat = hot * 30.0**-share
                overtime.step(walks, share)
                if share > EXACT_FROM and self._start_exact() and len(walks) > 1:
                    walks.pop()
                self._round(pool, walks, heat)
                self._hear_bounding()
                self._hear_exact()
                rounds += 1
                if self.chooser is not None:
                    choose(self, self.chooser, walks, rounds)
                if int(share * MEETINGS) > meeting:
                    meeting = int(share * MEETINGS)
                    for walk in walks:
                        walk.go_on_from(*overtime.base())
        if self.chooser is not None:
            take_back(self, self.chooser)

    def end_bounding(self) -> None:
        """Take the bound as far as it has come; all of it where the same seed gives the same."""
        self.bounding.end()
        self._hear_bounding()

    def _hear_bounding(self) -> None:
        found = self.bounding.best
        if found.value > self.bound:
            self.bound, self.bound_origin = found.value, found.origin
            self.best = self._bounded(self.best_or_fail())

    def _start_exact(self) -> bool:
        """Give what is small to the exact model, too, once; True if that has begun just now."""
        best = self.best_or_fail()
        is_small = self.problem.operation_count <= SMALL
        if self.exact or self.iterations is not None or not is_small or best.value <= self.bound:
            return False
        # The model knows nothing of operations that run together, of choices and of overtime.
        is_beyond = self.problem.has_batches or self.chooser is not None
        if not self.goals.is_lateness_first or is_beyond or self.goals.overtime:
            return False
        left = self.seconds - self.elapsed
        self.exact = ExactSearch(self.problem, best, left, self.seed)
        return True

    def _hear_exact(self) -> None:
        if self.exact is None:
            return
        found, bound = self.exact.news()
        if bound > self.bound:
            self.bound, self.bound_origin = bound, "exact"
            self.best = self._bounded(self.best_or_fail())
        self.offer(found, "exact")

    def end_exact(self) -> None:
        """Stop the exact model and take what it has found."""
        if self.exact is not None:
            self.exact.end()
            self._hear_exact()

    def _share(self, begun: float, rounds: int) -> float:
        if self.iterations is not None:
            return rounds / self.iterations
        return (self.elapsed - begun) / max(1e-9, self.seconds - begun)

    def _round(self, pool: ThreadPoolExecutor, walks: Sequence[Seat], heat: float) -> None:
        is_timed = self.iterations is None
        running = [pool.submit(walk.walk.run, heat, is_timed) for walk in walks]
        while wait(running, timeout=0.05).not_done:
            self.is_over()
        for result in running:
            self.moves += result.result()
        for walk in walks:
            if walk.walk.best_key() < self.best_goals.walk_key(self.best_or_fail()):
                self.offer(walk.walk.best_solution(), "search", walk.goals)
        self.tell("search")


def _late_lines(problem: Problem, solution: Solution) -> int:
    tables = problem.tables
    lines = range(len(tables.line_due))
    return sum(line_lateness(tables, line, solution.end) > 0 for line in lines)


def warm_up() -> None:
    """Compile the hot loops or load them from the cache, by planning two tiny factories."""
    for skill in ("", "any"):
        plan, now_at = tiny_factory(skill)
        problem = build_problem(plan, now_at)
        solution = solve(problem, seconds=60, workers=1, iterations=1)
        stopped = stop_machine(problem, problem.machine_ids[0], 0, 600)
        mend(stopped, solution, seconds=60, workers=1, iterations=1)
        goals = goals_of(problem, plan, LEAN)
        goals.finished(solution)
        walk = new_round_walk(goals, solution, 1, np.zeros(1, np.int32))
        walk.go_on_from(walk.best_solution())
        setups_on(problem.tables, 0, np.zeros(1, np.int32), np.zeros((2, 1), np.int32))

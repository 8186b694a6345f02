"""The engine's one door: a first plan at once, then better ones until time is up.

Dispatching gives the first plan; its rule is tuned to the case; annealing goes on from there, one
walk a core. Whatever is handed out was decoded exactly, and never gets worse.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event

import numpy as np

from domain.objectives import LEAN, Goal
from domain.scheduling.bottleneck import Bound, best_bound
from domain.scheduling.bounds import path_bound
from domain.scheduling.build import build_problem
from domain.scheduling.chains import DISLIKED, MOVE_WEIGHT, SETUP
from domain.scheduling.compiled import I32
from domain.scheduling.decode import by_time, decode
from domain.scheduling.dispatch import GRID, Rule, dispatch
from domain.scheduling.events import stop_machine
from domain.scheduling.exact import SMALL, ExactSearch
from domain.scheduling.goals import Goals, goals_of, plain_goals
from domain.scheduling.mend import mend
from domain.scheduling.problem import Problem, Solution, line_lateness, setups_on
from domain.scheduling.right_shift import right_shift
from domain.scheduling.tiny import tiny_factory
from domain.scheduling.urgency import urgency_of
from domain.scheduling.walks import RoundWalk, new_round_walk
from domain.scheduling.yardstick import SETUP_PRICE

TUNE_SHARE = 0.08
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
    """
    search = _Search(
        goals or plain_goals(problem), seconds, seed, on_progress, should_stop, iterations
    )
    if problem.operation_count == 0:
        return search.dispatch_first()
    search.dispatch_first()
    if start is not None:
        search.offer(decode(problem, start.order, start.alternative), "start")
    for present in search.goals.starts:
        search.offer(present, "start")
    search.dispatch_grid()
    search.tune()
    with ThreadPoolExecutor(1) as aside:
        search.bounding.start(aside, problem)
        try:
            search.anneal(max(1, workers))
        finally:
            search.end_exact()
            search.end_bounding()
    search.tell("done")
    return search.best_or_fail()


def repair(
    problem: Problem,
    present: Solution,
    *,
    seconds: float,
    workers: int = 2,
    seed: int = 1,
    on_progress: Callable[[Progress], object] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    iterations: int | None = None,
) -> Solution:
    """Mend a plan after something happened: right shift at once, then better, moving little else.

    Args:
        problem: As things are now, with the same operations.
        present: The plan made before; what starts over an hour from there is paid for.
        seconds: As in `solve`, like all the rest.
    """
    search = _Search(plain_goals(problem), seconds, seed, on_progress, should_stop, iterations)
    search.offer(right_shift(problem, present), "repair")
    search.dispatch_again(present)
    search.anneal(max(1, workers), present)
    return search.best_or_fail()


class _Bounding:
    """The thread beside the walks that looks for a better bound, and what it has found.

    Where time is limited it rests three times as long as it works, so that the walks keep their
    processors, and ends when they do.
    """

    def __init__(self, stop: I32, is_timed: bool) -> None:
        self.best = Bound(0, "path")
        self._stop, self._is_timed = stop, is_timed
        self._ended = Event()
        self._seconds = 0.0
        self._run: Future[Bound] | None = None

    def start(self, pool: ThreadPoolExecutor, problem: Problem) -> None:
        """Begin, in a thread of the pool."""
        self._run = pool.submit(best_bound, problem, self._should_stop, self._keep)

    def end(self) -> None:
        """Wait until it is over."""
        if self._is_timed:
            self._ended.set()
        if self._run is not None:
            self._run.result()

    def _should_stop(self) -> bool:
        if self._is_timed:
            self._ended.wait(3 * (time.thread_time() - self._seconds))
            self._seconds = time.thread_time()
        return self._ended.is_set() or bool(self._stop[0])

    def _keep(self, found: Bound) -> None:
        self.best = found


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
    ) -> None:
        self.problem = problem = goals.problem
        self.goals = goals
        self.seconds = seconds
        self.seed = seed
        self.on_progress = on_progress
        self.should_stop = should_stop
        self.iterations = iterations
        self.begun = time.perf_counter()
        self.urgency = urgency_of(problem)
        self.bound, self.bound_origin = path_bound(problem), "path"
        self.exact: ExactSearch | None = None
        self.best: Solution | None = None
        self.base: Solution | None = None
        self.best_rule = GRID[0]
        self.moves = 0
        self.stop = np.zeros(1, np.int32)
        self.bounding = _Bounding(self.stop, iterations is None)

    @property
    def elapsed(self) -> float:
        """Seconds since the call."""
        return time.perf_counter() - self.begun

    def is_over(self, share: float = 1.0) -> bool:
        """Whether a share of the time is used up or the caller wants to stop."""
        if self.should_stop():
            self.stop[0] = 1
        if self.stop[0]:
            return True
        return self.iterations is None and self.elapsed >= share * self.seconds

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

    def offer(self, solution: Solution, stage: str) -> bool:
        """Keep a plan if it is better than the best; says so if it is."""
        finished = self.goals.finished(solution)
        if self.best is not None and self.goals.key(finished) >= self.goals.key(self.best):
            return False
        self.base, self.best = solution, self._bounded(finished)
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

    def dispatch_first(self) -> Solution:
        """The first plan, shown at once."""
        self.offer(by_time(dispatch(self.problem, self.urgency, GRID[0])), "dispatch")
        return self.best_or_fail()

    def dispatch_grid(self) -> None:
        """The other rules of the grid, as long as they take a small share of the time."""
        for rule in GRID[1:]:
            if self.is_over(2 * TUNE_SHARE):
                return
            if self.offer(by_time(dispatch(self.problem, self.urgency, rule)), "dispatch"):
                self.best_rule = rule

    def dispatch_again(self, present: Solution) -> None:
        """Dispatch by present starts: machines of one kind then share what happened to one."""
        wish = self.urgency._replace(latest_start=present.run_start)
        for scale in (0.05, 0.3, 1.0, 3.0):
            for setup in (1.0, 4.0):
                if self.is_over():
                    return
                rule = Rule(scale, setup, 0.5, 2.5)
                self.offer(by_time(dispatch(self.problem, wish, rule)), "repair")

    def tune(self) -> None:
        """Change the best rule a little, again and again, and keep what is better."""
        random = np.random.default_rng(self.seed)
        rounds = 40
        while rounds > 0 and not self.is_over(2 * TUNE_SHARE):
            rounds -= self.iterations is not None
            factors = np.exp(random.normal(0.0, 0.35, 4) * (random.random(4) < 0.6))
            rule = Rule(*(float(f) for f in np.array(self.best_rule) * factors))
            if self.offer(by_time(dispatch(self.problem, self.urgency, rule)), "dispatch"):
                self.best_rule = rule

    def anneal(self, workers: int, kept: Solution | None = None) -> None:
        """Walks in threads, round by round; from time to time all go on from the best plan."""
        best, base = self.best_or_fail(), self.base_or_fail()
        seeds = [self.seed * 101 + n for n in range(workers)]
        walks = [new_round_walk(self.goals, base, seed, self.stop) for seed in seeds]
        dear = max(SETUP_PRICE, *self.goals.yardstick.price[[SETUP, DISLIKED]])
        hot = max(3 * dear, 0.15 * best.value / max(1, _late_lines(self.problem, best)))
        if kept is not None:
            hot = min(hot, 10.0 * MOVE_WEIGHT)
            for walk in walks:
                walk.keep_near(kept)
        begun, rounds, meeting = self.elapsed, 0, 0
        with ThreadPoolExecutor(workers) as pool:
            while not self.is_over():
                share = self._share(begun, rounds)
                if share >= 1.0:
                    break
                heat = hot * 30.0**-share
                if share > EXACT_FROM and kept is None and self._start_exact() and len(walks) > 1:
                    walks.pop()
                self._round(pool, walks, heat)
                self._hear_bounding()
                self._hear_exact()
                rounds += 1
                if int(share * MEETINGS) > meeting:
                    meeting = int(share * MEETINGS)
                    for walk in walks:
                        walk.go_on_from(self.base_or_fail())

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
        if not self.goals.is_lateness_first:
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

    def _round(self, pool: ThreadPoolExecutor, walks: Sequence[RoundWalk], heat: float) -> None:
        is_timed = self.iterations is None
        running = [pool.submit(walk.run, heat, is_timed) for walk in walks]
        while wait(running, timeout=0.05).not_done:
            self.is_over()
        for result in running:
            self.moves += result.result()
        for walk in walks:
            if walk.best_key() < self.goals.walk_key(self.best_or_fail()):
                self.offer(walk.best_solution(), "search")
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
        repair(problem, solution, seconds=60, workers=1, iterations=1)
        stopped = stop_machine(problem, problem.machine_ids[0], 0, 600)
        mend(stopped, solution, seconds=60, workers=1, iterations=1)
        goals = goals_of(problem, plan, LEAN)
        goals.finished(solution)
        walk = new_round_walk(goals, solution, 1, np.zeros(1, np.int32))
        walk.go_on_from(walk.best_solution())
        setups_on(problem.tables, 0, np.zeros(1, np.int32), np.zeros((2, 1), np.int32))

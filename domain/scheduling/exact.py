"""The exact model beside the walks: what is small enough is also given to CP-SAT."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from threading import Lock

import numpy as np

from domain.scheduling.problem import Problem, Solution

SMALL = 60
"""Operations up to which a model of the whole factory pays.

Within ten seconds it often raises the bound up to here, and now and then finds a better plan; with
100 operations it finds nothing that the walks do not, and takes their processor.
"""

PATIENCE_SECONDS = 0.12


class ExactSearch:
    """A thread that looks for better plans and for the proof that there are none."""

    def __init__(self, problem: Problem, known: Solution, seconds: float, seed: int) -> None:
        self._problem, self._known = problem, known
        self._seconds, self._seed = seconds, seed
        self._stop = np.zeros(1, np.int32)
        self._lock = Lock()
        self._best, self._bound = known, 0
        self._pool = ThreadPoolExecutor(1, "exact")
        self._run = self._pool.submit(self._search)

    @property
    def is_running(self) -> bool:
        """Whether there may be more to come."""
        return not self._run.done()

    def news(self) -> tuple[Solution, int]:
        """The best plan and the best bound so far."""
        with self._lock:
            return self._best, self._bound

    def end(self) -> None:
        """Stop; what does not end within a tenth of a second ends later by itself, unheard."""
        self._stop[0] = 1
        self._pool.shutdown(wait=False)
        if wait([self._run], timeout=PATIENCE_SECONDS).done:
            self._run.result()

    def _search(self) -> None:
        # Loading the solver takes longer than a first plan, and most factories never need it.
        from domain.scheduling.cpsat.factory import prove_factory

        prove_factory(
            self._problem,
            self._known,
            seconds=self._seconds,
            seed=self._seed,
            stop=self._stop,
            on_plan=self._keep_plan,
            on_bound=self._keep_bound,
        )

    def _keep_plan(self, found: Solution) -> None:
        with self._lock:
            if found.is_better_than(self._best):
                self._best = found

    def _keep_bound(self, bound: int) -> None:
        with self._lock:
            self._bound = max(self._bound, bound)

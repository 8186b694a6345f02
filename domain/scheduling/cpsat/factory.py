"""Small factories: proofs and the last few per cent from CP-SAT."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from ortools.sat.python import cp_model

from domain.scheduling.compiled import I32
from domain.scheduling.cpsat.factory_model import FactoryModel
from domain.scheduling.cpsat.run import solve_until
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.right_shift import right_shift
from domain.scheduling.worktime import minute_of


def prove_factory(
    problem: Problem,
    known: Solution,
    *,
    seconds: float,
    seed: int,
    stop: I32,
    on_plan: Callable[[Solution], None],
    on_bound: Callable[[int], None],
) -> None:
    """Look for better plans and a bound until the time is up or `stop[0]` is set.

    Args:
        problem: What to plan.
        known: A plan; only better ones are looked for.
        seconds: Time limit.
        seed: For the solver's random choices.
        stop: Set its first element to end the search within a tenth of a second.
        on_plan: Told every plan found, decoded, from the solver's own thread.
        on_bound: Told every better bound on the weighted lateness, also from there.
    """
    built = FactoryModel(problem, known)
    if stop[0]:
        return
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.max_time_in_seconds = seconds
    parameters.num_workers = 1
    parameters.random_seed = seed % 2**31
    solver.best_bound_callback = lambda bound: on_bound(int(np.ceil(bound - 1e-6)))
    status = solve_until(solver, built.model, _Listener(built, on_plan), stop)
    if status == cp_model.OPTIMAL:
        on_bound(round(solver.objective_value))


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, built: FactoryModel, on_plan: Callable[[Solution], None]) -> None:
        super().__init__()
        self._built, self._on_plan = built, on_plan

    def on_solution_callback(self) -> None:
        """Called by the solver for every better plan."""
        self._on_plan(_plan_in(self._built, self.value))


def _plan_in(built: FactoryModel, value_of: Callable[[cp_model.LinearExprT], int]) -> Solution:
    """A found solution, decoded under all rules."""
    start, chosen = built.known.run_start.copy(), built.known.alternative.copy()
    for op in built.ops:
        start[op] = value_of(built.start[op])
    tables = built.problem.tables
    for alt, used in built.chosen.items():
        if not value_of(used):
            continue
        op = tables.alt_op[alt]
        chosen[op] = alt
        if op not in built.start:
            calendar = int(tables.machine_calendar[tables.alt_machine[alt]])
            start[op] = minute_of(tables.worktime, calendar, value_of(built.work[alt]))
    place = np.zeros(len(start), np.int32)
    place[built.known.order] = np.arange(len(place), dtype=np.int32)
    order = np.lexsort((place, start)).astype(np.int32)
    crew = np.full_like(built.known.crew, -1)
    found = replace(built.known, order=order, alternative=chosen, run_start=start, crew=crew)
    return right_shift(built.problem, found)

"""Machine sequences where work holds operators, or must not wait long for what comes after it.

Sequences know the operators' shifts but not who is busy elsewhere, and nothing of what begins later
for the sake of others. So a walk on them goes in legs: each starts from an exactly decoded plan, in
which whatever waited may not start any earlier, and what it finds is decoded exactly again.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from dataclasses import replace

import numpy as np

from domain.scheduling.chains import Chains, load_order, order_by_time, order_of_sequences
from domain.scheduling.compiled import I32, lean
from domain.scheduling.decode import decode, earliest_work, place_after, place_with_crew
from domain.scheduling.problem import Problem, Solution, Tables, setup_between
from domain.scheduling.search import Walk, keep_best, new_walk
from domain.scheduling.worktime import minute_of, work_before


class MannedWalk:
    """A walk on sequences, its legs, and their way back to exact plans.

    Attributes:
        eased: The problem that the walk sees.
        walk: Where it is.
        held: How many operations wait for crews or others in the plan that the leg began with.
    """

    def __init__(self, problem: Problem, start: Solution, seed: int) -> None:
        self._problem = problem
        release = problem.tables.release.copy()
        self.eased = replace(problem, tables=problem.tables._replace(release=release))
        self.walk: Walk = new_walk(self.eased, start, seed)
        self.held = 0
        self.begin(start)

    def begin(self, solution: Solution) -> None:
        """Start a leg from an exact plan."""
        tables, chains = self.eased.tables, self.walk.chains
        tables.release[:] = self._problem.tables.release
        last = np.full(self._problem.machine_count, -1, np.int32)
        order, alternative = solution.order, solution.alternative
        starts, ends = solution.run_start, solution.end
        self.held = int(_hold(tables, chains, order, alternative, starts, ends, last))
        load_order(tables, chains, order, alternative)
        keep_best(self.walk)

    def here(self) -> Solution:
        """The exact plan of where the walk is."""
        return decode(self._problem, self._order(), self.walk.chains.alternative)

    def best(self) -> Solution:
        """The exact plan of the best of this leg."""
        walk, tables = self.walk, self.eased.tables
        back, alternative = self._order(), walk.chains.alternative.copy()
        follower, missing, order = np.zeros((3, self._problem.operation_count), np.int32)
        sequence, size = walk.best_sequence, walk.best_size
        order_of_sequences(tables, walk.chains, sequence, size, follower, missing, order)
        load_order(tables, walk.chains, order, walk.best_alternative)
        found = self.here()
        load_order(tables, walk.chains, back, alternative)
        return found

    def _order(self) -> I32:
        """All operations in order of time: who comes first gets the operators."""
        missing, order = np.zeros((2, self._problem.operation_count), np.int32)
        order_by_time(self.eased.tables, self.walk.chains, missing, order)
        return order


@lean
def _hold(
    tables: Tables,
    chains: Chains,
    order: I32,
    alternative: I32,
    run_start: I32,
    end: I32,
    last: I32,
) -> int:
    """Release what waits for busy operators, or for others, at its start; returns how many do."""
    held = 0
    for at in range(order.size):
        op = order[at]
        alt = alternative[op]
        if alt < 0:
            if tables.is_limited[op]:
                tables.release[op] = run_start[op]
            continue
        machine = tables.alt_machine[alt]
        before = last[machine]
        last[machine] = op
        if tables.crew_size[op] == 0 and tables.is_limited[op] == 0:
            continue
        is_joined = tables.is_shared[op] and before >= 0 and run_start[before] == run_start[op]
        if is_joined and end[before] == end[op]:
            continue
        calendar = tables.machine_calendar[machine]
        setup = setup_between(tables, machine, before, op)
        free = work_before(tables.worktime, calendar, end[before]) if before >= 0 else 0
        ready = earliest_work(tables, op, alt, alternative, run_start, end)
        work = place_after(tables, op, alt, ready, free, setup)
        if tables.crew_size[op] > 0:
            work = place_with_crew(tables, op, alt, work, setup, chains.idle)
        if minute_of(tables.worktime, calendar, work) < run_start[op]:
            tables.release[op] = run_start[op]
            held += 1
    return held

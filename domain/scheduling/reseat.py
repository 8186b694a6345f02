"""Put what can no longer be where it is planned into gaps, so that little else moves."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from domain.scheduling.compiled import I32
from domain.scheduling.gaps import Gaps
from domain.scheduling.hits import is_too_early
from domain.scheduling.problem import NONE, Problem, Solution
from domain.scheduling.right_shift import right_shift


class Reseat(Gaps):
    """A plan out of which operations are taken and put elsewhere, with what has to follow them.

    Operations that are not in the plan's order are new.
    """

    def __init__(self, problem: Problem, present: Solution) -> None:
        super().__init__(problem, present, problem.operation_count)
        self._starts = _starts(problem, present)

    def reseat(self, hit: npt.NDArray[np.bool_]) -> list[Solution]:
        """The plan with these operations in gaps, and those after them that then come too early.

        Twice: with the others where they are, and closed up.
        """
        tables, starts, plan = self._tables, self._starts, self._plan
        new = np.setdiff1d(np.arange(len(starts)), plan.order)
        self._plan = replace(plan, order=np.concatenate((plan.order, new)).astype(np.int32))
        queue = [(int(starts[op]), int(op)) for op in np.flatnonzero(hit)]
        taken = {op for _, op in queue}
        for op in taken - set(new.tolist()):
            self._lift(op)
        heapq.heapify(queue)
        while queue:
            _, op = heapq.heappop(queue)
            self._put(op)
            for at in range(tables.next_first[op], tables.next_first[op + 1]):
                after = int(tables.next_op[at])
                if after in taken or not self._comes_too_early(after):
                    continue
                taken.add(after)
                self._lift(after)
                heapq.heappush(queue, (int(starts[after]), after))
        found = self._by_start()
        return [right_shift(self._problem, found, is_held=held) for held in (True, False)]

    def _lift(self, op: int) -> None:
        """Take an operation off its machine and its people off it."""
        plan, tables = self._plan, self._tables
        alt = int(plan.alternative[op])
        if alt < 0:
            return
        self._leave_batch(op, alt)
        stretch = (int(plan.setup_start[op]), int(plan.end[op]))
        for place in range(tables.crew_size[op]):
            if plan.crew[op, place] >= 0:
                self._busy[int(plan.crew[op, place])].remove(stretch)
            plan.crew[op, place] = NONE

    def _leave_batch(self, op: int, alt: int) -> None:
        """Give the machine's time back, or leave it to those who still run in it."""
        plan, loads = self._plan, self._loads
        leader, load = int(plan.head[op]), int(self._tables.alt_load[alt])
        plan.head[op] = op
        if leader != op:
            loads[leader] -= load
            return
        line = self._lines[int(self._tables.alt_machine[alt])]
        at = next(at for at, entry in enumerate(line) if entry[0] == op)
        mates = np.flatnonzero(plan.head == op)
        mates = mates[mates != op]
        if not len(mates):
            del line[at]
            return
        plan.head[mates] = line[at][0] = first = int(mates[0])
        loads[first] = loads.pop(op) - load

    def _comes_too_early(self, op: int) -> bool:
        plan, tables = self._plan, self._tables
        if tables.pin[op] >= 0:
            return False
        return bool(is_too_early(tables, op, plan.alternative, plan.run_start, plan.end))

    def _by_start(self) -> Solution:
        plan = self._plan
        place = np.zeros(len(plan.order), np.int32)
        place[plan.order] = np.arange(len(place), dtype=np.int32)
        return replace(plan, order=np.lexsort((place, plan.run_start)).astype(np.int32))


def _starts(problem: Problem, present: Solution) -> I32:
    """Run starts as they were; what is new starts once material and those before it let it."""
    tables, starts = problem.tables, present.run_start.copy()
    is_new = np.ones(len(starts), np.bool_)
    is_new[present.order] = False
    for op in np.flatnonzero(is_new):
        before = tables.edge_from[tables.edge_first[op] : tables.edge_first[op + 1]]
        starts[op] = max(int(tables.release[op]), *starts[before].tolist(), 0)
    return starts

"""Small factories as one exact CP-SAT model, for proofs and for the last few per cent.

Every rule that the model leaves out makes it easier, never harder, so that its bound holds: people
and tools count by kind and without their shifts, setups of `fit` work may be interrupted, transfer
batches ignore pauses. What it finds is decoded under all rules before anybody sees it.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

import numpy as np
from ortools.sat.python import cp_model

from domain.scheduling.bounds import earliest_ends
from domain.scheduling.compiled import I32
from domain.scheduling.problem import Problem, Solution, Tables, setups_on
from domain.scheduling.worktime import FAR, work_before


class FactoryModel:
    """Working minutes of every operation, and minutes of those that an order line waits for."""

    def __init__(self, problem: Problem, known: Solution) -> None:
        self.problem, self.known = problem, known
        self.model = cp_model.CpModel()
        self.latest = _latest_ends(problem, known.value)
        self.earliest = earliest_ends(problem)
        self.ops = [int(op) for op in np.flatnonzero(self.latest < FAR)]
        self.start: dict[int, cp_model.IntVar] = {}
        self.end: dict[int, cp_model.IntVar] = {}
        self.chosen: dict[int, cp_model.IntVar] = {}
        self.work: dict[int, cp_model.IntVar] = {}
        for op in range(problem.operation_count):
            if self.latest[op] < FAR:
                self._add_operation(op)
            elif problem.tables.elapsed[op] < 0:
                self._add_work_for_nobody(op)
        for op in self.ops:
            self._add_waits(op)
        for machine in range(problem.machine_count):
            self._add_machine(machine)
        self._add_people()
        self._add_objective()

    def _hint(self, variable: cp_model.IntVar, value: int) -> cp_model.IntVar:
        self.model.add_hint(variable, value)
        return variable

    def _add_operation(self, op: int) -> None:
        tables, model = self.problem.tables, self.model
        ready = int(max(tables.release[op], tables.pin[op], tables.opening[op], 0))
        high = int(self.latest[op])
        self.start[op] = self._hint(
            model.new_int_var(ready, high, ""), int(self.known.run_start[op])
        )
        low = int(self.earliest[op])
        self.end[op] = self._hint(model.new_int_var(low, high, ""), int(self.known.end[op]))
        if tables.elapsed[op] >= 0:
            model.add(self.end[op] == self.start[op] + int(tables.elapsed[op]))
            return
        for alt in self._choice(op):
            self._add_alternative(op, alt, ready)

    def _choice(self, op: int) -> range:
        tables = self.problem.tables
        alternatives = range(tables.alt_first[op], tables.alt_first[op + 1])
        for alt in alternatives:
            used = self.model.new_bool_var("")
            self.chosen[alt] = self._hint(used, int(self.known.alternative[op] == alt))
        self.model.add_exactly_one(self.chosen[alt] for alt in alternatives)
        return alternatives

    def _add_work_for_nobody(self, op: int) -> None:
        """It counts for the setups around it, at whatever time."""
        for alt in self._choice(op):
            self.work[alt] = self.model.new_int_var(0, FAR, "")
            self._hint_work(op, alt)

    def _hint_work(self, op: int, alt: int) -> None:
        tables = self.problem.tables
        if self.known.alternative[op] == alt:
            calendar = int(tables.machine_calendar[tables.alt_machine[alt]])
            begun = work_before(tables.worktime, calendar, int(self.known.run_start[op]))
            self.model.add_hint(self.work[alt], int(begun))

    def _add_alternative(self, op: int, alt: int, ready: int) -> None:
        """Tie minutes to the working minutes of the alternative's machine, if it is chosen."""
        tables, model, used = self.problem.tables, self.model, self.chosen[alt]
        calendar = int(tables.machine_calendar[tables.alt_machine[alt]])
        run = int(tables.alt_run[alt])
        low = int(work_before(tables.worktime, calendar, ready))
        high = int(work_before(tables.worktime, calendar, int(self.latest[op])))
        if high - run < low:
            model.add(used == 0)
            self.work[alt] = model.new_constant(low)
            return
        work = self.work[alt] = model.new_int_var(low, high - run, "")
        self._hint_work(op, alt)
        pieces = _pieces(tables, calendar, low, high)
        self._map(work, self.start[op], pieces, used)
        self._map(work + run, self.end[op], pieces, used)
        model.add(self.end[op] >= self.start[op] + run).only_enforce_if(used)
        if tables.fit[op]:
            model.add(self.end[op] == self.start[op] + run).only_enforce_if(used)

    def _map(
        self,
        work: cp_model.LinearExprT,
        minute: cp_model.IntVar,
        pieces: list[tuple[int, int, int]],
        used: cp_model.IntVar,
    ) -> None:
        """`minute` is the minute of `work`, in one of the calendar's intervals."""
        model = self.model
        if len(pieces) == 1:
            model.add(minute == work + pieces[0][2]).only_enforce_if(used)
            return
        literals = [model.new_bool_var("") for _ in pieces]
        model.add_exactly_one(*literals, used.negated())
        for literal, (low, high, shift) in zip(literals, pieces, strict=True):
            model.add_linear_constraint(work, low, high).only_enforce_if(literal)
            model.add(minute == work + shift).only_enforce_if(literal)

    def _add_waits(self, op: int) -> None:
        tables, model = self.problem.tables, self.model
        for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
            before, wait = int(tables.edge_from[edge]), int(tables.edge_wait[edge])
            if tables.edge_most[edge] >= 0:
                model.add(self.start[op] <= self.end[before] + int(tables.edge_most[edge]))
            if not tables.edge_overlap[edge]:
                model.add(self.start[op] >= self.end[before] + wait)
                continue
            model.add(self.start[op] >= self.start[before] + wait)
            model.add(self.end[op] >= self.end[before] + wait)

    def _add_machine(self, machine: int) -> None:
        tables, model = self.problem.tables, self.model
        alternatives = [
            int(alt)
            for alt in np.flatnonzero(tables.alt_machine == machine)
            if int(alt) in self.chosen
        ]
        model.add_no_overlap(
            model.new_optional_fixed_size_interval_var(
                self.work[alt], int(tables.alt_run[alt]), self.chosen[alt], ""
            )
            for alt in alternatives
        )
        ops = tables.alt_op[alternatives].astype(np.int32)
        setups = np.zeros((len(ops) + 1, len(ops)), np.int32)
        setups_on(tables, machine, ops, setups)
        if setups.any():
            self._add_circuit(alternatives, setups)

    def _add_circuit(self, alternatives: list[int], setups: I32) -> None:
        """The order on a machine as a circuit through node 0, its two ends."""
        tables, model = self.problem.tables, self.model
        follower = _followers(self.known, alternatives)
        empty = self._hint(model.new_bool_var(""), int(not follower))
        arcs: list[tuple[int, int, cp_model.LiteralT]] = [(0, 0, empty)]
        followed = set(follower.values())
        for i, before in enumerate(alternatives, 1):
            owner = int(tables.alt_op[before])
            is_used = self.known.alternative[owner] == before
            first = self._hint(model.new_bool_var(""), int(is_used and before not in followed))
            model.add(self.work[before] >= int(setups[0, i - 1])).only_enforce_if(first)
            last = self._hint(model.new_bool_var(""), int(is_used and follower[before] < 0))
            arcs += [(0, i, first), (i, 0, last), (i, i, self.chosen[before].negated())]
            for k, after in enumerate(alternatives, 1):
                if i == k or owner == tables.alt_op[after] or not self._may_follow(before, after):
                    continue
                is_next = is_used and follower[before] == after
                literal = self._hint(model.new_bool_var(""), int(is_next))
                arcs.append((i, k, literal))
                length = int(tables.alt_run[before] + setups[i, k - 1])
                model.add(self.work[after] >= self.work[before] + length).only_enforce_if(literal)
        model.add_circuit(arcs)

    def _may_follow(self, before: int, after: int) -> bool:
        tables = self.problem.tables
        first, second = int(tables.alt_op[before]), int(tables.alt_op[after])
        return bool(self.earliest[first] <= self.latest[second])

    def _add_people(self) -> None:
        """Never more people of a skill, or units of a tool, at once than there are."""
        tables, model = self.problem.tables, self.model
        spans: dict[int, list[tuple[cp_model.IntervalVar, int]]] = {}
        for op in self.ops:
            needs = range(tables.need_first[op], tables.need_first[op + 1])
            for need in needs:
                span = model.new_interval_var(
                    self.start[op], model.new_int_var(0, FAR, ""), self.end[op], ""
                )
                crew = int(tables.need_crew[need])
                spans.setdefault(crew, []).append((span, int(tables.need_size[need])))
        for crew, held in spans.items():
            people = int(tables.crew_first[crew + 1] - tables.crew_first[crew])
            model.add_cumulative([span for span, _ in held], [size for _, size in held], people)

    def _add_objective(self) -> None:
        tables, model = self.problem.tables, self.model
        costs: list[cp_model.LinearExprT] = []
        for line in range(len(tables.line_due)):
            due, weight = int(tables.line_due[line]), int(tables.line_weight[line])
            ops = tables.line_op[tables.line_first[line] : tables.line_first[line + 1]]
            floor = max(0, int(tables.line_floor[line]) - due)
            late = model.new_int_var(floor, max(floor, _most_late(self.known.value, weight)), "")
            for op in ops:
                model.add(late >= self.end[int(op)] - due)
            now = max([floor, *(int(self.known.end[op]) - due for op in ops)])
            model.add_hint(late, now)
            costs.append(late * weight)
        model.minimize(sum(costs))


def _most_late(value: int, weight: int) -> int:
    """A line that is later makes any plan worse than one of this value."""
    return value // weight if weight > 0 else FAR // 4


def _latest_ends(problem: Problem, value: int) -> I32:
    """Minute after which an operation can not end in a better plan; FAR: no line waits for it."""
    tables = problem.tables
    latest = np.full(problem.operation_count, FAR, np.int64)
    for op in range(problem.operation_count - 1, -1, -1):
        for line in tables.serves_line[tables.serves_first[op] : tables.serves_first[op + 1]]:
            late = _most_late(value, int(tables.line_weight[line]))
            latest[op] = min(latest[op], int(tables.line_due[line]) + late)
        if latest[op] == FAR:
            continue
        runs = tables.alt_run[tables.alt_first[op] : tables.alt_first[op + 1]]
        least = int(tables.elapsed[op]) if tables.elapsed[op] >= 0 else int(runs.min())
        for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
            before, wait = tables.edge_from[edge], int(tables.edge_wait[edge])
            length = 0 if tables.edge_overlap[edge] else least
            latest[before] = min(latest[before], latest[op] - wait - length)
    return latest.astype(np.int32)


def _pieces(tables: Tables, calendar: int, low: int, high: int) -> list[tuple[int, int, int]]:
    """The calendar's intervals that hold working minutes `low` to `high`, and how far off."""
    worktime = tables.worktime
    at = int(worktime.minute_hint[worktime.minute_first[calendar]])
    found: list[tuple[int, int, int]] = []
    while worktime.before[at] <= high:
        first, limit = int(worktime.before[at]), int(worktime.before[at + 1])
        if limit >= low:
            found.append((first, limit, int(worktime.opens[at]) - first))
        at += 1
    return found


def _followers(known: Solution, alternatives: list[int]) -> dict[int, int]:
    """The alternatives of a machine that a plan uses, each with the next one; -1 for the last."""
    wanted = set(alternatives)
    used = [int(alt) for alt in known.alternative[known.order] if int(alt) in wanted]
    return dict(zip(used, [*used[1:], -1], strict=False))

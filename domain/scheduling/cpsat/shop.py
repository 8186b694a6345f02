"""Job shops as one CP-SAT model."""

from collections.abc import Callable
from typing import cast

import numpy as np
from ortools.sat.python import cp_model

from domain.scheduling.compiled import I32
from domain.scheduling.cpsat.run import solve_until
from domain.scheduling.shop import Shop, ShopPlan
from domain.scheduling.shop_bounds import heads_and_tails


class _ShopModel:
    """Optional intervals per option, one line per machine, the objective of the shop."""

    def __init__(self, shop: Shop, lower: int, hint: ShopPlan) -> None:
        self.shop = shop
        self.model = cp_model.CpModel()
        self.hint = hint
        self.starts: list[cp_model.IntVar] = []
        self.ends: list[cp_model.LinearExprT] = []
        self.used: list[cp_model.LiteralT] = [False] * len(shop.option_machine)
        self.lines: list[list[tuple[cp_model.IntervalVar, int]]] = [
            [] for _ in range(shop.machine_count)
        ]
        self.horizon = self._horizon()
        self._add_operations()
        self._add_lines()
        self._add_objective(lower)

    def _horizon(self) -> int:
        """No optimal plan ends later: for makespans the known plan, else everything in a row."""
        if not self.shop.minimizes_tardiness:
            return self.hint.value
        slowest = np.maximum.reduceat(self.shop.option_duration, self.shop.option_start[:-1])
        setups = self.shop.setups.max(axis=(0, 1)).sum() if self.shop.has_setups else 0
        return int(slowest.sum() + setups)

    def _add_operations(self) -> None:
        shop, model = self.shop, self.model
        heads, tails = heads_and_tails(shop)
        fastest = shop.fastest()
        for operation in range(shop.operation_count):
            latest = self.horizon - int(tails[operation]) - int(fastest[operation])
            start = model.new_int_var(int(heads[operation]), latest, "")
            model.add_hint(start, int(self.hint.starts[operation]))
            self.starts.append(start)
            self.ends.append(self._add_options(operation, start))
        for job in range(shop.job_count):
            for operation in range(shop.job_start[job] + 1, shop.job_start[job + 1]):
                model.add(self.starts[operation] >= self.ends[operation - 1])

    def _add_options(self, operation: int, start: cp_model.IntVar) -> cp_model.LinearExprT:
        shop, model = self.shop, self.model
        first, stop = int(shop.option_start[operation]), int(shop.option_start[operation + 1])
        lengths = [int(minutes) for minutes in shop.option_duration[first:stop]]
        if stop - first == 1:
            self.used[first] = True
            interval = model.new_fixed_size_interval_var(start, lengths[0], "")
            self.lines[shop.option_machine[first]].append((interval, first))
            return start + lengths[0]
        literals = [model.new_bool_var("") for _ in lengths]
        model.add_exactly_one(literals)
        for option, literal, minutes in zip(range(first, stop), literals, lengths, strict=True):
            machine = int(shop.option_machine[option])
            interval = model.new_optional_fixed_size_interval_var(start, minutes, literal, "")
            self.lines[machine].append((interval, option))
            self.used[option] = literal
            model.add_hint(literal, machine == int(self.hint.machines[operation]))
        pairs = zip(literals, lengths, strict=True)
        return start + sum(literal * minutes for literal, minutes in pairs)

    def _add_lines(self) -> None:
        for machine, line in enumerate(self.lines):
            self.model.add_no_overlap([interval for interval, _ in line])
            if self.shop.has_setups and len(line) > 1:
                self._add_circuit(machine, [option for _, option in line])

    def _add_circuit(self, machine: int, options: list[int]) -> None:
        """The order on one machine as a circuit, so that setups are part of the model."""
        model, owner = self.model, self._owners()
        none_used = model.new_bool_var("")
        arcs: list[tuple[int, int, cp_model.LiteralT]] = [(0, 0, none_used)]
        for i, before in enumerate(options, 1):
            used = self.used[before]
            arcs.append((0, i, model.new_bool_var("")))
            arcs.append((i, 0, model.new_bool_var("")))
            if used is not True:
                arcs.append((i, i, cast("cp_model.IntVar", used).negated()))
            for k, after in enumerate(options, 1):
                minutes = int(self.shop.setups[machine, owner[before], owner[after]])
                if i == k or minutes < 0 or self._same_job_later(owner[before], owner[after]):
                    continue
                literal = model.new_bool_var("")
                arcs.append((i, k, literal))
                length = int(self.shop.option_duration[before]) + minutes
                model.add(
                    self.starts[owner[after]] >= self.starts[owner[before]] + length
                ).only_enforce_if(literal)
        model.add_circuit(arcs)

    def _owners(self) -> list[int]:
        counts = np.diff(self.shop.option_start)
        return np.repeat(np.arange(self.shop.operation_count), counts).tolist()

    def _same_job_later(self, before: int, after: int) -> bool:
        jobs = np.searchsorted(self.shop.job_start, [before, after], side="right")
        return bool(jobs[0] == jobs[1]) and before > after

    def _add_objective(self, lower: int) -> None:
        shop, model = self.shop, self.model
        last = [self.ends[int(stop) - 1] for stop in shop.job_start[1:]]
        if not shop.minimizes_tardiness:
            longest = model.new_int_var(lower, self.horizon, "")
            for end in last:
                model.add(longest >= end)
            model.add_hint(longest, self.hint.value)
            model.minimize(longest)
            return
        total: list[cp_model.LinearExprT] = []
        for end, due, weight in zip(last, shop.due.tolist(), shop.weight.tolist(), strict=True):
            late = model.new_int_var(0, max(0, self.horizon - due), "")
            model.add(late >= end - due)
            total.append(late * weight)
        model.minimize(sum(total))

    def plan(self, value_of: Callable[[cp_model.LinearExprT], int]) -> ShopPlan:
        """The plan in a solution."""
        shop = self.shop
        starts = np.array([value_of(start) for start in self.starts], np.int64)
        machines = np.zeros(shop.operation_count, np.int32)
        ends = starts.copy()
        for option, owner in enumerate(self._owners()):
            used = self.used[option]
            if used is True or value_of(cast("cp_model.IntVar", used)) == 1:
                machines[owner] = shop.option_machine[option]
                ends[owner] = starts[owner] + shop.option_duration[option]
        return ShopPlan(shop.value_of(ends), starts, machines)


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, shop_model: _ShopModel, on_plan: Callable[[ShopPlan], None]) -> None:
        super().__init__()
        self._shop_model = shop_model
        self._on_plan = on_plan

    def on_solution_callback(self) -> None:
        """Called by the solver for every better plan."""
        self._on_plan(self._shop_model.plan(self.value))


def prove_shop(
    shop: Shop,
    *,
    hint: ShopPlan,
    lower: int,
    seconds: float,
    seed: int,
    stop: I32,
    on_plan: Callable[[ShopPlan], None],
    on_bound: Callable[[int], None],
    workers: int = 1,
) -> None:
    """Look for the optimum and a bound of a shop until the time is up or `stop[0]` is set.

    Args:
        shop: The shop.
        hint: A known plan; for makespans only plans at least as good are looked for.
        lower: A known bound on the makespan.
        seconds: Time limit.
        seed: For the solver's random choices.
        stop: Set its first element to end the search within a tenth of a second.
        on_plan: Told every plan that the solver finds, from the solver's own thread.
        on_bound: Told every better bound, the value itself when it is proven.
        workers: Threads of the solver.
    """
    built = _ShopModel(shop, lower, hint)
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.max_time_in_seconds = seconds
    parameters.num_workers = workers
    parameters.random_seed = seed % 2**31
    # On one thread this proves ft10 in 5 s and ta01 in 12 s, where the default portfolio, in turns
    # or not, is still at its first bound: strong disjunctive reasoning, no linear programs, and a
    # search that raises the bound first.
    parameters.linearization_level = 0
    parameters.use_objective_lb_search = True
    parameters.use_strong_propagation_in_disjunctive = True
    parameters.use_dynamic_precedence_in_disjunctive = True
    parameters.use_precedences_in_disjunctive_constraint = True
    solver.best_bound_callback = lambda bound: on_bound(int(np.ceil(bound - 1e-6)))
    status = solve_until(solver, built.model, _Listener(built, on_plan), stop)
    if status == cp_model.OPTIMAL:
        on_plan(built.plan(solver.value))
        on_bound(round(solver.objective_value))

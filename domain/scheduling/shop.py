"""A plain shop: jobs that are chains of operations on machines that are always there.

This is the part of scheduling without calendars, skills or assembly, where published methods and
published best values exist. Times are whole numbers of one unit (a minute in the product).
"""

from dataclasses import dataclass, field
from typing import cast

import numpy as np

from domain.scheduling.compiled import I32, I64


def _no_setups() -> I32:
    return np.zeros((0, 0, 0), np.int32)


def _no_numbers() -> I64:
    return np.zeros(0, np.int64)


@dataclass(frozen=True)
class Shop:
    """Jobs, their operations in order, and where each may run.

    Attributes:
        machine_count: Number of machines, numbered from 0.
        job_start: Operations of job j are `job_start[j]` up to `job_start[j + 1]`, in order.
        option_start: Options of operation o are `option_start[o]` up to `option_start[o + 1]`.
        option_machine: The machine of each option.
        option_duration: Its duration, 0 or more.
        setups: `[machine, before, after]` time between two operations next to each other on a
            machine, with one row and column more than there are operations, both zero (nothing
            ran before); negative where the pair is impossible; empty for a shop without setups.
            With setups every operation must take time.
        due: Due time per job; empty when the objective is the makespan.
        weight: Cost of one unit of tardiness per job, together with `due`.
    """

    machine_count: int
    job_start: I32
    option_start: I32
    option_machine: I32
    option_duration: I32
    setups: I32 = field(default_factory=_no_setups)
    due: I64 = field(default_factory=_no_numbers)
    weight: I64 = field(default_factory=_no_numbers)

    @property
    def operation_count(self) -> int:
        """Number of operations."""
        return int(self.job_start[-1])

    @property
    def job_count(self) -> int:
        """Number of jobs."""
        return len(self.job_start) - 1

    @property
    def is_flexible(self) -> bool:
        """Whether any operation has a choice of machine."""
        return len(self.option_machine) > self.operation_count

    @property
    def has_setups(self) -> bool:
        """Whether the order on a machine costs time."""
        return self.setups.size > 0

    @property
    def minimizes_tardiness(self) -> bool:
        """Whether the objective is weighted tardiness rather than the makespan."""
        return self.due.size > 0

    def fastest(self) -> I64:
        """Shortest duration of every operation over its options."""
        durations = self.option_duration.astype(np.int64)
        return cast("I64", np.minimum.reduceat(durations, self.option_start[:-1]))

    def value_of(self, ends: I64) -> int:
        """Objective of a plan whose operations end at `ends`."""
        finish = ends[self.job_start[1:] - 1]
        if not self.minimizes_tardiness:
            return int(finish.max())
        return int((np.maximum(finish - self.due, 0) * self.weight).sum())


@dataclass(frozen=True)
class ShopPlan:
    """Start and machine of every operation, and what that is worth."""

    value: int
    starts: I64
    machines: I32


@dataclass(frozen=True)
class ShopResult:
    """The best plan found and how far from the optimum it can be.

    Attributes:
        plan: The best plan.
        bound: No plan is better than this.
        bound_origin: Which argument gave the bound.
        first_value: Value of the first plan.
        first_seconds: When it was there, from the call on.
        moves: Moves the local search made.
    """

    plan: ShopPlan
    bound: int
    bound_origin: str
    first_value: int
    first_seconds: float
    moves: int

    @property
    def is_proven(self) -> bool:
        """Whether no plan can be better."""
        return self.plan.value <= self.bound

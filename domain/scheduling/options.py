"""On which machines an operation may run, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from domain.batches import runs_for, sizes
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import Machine
from domain.routings import RoutingMachine, RoutingOperation
from domain.scheduling.batches import load_units
from domain.scheduling.durations import run_minutes
from domain.scheduling.possible import Option
from domain.scheduling.resources import Resources


def piece_load(order: WorkOrder, step: Operation) -> Decimal:
    """What the smallest thing that goes into a furnace takes there: one unit, or all if less."""
    return min(Decimal(1), step.amount(order)) * step.load


class Options:
    """The machines of every routing operation, looked up once."""

    def __init__(self, plan: Plan, resources: Resources) -> None:
        self._plan, self._resources = plan, resources
        self._machines: dict[UUID, list[tuple[int, Fraction]]] = {}

    def of(self, order: WorkOrder, step: Operation, befores: Sequence[Operation]) -> list[Option]:
        """(machine, run, run of the first batch out, of the last batch in, load) of every choice.

        Where batches join, the largest is the last one in.
        """
        quantity = step.amount(order)
        out = quantity if step.part else min(step.transfer_batch or quantity, quantity)
        handed = [before.transfer_batch for before in befores if self.hands_over(before, order)]
        into = max((batch for batch in handed if batch is not None), default=quantity)
        options: list[Option] = []
        for machine, rate in self._eligible(step.routing_operation_id):
            if not self._holds(machine, order, step):
                continue
            if self._resources.machine_capacity[machine] > 0:
                options.append(self._shared_option(order, step, machine, rate))
                continue
            run = run_minutes(quantity, step.run_minutes, rate)
            first = run if out == quantity else run_minutes(out, step.run_minutes, rate)
            last = run if into == quantity else run_minutes(into, step.run_minutes, rate)
            options.append((machine, run, first, last, 0))
        return options

    def _shared_option(
        self, order: WorkOrder, step: Operation, machine: int, rate: Fraction
    ) -> Option:
        """Where several run together: the minutes of one run for each time it is filled."""
        total, capacity = step.amount(order) * step.load, self._resources.capacities[machine]
        run = run_minutes(Decimal(runs_for(total, capacity)), step.run_minutes, rate)
        return machine, run, run, run, load_units(total, capacity)

    def too_small(self, order: WorkOrder, step: Operation) -> str:
        """The machines that one piece is too much for, with what they hold; empty: none is."""
        machines = (at for at, _ in self._eligible(step.routing_operation_id))
        small = [at for at in machines if not self._holds(at, order, step)]
        return sizes(self._plan.need(Machine, self._resources.machine_ids[at]) for at in small)

    def _holds(self, machine: int, order: WorkOrder, step: Operation) -> bool:
        capacity = self._resources.capacities[machine]
        return not capacity or piece_load(order, step) <= capacity

    def is_shared(self, step: Operation) -> bool:
        """Whether one of its machines runs several operations together: then nothing is handed
        over in transfer batches, neither to it nor by it."""
        machines = self._eligible(step.routing_operation_id)
        return any(self._resources.machine_capacity[machine] > 0 for machine, _ in machines)

    def hands_over(self, before: Operation, order: WorkOrder) -> bool:
        """Whether the next operation may start on the first transfer batch."""
        batch = before.transfer_batch
        is_batch = batch is not None and batch < order.quantity
        is_whole = before.subcontract_days is None and before.part == 0
        return is_batch and is_whole and not self.is_shared(before)

    def _eligible(self, routing_id: UUID) -> list[tuple[int, Fraction]]:
        """Machines that may do a routing operation, with efficiency × speed."""
        found = self._machines.get(routing_id)
        if found is not None:
            return found
        step = self._plan.get(RoutingOperation, routing_id)
        named = self._plan.where(RoutingMachine, routing_operation_id=routing_id)
        choices: list[tuple[Machine | None, Decimal]] = [
            (self._plan.get(Machine, row.machine_id), row.speed)
            for row in sorted(named, key=lambda row: row.position)
        ]
        if not choices and step is not None and step.work_center_id is not None:
            center = step.work_center_id
            choices = [(m, Decimal(1)) for m in self._plan.where(Machine, work_center_id=center)]
        found = self._machines[routing_id] = [
            (
                self._resources.machine_index[machine.id],
                Fraction(machine.efficiency) * Fraction(speed),
            )
            for machine, speed in choices
            if machine is not None and machine.efficiency * speed > 0
        ]
        return found

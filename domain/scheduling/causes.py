"""Why an order line is late: the chain of what it waited for, and what took most of it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from datetime import timedelta
from uuid import UUID

from domain.errors import Finding, Severity
from domain.items import Item
from domain.orders import OrderLine
from domain.production import Peg, PlannedOrder, SupplyKind, WorkOrder
from domain.resources import Tool
from domain.scheduling.check_arrivals import Arrivals
from domain.scheduling.check_facts import Facts, Placed

_Amounts = Counter[tuple[str, str]]


class Causes:
    """Follows the critical chain of a line back from its end to the plan's start.

    Every minute of the chain goes to one cause: bought material on its way, the queue for a
    machine, hours in which it does not work, set-up, the work itself, waits, subcontracting.
    """

    def __init__(self, facts: Facts, arrivals: Arrivals) -> None:
        self._facts = facts
        self._arrivals = arrivals
        self._on_machine: dict[UUID, list[Placed]] = {}
        for placed in facts.placed.values():
            if placed.machine is not None:
                self._on_machine.setdefault(placed.machine.id, []).append(placed)
        for line in self._on_machine.values():
            line.sort(key=lambda placed: (placed.setup, placed.end))

    def of(self, line: OrderLine, due: int) -> Finding | None:
        """What took most of the time of a line that is late; None if nothing is known of it."""
        if due <= 0:
            return Finding("cause_due_past", Severity.INFO, (line.id,), {"due_on": line.due_on})
        amounts: _Amounts = Counter()
        peg = self._latest(self._arrivals.pegs(line.id))
        seen: set[UUID] = set()
        while peg is not None and peg.supply_id not in seen:
            seen.add(peg.supply_id)
            peg = self._follow(peg, amounts)
        if not amounts:
            return None
        (code, name), minutes = max(amounts.items(), key=lambda entry: (entry[1], entry[0]))
        params = {"name": name, "time": timedelta(minutes=minutes)}
        return Finding(code, Severity.INFO, (line.id,), params)

    def _latest(self, pegs: list[Peg]) -> Peg | None:
        return max(pegs, key=lambda peg: self._arrivals.of_peg(peg) or 0, default=None)

    def _follow(self, peg: Peg, amounts: _Amounts) -> Peg | None:
        """Count what a supply took; returns what it had to wait for in its turn."""
        plan = self._facts.plan
        if peg.supply_kind is SupplyKind.WORK_ORDER:
            return self._follow_work(plan.need(WorkOrder, peg.supply_id), amounts)
        code = plan.need(Item, peg.item_id).code
        if peg.supply_kind is SupplyKind.PURCHASE:
            amounts["cause_material", code] += self._arrivals.of_peg(peg) or 0
        if peg.supply_kind is SupplyKind.PLANNED_ORDER:
            order = plan.need(PlannedOrder, peg.supply_id)
            start, end = self._arrivals.of_planned_order(order) or (0, 0)
            amounts["cause_material", code] += end - start
            return self._latest(self._arrivals.pegs(order.id))
        return None

    def _follow_work(self, order: WorkOrder, amounts: _Amounts) -> Peg | None:
        facts = self._facts
        pairs = facts.followed(order)
        placed = self._last([step.id for step in facts.finishing(order)])
        while placed is not None:
            before = self._last([one.id for one, other in pairs if other.id == placed.step.id])
            ready = self._handed_over(before, placed) if before is not None else 0
            peg = self._latest(self._components(placed))
            arrival = (self._arrivals.of_peg(peg) or 0) if peg is not None else 0
            earliest = order.earliest_start_at
            opening = facts.minute(earliest) if earliest is not None and before is None else 0
            self._count(placed, max(ready, arrival, opening), amounts)
            if before is None or arrival > ready:
                if opening > arrival:
                    amounts["cause_earliest_start", order.number] += opening
                    return None
                return peg if arrival > 0 else None
            waited = max(0, min(ready, placed.run) - before.end)
            amounts["cause_wait", f"{order.number}/{before.step.number}"] += waited
            placed = before
        return None

    def _last(self, step_ids: list[UUID]) -> Placed | None:
        """The booking of these steps that lets the next one go last; None if one is missing."""
        found = [self._facts.placed.get(step_id) for step_id in step_ids]
        known = [placed for placed in found if placed is not None]
        if len(known) < len(found):
            return None
        return max(known, key=lambda one: one.end + one.step.wait_minutes, default=None)

    def _handed_over(self, before: Placed, placed: Placed) -> int:
        """When an operation may start after the one before it; never after it did start."""
        pause = int(before.step.wait_minutes) + self._facts.way(before, placed)
        return min(before.end + pause, placed.run)

    def _components(self, placed: Placed) -> list[Peg]:
        order = placed.order
        numbers = {step.id: step.number for step in self._facts.steps(order)}
        first = min(numbers.values())
        return [
            peg
            for peg in self._arrivals.pegs(order.id)
            if numbers.get(peg.operation_id or order.id, first) == placed.step.number
        ]

    def _count(self, placed: Placed, ready: int, amounts: _Amounts) -> None:
        """Divide the time from ``ready`` to the end of a booking among its causes."""
        name = f"{placed.order.number}/{placed.step.number}"
        if placed.machine is None:
            amounts["cause_subcontract", name] += placed.end - placed.run
            return
        worked = self._facts.worked(placed.machine)
        machine = placed.machine.code
        work = worked.between(placed.run, placed.end)
        gap = max(0, placed.run - ready)
        awake = worked.between(placed.run - gap, placed.run)
        setup = min(awake, worked.between(placed.setup, placed.run))
        amounts["cause_work", name] += work
        amounts["cause_closed", machine] += placed.end - placed.run - work + gap - awake
        amounts["cause_setup", machine] += setup
        queue = self._missing(placed) if self._was_idle(placed, ready) else None
        amounts[queue or ("cause_queue", machine)] += awake - setup

    def _missing(self, placed: Placed) -> tuple[str, str] | None:
        """What an operation waited for that is not its machine; None: it needs nothing else."""
        if placed.step.skill:
            return "cause_operators", placed.step.skill
        tool = self._facts.plan.get(Tool, placed.step.tool_id)
        return ("cause_tools", tool.code) if tool else None

    def _was_idle(self, placed: Placed, ready: int) -> bool:
        """Whether the machine had nothing to do, so that people or tools were missing."""
        if placed.machine is None:
            return False
        line = self._on_machine[placed.machine.id]
        at = bisect_left(line, (placed.setup, placed.end), key=lambda one: (one.setup, one.end))
        return at == 0 or line[at - 1].end <= ready

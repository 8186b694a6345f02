"""The checker on why held work could not stay where the plan in force had it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import ceil
from uuid import UUID

from domain.errors import Finding, Severity
from domain.items import Item
from domain.orders import PurchaseLine
from domain.production import Operation, Peg, PlannedOrder, SupplyKind, WorkOrder
from domain.resources import Absence, Downtime, Operator
from domain.routings import BreakRule
from domain.scenarios import Booking
from domain.scheduling.check_arrivals import Arrivals
from domain.scheduling.check_facts import Facts, Placed


class Hindrances:
    """What stands where work was: each is a finding that tells of it as a cause."""

    def __init__(self, facts: Facts) -> None:
        self._facts, self._plan = facts, facts.plan
        self._arrivals = Arrivals(facts)

    def of(self, row: Booking, placed: Placed, *, on_machine: bool) -> Finding | None:
        """The first there is, None: it could have stayed.

        Args:
            row: Where the plan in force had it.
            placed: Where it is now.
            on_machine: It only had to stay on its machine, at whatever time.
        """
        machine = self._facts.machine_of(row)
        if machine is not None and not self._facts.may_run_on(placed.step, machine):
            return _cause("held_by_machine", machine=machine.code)
        if on_machine:
            return None
        found = chain(self._stops(row), self._hours(row, placed), self._late(row, placed))
        return next(found, None)

    def by(self, operation_id: UUID) -> Finding:
        """That other held work is in its way."""
        step = self._plan.need(Operation, operation_id)
        order = self._plan.need(WorkOrder, step.work_order_id)
        return _cause("held_by_work", order=order.number, step=step.number)

    def _stops(self, row: Booking) -> Iterator[Finding]:
        """Its machine stands, or somebody is absent."""
        machine = self._facts.machine_of(row)
        for stop in self._plan.where(Downtime, machine_id=row.machine_id):
            if machine is not None and _meets(stop, row):
                times = {"start": stop.start_at, "end": stop.end_at}
                yield _cause("held_by_downtime", machine=machine.code, **times)
        for who in row.operator_ids:
            for away in self._plan.where(Absence, operator_id=who):
                if _meets(away, row):
                    person = self._plan.get(Operator, who)
                    times = {"start": away.start_at, "end": away.end_at}
                    yield _cause("held_by_absence", operator=person.code if person else "", **times)

    def _hours(self, row: Booking, placed: Placed) -> Iterator[Finding]:
        """The hours of its machine are others now."""
        machine = self._facts.machine_of(row)
        if machine is None or row.end_at == row.run_start_at:
            return
        worked = self._facts.worked(machine)
        run, setup = (self._facts.minute(at) for at in (row.run_start_at, row.setup_start_at))
        minutes = placed.run_minutes(placed.quantity) if placed.machine == machine else 0
        is_fit = placed.step.break_rule is BreakRule.FIT and setup >= 0
        if not worked.is_working(run) or (is_fit and worked.rest_of(run) < run + minutes):
            yield _cause("held_by_hours", machine=machine.code)

    def _late(self, row: Booking, placed: Placed) -> Iterator[Finding]:
        """Its parts, or the steps before it, are there only after it was to run."""
        facts, start = self._facts, self._facts.minute(row.run_start_at)
        earliest = placed.order.earliest_start_at
        if earliest is not None and earliest > row.setup_start_at:
            yield _cause("held_by_earliest", earliest=earliest)
        for before, after in facts.followed(placed.order):
            other = facts.placed.get(before.id)
            if after.id != placed.step.id or other is None:
                continue
            ready = other.end + ceil(before.wait_minutes) + facts.way(other, placed)
            if ready > start:
                yield _cause("held_by_step", step=before.number, at=facts.instant(ready))
        for peg in self._arrivals.pegs(placed.order.id):
            minute = self._arrival(peg)
            if minute > max(0, start):
                item = self._plan.need(Item, peg.item_id).code
                yield _cause("held_by_part", item=item, at=facts.instant(minute))

    def _arrival(self, peg: Peg) -> int:
        """When what is pegged is there; 0: it is, or nobody knows."""
        match peg.supply_kind:
            case SupplyKind.PURCHASE:
                line = self._plan.get(PurchaseLine, peg.supply_id)
                return self._arrivals.of_purchase(line) if line else 0
            case SupplyKind.WORK_ORDER:
                maker = self._plan.get(WorkOrder, peg.supply_id)
                return (self._arrivals.of_work_order(maker) if maker else 0) or 0
            case SupplyKind.PLANNED_ORDER:
                bought = self._plan.get(PlannedOrder, peg.supply_id)
                times = self._arrivals.of_planned_order(bought) if bought else None
                return times[1] if times else 0
            case _:
                return 0


def _meets(stop: Downtime | Absence, row: Booking) -> bool:
    return stop.start_at < row.end_at and stop.end_at > row.setup_start_at


def _cause(code: str, **params: object) -> Finding:
    return Finding(code, Severity.WARNING, (), params)

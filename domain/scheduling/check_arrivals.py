"""When what serves a demand is there, as the checker works it out from pegs and bookings."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from domain.orders import OrderLine, PurchaseLine
from domain.production import DemandKind, Peg, PlannedOrder, SupplyKind, WorkOrder
from domain.scheduling.check_facts import Facts
from domain.working_time import local_instant


class Arrivals:
    """The minutes at which supplies are there."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._plan = facts.plan
        self._zone = ZoneInfo(facts.plan.home_plant().timezone)
        self._pegs: dict[UUID, list[Peg]] = {}
        for peg in self._plan.table(Peg).values():
            if peg.demand_kind is not DemandKind.SAFETY_STOCK:
                self._pegs.setdefault(peg.demand_id, []).append(peg)
        self._planned: dict[UUID, tuple[int, int] | None] = {}

    def pegs(self, demand_id: UUID) -> list[Peg]:
        """What serves an order line, work order or planned order."""
        return self._pegs.get(demand_id, [])

    def of_line(self, line: OrderLine) -> int | None:
        """When the last of what is pegged to a line is there; None: never, or nothing is pegged."""
        return self._last_of(line.id) if line.id in self._pegs else None

    def of_purchase(self, line: PurchaseLine) -> int:
        """Its day's 00:00; what should have come is taken to be there."""
        return max(0, self._facts.minute(local_instant(line.due_on, self._zone)))

    def of_work_order(self, order: WorkOrder) -> int | None:
        """The end of the last operation, now at the earliest; None if one of those that finish the
        work is not booked."""
        lasts = [self._facts.placed.get(step.id) for step in self._facts.finishing(order)]
        ends = [placed.end for placed in lasts if placed is not None]
        return max(0, *ends) if ends and len(ends) == len(lasts) else None

    def of_planned_order(self, order: PlannedOrder) -> tuple[int, int] | None:
        """Start and arrival: it waits for the components that it is given."""
        if order.id not in self._planned:
            self._planned[order.id] = None
            start = max(0, self._facts.minute(order.order_at))
            length = max(0, self._facts.minute(order.due_at) - start)
            ready = self._last_of(order.id)
            if ready is not None:
                self._planned[order.id] = max(start, ready), max(start, ready) + length
        return self._planned[order.id]

    def _last_of(self, demand_id: UUID) -> int | None:
        arrivals = [self.of_peg(peg) for peg in self.pegs(demand_id)]
        known = [minute for minute in arrivals if minute is not None]
        return max(known, default=0) if len(known) == len(arrivals) else None

    def of_peg(self, peg: Peg) -> int | None:
        """When the supply of a peg is there; None: never."""
        if peg.supply_kind is SupplyKind.STOCK:
            return 0
        if peg.supply_kind is SupplyKind.PURCHASE:
            return self.of_purchase(self._plan.need(PurchaseLine, peg.supply_id))
        if peg.supply_kind is SupplyKind.PLANNED_ORDER:
            times = self.of_planned_order(self._plan.need(PlannedOrder, peg.supply_id))
            return times[1] if times else None
        return self.of_work_order(self._plan.need(WorkOrder, peg.supply_id))

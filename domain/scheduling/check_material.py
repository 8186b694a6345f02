"""Rules 7 to 9 of the checker: projected stock, order lines, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import Finding, Severity
from domain.inventory import Stock
from domain.items import Item, ItemType
from domain.orders import OrderLine, OrderStatus, PurchaseLine
from domain.production import Operation, Peg, PlannedOrder, WorkOrder, WorkStatus
from domain.scenarios import Scenario
from domain.scheduling.check_arrivals import Arrivals
from domain.scheduling.check_facts import MINUTE, Facts, Placed
from domain.scheduling.check_ledger import DEMAND, RECEIPT, Event, Ledger
from domain.working_time import local_instant

_CLOSED = frozenset({WorkStatus.COMPLETED, WorkStatus.CLOSED})
_DAY_MINUTES = 1440


def check_material(facts: Facts) -> list[Finding]:
    """No item's projected stock may fall below zero at any minute, and values must add up."""
    return _Material(facts).check()


class _Material:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._plan = facts.plan
        self._zone = ZoneInfo(facts.plan.home_plant().timezone)
        self._today = facts.now_at.astimezone(self._zone).date()
        self._arrivals = Arrivals(facts)
        self._ledger = Ledger(facts.plan)
        self._found: list[Finding] = []

    def check(self) -> list[Finding]:
        """All findings."""
        for stock in self._plan.table(Stock).values():
            if stock.expires_on is None or stock.expires_on > self._today:
                event = Event(0, RECEIPT, Fraction(stock.quantity))
                self._ledger.add(stock.item_id, event, stock.unit)
        for line in self._plan.table(PurchaseLine).values():
            minute = self._arrivals.of_purchase(line)
            event = Event(minute, RECEIPT, Fraction(line.quantity))
            self._ledger.add(line.item_id, event, line.unit)
        for order in self._plan.table(WorkOrder).values():
            if order.status not in _CLOSED:
                self._add_work_order(order)
        for order in self._plan.table(PlannedOrder).values():
            self._add_planned_order(order)
        weighted = sum(self._add_line(line) for line in self._plan.table(OrderLine).values())
        self._ledger.blow_through_phantoms()
        for item in self._plan.table(Item).values():
            self._check_item(item)
        self._check_scenario(weighted)
        return [*self._ledger.findings, *self._found]

    def _add_work_order(self, order: WorkOrder) -> None:
        item = self._plan.need(Item, order.item_id)
        if order.status is WorkStatus.PLANNED:
            expected = floor(Fraction(order.quantity) * (1 - Fraction(item.scrap_ratio)))
            if order.good_quantity > expected:
                params = {"work_order": order.number, "expected": expected}
                params["actual"] = int(order.good_quantity)
                self._report("rule7_good_quantity", (order.id,), params)
        end = self._arrivals.of_work_order(order)
        if end is not None:
            event = Event(end, RECEIPT, Fraction(order.good_quantity))
            self._ledger.add(item.id, event)
        steps = self._facts.steps(order)
        for line in self._ledger.bill(item, order.release_on):
            taker = self._taker(steps, line.operation_number)
            if taker is not None:
                quantity, refs = Fraction(order.quantity), taker.refs
                parent = Event(
                    max(0, taker.run), DEMAND, quantity, order.number, refs, order.release_on
                )
                self._ledger.take_component(line, parent)

    def _taker(self, steps: Sequence[Operation], named: int | None) -> Placed | None:
        """The booking that takes a component: of the parts of an operation, the one that begins
        first takes all of it."""
        numbers = [step.number for step in steps]
        number = named if named in numbers else min(numbers, default=None)
        takers = [self._facts.placed.get(step.id) for step in steps if step.number == number]
        known = [taker for taker in takers if taker is not None]
        return min(known, key=lambda taker: taker.run, default=None)

    def _add_planned_order(self, order: PlannedOrder) -> None:
        item = self._plan.need(Item, order.item_id)
        lead = ceil(item.lead_time_days * _DAY_MINUTES)
        is_new = not order.firm and not self._has_come(order)
        if is_new and self._facts.minute(order.due_at) < lead:
            params = {"order": order.number, "item": item.code, "days": item.lead_time_days}
            self._report("rule7_lead_time", (order.id,), params)
        times = self._arrivals.of_planned_order(order)
        if times is None:
            return
        quantity = Fraction(order.quantity)
        self._ledger.add(item.id, Event(times[1], RECEIPT, quantity))
        if item.type in (ItemType.BUY, ItemType.MAKE):  # bought, be it instead of made
            return
        ordered_at = max(order.order_at - MINUTE, self._facts.now_at)
        day = ordered_at.astimezone(self._zone).date() if order.firm else self._today
        parent = Event(times[0], DEMAND, quantity, order.number, (order.id,), day)
        for line in self._ledger.bill(item, day):
            self._ledger.take_component(line, parent)

    def _has_come(self, order: PlannedOrder) -> bool:
        """Whether a proposal came in time for work that runs: without it, that could not."""
        if order.due_at > self._facts.now_at:
            return False
        for peg in self._plan.where(Peg, supply_id=order.id):
            named = self._plan.get(Operation, peg.operation_id)
            for step in self._plan.where(Operation, work_order_id=peg.demand_id):
                placed = self._facts.placed.get(step.id)
                is_taker = named is None or named.number == step.number
                if placed and is_taker and placed.run < 0 and self._facts.has_begun(placed):
                    return True
        return False

    def _add_line(self, line: OrderLine) -> int:
        """Take an order line's quantity when it is finished; returns its weighted lateness."""
        if line.status is not OrderStatus.CONFIRMED:
            return 0
        finish = self._arrivals.of_line(line)
        if finish is None:
            params = {"order": line.label}
            self._report("order_line_not_finished", (line.id,), params, Severity.WARNING)
            return 0
        quantity = Fraction(line.quantity)
        event = Event(finish, DEMAND, quantity, line.label, (line.id,), self._today)
        self._ledger.add(line.item_id, event, line.unit)
        due_at = local_instant(line.due_on + timedelta(days=1), self._zone)
        late = max(0, finish - self._facts.minute(due_at))
        if late and line.must_finish:
            params = {"order": line.label, "hours": _shown(Fraction(late, 60))}
            self._report("must_finish_late", (line.id,), params, Severity.WARNING)
        return late * line.weight

    def _check_item(self, item: Item) -> None:
        shortage = self._ledger.first_shortage(item.id)
        if shortage is not None:
            event, missing = shortage
            params: dict[str, object] = {"item": item.code, "demand": event.who}
            params |= {"at": self._facts.instant(event.minute), "missing": _shown(missing)}
            self._report("rule7_material", (item.id, *event.refs), params)
            return
        left = self._ledger.final_stock(item.id)
        if left < item.safety_stock and item.type is not ItemType.PHANTOM:
            params = {"item": item.code, "stock": _shown(left)}
            params["safety_stock"] = item.safety_stock
            self._report("rule8_safety_stock", (item.id,), params, Severity.WARNING)

    def _check_scenario(self, weighted: int) -> None:
        """Rule 9: the value a scenario claims is the one that its bookings have."""
        ids: Iterable[UUID] = {p.booking.scenario_id for p in self._facts.placed.values()}
        for scenario_id in ids:
            scenario = self._plan.get(Scenario, scenario_id)
            claimed = scenario.weighted_lateness if scenario else None
            if claimed is not None and claimed != weighted:
                params = {"expected": weighted, "actual": claimed}
                self._report("rule9_lateness", (scenario_id,), params, Severity.WARNING)

    def _report(
        self,
        code: str,
        refs: tuple[UUID, ...],
        params: Mapping[str, object],
        severity: Severity = Severity.ERROR,
    ) -> None:
        self._found.append(Finding(code, severity, refs, params))


def _shown(quantity: Fraction) -> Decimal:
    """A quantity for people: to the thousandth, what is short never shown as nothing."""
    return Decimal(ceil(quantity * 1000)) / 1000

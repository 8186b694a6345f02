"""What a wish alone would need, as a small factory of its own, made as usual or otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from domain.calendars import Calendar
from domain.changes import Row
from domain.errors import Finding, Severity
from domain.inventory import Stock
from domain.items import BomLine, Item, ItemType, LotRule
from domain.orders import OrderLine, PurchaseLine, Wish
from domain.plan import Plan
from domain.production import PlannedOrder, WorkOrder
from domain.resources import Machine, Operator, Plant, WorkCenter
from domain.routings import MAIN, RoutingMachine
from domain.units import UnitConversion
from domain.variants import routing_names, routing_steps

_MASTER: tuple[type[Row], ...] = (Plant, Calendar, WorkCenter, Machine, Operator)

Making: TypeAlias = frozenset[tuple[UUID, str | None]]
"""Items that are not made as usual: by which routing, None: bought."""

AS_USUAL: Making = frozenset()


@dataclass(frozen=True)
class WishFactory:
    """The rows that a wish has to do with, and what of them nobody else needs.

    Attributes:
        plan: The factory.
        begin_at: Nothing begins before, where the wish does not say later; None: no matter.
        taken: How much of each supply is pegged.
        new_id: Makes the id of the wished order line.
    """

    plan: Plan
    begin_at: datetime | None
    taken: Mapping[UUID, Decimal]
    new_id: Callable[[], UUID]

    def rows(self, wish: Wish, making: Making) -> Iterator[Row]:
        """The small factory. What is made by another routing has that one as its main one."""
        ways = dict(making)
        for kind in _MASTER:
            yield from self.plan.table(kind).values()
        for item in self._items(wish):
            yield self._item(item, is_bought=ways.get(item.id, MAIN) is None)
            yield from self.plan.where(UnitConversion, item_id=item.id)
            yield from self.plan.where(BomLine, parent_id=item.id)
            for step in routing_steps(self.plan, item.id, ways.get(item.id) or MAIN):
                yield replace(step, routing=MAIN)
                yield from self.plan.where(RoutingMachine, routing_operation_id=step.id)
            yield from self._free(item, self.plan.where(Stock, item_id=item.id))
            yield from self._free(item, self.plan.where(PurchaseLine, item_id=item.id))
        yield self._line(wish)

    def others(self, wish: Wish, making: Making, rows: Iterable[Row]) -> Iterator[Making]:
        """The same with one item more, of those that are made, not made as usual."""
        made = {row.item_id for row in rows if isinstance(row, WorkOrder)}
        chosen = {item_id for item_id, _ in making}
        for item in self._items(wish):
            if item.id in chosen or (made and item.id not in made):
                continue
            for way in self._ways(item):
                yield making | {(item.id, way)}

    def told(self, making: Making, rows: Iterable[Row]) -> tuple[Finding, ...]:
        """What is made otherwise than usual, for people."""
        needed: dict[UUID, Decimal] = {}
        for row in rows:
            if isinstance(row, WorkOrder | PlannedOrder):
                needed[row.item_id] = needed.get(row.item_id, Decimal(0)) + row.quantity
        found: list[Finding] = []
        for item_id, way in making:
            if item_id not in needed:
                continue  # what it goes into is bought
            code = "wish_buying" if way is None else "wish_routing"
            params: dict[str, object] = {"routing": way, "item": self.plan.need(Item, item_id).code}
            params["quantity"] = needed[item_id]
            found.append(Finding(code, Severity.INFO, (item_id,), params))
        return tuple(sorted(found, key=lambda one: str(one.params["item"])))

    def _ways(self, item: Item) -> Iterator[str | None]:
        """Those that a planning run may choose, too (see `ways`), but for parts."""
        if item.type is not ItemType.MAKE:
            return
        main = {step.number for step in routing_steps(self.plan, item.id)}
        named = {line.operation_number for line in self.plan.where(BomLine, parent_id=item.id)}
        for routing in routing_names(self.plan, item.id) if main else ():
            own = {step.number for step in routing_steps(self.plan, item.id, routing)}
            if routing != MAIN and not named & (own - main):
                yield routing
        if item.may_buy:
            yield None

    def _item(self, item: Item, *, is_bought: bool) -> Item:
        # Stock rules of the items are no part of this one order's needs.
        rule = LotRule.L4L if item.lot_rule is LotRule.MINMAX else item.lot_rule
        kind = ItemType.BUY if is_bought else item.type
        return replace(item, safety_stock=Decimal(0), lot_rule=rule, type=kind)

    def _items(self, wish: Wish) -> list[Item]:
        """The wished item and all that goes into it."""
        found = {wish.item_id: self.plan.need(Item, wish.item_id)}
        stack = [wish.item_id]
        while stack:
            for line in self.plan.where(BomLine, parent_id=stack.pop()):
                if line.component_id not in found:
                    found[line.component_id] = self.plan.need(Item, line.component_id)
                    stack.append(line.component_id)
        return list(found.values())

    def _free(self, item: Item, supplies: Iterable[Stock | PurchaseLine]) -> Iterator[Row]:
        for supply in supplies:
            whole = self.plan.in_own_unit(item, supply.quantity, supply.unit)
            left = whole - self.taken.get(supply.id, Decimal(0))
            if left > 0:
                yield replace(supply, quantity=left, unit=item.unit)

    def _line(self, wish: Wish) -> OrderLine:
        opening = wish.earliest_start_at
        if self.begin_at is not None:
            opening = max(opening or self.begin_at, self.begin_at)
        return OrderLine(
            id=self.new_id(),
            plant_id=self.plan.home_plant().id,
            order_number="?",
            line="",
            item_id=wish.item_id,
            quantity=wish.quantity,
            unit=self.plan.need(Item, wish.item_id).unit,
            due_on=wish.due_on,
            priority=wish.priority,
            earliest_start_at=opening,
        )


def as_made(rows: Iterable[Row], making: Making) -> tuple[Row, ...]:
    """Rows with the routing that their work orders are really made by."""
    ways = dict(making)
    return tuple(
        replace(row, routing=ways.get(row.item_id) or MAIN) if isinstance(row, WorkOrder) else row
        for row in rows
    )

"""The projected stock of every item as the checker adds it up, exactly, event by event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from domain.errors import DomainError, Finding, Severity
from domain.items import BomLine, Item, ItemType
from domain.plan import Plan

RECEIPT, DEMAND = 0, 1


@dataclass(frozen=True, slots=True)
class Event:
    """A change of an item's projected stock; receipts of a minute come before its demands.

    ``day`` is the one whose bill of material holds if the item is a phantom.
    """

    minute: int
    kind: int
    quantity: Fraction
    who: str = ""
    refs: tuple[UUID, ...] = ()
    day: date | None = None

    def key(self) -> tuple[int, int]:
        """Sorts events."""
        return self.minute, self.kind


class Ledger:
    """Events by item, in own units. What does not convert is in ``findings`` and left out."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.events: dict[UUID, list[Event]] = {}
        self.findings: list[Finding] = []
        self._bom: dict[UUID, list[BomLine]] = {}
        for line in plan.table(BomLine).values():
            self._bom.setdefault(line.parent_id, []).append(line)

    def bill(self, item: Item, day: date | None) -> list[BomLine]:
        """The lines of an item's bill of material that hold on a day."""
        return [line for line in self._bom.get(item.id, ()) if line.is_valid_on(day)]

    def add(self, item_id: UUID, event: Event, unit: str = "") -> None:
        """Add an event whose quantity is in ``unit``."""
        quantity = self._own(self._plan.need(Item, item_id), event.quantity, unit)
        if quantity is not None:
            own = Event(event.minute, event.kind, quantity, event.who, event.refs, event.day)
            self.events.setdefault(item_id, []).append(own)

    def take_component(self, line: BomLine, parent: Event) -> None:
        """What the quantity of ``parent`` takes of one of its components at that minute."""
        wanted = parent.quantity * Fraction(line.quantity) / (1 - Fraction(line.scrap_ratio))
        event = Event(parent.minute, DEMAND, wanted, parent.who, parent.refs, parent.day)
        self.add(line.component_id, event, line.unit)

    def blow_through_phantoms(self) -> None:
        """A phantom's own stock goes first; the rest is taken of its components."""
        for item in self._phantoms_from_the_top():
            left = Fraction(0)
            for event in sorted(self.events.pop(item.id, ()), key=Event.key):
                if event.kind == RECEIPT:
                    left += event.quantity
                    continue
                served = min(left, event.quantity)
                left -= served
                rest = event.quantity - served
                part = Event(event.minute, DEMAND, rest, event.who, event.refs, event.day)
                for line in self.bill(item, event.day) if rest else ():
                    self.take_component(line, part)

    def first_shortage(self, item_id: UUID) -> tuple[Event, Fraction] | None:
        """The first event that takes an item's stock below zero, and by how much."""
        balance = Fraction(0)
        for event in sorted(self.events.get(item_id, ()), key=Event.key):
            balance += event.quantity if event.kind == RECEIPT else -event.quantity
            if balance < 0:
                return event, -balance
        return None

    def final_stock(self, item_id: UUID) -> Fraction:
        """What is left when everything has happened."""
        events = self.events.get(item_id, ())
        return sum((e.quantity if e.kind == RECEIPT else -e.quantity for e in events), Fraction(0))

    def _phantoms_from_the_top(self) -> Iterable[Item]:
        order: list[Item] = []
        seen: set[UUID] = set()

        def visit(item: Item) -> None:
            if item.id in seen:
                return
            seen.add(item.id)
            for line in self._bom.get(item.id, ()):
                component = self._plan.get(Item, line.component_id)
                if component is not None and component.type is ItemType.PHANTOM:
                    visit(component)
            order.append(item)

        for item in self._plan.table(Item).values():
            if item.type is ItemType.PHANTOM:
                visit(item)
        return reversed(order)

    def _own(self, item: Item, quantity: Fraction, unit: str) -> Fraction | None:
        try:
            return quantity * Fraction(self._plan.in_own_unit(item, Decimal(1), unit))
        except DomainError as error:
            found = Finding("unit_unknown", Severity.WARNING, (item.id,), error.params)
            self.findings.append(found)
            return None

"""How items are made up of one another: levels, cycles, what keeps an item from being made."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.errors import DomainError, Finding, Severity
from domain.items import BomLine, Item, ItemType
from domain.plan import Plan
from domain.resources import Machine
from domain.routings import MAIN, RoutingMachine, RoutingOperation
from domain.units import round_up


class Structure:
    """The bills of material and routings of a plan, read once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._lines: dict[UUID, list[BomLine]] = {}
        for line in plan.table(BomLine).values():
            parent = plan.get(Item, line.parent_id)
            if parent and parent.type is not ItemType.BUY and plan.get(Item, line.component_id):
                self._lines.setdefault(parent.id, []).append(line)
        for lines in self._lines.values():
            lines.sort(key=lambda line: (line.operation_number or 0, self._code(line.component_id)))
        self._routings: dict[UUID, list[RoutingOperation]] = {}
        for step in plan.where(RoutingOperation, routing=MAIN):
            self._routings.setdefault(step.item_id, []).append(step)
        for steps in self._routings.values():
            steps.sort(key=lambda step: step.number)
        self._faults: dict[UUID, Finding | None] = {}
        self.levels, cycles = low_level_codes(list(plan.table(Item)), self._lines)
        for cycle in cycles:
            self._mark_cycle(cycle)

    def routing(self, item: Item) -> list[RoutingOperation]:
        """The item's main routing, first operation first."""
        return self._routings.get(item.id, [])

    def lines_on(self, item: Item, day: date) -> list[BomLine]:
        """The bill of material of an item that is valid on a day."""
        return [line for line in self._lines.get(item.id, ()) if line.is_valid_on(day)]

    def has_components(self, item: Item) -> bool:
        """Whether anything goes into the item."""
        return item.id in self._lines

    def is_work(self, item: Item) -> bool:
        """Whether new quantities of the item are made by work orders."""
        return item.type is ItemType.MAKE or (
            item.type is ItemType.SUBCONTRACT and bool(self.routing(item))
        )

    def component_need(self, line: BomLine, quantity: Decimal) -> Decimal:
        """What a quantity of the parent takes of a component, in the component's own unit.

        Raises:
            DomainError: ``unit_unknown`` if the line's unit does not convert.
        """
        component = self._plan.need(Item, line.component_id)
        per_unit = self._plan.in_own_unit(component, line.quantity, line.unit)
        return round_up(quantity * per_unit, 1 - line.scrap_ratio)

    def fault(self, item: Item) -> Finding | None:
        """What keeps new quantities of the item from being planned, or None."""
        if item.id not in self._faults:
            self._faults[item.id] = self._find_fault(item)
        return self._faults[item.id]

    def _find_fault(self, item: Item) -> Finding | None:
        if item.type is ItemType.BUY:
            return None
        for line in self._lines.get(item.id, ()):
            try:
                self.component_need(line, Decimal(1))
            except DomainError as error:
                params = {**error.params, "parent": item.code}
                return Finding("component_unit", Severity.ERROR, (item.id, line.id), params)
        if item.type is ItemType.PHANTOM:
            return None if self.has_components(item) else _fault("phantom_empty", item)
        if item.type is ItemType.MAKE and not self.routing(item):
            return _fault("routing_missing", item)
        for step in self.routing(item):
            if not self._has_machine(step):
                return _fault("machine_missing", item, step.id, operation=step.number)
        return None

    def _has_machine(self, step: RoutingOperation) -> bool:
        if step.subcontract_days is not None:
            return True
        if self._plan.where(RoutingMachine, routing_operation_id=step.id):
            return True
        center = step.work_center_id
        return center is not None and bool(self._plan.where(Machine, work_center_id=center))

    def _mark_cycle(self, cycle: list[UUID]) -> None:
        path = " → ".join(self._code(item_id) for item_id in [*cycle, cycle[0]])
        for item_id in cycle:
            finding = Finding("bom_cycle", Severity.ERROR, tuple(cycle), {"path": path})
            self._faults[item_id] = finding

    def _code(self, item_id: UUID) -> str:
        item = self._plan.get(Item, item_id)
        return item.code if item else ""


def low_level_codes(
    items: Iterable[UUID], lines: dict[UUID, list[BomLine]]
) -> tuple[dict[UUID, int], list[list[UUID]]]:
    """The deepest level of every item below any parent, and the cycles that were cut to find it.

    Each cycle is given once, parents before components. O(items + lines) without cycles.
    """
    levels = dict.fromkeys(items, 0)
    open_parents = dict.fromkeys(levels, 0)
    children = {parent: [line.component_id for line in own] for parent, own in lines.items()}
    for own in children.values():
        for child in own:
            open_parents[child] += 1
    ready = [item for item, count in open_parents.items() if count == 0]
    cycles: list[list[UUID]] = []
    while True:
        while ready:
            item = ready.pop()
            del open_parents[item]
            for child in children.get(item, ()):
                levels[child] = max(levels[child], levels[item] + 1)
                open_parents[child] -= 1
                if open_parents[child] == 0:
                    ready.append(child)
        if not open_parents:
            return levels, cycles
        cycle = _cycle(open_parents, children)
        cycles.append(cycle)
        ready = _cut(cycle, children, open_parents)


def _cycle(left: dict[UUID, int], children: dict[UUID, list[UUID]]) -> list[UUID]:
    """A cycle among what is left: every item there has a parent that is left too."""
    parent_of = {child: parent for parent in left for child in children.get(parent, ())}
    item, seen = next(iter(left)), dict[UUID, None]()
    while item not in seen:
        seen[item] = None
        item = parent_of[item]
    path = list(seen)
    found = path[path.index(item) :][::-1]
    first = min(range(len(found)), key=lambda index: found[index].int)
    return found[first:] + found[:first]


def _cut(
    cycle: list[UUID], children: dict[UUID, list[UUID]], open_parents: dict[UUID, int]
) -> list[UUID]:
    """Take the components of a cycle's items away; returns the items that are free then."""
    free: list[UUID] = []
    for item in cycle:
        for child in children.pop(item, ()):
            open_parents[child] -= 1
            if open_parents[child] == 0:
                free.append(child)
    return free


def _fault(code: str, item: Item, *refs: UUID, **params: object) -> Finding:
    return Finding(code, Severity.ERROR, (item.id, *refs), {"item": item.code, **params})

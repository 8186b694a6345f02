"""Items and routings as tables show them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domain.errors import DomainError
from domain.inventory import Stock
from domain.items import Item, ItemType, LotRule
from domain.plan import Plan
from domain.resources import Machine, WorkCenter
from domain.routings import RoutingMachine, RoutingOperation
from widgets.models.columns import Column, Kind
from widgets.outlook import Outlook, tool_words
from widgets.text import format_quantity, tr
from widgets.theme import Role


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with what is in stock of it, in its own unit."""

    subject: Item
    on_hand: Decimal

    @property
    def id(self) -> UUID:
        """The item's."""
        return self.subject.id


def item_views(outlook: Outlook) -> list[ItemView]:
    """All items."""
    held = on_hand(outlook.plan)
    items = outlook.plan.table(Item).values()
    return [ItemView(item, held.get(item.id, Decimal(0))) for item in items]


def on_hand(plan: Plan) -> dict[UUID, Decimal]:
    """Stock by item in its own unit; stock in a unit nobody can convert is left out."""
    held: dict[UUID, Decimal] = {}
    for stock in plan.table(Stock).values():
        item = plan.get(Item, stock.item_id)
        if item is None:
            continue
        try:
            quantity = plan.in_own_unit(item, stock.quantity, stock.unit)
        except DomainError:  # the import and MRP name it as a finding
            continue
        held[item.id] = held.get(item.id, Decimal(0)) + quantity
    return held


@dataclass(frozen=True, slots=True)
class StepView:
    """A routing step with where it runs and its tool, in words."""

    subject: RoutingOperation
    place: str
    tool: str

    @property
    def id(self) -> UUID:
        """The routing step's."""
        return self.subject.id


def step_views(plan: Plan, item: Item) -> list[StepView]:
    """The routings of an item, the main one first, each in order."""
    found = plan.where(RoutingOperation, item_id=item.id)
    steps = sorted(found, key=lambda step: (step.routing, step.number))
    return [StepView(step, _place(plan, step), tool_words(plan, step)) for step in steps]


def _place(plan: Plan, step: RoutingOperation) -> str:
    if step.subcontract_days is not None:
        return tr("fact.outside_days", n=step.subcontract_days)
    center = plan.get(WorkCenter, step.work_center_id)
    named = plan.where(RoutingMachine, routing_operation_id=step.id)
    named.sort(key=lambda choice: choice.position)
    machines = [_machine(plan, choice) for choice in named]
    return tr("value.separator").join([center.name or center.code] if center else machines)


def _machine(plan: Plan, choice: RoutingMachine) -> str:
    machine = plan.get(Machine, choice.machine_id)
    code = machine.code if machine else tr("value.missing")
    if choice.speed == 1:
        return code
    return tr("items.at_speed", machine=code, percent=format_quantity(choice.speed * 100))


ITEM_COLUMNS = (
    Column(key="code", value=lambda v: v.subject.code, width=110),
    Column(key="name", value=lambda v: v.subject.name, editable=True, width=150),
    Column(key="specification", value=lambda v: v.subject.specification, editable=True, width=120),
    Column(
        key="type",
        title="column.item_type",
        value=lambda v: v.subject.type,
        kind=Kind.CHOICE,
        choices=tuple(ItemType),
        width=96,
    ),
    Column(
        key="on_hand",
        value=lambda v: v.on_hand,
        kind=Kind.NUMBER,
        unit=lambda v: v.subject.unit,
        role=lambda v: Role.WARNING if v.on_hand < v.subject.safety_stock else None,
        width=92,
    ),
    Column(
        key="safety_stock",
        value=lambda v: v.subject.safety_stock,
        kind=Kind.NUMBER,
        unit=lambda v: v.subject.unit,
        editable=True,
        required=True,
        least=0,
        width=92,
    ),
    Column(
        key="lead_time_days",
        value=lambda v: v.subject.lead_time_days,
        kind=Kind.NUMBER,
        editable=True,
        required=True,
        least=0,
        width=84,
    ),
    Column(
        key="lot_rule",
        value=lambda v: v.subject.lot_rule,
        kind=Kind.CHOICE,
        choices=tuple(LotRule),
        editable=True,
        width=96,
    ),
    Column(
        key="lot_size",
        value=lambda v: v.subject.lot_size,
        kind=Kind.NUMBER,
        editable=True,
        least=0,
        width=72,
    ),
    Column(key="family", value=lambda v: v.subject.family, editable=True, width=84),
    Column(
        key="may_buy",
        value=lambda v: v.subject.may_buy,
        kind=Kind.YESNO,
        editable=True,
        width=84,
    ),
    Column(
        key="buying_surcharge",
        value=lambda v: v.subject.buying_surcharge,
        kind=Kind.NUMBER,
        editable=True,
        required=True,
        least=0,
        width=104,
    ),
)

ROUTING_COLUMNS = (
    Column(
        key="number",
        title="column.operation",
        value=lambda v: v.subject.number,
        kind=Kind.WHOLE,
        width=104,
    ),
    Column(key="name", title="column.operation_name", value=lambda v: v.subject.name, width=110),
    Column(key="routing", value=lambda v: v.subject.routing or tr("fact.main_routing"), width=84),
    Column(key="place", value=lambda v: v.place, width=190),
    Column(
        key="setup_minutes", value=lambda v: v.subject.setup_minutes, kind=Kind.NUMBER, width=104
    ),
    Column(key="run_minutes", value=lambda v: v.subject.run_minutes, kind=Kind.NUMBER, width=104),
    Column(
        key="wait_minutes",
        value=lambda v: v.subject.wait_minutes or None,
        kind=Kind.NUMBER,
        width=104,
    ),
    Column(
        key="max_wait_minutes",
        value=lambda v: v.subject.max_wait_minutes,
        kind=Kind.NUMBER,
        editable=True,
        least=0,
        width=104,
    ),
    Column(key="after", value=lambda v: v.subject.after, kind=Kind.STEPS, editable=True, width=84),
    Column(
        key="transfer_batch", value=lambda v: v.subject.transfer_batch, kind=Kind.NUMBER, width=104
    ),
    Column(
        key="load",
        value=lambda v: v.subject.load,
        kind=Kind.NUMBER,
        editable=True,
        least=0,
        width=84,
    ),
    Column(
        key="split_most",
        value=lambda v: v.subject.split_most,
        kind=Kind.WHOLE,
        editable=True,
        required=True,
        least=1,
        width=104,
    ),
    Column(key="skill", value=lambda v: v.subject.skill, width=104),
    Column(key="operators", value=lambda v: v.subject.operators or None, kind=Kind.WHOLE, width=64),
    Column(key="tool", value=lambda v: v.tool, width=104),
    Column(key="break_rule", value=lambda v: v.subject.break_rule, width=104),
    Column(key="inspection", value=lambda v: v.subject.inspection, kind=Kind.YESNO, width=64),
)

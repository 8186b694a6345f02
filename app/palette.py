"""What the command palette finds: every order, item, work order and machine, and every command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.items import Item
from domain.orders import Customer, OrderLine
from domain.plan import Plan
from domain.production import WorkOrder
from domain.resources import Machine
from widgets.palette import Entry
from widgets.text import LANGUAGES, catalogue, tr


def palette_entries(plan: Plan, commands: Iterable[str]) -> Iterator[Entry]:
    """All entries; commands are found by their name in either language."""
    for name in commands:
        words = " ".join(catalogue(each).get(f"command.{name}", "") for each in LANGUAGES)
        yield Entry(tr(f"command.{name}"), "command", name, words, "command")
    for line in plan.table(OrderLine).values():
        customer = plan.get(Customer, line.customer_id)
        item = plan.get(Item, line.item_id)
        words = f"{customer.name if customer else ''} {item.name if item else ''}"
        yield Entry(line.label, "order", line, words, "clipboard-list")
    for item in plan.table(Item).values():
        yield Entry(f"{item.code} {item.name}", "item", item, item.specification, "package")
    for order in plan.table(WorkOrder).values():
        made = plan.get(Item, order.item_id)
        words = f"{made.code} {made.name}" if made else ""
        yield Entry(order.number, "work_order", order, words, "workflow")
    for machine in plan.table(Machine).values():
        yield Entry(f"{machine.code} {machine.name}", "machine", machine, "", "factory")

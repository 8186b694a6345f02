"""What people call a row of any kind, with what it is about where it has no name of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from domain.changes import Row
from domain.inventory import Stock
from domain.items import Item
from domain.orders import OrderLine, PurchaseLine
from domain.production import Operation, Peg, PlannedOrder, WorkOrder
from domain.scenarios import Booking
from widgets.details.pegging import row_title
from widgets.text import format_day, format_instant, has_text, tr

Find = Callable[[UUID], Row | None]

_TITLED = (OrderLine, PurchaseLine, WorkOrder, PlannedOrder, Stock)
_NAMES = ("code", "number", "name")
# What a row is about that has no name: the rows it belongs to, the telling ones first.
_OWNERS = (
    *("item_id", "parent_id", "component_id", "calendar_id", "work_center_id"),
    *("routing_operation_id", "machine_id", "operator_id", "from_plant_id", "to_plant_id"),
)
_WHEN = ("start_at", "day_on", "weekday")


def kind_text(kind: type[Row]) -> str:
    """What people call a kind of row."""
    words = "".join(f"_{each.lower()}" if each.isupper() else each for each in kind.__name__)
    key = f"enum.RowKind.{words.removeprefix('_')}"
    return tr(key) if has_text(key) else kind.__name__


def name_of(row: Row, find: Find) -> str:
    """A row's name where its kind is plain, with the kind where it is not."""
    title = title_of(type(row), row, find)
    return title if isinstance(row, _TITLED) else _name(row, find) or title


def title_of(kind: type[Row], row: Row | None, find: Find) -> str:
    """A row's kind and name; ``find`` looks up the rows that it refers to. None: not known."""
    if row is None:
        return kind_text(kind)
    if isinstance(row, _TITLED):
        title = row_title(row)
        return _with_item(title, row, find) if isinstance(row, Stock) else title
    if isinstance(row, Peg):
        return _peg(row, find)
    name = _name(row, find)
    return tr("row.named", kind=kind_text(kind), name=name) if name else kind_text(kind)


def _with_item(title: str, row: Stock, find: Find) -> str:
    item = find(row.item_id)
    code = item.code if isinstance(item, Item) else tr("value.missing")
    return tr("row.for_item", title=title, item=code)


def _peg(peg: Peg, find: Find) -> str:
    """What supplies whom."""
    supply, demand = find(peg.supply_id), find(peg.demand_id)
    titles = [
        tr("value.missing") if row is None else title_of(type(row), row, find)
        for row in (supply, demand)
    ]
    if isinstance(demand, Item):
        titles[1] = tr("row.for_item", title=row_title(demand), item=demand.code)
    return tr("row.peg", supply=titles[0], demand=titles[1])


def _name(row: Row, find: Find) -> str:
    if isinstance(row, Booking):
        step = find(row.operation_id)
        return _name(step, find) if step is not None else ""
    if isinstance(row, Operation):
        order = find(row.work_order_id)
        number = order.number if isinstance(order, WorkOrder) else tr("value.missing")
        return f"{number}/{row.number}" + (f".{row.part}" if row.part else "")
    own = next((str(getattr(row, name)) for name in _NAMES if getattr(row, name, "")), "")
    return " ".join(part for part in (*_owners(row, find), own, *_times(row)) if part)


def _owners(row: Row, find: Find) -> Iterator[str]:
    for field in _OWNERS:
        owner_id = getattr(row, field, None)
        owner = find(owner_id) if isinstance(owner_id, UUID) and not hasattr(row, "code") else None
        if owner is not None:
            yield _name(owner, find)


def _times(row: Row) -> Iterator[str]:
    for field in _WHEN:
        value = getattr(row, field, None)
        if value is not None:
            yield {"start_at": format_instant, "day_on": format_day}.get(field, str)(value)

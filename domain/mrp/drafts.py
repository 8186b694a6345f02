"""What an explosion works on: needs, the sources that serve them, and lots to be ordered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from domain.items import Item
from domain.orders import OrderLine
from domain.production import DemandKind, PlannedOrder, SupplyKind, WorkOrder

ZERO = Decimal(0)

Rank: TypeAlias = tuple[object, ...]
"""Sorts needs: time, then priority, then names, so that equal runs give equal plans."""


@dataclass(eq=False, slots=True)
class Need:
    """A quantity of an item that somebody wants, in the item's own unit.

    ``owner`` is the order line, the lot whose component this is (taken at routing operation
    ``step``, None: the first), or the item whose safety stock it is. ``missing`` is what nothing
    could serve, ``kept`` what it gets of sources when its turn comes, whoever was before it.
    """

    item: Item
    quantity: Decimal
    need_at: datetime
    rank: Rank
    priority: int
    owner: OrderLine | Lot | Item
    step: int | None = None
    missing: Decimal = ZERO
    kept: list[tuple[Source, Decimal]] = field(default_factory=list["tuple[Source, Decimal]"])
    allotments: list[Allotment] = field(default_factory=list["Allotment"])

    @property
    def open(self) -> Decimal:
        """What it has not been given yet."""
        return self.quantity - sum((each.quantity for each in self.allotments), ZERO)

    @property
    def is_safety(self) -> bool:
        """Whether this is a safety stock to be filled."""
        return isinstance(self.owner, Item)


@dataclass(eq=False, slots=True)
class Source:
    """A quantity that can serve needs.

    ``available_at`` None: the schedule will tell. ``expires_at`` None: it keeps. ``reserved`` is
    what needs keep of what is left.
    """

    kind: SupplyKind
    quantity: Decimal
    left: Decimal
    available_at: datetime | None
    row_id: UUID | None = None
    lot: Lot | None = None
    expires_at: datetime | None = None
    reserved: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        """What is left for anybody."""
        return self.left - self.reserved


@dataclass(eq=False, slots=True)
class Allotment:
    """A quantity of a source for a need."""

    source: Source
    need: Need
    quantity: Decimal


@dataclass(eq=False, slots=True)
class Lot:
    """A work order or planned order: one to be made, or one that stands (``row``) and is kept.

    ``quantity`` is ordered or started, ``good`` expected to be there afterwards. ``start_at`` is
    when it would have to start to be in time, as far as its own duration is known. ``earlier`` is
    the proposal, of an earlier run, whose id and number it gets; ``heir_of`` the one whose pegs it
    inherits, as it serves one that this one served.
    """

    item: Item
    kind: SupplyKind
    quantity: Decimal
    good: Decimal
    need_at: datetime
    rank: Rank
    priority: int
    start_at: datetime
    release_on: date
    row: WorkOrder | PlannedOrder | None = None
    earlier: WorkOrder | PlannedOrder | None = None
    heir_of: WorkOrder | PlannedOrder | None = None
    order_at: datetime | None = None
    due_at: datetime | None = None
    effective_on: date | None = None
    needs: list[Need] = field(default_factory=list[Need])
    served: list[Allotment] = field(default_factory=list[Allotment])
    top_lines: set[UUID] = field(default_factory=set[UUID])


def known_owner(need: Need) -> UUID | None:
    """The id under which an earlier run has pegged what a need gets; None: it is a new one."""
    owner = need.owner
    row = owner.row or owner.heir_of if isinstance(owner, Lot) else owner
    return row.id if row else None


def demand_kind(need: Need) -> DemandKind:
    """What the pegs of a need call it."""
    owner = need.owner
    if isinstance(owner, OrderLine):
        return DemandKind.ORDER_LINE
    if isinstance(owner, Item):
        return DemandKind.SAFETY_STOCK
    if owner.kind is SupplyKind.WORK_ORDER:
        return DemandKind.WORK_ORDER
    return DemandKind.PLANNED_ORDER


def allot(source: Source, need: Need, quantity: Decimal) -> None:
    """Give a need a quantity of a source."""
    source.left -= quantity
    need.allotments.append(Allotment(source, need, quantity))


def line_key(line: str) -> tuple[int, int, str]:
    """Sorts line numbers as people count: 2 before 10, names after numbers."""
    is_number = line.isascii() and line.isdigit()
    return (0, int(line), "") if is_number else (1, 0, line)

"""The work that orders cause: work orders, operations, planned purchases, and what serves what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.changes import Row
from domain.routings import MAIN, BreakRule


class WorkStatus(StrEnum):
    """Life of a work order. Only ``planned`` ones are made anew by an MRP run."""

    PLANNED = "planned"
    FIRM = "firm"
    RELEASED = "released"
    STARTED = "started"
    COMPLETED = "completed"
    CLOSED = "closed"


class SupplyKind(StrEnum):
    """What a peg's supply is."""

    STOCK = "stock"
    PURCHASE = "purchase"
    PLANNED_ORDER = "planned_order"
    WORK_ORDER = "work_order"


class DemandKind(StrEnum):
    """What a peg's demand is."""

    ORDER_LINE = "order_line"
    WORK_ORDER = "work_order"
    PLANNED_ORDER = "planned_order"
    SAFETY_STOCK = "safety_stock"


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkOrder(Row):
    """An order to make an item (APICS manufacturing order).

    ``quantity`` is started, ``good_quantity`` is expected to enter stock, both in the item's own
    unit. ``earliest_start_at`` None: any time. ``due_at`` is when the first demand
    it serves wants it. ``release_on`` is the day it should be released by; the bill of material
    valid on that day holds for it (None: the lines without dates). ``routing`` names the routing
    of the item that it is made by.
    """

    plant_id: UUID
    number: str
    item_id: UUID
    quantity: Decimal
    good_quantity: Decimal
    status: WorkStatus = WorkStatus.PLANNED
    earliest_start_at: datetime | None = None
    due_at: datetime | None = None
    release_on: date | None = None
    priority: int = 5
    routing: str = MAIN


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation(Row):
    """A step of a work order, copied from the routing when the work order was made.

    The machines that may do it stay with ``routing_operation_id``. ``part`` 0 is all of the
    operation, 1 … n are its parts where it is split; ``quantity`` None is the work order's.
    """

    plant_id: UUID
    work_order_id: UUID
    routing_operation_id: UUID
    number: int
    name: str = ""
    setup_minutes: Decimal = Decimal(0)
    run_minutes: Decimal = Decimal(0)
    wait_minutes: Decimal = Decimal(0)
    transfer_batch: Decimal | None = None
    skill: str = ""
    operators: int = 0
    break_rule: BreakRule = BreakRule.PAUSE
    inspection: bool = False
    subcontract_days: Decimal | None = None
    tool_id: UUID | None = None
    tools: int = 1
    max_wait_minutes: Decimal | None = None
    after: tuple[int, ...] | None = None
    load: Decimal = Decimal(1)
    split_most: int = 1
    part: int = 0
    quantity: Decimal | None = None

    def amount(self, order: WorkOrder) -> Decimal:
        """How much of the work order it works on."""
        return order.quantity if self.quantity is None else self.quantity


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedOrder(Row):
    """A planned purchase or subcontract order, in the item's own unit.

    One of an item that is made takes the place of a work order: the item comes without components.
    Ordered at ``order_at``, there at ``due_at``; ``firm`` ones survive the next MRP run.
    """

    plant_id: UUID
    number: str
    item_id: UUID
    quantity: Decimal
    order_at: datetime
    due_at: datetime
    firm: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Peg(Row):
    """``quantity`` (item's own unit) of a supply that serves a demand.

    ``supply_id`` is a Stock, PurchaseLine, PlannedOrder or WorkOrder; ``demand_id`` an OrderLine, a
    WorkOrder or PlannedOrder (as its component), or the Item whose safety stock is filled.
    ``operation_id`` is the operation that takes the component, for a WorkOrder demand.
    """

    plant_id: UUID
    item_id: UUID
    supply_kind: SupplyKind
    supply_id: UUID
    demand_kind: DemandKind
    demand_id: UUID
    operation_id: UUID | None = None
    quantity: Decimal

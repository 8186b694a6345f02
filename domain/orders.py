"""What customers want and suppliers bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.changes import Row

MOST_URGENT, LEAST_URGENT = 1, 9

MUST_FINISH = 1000
"""A minute late of what must finish counts as a thousand minutes of the same priority."""


class OrderStatus(StrEnum):
    """Whether an order line counts as demand."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer(Row):
    """Who orders. ``credit_limit`` None: no limit."""

    code: str
    name: str = ""
    customer_class: str = ""
    credit_limit: Decimal | None = None
    channel: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Supplier(Row):
    """Who delivers."""

    code: str
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine(Row):
    """A line of a sales order; the lines that share ``order_number`` are the order.

    ``priority`` 1 (most urgent) … 9; ``due_on`` is met until the end of that day in the plant's
    time zone; ``quantity`` is in ``unit``. ``must_finish``: its due day goes before any other's.
    """

    plant_id: UUID
    order_number: str
    line: str
    customer_id: UUID | None = None
    item_id: UUID
    quantity: Decimal
    unit: str
    due_on: date
    priority: int = 5
    price: Decimal | None = None
    earliest_start_at: datetime | None = None
    channel: str = ""
    status: OrderStatus = OrderStatus.CONFIRMED
    note: str = ""
    must_finish: bool = False

    @property
    def weight(self) -> int:
        """What one minute of lateness costs: 10 − priority, a thousandfold if it must finish."""
        return (10 - self.priority) * (MUST_FINISH if self.must_finish else 1)

    @property
    def label(self) -> str:
        """How people name the line: order number and line, ``SO-1001/10``."""
        return f"{self.order_number}/{self.line}"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer asks for; ``quantity`` in the item's own unit, ``priority`` 1 … 9."""

    item_id: UUID
    quantity: Decimal
    due_on: date
    priority: int = 5
    earliest_start_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseLine(Row):
    """A line of a purchase order on its way (scheduled receipt), there on ``due_on`` at 00:00."""

    plant_id: UUID
    order_number: str
    line: str
    supplier_id: UUID | None = None
    item_id: UUID
    quantity: Decimal
    unit: str
    due_on: date
    price: Decimal | None = None

    @property
    def label(self) -> str:
        """How people name the line: order number and line, ``PO-77/1``."""
        return f"{self.order_number}/{self.line}"

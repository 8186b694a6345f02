"""What is there: stock by place and lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.changes import Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Stock(Row):
    """The quantity of an item in a place and lot; ``quantity`` is in ``unit``."""

    plant_id: UUID
    item_id: UUID
    warehouse: str = ""
    location: str = ""
    lot: str = ""
    quantity: Decimal
    unit: str
    received_on: date | None = None
    expires_on: date | None = None
    unit_cost: Decimal | None = None

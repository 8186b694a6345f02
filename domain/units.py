"""Units of measure: every item has its own unit, and others convert into it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domain.changes import Row


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitConversion(Row):
    """1 of ``unit`` is ``factor`` of the item's own unit."""

    item_id: UUID
    unit: str
    factor: Decimal

"""What is made, bought and used: items and their bills of material."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.changes import Row
from domain.units import whole_down, whole_up

MOST_LEAD_DAYS = 3650
"""No supplier takes ten years; a longer lead time is a slip."""


class ItemType(StrEnum):
    """Where an item comes from."""

    MAKE = "make"
    BUY = "buy"
    SUBCONTRACT = "subcontract"
    PHANTOM = "phantom"


class LotRule(StrEnum):
    """How a net requirement becomes an order quantity (APICS lot-sizing rules)."""

    L4L = "L4L"
    FOQ = "FOQ"
    POQ = "POQ"
    MINMAX = "MINMAX"


class Tracking(StrEnum):
    """How single pieces of an item are told apart."""

    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item(Row):
    """A material, part, assembly or product.

    ``scrap_ratio`` is the share of a started quantity that is lost, 0 ≤ s < 1. ``lead_time_days``
    are calendar days, 0 … ``MOST_LEAD_DAYS``, for what is or may be bought or subcontracted.
    ``lot_size`` is the fixed quantity (FOQ), the days covered (POQ) or the level filled up to
    (MINMAX). ``minimum`` is the least that is ordered, or the level below which MINMAX orders.
    ``may_buy``: a planned work order may be bought instead, with ``lead_time_days`` from now and
    for ``buying_surcharge`` more a unit than making it costs.
    """

    code: str
    name: str = ""
    specification: str = ""
    unit: str = "pcs"
    type: ItemType = ItemType.MAKE
    lead_time_days: Decimal = Decimal(0)
    lot_rule: LotRule = LotRule.L4L
    lot_size: Decimal | None = None
    minimum: Decimal | None = None
    multiple: Decimal | None = None
    safety_stock: Decimal = Decimal(0)
    scrap_ratio: Decimal = Decimal(0)
    standard_cost: Decimal = Decimal(0)
    tracking: Tracking = Tracking.NONE
    shelf_life_days: int | None = None
    family: str = ""
    may_buy: bool = False
    buying_surcharge: Decimal = Decimal(0)

    def started_for(self, good: Decimal) -> Decimal:
        """Whole units to start so that at least ``good`` come out after scrap."""
        return whole_up(whole_up(good), 1 - self.scrap_ratio)

    def good_of(self, started: Decimal) -> Decimal:
        """Whole units expected to come out of a started quantity."""
        return whole_down(started * (1 - self.scrap_ratio))


@dataclass(frozen=True, kw_only=True, slots=True)
class BomLine(Row):
    """A component of a parent: ``quantity`` in ``unit`` for 1 of the parent's own unit.

    ``operation_number`` None: needed at the first operation. Valid on days
    ``valid_from_on ≤ day ≤ valid_to_on``; None is open.
    """

    parent_id: UUID
    component_id: UUID
    operation_number: int | None = None
    quantity: Decimal
    unit: str = ""
    scrap_ratio: Decimal = Decimal(0)
    valid_from_on: date | None = None
    valid_to_on: date | None = None

    def is_valid_on(self, day: date | None) -> bool:
        """Whether the line holds on that day; on no day in particular only without dates."""
        if day is None:
            return self.valid_from_on is None and self.valid_to_on is None
        starts_later = self.valid_from_on is not None and day < self.valid_from_on
        is_over = self.valid_to_on is not None and self.valid_to_on < day
        return not starts_later and not is_over

"""Units of measure and exact rounding: every item has its own unit, others convert into it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from uuid import UUID

from domain.changes import Row

QUANTITY_STEP = Decimal("0.000001")
"""The finest quantity that is planned and stored."""

ONE = Decimal(1)

# Directed rounding throughout: a quotient is never taken for less than it is.
_UP = Context(prec=60, rounding=ROUND_CEILING)


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitConversion(Row):
    """1 of ``unit`` is ``factor`` of the item's own unit."""

    item_id: UUID
    unit: str
    factor: Decimal


def round_up(quantity: Decimal, divisor: Decimal = ONE) -> Decimal:
    """``quantity ÷ divisor``, rounded up to ``QUANTITY_STEP``."""
    return _UP.quantize(_UP.divide(quantity, divisor), QUANTITY_STEP)


def whole_up(quantity: Decimal, divisor: Decimal = ONE) -> Decimal:
    """``quantity ÷ divisor``, rounded up to a whole number."""
    return _UP.divide(quantity, divisor).to_integral_value(ROUND_CEILING)


def whole_down(quantity: Decimal) -> Decimal:
    """``quantity`` rounded down to a whole number."""
    return quantity.to_integral_value(ROUND_FLOOR)


def up_to_multiple(quantity: Decimal, multiple: Decimal | None) -> Decimal:
    """The smallest multiple that is at least ``quantity``; None or 0: the quantity itself."""
    return whole_up(quantity, multiple) * multiple if multiple else quantity

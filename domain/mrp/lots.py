"""Lot rules: from a net requirement to order quantities."""

from __future__ import annotations

from decimal import Decimal

from domain.items import Item, LotRule
from domain.mrp.drafts import ZERO
from domain.units import up_to_multiple, whole_up

MOST_FIXED_LOTS = 200
"""Beyond so many fixed lots for one need, one order of their sum is made."""


def days_covered(item: Item, default: int) -> int:
    """How many days of needs one lot covers: POQ's periods, else ``default`` (0: one need)."""
    if item.lot_rule is LotRule.POQ and item.lot_size:
        return max(1, int(whole_up(item.lot_size)))
    return default


def reorder_level(item: Item) -> Decimal | None:
    """The projected stock below which a lot is ordered though nothing is short (MINMAX)."""
    if item.lot_rule is LotRule.MINMAX and item.lot_size:
        return max(item.minimum or ZERO, item.safety_stock)
    return None


def lot_quantities(item: Item, net: Decimal, projected: Decimal) -> list[Decimal]:
    """The quantities to order for a net requirement.

    Args:
        item: Its rule, lot size, minimum and multiple count.
        net: What is missing, over all days the lot covers; 0 or more.
        projected: The item's projected stock after the needs so far, below zero where they are not
            covered; only MINMAX asks for it.
    """
    if item.lot_rule is LotRule.FOQ and item.lot_size:
        count = int(whole_up(max(net, item.minimum or ZERO), item.lot_size))
        if count > MOST_FIXED_LOTS:
            return [count * item.lot_size]
        return [item.lot_size] * count
    if item.lot_rule is LotRule.MINMAX and item.lot_size:
        return [up_to_multiple(max(net, item.lot_size - projected), item.multiple)]
    return [up_to_multiple(max(net, item.minimum or ZERO), item.multiple)]


def has_lot_size_missing(item: Item) -> bool:
    """Whether the rule needs a lot size that is not given; it then works lot for lot."""
    return item.lot_rule is not LotRule.L4L and not item.lot_size

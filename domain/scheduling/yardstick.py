"""What the walks of the search minimise, and when one of their plans is better than another."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from domain.scheduling.chains import (
    DISLIKED,
    MOVE_WEIGHT,
    MOVED,
    PIN_WEIGHT,
    SETUP,
    SLIPPED,
    VALUE,
)
from domain.scheduling.compiled import F64, I64, lean

SETUP_PRICE = 5.0
"""Weighted minutes of lateness that a minute of setup counts while searching."""

LATE_SHARE = 0.95
"""How often a move is for a late order, if there is one."""


class Yardstick(NamedTuple):
    """Both speak of `Chains.totals`, place by place."""

    price: F64
    """Weighted minutes of lateness that one of each counts while searching."""
    levels: I64
    """Weights, a row a level: the first level that differs says which plan is better."""
    late_share: float


def new_yardstick(prices: dict[int, float], levels: Sequence[dict[int, int]]) -> Yardstick:
    """A yardstick from places in the totals; what slips always comes first."""
    price = np.zeros(5)
    for place, each in {VALUE: 1.0, SLIPPED: PIN_WEIGHT, **prices}.items():
        price[place] = each
    rows = np.zeros((len(levels) + 1, 5), np.int64)
    rows[0, SLIPPED] = 1
    for row, weights in zip(rows[1:], levels, strict=True):
        for place, weight in weights.items():
            row[place] = weight
    late_share = LATE_SHARE if price[SETUP] <= SETUP_PRICE and price[DISLIKED] <= 1 else 0.5
    return Yardstick(price, rows, late_share)


def plain_yardstick() -> Yardstick:
    """Lateness, then setup; where a plan is kept, moved operations count with lateness."""
    prices = {SETUP: SETUP_PRICE, MOVED: float(MOVE_WEIGHT)}
    return new_yardstick(prices, ({VALUE: 1, MOVED: MOVE_WEIGHT}, {SETUP: 1}))


@lean
def is_less(levels: I64, totals: I64, others: I64) -> bool:
    """Whether totals are better than others, level by level."""
    for level in range(levels.shape[0]):
        difference = 0
        for at in range(totals.size):
            difference += levels[level, at] * (totals[at] - others[at])
        if difference != 0:
            return difference < 0
    return False

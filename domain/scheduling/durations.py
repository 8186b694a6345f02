"""How long work runs on a machine."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from domain.scheduling.worktime import FAR


def run_minutes(quantity: Decimal, minutes: Decimal, rate: Fraction) -> int:
    """Rule 2: `ceil(quantity × minutes / rate)`, exactly; what takes for ever takes `FAR`.

    Args:
        quantity: Units, or on a machine that runs several together how often it is filled.
        minutes: For each of them.
        rate: Efficiency × speed of the machine.
    """
    if rate <= 0:
        return FAR
    (many, part), (each, of_each) = quantity.as_integer_ratio(), minutes.as_integer_ratio()
    work, shares = many * each * rate.denominator, part * of_each * rate.numerator
    return min(FAR, -(-work // shares))

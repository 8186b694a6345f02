"""What a stepped chart shows; apart from it, because its library is slow to load."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """From ``at`` on the stock is ``balance``, because of ``change`` (``words`` says what)."""

    at: datetime
    balance: Decimal
    change: Decimal
    words: str

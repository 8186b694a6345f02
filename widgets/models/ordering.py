"""The order of rows by one column: sorting all, and finding one row's place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from widgets.models.columns import Column

# A row's sort key by id: (is empty, value); see ``Column.sort_key``.
KeyOf = Callable[[UUID], tuple[bool, Any]]


@dataclass(frozen=True, slots=True)
class Ordering:
    """By a column, rising (``up``) or falling; rows without a value come last either way."""

    column: Column
    up: bool

    def sort(self, keys: Sequence[UUID], key_of: KeyOf) -> list[UUID]:
        """All keys in order; equal ones stay as they came. O(n log n)."""
        known = {key: key_of(key) for key in keys}
        filled = [key for key in keys if not known[key][0]]
        empty = [key for key in keys if known[key][0]]
        filled.sort(key=lambda key: known[key][1], reverse=not self.up)
        return filled + empty

    def place(self, order: Sequence[UUID], wanted: tuple[bool, Any], key_of: KeyOf) -> int:
        """Where a row with the sort key ``wanted`` belongs in ``order``. O(log n)."""
        is_empty, value = wanted
        if is_empty:
            return len(order)
        filled = bisect_left(order, x=True, key=lambda each: key_of(each)[0])
        if self.up:
            return bisect_left(order, value, hi=filled, key=lambda each: key_of(each)[1])
        low, high = 0, filled
        while low < high:
            middle = (low + high) // 2
            if key_of(order[middle])[1] > value:
                low = middle + 1
            else:
                high = middle
        return low

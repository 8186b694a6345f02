"""The sources of one item in the order in which needs may take from them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from domain.mrp.drafts import ZERO, Need, Source, allot


class Pool:
    """What is there and what will come.

    Needs must ask in the order of their time. What is there is taken first-expired first, then what
    arrives, earliest first; a source is never taken twice, and what is reserved only by whom it is
    reserved for. O(sources + allotments) altogether where nothing is.
    """

    def __init__(self, sources: Iterable[Source], now_at: datetime) -> None:
        self._ready: deque[Source] = deque()
        later: list[Source] = []
        for source in sources:
            if source.available_at is None or source.available_at <= now_at:
                self._ready.append(source)
            else:
                later.append(source)
        later.sort(key=lambda source: source.available_at or now_at)
        self._later = deque(later)
        self.free = sum((source.left for source in self._ready), ZERO)

    def reach(self, need_at: datetime, latest_at: datetime) -> None:
        """Let in what is there by ``latest_at``; drop what has expired at ``need_at``."""
        while self._later and (self._later[0].available_at or latest_at) <= latest_at:
            source = self._later.popleft()
            self._ready.append(source)
            self.free += source.left
        while self._ready and _is_expired(self._ready[0], need_at):
            self.free -= self._ready.popleft().left

    def add(self, source: Source) -> None:
        """A new source, after all that are there."""
        self._ready.append(source)
        self.free += source.left

    def take_kept(self, need: Need) -> None:
        """Serve a need from what is reserved for it."""
        for source, part in need.kept:
            source.reserved -= part
            allot(source, need, part)
            if source not in self._later:
                self.free -= part

    def take(self, need: Need, quantity: Decimal) -> Decimal:
        """Serve a need from what is there; returns what is still wanted."""
        wanted = _take(self._ready, need, quantity)
        self.free -= quantity - wanted
        return wanted

    def take_coming(self, need: Need, quantity: Decimal) -> Decimal:
        """Serve a need from what comes at any later time; returns what is still wanted."""
        return _take(self._later, need, quantity)

    def coming_by(self, at: datetime, skip: int) -> tuple[Decimal, int]:
        """What arrives by ``at``, leaving out the first ``skip`` receipts; and how many those are.

        Nothing is taken: this only looks ahead.
        """
        total, count = ZERO, 0
        for index in range(skip, len(self._later)):
            source = self._later[index]
            if (source.available_at or at) > at:
                break
            total += source.left
            count += 1
        return total, count


def _take(sources: deque[Source], need: Need, quantity: Decimal) -> Decimal:
    """Serve a need from the first of these that are free; returns what is still wanted."""
    while sources and sources[0].left <= 0:
        sources.popleft()
    for source in sources:
        if quantity <= 0:
            break
        part = min(quantity, source.free)
        if part > 0:
            allot(source, need, part)
            quantity -= part
    return quantity


def _is_expired(source: Source, at: datetime) -> bool:
    return source.expires_at is not None and source.expires_at <= at

"""Where a minute is on screen. Minutes count from 1970-01-01 UTC; pixels from the left edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WIDEST, NARROWEST = 12.0, 0.0008  # pixels a minute: 100 px are 8 minutes … 87 days


def to_minute(at: datetime) -> int:
    """The whole minute an instant lies in."""
    return int(at.timestamp() // 60)


def to_minutes(instants: Iterable[datetime]) -> NDArray[np.int64]:
    """The same for many of them."""
    return np.array([at.timestamp() // 60 for at in instants], np.int64)


def to_instant(minute: float) -> datetime:
    """The instant of a minute, in UTC; a fraction is rounded to the nearest minute."""
    return EPOCH + timedelta(minutes=round(minute))


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A linear map: ``left_minute`` is at pixel 0, and a minute is ``pixels_per_minute`` wide."""

    left_minute: float
    pixels_per_minute: float

    def x(self, minute: float) -> float:
        """The pixel of a minute."""
        return (minute - self.left_minute) * self.pixels_per_minute

    def minute(self, x: float) -> float:
        """The minute at a pixel."""
        return self.left_minute + x / self.pixels_per_minute

    def zoomed(self, factor: float, at_x: float) -> TimeScale:
        """The scale ``factor`` times as wide; the minute at pixel ``at_x`` stays there."""
        wanted = min(max(self.pixels_per_minute * factor, NARROWEST), WIDEST)
        return TimeScale(self.minute(at_x) - at_x / wanted, wanted)

    def panned(self, pixels: float) -> TimeScale:
        """The scale with its content moved ``pixels`` to the right."""
        return replace(self, left_minute=self.left_minute - pixels / self.pixels_per_minute)


def fitting(first: float, last: float, width: int, margin_px: int = 16) -> TimeScale:
    """The scale that shows ``[first, last]`` on ``width`` pixels with a margin at both ends."""
    inner = max(width - 2 * margin_px, 40)
    wanted = min(max(inner / max(last - first, 30.0), NARROWEST), WIDEST)
    middle = (first + last) / 2
    return TimeScale(middle - width / 2 / wanted, wanted)

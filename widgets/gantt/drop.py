"""What a drop would do, told while the bar is still in the hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.scenarios import Booking


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a booking would end up: ``[setup_start_at, end_at)`` on a machine."""

    booking_id: UUID
    machine_id: UUID | None
    setup_start_at: datetime
    run_start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True)
class DropPreview:
    """The plan after a drop.

    ``refusal`` says in the user's words why it cannot be; empty: it can. ``moved`` are all bookings
    that would change, the dragged one among them. Deltas are in minutes, below 0 is better:
    ``lateness_delta`` of order lines together, ``setup_delta`` of setup. None: not known.
    ``later_lines`` counts the order lines that get late, or later than they were.
    """

    refusal: str = ""
    moved: tuple[Moved, ...] = ()
    lateness_delta: int | None = None
    setup_delta: int | None = None
    later_lines: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the drag asks for: the booking's bar to begin at ``start_at`` on a machine."""

    booking: Booking
    machine_id: UUID | None
    start_at: datetime


Evaluate = Callable[[Booking, UUID | None, datetime], DropPreview]

"""Plans side by side: a scenario and its bookings. At most one scenario a plant is published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.changes import Row

USELESS_GAP = 0.9
"""A bound further than this share below the value says nothing about a plan."""


def useful_gap(value: int, bound: int | None) -> float | None:
    """The share of a plan's value that may still be won; None where no bound tells it."""
    if bound is None or value - bound > USELESS_GAP * value:
        return None
    return (value - bound) / value if value else 0.0


class LockLevel(StrEnum):
    """What the planner has pinned of a booking."""

    NONE = "none"
    SEQUENCE = "sequence"
    MACHINE = "machine"
    TIME = "time"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario(Row):
    """A plan of a plant, counted from ``now_at``.

    ``weighted_lateness`` and ``lower_bound`` are in weighted minutes (rule 9 of the workbook),
    ``setup_minutes`` in minutes; None: not known.
    """

    plant_id: UUID
    name: str
    published: bool = False
    now_at: datetime
    weighted_lateness: int | None = None
    lower_bound: int | None = None
    setup_minutes: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking(Row):
    """An operation's place in a scenario: ``[setup_start_at, end_at)`` on a machine.

    ``machine_id`` None: a subcontracted operation. ``setup_start_at`` equals ``run_start_at`` where
    there is no setup. ``published`` repeats the scenario's flag, for the database's own guard
    against double booking. ``batch_id`` is the booking with which this one runs together, at the
    same time on the same machine; None: it is the first of its batch, or runs alone.
    """

    plant_id: UUID
    scenario_id: UUID
    operation_id: UUID
    machine_id: UUID | None
    setup_start_at: datetime
    run_start_at: datetime
    end_at: datetime
    operator_ids: tuple[UUID, ...] = ()
    lock: LockLevel = LockLevel.NONE
    published: bool = False
    batch_id: UUID | None = None

    @property
    def batch(self) -> UUID:
        """What all bookings of one batch have in common: the id of the first of them."""
        return self.batch_id or self.id


def has_begun(booking: Booking, now_at: datetime) -> bool:
    """Whether a booking of the plan in force, or its setup, begins before the minute of now."""
    return booking.setup_start_at < now_at.replace(second=0, microsecond=0)


def is_frozen(booking: Booking, now_at: datetime, minutes: int) -> bool:
    """Whether a booking lies in a frozen horizon that begins with the minute of ``now_at``."""
    now_at = now_at.replace(second=0, microsecond=0)
    return now_at <= booking.setup_start_at < now_at + timedelta(minutes=minutes)


def keeps_its_place(booking: Booking, now_at: datetime, frozen_hours: int) -> bool:
    """Whether a new plan has to leave a booking as it is: locked, frozen, or begun."""
    is_held = booking.lock is not LockLevel.NONE or has_begun(booking, now_at)
    return is_held or is_frozen(booking, now_at, 60 * frozen_hours)


def held_batches(bookings: Iterable[Booking], now_at: datetime, frozen_minutes: int) -> set[UUID]:
    """Batches, and what runs alone, that keep their start: one that is held holds all with it."""
    return {
        row.batch
        for row in bookings
        if row.lock is LockLevel.TIME
        or has_begun(row, now_at)
        or is_frozen(row, now_at, frozen_minutes)
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class OvertimeShift(Row):
    """Overtime that a scenario has opened: ``[start_at, end_at)`` in which a machine works, too.

    Those who work at it are there, if their own calendars allow overtime in that time. It is paid
    as a whole: ``cost`` is its minutes × the hourly cost, rounded up to a hundredth. ``published``
    repeats the scenario's flag, as in bookings.
    """

    plant_id: UUID
    scenario_id: UUID
    machine_id: UUID
    start_at: datetime
    end_at: datetime
    cost: Decimal = Decimal(0)
    published: bool = False

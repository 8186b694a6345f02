"""Ways to mend a plan after something happened, and what each of them costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.changes import ChangeSet
from domain.errors import DomainError, Finding


class Way(StrEnum):
    """How a plan may be mended."""

    PUSH = "push"
    LOCAL = "local"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan costs: weighted minutes of lateness, late lines, setup minutes."""

    weighted_lateness: int
    late_lines: int
    setup_minutes: int


@dataclass(frozen=True, slots=True)
class RushEnd:
    """When a rush order is ready, and by how many minutes that is after its due day; 0: in time.

    ``is_in_stock``: nothing has to be made or bought for it.
    """

    finish_at: datetime
    late_minutes: int
    is_in_stock: bool = False


@dataclass(frozen=True, slots=True)
class MendOffer:
    """A plan that was mended in one way and passed the checker.

    ``changes`` is all of it, what happened included. ``moved`` counts operations that start over an
    hour from where they were, ``held_moved`` those that had to move though they have begun, or are
    frozen or locked. ``error`` says why there is no such plan. ``rush`` tells of the rush order, if
    that is what happened, ``chosen`` of what is made otherwise than usual.
    """

    way: Way
    figures: Figures | None = None
    moved: int = 0
    changes: ChangeSet | None = None
    error: DomainError | None = None
    held_moved: int = 0
    rush: RushEnd | None = None
    chosen: tuple[Finding, ...] = ()

"""Who and what does the work: plants, work centers, machines, operators, tools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.changes import Row

MOST_FROZEN_HOURS = 720
"""Who freezes a plan for over a month does not plan."""

MOST_UNITS = 1000
"""Nobody has a thousand units of one tool; more is a slip."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plant(Row):
    """A site. ``timezone`` is an IANA name; the plan's days and shifts are read in it.

    ``home`` marks the one plant whose orders, stock and work orders are planned here. What its
    plan begins within ``frozen_hours`` from now (0 to 720) stays where it is when it is planned
    anew.
    """

    code: str
    name: str = ""
    timezone: str = "Asia/Shanghai"
    home: bool = False
    frozen_hours: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer(Row):
    """Elapsed minutes that work is on its way from one plant to another."""

    from_plant_id: UUID
    to_plant_id: UUID
    minutes: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkCenter(Row):
    """Machines that can stand in for one another in planning."""

    code: str
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine(Row):
    """A single unit of a work center. ``calendar_id`` None: it works round the clock.

    A furnace, an oven or a bath runs operations of one family together up to ``batch_capacity``,
    in the unit of their loads; None: an ordinary machine, that does one thing at a time.
    """

    plant_id: UUID
    code: str
    name: str = ""
    work_center_id: UUID | None = None
    calendar_id: UUID | None = None
    efficiency: Decimal = Decimal(1)
    hourly_cost: Decimal = Decimal(0)
    batch_capacity: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator(Row):
    """A person with skills. ``calendar_id`` None: always at work."""

    code: str
    name: str = ""
    skills: tuple[str, ...] = ()
    calendar_id: UUID | None = None
    hourly_cost: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool(Row):
    """A mould, fixture or gauge of which there are ``count`` interchangeable units.

    An operation holds its units from the start of its setup to its end; they know no hours.
    """

    code: str
    name: str = ""
    count: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Downtime(Row):
    """``[start_at, end_at)`` in which a machine does not work, whatever its calendar says."""

    machine_id: UUID
    start_at: datetime
    end_at: datetime
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence(Row):
    """``[start_at, end_at)`` in which a person does not work, whatever the calendar says."""

    operator_id: UUID
    start_at: datetime
    end_at: datetime
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Changeover(Row):
    """Setup minutes from one changeover family to another, on a machine or a whole work center.

    Exactly one of ``work_center_id`` and ``machine_id`` is set; ``*`` stands for any family.
    """

    work_center_id: UUID | None = None
    machine_id: UUID | None = None
    from_family: str = "*"
    to_family: str = "*"
    minutes: Decimal = Decimal(0)

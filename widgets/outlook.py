"""What every panel shows: the rows of the factory, the plan in force, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.changes import Row
from domain.errors import Finding
from domain.items import Item
from domain.objectives import Goal
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import Plant, Tool
from domain.routings import RoutingOperation
from domain.scenarios import Booking, Scenario
from domain.scheduling.lateness import LineLateness
from domain.variants import part_count
from widgets.text import tr

if TYPE_CHECKING:  # the engine is not loaded for a name
    from domain.scheduling.odds import Odds


@dataclass(frozen=True, slots=True)
class Outlook:
    """A look at the factory at one moment.

    ``bookings`` are those of ``scenario`` by operation id; ``fates`` hold what it means for order
    lines, by id, ``amounts`` how much it has of every goal. ``odds`` None: nobody has worked them
    out; ``odds_are_old``: rows have changed since. The plan is the live one: rows are frozen, the
    set of them is not.
    """

    plan: Plan = field(default_factory=Plan)
    now_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    scenario: Scenario | None = None
    bookings: Mapping[UUID, Booking] = field(default_factory=dict[UUID, Booking])
    fates: Mapping[UUID, LineLateness] = field(default_factory=dict[UUID, LineLateness])
    amounts: Mapping[Goal, int] = field(default_factory=dict[Goal, int])
    findings: Sequence[Finding] = ()
    odds: Odds | None = None
    odds_are_old: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The home plant's time zone; UTC in an empty factory."""
        plant = next(iter(self.plan.table(Plant).values()), None)
        return ZoneInfo(plant.timezone if plant else "UTC")

    @property
    def today(self) -> date:
        """The day of ``now_at`` in the plant."""
        return self.now_at.astimezone(self.zone).date()

    def item(self, item_id: UUID) -> Item:
        """An item; a row that names a missing one shows it as such instead of failing."""
        found = self.plan.get(Item, item_id)
        return found if found is not None else Item(id=item_id, code=tr("value.missing"))

    def span(self, order: WorkOrder) -> tuple[datetime, datetime] | None:
        """From the first setup to the last end of a work order's operations; None: not planned."""
        booked = [
            self.bookings[operation.id]
            for operation in self.plan.where(Operation, work_order_id=order.id)
            if operation.id in self.bookings
        ]
        if not booked:
            return None
        return min(b.setup_start_at for b in booked), max(b.end_at for b in booked)

    def findings_of(self, row: Row) -> list[Finding]:
        """The findings that concern a row."""
        return [finding for finding in self.findings if row.id in finding.refs]


def step_title(plan: Plan, operation: Operation) -> str:
    """An operation's number and name, and which part of it this is."""
    title = f"{operation.number} {operation.name}".strip()
    if not operation.part:
        return title
    count = part_count(plan, operation)
    return tr("fact.part", title=title, part=operation.part, count=count)


def tool_words(plan: Plan, step: Operation | RoutingOperation) -> str:
    """The tool that a step holds, with how many of it; empty without one."""
    tool = plan.get(Tool, step.tool_id)
    if tool is None:
        return ""
    return tool.code if step.tools == 1 else tr("value.times", name=tool.code, n=step.tools)

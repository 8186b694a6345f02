"""What a schedule means for the order lines: when each is finished, how late, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import Finding, Severity
from domain.items import Item
from domain.orders import OrderLine, OrderStatus
from domain.plan import Plan
from domain.production import Peg
from domain.scenarios import Booking
from domain.scheduling.causes import Causes
from domain.scheduling.check_arrivals import Arrivals
from domain.scheduling.check_facts import Facts
from domain.working_time import local_instant


@dataclass(frozen=True, slots=True)
class LineLateness:
    """The fate of an order line.

    ``finish_at`` None: it can not be finished in this schedule; ``late_minutes`` is then 0.
    ``due_at`` is the end of its due day. ``cause`` says what took most of the time of a late line.
    """

    order_line: OrderLine
    finish_at: datetime | None
    due_at: datetime
    late_minutes: int
    weight: int
    cause: Finding | None = None

    @property
    def weighted_minutes(self) -> int:
        """What the line adds to the objective (rule 9)."""
        return self.late_minutes * self.weight


@dataclass(frozen=True, slots=True)
class PlanTotals:
    """A schedule in numbers. ``makespan_minutes`` is from the plan's start to the last end."""

    operations: int
    work_orders: int
    order_lines: int
    late_lines: int
    unfinished_lines: int
    weighted_lateness: int
    setup_minutes: int
    makespan_minutes: int


def order_lateness(plan: Plan, bookings: Iterable[Booking], now_at: datetime) -> list[LineLateness]:
    """The fate of every confirmed order line, by due day, priority and name.

    A line is finished when the last of what is pegged to it is there; stock is there at ``now_at``.
    """
    return fates_of(Facts(plan, bookings, now_at))


def line_fate(
    plan: Plan, bookings: Iterable[Booking], now_at: datetime, line: OrderLine
) -> LineLateness:
    """The fate of one order line, without its cause."""
    facts = Facts(plan, bookings, now_at)
    return _fate(line, facts, Arrivals(facts), None, ZoneInfo(plan.home_plant().timezone))


def lines_in_time(plan: Plan, bookings: Iterable[Booking], now_at: datetime) -> set[UUID]:
    """The confirmed order lines that a schedule finishes, whole, by the end of their due days."""
    fates = fates_of(Facts(plan, bookings, now_at), has_causes=False)
    kept = [each.order_line for each in fates if each.finish_at and not each.late_minutes]
    return {line.id for line in kept if _is_served(plan, line)}


def _is_served(plan: Plan, line: OrderLine) -> bool:
    """Whether what is pegged to a line is all of it: it may have become larger since."""
    wanted = plan.in_own_unit(plan.need(Item, line.item_id), line.quantity, line.unit)
    return sum(peg.quantity for peg in plan.where(Peg, demand_id=line.id)) >= wanted


def fates_of(facts: Facts, *, has_causes: bool = True) -> list[LineLateness]:
    """As ``order_lateness``, of a schedule that has been read; the causes if asked for."""
    plan, arrivals = facts.plan, Arrivals(facts)
    causes = Causes(facts, arrivals) if has_causes else None
    zone = ZoneInfo(plan.home_plant().timezone)
    lines = [
        line for line in plan.table(OrderLine).values() if line.status is OrderStatus.CONFIRMED
    ]
    lines.sort(key=lambda line: (line.due_on, line.priority, line.label))
    return [_fate(line, facts, arrivals, causes, zone) for line in lines]


def _fate(
    line: OrderLine, facts: Facts, arrivals: Arrivals, causes: Causes | None, zone: ZoneInfo
) -> LineLateness:
    due_at = local_instant(line.due_on + timedelta(days=1), zone)
    finish = arrivals.of_line(line)
    if finish is None:
        params = {"order": line.label}
        cause = Finding("cause_not_planned", Severity.ERROR, (line.id,), params)
        return LineLateness(line, None, due_at, 0, line.weight, cause)
    late = max(0, finish - facts.minute(due_at))
    cause = causes.of(line, facts.minute(due_at)) if late and causes else None
    return LineLateness(line, facts.instant(finish), due_at, late, line.weight, cause)


def plan_totals(plan: Plan, bookings: Iterable[Booking], now_at: datetime) -> PlanTotals:
    """A schedule in numbers."""
    facts = Facts(plan, bookings, now_at)
    placed = facts.placed.values()
    fates = fates_of(facts, has_causes=False)
    return PlanTotals(
        operations=len(placed),
        work_orders=len({one.order.id for one in placed}),
        order_lines=len(fates),
        late_lines=sum(fate.late_minutes > 0 for fate in fates),
        unfinished_lines=sum(fate.finish_at is None for fate in fates),
        weighted_lateness=sum(fate.weighted_minutes for fate in fates),
        setup_minutes=setup_of(facts),
        makespan_minutes=max((one.end for one in placed), default=0),
    )


def setup_of(facts: Facts) -> int:
    """Working minutes of all setups of a schedule, those that have begun or are over included."""
    return sum(
        facts.worked(one.machine).between(one.setup, one.run)
        for one in facts.placed.values()
        if one.machine
    )

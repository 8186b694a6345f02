"""What the checker knows of a schedule: bookings beside their rows, and working minutes.

Nothing here is shared with the planner. Minutes are whole minutes from the plan's start.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from uuid import UUID

from domain.errors import DomainError, Finding, Severity
from domain.items import Item
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import Downtime, Machine, Operator, Transfer
from domain.routings import BreakRule, RoutingMachine, RoutingOperation
from domain.scenarios import Booking, OvertimeShift
from domain.working_time import working_intervals

MINUTE = timedelta(minutes=1)
NEVER = 1 << 60
_SPARE = timedelta(days=30)


class Worked:
    """The working minutes of a machine or a person."""

    def __init__(self, intervals: Sequence[tuple[int, int]]) -> None:
        self._opens = [start for start, _ in intervals]
        self._closes = [end for _, end in intervals]
        self._before = [0]
        for start, end in intervals:
            self._before.append(self._before[-1] + end - start)

    def until(self, minute: int) -> int:
        """Working minutes before a minute."""
        at = bisect_right(self._opens, minute) - 1
        if at < 0:
            return 0
        return self._before[at] + min(minute, self._closes[at]) - self._opens[at]

    def between(self, start: int, end: int) -> int:
        """Working minutes in ``[start, end)``."""
        return self.until(end) - self.until(start)

    def is_working(self, minute: int) -> bool:
        """Whether that minute is worked."""
        return self.between(minute, minute + 1) == 1

    def rest_of(self, minute: int) -> int:
        """When the interval ends that a working minute lies in."""
        return self._closes[bisect_right(self._opens, minute) - 1]

    def done(self, start: int, minutes: int) -> int:
        """When that many working minutes from ``start`` on are over."""
        if minutes <= 0:
            return start
        goal = self.until(start) + minutes
        if goal > self._before[-1]:
            return NEVER
        at = bisect_right(self._before, goal - 1) - 1
        return self._opens[at] + goal - self._before[at]


@dataclass(frozen=True, slots=True)
class Placed:
    """A booking with the rows it is about; ``rate`` is efficiency × speed of its machine."""

    booking: Booking
    step: Operation
    order: WorkOrder
    item: Item
    machine: Machine | None
    rate: Fraction
    setup: int
    run: int
    end: int
    routing: str = ""

    @property
    def refs(self) -> tuple[UUID, ...]:
        """What findings about it point to."""
        return (self.step.id, self.order.id)

    @property
    def params(self) -> dict[str, object]:
        """How findings name it."""
        return {
            "work_order": self.order.number,
            "operation": self.step.number,
            "machine": self.machine.code if self.machine else "",
        }

    @property
    def handed_batch(self) -> Decimal | None:
        """The transfer batch with which the next may begin, None: only with all of it."""
        batch = self.step.transfer_batch
        is_part = batch is not None and 0 < batch < self.order.quantity
        return batch if is_part and self.machine is not None and not self.step.part else None

    @property
    def quantity(self) -> Decimal:
        """How much of the work order it works on."""
        return self.order.quantity if self.step.quantity is None else self.step.quantity

    @property
    def load(self) -> Fraction:
        """What it takes of the capacity of a machine that runs several operations together."""
        return Fraction(self.quantity) * Fraction(self.step.load)

    def run_minutes(self, quantity: Decimal) -> int:
        """Rule 2: working minutes that a quantity takes on this machine.

        Where several run together: those of one run, for each time that the quantity fills it.
        """
        capacity = self.machine.batch_capacity if self.machine else None
        if capacity:
            quantity = Decimal(
                ceil(Fraction(quantity) * Fraction(self.step.load) / Fraction(capacity))
            )
        return ceil(Fraction(quantity) * Fraction(self.step.run_minutes) / self.rate)

    def broken(self, code: str, **params: object) -> Finding:
        """The finding that this booking breaks a rule."""
        return Finding(code, Severity.ERROR, self.refs, {**self.params, **params})


def _opened(plan: Plan, bookings: Iterable[Booking]) -> list[OvertimeShift]:
    scenarios = dict.fromkeys(booking.scenario_id for booking in bookings)
    return [row for each in scenarios for row in plan.where(OvertimeShift, scenario_id=each)]


class Facts:
    """The schedule, read once. What can not be read is in ``findings``."""

    def __init__(
        self,
        plan: Plan,
        bookings: Iterable[Booking],
        now_at: datetime,
        overtime: Iterable[OvertimeShift] | None = None,
        in_force: Iterable[Booking] = (),
    ) -> None:
        """``overtime`` is what is open; None: what the plan's rows say of these scenarios.

        ``in_force`` are the bookings of the plan in force, by operation afterwards.
        """
        self.plan = plan
        bookings = list(bookings)
        if overtime is None:
            overtime = _opened(plan, bookings)
        self.overtime = tuple(overtime)
        self._opened: dict[UUID, list[OvertimeShift]] = {}
        for row in self.overtime:
            self._opened.setdefault(row.machine_id, []).append(row)
        self.now_at = now_at.replace(second=0, microsecond=0)
        self.in_force = {row.operation_id: row for row in in_force}
        self.findings: list[Finding] = []
        self.placed: dict[UUID, Placed] = {}
        self._rates: dict[tuple[UUID, UUID], Fraction] = {}
        for booking in bookings:
            self._place(booking)
        starts = (self.minute(row.setup_start_at) for row in self.in_force.values())
        first = min((*(one.setup for one in self.placed.values()), *starts), default=0)
        self._from_at = self.now_at + min(first, 0) * MINUTE
        last = max((one.end for one in self.placed.values()), default=0)
        self._until_at = self.now_at + max(last, 0) * MINUTE + _SPARE
        self._worked: dict[tuple[UUID, UUID | None], Worked] = {}

    def minute(self, at: datetime) -> int:
        """An instant as a whole minute, rounded up."""
        return -((self.now_at - at) // MINUTE)

    def instant(self, minute: int) -> datetime:
        """The instant of a minute."""
        return self.now_at + minute * MINUTE

    def worked(self, resource: Machine | Operator, at: Machine | None = None) -> Worked:
        """The working minutes of a resource from the plan's start on, or from what began first.

        A person at a machine works in the machine's overtime as far as their calendar allows it.
        """
        place = at or resource
        opened = self._opened.get(place.id, [])
        key = resource.id, place.id if opened else None
        found = self._worked.get(key)
        if found is None:
            spans = working_intervals(self.plan, resource, self._from_at, self._until_at, opened)
            minutes = [(self.minute(start), self.minute(end)) for start, end in spans]
            found = self._worked[key] = Worked(minutes)
        return found

    def has_begun(self, placed: Placed) -> bool:
        """Whether a booking goes on with what the plan in force has begun, where it began."""
        old = self.in_force.get(placed.step.id)
        if old is None or old.machine_id != placed.booking.machine_id or placed.setup >= 0:
            return False
        return old.run_start_at == placed.booking.run_start_at or placed.run >= 0

    def is_over(self, placed: Placed) -> bool:
        """Whether it has begun and is done: it ends before now, and its machine did not stand."""
        if not self.has_begun(placed) or placed.end > 0:
            return False
        rows = self.plan.where(Downtime, machine_id=placed.booking.machine_id)
        at = placed.booking
        return not any(row.start_at < at.end_at and row.end_at > at.setup_start_at for row in rows)

    def runs_as_long(self, placed: Placed, machine: Machine, expected: int) -> bool:
        """Whether a run has its minutes. Begun work has had them, too, if it takes less by now; and
        it may pause while people, tools or a long enough shift are missing."""
        worked = self.worked(machine)
        actual = worked.between(placed.run, placed.end)
        if actual <= expected or not self.has_begun(placed) or placed.run >= 0:
            return actual == expected
        may_pause = placed.step.break_rule is BreakRule.FIT or placed.step.tool_id is not None
        is_done = worked.between(0, placed.end) == 0
        return is_done or may_pause or bool(placed.step.skill)

    def needed_from(self, placed: Placed) -> int:
        """From when on a booking's people and tools are needed: of begun work, for its rest."""
        if placed.machine is None or not self.has_begun(placed) or placed.run >= 0:
            return placed.setup
        if self.is_over(placed):
            return placed.end
        worked = self.worked(placed.machine)
        left = placed.run_minutes(placed.quantity) - worked.between(placed.run, 0)
        idle = worked.between(0, placed.end) - max(0, left)
        return min(placed.end, worked.done(0, idle + 1) - 1) if left > 0 else placed.end

    def machine_of(self, booking: Booking) -> Machine | None:
        """The machine of a booking."""
        return self.plan.get(Machine, booking.machine_id)

    def steps(self, order: WorkOrder) -> list[Operation]:
        """The operations of a work order, first one first, parts of one by part."""
        steps = self.plan.where(Operation, work_order_id=order.id)
        return sorted(steps, key=lambda step: (step.number, step.part))

    def followed(self, order: WorkOrder) -> list[tuple[Operation, Operation]]:
        """Every step of a work order with each of those that it has to wait for, as (that, it)."""
        found: list[tuple[Operation, Operation]] = []
        steps = self.steps(order)
        numbers = sorted({step.number for step in steps})
        for step in steps:
            awaited = step.after
            if awaited is None:
                at = numbers.index(step.number)
                awaited = (numbers[at - 1],) if at else ()
            found += [(other, step) for other in steps if other.number in awaited]
        return found

    def finishing(self, order: WorkOrder) -> list[Operation]:
        """The steps that nothing waits for any more: with the last of them the work is done."""
        awaited = {before.id for before, _ in self.followed(order)}
        return [step for step in self.steps(order) if step.id not in awaited]

    def way(self, before: Placed, after: Placed) -> int:
        """Minutes that work is on its way between the plants of two bookings' machines."""
        if before.machine is None or after.machine is None:
            return 0
        row = self.plan.one(
            Transfer,
            from_plant_id=before.machine.plant_id,
            to_plant_id=after.machine.plant_id,
        )
        return ceil(row.minutes) if row else 0

    def _place(self, booking: Booking) -> None:
        try:
            step = self.plan.need(Operation, booking.operation_id)
            order = self.plan.need(WorkOrder, step.work_order_id)
            item = self.plan.need(Item, order.item_id)
            machine = self.plan.get(Machine, booking.machine_id)
            rate = self._rate(step, machine)
        except DomainError as error:
            refs = (booking.id, *error.refs)
            self.findings.append(Finding("booking_of_nothing", Severity.ERROR, refs, error.params))
            return
        setup, run, end = (
            self.minute(at) for at in (booking.setup_start_at, booking.run_start_at, booking.end_at)
        )
        if rate <= 0:
            refs = (booking.id, step.id)
            self.findings.append(Finding("machine_without_rate", Severity.ERROR, refs))
            return
        template = self.plan.get(RoutingOperation, step.routing_operation_id)
        routing = template.routing if template else ""
        placed = Placed(booking, step, order, item, machine, rate, setup, run, end, routing)
        if step.id in self.placed:
            self.findings.append(placed.broken("booked_twice"))
        self.placed[step.id] = placed
        if any(
            self.now_at + minute * MINUTE != at
            for minute, at in (
                (setup, booking.setup_start_at),
                (run, booking.run_start_at),
                (end, booking.end_at),
            )
        ):
            self.findings.append(placed.broken("not_whole_minutes"))
        if not setup <= run <= end:
            self.findings.append(placed.broken("times_in_disorder"))

    def _rate(self, step: Operation, machine: Machine | None) -> Fraction:
        if machine is None:
            return Fraction(1)
        key = step.routing_operation_id, machine.id
        known = self._rates.get(key)
        if known is None:
            row = self.plan.one(RoutingMachine, routing_operation_id=key[0], machine_id=key[1])
            known = Fraction(machine.efficiency) * Fraction(row.speed if row else Decimal(1))
            self._rates[key] = known
        return known

    def may_share(self, step: Operation) -> bool:
        """Whether one of the machines that may do it runs several operations together."""
        named = self.plan.where(RoutingMachine, routing_operation_id=step.routing_operation_id)
        machines = [self.plan.get(Machine, row.machine_id) for row in named]
        routing = self.plan.get(RoutingOperation, step.routing_operation_id)
        if not named and routing is not None and routing.work_center_id is not None:
            machines += self.plan.where(Machine, work_center_id=routing.work_center_id)
        return any(machine is not None and machine.batch_capacity for machine in machines)

    def may_run_on(self, step: Operation, machine: Machine) -> bool:
        """Whether the routing lets an operation run on a machine."""
        named = self.plan.where(RoutingMachine, routing_operation_id=step.routing_operation_id)
        if named:
            return any(row.machine_id == machine.id for row in named)
        routing = self.plan.get(RoutingOperation, step.routing_operation_id)
        return (
            routing is not None
            and routing.work_center_id is not None
            and routing.work_center_id == machine.work_center_id
        )

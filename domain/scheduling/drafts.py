"""Work to be planned while its problem is being put together: one draft an operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from domain.errors import Finding, Severity
from domain.items import Item
from domain.plan import Plan
from domain.production import Operation, Peg, WorkOrder
from domain.resources import Machine
from domain.routings import BreakRule, RoutingMachine, RoutingOperation
from domain.scheduling.possible import Option, Possible, Wish
from domain.scheduling.problem import NONE
from domain.scheduling.resources import Resources, Span, whole_minutes
from domain.scheduling.worktime import FAR


@dataclass(eq=False, slots=True)
class Draft:
    """An operation on its way into the tables. `edges` are (predecessor, wait, overlap)."""

    owner_id: UUID
    operation_id: UUID | None
    release: int = 0
    opening: int = 0
    elapsed: int = NONE
    setup: int = 0
    family: int = NONE
    part: int = NONE
    is_fit: bool = False
    skill: int = NONE
    crew_size: int = 0
    pin: int = NONE
    edges: list[tuple[Draft, int, int]] = field(default_factory=list["tuple[Draft, int, int]"])
    options: list[Option] = field(default_factory=list[Option])
    number: int = NONE
    is_dropped: bool = False


def run_minutes(quantity: Decimal, minutes: Decimal, rate: Fraction) -> int:
    """Rule 2: `ceil(quantity × minutes / rate)`, exactly; what takes for ever takes `FAR`."""
    (many, part), (each, of_each) = quantity.as_integer_ratio(), minutes.as_integer_ratio()
    work, shares = many * each * rate.denominator, part * of_each * rate.numerator
    return min(FAR, -(-work // shares))


class Drafts:
    """All drafts of a problem, the order lines they serve, and what could not be planned."""

    def __init__(self, plan: Plan, resources: Resources, span: Span) -> None:
        self.plan = plan
        self.resources = resources
        self.span = span
        self.chains: dict[UUID, list[Draft]] = {}
        self.by_operation: dict[UUID, Draft] = {}
        self.floors: dict[UUID, int] = {}
        self.makers: dict[UUID, list[Draft]] = {}
        self.lost_lines: set[UUID] = set()
        self.findings: list[Finding] = []
        self._possible = Possible(resources, span.minutes)
        self._parts: dict[tuple[UUID, int], int] = {}
        self._machines: dict[UUID, list[tuple[int, Fraction]]] = {}

    def add_work_order(self, order: WorkOrder, steps: Sequence[Operation], opening: int) -> None:
        """Draft the chain of a work order's operations."""
        chain: list[Draft] = []
        self.chains[order.id] = chain
        if not steps:
            self._refuse("no_routing", order, None)
        for before, step in zip([None, *steps], steps, strict=False):
            draft = self._draft(order, step, before)
            draft.opening = opening
            draft.release = opening
            self._check_minutes(order, step, draft, whole_minutes(step.wait_minutes))
            if chain and before is not None:
                overlap = 1 if draft.elapsed < 0 and self._hands_over(before, order) else 0
                draft.edges.append((chain[-1], whole_minutes(before.wait_minutes), overlap))
            chain.append(draft)
            self.by_operation[step.id] = draft

    def add_processing(self, order_id: UUID, start: int, elapsed: int) -> None:
        """Draft a planned order that can only begin when its components are there."""
        self.chains[order_id] = [Draft(order_id, None, release=start, elapsed=elapsed)]

    def last_of(self, owner_id: UUID) -> Draft | None:
        """The operation that finishes a work order or a processing order."""
        chain = self.chains.get(owner_id)
        return chain[-1] if chain else None

    def serve_line(self, line_id: UUID, minute: int, maker: Draft | UUID | None) -> None:
        """An order line is finished no earlier than this supply."""
        self.floors[line_id] = max(self.floors.get(line_id, 0), minute)
        if isinstance(maker, Draft):
            self.makers.setdefault(line_id, []).append(maker)
        elif maker is not None:
            self.lost_lines.add(line_id)

    def feed(self, peg: Peg, minute: int, maker: Draft | UUID | None) -> None:
        """A component is taken at an operation's run start, once it is there."""
        chain = self.chains.get(peg.demand_id)
        if not chain:
            return
        taker = chain[0]
        if peg.operation_id is not None:
            taker = self.by_operation.get(peg.operation_id, taker)
        taker.release = max(taker.release, minute)
        if self._possible.refusal(minute) and not taker.is_dropped:
            self._refuse_taker(taker)
        if isinstance(maker, Draft):
            taker.edges.append((maker, 0, 0))
        elif maker is not None:
            taker.is_dropped = True

    def hold_machine(self, draft: Draft, machine_id: UUID) -> None:
        """Keep an operation on one machine, if that machine may do it."""
        machine = self.resources.machine_index.get(machine_id, NONE)
        held = [option for option in draft.options if option[0] == machine]
        draft.options = held or draft.options

    def _draft(self, order: WorkOrder, step: Operation, before: Operation | None) -> Draft:
        draft = Draft(order.id, step.id)
        if step.subcontract_days is not None:
            draft.elapsed = whole_minutes(step.subcontract_days * 1440)
            return draft
        item = self.plan.need(Item, order.item_id)
        draft.setup = whole_minutes(step.setup_minutes)
        draft.family = self.resources.families.get(item.family, NONE)
        draft.part = self._parts.setdefault((order.item_id, step.number), len(self._parts))
        draft.is_fit = step.break_rule is BreakRule.FIT
        if step.skill:
            draft.skill = self.resources.skills.get(step.skill, NONE)
            draft.crew_size = max(1, step.operators)
        draft.options = self._options(order, step, before)
        self._check(order, step, draft)
        return draft

    def _options(self, order: WorkOrder, step: Operation, before: Operation | None) -> list[Option]:
        """(machine, run, run of the first batch out, run of the last batch in) of every choice."""
        quantity = order.quantity
        out = min(step.transfer_batch or quantity, quantity)
        into = min((before.transfer_batch if before else None) or quantity, quantity)
        options: list[Option] = []
        for machine, rate in self._eligible(step.routing_operation_id):
            run = run_minutes(quantity, step.run_minutes, rate)
            first = run if out == quantity else run_minutes(out, step.run_minutes, rate)
            last = run if into == quantity else run_minutes(into, step.run_minutes, rate)
            options.append((machine, run, first, last))
        return options

    def _hands_over(self, before: Operation, order: WorkOrder) -> bool:
        """Whether the next operation may start on the first transfer batch."""
        batch = before.transfer_batch
        return before.subcontract_days is None and batch is not None and batch < order.quantity

    def _eligible(self, routing_id: UUID) -> list[tuple[int, Fraction]]:
        """Machines that may do a routing operation, with efficiency × speed."""
        found = self._machines.get(routing_id)
        if found is not None:
            return found
        step = self.plan.get(RoutingOperation, routing_id)
        named = self.plan.where(RoutingMachine, routing_operation_id=routing_id)
        choices: list[tuple[Machine | None, Decimal]] = [
            (self.plan.get(Machine, row.machine_id), row.speed)
            for row in sorted(named, key=lambda row: row.position)
        ]
        if not choices and step is not None and step.work_center_id is not None:
            center = step.work_center_id
            choices = [(m, Decimal(1)) for m in self.plan.where(Machine, work_center_id=center)]
        found = self._machines[routing_id] = [
            (
                self.resources.machine_index[machine.id],
                Fraction(machine.efficiency) * Fraction(speed),
            )
            for machine, speed in choices
            if machine is not None and machine.efficiency * speed > 0
        ]
        return found

    def _check(self, order: WorkOrder, step: Operation, draft: Draft) -> None:
        """Drop machines that can never do the operation, and say so if none is left."""
        wish = Wish(
            draft.options, draft.setup, draft.family, draft.is_fit, draft.skill, draft.crew_size
        )
        draft.options, code = self._possible.places(wish)
        if not draft.options:
            self._refuse(code, order, step)
            draft.is_dropped = True

    def _check_minutes(self, order: WorkOrder, step: Operation, draft: Draft, wait: int) -> None:
        """Refuse what a mistyped date or number of minutes puts out of all reach."""
        if draft.is_dropped:
            return
        for minutes in (draft.opening, draft.setup, draft.elapsed, wait):
            if code := self._possible.refusal(minutes):
                self._refuse(code, order, step)
                draft.is_dropped = True
                return

    def _refuse_taker(self, taker: Draft) -> None:
        """Refuse an operation whose material does not come in the time that is planned."""
        taker.is_dropped = True
        order = self.plan.get(WorkOrder, taker.owner_id)
        if order is not None and taker.operation_id is not None:
            self._refuse("beyond_horizon", order, self.plan.get(Operation, taker.operation_id))

    def _refuse(self, code: str, order: WorkOrder, step: Operation | None) -> None:
        refs = (order.id,) if step is None else (order.id, step.id)
        operation = "" if step is None else step.number
        params = {
            "work_order": order.number,
            "operation": operation,
            "skill": step.skill if step else "",
        }
        self.findings.append(Finding(code, Severity.ERROR, refs, params))

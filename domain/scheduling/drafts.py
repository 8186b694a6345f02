"""Work to be planned while its problem is being put together: one draft an operation."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias
from uuid import UUID

from domain.errors import Finding, Severity
from domain.items import Item
from domain.plan import Plan
from domain.production import Operation, Peg, WorkOrder
from domain.resources import Tool
from domain.routings import BreakRule, followed_by, last_steps
from domain.scheduling.options import Options, piece_load
from domain.scheduling.possible import Option, Possible, Wish
from domain.scheduling.problem import NONE
from domain.scheduling.resources import Resources, Span, whole_minutes
from domain.scheduling.worktime import FAR
from domain.variants import routing_of


class Edge(NamedTuple):
    """What an operation follows: after so many minutes, at the most so many (-1: any)."""

    before: Draft
    wait: int = 0
    overlap: int = 0
    """1: the first transfer batch is enough to start."""
    most: int = NONE


@dataclass(eq=False, slots=True)
class Draft:
    """An operation on its way into the tables.

    `needs` are (crew, how many).
    """

    owner_id: UUID
    operation_id: UUID | None
    release: int = 0
    opening: int = 0
    elapsed: int = NONE
    setup: int = 0
    family: int = NONE
    part: int = NONE
    batch_family: int = NONE
    is_shared: bool = False
    is_fit: bool = False
    needs: list[tuple[int, int]] = field(default_factory=list["tuple[int, int]"])
    pin: int = NONE
    edges: list[Edge] = field(default_factory=list["Edge"])
    options: list[Option] = field(default_factory=list[Option])
    number: int = NONE
    step: int = NONE
    """The operation's number in its work order."""
    is_dropped: bool = False


Makers: TypeAlias = Sequence[Draft] | UUID
"""The operations that make a supply, none if it is there anyway; a UUID: it cannot be made."""


class Drafts:
    """All drafts of a problem, the order lines they serve, and what could not be planned."""

    def __init__(self, plan: Plan, resources: Resources, span: Span) -> None:
        self.plan = plan
        self.resources = resources
        self.span = span
        self.chains: dict[UUID, list[Draft]] = {}
        self.lasts: dict[UUID, list[Draft]] = {}
        """The operations that finish a work order or a processing order."""
        self.by_operation: dict[UUID, Draft] = {}
        self.floors: dict[UUID, int] = {}
        self.makers: dict[UUID, list[Draft]] = {}
        self.lost_lines: set[UUID] = set()
        self.findings: list[Finding] = []
        self._possible = Possible(resources, span.minutes)
        self._parts: dict[tuple[UUID, str, int], int] = {}
        self._numbered: dict[UUID, list[dict[int, list[Draft]]]] = {}
        """The drafts of a work order by number, for each routing that it may be made by."""
        self._options = Options(plan, resources)
        self._told: set[UUID] = set()
        """Routing operations of which it has been said that some machines are too small."""

    def add_work_order(self, order: WorkOrder, steps: Sequence[Operation], opening: int) -> None:
        """Draft a work order's operations, which are given by number.

        Called again for the same work order, it adds another routing's.
        """
        chain = self.chains.setdefault(order.id, [])
        numbered: dict[int, list[Draft]] = {}
        self._numbered.setdefault(order.id, []).append(numbered)
        if not steps:
            self._refuse("no_routing", order, None)
        for step, befores in zip(steps, followed_by(steps), strict=True):
            draft = self._draft(order, step, befores)
            draft.opening = opening
            draft.release = opening
            self._check_minutes(order, step, draft, whole_minutes(step.wait_minutes))
            if step.after is not None and len(befores) < len(set(step.after)):
                self._refuse("follows_unknown_step", order, step)
                draft.is_dropped = True
            draft.edges += [self._edge(order, before, step, draft) for before in befores]
            chain.append(draft)
            numbered.setdefault(step.number, []).append(draft)
            self.by_operation[step.id] = draft
        lasts = self.lasts.setdefault(order.id, [])
        lasts += [self.by_operation[step.id] for step in last_steps(steps)]

    def _edge(self, order: WorkOrder, before: Operation, step: Operation, draft: Draft) -> Edge:
        wait, most = whole_minutes(before.wait_minutes), NONE
        if before.max_wait_minutes is not None:
            most = max(wait, min(FAR, int(before.max_wait_minutes)))
        is_handed = draft.elapsed < 0 and not draft.is_shared and step.part == 0
        overlap = int(is_handed and self._options.hands_over(before, order))
        return Edge(self.by_operation[before.id], wait, overlap, most)

    def add_processing(self, order_id: UUID, start: int, elapsed: int) -> None:
        """Draft a planned order that can only begin when its components are there."""
        draft = Draft(order_id, None, release=start, elapsed=elapsed)
        self.chains[order_id] = self.lasts[order_id] = [draft]

    def serve_line(self, line_id: UUID, minute: int, makers: Makers) -> None:
        """An order line is finished no earlier than this supply."""
        self.floors[line_id] = max(self.floors.get(line_id, 0), minute)
        if isinstance(makers, UUID):
            self.lost_lines.add(line_id)
        else:
            self.makers.setdefault(line_id, []).extend(makers)

    def feed(self, peg: Peg, minute: int, makers: Makers) -> None:
        """A component is taken at an operation's run start, once it is there."""
        chain = self.chains.get(peg.demand_id)
        if not chain:
            return
        for taker in self.takers(peg, chain):
            taker.release = max(taker.release, minute)
            if self._possible.refusal(minute) and not taker.is_dropped:
                self._refuse_taker(taker)
            if isinstance(makers, UUID):
                taker.is_dropped = True
            else:
                taker.edges += [Edge(maker) for maker in makers]

    def takers(self, peg: Peg, chain: Sequence[Draft]) -> list[Draft]:
        """Who waits for a component: an operation, or all its parts; in every routing of it."""
        taker = chain[0]
        if peg.operation_id is not None:
            taker = self.by_operation.get(peg.operation_id, taker)
        routings = self._numbered.get(taker.owner_id)
        if not routings:
            return [taker]
        found: list[Draft] = []
        for numbered in routings:
            found += numbered.get(taker.step) or numbered[min(numbered)]
        return found

    def dropped(self) -> set[UUID]:
        """The operations that cannot be planned as they are."""
        return {op for op, draft in self.by_operation.items() if draft.is_dropped}

    def leave_out(self, operations: Set[UUID]) -> None:
        """Forget operations, whatever follows them, and what was said of them."""
        if not operations:
            return
        for drafts in (*self.chains.values(), *self.lasts.values(), *self.makers.values()):
            drafts[:] = [one for one in drafts if one.operation_id not in operations]
        for draft in (one for chain in self.chains.values() for one in chain):
            draft.edges = [e for e in draft.edges if e.before.operation_id not in operations]
        self.findings[:] = [one for one in self.findings if operations.isdisjoint(one.refs)]

    def hold_machine(self, draft: Draft, machine_id: UUID) -> None:
        """Keep an operation on one machine, if that machine may do it."""
        machine = self.resources.machine_index.get(machine_id, NONE)
        held = [option for option in draft.options if option[0] == machine]
        draft.options = held or draft.options

    def _draft(self, order: WorkOrder, step: Operation, befores: Sequence[Operation]) -> Draft:
        draft = Draft(order.id, step.id, step=step.number)
        if step.subcontract_days is not None:
            draft.elapsed = whole_minutes(step.subcontract_days * 1440)
            return draft
        item = self.plan.need(Item, order.item_id)
        draft.setup = whole_minutes(step.setup_minutes)
        draft.family = self.resources.families.get(item.family, NONE)
        draft.batch_family = draft.family if item.family else NONE
        draft.is_shared = self._options.is_shared(step)
        part = order.item_id, routing_of(self.plan, step), step.number
        draft.part = self._parts.setdefault(part, len(self._parts))
        draft.is_fit = step.break_rule is BreakRule.FIT
        if step.skill:
            crew = self.resources.skills.get(step.skill, NONE)
            draft.needs.append((crew, max(1, step.operators)))
        if step.tool_id is not None:
            draft.needs.append((self.resources.tools[step.tool_id], step.tools))
        draft.options = self._options.of(order, step, befores)
        self._check(order, step, draft)
        return draft

    def _check(self, order: WorkOrder, step: Operation, draft: Draft) -> None:
        """Drop machines that can never do the operation, and say so if none is left."""
        wish = Wish(draft.options, draft.setup, draft.family, draft.is_fit, draft.needs)
        small = self._options.too_small(order, step)
        has_room = bool(draft.options) or not small
        draft.options, code = self._possible.places(wish)
        if not draft.options:
            self._refuse(code if has_room else "piece_too_large", order, step)
            draft.is_dropped = True
        elif small and step.routing_operation_id not in self._told:
            self._told.add(step.routing_operation_id)
            refs = (order.item_id, step.routing_operation_id)
            names = self._names(order, step)
            self.findings.append(Finding("machine_too_small", Severity.INFO, refs, names))

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
        params = self._names(order, step) if step else {"work_order": order.number}
        self.findings.append(Finding(code, Severity.ERROR, refs, params))

    def _names(self, order: WorkOrder, step: Operation) -> dict[str, object]:
        """What messages about an operation name."""
        tool = self.plan.get(Tool, step.tool_id)
        return {
            "work_order": order.number,
            "item": self.plan.need(Item, order.item_id).code,
            "operation": step.number,
            "skill": step.skill,
            "tool": tool.code if tool else "",
            "load": piece_load(order, step),
            "machines": self._options.too_small(order, step),
        }

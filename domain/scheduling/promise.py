"""When could we deliver, and what would it cost the others? Asked of a plan without changing it.

A wished order line is exploded on what stock and purchases nobody else needs, and its work is put
into the plan twice: gently, into gaps, so that nothing else moves; and as a rush order that goes
first wherever it waits for a machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import numpy as np

from domain.changes import Row
from domain.errors import DomainError, Finding
from domain.mrp import explode
from domain.orders import OrderLine, Wish
from domain.plan import Plan
from domain.production import Operation, Peg, WorkOrder
from domain.scheduling.build import build_problem
from domain.scheduling.compiled import I32, lean
from domain.scheduling.explain import Explainer, Link
from domain.scheduling.gaps import Gaps
from domain.scheduling.problem import NONE, Problem, Solution, Tables, line_lateness
from domain.scheduling.resources import Span, build_resources
from domain.scheduling.right_shift import right_shift
from domain.scheduling.waits import within_waits
from domain.scheduling.wished import AS_USUAL, Making, WishFactory, as_made
from domain.variants import routing_of

_MOST_TRIES = 24
"""So many ways to make what is wished are tried at the most: an answer takes no longer."""

_HOUR = 60


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to fit a wish in.

    Attributes:
        finish_at: When it would be done.
        late_minutes: How much later than the end of its due day; 0: on time.
        value_change: Weighted minutes by which the other order lines get later in sum.
        later_lines: The other order lines that get later, with the minutes, the worst first.
        moved: Operations of others that would start over an hour later than planned.
        links: Its critical chain, the last link first; empty: it is all in stock.
        solution: The whole plan with it.
        problem: What that is a solution of.
        rows: Order line, work orders, operations, planned orders and pegs that it would add.
        told: What is made otherwise than usual, as that would be late.
    """

    finish_at: datetime
    late_minutes: int
    value_change: int
    later_lines: tuple[tuple[UUID, int], ...]
    moved: int
    links: tuple[Link, ...]
    solution: Solution
    problem: Problem
    rows: tuple[Row, ...]
    told: tuple[Finding, ...] = ()

    @property
    def limiting(self) -> Link | None:
        """The longest stretch of its chain; None: it is all in stock."""
        return max(self.links, key=lambda link: link.minutes, default=None)


@dataclass(frozen=True, slots=True)
class Promise:
    """The answer to a wish.

    Attributes:
        wish: What was asked.
        gentle: Into gaps, nothing else moves; None: it cannot be made.
        rush: First in every queue; None: it cannot be made.
        findings: Why it cannot be made as usual, or what is to be known about it.
    """

    wish: Wish
    gentle: Offer | None
    rush: Offer | None
    findings: tuple[Finding, ...]


class _Try(NamedTuple):
    """What a wish leads to, made in one way: the gentle offer and the rush."""

    making: Making
    offers: tuple[Offer | None, Offer | None]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]

    def finish_of(self, which: int) -> datetime | None:
        """When an offer has it done, None: never."""
        offer = self.offers[which]
        return offer.finish_at if offer else None


class Promiser:
    """Answers wishes about one plan; O(rows) to make, each answer O(operations).

    What a released order makes beyond what is pegged is not counted as free.
    """

    def __init__(
        self,
        plan: Plan,
        problem: Problem,
        solution: Solution,
        new_id: Callable[[], UUID],
        *,
        asked_at: datetime | None = None,
    ) -> None:
        """Nothing is bought, begun or promised before ``asked_at``; None: the plan's start."""
        self._plan, self._problem, self._solution = plan, problem, solution
        self._new_id = new_id
        self._asked_at = max(asked_at or problem.now_at, problem.now_at)
        days = problem.tables.worktime.horizon // 1440
        self._resources = build_resources(
            plan, Span(problem.now_at, days), problem.overtime, problem.begun
        )
        self._parts = _parts(plan, problem)
        taken: dict[UUID, Decimal] = {}
        for peg in plan.table(Peg).values():
            taken[peg.supply_id] = taken.get(peg.supply_id, Decimal(0)) + peg.quantity
        begin_at = self._asked_at if self._asked_at > problem.now_at else None
        self._wished = WishFactory(plan, begin_at, taken, new_id)

    def promise(self, wish: Wish) -> Promise:
        """Answer one wish; where that would be late, with what is made otherwise than usual.

        Raises:
            DomainError: ``value_not_positive``; ``row_missing`` if there is no such item.
        """
        if wish.quantity <= 0:
            raise DomainError("value_not_positive", wish.item_id, value=wish.quantity)
        usual = self._try(wish, AS_USUAL)
        tries = {AS_USUAL: usual}
        gentle, rush = (self._best(wish, which, tries).offers[which] for which in (0, 1))
        return Promise(wish, gentle, rush, usual.findings)

    def _best(self, wish: Wish, which: int, tries: dict[Making, _Try]) -> _Try:
        """One item more otherwise, as long as it is late and gets sooner; ``tries`` are kept."""
        best = tries[AS_USUAL]
        while (offer := best.offers[which]) is None or offer.late_minutes > 0:
            sooner = best
            for making in self._wished.others(wish, best.making, best.rows):
                if making not in tries and len(tries) >= _MOST_TRIES:
                    break
                found = tries[making] = tries.get(making) or self._try(wish, making)
                finish, least = found.finish_of(which), sooner.finish_of(which)
                if finish is not None and (least is None or finish < least):
                    sooner = found
            if sooner is best:
                break
            best = sooner
        return best

    def _try(self, wish: Wish, making: Making) -> _Try:
        plan = Plan(self._wished.rows(wish, making))
        explosion = explode(plan, self._asked_at, self._new_id)
        rows: list[Row] = [
            *plan.table(OrderLine).values(),
            *explosion.work_orders,
            *explosion.operations,
            *explosion.planned_orders,
            *explosion.pegs,
        ]
        for row in rows:
            plan.put(row)
        fresh = build_problem(
            plan, self._problem.now_at, resources=self._resources, overtime=self._problem.overtime
        )
        joined, made = self._join(plan, fresh), as_made(rows, making)
        findings = (*explosion.findings, *fresh.findings)
        if not fresh.line_ids:
            return _Try(making, (None, None), made, findings)
        count = self._problem.operation_count
        gentle = within_waits(joined, lambda held: Gaps(held, self._solution, count).fill())
        told = self._wished.told(making, made)
        offers = [
            replace(self._offer(joined, each), rows=made, told=told)
            for each in (gentle, self._rush(joined))
        ]
        return _Try(making, (offers[0], offers[1]), made, findings)

    def promises(self, wishes: Sequence[Wish], workers: int = 2) -> list[Promise]:
        """Answer many wishes, each as if it were the only one."""
        with ThreadPoolExecutor(max(1, workers)) as pool:
            return list(pool.map(self.promise, wishes))

    # into the plan

    def _join(self, plan: Plan, fresh: Problem) -> Problem:
        parts = dict(self._parts)
        numbers = [
            parts.setdefault(self._key(plan, operation_id), len(parts) + self._free_part())
            for operation_id in fresh.operation_ids
        ]
        tables = fresh.tables._replace(part=np.array(numbers, np.int32))
        return join(self._problem, replace(fresh, tables=tables))

    def _key(self, plan: Plan, operation_id: UUID | None) -> object:
        """In the small factory every routing is the main one: which it is, is asked of the plan."""
        return _part_key(plan, operation_id, self._plan)

    def _free_part(self) -> int:
        return int(self._problem.tables.part.max(initial=-1)) + 1

    def _rush(self, joined: Problem) -> Solution:
        """New work begins as soon as it can and is first in every queue."""
        tables, old = joined.tables, self._solution
        count, more = len(old.order), joined.operation_count - len(old.order)
        load = np.bincount(
            tables.alt_machine[old.alternative[old.alternative >= 0]],
            weights=tables.alt_run[old.alternative[old.alternative >= 0]],
            minlength=joined.machine_count,
        )
        chosen = [
            min(
                range(tables.alt_first[op], tables.alt_first[op + 1]),
                key=lambda alt: (tables.alt_run[alt], load[tables.alt_machine[alt]]),
                default=NONE,
            )
            for op in range(count, count + more)
        ]
        crew = np.full((count + more, int(tables.crew_size.max(initial=0))), NONE, np.int32)
        crew[:count, : old.crew.shape[1]] = old.crew
        new = np.arange(count, count + more, dtype=np.int32)
        present = replace(
            old,
            order=np.concatenate((new, old.order)),
            alternative=np.concatenate((old.alternative, np.array(chosen, np.int32))),
            run_start=np.concatenate((old.run_start, np.zeros(more, np.int32))),
            crew=crew,
        )
        return right_shift(joined, present)

    def _offer(self, joined: Problem, solution: Solution) -> Offer:
        tables, old = joined.tables, self._solution
        lines, count = len(self._problem.line_ids), len(old.end)
        late = lateness_of(joined, solution)[:lines]
        more = late - lateness_of(self._problem, old)
        later = [(joined.line_ids[line], int(more[line])) for line in np.flatnonzero(more > 0)]
        links = Explainer(joined, solution).chain(lines)
        finish = max(sum(link.minutes for link in links), joined.minute(self._asked_at))
        return Offer(
            finish_at=joined.instant(finish),
            late_minutes=max(0, finish - int(tables.line_due[lines])),
            value_change=int((tables.line_weight[:lines] * more).sum()),
            later_lines=tuple(sorted(later, key=lambda entry: -entry[1])),
            moved=int((solution.run_start[:count] - old.run_start > _HOUR).sum()),
            links=tuple(links),
            solution=solution,
            problem=joined,
            rows=(),
        )


def lateness_of(problem: Problem, solution: Solution) -> I32:
    """Lateness of every order line in minutes, before its weight."""
    late = np.zeros(len(problem.line_ids), np.int32)
    _lateness(problem.tables, solution.end, late)
    return late


@lean
def _lateness(tables: Tables, end: I32, late: I32) -> None:
    for line in range(late.size):
        late[line] = line_lateness(tables, line, end)


def _parts(plan: Plan, problem: Problem) -> dict[object, int]:
    """Number of every part (item, routing and operation number) that is in the problem."""
    return {
        _part_key(plan, operation_id, plan): int(problem.tables.part[op])
        for op, operation_id in enumerate(problem.operation_ids)
        if operation_id is not None
    }


def _part_key(plan: Plan, operation_id: UUID | None, factory: Plan) -> object:
    if operation_id is None:
        return None
    step = plan.need(Operation, operation_id)
    item_id = plan.need(WorkOrder, step.work_order_id).item_id
    return item_id, routing_of(factory, step), step.number


def join(one: Problem, two: Problem) -> Problem:
    """Both problems' work in one, that of `one` first; machines and people are those of `one`."""
    a, b = one.tables, two.tables
    operations, lines = one.operation_count, len(a.line_due)
    moved = {
        "edge_first": _firsts(a.edge_first, b.edge_first),
        "edge_from": _chained(a.edge_from, b.edge_from, operations),
        "next_first": _firsts(a.next_first, b.next_first),
        "next_op": _chained(a.next_op, b.next_op, operations),
        "need_first": _firsts(a.need_first, b.need_first),
        "alt_first": _firsts(a.alt_first, b.alt_first),
        "alt_op": _chained(a.alt_op, b.alt_op, operations),
        "line_first": _firsts(a.line_first, b.line_first),
        "line_op": _chained(a.line_op, b.line_op, operations),
        "serves_first": _firsts(a.serves_first, b.serves_first),
        "serves_line": _chained(a.serves_line, b.serves_line, lines),
    }
    for name in _WORK_COLUMNS:
        moved[name] = _chained(getattr(a, name), getattr(b, name), 0)
    return replace(
        one,
        tables=a._replace(**moved),
        operation_ids=one.operation_ids + two.operation_ids,
        owner_ids=one.owner_ids + two.owner_ids,
        line_ids=one.line_ids + two.line_ids,
        findings=one.findings + two.findings,
    )


_WORK_COLUMNS = (
    *("release", "opening", "elapsed", "own_setup", "family", "part", "fit"),
    *("crew_size", "pin", "batch_family", "is_shared", "need_crew", "need_size"),
    *("edge_wait", "edge_overlap", "edge_most", "is_limited"),
    *("alt_machine", "alt_run", "alt_first_batch", "alt_last_batch", "alt_load"),
    *("line_due", "line_weight", "line_floor"),
)


def _firsts(one: I32, two: I32) -> I32:
    return np.concatenate((one, two[1:] + one[-1])).astype(np.int32)


def _chained(one: I32, two: I32, shift: int) -> I32:
    return np.concatenate((one, two + shift)).astype(np.int32)

"""Answer a drag on the Gantt: move one booking and push what follows, within the nine rules.

Apart from the search: a given plan is repaired by right shift alone, in milliseconds, so that the
planner sees while dragging what a drop would do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import RuleViolation
from domain.items import Item
from domain.orders import PurchaseLine
from domain.plan import Plan
from domain.production import Operation, Peg, PlannedOrder, SupplyKind, WorkOrder
from domain.resources import Machine
from domain.scenarios import Booking, LockLevel, Scenario, has_begun, is_frozen
from domain.scheduling.board import Board, Place, Stuck
from domain.scheduling.conflict import Obstacle, chain_of, conflict, obstacles
from domain.scheduling.problem import NONE, Problem
from domain.scheduling.push import Push
from domain.working_time import local_instant


@dataclass(frozen=True, slots=True)
class Move:
    """What a drop leads to.

    ``bookings`` are all that change, the moved one first. The deltas are in minutes, below 0 is
    better: lateness of all order lines together, and all setups together. ``later_lines`` are the
    order lines that get late, or later than they were.
    """

    bookings: tuple[Booking, ...]
    lateness_minutes: int
    setup_minutes: int
    later_lines: int


class MoveBoard:
    """A scenario laid out for trying moves; made anew when rows have changed, O(rows)."""

    def __init__(self, plan: Plan, scenario: Scenario, now_at: datetime) -> None:
        self._plan, self._scenario, self._now_at = plan, scenario, now_at
        self._board = Board(plan, scenario, now_at)

    def eligible(self, booking: Booking) -> frozenset[UUID]:
        """The machines that may take a booking's operation."""
        board = self._board
        at = board.number.get(booking.operation_id)
        if at is None or booking.lock in (LockLevel.TIME, LockLevel.SEQUENCE):
            return frozenset()
        if _held(self._board, self._scenario, booking, self._now_at):
            return frozenset()
        if booking.lock is LockLevel.MACHINE:
            return frozenset({booking.machine_id} if booking.machine_id else ())
        ids = board.problem.machine_ids
        return frozenset(ids[board.alt_machine[each]] for each in board.alternatives[at])

    def try_move(
        self, booking: Booking, machine_id: UUID | None, start_at: datetime, now_at: datetime
    ) -> Move:
        """Let a booking's bar, its setup if it has one, begin at an instant on a machine.

        It begins then, or as soon after as working time, the bar before it and its crew allow.
        Bars after it on the machine and operations that need it are pushed right as far as needed.

        Args:
            booking: One of the board's scenario.
            machine_id: None for a subcontracted operation.
            start_at: Cut to the whole minute.
            now_at: Nothing may begin before.

        Raises:
            RuleViolation: ``drop_*``, why it cannot be; refs name what is in the way.
        """
        board = self._board
        at = self._movable(booking, now_at)
        machine = self._machine(at, booking, machine_id)
        anchor, now = board.problem.minute(start_at), board.problem.minute(now_at)
        if anchor < now:
            raise self._refusal("drop_before_now", at, until=now_at)
        if self._scenario.published and anchor < board.problem.minute(
            _frozen_at(self._plan, now_at)
        ):
            raise self._refusal("drop_into_frozen", at, until=_frozen_at(self._plan, now_at))
        push = Push(board, now)
        try:
            push.move(at, machine, anchor)
        except Stuck as stuck:
            raise self._explained(stuck, push, at) from stuck
        return self._answer(push, at)

    def obstacles(
        self, booking: Booking, machine_id: UUID | None, start_at: datetime, now_at: datetime
    ) -> tuple[Obstacle, ...] | None:
        """What rules a refused move out however all else is planned (see ``conflict``).

        Returns:
            None if nothing does: then it is other work, setups or people that are in the way.
        """
        board = self._board
        at, anchor = self._movable(booking, now_at), board.problem.minute(start_at)
        machine, now = self._machine(at, booking, machine_id), board.problem.minute(now_at)
        push = Push(board, now)
        try:
            push.move(at, machine, anchor)
        except Stuck:
            place = push.places.get(at)
            latest = max(now, place.run_start if place else anchor)
            found = conflict(chain_of(board, at, now), latest, machine)
            return None if found is None else obstacles(board, found)

    def _movable(self, booking: Booking, now_at: datetime) -> int:
        board = self._board
        at = board.number.get(booking.operation_id)
        if at is None or at >= board.problem.operation_count or board.places[at] is None:
            raise RuleViolation("drop_not_planned", booking.operation_id)
        if booking.lock in (LockLevel.TIME, LockLevel.SEQUENCE):
            raise self._refusal("drop_locked", at)
        if code := _held(board, self._scenario, booking, now_at):
            since, until = booking.setup_start_at, _frozen_at(self._plan, now_at)
            raise self._refusal(f"drop_{code}", at, since=since, until=until)
        return at

    def _machine(self, at: int, booking: Booking, machine_id: UUID | None) -> int:
        board = self._board
        if machine_id is None and board.elapsed[at] >= 0:
            return NONE
        machine = board.machine_number.get(machine_id, NONE) if machine_id else NONE
        if machine < 0 or board.alternative(at, machine) < 0:
            named = self._plan.get(Machine, machine_id)
            raise self._refusal("drop_not_eligible", at, machine=named.code if named else "")
        if booking.lock is LockLevel.MACHINE and machine_id != booking.machine_id:
            raise self._refusal("drop_machine_locked", at)
        return machine

    def _answer(self, push: Push, at: int) -> Move:
        board = self._board
        touched = [op for op in push.places if push.is_changed(op)]
        changed = [(row, op) for op in touched if (row := board.bookings[op]) is not None]
        changed.sort(key=lambda each: each[1] != at)
        new = push.places
        setup = sum(new[op].setup_minutes - board.place(op).setup_minutes for _, op in changed)
        led_by = push.company.led_by
        bookings = tuple(self._booking(row, new[op], led_by(op)) for row, op in changed)
        deltas = self._lateness_deltas(push)
        return Move(bookings, sum(deltas), setup, sum(1 for delta in deltas if delta > 0))

    def _booking(self, row: Booking, place: Place, batch_id: UUID | None) -> Booking:
        """The row at its new place; field by field, for hundreds of them have to be quick."""
        problem, people = self._board.problem, self._board.problem.operator_ids
        return Booking(
            id=row.id,
            row_version=row.row_version,
            plant_id=row.plant_id,
            scenario_id=row.scenario_id,
            operation_id=row.operation_id,
            machine_id=problem.machine_ids[place.machine] if place.machine >= 0 else None,
            setup_start_at=problem.instant(place.setup_start),
            run_start_at=problem.instant(place.run_start),
            end_at=problem.instant(place.end),
            operator_ids=tuple(people[one] for one in place.crew if one < len(people)),
            lock=row.lock,
            published=row.published,
            batch_id=batch_id,
        )

    def _lateness_deltas(self, push: Push) -> list[int]:
        """Minutes by which each order line concerned gets later."""
        board = self._board
        lines = {line for op in push.places for line in board.serves[op]}
        deltas: list[int] = []
        for line in lines:
            new = [push.at(op) for op in board.makers[line]]
            old = [board.places[op] for op in board.makers[line]]
            deltas.append(self._lateness(line, new) - self._lateness(line, old))
        return deltas

    def _lateness(self, line: int, places: Iterable[Place | None]) -> int:
        """Of a line with work that is not booked only what is booked counts."""
        board = self._board
        ends = [place.end for place in places if place is not None]
        return max(0, max([board.line_floor[line], *ends]) - board.due[line])

    def _names(self, at: int) -> tuple[tuple[UUID, ...], dict[str, object]]:
        """References to, and the names of, an operation and where it is booked."""
        board, plan = self._board, self._plan
        booking = board.bookings[at]
        operation_id = booking.operation_id if booking else board.problem.operation_ids[at]
        step = plan.get(Operation, operation_id)
        order = plan.get(WorkOrder, step.work_order_id) if step else None
        machine = plan.get(Machine, booking.machine_id) if booking else None
        refs = tuple(row.id for row in (step, order, machine) if row is not None)
        return refs, {
            "work_order": order.number if order else "",
            "operation": step.number if step else "",
            "machine": machine.code if machine else "",
            "skill": step.skill if step else "",
        }

    def _refusal(self, code: str, at: int, **params: object) -> RuleViolation:
        refs, names = self._names(at)
        return RuleViolation(code, *refs, **{**names, **params})

    def _explained(self, stuck: Stuck, push: Push, at: int) -> RuleViolation:
        board = self._board
        if stuck.code == "drop_before_opening":
            until = board.problem.instant(board.opening[at])
            return self._refusal(stuck.code, at, until=until)
        if stuck.code == "drop_not_ready":
            return self._not_ready(push, stuck.at)
        if stuck.code == "drop_hits_locked":
            until = board.problem.instant(board.place(stuck.at).run_start)
            row = board.bookings[stuck.at]
            held = _held(board, self._scenario, row, self._now_at) if row else ""
            return self._refusal(f"drop_hits_{held or 'locked'}", stuck.at, until=until)
        return self._refusal(stuck.code, stuck.at)

    def _not_ready(self, push: Push, at: int) -> RuleViolation:
        """What is there last of all that the operation needs."""
        board = self._board
        tried = push.places.get(at)
        known = [
            (push.first_batch(place) if is_batch and tried else place.end, wait, origin, is_batch)
            for origin, wait, is_batch in board.edges[at]
            if (place := push.at(origin)) is not None
        ]
        done, wait, origin, is_batch = max(
            known, key=lambda each: each[0] + each[1], default=(NONE, 0, NONE, 0)
        )
        if tried is not None and is_batch:
            needed = push.needed(at, tried.machine, tried.alternative)
            if needed > board.axis(tried.machine).work(push.ready(at, tried.alternative)):
                until = board.axis(tried.machine).minute(needed)
                return self._before(origin, "drop_outruns_batches", until)
        if board.release[at] >= done + wait:
            return self._material_missing(at)
        if board.problem.operation_ids[origin] is None:
            until_at = board.problem.instant(done + wait)
            return self._refusal("drop_before_supplier", at, until=until_at)
        code = "drop_before_batch" if is_batch else "drop_before_predecessor"
        return self._before(origin, code, done + wait)

    def _before(self, origin: int, code: str, until: int) -> RuleViolation:
        """The operation that has to go before is named, not the dragged one."""
        refs, names = self._names(origin)
        return RuleViolation(code, *refs, **{**names, "until": self._board.problem.instant(until)})

    def _material_missing(self, at: int) -> RuleViolation:
        """What is bought for the work order and comes last; else its earliest start."""
        board, plan = self._board, self._plan
        release_at = board.problem.instant(board.release[at])
        booking = board.bookings[at]
        step = plan.get(Operation, booking.operation_id if booking else None)
        order = plan.get(WorkOrder, step.work_order_id) if step else None
        if order is None or board.release[at] <= board.opening[at]:
            return self._refusal("drop_before_opening", at, until=release_at)
        codes = sorted(
            {
                plan.need(Item, peg.item_id).code
                for peg in plan.where(Peg, demand_id=order.id)
                if _comes_at(plan, board.problem, peg, board.release[at])
            }
        )
        return self._refusal("drop_before_material", at, item=tuple(codes), until=release_at)


def _held(board: Board, scenario: Scenario, booking: Booking, now_at: datetime) -> str:
    """Why work of the plan in force, or what it runs together with, stays; empty: it may go."""
    if not scenario.published or booking.batch in board.late:
        return ""
    plan = board.plan
    rows = plan.where(Booking, scenario_id=booking.scenario_id, batch_id=booking.batch)
    rows = [booking, *rows]
    if booking.batch_id is not None and (first := plan.get(Booking, booking.batch_id)):
        rows.append(first)
    if any(has_begun(row, now_at) for row in rows):
        return "begun"
    frozen = 60 * plan.home_plant().frozen_hours
    return "frozen" if any(is_frozen(row, now_at, frozen) for row in rows) else ""


def _frozen_at(plan: Plan, now_at: datetime) -> datetime:
    """When the frozen time ends."""
    now_at = now_at.replace(second=0, microsecond=0)
    return now_at + timedelta(hours=plan.home_plant().frozen_hours)


def _comes_at(plan: Plan, problem: Problem, peg: Peg, minute: int) -> bool:
    if peg.supply_kind is SupplyKind.PURCHASE:
        line = plan.need(PurchaseLine, peg.supply_id)
        zone = ZoneInfo(plan.home_plant().timezone)
        return problem.minute(local_instant(line.due_on, zone)) == minute
    if peg.supply_kind is SupplyKind.PLANNED_ORDER:
        return problem.minute(plan.need(PlannedOrder, peg.supply_id).due_at) == minute
    return False

"""From the factory's rows to a scheduling problem, and from its solution to bookings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from domain.orders import OrderLine, OrderStatus, PurchaseLine
from domain.plan import Plan
from domain.production import (
    DemandKind,
    Operation,
    Peg,
    PlannedOrder,
    SupplyKind,
    WorkOrder,
)
from domain.scenarios import Booking, LockLevel, OvertimeShift, Scenario, held_batches
from domain.scheduling.beginnings import OPEN
from domain.scheduling.begun import begun_work, not_begun
from domain.scheduling.drafts import Draft, Drafts, Edge, Makers
from domain.scheduling.ongoing import as_begun, lay_begun
from domain.scheduling.overtime_rows import held_overtime, overtime_of
from domain.scheduling.pack import pack
from domain.scheduling.problem import NONE, Problem, Rest, Solution
from domain.scheduling.resources import Resources, Span, build_resources
from domain.scheduling.right_shift import right_shift
from domain.scheduling.ways import NO_VARIANTS, Variants
from domain.variants import in_order

_MINUTE = timedelta(minutes=1)


def build_problem(
    plan: Plan,
    now_at: datetime,
    *,
    scenario: Scenario | None = None,
    frozen_minutes: int = 0,
    resources: Resources | None = None,
    short: Collection[UUID] = (),
    variants: Variants = NO_VARIANTS,
    overtime: Collection[OvertimeShift] | None = None,
    begun: Mapping[UUID, Rest] | None = None,
) -> Problem:
    """Everything that is to be planned, as arrays.

    Args:
        plan: The factory with exploded work orders and pegs.
        now_at: Aware start of the plan; cut to the whole minute.
        scenario: Whose locked and begun bookings hold; None: the published one's.
        frozen_minutes: Bookings of that scenario that start within this time from now keep their
            machine and start.
        resources: Made before, of the same machines and people; None: they are made now.
        short: Standing work orders that something they need keeps from being made: MRP has said
            so, and neither they nor what is made of them is planned.
        variants: Work orders that are laid out in all ways in which they may be made; what is to
            be planned then is a part of the problem (see `Choices`).
        overtime: What is open; None: all of ``scenario``'s, or where none is named, what the
            published one's locked bookings need and what has begun.
        begun: What of that scenario goes on because it has begun; None: all that can have.
    """
    now_at = now_at.replace(second=0, microsecond=0)
    if overtime is None:
        overtime = _open_overtime(plan, now_at, scenario, frozen_minutes)
    days = resources.days if resources else _horizon_days(plan, now_at)
    span = Span(now_at, days)
    if begun is None:
        begun = begun_work(plan, scenario or plan.published(), now_at)
    resources = resources or build_resources(plan, span, overtime, begun)
    drafts = Drafts(plan, resources, span)
    _add_work(plan, drafts, span, short, variants.steps)
    _add_pegs(plan, drafts, span)
    drafts.leave_out(variants.impossible(drafts.dropped()))
    _add_locks(plan, drafts, span, scenario or plan.published(), frozen_minutes, begun)
    lay_begun(drafts, begun)
    lines = [
        line for line in plan.table(OrderLine).values() if line.status is OrderStatus.CONFIRMED
    ]
    zone = ZoneInfo(plan.home_plant().timezone)
    due = {line.id: span.minute(_midnight(line.due_on + timedelta(days=1), zone)) for line in lines}
    problem = pack(drafts, lines, due)
    return replace(
        problem, overtime=tuple(overtime), overtime_hours=resources.overtime, begun=begun
    )


def _open_overtime(
    plan: Plan, now_at: datetime, scenario: Scenario | None, frozen_minutes: int
) -> Collection[OvertimeShift]:
    if scenario is not None:
        return plan.where(OvertimeShift, scenario_id=scenario.id)
    published = plan.published()
    return held_overtime(plan, published, now_at, frozen_minutes) if published else ()


def resources_for(
    plan: Plan,
    now_at: datetime,
    frozen_minutes: int = 0,
    begun: Mapping[UUID, Rest] | None = None,
    overtime: Collection[OvertimeShift] | None = None,
) -> Resources:
    """The machines and people as `build_problem` makes them."""
    now_at = now_at.replace(second=0, microsecond=0)
    if overtime is None:
        overtime = _open_overtime(plan, now_at, None, frozen_minutes)
    if begun is None:
        begun = begun_work(plan, plan.published(), now_at)
    return build_resources(plan, Span(now_at, _horizon_days(plan, now_at)), overtime, begun)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _horizon_days(plan: Plan, now_at: datetime) -> int:
    """Days that are enough for the load, with room; ten years at most."""
    latest = max((line.due_on for line in plan.table(OrderLine).values()), default=now_at.date())
    per_operation: dict[UUID, Decimal] = {}
    for operation in plan.table(Operation).values():
        order = plan.get(WorkOrder, operation.work_order_id)
        minutes = operation.run_minutes * operation.amount(order) if order else Decimal(0)
        key = operation.routing_operation_id
        per_operation[key] = per_operation.get(key, Decimal(0)) + minutes
    # As if each routing step had one machine that works a third of an eight-hour day.
    busiest = max(per_operation.values(), default=Decimal(0))
    days = (latest - now_at.date()).days + int(busiest / 160) + 730
    return min(max(days, 730), 3650)


def _add_work(
    plan: Plan,
    drafts: Drafts,
    span: Span,
    short: Collection[UUID],
    variants: Mapping[UUID, Sequence[Sequence[Operation]]],
) -> None:
    for order in plan.table(WorkOrder).values():
        if order.status not in OPEN or order.id in short:
            continue
        opening = span.minute(order.earliest_start_at) if order.earliest_start_at else 0
        usual = in_order(plan.where(Operation, work_order_id=order.id))
        for steps in variants.get(order.id, [usual]):
            drafts.add_work_order(order, steps, max(0, opening))


def _add_pegs(plan: Plan, drafts: Drafts, span: Span) -> None:
    zone = ZoneInfo(plan.home_plant().timezone)
    given = (p for p in plan.table(Peg).values() if p.demand_kind is DemandKind.PLANNED_ORDER)
    _add_processing(plan, drafts, span, dict.fromkeys(peg.demand_id for peg in given))
    for peg in plan.table(Peg).values():
        supply = _supply(plan, drafts, span, zone, peg)
        if supply is None:
            continue
        minute, makers = supply
        if peg.demand_kind is DemandKind.ORDER_LINE:
            drafts.serve_line(peg.demand_id, minute, makers)
        else:
            drafts.feed(peg, minute, makers)


def _add_processing(plan: Plan, drafts: Drafts, span: Span, components: Iterable[UUID]) -> None:
    """Planned orders that are given components become operations without a machine: they wait."""
    for order_id in components:
        order = plan.get(PlannedOrder, order_id)
        if order is None:
            continue
        start, end = span.minute(order.order_at), span.minute(order.due_at)
        drafts.add_processing(order_id, max(0, start), max(0, end - max(0, start)))


def _supply(
    plan: Plan, drafts: Drafts, span: Span, zone: ZoneInfo, peg: Peg
) -> tuple[int, Makers] | None:
    """Minute from which a supply is there, and what makes it; None: the supply is gone."""
    if peg.supply_kind is SupplyKind.PURCHASE:
        line = plan.get(PurchaseLine, peg.supply_id)
        return (max(0, span.minute(_midnight(line.due_on, zone))), ()) if line else None
    if peg.supply_kind is SupplyKind.PLANNED_ORDER:
        if peg.supply_id in drafts.lasts:
            return 0, drafts.lasts[peg.supply_id]
        order = plan.get(PlannedOrder, peg.supply_id)
        return (max(0, span.minute(order.due_at)), ()) if order else None
    if peg.supply_kind is SupplyKind.WORK_ORDER:
        order = plan.get(WorkOrder, peg.supply_id)
        if order is None or order.status not in OPEN:
            return 0, ()
        return 0, drafts.lasts.get(order.id) or order.id
    return 0, ()


def _add_locks(
    plan: Plan,
    drafts: Drafts,
    span: Span,
    scenario: Scenario | None,
    frozen_minutes: int,
    begun: Collection[UUID],
) -> None:
    if scenario is None:
        return
    lines: dict[UUID, dict[tuple[int, UUID], list[Draft]]] = {}
    rows = plan.where(Booking, scenario_id=scenario.id)
    pinned = held_batches(rows, span.now_at, frozen_minutes)
    late = not_begun(rows, span.now_at, begun)
    for booking in rows:
        draft = drafts.by_operation.get(booking.operation_id)
        start, is_pinned = span.minute(booking.run_start_at), booking.batch in pinned
        is_pinned &= booking.batch not in late or booking.lock is LockLevel.TIME
        if draft is None or booking.machine_id is None:
            continue
        if booking.lock is LockLevel.NONE and not is_pinned:
            continue
        drafts.hold_machine(draft, booking.machine_id)
        if is_pinned:
            draft.pin = max(NONE, start)
        if booking.lock is LockLevel.SEQUENCE:
            line = lines.setdefault(booking.machine_id, {})
            line.setdefault((start, booking.batch), []).append(draft)
    for line in lines.values():
        for before, after in pairwise(sorted(line)):
            for draft in line[after]:
                draft.edges += [Edge(one) for one in line[before]]


def bookings_from(
    problem: Problem,
    solution: Solution,
    plan: Plan,
    scenario: Scenario,
    new_id: Callable[[], UUID],
) -> list[Booking]:
    """The solution as rows of a scenario; an operation keeps the id and lock of its old booking.

    A work order of which anything ends beyond the horizon of the calendars is left out: it has no
    place in any shift, and half of it would promise what cannot be finished. What stands behind it
    may begin later, with the setup that it needs then.
    """
    old = {row.operation_id: row for row in plan.where(Booking, scenario_id=scenario.id)}
    solution, homeless = _homeless_last(problem, solution, plan)
    made = [(at, step) for at, step in enumerate(problem.operation_ids) if step is not None]
    booked = [(at, step) for at, step in made if problem.owner_ids[at] not in homeless]
    ids = {at: old[step].id if step in old else new_id() for at, step in booked}
    rows = [_booking(problem, solution, at, step, scenario, old, ids) for at, step in booked]
    return as_begun(problem, rows)


def _homeless_last(
    problem: Problem, solution: Solution, plan: Plan
) -> tuple[Solution, frozenset[UUID]]:
    """The solution with all work that has no place in any shift behind the rest; and whose it is.

    A machine is set up otherwise without it, a batch without its leader is another: what stood
    behind it stays where it is unless that pushes it, which may leave more without a place.
    """
    owners, horizon = problem.owner_ids, problem.tables.worktime.horizon
    homeless: frozenset[UUID] = frozenset()
    while more := {owners[op] for op in np.flatnonzero(solution.end > horizon)} - homeless:
        if not homeless and solution.opened:
            overtime = overtime_of(problem, plan)
            problem = overtime.opening(problem, overtime.numbers(solution))
        homeless |= more
        start = solution.run_start.copy()
        is_homeless = np.array([owner in homeless for owner in owners], np.bool_)
        start[is_homeless] = np.maximum(start[is_homeless], horizon)
        solution = right_shift(problem, replace(solution, run_start=start), is_held=True)
    return solution, homeless


def _booking(
    problem: Problem,
    solution: Solution,
    at: int,
    operation_id: UUID,
    scenario: Scenario,
    old: dict[UUID, Booking],
    ids: dict[int, UUID],
) -> Booking:
    present = old.get(operation_id)
    alternative = int(solution.alternative[at])
    people = len(problem.operator_ids)
    crew = [int(one) for one in solution.crew[at, : problem.tables.crew_size[at]]]
    return Booking(
        id=ids[at],
        row_version=present.row_version if present else 0,
        plant_id=scenario.plant_id,
        scenario_id=scenario.id,
        operation_id=operation_id,
        machine_id=None
        if alternative < 0
        else problem.machine_ids[problem.tables.alt_machine[alternative]],
        setup_start_at=problem.now_at + int(solution.setup_start[at]) * _MINUTE,
        run_start_at=problem.now_at + int(solution.run_start[at]) * _MINUTE,
        end_at=problem.now_at + int(solution.end[at]) * _MINUTE,
        operator_ids=tuple(problem.operator_ids[one] for one in crew if one < people),
        lock=present.lock if present else LockLevel.NONE,
        published=scenario.published,
        batch_id=None if solution.head[at] == at else ids[int(solution.head[at])],
    )

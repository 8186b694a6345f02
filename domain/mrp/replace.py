"""Putting a run's proposals in the place of earlier ones."""

from __future__ import annotations

from domain.batches import new_leaders
from domain.changes import Change, ChangeSet, Row, difference
from domain.mrp.explosion import Explosion
from domain.plan import Plan
from domain.production import Operation, Peg, PlannedOrder, WorkOrder, WorkStatus
from domain.scenarios import Booking


def mrp_changes(plan: Plan, explosion: Explosion) -> ChangeSet:
    """The change set from the plan's earlier proposals to this run's.

    Bookings of operations that go are deleted with them, and batches that these led get another
    leader; what is firm or released is not touched.
    Deletes come first, those that refer before those referred to; then inserts the other way round.
    """
    work = [w for w in plan.table(WorkOrder).values() if w.status is WorkStatus.PLANNED]
    steps = [s for w in work for s in plan.where(Operation, work_order_id=w.id)]
    planned = [p for p in plan.table(PlannedOrder).values() if not p.firm]
    kept_steps = {step.id for step in explosion.operations}
    gone = [step.id for step in steps if step.id not in kept_steps]
    bookings = [b for step_id in gone for b in plan.where(Booking, operation_id=step_id)]
    before: list[Row] = [*bookings, *plan.table(Peg).values(), *steps, *planned, *work]
    after: list[Row] = [
        *explosion.work_orders,
        *explosion.planned_orders,
        *explosion.operations,
        *explosion.pegs,
    ]
    found = difference("run_mrp", before, after)
    deletes = tuple(change for change in found if change.after is None)
    rest: tuple[Change, ...] = tuple(change for change in found if change.after is not None)
    params = {"work_orders": len(explosion.work_orders)}
    return ChangeSet("run_mrp", deletes + new_leaders(plan, deletes) + rest, params)

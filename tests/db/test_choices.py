"""What was chosen is written, planned again and taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.plan_run import PlanRequest, Run
from db.store import Store
from domain.changes import ChangeSet
from domain.plan import Plan
from domain.production import Operation, PlannedOrder, WorkOrder
from domain.resources import Plant
from domain.scenarios import Booking, LockLevel
from tests.app.test_solving import Outbox
from tests.builders import NOW
from tests.db.conftest import insert, update
from tests.domain.scheduling.test_choices import buying_factory, routing_factory, split_factory

REQUEST = PlanRequest(NOW, seconds=60, workers=1, seed=7, iterations=3, scenario_name="Plan")


class Never:
    """A button that nobody presses."""

    @staticmethod
    def is_set() -> bool:
        return False


def planned(store: Store, seed: int = 7) -> tuple[Plan, ChangeSet]:
    """Plan what is in the database, and write the plan."""
    last = Run(store.load(), replace(REQUEST, seed=seed), Outbox()).finish(Never())  # pyright: ignore[reportArgumentType]
    assert last.changes is not None
    store.write(last.changes)
    return store.load(), last.changes


def kinds(plan: Plan) -> tuple[list[str], list[int], int]:
    """Routings of work orders, parts of operations, how many purchases are planned."""
    routings = sorted(order.routing for order in plan.table(WorkOrder).values())
    parts = sorted(step.part for step in plan.table(Operation).values())
    return routings, parts, len(plan.table(PlannedOrder))


@pytest.mark.parametrize(
    ("factory", "expected"),
    [
        (routing_factory(90), (["", "B"], [0, 0], 0)),
        (split_factory(2), ([""], [1, 2], 0)),
        (buying_factory("0.5"), ([""], [0], 1)),
    ],
)
def test_a_plan_with_choices_is_written_planned_again_and_undone(
    store: Store, factory: Plan, expected: object
) -> None:
    insert(store, *(row for row in factory.rows() if not isinstance(row, Plant)))
    empty = kinds(store.load())
    first, changes = planned(store)
    assert kinds(first) == expected
    second, again = planned(store, seed=8)
    assert kinds(second) == expected
    assert len(second.table(Booking)) == len(first.table(Booking))
    store.write(second.undoing(again))
    assert kinds(store.load()) == expected
    store.write(store.load().undoing(changes))
    assert kinds(store.load()) == empty


def test_a_locked_booking_keeps_the_parts_it_is_of(store: Store) -> None:
    insert(store, *(row for row in split_factory(2).rows() if not isinstance(row, Plant)))
    first, _ = planned(store)
    booking = next(iter(first.table(Booking).values()))
    locked = replace(booking, lock=LockLevel.TIME)
    update(store, booking, locked)
    second, _ = planned(store, seed=9)
    assert second.table(Operation).keys() == first.table(Operation).keys()
    held = second.need(Booking, booking.id)
    assert (held.run_start_at, held.lock) == (booking.run_start_at, LockLevel.TIME)

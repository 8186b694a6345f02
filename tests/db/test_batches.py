"""A batch is one: the database refuses what only says that it runs together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from db.errors import StoreError
from domain.changes import Change
from domain.resources import Machine
from domain.scenarios import Booking, Scenario
from tests.builders import make_machine, make_scenario
from tests.db.conftest import delete, insert, update
from tests.db.test_plans import Shop
from tests.db.test_plans import shop as shop

MINUTE = timedelta(minutes=1)


def batch(shop: Shop) -> tuple[Booking, Booking]:
    """A leader and its mate, from 0 to 60, not written yet."""
    leader = shop.book(0, 0, 60)
    return leader, shop.book(1, 0, 60, batch_id=leader.id)


def stored(shop: Shop) -> tuple[Booking, Booking]:
    """The same, written."""
    insert(shop.store, *batch(shop))
    leader, mate = sorted(shop.stored(), key=lambda row: row.batch_id is not None)
    return leader, mate


@pytest.mark.parametrize("order", [1, -1])
def test_a_batch_is_written_and_changed_in_any_order(shop: Shop, order: int) -> None:
    insert(shop.store, *batch(shop)[::order])
    leader, mate = sorted(shop.stored(), key=lambda row: row.batch_id is not None)
    later = [
        Change.update(row, replace(row, run_start_at=row.run_start_at + MINUTE))
        for row in (leader, mate)
    ]
    shop.write(*later[::order])
    leader, mate = sorted(shop.stored(), key=lambda row: row.batch_id is not None)
    # The leader goes, and its mate leads: alone now.
    gone = [Change.delete(leader), Change.update(mate, replace(mate, batch_id=None))]
    shop.write(*gone[::order])
    assert [row.batch_id for row in shop.stored()] == [None]


def test_a_leader_that_is_followed_by_another_is_changed_in_one(shop: Shop) -> None:
    leader, mate = stored(shop)
    shop.write(
        Change.update(leader, replace(leader, batch_id=mate.id)),
        Change.update(mate, replace(mate, batch_id=None)),
    )
    assert {row.batch for row in shop.stored()} == {mate.id}


def _elsewhere(shop: Shop, mate: Booking) -> Booking:
    other = make_machine(code="F2", batch_capacity=shop.machine.batch_capacity)
    insert(shop.store, other)
    return replace(mate, machine_id=other.id)


def _in_a_draft(shop: Shop, mate: Booking) -> Booking:
    draft = make_scenario(name="draft")
    insert(shop.store, draft)
    return replace(mate, scenario_id=draft.id, published=False)


_WRONG: dict[str, Callable[[Shop, Booking], Booking]] = {
    "nobody": lambda _, mate: replace(mate, batch_id=uuid4()),
    "itself": lambda _, mate: replace(mate, batch_id=mate.id),
    "another start": lambda _, mate: replace(mate, run_start_at=mate.run_start_at + MINUTE),
    "another end": lambda _, mate: replace(mate, end_at=mate.end_at + MINUTE),
    "another machine": _elsewhere,
    "another plan": _in_a_draft,
}


@pytest.mark.parametrize("wrong", _WRONG)
def test_a_mate_of_something_else_is_refused(shop: Shop, wrong: str) -> None:
    leader, mate = batch(shop)
    broken = _WRONG[wrong](shop, mate)
    insert(shop.store, leader)
    with pytest.raises(StoreError) as caught:
        insert(shop.store, broken)
    # Both the lane and the batch may be what is said first, where both are broken.
    assert caught.value.code in {"batch_broken", "machine_double_booked"}
    assert len(shop.stored()) == 1
    insert(shop.store, mate)
    with pytest.raises(StoreError):
        update(shop.store, replace(mate, row_version=1), replace(broken, row_version=2))


def test_it_is_told_on_which_machine(shop: Shop) -> None:
    # Nobody is in the way of either: only the batch is wrong.
    insert(shop.store, leader := shop.book(0, 0, 60))
    with pytest.raises(StoreError) as caught:
        insert(shop.store, shop.book(1, 60, 90, batch_id=leader.id))
    assert (caught.value.code, caught.value.params["key"]) == ("batch_broken", "CNC-7")


def test_a_mate_does_not_lead(shop: Shop) -> None:
    _, mate = stored(shop)
    with pytest.raises(StoreError) as caught:
        insert(shop.store, shop.book(2, 0, 60, batch_id=mate.id))
    assert caught.value.code in {"batch_broken", "machine_double_booked"}


def test_a_leader_does_not_leave_its_mates(shop: Shop) -> None:
    leader, _ = stored(shop)
    for change in (
        lambda: delete(shop.store, leader),
        lambda: update(shop.store, leader, replace(leader, end_at=leader.end_at + MINUTE)),
        lambda: update(shop.store, leader, replace(leader, machine_id=None)),
    ):
        with pytest.raises(StoreError) as caught:
            change()
        assert caught.value.code == "batch_broken"
    assert len(shop.stored()) == 2


def test_an_ordinary_machine_runs_no_batches(shop: Shop) -> None:
    machine = shop.store.read_all(Machine)[0]
    update(shop.store, machine, replace(machine, batch_capacity=None))
    with pytest.raises(StoreError) as caught:
        insert(shop.store, *batch(shop))
    assert caught.value.code == "batch_broken"


def test_a_draft_with_a_batch_is_published(shop: Shop) -> None:
    draft = make_scenario(name="draft")
    rows = [replace(row, scenario_id=draft.id, published=False) for row in batch(shop)]
    insert(shop.store, draft, *rows)
    before = {row.name: row for row in shop.store.read_all(Scenario)}
    present = before[shop.scenario.name]
    shop.write(
        Change.update(present, replace(present, published=False)),
        Change.update(before["draft"], replace(before["draft"], published=True)),
    )
    assert all(row.published for row in shop.stored())

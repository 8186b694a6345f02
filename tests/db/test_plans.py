"""A published plan cannot book a machine twice, and there is only one of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast
from uuid import uuid4

import pytest

from db.errors import StoreError
from db.store import Store
from domain.changes import Change, ChangeSet
from domain.production import Operation
from domain.resources import Machine
from domain.scenarios import Booking, OvertimeShift, Scenario
from tests.builders import (
    at,
    make_booking,
    make_item,
    make_machine,
    make_operation,
    make_overtime_shift,
    make_routing_operation,
    make_scenario,
    make_work_order,
)
from tests.db.conftest import insert, update


@dataclass
class Shop:
    """A machine, three operations, and a published scenario without bookings."""

    store: Store
    machine: Machine
    operations: list[Operation]
    scenario: Scenario

    def book(self, number: int, start: int, end: int, **changes: object) -> Booking:
        """A booking of an operation, from start to end in minutes."""
        return make_booking(
            self.scenario,
            self.operations[number],
            self.machine,
            (start, start, end),
            **{"published": True, **changes},
        )

    def stored(self) -> list[Booking]:
        """All bookings, in the order they were made."""
        return self.store.read_all(Booking)

    def write(self, *changes: Change) -> None:
        """Several changes as one."""
        self.store.write(ChangeSet("test", changes))


@pytest.fixture
def shop(store: Store) -> Shop:
    item, machine = make_item(), make_machine(code="CNC-7", batch_capacity=Decimal(9))
    order, scenario = make_work_order(item), make_scenario(published=True)
    steps = [make_routing_operation(item, number) for number in (10, 20, 30)]
    operations = [make_operation(order, step) for step in steps]
    insert(store, item, machine, order, scenario, *steps, *operations)
    return Shop(store, machine, operations, store.read_all(Scenario)[0])


def test_a_machine_is_booked_once(shop: Shop) -> None:
    insert(shop.store, shop.book(0, 0, 60))
    with pytest.raises(StoreError) as caught:
        insert(shop.store, shop.book(1, 59, 90))
    assert caught.value.code == "machine_double_booked"
    assert caught.value.params["key"] == "CNC-7"
    # Half-open: one may start when the other ends, and what takes no time is in nobody's way.
    insert(shop.store, shop.book(1, 60, 90), shop.book(2, 30, 30))
    assert len(shop.stored()) == 3


def test_those_of_one_batch_share_a_machine_and_nobody_else_does(shop: Shop) -> None:
    leader = shop.book(0, 0, 60)
    insert(shop.store, leader, shop.book(1, 0, 60, batch_id=leader.id))
    assert [row.batch for row in shop.stored()] == [leader.id, leader.id]
    with pytest.raises(StoreError) as caught:
        insert(shop.store, shop.book(2, 30, 90))
    assert caught.value.code == "machine_double_booked"
    with pytest.raises(StoreError) as caught:
        insert(shop.store, shop.book(2, 0, 60, batch_id=uuid4()))
    assert caught.value.code == "machine_double_booked"
    insert(shop.store, shop.book(2, 60, 90))


def test_two_bookings_swap_places_in_one_change(shop: Shop) -> None:
    insert(shop.store, shop.book(0, 0, 60), shop.book(1, 60, 120))
    first, second = shop.stored()
    shop.write(
        Change.update(first, replace(second, id=first.id, operation_id=first.operation_id)),
        Change.update(second, replace(first, id=second.id, operation_id=second.operation_id)),
    )
    assert [booking.setup_start_at for booking in shop.stored()] == [at(60), at(0)]


def test_an_operation_without_machine_overlaps_nothing(shop: Shop) -> None:
    insert(
        shop.store,
        shop.book(0, 0, 60, machine_id=None),
        shop.book(1, 0, 60, machine_id=None),
        shop.book(2, 0, 60),
    )


def test_overtime_of_a_machine_is_open_once_in_a_plan(shop: Shop) -> None:
    first = make_overtime_shift(shop.scenario, shop.machine, 480, 600)
    insert(shop.store, first)
    with pytest.raises(StoreError) as caught:
        insert(shop.store, make_overtime_shift(shop.scenario, shop.machine, 599, 700))
    assert caught.value.code == "overtime_opened_twice"
    draft = make_scenario(name="draft")
    insert(shop.store, draft, make_overtime_shift(draft, shop.machine, 480, 600))
    insert(shop.store, make_overtime_shift(shop.scenario, shop.machine, 600, 700))
    assert len(shop.store.read_all(OvertimeShift)) == 3


def test_drafts_may_overlap_until_they_are_published(shop: Shop) -> None:
    published, draft = shop.scenario, make_scenario(name="draft")
    rows = [
        replace(shop.book(number, 0, 60), scenario_id=draft.id, published=False)
        for number in (0, 1)
    ]
    insert(shop.store, draft, *rows)
    draft = replace(draft, row_version=1)
    hand_over = (
        Change.update(published, replace(published, published=False)),
        Change.update(draft, replace(draft, published=True)),
    )
    with pytest.raises(StoreError) as caught:
        shop.write(*hand_over)
    assert caught.value.code == "machine_double_booked"
    late = shop.stored()[1]
    update(
        shop.store, late, replace(late, setup_start_at=at(60), run_start_at=at(60), end_at=at(90))
    )
    shop.write(*hand_over)
    # The bookings followed their scenario, at a new version, so that every client reads them again.
    assert [(b.published, b.row_version) for b in shop.stored()] == [(True, 2), (True, 3)]


def test_a_change_may_carry_the_flag_of_the_bookings_itself(shop: Shop) -> None:
    insert(shop.store, shop.book(0, 0, 60))
    booking, scenario = shop.stored()[0], shop.scenario
    changes = ChangeSet(
        "test",
        (
            Change.update(scenario, replace(scenario, published=False)),
            Change.update(booking, replace(booking, published=False)),
        ),
    )
    shop.store.write(changes)
    assert shop.stored() == [replace(booking, published=False, row_version=2)]
    shop.store.write(changes.inverse())
    assert shop.stored() == [replace(booking, row_version=3)]


def test_a_booking_cannot_differ_from_its_scenario(shop: Shop) -> None:
    with pytest.raises(StoreError) as caught:
        insert(shop.store, shop.book(0, 0, 60, published=False))
    assert caught.value.code == "reference_missing"


def test_only_one_scenario_is_published(shop: Shop) -> None:
    with pytest.raises(StoreError) as caught:
        insert(shop.store, make_scenario(name="second", published=True))
    assert caught.value.code == "published_twice"
    insert(shop.store, make_scenario(name="second"))
    first, second = cast("list[Scenario]", shop.store.read_all(Scenario))
    shop.write(
        Change.update(second, replace(second, published=True)),
        Change.update(first, replace(first, published=False)),
    )


def test_an_operation_is_booked_once_in_a_scenario(shop: Shop) -> None:
    insert(shop.store, shop.book(0, 0, 60))
    with pytest.raises(StoreError) as caught:
        insert(shop.store, shop.book(0, 60, 120))
    assert caught.value.code == "duplicate_key"

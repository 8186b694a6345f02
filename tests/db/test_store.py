"""What is written comes back, whole or not at all; nobody overwrites what they have not seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.errors import Conflict, StoreError
from db.store import Store
from domain.calendars import Calendar
from domain.changes import Change, ChangeSet, difference
from domain.items import Item
from domain.orders import OrderLine
from domain.plan import ROW_TYPES
from domain.resources import Machine
from tests.builders import (
    PLANT_ID,
    make_bom_line,
    make_calendar,
    make_item,
    make_machine,
    make_order_line,
    make_plant,
    make_stock,
)
from tests.db.conftest import delete, insert, update
from tests.db.factories import every_kind

CHINA, SAMOA = timezone(timedelta(hours=8)), timezone(timedelta(hours=-11))


def test_every_kind_comes_back_as_it_was(store: Store) -> None:
    rows = every_kind()
    insert(store, *rows)
    plan = store.load()
    assert {type(row) for row in plan.rows()} == set(ROW_TYPES)
    loaded = {row.id: row for row in plan.rows()}
    for row in rows:
        assert loaded[row.id] == replace(row, row_version=1)
        assert type(loaded[row.id]) is type(row)
    assert len(difference("same", plan.rows(), store.load().rows())) == 0


def test_rows_come_back_in_the_order_they_came_in(store: Store) -> None:
    items = [make_item(code=code) for code in ("Z", "A", "M")]
    insert(store, *items)
    update(store, replace(items[0], row_version=1), replace(items[0], name="new"))
    assert [item.code for item in store.read_all(Item)] == ["Z", "A", "M"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
    amount=st.decimals(0, 10**15, places=None, allow_nan=False, allow_infinity=False),
    ratio=st.decimals(0, 1, allow_nan=False).filter(lambda ratio: ratio < 1),
    days=st.none() | st.integers(0, 2**31 - 1),
    due_on=st.dates(date(1900, 1, 1), date(9999, 12, 30)),
    start_at=st.datetimes(
        datetime(1900, 1, 2),  # noqa: DTZ001 - Hypothesis adds the time zone
        datetime(9999, 12, 29),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, CHINA, SAMOA]),
    ),
)
def test_any_value_comes_back(
    store: Store,
    name: str,
    amount: Decimal,
    ratio: Decimal,
    days: int | None,
    due_on: date,
    start_at: datetime,
) -> None:
    item = make_item(
        code=uuid4().hex,
        name=name,
        safety_stock=amount,
        scrap_ratio=ratio,
        shelf_life_days=days,
    )
    line = make_order_line(
        item, order_number=uuid4().hex, due_on=due_on, earliest_start_at=start_at, note=name
    )
    insert(store, item, line)
    assert store.read(Item, [item.id]) == [replace(item, row_version=1)]
    assert store.read(OrderLine, [line.id]) == [replace(line, row_version=1)]


def test_read_finds_only_what_is_asked_for_and_there(store: Store) -> None:
    item = make_item()
    lines = [make_order_line(item, line=str(number)) for number in range(5)]
    insert(store, item, *lines)
    found = store.read(OrderLine, [lines[1].id, lines[3].id, uuid4()])
    assert [line.line for line in found] == ["1", "3"]
    assert store.read(OrderLine, []) == []


def test_changes_come_in_any_order(store: Store) -> None:
    calendar, machine = make_calendar(), make_machine()
    machine = replace(machine, calendar_id=calendar.id)
    insert(store, machine, calendar)
    old, other = store.read_all(Calendar)[0], make_calendar()
    # The new calendar takes the old one's code, and the machine moves over, in one transaction.
    moved = replace(machine, calendar_id=other.id, row_version=1)
    store.write(
        ChangeSet(
            "test",
            (Change.delete(old), Change.update(moved, moved), Change.insert(other)),
        )
    )
    assert store.read_all(Calendar) == [replace(other, row_version=1)]
    assert store.read_all(Machine) == [replace(moved, row_version=2)]


def test_two_rows_can_swap_their_keys(store: Store) -> None:
    first, second = make_item(code="A"), make_item(code="B")
    insert(store, first, second)
    one, two = store.read_all(Item)
    swap = (Change.update(one, replace(one, code="B")), Change.update(two, replace(two, code="A")))
    store.write(ChangeSet("test", swap))
    assert [item.code for item in store.read_all(Item)] == ["B", "A"]


def test_several_changes_of_one_row_are_one(store: Store) -> None:
    item = make_item()
    created = Change.insert(item)
    renamed = Change.update(created.row, replace(item, name="first"))
    again = Change.update(renamed.row, replace(item, name="second"))
    store.write(ChangeSet("test", (created, renamed)))
    store.write(ChangeSet("test", (again, Change.update(again.row, replace(item, name="third")))))
    stored = store.read(Item, [item.id])
    assert stored == [replace(item, name="third", row_version=4)]
    gone = Change.delete(stored[0])
    store.write(ChangeSet("test", (gone, gone.inverse())))
    assert store.read(Item, [item.id]) == [replace(stored[0], row_version=1)]
    fleeting = make_item(code="fleeting")
    store.write(ChangeSet("test", (Change.insert(fleeting), Change.delete(fleeting))))
    assert store.read(Item, [fleeting.id]) == []


def test_a_change_can_be_taken_back(store: Store) -> None:
    before = [make_item(code="A"), make_item(code="B")]
    insert(store, *before)
    kept, gone = store.read_all(Item)
    changes = ChangeSet(
        "test", (Change.update(kept, replace(kept, name="changed")), Change.delete(gone))
    )
    store.write(changes)
    store.write(changes.inverse())
    assert len(difference("same", before, store.read_all(Item))) == 0


def test_nobody_overwrites_what_they_have_not_seen(store: Store) -> None:
    item, other = make_item(code="A"), make_item(code="B")
    insert(store, item, other)
    seen, seen_other = store.read_all(Item)
    newer = update(store, seen, replace(seen, name="faster"))
    late = (
        Change.update(seen_other, replace(seen_other, name="never")),
        Change.update(seen, replace(seen, name="slower")),
    )
    with pytest.raises(Conflict) as caught:
        store.write(ChangeSet("test", late))
    (clash,) = caught.value.clashes
    assert (clash.kind, clash.row_id, clash.current) == (Item, item.id, newer)
    assert clash.who is not None
    assert clash.who.startswith("Test")
    assert clash.at is not None
    assert datetime.now(UTC) - clash.at < timedelta(minutes=5)
    assert caught.value.params["count"] == 1
    assert store.read_all(Item) == [newer, seen_other]


def test_deleting_what_somebody_changed_or_deleted_is_a_conflict(store: Store) -> None:
    insert(store, item := make_item())
    seen = store.read_all(Item)[0]
    newer = update(store, seen, replace(seen, name="new"))
    with pytest.raises(Conflict):
        delete(store, seen)
    delete(store, newer)
    for action in (lambda: delete(store, newer), lambda: update(store, newer, item)):
        with pytest.raises(Conflict) as caught:
            action()
        assert caught.value.clashes[0].current is None


def test_a_token_is_written_once(store: Store) -> None:
    item, token = make_item(), uuid4()
    changes = ChangeSet("test", (Change.insert(item),))
    assert not store.arrived(token)
    store.write(changes, token)
    assert store.arrived(token)
    store.write(changes, token)
    assert len(store.history(item.id)) == 1


def test_a_refused_change_set_leaves_no_token(store: Store) -> None:
    token = uuid4()
    with pytest.raises(StoreError):
        store.write(ChangeSet("test", (Change.insert(make_stock(make_item())),)), token)
    assert not store.arrived(token)


def test_refusals_name_what_and_why(store: Store) -> None:
    item = make_item(code="A-1")
    insert(store, item, make_bom_line(item, part := make_item(code="B-2")), part)
    cases = [
        ("duplicate_key", {"table": "item", "key": "A-1"}, make_item(code="A-1")),
        ("duplicate_key", {"table": "bom_line", "key": "A-1 / B-2"}, make_bom_line(item, part)),
        ("reference_missing", {"table": "order_line"}, make_order_line(make_item(code="C"))),
        ("value_not_allowed", {"field": "quantity"}, make_order_line(item, 0)),
        ("value_not_allowed", {"field": "quantity"}, make_order_line(item, "NaN")),
        ("value_not_allowed", {"field": "quantity"}, make_order_line(item, "Infinity")),
        ("value_not_allowed", {"field": "priority"}, make_order_line(item, 1, priority=10)),
        ("value_not_allowed", {"field": "code"}, make_item(code="  ")),
        ("value_not_allowed", {"field": "components"}, make_bom_line(item, item)),
        ("value_not_allowed", {"field": "quantity"}, make_stock(item, -1)),
        ("value_not_storable", {}, make_item(code="nul\0")),
        ("value_not_storable", {}, make_item(code="half \ud800 pair")),
        ("value_not_storable", {}, make_item(code="C", safety_stock=Decimal("1E+9999999"))),
        ("value_not_storable", {}, make_item(code="C", shelf_life_days=2**40)),
        ("value_not_storable", {}, make_order_line(item, earliest_start_at=datetime(2026, 1, 1))),  # noqa: DTZ001
        ("home_plant_twice", {}, make_plant(id=uuid4(), code="P2", home=True)),
    ]
    for code, params, row in cases:
        rows = [row, make_plant(id=uuid4(), code="P3", home=True)] if "home" in code else [row]
        with pytest.raises(StoreError) as caught:
            insert(store, *rows)
        assert caught.value.code == code, row
        assert params.items() <= caught.value.params.items(), caught.value.params


def test_what_is_used_stays(store: Store) -> None:
    insert(store, *every_kind())
    item = store.read_all(Item)[0]
    with pytest.raises(StoreError) as caught:
        delete(store, item)
    assert caught.value.code == "still_used"
    assert caught.value.params["key"] == item.code


def test_a_large_import_is_one_change(store: Store) -> None:
    item = make_item()
    lines = [make_order_line(item, order_number=f"SO-{number}") for number in range(3000)]
    insert(store, item, *lines)
    assert [line.id for line in store.read_all(OrderLine)] == [line.id for line in lines]
    assert {line.plant_id for line in store.read_all(OrderLine)} == {PLANT_ID}

"""Everything that happens to a row is written down, in a chain nobody can mend unseen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from db.engine import connect_options
from db.schema.audit import NO_PLANT
from db.store import Store
from domain.changes import Change, ChangeSet
from domain.items import Item
from domain.orders import OrderLine
from tests.builders import PLANT_ID, make_item, make_order_line
from tests.db.conftest import LoginUrl, delete, insert, update
from tests.db.test_schema import ask


def fault(url: str, plant: UUID) -> object:
    """The first entry of a plant's chain that does not fit."""
    return ask(url, f"SELECT gantry.audit_fault_v1('{plant}')")[0][0]


def test_a_row_tells_its_history(store: Store, url_of: LoginUrl) -> None:
    item = make_item(code="A", safety_stock=Decimal("1.50"))
    insert(store, item)
    changed = update(store, replace(item, row_version=1), replace(item, name="新名"))
    delete(store, changed)
    born, renamed, gone = store.history(item.id)
    who = make_url(url_of()).username
    assert {entry.who for entry in (born, renamed, gone)} == {who}
    assert [entry.table for entry in (born, renamed, gone)] == ["item"] * 3
    assert born.before is None
    assert born.after is not None
    assert born.after["code"] == "A"
    assert renamed.before == born.after
    assert renamed.after is not None
    assert (renamed.after["name"], renamed.after["row_version"]) == ("新名", 2)
    assert (gone.before, gone.after) == (renamed.after, None)
    assert born.at < renamed.at < gone.at


def test_chains_are_whole_and_apart_for_each_plant(store: Store, database: str) -> None:
    item = make_item()
    lines = [make_order_line(item, line=str(number)) for number in range(300)]
    insert(store, item, *lines)
    delete(store, *store.read_all(OrderLine)[:10])
    counted = dict(
        ask(database, "SELECT plant_id, max(sequence) FROM gantry.audit_entry GROUP BY 1")
    )
    assert counted == {NO_PLANT: 2, PLANT_ID: 310}
    assert fault(database, PLANT_ID) is None
    assert fault(database, NO_PLANT) is None


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE gantry.audit_entry SET who = 'somebody else' WHERE sequence = 7",
        "UPDATE gantry.audit_entry SET after = after || '{\"quantity\": 1}' WHERE sequence = 7",
        "DELETE FROM gantry.audit_entry WHERE sequence = 6",
    ],
)
def test_damage_shows_though_the_guard_was_off(store: Store, database: str, damage: str) -> None:
    item = make_item()
    insert(store, item, *(make_order_line(item, 2, line=str(number)) for number in range(20)))
    statement = f"""
        ALTER TABLE gantry.audit_entry DISABLE TRIGGER append_only;
        {damage} AND plant_id = '{PLANT_ID}';
        ALTER TABLE gantry.audit_entry ENABLE TRIGGER append_only
    """
    with psycopg.connect(**connect_options(database)) as connection:
        connection.execute(statement.encode())
    assert fault(database, PLANT_ID) == 7


@pytest.mark.parametrize("table", ["audit_entry", "change_set"])
@pytest.mark.parametrize("action", ["UPDATE {} SET who = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_not_even_the_owner_changes_the_trail(
    store: Store, database: str, table: str, action: str
) -> None:
    insert(store, make_item())
    with (
        psycopg.connect(**connect_options(database)) as connection,
        pytest.raises(psycopg.Error) as caught,
    ):
        connection.execute(action.format(f"gantry.{table}").encode())
    assert caught.value.sqlstate == "GT002"


def test_changes_by_hand_are_told_and_counted_too(store: Store, database: str) -> None:
    insert(store, item := make_item())
    with psycopg.connect(**connect_options(database)) as connection:
        connection.execute("UPDATE gantry.item SET name = 'by hand'")
    stored = store.read_all(Item)[0]
    assert (stored.name, stored.row_version) == ("by hand", 2)
    assert store.history(item.id)[-1].who == make_url(database).username
    with (
        psycopg.connect(**connect_options(database)) as connection,
        pytest.raises(psycopg.Error) as caught,
    ):
        connection.execute("UPDATE gantry.item SET row_version = 1")
    assert caught.value.sqlstate == "GT001"


def test_writers_at_once_make_one_chain(store: Store, database: str) -> None:
    insert(store, item := make_item())
    seen = replace(item, row_version=1)

    def write(writer: int) -> None:
        for number in range(10):
            line = make_order_line(item, order_number=f"W{writer}", line=str(number))
            insert(store, line)
            # Tables that others write too, in another order: nobody waits in a circle.
            other = Change.insert(make_item(code=uuid4().hex))
            changes = (Change.update(replace(line, row_version=1), line), other)
            store.write(ChangeSet("test", changes[:: (-1) ** writer]))

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, range(4)))
    assert store.read(Item, [item.id]) == [seen]
    assert fault(database, PLANT_ID) is None
    assert fault(database, NO_PLANT) is None
    assert ask(database, "SELECT count(*) FROM gantry.audit_entry") == [(2 + 4 * 10 * 3,)]

"""The sample factory: there at the first start, around today, gone when one's own comes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.first_start import load_sample
from db.store import Store
from domain.edits import clear_factory
from domain.items import Item
from domain.orders import OrderLine


@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2026, 12, 1), date(2028, 2, 29)])
def test_no_order_of_the_sample_is_due_before_today(database: str, today: date) -> None:
    store = Store(database)
    assert load_sample(store, today)
    due = [line.due_on for line in store.load().table(OrderLine).values()]
    store.close()
    assert min(due) >= today
    assert min(due) < today + timedelta(days=21)


def test_a_factory_that_has_items_is_left_alone(database: str) -> None:
    store = Store(database)
    assert load_sample(store, date(2026, 12, 1))
    assert not load_sample(store, date(2026, 12, 1))
    store.close()


def test_emptying_the_factory_can_be_undone(database: str) -> None:
    store = Store(database)
    load_sample(store, date(2026, 12, 1))
    plan = store.load()
    before = len(list(plan.rows()))
    emptied = clear_factory(plan)
    store.write(emptied)
    assert list(store.load().rows()) == []
    plan.apply(emptied)
    store.write(plan.undoing(emptied))
    after = store.load()
    store.close()
    assert len(list(after.rows())) == before
    assert after.one(Item, code=next(iter(after.table(Item).values())).code) is not None

"""The first start: an empty database gets a sample factory, as if it were running today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from db.store import Store
from domain.changes import Change, ChangeSet, Row
from domain.errors import DomainError
from domain.items import Item
from domain.plan import Plan
from widgets.text import RESOURCES

SAMPLE = RESOURCES / "samples" / "first-look.xlsx"
# The day the sample factories are written for: a Tuesday, with orders due in the weeks after.
SAMPLE_DAY = date(2026, 12, 1)


def load_sample(store: Store, today: date) -> bool:
    """Put the sample factory into a database without items; False if there are some.

    Raises:
        DomainError: ``sample_damaged`` if the shipped workbook is not what it should be.
    """
    if store.read_all(Item):
        return False
    store.write(sample_changes(today, uuid4))
    return True


def sample_changes(today: date, new_id: Callable[[], UUID]) -> ChangeSet:
    """The sample factory as changes to an empty database, its days moved to around ``today``.

    They move by whole weeks, so that weekdays stay weekdays, and never to before today, so that
    no order is late from the start.
    """
    from app.exchange.reading import read_workbook  # Excel's library: at the first start only

    reading = read_workbook(SAMPLE, Plan(), new_id=new_id, today=SAMPLE_DAY)
    if reading.faults:
        raise DomainError("sample_damaged", path=str(SAMPLE))
    weeks = -timedelta(weeks=(SAMPLE_DAY - today).days // 7)
    moved = tuple(Change.insert(_moved(change.row, weeks)) for change in reading.changes)
    return replace(reading.changes, label="load_sample", changes=moved)


def _moved(row: Row, by: timedelta) -> Row:
    days = {
        each.name: value + by
        for each in fields(row)
        if isinstance(value := getattr(row, each.name), date | datetime)
    }
    return replace(row, **days) if days else row

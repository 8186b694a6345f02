from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from domain.items import ItemType
from widgets import text
from widgets.models.columns import Column, Kind
from widgets.models.entry import EntryFault, parse

TODAY = date(2026, 12, 1)


def column(kind: Kind, **changes) -> Column:
    return Column(key="due_on", value=lambda row: row, kind=kind, **changes)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (Kind.NUMBER, "1,200.5", Decimal("1200.5")),
        (Kind.NUMBER, "１２", Decimal(12)),
        (Kind.NUMBER, "1,200 pcs", Decimal(1200)),
        (Kind.NUMBER, "", None),
        (Kind.WHOLE, "7", 7),
        (Kind.DAY, "2026-12-24", date(2026, 12, 24)),
        (Kind.DAY, "2026/1/5", date(2026, 1, 5)),
        (Kind.DAY, "2026.12.1", date(2026, 12, 1)),
        (Kind.DAY, "20270102", date(2027, 1, 2)),
        (Kind.DAY, "12月24日", date(2026, 12, 24)),
        (Kind.DAY, "1-5", date(2027, 1, 5)),
        (Kind.DAY, "2028年2月29日", date(2028, 2, 29)),
        (Kind.YESNO, "是", True),
        (Kind.YESNO, "n", False),
        (Kind.TEXT, "  M1 ", "M1"),
    ],
)
def test_what_people_type(kind, typed, value):
    assert parse(column(kind), typed, TODAY) == value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Kind.NUMBER, "twelve"),
        (Kind.NUMBER, "1.2.3"),
        (Kind.NUMBER, "."),
        (Kind.WHOLE, "7.5"),
        (Kind.DAY, "2026-02-30"),
        (Kind.DAY, "tomorrow"),
        (Kind.DAY, "2026-13-01"),
        (Kind.YESNO, "maybe"),
    ],
)
def test_what_does_not_fit_is_said_in_words(kind, typed):
    with pytest.raises(EntryFault) as fault:
        parse(column(kind), typed, TODAY)
    assert str(fault.value)
    assert not str(fault.value).startswith("entry.")


def test_limits_and_choices():
    with pytest.raises(EntryFault):
        parse(column(Kind.WHOLE, least=1, most=9), "10", TODAY)
    choice = column(Kind.CHOICE, choices=tuple(ItemType))
    assert parse(choice, "BUY", TODAY) is ItemType.BUY
    with pytest.raises(EntryFault):
        parse(choice, "borrow", TODAY)
    with pytest.raises(EntryFault):
        parse(column(Kind.NUMBER, required=True), " ", TODAY)


def test_instants_are_read_in_the_display_zone():
    text.set_zone(ZoneInfo("Asia/Shanghai"))
    value = parse(column(Kind.INSTANT), "12-3 8:30", TODAY)
    assert value == datetime(2026, 12, 3, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

"""What people type into cells."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from app.exchange import values
from app.exchange.grids import Cell, CellType
from app.exchange.values import CellFault

TODAY = date(2026, 11, 20)


def at(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - local, as typed


def text(value: str) -> Cell:
    return Cell(CellType.TEXT, value)


def number(value: str, shown_as: str = "General") -> Cell:
    return Cell(CellType.NUMBER, value, shown_as)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (text("2026-12-01"), at(2026, 12, 1)),
        (text("2026/12/1"), at(2026, 12, 1)),
        (text("2026.12.1"), at(2026, 12, 1)),
        (text("20261201"), at(2026, 12, 1)),
        (number("20261201"), at(2026, 12, 1)),
        (text("２０２６年１２月１日"), at(2026, 12, 1)),
        (text("2026年12月1日 8:30"), at(2026, 12, 1, 8, 30)),
        (text("2026-12-01T08:30:00"), at(2026, 12, 1, 8, 30)),
        (text("2026-12-01 24:00"), at(2026, 12, 2)),
        (text("12月1日"), at(2026, 12, 1)),
        (text("1月5日"), at(2027, 1, 5)),
        (text("11月1号"), at(2026, 11, 1)),
        (text("6月1日"), at(2026, 6, 1)),  # 172 days ago is nearer than 193 to come
        (number("46357"), at(2026, 12, 1)),
        (number("46357.333333333336", "yyyy/m/d h:mm"), at(2026, 12, 1, 8)),
    ],
)
def test_dates(cell: Cell, expected: datetime) -> None:
    assert values.as_instant(cell, TODAY, is_1904=False) == expected


def test_days_of_a_1904_workbook() -> None:
    found = values.as_instant(number("44895", "yyyy/m/d"), TODAY, is_1904=True)
    assert found == at(2026, 12, 1)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (text("soon"), "date_unreadable"),
        (text("2026-02-30"), "date_impossible"),
        (text("2月30日"), "date_impossible"),
        (text("1/2/2026"), "date_unreadable"),
        (text("26-12-01"), "date_unreadable"),
        (text("2126-12-01"), "date_range"),
        (number("12"), "date_range"),
        (number("-5"), "date_unreadable"),
        (number("1E+300"), "date_unreadable"),
        (Cell(CellType.BOOLEAN, "1"), "date_unreadable"),
    ],
)
def test_what_is_no_date(cell: Cell, code: str) -> None:
    with pytest.raises(CellFault) as caught:
        values.as_instant(cell, TODAY, is_1904=False)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (text("1,200"), "1200"),
        (text("１，２００．５"), "1200.5"),
        (text(" 12 "), "12"),
        (text("1,234,567"), "1234567"),
        (text("-3"), "-3"),
        (text("1e3"), "1000"),
        (number("0.30000000000000004"), "0.3"),
        (number("1.1000000000000001"), "1.1"),
    ],
)
def test_numbers(cell: Cell, expected: str) -> None:
    assert values.as_number(cell) == Decimal(expected)


@pytest.mark.parametrize(
    "cell",
    [text("abc"), text("12 pcs"), text("1,2,3"), text("NaN"), text("."), text("1.2.3"),
     Cell(CellType.BOOLEAN, "1"), text("1e999"), number("1e15"), number("45000", "yyyy/m/d")],
)  # fmt: skip
def test_what_is_no_number(cell: Cell) -> None:
    with pytest.raises(CellFault):
        values.as_number(cell)


def test_percent_counts_as_it_shows() -> None:
    assert values.as_percent(number("5")) == Decimal("0.05")
    assert values.as_percent(number("0.05", "0.00%")) == Decimal("0.05")
    assert values.as_percent(number("0.05")) == Decimal("0.0005")
    assert values.as_percent(text("5%")) == Decimal("0.05")
    assert values.as_percent(text("５ ％")) == Decimal("0.05")
    assert values.as_percent(text("2.5")) == Decimal("0.025")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (number("1001"), "1001"),
        (number("1001.0"), "1001"),
        (number("42", "00000"), "00042"),
        (number("3.5"), "3.5"),
        (text("007"), "007"),
        (text(" Ｍ１ "), "M1"),
    ],
)
def test_codes(cell: Cell, expected: str) -> None:
    assert values.as_code(cell) == expected


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (number("1E+21"), "code_digits_lost"),
        (number("1.2345678901234568E+17"), "code_digits_lost"),
        (number("46023", "d-mmm"), "code_is_date"),
        (Cell(CellType.BOOLEAN, "1"), "code_boolean"),
        (text("A;B"), "code_character"),
    ],
)
def test_codes_that_excel_spoiled(cell: Cell, code: str) -> None:
    with pytest.raises(CellFault) as caught:
        values.as_code(cell)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (text("08:00"), 480),
        (text("8：00"), 480),
        (text("8:05:30"), 485),
        (text("24:00"), 1440),
        (text("8点30分"), 510),
        (text("20时"), 1200),
        (number("0.3333333333333333", "h:mm"), 480),
        (number("1", "[h]:mm"), 1440),
        (number("0"), 0),
    ],
)
def test_times(cell: Cell, expected: int) -> None:
    assert values.as_minute(cell) == expected


@pytest.mark.parametrize(
    "cell", [text("25:00"), text("8:75"), text("24:01"), text("noon"), number("8")]
)
def test_what_is_no_time(cell: Cell) -> None:
    with pytest.raises(CellFault):
        values.as_minute(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (text("1-5"), (1, 2, 3, 4, 5)),
        (text("周一至周五"), (1, 2, 3, 4, 5)),
        (text("周一 到 周五"), (1, 2, 3, 4, 5)),
        (text("Mon"), (1,)),
        (text("Mon - Fri"), (1, 2, 3, 4, 5)),
        (text("1,3,5"), (1, 3, 5)),
        (text("周六、周日"), (6, 7)),
        (text("星期天"), (7,)),
        (text("礼拜三"), (3,)),
        (text("周五至周一"), (1, 5, 6, 7)),
        (text("每天"), (1, 2, 3, 4, 5, 6, 7)),
        (text("1-5,7"), (1, 2, 3, 4, 5, 7)),
        (number("6"), (6,)),
        (number("46027", "m/d"), (1, 2, 3, 4, 5)),  # 1-5 that Excel took for 5 January 2026
    ],
)
def test_weekdays(cell: Cell, expected: tuple[int, ...]) -> None:
    assert values.as_weekdays(cell, is_1904=False) == expected


@pytest.mark.parametrize(
    "cell", [text("8"), text("0"), text("someday"), text("1-3-5"), number("1.5")]
)
def test_what_is_no_weekday(cell: Cell) -> None:
    with pytest.raises(CellFault):
        values.as_weekdays(cell, is_1904=False)


@pytest.mark.parametrize("said", ["Y", "yes", "是", "1", "TRUE", "√", "✓", "Ｙ"])
def test_yes(said: str) -> None:
    assert values.as_yes(text(said)) is True


@pytest.mark.parametrize("said", ["N", "no", "否", "0", "False", "×"])
def test_no(said: str) -> None:
    assert values.as_yes(text(said)) is False


def test_yes_of_other_cells() -> None:
    assert values.as_yes(number("1")) is True
    assert values.as_yes(Cell(CellType.BOOLEAN, "0")) is False
    with pytest.raises(CellFault):
        values.as_yes(text("maybe"))


def test_machines_with_speeds() -> None:
    assert values.as_machines("M1； M2*0.8;;M3×1.25") == (
        ("M1", Decimal(1)), ("M2", Decimal("0.8")), ("M3", Decimal("1.25")),
    )  # fmt: skip
    for wrong in ("M1*", "M1*fast", "M1*0", "M1*-1", "M1;M1*0.8"):
        with pytest.raises(CellFault):
            values.as_machines(wrong)


def test_formats_that_show_days_or_percent() -> None:
    assert values.shows_day("yyyy/m/d;@")
    assert values.shows_day('m"月"d"日"')
    assert values.shows_day("[$-804]yyyy-mm-dd")
    assert not values.shows_day("h:mm")
    assert not values.shows_day("mm:ss")
    assert not values.shows_day("[h]:mm:ss")
    assert not values.shows_day("#,##0.00_);[Red](#,##0.00)")
    assert not values.shows_day('0.0 "days"')
    assert not values.shows_day("General")
    assert values.shows_percent("0.0%")
    assert not values.shows_percent('0.0"%"')


def test_whole_numbers_are_those_a_database_holds() -> None:
    assert values.as_whole(Cell(CellType.NUMBER, "2147483647")) == 2_147_483_647
    with pytest.raises(CellFault, match="number_range"):
        values.as_whole(Cell(CellType.NUMBER, "2147483648"))

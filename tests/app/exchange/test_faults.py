"""Wrong workbooks: each fault named where it is, in both languages, and nothing changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from app.exchange.faults import fault_line, fault_text
from domain.plan import Plan
from tests.app.exchange.books import Sheets, loaded, read, save, small_factory
from widgets.text import LANGUAGES, catalogue, language, set_language

Change = Callable[[Sheets], None]
MARCH = datetime(2026, 3, 1)  # noqa: DTZ001 - as Excel keeps it


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    before = language()
    set_language("zh")
    yield
    set_language(before)


def cell(sheet: str, row: int, column: int, value: object) -> Change:
    """One cell made wrong; row and column as Excel counts, from 1."""

    def change(sheets: Sheets) -> None:
        cells = sheets[sheet][row - 1]
        cells += [None] * (column - len(cells))
        cells[column - 1] = value

    return change


def add(sheet: str, *rows: list[object]) -> Change:
    return lambda sheets: sheets.setdefault(sheet, []).extend(rows)


def column(sheet: str, heading: str, value: object) -> Change:
    def change(sheets: Sheets) -> None:
        place = len(sheets[sheet][0]) + 1
        cell(sheet, 1, place, heading)(sheets)
        cell(sheet, 2, place, value)(sheets)

    return change


def both(*changes: Change) -> Change:
    def change(sheets: Sheets) -> None:
        for each in changes:
            each(sheets)

    return change


def without(sheet: str) -> Change:
    return lambda sheets: sheets.pop(sheet) and None


def without_column(sheet: str, place: int) -> Change:
    def change(sheets: Sheets) -> None:
        for row in sheets[sheet]:
            del row[place - 1]

    return change


# What is wrong, and where it is told: code, sheet, row, heading, what the English text must say.
CASES: list[tuple[Change, str, str, int | None, str, str]] = [
    (cell("Orders", 2, 4, "p1"), "unknown_similar", "Orders", 2, "item", "Is “P1” meant"),
    (cell("Orders", 2, 4, "gasket"), "unknown", "Orders", 2, "item", "sheet “Items”"),
    (cell("Orders", 2, 3, "c1"), "unknown_similar", "Orders", 2, "customer", "“C1”"),
    (cell("Machines", 2, 4, "night"), "unknown", "Machines", 2, "calendar", "“Calendars”"),
    (cell("Routings", 2, 5, "M1;m2"), "unknown_similar", "Routings", 2, "machines", "“M2”"),
    (cell("Routings", 3, 4, "MILL"), "unknown", "Routings", 3, "work center", "“MILL”"),
    (add("BOM", ["S1", "P1", None, 1, None]), "bom_cycle", "BOM", 4, "component", "P1 → S1 → P1"),
    (add("BOM", ["B1", "B1", None, 1, None]), "bom_cycle", "BOM", 4, "component", "B1 → B1"),
    (cell("Orders", 2, 5, "ten"), "number_unreadable", "Orders", 2, "quantity", "“ten”"),
    (cell("Orders", 2, 5, -4), "number_negative", "Orders", 2, "quantity", "-4 is negative"),
    (cell("Orders", 2, 5, 0), "number_zero", "Orders", 2, "quantity", "greater than 0"),
    (cell("Orders", 2, 5, None), "cell_blank", "Orders", 2, "quantity", "must not be blank"),
    (cell("Orders", 2, 6, "2126-01-01"), "date_range", "Orders", 2, "due", "2099-12-31"),
    (cell("Orders", 2, 6, "soon"), "date_unreadable", "Orders", 2, "due", "not a date"),
    (cell("Orders", 2, 6, "2026-02-30"), "date_impossible", "Orders", 2, "due", "2026-02-30"),
    (cell("Orders", 2, 7, 12), "number_between", "Orders", 2, "priority", "between 1 and 9"),
    (cell("Orders", 2, 7, 2.5), "number_whole", "Orders", 2, "priority", "2.5"),
    (cell("Orders", 2, 5, "=1+1"), "formula_without_value", "Orders", 2, "quantity", "F9"),
    (cell("Orders", 2, 5, "#N/A"), "error_value", "Orders", 2, "quantity", "#N/A"),
    (cell("Orders", 2, 1, MARCH), "code_is_date", "Orders", 2, "order", "2026"),
    (cell("Orders", 2, 1, 1e21), "code_digits_lost", "Orders", 2, "order", "lost digits"),
    (cell("Orders", 2, 1, "x" * 101), "code_long", "Orders", 2, "order", "100"),
    (add("Orders", ["SO1", 1, "C1", "P1", 5, "2026-12-24", 5]), "duplicate", "Orders", 3, "order",
     "row 2 of sheet “Orders”"),
    (column("Orders", "unit", "box"), "unit_without_conversion", "Orders", 2, "unit", "“pcs”"),
    (column("Orders", "status", "perhaps"), "choice_unknown", "Orders", 2, "status", "draft, con"),
    (column("Orders", "Quantity", 5), "column_twice", "Orders", 1, "Quantity", "“quantity”"),
    (cell("Routings", 3, 4, None), "routing_without_machine", "Routings", 3, "work center", "no"),
    (cell("BOM", 3, 3, 30), "operation_unknown", "BOM", 3, "operation", "it has 10"),
    (cell("Items", 2, 6, 100), "percent_range", "Items", 2, "scrap %", "less than 100 %"),
    (cell("Items", 2, 4, "magic"), "choice_unknown", "Items", 2, "type", "subcontract"),
    (cell("Calendars", 2, 2, "8"), "weekday_unreadable", "Calendars", 2, "weekday", "1-5"),
    (cell("Calendars", 2, 3, "25:00"), "time_unreadable", "Calendars", 2, "start", "08:00"),
    (cell("Calendars", 2, 3, "24:00"), "start_at_24", "Calendars", 2, "start", "next day"),
    (cell("Calendars", 2, 4, None), "cell_blank", "Calendars", 2, "end", "“end”"),
    (add("Overtime", ["calendar", "weekday", "start", "end"], ["night", "1", "17:00", "20:00"]),
     "unknown", "Overtime", 2, "calendar", "night"),
    (add("Holidays", ["calendar", "date", "start"], ["day", "2026-12-25", "08:00"]), "holiday_half",
     "Holidays", 2, "", "belong together"),
    (add("Downtime", ["machine", "start", "end"], ["M1", "2026-12-03", "2026-12-02"]),
     "end_before_start", "Downtime", 2, "end", "not after"),
    (add("Plants", ["code", "timezone"], ["A", "Mars/Base"]), "timezone_unknown", "Plants", 2,
     "timezone", "Asia/Shanghai"),
    (cell("Routings", 2, 5, "M1*fast"), "speed_unreadable", "Routings", 2, "machines", "M1*0.8"),
    (cell("Routings", 2, 5, "M1;M1*0.5"), "machine_twice", "Routings", 2, "machines", "twice"),
    (column("Routings", "inspection", "?"), "yes_unreadable", "Routings", 2, "inspection",
     "Y or N"),
    (add("Units", ["B1", "kg", 2]), "unit_is_own", "Units", 3, "unit", "own unit"),
    (column("Items", "may buy", "Y"), "may_buy_without_lead_time", "Items", 2,
     "lead time days", "how many days"),
    (both(cell("Items", 1, 7, "可外购"), cell("Items", 4, 7, "是")), "may_buy_not_made", "Items", 4,
     "可外购", "B1"),
    (column("Routings", "routing", "B"), "routing_without_main", "Routings", 2, "routing", "“B”"),
    (both(column("Routings", "split", 2), column("Routings", "subcontract days", 1)),
     "split_outside", "Routings", 2, "split", "outside"),
    (both(column("Machines", "batch capacity", 20), cell("Machines", 3, 5, 30),
          column("Routings", "load", "30.5")), "piece_too_large", "Routings", 2, "load",
     "P1, operation 10: one piece loads 30.5, more than any of its machines holds: M1 (20), M2"),
    (column("Routings", "split", 0), "number_between", "Routings", 2, "split", "between 1 and 100"),
    (add("Absences", ["operator", "start", "end"], ["E9", "2026-12-01", "2026-12-02"]), "unknown",
     "Absences", 2, "operator", "sheet “Operators”"),
    (without("Orders"), "sheet_missing", "", None, "", "“Orders”"),
    (without_column("Orders", 6), "column_missing", "Orders", 1, "", "“due”"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "sheet", "row", "heading", "says"), CASES)
def test_one_fault(
    tmp_path: Path, change: Change, code: str, sheet: str, row: int | None, heading: str, says: str
) -> None:
    sheets = small_factory()
    change(sheets)
    reading = read(save(tmp_path / "wrong.xlsx", sheets))
    set_language("en")
    assert [(f.code, f.sheet, f.row, f.column) for f in reading.faults] == [
        (code, sheet, row, heading)
    ], [fault_line(fault) for fault in reading.faults]
    assert says in fault_line(reading.faults[0])
    assert reading.changes.changes == ()
    for spoken in LANGUAGES:
        set_language(spoken)
        assert not re.search(r"[{}]|None|fault\.", fault_line(reading.faults[0]))


def test_thirty_faults_at_once(tmp_path: Path) -> None:
    """Thirty rows, each wrong in its own way, give thirty messages and change nothing."""
    plan = loaded(save(tmp_path / "right.xlsx", small_factory()))
    before = {row.id: row for row in plan.table(type(plan.home_plant())).values()}
    sheets = small_factory()
    good: list[object] = ["SO1", "1", "C1", "P1", 10, "2026-12-10", 5]
    wrong: list[tuple[int, object]] = [
        (1, None), (1, 1e21), (1, MARCH), (1, "A;B"), (1, "x" * 200), (2, None),
        (2, "#REF!"), (3, "C9"), (3, "=A1"), (4, "P8"), (4, "nothing"), (4, None), (5, "ten"),
        (5, -1), (5, 0), (5, None), (5, "#DIV/0!"), (5, "=2*3"), (5, 1e13),
        (5, MARCH),
        (6, "soon"), (6, "2026-13-01"), (6, "1999-12-31"), (6, None), (6, "=TODAY()"), (7, 0),
        (7, 10), (7, "high"), (7, 1.5), (7, True),
    ]  # fmt: skip
    for number, (place, value) in enumerate(wrong, 100):
        row = [f"SO{number}", *good[1:]]
        row[place - 1] = value
        sheets["Orders"].append(row)
    reading = read(save(tmp_path / "wrong.xlsx", sheets), plan)
    assert len(reading.faults) == len(wrong) == 30
    assert [fault.row for fault in reading.faults] == list(range(3, 33))
    assert [(fault.index or 0) + 1 for fault in reading.faults] == [place for place, _ in wrong]
    assert len({fault_text(fault) for fault in reading.faults}) >= 20
    assert reading.changes.changes == ()
    assert before == {row.id: row for row in plan.table(type(plan.home_plant())).values()}


def test_every_fault_of_a_row_is_told(tmp_path: Path) -> None:
    sheets = small_factory()
    sheets["Orders"][1] = ["SO1", "1", "C9", "P9", "ten", "soon", 77]
    faults = read(save(tmp_path / "wrong.xlsx", sheets)).faults
    assert sorted(fault.column for fault in faults) == [
        "customer",
        "due",
        "item",
        "priority",
        "quantity",
    ]


def test_one_fault_is_not_told_again_by_those_who_refer_to_it(tmp_path: Path) -> None:
    sheets = small_factory()
    cell("Items", 2, 6, "much")(sheets)  # P1 is in the BOM, the routings and the orders
    cell("Machines", 2, 4, "night")(sheets)
    faults = read(save(tmp_path / "wrong.xlsx", sheets)).faults
    assert [(fault.sheet, fault.row) for fault in faults] == [("Machines", 2), ("Items", 2)]
    sheets = small_factory()
    del sheets["Items"]
    faults = read(save(tmp_path / "none.xlsx", sheets)).faults
    assert [fault.code for fault in faults] == ["sheet_missing"]


def test_merged_numbers(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = save(tmp_path / "merged.xlsx", small_factory())
    book = load_workbook(path)
    book["Orders"].append(["SO1", "2", "C1", "S1", None, "2026-12-11", 5])
    book["Orders"].merge_cells("E2:E3")
    book.save(path)
    codes = {(fault.code, fault.row) for fault in read(path).faults}
    assert codes == {("merged_number", 2), ("cell_blank", 3)}


def test_a_work_center_that_lost_its_machines(tmp_path: Path) -> None:
    plan = loaded(save(tmp_path / "right.xlsx", small_factory()))
    sheets = small_factory()
    sheets["Machines"][1][2] = sheets["Machines"][2][2] = "MILL"
    faults = read(save(tmp_path / "moved.xlsx", sheets), plan).faults
    assert [(fault.code, fault.sheet, fault.row) for fault in faults] == [
        ("work_center_empty", "Routings", 3)
    ]


def test_a_furnace_too_small_for_what_is_there_already(tmp_path: Path) -> None:
    sheets = small_factory()
    column("Machines", "batch capacity", 20)(sheets)
    column("Routings", "load", 20)(sheets)
    cell("Routings", 2, 5, "M1")(sheets)
    plan = loaded(save(tmp_path / "right.xlsx", sheets))
    cell("Machines", 2, 5, "19.5")(sheets)
    faults = read(save(tmp_path / "small.xlsx", {"Machines": sheets["Machines"]}), plan).faults
    assert [(f.code, f.sheet, f.row, f.column) for f in faults] == [
        ("piece_too_large", "Machines", 2, "batch capacity")
    ]
    set_language("en")
    assert "P1, operation 10: one piece loads 20" in fault_text(faults[0])
    assert "M1 (19.5)" in fault_text(faults[0])


def test_one_furnace_that_is_large_enough_will_do(tmp_path: Path) -> None:
    sheets = small_factory()
    column("Machines", "batch capacity", 20)(sheets)
    cell("Machines", 3, 5, 30)(sheets)
    column("Routings", "load", 30)(sheets)
    loaded(save(tmp_path / "right.xlsx", sheets))


def test_a_unit_that_others_still_use(tmp_path: Path) -> None:
    plan = loaded(save(tmp_path / "right.xlsx", small_factory()))
    items = small_factory()["Items"]
    items[1][2] = "set"
    faults = read(save(tmp_path / "unit.xlsx", {"Items": items}), plan).faults
    assert [(fault.code, fault.row) for fault in faults] == [("unit_still_used", 2)]


def test_a_circle_through_what_is_there_already(tmp_path: Path) -> None:
    plan = loaded(save(tmp_path / "right.xlsx", small_factory()))
    lines = [["parent", "component", "quantity"], ["B1", "P1", 1]]
    faults = read(save(tmp_path / "circle.xlsx", {"BOM": lines}), plan).faults
    assert [(fault.code, fault.row) for fault in faults] == [("bom_cycle", 2)]
    assert "B1 → P1 → S1 → B1" in fault_text(faults[0])


def test_sheets_are_called_what_the_file_calls_them(tmp_path: Path) -> None:
    sheets = small_factory()
    cell("Routings", 2, 5, "M9")(sheets)
    sheets["设备台账 Machines"] = sheets.pop("Machines")
    (fault,) = read(
        save(tmp_path / "wrong.xlsx", sheets), mapping={("设备台账 Machines", ""): "Machines"}
    ).faults
    assert "请在工作表「设备台账 Machines」中添加" in fault_text(fault)
    assert fault_line(fault).startswith("工作表「Routings」单元格 E2（列「machines」）：")


def test_every_text_can_be_filled() -> None:
    """A fault's text names only what its fault carries: no brace is left in any message above."""
    told = {code for _, code, *_ in CASES}
    known = {key.removeprefix("fault.") for key in catalogue("en") if key.startswith("fault.")}
    assert told <= known


def test_nothing_is_written_to_a_plan(tmp_path: Path) -> None:
    plan = Plan()
    sheets = small_factory()
    cell("Orders", 2, 5, -4)(sheets)
    read(save(tmp_path / "wrong.xlsx", sheets), plan)
    assert list(plan.rows()) == []

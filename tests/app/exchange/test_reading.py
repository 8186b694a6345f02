"""A workbook without fault: what it becomes, and what it leaves alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from app.exchange.faults import fault_line
from app.exchange.reading import Count
from domain.calendars import Calendar, Holiday, Overtime, Shift
from domain.changes import ChangeSet
from domain.inventory import Stock
from domain.items import BomLine, Item, ItemType, LotRule
from domain.orders import OrderLine, OrderStatus
from domain.plan import ROW_TYPES, Plan
from domain.resources import Changeover, Downtime, Machine, Operator, Plant, WorkCenter
from domain.routings import BreakRule, RoutingMachine, RoutingOperation
from tests.app.exchange.books import counting_ids, loaded, read, save, small_factory

EIGHT = datetime(2026, 12, 3, 8)  # noqa: DTZ001 - as Excel keeps it


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return save(tmp_path / "factory.xlsx", small_factory())


def test_rows_of_every_sheet(book: Path) -> None:
    plan = loaded(book)
    assert plan.home_plant().timezone == "Asia/Shanghai"
    assert sorted(s.weekday for s in plan.table(Shift).values()) == [1, 2, 3, 4, 5]
    lathe = plan.one(WorkCenter, code="LATHE")
    assert lathe is not None
    assert [m.code for m in plan.where(Machine, work_center_id=lathe.id)] == ["M1", "M2"]
    pump, shaft = plan.one(Item, code="P1"), plan.one(Item, code="S1")
    assert pump is not None
    assert shaft is not None
    assert pump.scrap_ratio == Decimal("0.02")
    bar = plan.one(BomLine, parent_id=shaft.id)
    assert bar is not None
    assert (bar.quantity, bar.unit) == (Decimal("0.4"), "m")
    assemble = plan.one(RoutingOperation, item_id=pump.id)
    assert assemble is not None
    assert assemble.work_center_id is None
    machines = plan.where(RoutingMachine, routing_operation_id=assemble.id)
    assert [row.speed for row in machines] == [Decimal(1), Decimal("0.8")]
    line = plan.one(OrderLine, order_number="SO1")
    assert line is not None
    assert (line.due_on, line.unit, line.status) == (
        date(2026, 12, 10),
        "pcs",
        OrderStatus.CONFIRMED,
    )
    assert line.plant_id == plan.home_plant().id


def test_changes_come_parents_first(book: Path) -> None:
    rank = {kind: number for number, kind in enumerate(ROW_TYPES)}
    kinds = [rank[change.kind] for change in read(book).changes]
    assert kinds == sorted(kinds)


def test_reading_twice_changes_nothing(book: Path) -> None:
    plan = loaded(book)
    again = read(book, plan)
    assert again.changes.changes == ()
    assert again.counts["Orders"] == Count(same=1)
    assert again.counts["Items"] == Count(same=3)


def test_a_plan_keeps_what_the_file_does_not_say(tmp_path: Path, book: Path) -> None:
    plan = loaded(book)
    orders = save(
        tmp_path / "orders.xlsx",
        {"订单": [["订单号", "行号", "物料", "数量", "交期"], ["SO1", 1, "P1", 12, "2026-12-11"],
                ["SO2", 1, "S1", 5, "2026-12-12"]]},
    )  # fmt: skip
    reading = read(orders, plan)
    assert reading.counts == {"Orders": Count(new=1, changed=1)}
    plan.apply(reading.changes)
    line = plan.one(OrderLine, order_number="SO1")
    assert line is not None
    # The customer's column is not in the second file, so the customer stays.
    assert (line.quantity, line.customer_id is None, line.row_version) == (Decimal(12), False, 2)


def test_a_blank_cell_is_the_default_and_a_missing_row_no_deletion(
    tmp_path: Path, book: Path
) -> None:
    plan = loaded(book)
    sheets = small_factory()
    sheets["Items"][1][5] = None
    del sheets["Orders"][1]
    reading = read(save(tmp_path / "again.xlsx", sheets), plan)
    plan.apply(reading.changes)
    pump = plan.one(Item, code="P1")
    assert pump is not None
    assert pump.scrap_ratio == 0
    assert len(reading.changes) == 1
    assert len(plan.table(OrderLine)) == 1


def test_machines_taken_out_of_a_routing_go(tmp_path: Path, book: Path) -> None:
    plan = loaded(book)
    sheets = small_factory()
    sheets["Routings"][1][4] = "M2*0.9"
    plan.apply(read(save(tmp_path / "again.xlsx", sheets), plan).changes)
    rows = list(plan.table(RoutingMachine).values())
    assert [(row.speed, row.position) for row in rows] == [(Decimal("0.9"), 0)]


def test_both_languages_any_order_and_titles_above(tmp_path: Path) -> None:
    sheets = {
        "  ＯＲＤＥＲＳ ": [
            ["销售订单明细"],
            [],
            ["交货日期", "数量(件)", "料号", "行号", "订单号", "优先级 priority", "STATUS"],
            ["2026年12月8日", "1,200", 1001, 1, 20261101, 3, "草稿"],
        ],
        "物料 Items": [["类型", "编码 code", "LOT  RULE", "批量", "损耗率 (%)"],
                     ["外购", 1001, "固定批量", 500, "5%"]],
        "日历": [["日历", "星期", "开始", "结束"], ["早班", "周一至周五", time(8), "24：00"]],
    }  # fmt: skip
    plan = loaded(save(tmp_path / "both.xlsx", sheets))
    item = plan.one(Item, code="1001")
    assert item is not None
    assert (item.type, item.lot_rule, item.lot_size) == (ItemType.BUY, LotRule.FOQ, 500)
    assert item.scrap_ratio == Decimal("0.05")
    line = next(iter(plan.table(OrderLine).values()))
    assert (line.order_number, line.quantity, line.priority) == ("20261101", Decimal(1200), 3)
    assert line.status is OrderStatus.DRAFT
    shift = next(iter(plan.table(Shift).values()))
    assert (shift.start_minute, shift.end_minute) == (480, 1440)


def test_hours_that_may_be_worked_too(tmp_path: Path) -> None:
    sheets = small_factory() | {
        "Overtime 加班": [["calendar 日历", "星期", "start", "结束", "小时加价"],
                         ["day", "1-5", "17:00", "20:00", "1,050.5"],
                         ["day", "周六", time(22), "6:00", None]],
    }  # fmt: skip
    rows = loaded(save(tmp_path / "overtime.xlsx", sheets)).table(Overtime).values()
    assert [(row.weekday, row.start_minute, row.end_minute) for row in rows] == [
        *((weekday, 1020, 1200) for weekday in range(1, 6)),
        (6, 1320, 360),
    ]
    assert {row.hourly_cost for row in rows} == {Decimal("1050.5"), Decimal(0)}


def test_the_rarer_columns(tmp_path: Path) -> None:
    sheets = small_factory() | {
        "Plants": [["code", "timezone"], ["KS", "Europe/Berlin"]],
        "Holidays": [["calendar", "date", "start", "end"], ["day", "2026-12-25", None, None],
                     ["day", "2026-12-26", "08:00", "12:00"],
                     ["day", "2026-12-26", "13:00", "17:00"]],
        "Operators": [["code", "name", "skills", "calendar"],
                      ["E1", "Li", "turning；milling", "day"]],
        "Downtime": [["machine", "start", "end"], ["M1", EIGHT, "2026-12-03 12:30"]],
        "Changeovers": [["work center or machine", "from family", "to family", "minutes"],
                        ["LATHE", "*", "*", 30], ["M1", "A", "B", 12.5]],
        "Stock": [["item", "warehouse", "lot", "quantity", "unit"], ["B1", "W1", "L7", 3, "m"]],
    }  # fmt: skip
    sheets["Routings"][0] += ["skill", "break rule", "inspection", "subcontract days"]
    sheets["Routings"][2] += ["turning", "不可中断", "√", None]
    sheets["Routings"].append(["S1", 20, "coat", None, None, None, None, None, None, "2.5"])
    plan = loaded(save(tmp_path / "rare.xlsx", sheets))
    assert len(plan.table(Holiday)) == 3
    operator = next(iter(plan.table(Operator).values()))
    assert operator.skills == ("turning", "milling")
    stop = next(iter(plan.table(Downtime).values()))
    assert stop.start_at == datetime(2026, 12, 3, 7, tzinfo=UTC)  # Berlin is an hour ahead
    assert stop.end_at == datetime(2026, 12, 3, 11, 30, tzinfo=UTC)
    wide, narrow = plan.table(Changeover).values()
    assert wide.machine_id is None
    assert wide.work_center_id is not None
    assert narrow.machine_id is not None
    assert narrow.minutes == Decimal("12.5")
    stock = next(iter(plan.table(Stock).values()))
    assert (stock.unit, stock.quantity) == ("m", Decimal(3))
    turn = plan.one(RoutingOperation, number=10, skill="turning")
    assert turn is not None
    assert (turn.operators, turn.break_rule, turn.inspection) == (1, BreakRule.FIT, True)
    coat = plan.one(RoutingOperation, number=20)
    assert coat is not None
    assert coat.subcontract_days == Decimal("2.5")


def test_a_name_for_a_machine_and_a_work_center(tmp_path: Path) -> None:
    sheets = small_factory()
    sheets["Machines"] = [["code", "work center"], ["M1", "M1"], ["M2", "M1"]]
    sheets["Routings"][2][3] = "M1"
    sheets["Changeovers"] = [
        ["work center or machine", "minutes"],
        ["M1", 1],
        ["work center：M1", 2],
    ]
    plan = loaded(save(tmp_path / "same.xlsx", sheets))
    on_machine, on_center = plan.table(Changeover).values()
    assert on_machine.machine_id is not None
    assert on_machine.minutes == 1
    assert on_center.work_center_id is not None
    assert on_center.minutes == 2


def test_merged_cells_say_the_same_for_each_row(tmp_path: Path, book: Path) -> None:
    changed = load_workbook(book)
    page = changed["Orders"]
    page.append([None, "2", None, "S1", 4, "2026-12-11", None])
    page.merge_cells("A2:A3")
    page.merge_cells("C2:C3")
    changed.save(book)
    plan = loaded(book)
    assert [line.order_number for line in plan.table(OrderLine).values()] == ["SO1", "SO1"]
    assert len({line.customer_id for line in plan.table(OrderLine).values()}) == 1


def test_hidden_sheets_count_and_blank_rows_do_not(tmp_path: Path, book: Path) -> None:
    changed = load_workbook(book)
    changed["Customers"].sheet_state = "hidden"
    changed["Orders"].cell(5000, 1).value = "   "
    changed["Orders"].cell(6000, 2).number_format = "0.00"
    changed.save(book)
    assert read(book).counts["Orders"] == Count(new=1)


def test_unknown_names_are_skipped_with_a_proposal(tmp_path: Path) -> None:
    sheets = small_factory()
    sheets["Notes 2026"] = [["anything"]]
    sheets["Orders"][0] += ["订单数量合计", "colour"]
    reading = read(save(tmp_path / "odd.xlsx", sheets))
    assert reading.faults == []
    found = {(each.sheet, each.heading): each.proposal for each in reading.skipped}
    assert set(found) == {("Notes 2026", ""), ("Orders", "订单数量合计"), ("Orders", "colour")}
    proposal = found["Orders", "订单数量合计"]
    assert proposal is not None


def test_the_user_says_what_a_name_stands_for(tmp_path: Path) -> None:
    sheets = small_factory()
    sheets["Backlog"] = sheets.pop("Orders")
    sheets["Backlog"][0][4] = "how many"
    path = save(tmp_path / "odd.xlsx", sheets)
    assert {fault.code for fault in read(path).faults} == {"sheet_missing"}
    reading = read(path, mapping={("Backlog", ""): "Orders", ("Backlog", "how many"): "quantity"})
    assert [fault_line(fault) for fault in reading.faults] == []
    assert reading.counts["Orders"] == Count(new=1)


def test_units_shown_in_either_language_are_the_same(tmp_path: Path) -> None:
    sheets = small_factory()
    sheets["Orders"][0].append("unit")
    sheets["Orders"][1].append("件")
    plan = loaded(save(tmp_path / "units.xlsx", sheets))
    assert next(iter(plan.table(OrderLine).values())).unit == "pcs"


def test_a_calendar_that_rests_all_week(tmp_path: Path) -> None:
    sheets = small_factory()
    sheets["Calendars"].append(["closed", None, None, None])
    plan = loaded(save(tmp_path / "closed.xlsx", sheets))
    calendar = plan.one(Calendar, code="closed")
    assert calendar is not None
    assert plan.where(Shift, calendar_id=calendar.id) == []


def test_planning_needs_more_sheets(tmp_path: Path) -> None:
    sheets = {
        name: rows
        for name, rows in small_factory().items()
        if name in {"Items", "Orders", "Customers"}
    }
    path = save(tmp_path / "orders.xlsx", sheets)
    assert read(path).faults == []
    faults = read(path, for_plan=True).faults
    assert [str(fault.params["wanted"]) for fault in faults]
    assert len(faults) == 3


def test_it_can_be_stopped_and_tells_how_far_it_is(book: Path) -> None:
    shares: list[float] = []
    read(book, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    stopped = read(book, should_stop=lambda: True)
    assert stopped.stopped
    assert stopped.changes.changes == ()


def test_the_plan_itself_stays_untouched(book: Path) -> None:
    plan = Plan()
    reading = read(book, plan)
    assert isinstance(reading.changes, ChangeSet)
    assert len(reading.changes) > 0
    assert all(not plan.table(kind) for kind in ROW_TYPES)


def test_files_of_other_programs(tmp_path: Path) -> None:
    """Inline text, rich text and cells without a place, as other programs write them."""
    import zipfile

    orders = [["order", "line", "item", "quantity", "due"]]
    path = save(tmp_path / "odd.xlsx", {"Items": [["code", "name"]], "Orders": orders})
    rows = (
        '<x:row><x:c t="inlineStr"><x:is><x:r><x:t>co</x:t></x:r><x:r><x:t>de</x:t></x:r>'
        '<x:rPh sb="0" eb="1"><x:t>no</x:t></x:rPh></x:is></x:c><x:c t="inlineStr"><x:is>'
        "<x:t>name</x:t></x:is></x:c></x:row><x:row><x:c><x:v>7</x:v></x:c>"
        '<x:c t="str"><x:f>"a"&amp;"_"</x:f><x:v>a_x0041_</x:v></x:c></x:row>'
    )
    sheet = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<x:sheetData>{rows}</x:sheetData></x:worksheet>"
    )
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    item = next(iter(loaded(path).table(Item).values()))
    assert (item.code, item.name) == ("7", "aA")


def test_an_empty_workbook_says_so(tmp_path: Path) -> None:
    book = Workbook()
    book.save(tmp_path / "empty.xlsx")
    assert {fault.code for fault in read(tmp_path / "empty.xlsx").faults} == {"no_known_sheet"}


def test_a_second_plant(tmp_path: Path) -> None:
    sheets = small_factory() | {"Plants": [["code"], ["A"], ["B"]]}
    sheets["Machines"][0].append("plant")
    sheets["Machines"][1].append("B")
    plan = loaded(save(tmp_path / "two.xlsx", sheets))
    assert plan.home_plant().code == "A"
    one, two = plan.table(Machine).values()
    assert [plan.need(Plant, each.plant_id).code for each in (one, two)] == ["B", "A"]


def test_ids_are_the_callers(book: Path) -> None:
    from app.exchange.reading import read_workbook

    make = counting_ids()
    reading = read_workbook(book, Plan(), new_id=make, today=date(2026, 12, 1))
    assert max(change.row.id.int for change in reading.changes) < make().int

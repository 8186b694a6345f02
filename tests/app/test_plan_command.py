"""``gantry plan``: a workbook in, a folder of files out that hold what the workbook asks for."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pypdfium2
import pytest
import zxingcpp
from PySide6.QtGui import QImage

from app.__main__ import main
from app.commands.plan import _start
from domain.plan import Plan
from tests.app.conftest import FIRST_LOOK, NOW_TEXT, Planned, gantry
from tests.app.csv_check import MINUTE, Bar, Book, complaints, read_csv, read_schedule
from tests.app.exchange.books import save, small_factory
from tests.builders import make_plant

NOW = datetime.fromisoformat(NOW_TEXT)
COLUMNS = {
    "schedule": "work_order,item,quantity,operation,machine,setup_start,run_start,end,operators,"
    "order_lines",
    "work_orders": "work_order,item,quantity,release,end,parent_work_orders,order_lines",
    "purchases": "item,quantity,order_by,due,order_lines",
    "lateness": "order,line,due,finish,late_minutes,weight,cause",
}
NUMBERS = (
    "operations work_orders order_lines late_lines weighted_lateness lower_bound gap setup_minutes "
    "makespan_minutes first_plan_seconds solve_seconds import_seconds peak_memory_mb"
)


@pytest.fixture(scope="module")
def book() -> Book:
    return Book(FIRST_LOOK)


@pytest.fixture
def bars(planned: Planned) -> list[Bar]:
    return read_schedule(planned.folder / "schedule.csv")


def test_every_file_is_there_and_no_other(planned: Planned) -> None:
    names = {path.name for path in planned.folder.iterdir()}
    assert names == {f"{name}.csv" for name in COLUMNS} | {
        "plan.xlsx",
        "gantt.png",
        "work_orders.pdf",
    }


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_open_in_excel_and_have_the_columns_of_the_specification(
    planned: Planned, name: str
) -> None:
    data = (planned.folder / f"{name}.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    head, *rows = data.decode("utf-8-sig").splitlines()
    assert head == COLUMNS[name]
    assert rows


def test_the_last_line_is_an_object_of_exactly_the_numbers_specified(planned: Planned) -> None:
    numbers = planned.called.numbers
    assert list(numbers) == NUMBERS.split()
    assert all(isinstance(value, int | float) for value in numbers.values())
    assert 0 <= numbers["lower_bound"] <= numbers["weighted_lateness"]
    assert 0 < numbers["first_plan_seconds"] <= numbers["solve_seconds"]
    assert planned.called.out.count("\n") == 1  # everything for people goes to standard error


def test_numbers_are_those_of_the_files(planned: Planned, bars: list[Bar], book: Book) -> None:
    numbers, lateness = planned.called.numbers, read_csv(planned.folder / "lateness.csv")
    assert numbers["operations"] == len(bars)
    assert numbers["work_orders"] == len(read_csv(planned.folder / "work_orders.csv"))
    assert numbers["order_lines"] == len(lateness)
    late = [row for row in lateness if int(row["late_minutes"])]
    assert numbers["late_lines"] == len(late)
    assert all(row["cause"] for row in late)
    weighted = sum(int(row["late_minutes"]) * int(row["weight"]) for row in lateness)
    assert numbers["weighted_lateness"] == weighted
    end = max(bar["end"] for bar in bars)
    assert numbers["makespan_minutes"] == (end - NOW) // MINUTE
    setups = sum(
        book.worked(b["machine"], b["setup_start"], b["run_start"]) for b in machined(bars)
    )
    assert numbers["setup_minutes"] == setups


def machined(bars: list[Bar]) -> list[Bar]:
    return [bar for bar in bars if bar["machine"]]


def test_a_stranger_to_the_planner_finds_no_rule_broken(bars: list[Bar], book: Book) -> None:
    assert len(bars) > 300
    assert list(complaints(book, bars, NOW)) == []


def on_same_machine(bars: list[Bar]) -> tuple[Bar, Bar]:
    held = sorted(machined(bars), key=lambda bar: (bar["machine"], bar["setup_start"]))
    return next((a, b) for a, b in itertools.pairwise(held) if a["machine"] == b["machine"])


def overlap(bars: list[Bar]) -> None:
    before, after = on_same_machine(bars)
    for name in ("setup_start", "run_start", "end"):
        after[name] = before[name]


def run_at_night(bars: list[Bar]) -> None:
    bar = machined(bars)[0]
    for name in ("setup_start", "run_start", "end"):
        bar[name] += timedelta(hours=13)


def set_up_for_longer(bars: list[Bar]) -> None:
    machined(bars)[0]["setup_start"] -= timedelta(days=1)


def swap_operations(bars: list[Bar]) -> None:
    first, second = (bar for bar in bars if bar["work_order"] == bars[0]["work_order"])
    for name in ("setup_start", "run_start", "end", "machine"):
        first[name], second[name] = second[name], first[name]


def send_everybody_home(bars: list[Bar]) -> None:
    for bar in bars:
        bar["operators"] = ""


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (overlap, "overlap"),
        (run_at_night, "does not work"),
        (set_up_for_longer, "setup is not"),
        (swap_operations, "starts before"),
        (send_everybody_home, "operators"),
    ],
)
def test_the_stranger_sees_what_is_wrong(
    bars: list[Bar], book: Book, spoil: Callable[[list[Bar]], None], word: str
) -> None:
    spoil(bars)
    assert any(word in each for each in complaints(book, bars, NOW))


def test_lateness_follows_from_the_due_day(planned: Planned) -> None:
    for row in read_csv(planned.folder / "lateness.csv"):
        due = datetime.fromisoformat(row["due"]) + timedelta(days=1)
        late = (datetime.fromisoformat(row["finish"]) - due) // MINUTE
        assert int(row["late_minutes"]) == max(0, late), row


def test_work_orders_span_their_operations(planned: Planned, bars: list[Bar]) -> None:
    for row in read_csv(planned.folder / "work_orders.csv"):
        own = [bar for bar in bars if bar["work_order"] == row["work_order"]]
        assert row["release"] == min(b["setup_start"] for b in own).isoformat(timespec="minutes")
        assert row["end"] == max(b["end"] for b in own).isoformat(timespec="minutes")
        assert {bar["order_lines"] for bar in own} == {row["order_lines"]}


def test_the_workbook_says_the_same_with_a_gantt(planned: Planned, bars: list[Bar]) -> None:
    sheets = openpyxl.load_workbook(planned.folder / "plan.xlsx")
    assert sheets.sheetnames == ["Schedule", "Work orders", "Purchases", "Lateness", "Gantt"]
    rows = list(sheets["Schedule"].iter_rows(min_row=2, values_only=True))
    assert [(r[0], r[3], r[5], r[7]) for r in rows] == [
        (b["work_order"], b["operation"], b["setup_start"], b["end"]) for b in bars
    ]
    gantt = sheets["Gantt"]
    used = {bar["machine"] for bar in machined(bars)}
    assert {row[0].value for row in gantt.iter_rows(min_row=2)} == used
    coloured = [c for row in gantt.iter_rows(min_row=2, min_col=2) for c in row if c.fill.fill_type]
    assert len(coloured) > 100


def test_the_picture_shows_bars_on_a_light_ground(planned: Planned) -> None:
    image = QImage(str(planned.folder / "gantt.png"))
    assert (image.width(), image.height()) == (1920, 1080)
    small = image.scaled(200, 100)
    seen = {small.pixel(x, y) for x in range(200) for y in range(100)}
    assert len(seen) > 50


def test_each_work_order_has_a_traveller_that_scanners_read(planned: Planned) -> None:
    numbers = [row["work_order"] for row in read_csv(planned.folder / "work_orders.csv")]
    with pypdfium2.PdfDocument(planned.folder / "work_orders.pdf") as document:
        assert len(document) >= len(numbers)
        page = document[0].render(scale=3).to_numpy()
        read = {code.text for code in zxingcpp.read_barcodes(page)}
    assert numbers[0] in read
    assert any(text.startswith(f"{numbers[0]}-") for text in read)


def test_progress_is_told_in_words(planned: Planned) -> None:
    assert "weighted lateness" in planned.called.err
    assert "stage." not in planned.called.err
    assert str(planned.folder) in planned.called.err


# what does not work

CALLS = {
    "no file": ["plan"],
    "no time": ["plan", "x.xlsx", "--now", "tomorrow"],
    "no year": ["plan", "x.xlsx", "--now", "0001-01-01T08:00"],
    "no seconds": ["plan", "x.xlsx", "--seconds", "0"],
    "endless": ["plan", "x.xlsx", "--seconds", "inf"],
    "not a number": ["plan", "x.xlsx", "--seconds", "ten"],
    "no workers": ["plan", "x.xlsx", "--workers", "0"],
    "no such command": ["plam", "x.xlsx"],
    "no such option": ["plan", "x.xlsx", "--fast"],
    "no such language": ["--language", "fr", "plan", "x.xlsx"],
}


@pytest.mark.parametrize("case", CALLS)
def test_wrong_usage_is_status_2_and_says_how_to_call_it(
    case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status: object = main(CALLS[case])
    except SystemExit as leaving:
        status = leaving.code
    assert status == 2
    said = capsys.readouterr()
    assert said.err.strip()
    assert said.out == ""
    assert "Traceback" not in said.err


Change = Callable[[dict[str, Any]], object]


def no_confirmed_order(sheets: dict[str, Any]) -> None:
    sheets["Orders"][0].append("status")
    sheets["Orders"][1].append("draft")


REFUSED: dict[str, tuple[Change, str]] = {
    "faulty": (lambda sheets: sheets["Orders"][1].__setitem__(4, "ten"), "Orders"),
    "unknown item": (lambda sheets: sheets["Orders"][1].__setitem__(3, "P9"), "P9"),
    "nothing to make": (no_confirmed_order, "no confirmed order line"),
    "no machines": (lambda sheets: sheets.pop("Machines"), "Machines"),
    "no calendars": (lambda sheets: sheets.pop("Calendars"), "Calendars"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_planned_is_status_1_and_leaves_no_folder(
    tmp_path: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change, word = REFUSED[case]
    sheets = small_factory()
    change(sheets)
    file = save(tmp_path / "factory.xlsx", sheets)
    assert main(["plan", str(file), "--now", NOW_TEXT, "--json"]) == 1
    said = capsys.readouterr()
    assert word in said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [None, b"", b"no workbook at all"])
def test_a_file_that_is_no_workbook_is_status_1(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "factory.xlsx"
    if content is not None:
        file.write_bytes(content)
    assert main(["plan", str(file)]) == 1
    said = capsys.readouterr().err
    assert "factory.xlsx" in said
    assert "Traceback" not in said


def test_without_a_folder_the_plan_goes_beside_the_workbook_in_the_users_language(
    tmp_path: Path,
) -> None:
    file = save(tmp_path / "factory.xlsx", small_factory())
    done = gantry("plan", file, "--now", NOW_TEXT, "--seconds", 0.2, home=tmp_path, spoken="zh")
    assert done.status == 0, done.err
    folder = tmp_path / "factory-plan"
    sheets = openpyxl.load_workbook(folder / "plan.xlsx").sheetnames
    assert sheets[0] == "排产"
    assert done.out == ""
    assert "初排" in done.err


def test_a_folder_that_cannot_be_written_is_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = save(tmp_path / "factory.xlsx", small_factory())
    (tmp_path / "out").write_text("a file is in the way", encoding="utf-8")
    call = [
        "plan",
        str(file),
        "--now",
        NOW_TEXT,
        "--seconds",
        "0.1",
        "--out",
        str(tmp_path / "out"),
    ]
    assert main(call) == 1
    assert "out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wished", "start"),
    [
        ("2026-12-01T08:00", "2026-12-01T08:00"),
        ("2026-12-01T08:00:01", "2026-12-01T08:01"),
        ("2026-12-01T08:59:59.5", "2026-12-01T09:00"),
        ("2026-12-01T00:00:30+00:00", "2026-12-01T08:01"),
    ],
)
def test_a_start_within_a_minute_waits_for_the_next(wished: str, start: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    at = _start(datetime.fromisoformat(wished), Plan([make_plant()]))
    assert at == datetime.fromisoformat(start).replace(tzinfo=zone)


def test_overtime_is_listed_where_the_profile_opens_it(tmp_path: Path) -> None:
    # Four times 62 pumps of 5 minutes on M1, or at 0.8 of its speed on M2, due today: three orders
    # are 930 of the 540 + 420 minutes that M1 has with overtime, one is 388 of M2's 540 without.
    sheets = small_factory() | {
        "Overtime": [["calendar", "weekday", "start", "end", "hourly cost"],
                     ["day", "1-7", "17:00", "24:00", 60]],
        "Orders": [["order", "line", "item", "quantity", "due"],
                   *(["SO1", str(n), "P1", 60, "2026-12-01"] for n in range(1, 5))],
    }  # fmt: skip
    del sheets["BOM"]
    book, out = save(tmp_path / "late.xlsx", sheets), tmp_path / "plan"
    call = ("plan", book, "--now", NOW_TEXT, "--seconds", 3, "--out", out, "--json")
    with_it = gantry(*call, "--profile", "overtime", home=tmp_path / "home")
    assert with_it.status == 0, with_it.err
    rows = list(csv.DictReader((out / "overtime.csv").open(encoding="utf-8-sig")))
    assert [(row["machine"], row["minutes"], row["cost"]) for row in rows] == [("M1", "420", "420")]
    assert with_it.numbers["goals"]["overtime"] == 420
    assert with_it.numbers["late_lines"] == 0
    assert "Overtime" in openpyxl.load_workbook(out / "plan.xlsx").sheetnames
    without = gantry(*call, home=tmp_path / "home")
    assert without.numbers["late_lines"] > with_it.numbers["late_lines"]
    assert not (out / "overtime.csv").exists()

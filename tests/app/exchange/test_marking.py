"""The fault report as the user's own workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font

from app.exchange.marking import mark_faults
from tests.app.exchange.books import read, save, small_factory
from widgets.text import language, set_language


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    before = language()
    set_language("zh")
    yield
    set_language(before)


def wrong_book(path: Path) -> Path:
    sheets = small_factory()
    sheets["Orders"][1][4] = "ten"
    sheets["Orders"][1][3] = "P9"
    sheets["Items"].append([None, "no code", None, None, None, None])
    del sheets["Orders"][0][6]
    save(path, sheets)
    book = load_workbook(path)
    book["Orders"]["A2"].font = Font(bold=True)
    book["Orders"].column_dimensions["C"].width = 33
    book.save(path)
    return path


def test_marked_copy(tmp_path: Path) -> None:
    path, out = wrong_book(tmp_path / "wrong.xlsx"), tmp_path / "marked.xlsx"
    original = path.read_bytes()
    faults = read(path).faults
    assert len(faults) == 3
    set_language("en")
    mark_faults(path, faults, out)
    assert path.read_bytes() == original
    book = load_workbook(out)
    orders = book["Orders"]
    for place in ("D2", "E2"):
        assert orders[place].fill.fgColor.rgb == "FFF9C7BF"
        assert orders[place].comment is not None
    assert orders["E2"].comment.text.startswith("“ten” is not a number")
    assert orders["E2"].value == "ten"
    assert orders["A2"].font.bold
    assert orders["A2"].comment is None
    assert orders.column_dimensions["C"].width == 33
    assert book["Items"]["A5"].comment is not None
    listed = book.worksheets[0]
    assert listed.title == "Faults"
    assert [cell.value for cell in listed[1]] == [
        "Sheet",
        "Row",
        "Column",
        "Found",
        "What is wrong",
    ]
    assert listed.max_row == 4
    assert listed["B3"].hyperlink.location.startswith("'Orders'!")


def test_the_marked_copy_reads_like_the_original(tmp_path: Path) -> None:
    path, out = wrong_book(tmp_path / "wrong.xlsx"), tmp_path / "marked.xlsx"
    faults = read(path).faults
    mark_faults(path, faults, out)
    again = read(out)
    assert [(f.code, f.cell) for f in again.faults] == [(f.code, f.cell) for f in faults]
    assert [each.sheet for each in again.skipped if not each.heading] == ["错误清单"]
    book = load_workbook(out)
    assert "不是数字" in book["Orders"]["E2"].comment.text
    mark_faults(out, faults, out)  # marking a marked copy: one more list, comments added
    assert load_workbook(out).sheetnames[:2] == ["错误清单 2", "错误清单"]


def test_a_file_that_cannot_be_opened_gives_the_list_alone(tmp_path: Path) -> None:
    path, out = tmp_path / "broken.xlsx", tmp_path / "marked.xlsx"
    path.write_bytes(b"PK nothing")
    mark_faults(path, read(path).faults, out)
    book = load_workbook(out)
    assert book.sheetnames == ["错误清单"]
    assert "已损坏" in str(book.worksheets[0]["E2"].value)


def test_values_of_the_report_are_no_formulas(tmp_path: Path) -> None:
    sheets = small_factory()
    sheets["Orders"][1][3] = "'=cmd()"
    path = save(tmp_path / "wrong.xlsx", sheets)
    mark_faults(path, read(path).faults, tmp_path / "marked.xlsx")
    listed = load_workbook(tmp_path / "marked.xlsx").worksheets[0]
    assert all(cell.data_type != "f" for row in listed.iter_rows() for cell in row)


def test_control_characters_do_not_keep_the_report_from_being_written(tmp_path: Path) -> None:
    sheets = small_factory()
    sheets["Orders"][1][3] = "A_x0001_B"
    path, out = save(tmp_path / "wrong.xlsx", sheets), tmp_path / "marked.xlsx"
    mark_faults(path, read(path).faults, out)
    listed = [str(row[3]) for row in load_workbook(out).worksheets[0].iter_rows(values_only=True)]
    assert "AB" in listed

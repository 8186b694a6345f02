"""Files that are no readable workbook: one clear message each, quickly, in little memory."""

from __future__ import annotations

import os
import random
import re
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.exchange.faults import fault_line
from app.exchange.reading import Count
from app.exchange.samples.__main__ import SAMPLES
from tests.app.exchange.books import read, save, small_factory
from widgets.text import language, set_language

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = language()
    set_language("en")
    yield
    set_language(before)


HEAD = "".join(
    f'<c t="inlineStr"><is><t>{name}</t></is></c>'
    for name in ("order", "line", "item", "quantity", "due")
)


def rewritten(path: Path, **parts: bytes | None) -> Path:
    """The workbook with parts of the zip replaced; keys are the last word of their names."""
    with zipfile.ZipFile(path) as old:
        contents = {name: old.read(name) for name in old.namelist()}
    for key, content in parts.items():
        name = next((each for each in contents if Path(each).stem == key), f"xl/{key}.xml")
        if content is None:
            del contents[name]
        else:
            contents[name] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in contents.items():
            new.writestr(name, content)
    return path


def bytes_of(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def truncated(path: Path) -> None:
    content = save(path, small_factory()).read_bytes()
    path.write_bytes(content[: len(content) // 2])


def broken_deflate(path: Path) -> None:
    content = bytearray(save(path, small_factory()).read_bytes())
    place = content.find(b"xl/worksheets/sheet1.xml") + 40
    content[place : place + 80] = bytes(80)
    path.write_bytes(content)


def broken_xml(path: Path) -> None:
    rewritten(save(path, small_factory()), workbook=b"<workbook><sheets>")


def missing_string(path: Path) -> None:
    sheet = f'<worksheet {MAIN}><sheetData><row><c t="s"><v>5</v></c></row></sheetData></worksheet>'
    rewritten(save(path, small_factory()), sheet1=sheet.encode())


def entities(path: Path) -> None:
    outside = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    )
    rewritten(save(path, small_factory()), sheet1=outside)


def document(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as new:
        new.writestr("word/document.xml", "<document/>")


def bomb(path: Path) -> None:
    save(path, small_factory())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as new:
        new.writestr("xl/media/zeros.bin", bytes(60_000_000))


def huge(path: Path) -> None:
    save(path, small_factory())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as new:
        for number in range(5):
            new.writestr(f"xl/media/{number}.bin", bytes(100_000_000))


def locked_zip(path: Path) -> None:
    content = bytearray(save(path, small_factory()).read_bytes())
    for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + flag] |= 1
            place = content.find(mark, place + 4)
    path.write_bytes(content)


CASES: list[tuple[str, Callable[[Path], None], str, str]] = [
    ("none.xlsx", lambda _path: None, "file_missing", "no file"),
    ("zero.xlsx", bytes_of(b""), "file_empty", "0 bytes"),
    ("text.xlsx", bytes_of(b"hello, this is no workbook"), "file_not_workbook", "not an Excel"),
    ("photo.xlsx", bytes_of(b"\x89PNG\r\n" + bytes(100)), "file_not_workbook", "not an Excel"),
    ("orders.csv", bytes_of("订单号,行号\n1,2\n".encode("gbk")), "file_csv", "text file"),
    ("old.xls", bytes_of(OLE + bytes(5000)), "file_old_xls", "old .xls"),
    ("secret.xlsx", bytes_of(OLE + bytes(3000) + "EncryptedPackage".encode("utf-16-le")),
     "file_password", "password"),
    ("locked.xlsx", locked_zip, "file_password", "password"),
    ("half.xlsx", truncated, "file_damaged", "damaged"),
    ("bits.xlsx", broken_deflate, "file_damaged", "damaged"),
    ("xml.xlsx", broken_xml, "file_damaged", "damaged"),
    ("strings.xlsx", missing_string, "file_damaged", "damaged"),
    ("letter.xlsx", document, "file_not_workbook", "not an Excel workbook"),
    ("entities.xlsx", entities, "file_entities", "not opened"),
    ("bomb.xlsx", bomb, "file_bomb", "times its size"),
    ("huge.xlsx", huge, "file_too_large", "400 MB"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "code", "says"), CASES, ids=[case[0] for case in CASES])
def test_bad_file(
    tmp_path: Path, name: str, make: Callable[[Path], None], code: str, says: str
) -> None:
    path = tmp_path / name
    make(path)
    begun = time.process_time()
    reading = read(path)
    assert time.process_time() - begun < 5
    assert [fault.code for fault in reading.faults] == [code]
    line = fault_line(reading.faults[0])
    assert says in line
    assert name in line
    assert not re.search(r"[{}]|None|Traceback", line)
    assert reading.changes.changes == ()


def test_numbers_that_are_none(tmp_path: Path) -> None:
    """Cells that call themselves numbers but are not, or are beyond all bounds."""
    cells = "".join(f"<c><v>{text}</v></c>" for text in ("nan", "1E999", "INF", "x", "9E99"))
    sheet = (
        f"<worksheet {MAIN}><sheetData><row>{HEAD}</row><row>{cells}</row></sheetData></worksheet>"
    )
    number = list(small_factory()).index("Orders") + 1
    path = rewritten(
        save(tmp_path / "n.xlsx", small_factory()), **{f"sheet{number}": sheet.encode()}
    )
    found = {(fault.column, fault.code) for fault in read(path).faults}
    assert found == {("line", "number_range"), ("item", "unknown"),
                     ("quantity", "number_unreadable"), ("due", "date_unreadable")}  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bytes_never_end_in_a_crash(tmp_path: Path, seed: int) -> None:
    """Any byte of a workbook's parts may be wrong: it is read, or refused with a message."""
    chance = random.Random(seed)
    path = tmp_path / "flipped.xlsx"
    with zipfile.ZipFile(SAMPLES / "first-look.xlsx") as old, zipfile.ZipFile(path, "w") as new:
        names = old.namelist()
        chosen = chance.choice(names)
        for name in names:
            content = bytearray(old.read(name))
            if name == chosen:
                for _ in range(chance.choice((1, 2, 5))):
                    content[chance.randrange(len(content))] = chance.choice(b'059AZaz"<>/= ')
            new.writestr(name, bytes(content))
    for fault in read(path).faults:
        assert "{" not in fault_line(fault)


def test_a_folder_is_no_workbook(tmp_path: Path) -> None:
    assert {fault.code for fault in read(tmp_path).faults} <= {"file_not_workbook", "file_locked"}


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0,
    reason="nothing is locked for root; Windows differs",
)
def test_a_file_without_right_to_read(tmp_path: Path) -> None:
    path = save(tmp_path / "own.xlsx", small_factory())
    path.chmod(0)
    assert [fault.code for fault in read(path).faults] == ["file_locked"]


def test_a_file_another_program_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "own.xlsx", small_factory())

    def refuse(*_args: object, **_more: object) -> None:
        raise PermissionError(13, "held")

    monkeypatch.setattr(Path, "open", refuse)
    assert [fault.code for fault in read(path).faults] == ["file_locked"]


def long_sheet(path: Path, row: str) -> Path:
    """An orders sheet that goes on to Excel's last row, ``row`` with the number for ``#``."""
    rows = "".join(row.replace("#", str(number)) for number in range(3, 1_048_577))
    head = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>order</t></is></c><c r="B1" t="inlineStr"><is>'
        '<t>line</t></is></c><c r="C1" t="inlineStr"><is><t>item</t></is></c><c r="D1" '
        't="inlineStr"><is><t>quantity</t></is></c><c r="E1" t="inlineStr"><is><t>due</t></is></c>'
        '</row><row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>1</v></c><c r="C2" t="inlineStr"><is>'
        '<t>P1</t></is></c><c r="D2"><v>5</v></c><c r="E2"><v>46370</v></c></row>'
    )
    sheet = f"<worksheet {MAIN}><sheetData>{head}{rows}</sheetData></worksheet>"
    number = list(small_factory()).index("Orders") + 1
    return rewritten(save(path, small_factory()), **{f"sheet{number}": sheet.encode()})


def test_a_sheet_filled_to_the_last_row(tmp_path: Path) -> None:
    row = '<row r="#"><c r="A#"><v>#</v></c><c r="B#"><v>1</v></c></row>'
    path = long_sheet(tmp_path / "long.xlsx", row)
    tracemalloc.start()
    begun = time.process_time()
    faults = read(path).faults
    seconds = time.process_time() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [fault.code for fault in faults] == ["too_many_rows"]
    assert "200000" in fault_line(faults[0]).replace(",", "")
    assert seconds < 15
    assert peak < 400_000_000


def test_a_sheet_formatted_to_the_last_row(tmp_path: Path) -> None:
    path = long_sheet(tmp_path / "styled.xlsx", '<row r="#" s="1"><c r="A#" s="1"/></row>')
    begun = time.process_time()
    reading = read(path)
    assert [fault_line(fault) for fault in reading.faults] == []
    assert reading.counts["Orders"] == Count(new=1)
    assert time.process_time() - begun < 10

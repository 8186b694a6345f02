"""A plan as files: CSV for programs, a formatted workbook for people."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from app.exchange.plan_tables import Cell, PlanTable
from app.exchange.replacing import replaced
from widgets.text import tr

Row = tuple[Cell, ...]

# Excel has at most 16,384 columns; a sheet of time that people can still scroll has far fewer.
_MOST_BUCKETS = 400
_BUCKET_HOURS = (1, 2, 4, 8, 24, 168)
_FILLS = ("9CC9EE", "F5BC72", "94D2AE", "EBDA79", "CBB2E3", "F2A68C", "A8DDEB", "C6CCD3")
_HEAD_FILL = PatternFill("solid", fgColor="EEF0F3")
_BOLD = Font(bold=True)


def write_csv(path: Path, table: PlanTable) -> None:
    """UTF-8 with BOM so that Excel reads it, times as ``2026-12-01T08:00``."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        writer.writerows([_plain(cell) for cell in row] for row in table.rows)


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.isoformat(timespec="minutes")
        case Decimal():
            return format(cell.normalize(), "f")
        case _:
            return str(cell)


def write_plan_workbook(path: Path, tables: Sequence[PlanTable]) -> None:
    """The tables as a formatted workbook with a Gantt sheet, in the user's language."""
    book = Workbook(write_only=True)
    for table in tables:
        heads = [tr(f"plan.column.{name}") for name in table.columns]
        _write_sheet(book, tr(f"plan.sheet.{table.name}"), heads, table.rows)
    schedule = next(table for table in tables if table.name == "schedule")
    _write_gantt(book, schedule)
    book.save(path)


def write_table(path: Path, title: str, heads: Sequence[str], rows: Sequence[Row]) -> None:
    """One table as a formatted workbook: what a grid shows, for Excel."""
    with replaced(path) as unfinished:
        book = Workbook(write_only=True)
        _write_sheet(book, title, heads, rows)
        book.save(unfinished)


def _write_sheet(book: Workbook, title: str, heads: Sequence[str], rows: Sequence[Row]) -> None:
    sheet: Any = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", title)[:31])
    sheet.freeze_panes = "B2"
    for at, head in enumerate(heads):
        sheet.column_dimensions[get_column_letter(at + 1)].width = _width(head, rows, at)
    cells = [_cell(sheet, head) for head in heads]
    for cell in cells:
        cell.font, cell.fill = _BOLD, _HEAD_FILL
    sheet.append(cells)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(rows) + 1}"


def _width(head: str, rows: Sequence[Row], at: int) -> float:
    """Wide enough for most cells; Chinese characters count double."""
    texts = [head, *(_plain(row[at]) for row in rows[:200])]
    longest = max(sum(2 if ord(sign) > 0x2E80 else 1 for sign in text) for text in texts)
    return min(50, max(10, longest + 2))


def _cell(sheet: Any, value: Cell) -> Any:
    cell: Any = WriteOnlyCell(sheet, value)  # pyright: ignore[reportArgumentType] - Decimal is fine
    if isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, str):
        cell.data_type = "s"  # text that begins like a formula stays text
    return cell


def _write_gantt(book: Workbook, schedule: PlanTable) -> None:
    """Machines down, time across; a cell is coloured by the work order that fills most of it."""
    bars: list[dict[str, Any]] = [
        dict(zip(schedule.columns, row, strict=True)) for row in schedule.rows
    ]
    sheet: Any = book.create_sheet(tr("plan.sheet.gantt"))
    if not bars:
        return
    begin = min(bar["setup_start"] for bar in bars).replace(hour=0, minute=0)
    end = max(bar["end"] for bar in bars)
    hours = next(
        (h for h in _BUCKET_HOURS if (end - begin) / timedelta(hours=h) <= _MOST_BUCKETS), 168
    )
    width = timedelta(hours=hours)
    count = -(-(end - begin) // width) + 1
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = 16
    for at in range(count):
        sheet.column_dimensions[get_column_letter(at + 2)].width = 5
    sheet.append([None, *(_head(sheet, begin + at * width, hours) for at in range(count))])
    orders = sorted({str(bar["work_order"]) for bar in bars})
    fills = {
        o: PatternFill("solid", fgColor=_FILLS[at % len(_FILLS)]) for at, o in enumerate(orders)
    }
    machines = sorted({bar["machine"] for bar in bars if bar["machine"]})
    for machine in machines:
        busy = _fill_buckets([b for b in bars if b["machine"] == machine], begin, width)
        sheet.append(_gantt_row(sheet, machine, busy, count, fills))


def _head(sheet: Any, at: datetime, hours: int) -> Any:
    cell: Any = WriteOnlyCell(sheet, f"{at:%m-%d}" if at.hour == 0 or hours >= 24 else f"{at:%H}")
    cell.fill = _HEAD_FILL
    cell.alignment = Alignment(horizontal="left")
    return cell


def _fill_buckets(bars: list[dict[str, Any]], begin: datetime, width: timedelta) -> dict[int, str]:
    """Bucket → the work order that takes most of it."""
    most: dict[int, timedelta] = {}
    who: dict[int, str] = {}
    for bar in bars:
        first = (bar["setup_start"] - begin) // width
        last = -(-(bar["end"] - begin) // width)
        for at in range(first, last):
            left = begin + at * width
            share = min(bar["end"], left + width) - max(bar["setup_start"], left)
            if share > most.get(at, timedelta()):
                most[at], who[at] = share, bar["work_order"]
    return who


def _gantt_row(
    sheet: Any, machine: str, busy: dict[int, str], count: int, fills: dict[str, PatternFill]
) -> list[Any]:
    row: list[Any] = [_cell(sheet, machine)]
    for at in range(count):
        order = busy.get(at)
        if order is None:
            row.append(None)
            continue
        cell: Any = WriteOnlyCell(sheet, order if busy.get(at - 1) != order else None)
        cell.fill = fills[order]
        row.append(cell)
    return row


def write_all(steps: Iterable[tuple[Path, Callable[[Path], object]]]) -> list[Path]:
    """Write each file beside its place and move it there when it is whole."""
    done: list[Path] = []
    for path, write in steps:
        with replaced(path) as unfinished:
            write(unfinished)
        done.append(path)
    return done

"""Workbooks made in a test, and a plan to read them into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

from openpyxl import Workbook

from app.exchange.faults import fault_line
from app.exchange.reading import Reading, read_workbook
from domain.plan import Plan

TODAY = date(2026, 12, 1)
Sheets = dict[str, list[list[object]]]


def small_factory() -> Sheets:
    """A workbook without fault: two machines, a product of two parts, one order line."""
    return {
        "Calendars": [
            ["calendar", "weekday", "start", "end"],
            ["day", "1-5", "08:00", "17:00"],
        ],
        "Machines": [
            ["code", "name", "work center", "calendar"],
            ["M1", "Lathe 1", "LATHE", "day"],
            ["M2", "Lathe 2", "LATHE", "day"],
        ],
        "Items": [
            ["code", "name", "unit", "type", "lead time days", "scrap %"],
            ["P1", "Pump", "pcs", "make", None, 2],
            ["S1", "Shaft", "pcs", "make", None, None],
            ["B1", "Bar", "kg", "buy", 5, None],
        ],
        "Units": [["item", "unit", "factor"], ["B1", "m", "6.2"]],
        "BOM": [
            ["parent", "component", "operation", "quantity", "unit"],
            ["P1", "S1", None, 2, None],
            ["S1", "B1", 10, "0.4", "m"],
        ],
        "Routings": [
            ["item", "operation", "name", "work center", "machines", "run minutes"],
            ["P1", 10, "assemble", None, "M1;M2*0.8", 5],
            ["S1", 10, "turn", "LATHE", None, 3],
        ],
        "Customers": [["code", "name"], ["C1", "Customer"]],
        "Orders": [
            ["order", "line", "customer", "item", "quantity", "due", "priority"],
            ["SO1", "1", "C1", "P1", 10, "2026-12-10", 5],
        ],
    }


def save(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """Write sheets of plain values."""
    book = Workbook()
    del book["Sheet"]
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
    book.save(path)
    return path


def counting_ids() -> Callable[[], UUID]:
    """Ids 1, 2, 3 …"""
    numbers = iter(range(1, 10_000_000))
    return lambda: UUID(int=next(numbers))


def read(path: Path, plan: Plan | None = None, **options: object) -> Reading:
    """Read a workbook as of 1 December 2026."""
    return read_workbook(
        path, plan or Plan(), **{"new_id": counting_ids(), "today": TODAY, **options}
    )


def loaded(path: Path) -> Plan:
    """The plan a faultless workbook makes."""
    reading = read(path)
    assert [fault_line(fault) for fault in reading.faults] == []
    plan = Plan()
    plan.apply(reading.changes)
    return plan

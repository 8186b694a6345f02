"""Writing a factory workbook: a plan's rows as the sheets they came from, or would come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from enum import Enum
from itertools import groupby
from pathlib import Path
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from app.exchange.choices import unit_word, word
from app.exchange.replacing import replaced
from app.exchange.sheets import SHEETS, Column, Kind, Sheet
from app.exchange.values import clean
from domain.calendars import Calendar, Overtime, Shift
from domain.changes import Row
from domain.items import Item
from domain.plan import Plan
from domain.resources import Changeover, Machine, Plant, WorkCenter
from domain.routings import RoutingMachine, after_text

EXCEL_DIGITS = 15
DAY_MINUTES = 1440
HEAD_FONT = Font(bold=True, color="FF1B1F24")
HEAD_FILL = PatternFill("solid", fgColor="FFD6E6F8")
KEY_FILL = PatternFill("solid", fgColor="FFB9D4F1")
WIDTHS = {Kind.TEXT: 16, Kind.DAY: 12, Kind.INSTANT: 17, Kind.MACHINES: 22, Kind.SKILLS: 16}
FORMATS = {
    Kind.DAY: "yyyy-mm-dd",
    Kind.INSTANT: "yyyy-mm-dd hh:mm",
    Kind.TIME: "hh:mm",
    Kind.CODE: "@",
    Kind.REFERENCE: "@",
    Kind.TARGET: "@",
    Kind.WEEKDAYS: "@",
    Kind.STEPS: "@",
}

_LIKE_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LIKE_FORMULA = ("=", "+", "-", "@")
Values = dict[str, object]


def write_workbook(plan: Plan, path: Path, language: str) -> None:
    """Write every sheet of ``plan``; ``language`` is ``zh``, ``en`` or ``both`` for the headings.

    What is written reads back as no change at all. Calendars' shifts of the same hours share a
    row; a work center without machines is not part of the format. The file is replaced only when
    the new one is complete.

    Raises:
        OSError: it cannot be written; Excel keeps a file it has open.
    """
    rows = _Rows(plan, language)
    with replaced(path) as unfinished:  # first: a book made and not saved complains when it goes
        book = Workbook(write_only=True)
        for sheet in SHEETS:
            if plan.table(sheet.kind) or not sheet.extra:
                used = _without_unused(plan, sheet)
                _write_sheet(book, used, rows.of(used), language)
        book.save(unfinished)


def _without_unused(plan: Plan, sheet: Sheet) -> Sheet:
    """The sheet without the extra columns of which no row says more than the default."""

    def is_used(column: Column) -> bool:
        rows = plan.table(sheet.kind).values()
        return any(getattr(row, column.field) != column.default for row in rows)

    used = (column for column in sheet.columns if not column.extra or is_used(column))
    return replace(sheet, columns=tuple(used))


def _write_sheet(book: Workbook, sheet: Sheet, rows: Iterable[Values], language: str) -> None:
    page = cast("Worksheet", book.create_sheet(sheet.title(language)))
    page.freeze_panes = "A2"
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        heading = column.title(language)
        wide = sum(2 if ord(each) > 0xFF else 1 for each in heading) + 3
        page.column_dimensions[letter].width = max(WIDTHS.get(column.kind, 11), wide)
        if column.choices is not None or column.kind is Kind.YES:
            page.data_validations.append(_choices(column, letter, language))
    page.append([_heading(page, column, language) for column in sheet.columns])
    count = 1
    for values in rows:
        page.append([_cell(page, column, values[column.name]) for column in sheet.columns])
        count += 1
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{count}"


def _heading(page: Worksheet, column: Column, language: str) -> Cell:
    cell = WriteOnlyCell(page, column.title(language))
    cell.font = HEAD_FONT
    cell.fill = KEY_FILL if column.key or column.required else HEAD_FILL
    cell.alignment = Alignment(vertical="center")
    return cell


def _choices(column: Column, letter: str, language: str) -> DataValidation:
    """A drop-down of the words the column takes; other accepted words are not refused."""
    if column.choices is None:
        words = ["Y", "N"] if language == "en" else ["是", "否"]
    else:
        words = [word(each, language) for each in column.choices]
    rule = DataValidation("list", formula1=f'"{",".join(words)}"', showErrorMessage=False)
    rule.add(f"{letter}2:{letter}1048576")
    return rule


def _cell(page: Worksheet, column: Column, value: object) -> Cell | None:
    """One value as a cell: dates as dates, numbers exact, text never a formula."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        value = _number(value)
    elif isinstance(value, str):
        value = _LIKE_ESCAPE.sub("_x005F_", clean(value))
    cell = WriteOnlyCell(page, cast("str", value))
    if isinstance(value, str):
        cell.data_type = "s"
        cell.number_format = FORMATS.get(column.kind, "General")
        if value.startswith(_LIKE_FORMULA):
            cell.quotePrefix = True
    elif column.kind in FORMATS:
        cell.number_format = FORMATS[column.kind]
    return cell


def _number(value: Decimal) -> int | float | str:
    """The number itself if Excel can hold it, else its digits as text."""
    plain = value.normalize()
    if len(plain.as_tuple().digits) > EXCEL_DIGITS:
        return f"{plain:f}"
    return int(plain) if plain == plain.to_integral_value() else float(plain)


class _Rows:
    """A plan's rows as values by column name."""

    def __init__(self, plan: Plan, language: str) -> None:
        self._plan = plan
        self._language = language
        self._home_zone = ZoneInfo(plan.home_plant().timezone if plan.table(Plant) else "UTC")
        self._special: Mapping[Kind, Callable[[Row, object], object]] = {
            Kind.PERCENT: lambda _row, value: cast("Decimal", value) * 100,
            Kind.CHOICE: lambda _row, value: word(cast("Enum", value), language),
            Kind.UNIT: lambda _row, value: unit_word(str(value), language),
            Kind.SKILLS: lambda _row, value: ";".join(cast("tuple[str, ...]", value)),
            Kind.STEPS: lambda _row, value: after_text(cast("tuple[int, ...]", value)),
            Kind.YES: lambda _row, value: self._yes(value),
            Kind.TIME: lambda _row, value: _time(value),
            Kind.INSTANT: self._local,
            Kind.MACHINES: self._machines,
            Kind.TARGET: self._target,
        }

    def of(self, sheet: Sheet) -> Iterator[Values]:
        """The rows of a sheet, in the plan's order."""
        if sheet.kind is Shift:
            yield from self._calendars()
            return
        if sheet.kind is Overtime:
            yield from self._overtime()
            return
        rows = list(self._plan.table(sheet.kind).values())
        if sheet.kind is Plant:  # the first plant is the one that is planned
            rows.sort(key=lambda row: not cast("Plant", row).home)
        for row in rows:
            yield {column.name: self._value(column, row) for column in sheet.columns}

    def _value(self, column: Column, row: Row) -> object:
        value = getattr(row, column.field) if column.field else None
        if column.refers is not None:
            target = self._plan.get(column.refers, cast("UUID | None", value))
            return cast("Item", target).code if target is not None else None
        special = self._special.get(column.kind)
        if special is None or (value is None and column.field):
            return value
        return special(row, value)

    def _yes(self, value: object) -> str:
        words = ("Y", "N") if self._language == "en" else ("是", "否")
        return words[0] if value else words[1]

    def _local(self, row: Row, value: object) -> datetime:
        """An instant in the time of the plant concerned, to the minute."""
        machine = self._plan.get(Machine, getattr(row, "machine_id", None))
        zone = self._home_zone
        if machine is not None:
            zone = ZoneInfo(self._plan.need(Plant, machine.plant_id).timezone)
        local = cast("datetime", value).astimezone(zone)
        return local.replace(tzinfo=None, second=0, microsecond=0)

    def _machines(self, row: Row, _value: object) -> str:
        rows = self._plan.where(RoutingMachine, routing_operation_id=row.id)
        parts: list[str] = []
        for each in sorted(rows, key=lambda r: r.position):
            code = self._plan.need(Machine, each.machine_id).code
            plain = each.speed == 1 and not set(code) & {"*", "×"}
            parts.append(code if plain else f"{code}*{each.speed.normalize():f}")
        return ";".join(parts)

    def _target(self, row: Row, _value: object) -> str:
        changeover = cast("Changeover", row)
        machine = self._plan.get(Machine, changeover.machine_id)
        if machine is not None:
            return machine.code
        center = self._plan.need(WorkCenter, cast("UUID", changeover.work_center_id))
        if self._plan.one(Machine, code=center.code) is None:
            return center.code
        return ("work center:" if self._language == "en" else "工作中心:") + center.code

    def _calendars(self) -> Iterator[Values]:
        for calendar in self._plan.table(Calendar).values():
            shifts = self._plan.where(Shift, calendar_id=calendar.id)
            if not shifts:
                yield {"calendar": calendar.code, "weekday": None, "start": None, "end": None}
            shifts.sort(key=lambda s: (s.start_minute, s.end_minute, s.weekday))
            for hours, same in groupby(shifts, lambda s: (s.start_minute, s.end_minute)):
                start, end = hours
                yield {
                    "calendar": calendar.code,
                    "weekday": _weekdays([shift.weekday for shift in same]),
                    "start": _time(start),
                    "end": _time(end),
                }

    def _overtime(self) -> Iterator[Values]:
        """Hours of the same calendar and price share a row, as shifts do."""

        def hours(row: Overtime) -> tuple[int, int, Decimal]:
            return row.start_minute, row.end_minute, row.hourly_cost

        for calendar in self._plan.table(Calendar).values():
            rows = self._plan.where(Overtime, calendar_id=calendar.id)
            rows.sort(key=lambda row: (hours(row), row.weekday))
            for (start, end, cost), same in groupby(rows, hours):
                yield {
                    "calendar": calendar.code,
                    "weekday": _weekdays([row.weekday for row in same]),
                    "start": _time(start),
                    "end": _time(end),
                    "hourly cost": cost,
                }


def _weekdays(days: list[int]) -> str:
    """``1-5`` for days in a row, else ``1,3,5``."""
    if len(days) > 1 and days[-1] - days[0] == len(days) - 1:
        return f"{days[0]}-{days[-1]}"
    return ",".join(str(day) for day in days)


def _time(value: object) -> time | str | None:
    """Minutes of a day as a time; 24:00 is text, for no time is that late."""
    if value is None:
        return None
    minutes = cast("int", value)
    return "24:00" if minutes == DAY_MINUTES else time(*divmod(minutes, 60))

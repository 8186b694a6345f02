"""From grids to records: which sheet is which, which column is which, and what each cell says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from app.exchange import values
from app.exchange.choices import Allowed, member, unit_code
from app.exchange.faults import Fault
from app.exchange.grids import Book, Cell, CellType, Grid
from app.exchange.sheets import SHEETS, Column, Kind, Sheet, find, nearest
from app.exchange.values import CellFault

HEADER_ROWS = 10
LONGEST_CODE = 100

# (sheet title, heading) → the English name of the column it stands for, '' to leave it out; with
# the heading '' the sheet's own name.
Mapped = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A sheet (``heading`` '') or column that is not part of the format, and what it may mean."""

    sheet: str
    heading: str
    proposal: Sheet | Column | None


@dataclass(slots=True)
class Record:
    """A row of a sheet: values by column name; a column that is not in the file is left out.

    ``cells`` tells where each value came from: heading, column index, the text found. A ``broken``
    record has a fault somewhere; its other values still serve those that refer to it.
    """

    sheet: Sheet
    title: str
    row: int
    values: dict[str, object] = field(default_factory=dict[str, object])
    cells: dict[str, tuple[str, int, str]] = field(default_factory=dict[str, tuple[str, int, str]])
    broken: bool = False

    def fault(self, column: str, code: str, /, **params: object) -> Fault:
        """A fault in one of its cells ('': in the row as a whole)."""
        self.broken = True
        heading, index, text = self.cells.get(column, ("", None, ""))
        return Fault(code, self.title, self.row, heading, text, index, params)


@dataclass(slots=True)
class Contents:
    """All that a book says: records by sheet name, faults, what was skipped.

    ``unread`` are the sheets that are missing or lack a column they need: what refers to them
    cannot be judged.
    """

    records: dict[str, list[Record]] = field(default_factory=dict[str, list[Record]])
    faults: list[Fault] = field(default_factory=list[Fault])
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    unread: set[str] = field(default_factory=set[str])


def sheet_of(title: str, mapping: Mapped) -> Sheet | None:
    """The sheet a title stands for, by itself or by the user's mapping."""
    named = mapping.get((title, ""))
    wanted = title if named is None else named
    found = find(SHEETS, wanted) if wanted else None
    return found if isinstance(found, Sheet) else None


def read_records(
    book: Book,
    mapping: Mapped,
    today: date,
    tick: Callable[[float], None] = lambda _share: None,
) -> Contents:
    """Every row of every sheet of the format; ``tick`` hears the share done."""
    contents = Contents()
    for number, grid in enumerate(book.grids):
        sheet = sheet_of(grid.title, mapping)
        if sheet is None:
            proposal = nearest(SHEETS, grid.title)
            contents.skipped.append(Skipped(grid.title, "", proposal))
        elif grid.rows:
            _SheetReader(sheet, grid, contents, mapping, today, book.is_1904).read(tick)
        else:
            contents.records.setdefault(sheet.name, [])
        tick((number + 1) / len(book.grids))
    return contents


class _SheetReader:
    def __init__(
        self,
        sheet: Sheet,
        grid: Grid,
        contents: Contents,
        mapping: Mapped,
        today: date,
        is_1904: bool,
    ) -> None:
        self._sheet = sheet
        self._grid = grid
        self._contents = contents
        self._mapping = mapping
        self._today = today
        self._is_1904 = is_1904
        self._columns: dict[int, Column] = {}
        self._headings: dict[int, str] = {}

    def read(self, tick: Callable[[float], None]) -> None:
        """Find the headings, then take every row below them that is not blank."""
        records = self._contents.records.setdefault(self._sheet.name, [])
        header = self._find_header()
        self._take_headings(header)
        if not self._has_needed(header):
            self._contents.unread.add(self._sheet.name)
            return
        self._fill_merged(header)
        for number, cells in sorted(self._grid.rows.items()):
            if number > header:
                record = self._record(number, cells)
                if record is not None:
                    records.append(record)
            if number % 2000 == 0:
                tick(0.0)

    def _column_of(self, heading: str) -> Column | None:
        named = self._mapping.get((self._grid.title, heading))
        wanted = heading if named is None else named
        found = find(self._sheet.columns, wanted) if wanted else None
        return found if isinstance(found, Column) else None

    def _find_header(self) -> int:
        """The row, of the first ten, with the most known headings: titles may stand above it."""
        best, most = min(self._grid.rows), 0
        for number in sorted(self._grid.rows)[:HEADER_ROWS]:
            cells = self._grid.rows[number].values()
            known = {self._column_of(c.text.strip()) for c in cells if c.type is CellType.TEXT}
            known.discard(None)
            if len(known) > most:
                best, most = number, len(known)
        return best

    def _take_headings(self, header: int) -> None:
        for index, cell in sorted(self._grid.rows[header].items()):
            heading = values.clean(cell.text)
            column = self._column_of(heading)
            if column is None:
                known = self._mapping.get((self._grid.title, heading)) == ""
                proposal = None if known else nearest(self._sheet.columns, heading)
                self._contents.skipped.append(Skipped(self._grid.title, heading, proposal))
            elif column in self._columns.values():
                self._complain(header, heading, index, "column_twice", wanted=column)
            else:
                self._columns[index] = column
                self._headings[index] = heading

    def _complain(
        self, row: int, heading: str, index: int | None, code: str, **params: object
    ) -> None:
        fault = Fault(code, self._grid.title, row, heading, heading, index, params)
        self._contents.faults.append(fault)

    def _has_needed(self, header: int) -> bool:
        present = set(self._columns.values())
        missing = [c for c in self._sheet.columns if c.required and c not in present]
        for column in missing:
            self._complain(header, "", None, "column_missing", wanted=column)
        return not missing

    def _fill_merged(self, header: int) -> None:
        """A cell merged over rows says the same for each; a merged number could mean its sum."""
        for top, left, bottom, _right in self._grid.merged:
            column = self._columns.get(left)
            cell = self._grid.rows.get(top, {}).get(left)
            if column is None or cell is None or bottom == top or top <= header:
                continue
            if column.kind in {Kind.NUMBER, Kind.WHOLE, Kind.PERCENT} and not column.key:
                text = values.shown(cell, is_1904=self._is_1904)
                self._contents.faults.append(
                    Fault("merged_number", self._grid.title, top, self._headings[left], text, left)
                )
                continue
            for number in range(top + 1, bottom + 1):
                if number in self._grid.rows:
                    self._grid.rows[number].setdefault(left, cell)

    def _record(self, number: int, cells: dict[int, Cell]) -> Record | None:
        record = Record(self._sheet, self._grid.title, number)
        found = False
        for index, column in self._columns.items():
            cell = cells.get(index)
            text = values.shown(cell, is_1904=self._is_1904)
            record.cells[column.name] = (self._headings[index], index, text)
            try:
                value = None if cell is None else self._value(cell, column)
            except CellFault as fault:
                found = True
                params = {"wanted": column, **fault.params}
                self._contents.faults.append(record.fault(column.name, fault.code, **params))
                continue
            is_blank = _is_blank(value, column)
            found = found or not is_blank
            record.values[column.name] = column.default if is_blank else value
        if not found:
            return None
        for column in self._columns.values():
            if column.required and record.values.get(column.name, "x") in (None, "", ()):
                fault = record.fault(column.name, "cell_blank", wanted=column)
                self._contents.faults.append(fault)
        return record

    def _value(self, cell: Cell, column: Column) -> object:
        if cell.type is CellType.FORMULA:
            raise CellFault("formula_without_value")
        if cell.type is CellType.ERROR:
            raise CellFault("error_value")
        value = self._read(cell, column)
        if column.kind in {Kind.NUMBER, Kind.WHOLE, Kind.PERCENT}:
            _check_bounds(value, column)
        elif column.key and isinstance(value, str) and len(value) > LONGEST_CODE:
            raise CellFault("code_long", most=LONGEST_CODE)
        return value

    def _read(self, cell: Cell, column: Column) -> object:
        match column.kind:
            case Kind.CODE | Kind.REFERENCE | Kind.TARGET:
                return values.as_code(cell)
            case Kind.TEXT:
                return values.as_text(cell)
            case Kind.UNIT:
                return unit_code(values.as_text(cell))
            case Kind.DAY:
                is_1904, is_open = self._is_1904, column.open_end
                return values.as_day(cell, self._today, is_1904=is_1904, open_end=is_open)
            case Kind.INSTANT:
                return values.as_instant(cell, self._today, is_1904=self._is_1904)
            case Kind.WEEKDAYS:
                return values.as_weekdays(cell, is_1904=self._is_1904)
            case Kind.SKILLS:
                return values.as_list(values.as_text(cell))
            case Kind.MACHINES:
                return values.as_machines(_codes(cell))
            case Kind.CHOICE:
                return _choice(cell, column)
            case _:
                return _SIMPLE[column.kind](cell)


def _is_blank(value: object, column: Column) -> bool:
    """Whether a cell says nothing; of operations to follow, none at all says something."""
    return value in (None, "") or (value == () and column.kind is not Kind.STEPS)


_SIMPLE: Mapping[Kind, Callable[[Cell], object]] = {
    Kind.NUMBER: values.as_number,
    Kind.WHOLE: values.as_whole,
    Kind.PERCENT: values.as_percent,
    Kind.TIME: values.as_minute,
    Kind.YES: values.as_yes,
    Kind.STEPS: values.as_steps,
}


def _codes(cell: Cell) -> str:
    return cell.text if cell.type is CellType.TEXT else values.as_code(cell)


def _choice(cell: Cell, column: Column) -> object:
    choices = column.choices
    if choices is None:
        raise TypeError(column.name)
    text = values.as_text(cell)
    found = member(choices, text)
    if found is None:
        raise CellFault("choice_unknown", allowed=Allowed(choices))
    return found


def _check_bounds(value: object, column: Column) -> None:
    if not isinstance(value, int | values.Decimal):
        return
    if column.kind is Kind.PERCENT:
        if not 0 <= value < 1:
            raise CellFault("percent_range")
    elif column.high is not None and column.low is not None:
        if not column.low <= value <= column.high:
            raise CellFault("number_between", low=column.low, high=column.high)
    elif column.low == 0 and value < 0:
        raise CellFault("number_negative")
    elif column.low is not None and (value < column.low or (column.above and value <= column.low)):
        raise CellFault("number_too_small" if not column.above else "number_zero", low=column.low)


def iterate(contents: Contents) -> Iterator[Record]:
    """All records, sheet by sheet in the order in which they refer to one another."""
    for sheet in SHEETS:
        yield from contents.records.get(sheet.name, [])

"""The inside of an .xlsx file: sheets as grids of cells, with what a planner's file needs to tell.

openpyxl's reading mode gives either formulas or their results, never both, and no number format
without a cell object each; here one pass over the XML (ECMA-376 part 1, §18.3) gives the result,
the format, whether a formula has no result, and merged cells, at a tenth of the memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from typing_extensions import override

from app.exchange.archive import Archive, Attributes, Handlers, ReadingStopped, WorkbookRefused

MAX_ROWS = 200_000
MAX_COLUMNS = 256
MAX_CELLS = 3_000_000


class CellType(Enum):
    """What a cell holds."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ERROR = "error"
    FORMULA = "formula"  # one that was never calculated


class Cell(NamedTuple):
    """A cell that is not blank: ``text`` as stored, ``format`` the number format's code."""

    type: CellType
    text: str
    format: str = "General"


@dataclass(slots=True)
class Grid:
    """A sheet: rows by number (from 1), each its cells by column (from 0); blank ones left out."""

    title: str
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict[int, dict[int, Cell]])
    merged: list[tuple[int, int, int, int]] = field(
        default_factory=list[tuple[int, int, int, int]]
    )  # first row, first column, last row, last column


@dataclass(slots=True)
class Book:
    """The sheets of a file; ``is_1904``: its day numbers count from 1904, as on old Macs."""

    grids: list[Grid]
    is_1904: bool = False


def read_book(
    path: Path,
    *,
    wanted: Callable[[str], bool] = lambda _title: True,
    progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Book:
    """Every sheet whose title is ``wanted``, hidden ones too; the others come without rows.

    ``progress`` hears the share done, 0 … 1.

    Raises:
        WorkbookRefused: with the code of the fault that the whole file is.
        ReadingStopped: ``should_stop`` said so.
    """
    total = 1

    def on_bytes(count: int) -> None:
        if should_stop is not None and should_stop():
            raise ReadingStopped
        if progress is not None:
            progress(min(1.0, count / total))

    with Archive(path, on_bytes) as archive:
        total = max(1, archive.unpacked_bytes)
        root = _workbook_part(archive, path)
        outline = _Outline()
        archive.parse(root, outline)
        targets = _targets(archive, root)
        shared = _Strings()
        _parse_related(archive, targets, "/sharedStrings", shared)
        styles = _Styles()
        _parse_related(archive, targets, "/styles", styles)
        formats = styles.formats()
        budget = [MAX_CELLS]
        grids: list[Grid] = []
        for title, link in outline.sheets:
            grid = Grid(title)
            grids.append(grid)
            kind, part = targets.get(link, ("", ""))
            if kind.endswith("/worksheet") and archive.has(part) and wanted(title):
                archive.parse(part, _Rows(grid, shared.strings, formats, budget))
        return Book(grids, outline.is_1904)


def _workbook_part(archive: Archive, path: Path) -> str:
    links = _Links()
    if archive.has("_rels/.rels"):
        archive.parse("_rels/.rels", links)
    for kind, target in links.links.values():
        if kind.endswith("/officeDocument") and archive.has(target.lstrip("/")):
            if target.endswith(".xml") and "workbook" in target:
                return target.lstrip("/")
            break
    raise WorkbookRefused("file_not_workbook", file=path.name)


def _targets(archive: Archive, root: str) -> dict[str, tuple[str, str]]:
    """Relation id → (type, part name) of the workbook."""
    folder = PurePosixPath(root).parent
    rels = str(folder / "_rels" / (PurePosixPath(root).name + ".rels"))
    links = _Links()
    if archive.has(rels):
        archive.parse(rels, links)
    return {
        key: (kind, target.lstrip("/") if target.startswith("/") else str(folder / target))
        for key, (kind, target) in links.links.items()
    }


def _parse_related(
    archive: Archive, targets: dict[str, tuple[str, str]], kind_end: str, handlers: Handlers
) -> None:
    for kind, part in targets.values():
        if kind.endswith(kind_end) and archive.has(part):
            archive.parse(part, handlers)


class _Links(Handlers):
    def __init__(self) -> None:
        self.links: dict[str, tuple[str, str]] = {}

    @override
    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            self.links[attributes.get("Id", "")] = (
                attributes.get("Type", ""),
                attributes.get("Target", ""),
            )


class _Outline(Handlers):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.is_1904 = False

    @override
    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            link = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            self.sheets.append((attributes.get("name", ""), link))
        elif name == "workbookPr":
            self.is_1904 = attributes.get("date1904", "0") in {"1", "true"}


class _Strings(Handlers):
    """Shared strings; the runs of a rich text are joined, phonetic hints (rPh) left out."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._parts: list[str] = []
        self._in_text = False
        self._in_hint = False

    @override
    def start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._in_hint = True
        elif name == "t":
            self._in_text = not self._in_hint

    @override
    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_hint = False
        elif name == "si":
            self.strings.append(unescape("".join(self._parts)))

    @override
    def text(self, text: str) -> None:
        if self._in_text:
            self._parts.append(text)


# The built-in formats that show dates, times or percentages (§18.8.30); 27–36 and 50–58 are the
# East Asian dates that Chinese Excel uses, given here by what they show.
_BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "yyyy/m/d",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy/m/d h:mm", 32: "h:mm", 33: "h:mm:ss", 34: "h:mm", 35: "h:mm:ss",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 49: "@", 55: "h:mm", 56: "h:mm:ss",
} | dict.fromkeys([27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58], "yyyy/m/d")  # fmt: skip


class _Styles(Handlers):
    def __init__(self) -> None:
        self._codes = dict(_BUILT_IN)
        self._cells: list[int] = []
        self._in_cells = False

    @override
    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt" and attributes.get("numFmtId", "").isdigit():
            self._codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "General")
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            code = attributes.get("numFmtId", "0")
            self._cells.append(int(code) if code.isdigit() else 0)

    @override
    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def formats(self) -> list[str]:
        """The number format of each cell style."""
        return [self._codes.get(number, "General") for number in self._cells]


_TYPES = {"s": CellType.TEXT, "str": CellType.TEXT, "inlineStr": CellType.TEXT,
          "d": CellType.TEXT, "b": CellType.BOOLEAN, "e": CellType.ERROR}  # fmt: skip


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


class _Rows(Handlers):
    """Fills a grid from the sheet's XML."""

    def __init__(
        self, grid: Grid, strings: list[str], formats: list[str], budget: list[int]
    ) -> None:
        self._grid = grid
        self._strings = strings
        self._formats = formats
        self._budget = budget
        self._row = 0
        self._column = -1
        self._cells: dict[int, Cell] = {}
        self._attributes: Attributes = {}
        self._text: list[str] = []
        self._taking = False
        self._in_hint = False
        self._has_formula = False

    @override
    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._attributes = attributes
            place = attributes.get("r")
            self._column = column_index(place) if place else self._column + 1
            self._has_formula = False
        elif name in {"v", "t"}:
            self._taking = not self._in_hint
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdigit() else self._row + 1
            self._column = -1
            self._cells = {}
        elif name == "f":
            self._has_formula = True
        elif name == "rPh":
            self._in_hint = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    @override
    def end(self, name: str) -> None:
        if name == "c":
            if self._text or self._has_formula:
                self._take_cell()
                self._text = []
        elif name in {"v", "t"}:
            self._taking = False
        elif name == "row":
            if self._cells:
                self._take_row()
        elif name == "rPh":
            self._in_hint = False

    @override
    def text(self, text: str) -> None:
        if self._taking:
            self._text.append(text)

    def _take_cell(self) -> None:
        text = "".join(self._text)
        stored = self._attributes.get("t", "n")
        kind = _TYPES.get(stored, CellType.NUMBER)
        if self._has_formula and not text and stored != "str":
            kind, text = CellType.FORMULA, "="
        elif kind is CellType.TEXT and text:
            text = self._shared(text) if stored == "s" else unescape(text)
        elif kind is CellType.NUMBER and not _NUMBER.fullmatch(text):
            kind = CellType.TEXT
        if text.strip() and self._column < MAX_COLUMNS:
            self._cells[self._column] = Cell(kind, text, self._format())

    def _shared(self, text: str) -> str:
        if not text.isdigit() or int(text) >= len(self._strings):
            raise WorkbookRefused("file_damaged", file=self._grid.title)
        return self._strings[int(text)]

    def _format(self) -> str:
        style = self._attributes.get("s", "0")
        number = int(style) if style.isdigit() else 0
        return self._formats[number] if number < len(self._formats) else "General"

    def _take_row(self) -> None:
        self._grid.rows[self._row] = self._cells
        self._budget[0] -= len(self._cells)
        if len(self._grid.rows) > MAX_ROWS or self._budget[0] < 0:
            raise WorkbookRefused("too_many_rows", sheet=self._grid.title, most=MAX_ROWS)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        if last:
            self._grid.merged.append(
                (row_number(first), column_index(first), row_number(last), column_index(last))
            )


def column_index(place: str) -> int:
    """Column A is 0: ``column_index("AB12") == 27``."""
    return _index_of(place.rstrip("0123456789$").lstrip("$").upper())


@lru_cache(maxsize=MAX_COLUMNS)
def _index_of(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def row_number(place: str) -> int:
    """The row of a place, from 1."""
    digits = re.sub(r"\D", "", place)
    return int(digits) if digits else 0


def column_letters(index: int) -> str:
    """The letters of a column: 27 → ``AB``."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Excel keeps control characters as ``_x000D_`` (§22.9.2.19)."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text

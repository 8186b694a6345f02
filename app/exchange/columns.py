"""What the sheets of a workbook are made of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from domain.changes import Row
from widgets.text import language


class Kind(Enum):
    """How a column's cells are read and written."""

    CODE = "code"
    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    PERCENT = "percent"
    DAY = "day"
    INSTANT = "instant"
    TIME = "time"
    YES = "yes"
    CHOICE = "choice"
    REFERENCE = "reference"
    SKILLS = "skills"
    UNIT = "unit"
    WEEKDAYS = "weekdays"
    MACHINES = "machines"
    STEPS = "steps"
    TARGET = "target"  # a work center or a machine


class _Titled:
    """Something with a name in each language; as text it speaks the language spoken now."""

    name: str
    zh: str

    def title(self, spoken: str) -> str:
        """Its heading: ``zh``, ``en``, or ``both`` side by side."""
        if spoken == "both":
            return f"{self.zh} {self.name}"
        return self.zh if spoken == "zh" else self.name

    def __str__(self) -> str:
        return self.title(language())


@dataclass(frozen=True, slots=True)
class Column(_Titled):
    """A column: ``field`` is the row's field it fills ('' where more than one is concerned).

    ``low`` is the least value allowed (``above`` makes it exclusive), ``high`` the greatest.
    ``default`` is what a blank means; a ``required`` column must not be blank. In an ``open_end``
    column a day of the far future (9999-12-31) means none. An ``extra`` column is no part of the
    exact format: it is read if it is there, and written if any row says more than its default.
    """

    name: str
    zh: str
    field: str
    kind: Kind = Kind.TEXT
    key: bool = False
    required: bool = False
    default: object = None
    low: Decimal | None = None
    above: bool = False
    high: Decimal | None = None
    refers: type[Row] | None = None
    choices: type[Enum] | None = None
    open_end: bool = False
    also: tuple[str, ...] = ()
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Sheet(_Titled):
    """A sheet: every row of it describes one ``kind`` of row, told apart by the key columns.

    An ``extra`` one is written only if it has rows.
    """

    name: str
    zh: str
    kind: type[Row]
    columns: tuple[Column, ...]
    also: tuple[str, ...] = ()
    extra: bool = False

    @property
    def keys(self) -> tuple[Column, ...]:
        """The columns that tell its rows apart."""
        return tuple(column for column in self.columns if column.key)

    def column(self, name: str) -> Column:
        """The column of that English name."""
        return next(column for column in self.columns if column.name == name)

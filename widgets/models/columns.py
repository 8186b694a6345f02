"""What a table shows of a row: one Column a fact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol, cast
from uuid import UUID

from domain.routings import after_text
from widgets.text import enum_text, format_duration, format_quantity, show, tr
from widgets.theme import Role


class Keyed(Protocol):
    """Anything a table can show: it is told apart by its id and compared by value."""

    @property
    def id(self) -> UUID:
        """The same through every version of the row."""
        ...


class Kind(Enum):
    """How a column's values are written, sorted, filtered and typed."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    DAY = "day"
    INSTANT = "instant"
    MINUTES = "minutes"
    CHOICE = "choice"
    YESNO = "yesno"
    STEPS = "steps"


_RIGHT = {Kind.NUMBER, Kind.WHOLE, Kind.MINUTES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    ``key`` is the field's name, and ``column.<key>`` (or ``title``) its heading in the catalogue.
    ``value`` takes it from a row; None is shown empty. ``unit`` names the unit behind a number,
    ``digits`` rounds what is shown of one that was worked out.
    ``role`` colours the text, ``words`` replaces it (a colour never speaks alone). ``choices`` are
    the members of a CHOICE column. ``width`` is in device-independent pixels.
    """

    key: str
    value: Callable[[Any], object]
    kind: Kind = Kind.TEXT
    title: str = ""
    editable: bool = False
    unit: Callable[[Any], str] | None = None
    digits: int | None = None
    role: Callable[[Any], Role | None] | None = None
    words: Callable[[Any], str] | None = None
    tip: Callable[[Any], str] | None = None
    choices: tuple[Enum, ...] = ()
    least: int | None = None
    most: int | None = None
    required: bool = False
    width: int = 110
    hidden: bool = False

    @property
    def heading(self) -> str:
        """The column's title in the language of now."""
        return tr(self.title or f"column.{self.key}")

    @property
    def is_right(self) -> bool:
        """Whether its values stand at the right edge, digit under digit."""
        return self.kind in _RIGHT

    def text(self, row: Any) -> str:
        """A row's value as the user reads it."""
        if self.words is not None:
            return self.words(row)
        value = self.value(row)
        if value is None:
            return ""
        if self.kind is Kind.NUMBER and isinstance(value, Decimal):
            return format_quantity(value, self.unit(row) if self.unit else "", self.digits)
        if self.kind is Kind.STEPS:
            return self.plain(row)
        if self.kind is Kind.MINUTES and isinstance(value, int | Decimal):
            return format_duration(float(value))
        return show(value)

    def plain(self, row: Any) -> str:
        """A row's value as a spreadsheet takes it: numbers bare, everything else as shown."""
        value = self.value(row)
        if self.kind is Kind.STEPS and isinstance(value, tuple):
            return after_text(cast("tuple[int, ...]", value))
        if isinstance(value, Decimal):
            return format_quantity(value).replace(",", "")
        return show(value) if not isinstance(value, Enum) else enum_text(value)

    def sort_key(self, row: Any) -> tuple[bool, Any]:
        """What rows are ordered by; rows without a value come last."""
        value = self.value(row)
        if value is None or value == "":
            return (True, "")
        if isinstance(value, Enum) and self.choices:
            return (False, self.choices.index(value))
        if isinstance(value, str):
            return (False, _natural(value))
        if isinstance(value, date) and not isinstance(value, datetime):
            return (False, value.toordinal())
        if isinstance(value, tuple):
            return (False, _natural(show(value)))
        return (False, value)


def _natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """``M2`` before ``M10``: runs of digits count as numbers."""
    parts: list[tuple[int, int | str]] = []
    run = ""
    is_digits = False
    for letter in text.casefold():
        now_digits = letter in "0123456789"
        if run and now_digits != is_digits:
            parts.append((0, int(run)) if is_digits else (1, run))
            run = ""
        run += letter
        is_digits = now_digits
    if run:
        parts.append((0, int(run)) if is_digits else (1, run))
    return tuple(parts)

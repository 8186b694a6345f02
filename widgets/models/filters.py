"""What people type into a filter: a piece of the text, or a comparison.

``steel``, ``steel bar`` (both words), ``=M1`` (exactly), ``!steel`` (not), ``>100``, ``<=5``,
``10..20``; for days ``>2026-12-01`` or ``2026-12``; ``=`` alone finds empty cells, ``!`` filled
ones.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from widgets.models.columns import Column, Kind
from widgets.models.entry import EntryFault, parse

Test = Callable[[Any], bool]

_COMPARES: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}


class Filters:
    """What the columns of a table are filtered by."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._tests: dict[int, tuple[str, Test]] = {}

    def set(self, column: int, text: str) -> bool:
        """Filter a column by ``text``; returns whether that changes anything."""
        before = self.text(column)
        test = make_filter(self._columns[column], text)
        self._tests.pop(column, None)
        if test is not None:
            self._tests[column] = (text, test)
        return before != self.text(column)

    def clear(self) -> bool:
        """Let everything pass; returns whether that changes anything."""
        was_filtered = bool(self._tests)
        self._tests.clear()
        return was_filtered

    def text(self, column: int) -> str:
        """What a column is filtered by."""
        return self._tests[column][0] if column in self._tests else ""

    def passes(self, row: Any) -> bool:
        """Whether a row is to be shown."""
        return all(test(row) for _text, test in self._tests.values())


def make_filter(column: Column, text: str) -> Test | None:
    """The test a row must pass, or None if ``text`` asks for nothing."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return None
    if text[0] in "!=":
        return _exact(column, text[1:].strip().casefold(), wanted=text[0] == "=")
    compared = _comparison(column, text)
    if compared is not None:
        return compared
    words = text.casefold().split()
    return lambda row: _holds(column.text(row).casefold(), words)


def _holds(shown: str, words: list[str]) -> bool:
    return all(word in shown for word in words)


def _exact(column: Column, rest: str, *, wanted: bool) -> Test:
    if not rest:
        return lambda row: (column.text(row) == "") == wanted
    if wanted:
        return lambda row: rest in (column.text(row).casefold(), column.plain(row).casefold())
    return lambda row: rest not in column.text(row).casefold()


def _comparison(column: Column, text: str) -> Test | None:
    if ".." in text:
        low, high = (_limit(column, part) for part in text.split("..", 1))
        if low is None or high is None:
            return None
        return lambda row: (v := _comparable(column, row)) is not None and low <= v <= high
    for sign in (">=", "<=", ">", "<"):
        if text.startswith(sign):
            limit = _limit(column, text[len(sign) :])
            compare = _COMPARES[sign]
            if limit is None:
                return None
            return lambda row: (v := _comparable(column, row)) is not None and compare(v, limit)
    return None


def _limit(column: Column, text: str) -> Any:
    """The number, day or minute to compare with; None if the text is none."""
    if column.kind in (Kind.DAY, Kind.INSTANT):
        try:
            return parse(column, text, datetime.now(UTC).date())
        except EntryFault:
            return None
    try:
        return Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None


def _comparable(column: Column, row: Any) -> Any:
    value = column.value(row)
    fits = isinstance(value, int | Decimal | date | datetime)
    return value if fits else None

"""What people type into a filter: a piece of the text, or a comparison.

``steel``, ``steel bar`` (both words), ``=M1`` (exactly), ``!steel`` (not), ``>100``, ``<=5``,
``10..20``; for days ``>2026-12-01`` or ``2026-12``; ``=`` alone finds empty cells, ``!`` filled
ones.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
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

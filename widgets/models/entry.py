"""What people type into a cell, as the column's value."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum

from domain.routings import after_from
from widgets.models.columns import Column, Kind
from widgets.text import enum_text, tr, zone

_YES = {"y", "yes", "是", "1", "true", "√"}
_NO = {"n", "no", "否", "0", "false", ""}
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?(?=\s|$|[^\d.,])")
_DAY = re.compile(
    r"(?:(?P<y>\d{4})\s*[-/.年]\s*)?(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
    r"(?:[\sT]+(?P<h>\d{1,2})[:：](?P<n>\d{2}))?$"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")


class EntryFault(ValueError):
    """What was typed does not fit the column; ``str()`` of it says so to the user."""


def parse(column: Column, text: str, today: date) -> object:
    """The value that ``text`` means in ``column``; empty text is None.

    A day without a year is the next such day from ``today``.

    Raises:
        EntryFault: with the words to show.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if not text and column.kind is not Kind.YESNO:
        if column.required:
            raise EntryFault(tr("entry.required", column=column.heading))
        return "" if column.kind is Kind.TEXT else None
    match column.kind:
        case Kind.TEXT:
            return text
        case Kind.NUMBER | Kind.MINUTES:
            return _in_range(column, _number(text))
        case Kind.WHOLE:
            number = _number(text)
            if number != number.to_integral():
                raise EntryFault(tr("entry.whole", value=text))
            return int(_in_range(column, number))
        case Kind.DAY:
            return _instant(text, today).date()
        case Kind.INSTANT:
            return _instant(text, today)
        case Kind.CHOICE:
            return _choice(column, text)
        case Kind.YESNO:
            return _yes_no(text)
        case Kind.STEPS:
            return _steps(text)


def _number(text: str) -> Decimal:
    match = _NUMBER.match(text)
    try:
        return Decimal((match[0] if match else text).replace(",", ""))
    except InvalidOperation:
        raise EntryFault(tr("entry.number", value=text)) from None


def _in_range(column: Column, number: Decimal) -> Decimal:
    if column.least is not None and number < column.least:
        raise EntryFault(tr("entry.least", least=column.least))
    if column.most is not None and number > column.most:
        raise EntryFault(tr("entry.most", most=column.most))
    return number


def _instant(text: str, today: date) -> datetime:
    compact = _COMPACT.match(text)
    if compact:
        text = "-".join(compact.groups())
    match = _DAY.match(text)
    if match is None:
        raise EntryFault(tr("entry.day", value=text))
    month, day = int(match["m"]), int(match["d"])
    hour, minute = int(match["h"] or 0), int(match["n"] or 0)
    years = [int(match["y"])] if match["y"] else [today.year, today.year + 1]
    for year in years:
        try:
            found = datetime(year, month, day, hour, minute, tzinfo=zone())
        except ValueError:
            continue
        if match["y"] or found.date() >= today:
            return found
    raise EntryFault(tr("entry.day", value=text))


def _choice(column: Column, text: str) -> Enum:
    wanted = text.casefold()
    for member in column.choices:
        if wanted in (str(member.value).casefold(), enum_text(member).casefold()):
            return member
    names = ", ".join(enum_text(member) for member in column.choices)
    raise EntryFault(tr("entry.choice", value=text, choices=names))


def _steps(text: str) -> tuple[int, ...] | None:
    try:
        return after_from(text)
    except ValueError:
        raise EntryFault(tr("entry.steps", value=text)) from None


def _yes_no(text: str) -> bool:
    wanted = text.casefold()
    if wanted in _YES | _NO:
        return wanted in _YES
    raise EntryFault(tr("entry.yesno", value=text))

"""What planners type into a cell, and what it means.

Every function takes a cell (or its text) and returns the value, or raises ``CellFault``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.exchange.grids import Cell, CellType
from domain.routings import after_from

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
OPEN_END_YEAR = 2900
LARGEST = Decimal(10) ** 12
WHOLE_LIMIT = Decimal(2) ** 31
DAY_MINUTES = 1440
SHOWN_LENGTH = 60

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?(e[+-]?\d{1,2})?", re.IGNORECASE)
_DATE = re.compile(
    r"(?:(?P<y>\d{4})(?P<sep>[-/.年])(?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?"
    r"|(?P<y8>\d{4})(?P<m8>\d{2})(?P<d8>\d{2})"
    r"|(?P<m0>\d{1,2})月(?P<d0>\d{1,2})[日号]?)"
    r"(?:[T ]*(?P<time>\d{1,2}[:时点].*))?"
)
_TIME = re.compile(r"(\d{1,2})[:时点](?:(\d{1,2})(?:[:分](?:\d{1,2}(?:\.\d+)?秒?)?)?)?")
_YES = {"y", "yes", "是", "1", "true", "√", "✓", "✔", "☑", "t", "对", "要"}
_NO = {"n", "no", "否", "0", "false", "×", "✗", "✘", "☐", "f", "不", "不要", "-"}
_WEEKDAY_NAMES: Mapping[str, int] = {
    **{prefix + name: day for prefix in ("周", "星期", "礼拜", "")
       for day, name in enumerate("一二三四五六日", 1)},
    **{prefix + "天": 7 for prefix in ("周", "星期", "礼拜")},
    **{prefix + str(day): day for prefix in ("周", "星期", "") for day in range(1, 8)},
    **{name[:length]: day for length in (3, None) for day, name in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), 1)},
    "tues": 2, "thur": 4, "thurs": 4,
}  # fmt: skip
_SPEED = re.compile(r"(.*)[*×](.*)")
_WHOLE_WEEK = {"每天", "每日", "全周", "daily", "everyday"}


class CellFault(Exception):
    """A cell that cannot be understood: ``code`` and ``params`` are those of a Fault."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def clean(text: str) -> str:
    """Text without control characters and surrounding blanks."""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()


def folded(text: str) -> str:
    """Text as codes are compared: clean, full-width characters as their plain ones."""
    return unicodedata.normalize("NFKC", clean(text)).strip()


def shows_percent(format_code: str) -> bool:
    """Whether a number format shows a percentage."""
    return "%" in _bare(format_code)


def shows_day(format_code: str) -> bool:
    """Whether a number format shows a date (a month alone may be minutes: ``mm:ss``)."""
    bare = _bare(format_code)
    return "y" in bare or "d" in bare or ("m" in bare and "h" not in bare and "s" not in bare)


def _bare(format_code: str) -> str:
    if format_code == "General":
        return ""
    return re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", format_code).casefold()


def shown(cell: Cell | None, *, is_1904: bool = False) -> str:
    """A cell as a fault report quotes it."""
    if cell is None:
        return ""
    text = clean(cell.text)
    if cell.type is CellType.NUMBER:
        if not math.isfinite(float(text)):
            return text
        number = number_of(cell)
        text = f"{number:f}" if abs(number) < LARGEST else str(number)
        if shows_day(cell.format) and 0 < number < 2_958_466:
            at = from_serial(number, is_1904=is_1904)
            text = f"{at:%Y-%m-%d}" if number == int(number) else f"{at:%Y-%m-%d %H:%M}"
        elif shows_percent(cell.format):
            text = f"{(number * 100).normalize():f}%"
    elif cell.type is CellType.BOOLEAN:
        text = "TRUE" if cell.text == "1" else "FALSE"
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"


def number_of(cell: Cell) -> Decimal:
    """The number of a number cell, to the 15 digits that Excel vouches for."""
    number = float(cell.text)
    if not math.isfinite(number):
        raise CellFault("number_range", most=f"{LARGEST:,}")
    return Decimal(f"{number:.15g}")


def from_serial(number: Decimal, *, is_1904: bool) -> datetime:
    """The instant of an Excel day number, to the nearest minute."""
    minutes = int((number * DAY_MINUTES).to_integral_value())
    return _epoch(is_1904) + timedelta(minutes=minutes)


def as_text(cell: Cell) -> str:
    """A text column: what the cell shows."""
    return clean(cell.text) if cell.type is CellType.TEXT else shown(cell)


def as_code(cell: Cell) -> str:
    """A code column: text; a number without exponent is its digits."""
    if cell.type is CellType.TEXT:
        code = folded(cell.text)
        if ";" in code or "\n" in code:
            raise CellFault("code_character")
        return code
    if cell.type is CellType.BOOLEAN:
        raise CellFault("code_boolean")
    if shows_day(cell.format):
        raise CellFault("code_is_date")
    number = number_of(cell)
    if number == number.to_integral_value():
        if abs(number) >= Decimal(10) ** 15:
            raise CellFault("code_digits_lost")
        digits = str(int(number))
        zeros = _bare(cell.format)
        return digits.zfill(len(zeros)) if set(zeros) == {"0"} else digits
    return f"{number:f}"


def as_number(cell: Cell) -> Decimal:
    """A number, or text with separators (``1,200``)."""
    if cell.type is CellType.NUMBER:
        if shows_day(cell.format):
            raise CellFault("number_is_date")
        number = number_of(cell)
    elif cell.type is CellType.TEXT:
        number = number_from(folded(cell.text))
    else:
        raise CellFault("number_unreadable")
    if abs(number) >= LARGEST:
        raise CellFault("number_range", most=f"{LARGEST:,}")
    return number


def number_from(text: str) -> Decimal:
    """The number a text spells."""
    plain = text.replace(" ", "").replace("−", "-")
    if not _NUMBER.fullmatch(plain) or not re.search(r"\d", plain):
        raise CellFault("number_unreadable")
    return Decimal(plain.replace(",", ""))


def as_whole(cell: Cell) -> int:
    """A whole number."""
    number = as_number(cell)
    if number != number.to_integral_value():
        raise CellFault("number_whole")
    if abs(number) >= WHOLE_LIMIT:
        raise CellFault("number_range", most=f"{WHOLE_LIMIT:,}")
    return int(number)


def as_percent(cell: Cell) -> Decimal:
    """A ratio: plain 5 is 5 %, and so is a cell that shows 5 %."""
    if cell.type is CellType.TEXT:
        return number_from(folded(cell.text).removesuffix("%").strip()) / 100
    number = as_number(cell)
    return number if shows_percent(cell.format) else number / 100


def as_day(cell: Cell, today: date, *, is_1904: bool, open_end: bool) -> date | None:
    """A day, whatever its time; with ``open_end`` one of the far future is None."""
    at = _local(cell, today, is_1904=is_1904)
    if open_end and at.year >= OPEN_END_YEAR:
        return None
    return _in_range(at).date()


def as_instant(cell: Cell, today: date, *, is_1904: bool) -> datetime:
    """A local instant without zone, to the minute; a day alone is its 00:00.

    A day without year (``12月1日``) is the one nearest to ``today``, the later of two.
    """
    return _in_range(_local(cell, today, is_1904=is_1904))


def _local(cell: Cell, today: date, *, is_1904: bool) -> datetime:
    if cell.type is CellType.TEXT:
        return _instant_from(folded(cell.text), today)
    if cell.type is CellType.NUMBER:
        return _instant_of_number(cell, is_1904=is_1904)
    raise CellFault("date_unreadable")


def _in_range(at: datetime) -> datetime:
    if not FIRST_DAY <= at.date() <= LAST_DAY:
        raise CellFault("date_range", first=FIRST_DAY, last=LAST_DAY)
    return at


def _instant_of_number(cell: Cell, *, is_1904: bool) -> datetime:
    number = number_of(cell)
    if number == number.to_integral_value() and not shows_day(cell.format):
        digits = str(int(number))
        if re.fullmatch(r"[1-9]\d{7}", digits):
            return _instant_from(digits, FIRST_DAY)
    if not 0 < number < 2_958_466:
        raise CellFault("date_unreadable")
    return from_serial(number, is_1904=is_1904)


def _epoch(is_1904: bool) -> datetime:
    """Day 0; Excel believes in 29 February 1900, so that days since count from 30 December."""
    return datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - local


def _instant_from(text: str, today: date) -> datetime:
    found = _DATE.fullmatch(text)
    if found is None:
        raise CellFault("date_unreadable")
    parts = found.groupdict()
    try:
        if parts["m0"]:
            day = _nearest(int(parts["m0"]), int(parts["d0"]), today)
        else:
            day = date(*(int(parts[name] or parts[name + "8"]) for name in ("y", "m", "d")))
    except ValueError as error:
        raise CellFault("date_impossible") from error
    minutes = _minutes_from(parts["time"]) if parts["time"] else 0
    if minutes == DAY_MINUTES and day == date.max:
        raise CellFault("date_impossible")
    return datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001


def _nearest(month: int, day: int, today: date) -> date:
    possible: list[date] = []
    for year in range(today.year - 1, today.year + 2):
        try:
            possible.append(date(year, month, day))
        except ValueError:
            continue
    if not possible:
        raise CellFault("date_impossible")
    return min(possible, key=lambda each: (abs(each - today), each < today))


def as_minute(cell: Cell) -> int:
    """A time of day in minutes, 0 … 1440 (``24:00``)."""
    if cell.type is CellType.TEXT:
        return _minutes_from(folded(cell.text))
    if cell.type is not CellType.NUMBER:
        raise CellFault("time_unreadable")
    share = number_of(cell)
    if not 0 <= share <= 1:
        raise CellFault("time_unreadable")
    return int((share * DAY_MINUTES).to_integral_value())


def _minutes_from(text: str) -> int:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise CellFault("time_unreadable")
    minutes = int(found[1]) * 60 + int(found[2] or 0)
    if int(found[2] or 0) > 59 or minutes > DAY_MINUTES:
        raise CellFault("time_unreadable")
    return minutes


def as_yes(cell: Cell) -> bool:
    """Yes or no."""
    text = folded(cell.text).casefold()
    if cell.type is CellType.NUMBER:
        text = str(number_of(cell))
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise CellFault("yes_unreadable")


def as_list(text: str) -> tuple[str, ...]:
    """The parts between semicolons, each once, in their order."""
    parts = (folded(part) for part in folded(text).split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def as_steps(cell: Cell) -> tuple[int, ...] | None:
    """``10;20`` → the numbers of operations; ``0``: none."""
    text = f"{number_of(cell):f}" if cell.type is CellType.NUMBER else folded(cell.text)
    try:
        return after_from(text)
    except ValueError as error:
        raise CellFault("steps_unreadable") from error


def as_machines(text: str) -> tuple[tuple[str, Decimal], ...]:
    """``M1;M2*0.8`` → machine codes with their speeds."""
    found: dict[str, Decimal] = {}
    for part in as_list(text):
        marked = _SPEED.fullmatch(part)
        try:
            number = number_from(marked[2]) if marked else Decimal(1)
        except CellFault as error:
            raise CellFault("speed_unreadable", part=part) from error
        if number <= 0:
            raise CellFault("speed_unreadable", part=part)
        code = marked[1].strip() if marked else part
        if code in found:
            raise CellFault("machine_twice", machine=code)
        found[code] = number
    return tuple(found.items())


def as_weekdays(cell: Cell, *, is_1904: bool) -> tuple[int, ...]:
    """Weekdays 1 (Monday) … 7: ``1-5``, ``周一至周五``, ``Mon,Wed``, ``6``.

    Excel turns a typed ``1-5`` into 5 January: a date here is its month to its day.
    """
    text = folded(cell.text).casefold()
    if cell.type is CellType.NUMBER:
        number = number_of(cell)
        if shows_day(cell.format) and number > 0:
            at = from_serial(number, is_1904=is_1904)
            text = f"{at.month}-{at.day}"
        else:
            text = f"{number:f}"
    if re.sub(r"\s", "", text) in _WHOLE_WEEK:
        return tuple(range(1, 8))
    text = re.sub(r"\s*([-~至到—–])\s*", r"\1", text)
    days: set[int] = set()
    for part in re.split(r"[,;、和\s]+", text):
        days.update(_weekday_range(part))
    if not days:
        raise CellFault("weekday_unreadable")
    return tuple(sorted(days))


def _weekday_range(text: str) -> list[int]:
    names = [name.strip().rstrip(".") for name in re.split(r"[-~至到—–]+", text)]
    if len(names) > 2 or any(name not in _WEEKDAY_NAMES for name in names):
        raise CellFault("weekday_unreadable")
    first, last = _WEEKDAY_NAMES[names[0]], _WEEKDAY_NAMES[names[-1]]
    return [(first - 1 + step) % 7 + 1 for step in range((last - first) % 7 + 1)]

"""Everything the program says: the catalogue in two languages, and values as people write them.

Pure Python, so that the command line speaks like the window. The language and the display zone are
the process's own: one person sits in front of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from domain.errors import Finding

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

# Holds frozen too: PyInstaller keeps the folders of the packages beside `resources`.
RESOURCES = Path(__file__).resolve().parents[1] / "resources"
_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class _Voice:
    language: Language = "zh"
    zone: tzinfo = field(default=UTC)


_voice = _Voice()


class Coded(Protocol):
    """An error of either tree: a code and what fills its text."""

    @property
    def code(self) -> str:
        """Which rule was broken."""
        ...

    @property
    def params(self) -> Mapping[str, object]:
        """What the text is filled with."""
        ...


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All texts of a language by key, merged from ``resources/i18n/*.<language>.json``.

    Raises:
        ValueError: two files hold different texts for one key.
    """
    merged: dict[str, str] = {}
    for path in sorted((RESOURCES / "i18n").glob(f"*.{language}.json")):
        texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        for key, text in texts.items():
            if merged.setdefault(key, text) != text:
                raise ValueError(f"{path.name}: another file says {key!r} differently")
    return merged


def set_language(language: Language) -> None:
    """Speak ``language`` from now on; widgets follow a LanguageChange event (``widgets.speaking``).

    Raises:
        ValueError: not one of LANGUAGES.
    """
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}")
    _voice.language = language


def language() -> Language:
    """The language spoken now."""
    return _voice.language


def set_zone(zone: tzinfo) -> None:
    """Show instants in ``zone`` (the plant's) where a caller names no other."""
    _voice.zone = zone


def zone() -> tzinfo:
    """The zone instants are shown in."""
    return _voice.zone


def has_text(key: str) -> bool:
    """Whether the catalogue knows ``key`` in the language spoken."""
    return key in catalogue(_voice.language)


def tr(key: str, /, **params: object) -> str:
    """The text of ``key``, filled with ``params`` written as the language does.

    A ``count`` of 1 takes ``<key>.one`` where there is one. An unknown key is shown as it is: the
    completeness test finds it, the user never meets an error for it.
    """
    texts = catalogue(_voice.language)
    if params.get("count") == 1:
        key = f"{key}.one" if f"{key}.one" in texts else key
    template = texts.get(key)
    if template is None:
        return key
    if not params:
        return template
    return template.format_map(_Shown(params))


class _Shown(dict[str, str]):
    """Parameters as text; one that is missing stays visible as ``{name}``."""

    def __init__(self, params: Mapping[str, object]) -> None:
        super().__init__((name, show(value)) for name, value in params.items())

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def show(value: object) -> str:
    """A value as the user writes it; empty for None."""
    match value:
        case None:
            return ""
        case bool():
            return tr("value.yes" if value else "value.no")
        case Enum():
            return enum_text(value)
        case Decimal():
            return format_quantity(value)
        case datetime():
            return format_instant(value)
        case date():
            return format_day(value)
        case timedelta():
            return format_duration(value / _MINUTE)
        case Finding():
            return finding_text(value)
        case tuple() | list():
            return tr("value.separator").join(show(each) for each in value)
        case _:
            return str(value)


def enum_text(member: Enum) -> str:
    """What people call a member of an enumeration: ``enum.<type>.<value>``."""
    key = f"enum.{type(member).__name__}.{member.value}"
    return tr(key) if has_text(key) else str(member.value)


def error_text(error: Coded) -> str:
    """What happened, to what, and what to do next."""
    return tr(f"error.{error.code}", **error.params)


def finding_text(finding: Finding) -> str:
    """What a finding says to the planner."""
    return tr(f"finding.{finding.code}", **finding.params)


def format_quantity(quantity: Decimal, unit: str = "", digits: int | None = None) -> str:
    """``1,234.5 pcs``: grouped, without trailing zeros; the unit's own name if it has one.

    ``digits`` rounds to so many decimals, for what was worked out; None shows all there are.
    """
    if digits is not None:
        quantity = round(quantity, digits)
    plain = quantity.quantize(Decimal(1)) if quantity == quantity.to_integral() else quantity
    text = f"{plain or Decimal(0):,f}"  # a negative zero is no quantity
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit_text(unit)}" if unit else text


def unit_text(unit: str) -> str:
    """A unit as the language names it (``pcs`` → 件); the user's own units stay as they are."""
    return tr(f"unit.{unit}") if has_text(f"unit.{unit}") else unit


def format_day(day: date) -> str:
    """A day, ``2026-12-01``."""
    return day.isoformat() if not isinstance(day, datetime) else day.date().isoformat()


def format_instant(at: datetime, zone: tzinfo | None = None) -> str:
    """A minute in ``zone`` (None: the display zone), ``2026-12-01 14:30``."""
    return f"{at.astimezone(zone or _voice.zone):%Y-%m-%d %H:%M}"


def format_duration(minutes: float) -> str:
    """Minutes as ``2 d 3 h``, ``3 h 15 min`` or ``15 min``: the two largest parts, rounded down."""
    total = int(abs(minutes))
    days, rest = divmod(total, 1440)
    hours, left = divmod(rest, 60)
    sign = "\u2212" if minutes < 0 and total else ""
    if days:
        parts = [tr("duration.days", n=days), tr("duration.hours", n=hours) if hours else ""]
    elif hours:
        parts = [tr("duration.hours", n=hours), tr("duration.minutes", n=left) if left else ""]
    else:
        parts = [tr("duration.minutes", n=left)]
    return sign + tr("duration.joint").join(part for part in parts if part)

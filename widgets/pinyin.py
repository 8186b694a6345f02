"""Initials of Chinese words, so that ``zzxz`` finds a spindle box seat without an input method.

GB 2312's first level (3,755 everyday characters) is ordered by pronunciation, so a character's code
tells its initial. Limits: a character with several readings has the one its place tells, and
characters outside the first level have none, except those of the trade in
``resources/pinyin.json``.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from functools import cache, lru_cache

from widgets.text import RESOURCES

# The first code of every initial in GB 2312's first level; no syllable begins with i, u or v.
_FIRST_CODES = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"),
    (0xB8C1, "g"), (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"),
    (0xC4C3, "n"), (0xC5B6, "o"), (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"),
    (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"), (0xD1B9, "y"), (0xD4D1, "z"),
)  # fmt: skip
_CODES = [code for code, _initial in _FIRST_CODES]
_LAST_CODE = 0xD7F9


@cache
def _trade() -> dict[str, str]:
    """Second-level characters of the metal trades and of company names."""
    return json.loads((RESOURCES / "pinyin.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """The initials of the Chinese characters in ``text``; others stay if they are letters."""
    return "".join(_initial(letter) for letter in text)


def _initial(letter: str) -> str:
    if letter.isascii():
        return letter.lower() if letter.isalnum() else ""
    known = _trade().get(letter)
    if known is not None:
        return known
    try:
        raw = letter.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    code = int.from_bytes(raw, "big")
    if not _CODES[0] <= code <= _LAST_CODE:
        return ""
    return _FIRST_CODES[bisect_right(_CODES, code) - 1][1]

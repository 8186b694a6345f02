"""What unknown sheets and columns of workbooks stand for, as people answered it."""

from __future__ import annotations

from collections.abc import Mapping

# (sheet, heading; '' for the sheet itself) → the name it stands for ('' for: skip it).
Meanings = Mapping[tuple[str, str], str]


def remembered(memory: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """What unknown sheets (heading '') and columns stand for, as it was answered before."""
    found: dict[tuple[str, str], str] = {}
    for name, meaning in memory.items():
        sheet, _, heading = name.partition("\t")
        found[sheet, heading] = meaning
    return found

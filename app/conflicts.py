"""A refused change in the user's words: whose rows stand now, and what was wanted instead."""

from __future__ import annotations

from dataclasses import fields

from db.errors import Clash, Conflict
from domain.changes import Change, ChangeSet, Row
from widgets.details.pegging import row_title
from widgets.dialogs.conflict import Clashing, Difference
from widgets.text import show


def clashing_rows(error: Conflict, changes: ChangeSet) -> list[Clashing]:
    """Every row somebody else changed first, with the fields in which the two wishes differ."""
    wanted = {change.row.id: change for change in changes}
    return [_clashing(clash, wanted.get(clash.row_id)) for clash in error.clashes]


def _clashing(clash: Clash, change: Change | None) -> Clashing:
    known = clash.current or (change.row if change else None)
    return Clashing(
        title=clash.kind.__name__ if known is None else row_title(known),
        who=clash.who,
        at=clash.at,
        is_gone=clash.current is None,
        differences=_differences(clash.current, change.after if change else None),
    )


def _differences(theirs: Row | None, yours: Row | None) -> list[Difference]:
    if theirs is None or yours is None:
        return []
    return [
        Difference(f"column.{each.name}", show(mine), show(yours_now))
        for each in fields(theirs)
        if each.name not in ("id", "row_version")
        and (mine := getattr(theirs, each.name)) != (yours_now := getattr(yours, each.name))
    ]

"""A refused change in the user's words: whose rows stand now, and what was wanted instead."""

from __future__ import annotations

from dataclasses import fields
from uuid import UUID

from db.errors import Clash, Conflict
from domain.changes import Change, ChangeSet, Row
from domain.plan import Plan
from widgets.dialogs.conflict import Clashing, Difference
from widgets.naming import Find, name_of, title_of
from widgets.text import format_duration, show

_OWN = frozenset({"id", "row_version"})
_MINUTES = frozenset({"weighted_lateness", "lower_bound", "setup_minutes"})


def clashing_rows(error: Conflict, changes: ChangeSet, plan: Plan) -> list[Clashing]:
    """Every row somebody else changed first, with the fields in which the two wishes differ.

    Rows that these name are looked for in the plan, and among those of the refused change.
    """
    wanted = {change.row.id: change for change in changes}

    def find(row_id: UUID) -> Row | None:
        return wanted[row_id].row if row_id in wanted else plan.find(row_id)

    return [_clashing(clash, wanted.get(clash.row_id), find) for clash in error.clashes]


def _clashing(clash: Clash, change: Change | None, find: Find) -> Clashing:
    known = clash.current or (change.row if change else None) or find(clash.row_id)
    return Clashing(
        title=title_of(clash.kind, known, find),
        who=clash.who,
        at=clash.at,
        is_gone=clash.current is None,
        differences=_differences(clash.current, change.after if change else None, find),
    )


def _differences(theirs: Row | None, yours: Row | None, find: Find) -> list[Difference]:
    if theirs is None or yours is None:
        return []
    return [
        Difference(
            f"column.{each.name}",
            _words(each.name, mine, find),
            _words(each.name, yours_now, find),
        )
        for each in fields(theirs)
        if each.name not in _OWN
        and (mine := getattr(theirs, each.name)) != (yours_now := getattr(yours, each.name))
    ]


def _words(field: str, value: object, find: Find) -> str:
    """A value as people know it: rows by their names, minutes in hours and days."""
    if field in _MINUTES and isinstance(value, int):
        return format_duration(value)
    values = value if isinstance(value, tuple) else (value,)
    if not any(isinstance(each, UUID) for each in values):
        return show(value)
    rows = (find(each) for each in values if isinstance(each, UUID))
    return show([name_of(row, find) for row in rows if row is not None])

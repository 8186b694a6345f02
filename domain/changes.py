"""Rows and the changes to them: the one value that crosses every border of the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One stored fact.

    ``row_version`` is 1 when a row is first written and grows by one with every later change of it;
    0 marks a row that was never part of a change.
    """

    id: UUID
    row_version: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One row ``before`` → ``after``: None before is an insert, None after a delete.

    Use the makers below: they keep the row versions right.
    """

    before: Row | None
    after: Row | None

    @staticmethod
    def insert(row: Row) -> Change:
        """A new row, at version 1."""
        return Change(None, replace(row, row_version=1))

    @staticmethod
    def update(before: Row, after: Row) -> Change:
        """``after`` in the place of ``before``, one version on."""
        return Change(before, replace(after, row_version=before.row_version + 1))

    @staticmethod
    def delete(row: Row) -> Change:
        """``row`` goes."""
        return Change(row, None)

    @property
    def row(self) -> Row:
        """The row as it is known best: after the change, or what is deleted."""
        row = self.after if self.after is not None else self.before
        if row is None:
            raise ValueError("a change needs a row before or after")
        return row

    @property
    def kind(self) -> type[Row]:
        """The class of the changed row."""
        return type(self.row)

    def inverse(self) -> Change:
        """The change that takes this one back, fit to be submitted after it."""
        if self.before is None:
            return Change.delete(self.row)
        if self.after is None:
            return Change.insert(self.before)
        return Change.update(self.after, self.before)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What one gesture does: written in one transaction, undone as one entry.

    ``label`` is looked up as ``change.<label>`` in the catalogue and filled with ``params``; it is
    what the undo button says.
    """

    label: str
    changes: tuple[Change, ...]
    params: Mapping[str, object] = field(default_factory=dict[str, object])

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def inverse(self) -> ChangeSet:
        """The change set that takes this one back, in reverse order."""
        return replace(self, changes=tuple(c.inverse() for c in reversed(self.changes)))


def difference(label: str, before: Iterable[Row], after: Iterable[Row]) -> ChangeSet:
    """The change set from one set of rows to another, matched by id; equal rows are left out.

    Row versions are not compared: rows that differ in nothing else count as equal.
    """
    old = {row.id: row for row in before}
    new = {row.id: row for row in after}
    changes = [Change.delete(row) for key, row in old.items() if key not in new]
    for key, row in new.items():
        present = old.get(key)
        if present is None:
            changes.append(Change.insert(row))
        elif replace(row, row_version=present.row_version) != present:
            changes.append(Change.update(present, row))
    return ChangeSet(label, tuple(changes))

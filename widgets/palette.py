"""The command palette: any order, item, machine, work order and command, by a few letters."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListView, QVBoxLayout, QWidget
from typing_extensions import override

from widgets import theme
from widgets.pinyin import initials
from widgets.speaking import Speaking
from widgets.text import tr

_NONE = QModelIndex()
_SHOWN_AT_MOST, _RANKED_AT_MOST = 50, 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to go to or to do.

    ``kind`` is ``palette.<kind>`` in the catalogue and an icon's choice; ``keywords`` find it too;
    ``target`` is what ``PaletteDialog.chosen`` brings.
    """

    label: str
    kind: str
    target: object
    keywords: str = ""
    icon: str = "chevron-right"


class PaletteIndex:
    """Finds entries by prefix, part, pinyin initials, or letters in order; 20,000 in 20 ms."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = list(entries)
        lines = [_haystack(entry) for entry in self.entries]
        self._text = "\n" + "\n".join(lines)
        self._starts: list[int] = []
        at = 1
        for line in lines:
            self._starts.append(at)
            at += len(line) + 1

    def find(self, query: str) -> list[Entry]:
        """The best matches first; all words of the query must be found in an entry.

        Where more than some thousands match, only the first of each way to match are ranked.
        """
        words = query.casefold().split()
        if not words:
            return [entry for entry in self.entries if entry.kind == "command"][:_SHOWN_AT_MOST]
        longest = max(words, key=len)
        scores: dict[int, int] = {}
        for at in self._hits("\n" + longest, 1):
            scores.setdefault(at, 0)
        for at in self._hits(longest, 0) if len(scores) < _SHOWN_AT_MOST else ():
            scores.setdefault(at, 1)
        for at in () if scores else self._loose(longest):
            scores.setdefault(at, 2)
        fits = [at for at in scores if all(self._has(at, word) for word in words)]
        fits.sort(key=lambda at: (scores[at], len(self.entries[at].label), at))
        return [self.entries[at] for at in fits[:_SHOWN_AT_MOST]]

    def _hits(self, piece: str, lead: int) -> list[int]:
        found: list[int] = []
        at = self._text.find(piece)
        while at >= 0 and len(found) < _RANKED_AT_MOST:
            line = bisect_right(self._starts, at + lead) - 1
            found.append(line)
            end = self._starts[line + 1] - 1 if line + 1 < len(self._starts) else len(self._text)
            at = self._text.find(piece, end)
        return found

    def _loose(self, word: str) -> list[int]:
        """Entries that hold the letters of ``word`` in order, with others between."""
        if len(word) < 2:
            return []
        # Never stepping over the letter looked for, the search has nothing to take back.
        rest = "".join(rf"[^\n{re.escape(c)}]*{re.escape(c)}" for c in word[1:])
        pattern = re.compile(re.escape(word[0]) + rest)
        found: list[int] = []
        for match in pattern.finditer(self._text):
            line = bisect_right(self._starts, match.start()) - 1
            if not found or found[-1] != line:
                found.append(line)
            if len(found) >= _RANKED_AT_MOST:
                break
        return found

    def _has(self, at: int, word: str) -> bool:
        start = self._starts[at]
        end = self._starts[at + 1] - 1 if at + 1 < len(self._starts) else len(self._text)
        if self._text.find(word, start, end) >= 0:
            return True
        letters = iter(self._text[start:end])
        return all(letter in letters for letter in word)


def _haystack(entry: Entry) -> str:
    told = f"{entry.label} {entry.keywords}".casefold()
    return f"{told} {initials(told)}".replace("\n", " ")


class _Results(QAbstractListModel):
    """The matches as a list."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.entries: Sequence[Entry] = ()

    def show(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    @override
    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NONE) -> int:
        return 0 if parent.isValid() else len(self.entries)

    @override
    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return tr("palette.line", label=entry.label, kind=tr(f"palette.{entry.kind}"))
        if role == Qt.ItemDataRole.DecorationRole:
            return theme.icon(entry.icon, theme.Role.MUTED)
        return None


class PaletteDialog(Speaking, QDialog):
    """Type, arrow to a match, Enter. ``chosen`` brings the entry's target."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._index = PaletteIndex(())
        self.line = QLineEdit(self)
        self.say(self.line.setPlaceholderText, "palette.hint")
        self.say(self.line.setAccessibleName, "palette.title")
        self._results = _Results(self)
        self.list = QListView(self)
        self.list.setModel(self._results)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.say(self.list.setAccessibleName, "palette.title")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.line)
        layout.addWidget(self.list, 1)
        self.resize(560, 380)
        self.line.textChanged.connect(self._search)
        self.list.clicked.connect(self._take)

    def set_entries(self, entries: Iterable[Entry]) -> None:
        """What can be found."""
        self._index = PaletteIndex(entries)

    def open_over(self, window: QWidget) -> None:
        """Open at the top middle of a window, empty."""
        corner = window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 48))
        self.move(corner)
        self.show()

    def _search(self, text: str) -> None:
        self._results.show(self._index.find(text))
        self.list.setCurrentIndex(self._results.index(0))

    def _take(self, index: QModelIndex) -> None:
        if index.isValid():
            target = self._results.entries[index.row()].target
            self.accept()
            self.chosen.emit(target)

    def _step(self, by: int) -> None:
        count = self._results.rowCount()
        if count:
            row = (self.list.currentIndex().row() + by) % count
            self.list.setCurrentIndex(self._results.index(row))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.line.clear()
        self._search("")
        self.line.setFocus()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8}
        if event.key() in steps:
            self._step(steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentIndex())
        else:
            super().keyPressEvent(event)

"""Somebody else was faster: who changed what, and what now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QTreeWidget, QTreeWidgetItem, QWidget

from widgets.dialogs.frame import Dialog
from widgets.text import format_instant, tr


@dataclass(frozen=True, slots=True)
class Difference:
    """A field as it is now and as it was wanted here, both in words."""

    column: str
    theirs: str
    yours: str


@dataclass(frozen=True, slots=True)
class Clashing:
    """A row somebody else changed (or deleted: ``is_gone``). ``who`` and ``at`` None: unknown."""

    title: str
    who: str | None
    at: datetime | None
    is_gone: bool
    differences: Sequence[Difference] = ()


class ConflictDialog(Dialog):
    """Shows what stands now. ``again_wished``: make the change once more on top of it."""

    again_wished = Signal()

    def __init__(self, clashes: Sequence[Clashing], parent: QWidget | None = None) -> None:
        super().__init__("conflict.title", parent)
        lead = QLabel(self, wordWrap=True)
        self.say(lead.setText, "conflict.lead", count=len(clashes))
        self.tree = QTreeWidget(self)
        self.tree.setHeaderLabels([tr(f"conflict.{n}") for n in ("what", "theirs", "yours")])
        self.tree.addTopLevelItems([_branch(clash) for clash in clashes])
        self.tree.expandAll()
        for column, width in enumerate((320, 240, 120)):
            self.tree.setColumnWidth(column, width)
        self.body.addWidget(lead)
        self.body.addWidget(self.tree, 1)
        again = self.add_button("conflict.again", self._again)
        again.setEnabled(not any(clash.is_gone for clash in clashes))
        self.add_button("conflict.keep_theirs", self.reject, is_default=True)
        self.resize(760, 360)

    def _again(self) -> None:
        self.accept()
        self.again_wished.emit()


def _branch(clash: Clashing) -> QTreeWidgetItem:
    if clash.who and clash.at:
        deed = "conflict.deleted_by" if clash.is_gone else "conflict.changed_by"
        told = tr(deed, who=clash.who, at=format_instant(clash.at))
    else:
        told = tr("conflict.gone" if clash.is_gone else "conflict.changed")
    branch = _item(clash.title, told, "")
    branch.addChildren([_item(tr(d.column), d.theirs, d.yours) for d in clash.differences])
    return branch


def _item(*words: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem(words)
    for column, text in enumerate(words):  # what is cut off can be read all the same
        item.setToolTip(column, text)
    return item

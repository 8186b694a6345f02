"""The import wizard: file, unknown columns, what will happen or what is wrong, done.

It does no work itself: signals ask for reading and writing, methods show what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from widgets.dialogs.frame import Dialog
from widgets.dialogs.mapping import MappingTable, Unknown
from widgets.grid.view import GridView
from widgets.models.columns import Column, Kind
from widgets.text import tr
from widgets.theme import Role

_FILE, _MAPPING, _BUSY, _PREVIEW, _FAULTS, _DONE = range(6)


@dataclass(frozen=True, slots=True)
class FaultView:
    """A fault of the workbook in words: where, what was found, what is expected."""

    id: UUID
    sheet: str
    row: int | None
    column: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class CountView:
    """What an import would do with one sheet."""

    id: UUID
    sheet: str
    new: int
    changed: int
    same: int


_FAULT_COLUMNS = (
    Column(key="sheet", title="import.sheet", value=lambda v: v.sheet, width=100),
    Column(key="row", title="import.row", value=lambda v: v.row, kind=Kind.WHOLE, width=56),
    Column(key="column", title="import.column", value=lambda v: v.column, width=100),
    Column(
        key="value",
        title="import.value",
        value=lambda v: v.value,
        role=lambda _v: Role.LATE,
        width=110,
    ),
    Column(key="words", title="import.fault", value=lambda v: v.words, width=380),
)
_COUNT_COLUMNS = (
    Column(key="sheet", title="import.sheet", value=lambda v: v.sheet, width=220),
    Column(key="new", title="import.new", value=lambda v: v.new, kind=Kind.WHOLE),
    Column(key="changed", title="import.changed", value=lambda v: v.changed, kind=Kind.WHOLE),
    Column(key="same", title="import.same", value=lambda v: v.same, kind=Kind.WHOLE),
)


class ImportWizard(Dialog):
    """Asks ``read_wished`` (path, mapping) and, when the preview is liked, ``import_wished``.

    ``cancel_wished``: stop what runs. ``marked_wished``: save a marked copy at a path. The mapping
    is a dict (sheet, column; '' for the sheet itself) → what it stands for.
    """

    read_wished = Signal(object, object)
    import_wished = Signal()
    cancel_wished = Signal()
    marked_wished = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("import.title", parent)
        self.path: Path | None = None
        self._can_mark = True
        self.setAcceptDrops(True)
        self.pages = QStackedWidget(self)
        self.body.addWidget(self.pages, 1)
        self.mapping = MappingTable(self)
        self.counts = GridView(_COUNT_COLUMNS, "import_counts", self)
        self.faults = GridView(_FAULT_COLUMNS, "import_faults", self)
        self.counts.set_empty("import.no_change")
        self._told = QLabel(self, wordWrap=True)
        self._explained = QLabel(self, wordWrap=True, margin=8)
        self._explained.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar(self)
        self._lead = QLabel(self, wordWrap=True)
        self._add_pages()
        self.faults.chosen.current_changed.connect(self._explain)
        self.back = self.add_button("import.back", lambda: self._turn(_FILE))
        self.save_marked = self.add_button("import.save_marked", self._save_marked)
        self.cancel = self.add_button("words.cancel", self.reject)
        self.go = self.add_button("import.check", self._go, is_default=True)
        self.resize(820, 520)
        self._turn(_FILE)

    def _add_pages(self) -> None:
        self.line = QLineEdit(self)
        self.line.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self.say(self.line.setPlaceholderText, "import.path")
        self.say(self.line.setAccessibleName, "import.path")
        browse = QPushButton(self)
        browse.setAutoDefault(False)
        self.say(browse.setText, "import.browse")
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(browse)
        choose = QLabel(self, wordWrap=True)
        self.say(choose.setText, "import.choose")
        mapping = QLabel(self, wordWrap=True)
        self.say(mapping.setText, "import.mapping_lead")
        self._add_page(choose, row, None)
        self._add_page(mapping, self.mapping)
        self._add_page(self._lead, self._bar, None)
        preview, wrong = QLabel(self, wordWrap=True), QLabel(self, wordWrap=True)
        self.say(preview.setText, "import.preview_lead")
        self._wrong = wrong
        self._add_page(preview, self.counts)
        self._add_page(wrong, self.faults, self._explained)
        self._add_page(self._told, None)

    def _add_page(self, *parts: QWidget | QHBoxLayout | None) -> None:
        """Parts from top to bottom; None is empty space."""
        page = QWidget(self)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in parts:
            if part is None:
                layout.addStretch(1)
            elif isinstance(part, QWidget):
                layout.addWidget(part, 1 if isinstance(part, GridView | MappingTable) else 0)
            else:
                layout.addLayout(part)
        self.pages.addWidget(page)

    def open_file(self, path: Path) -> None:
        """Start with this file, as when it was dropped on the window."""
        self.line.setText(str(path))
        self._turn(_FILE)
        self._go()

    def show_unknown(
        self, unknown: Sequence[Unknown], chosen: Mapping[tuple[str, str], str]
    ) -> None:
        """Ask what unknown titles stand for."""
        self.mapping.show_unknown(unknown, chosen)
        self._turn(_MAPPING)

    def show_progress(self, share: float | None, key: str = "import.reading") -> None:
        """Show how far the work is, 0…1; None: nobody knows."""
        self._lead.setText(tr(key, file=self.path.name if self.path else ""))
        self._bar.setRange(0, 0 if share is None else 1000)
        if share is not None:
            self._bar.setValue(round(share * 1000))
        if self.pages.currentIndex() != _BUSY:
            self._turn(_BUSY)

    def show_preview(self, counts: Sequence[CountView]) -> None:
        """Show what the import would do; nothing to do is said too."""
        self.counts.show_rows(counts)
        self._turn(_PREVIEW)
        self.go.setEnabled(any(count.new or count.changed for count in counts))

    def show_faults(self, faults: Sequence[FaultView], *, can_mark: bool = True) -> None:
        """Show everything that is wrong; nothing was imported.

        ``can_mark`` offers a copy with the faulty cells marked.
        """
        self._can_mark = can_mark
        self.faults.say_words("")
        key = "import.faults_lead" if can_mark else "import.file_lead"
        self._wrong.setText(tr(key, count=len(faults)))
        self._explained.clear()
        self.faults.show_rows(faults)
        self._turn(_FAULTS)
        if faults:
            self.faults.chosen.select([faults[0].id])

    def show_done(self, words: str) -> None:
        """Say what became of it."""
        self._told.setText(words)
        self._turn(_DONE)

    def _turn(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self.back.setVisible(page in (_MAPPING, _PREVIEW, _FAULTS))
        self.save_marked.setVisible(page == _FAULTS and self._can_mark)
        self.cancel.setVisible(page != _DONE)
        self.go.setVisible(page != _BUSY)
        names = {_PREVIEW: "import.import", _DONE: "words.close", _FAULTS: "import.check_again"}
        self.go.setText(tr(names.get(page, "import.check")))
        self.go.setEnabled(page != _FILE or bool(self.line.text().strip()))
        if page == _FILE:
            self.line.setFocus()
            self.line.selectAll()

    def _go(self) -> None:
        page = self.pages.currentIndex()
        if page == _DONE:
            self.accept()
        elif page == _PREVIEW:
            self.import_wished.emit()
        else:
            self.path = Path(self.line.text().strip().strip('"'))
            mapping = self.mapping.chosen() if page == _MAPPING else {}
            self.read_wished.emit(self.path, mapping)

    def _explain(self, fault: FaultView | None) -> None:
        if fault is None:
            self._explained.clear()
            return
        if not fault.sheet:
            self._explained.setText(fault.words)
            return
        key = "import.explained_cell" if fault.row and fault.column else "import.explained"
        self._explained.setText(
            tr(key, sheet=fault.sheet, row=fault.row, column=fault.column, words=fault.words)
        )

    def _browse(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileName(
            self, tr("import.browse"), self.line.text(), tr("import.file_kinds")
        )
        if chosen:
            self.line.setText(chosen)

    def _save_marked(self) -> None:
        stem = (
            self.path.with_name(tr("import.marked_name", name=self.path.stem)) if self.path else ""
        )
        chosen, _kind = QFileDialog.getSaveFileName(
            self, tr("import.save_marked"), str(stem), tr("import.file_kinds")
        )
        if chosen:
            out = Path(chosen)
            is_book = out.suffix.casefold() == ".xlsx"
            self.marked_wished.emit(out if is_book else out.with_name(f"{out.name}.xlsx"))

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self._turn(self.pages.currentIndex())

    @override
    def reject(self) -> None:
        if self.pages.currentIndex() == _BUSY:
            self.cancel_wished.emit()
        super().reject()

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.open_file(Path(files[0]))

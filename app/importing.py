"""The import wizard at work: reading, faults, mapping and writing, all off the UI thread."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.exchange.faults import Fault, fault_text
from app.exchange.mapping import Meanings, remembered
from app.exchange.marking import mark_faults
from app.exchange.reading import Reading, read_workbook
from app.exchange.records import Skipped, sheet_of
from app.exchange.sheets import SHEETS
from app.session import Session
from app.worker import Failure, Job
from widgets.dialogs.importing import CountView, FaultView, ImportWizard
from widgets.dialogs.mapping import Unknown
from widgets.dialogs.words import show_error
from widgets.text import tr


class Importing(QObject):
    """One wizard from the file to the database. What unknown columns stand for is remembered."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._memory = session.config.section("import.mapping")
        self._reading: Reading | None = None
        self._job: Job[Reading] | None = None
        self._asked: set[tuple[str, str]] = set()
        self.wizard = ImportWizard(parent)
        self.wizard.read_wished.connect(self._read)
        self.wizard.import_wished.connect(self._import)
        self.wizard.cancel_wished.connect(self._cancel)
        self.wizard.marked_wished.connect(self._mark)
        self.wizard.finished.connect(self._end)

    def open(self, path: Path | None = None) -> None:
        """Show the wizard, with a file already chosen if there is one."""
        self.wizard.open()
        if path is not None:
            self.wizard.open_file(path)

    def _read(self, path: Path, chosen: Meanings) -> None:
        for sheet, heading in self._asked:
            self._memory[f"{sheet}\t{heading}"] = chosen.get((sheet, heading), "")
        self._asked.clear()
        session = self._session
        plan = session.bench.plan.copy()
        today = session.outlooks.current.today
        mapping = remembered(self._memory)

        def work(job: Job[Reading]) -> Reading:
            return read_workbook(
                path,
                plan,
                new_id=uuid4,
                today=today,
                mapping=mapping,
                progress=job.report,
                should_stop=lambda: job.is_cancelled,
            )

        self.wizard.show_progress(0.0)
        self._job = session.worker.run("import", work, self._take, self._fail)
        self._job.progressed.connect(lambda share, _words: self.wizard.show_progress(share))

    def _take(self, reading: Reading) -> None:
        self._job = None
        if reading.stopped:
            return
        self._reading = reading
        known = remembered(self._memory)
        asked = [each for each in reading.skipped if (each.sheet, each.heading) not in known]
        if asked:
            self._asked = {(each.sheet, each.heading) for each in asked}
            unknown = [Unknown(each.sheet, each.heading, _choices(each, known)) for each in asked]
            proposals = {(e.sheet, e.heading): e.proposal.name for e in asked if e.proposal}
            self.wizard.show_unknown(unknown, proposals)
        elif reading.faults:
            views = [_fault_view(fault) for fault in reading.faults]
            is_open = not any(fault.is_of_file for fault in reading.faults)
            self.wizard.show_faults(views, can_mark=is_open)
        else:
            self.wizard.show_preview(_counts(reading))

    def _import(self) -> None:
        if self._reading is None:
            return
        self._session.bench.submit(self._reading.changes)
        self.wizard.show_done(tr("import.done", count=len(self._reading.changes)))

    def _mark(self, out: Path) -> None:
        reading, path = self._reading, self.wizard.path
        if reading is None or path is None:
            return

        def work(_job: Job[None]) -> None:
            mark_faults(path, reading.faults, out)

        def done(_none: None) -> None:
            self.wizard.faults.say_words(tr("import.marked_saved", file=out))

        self._session.worker.run("mark", work, done, self._fail)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _fail(self, error: Failure) -> None:
        self._job = None
        show_error(self.wizard, error)

    def _end(self) -> None:
        self._cancel()
        self.deleteLater()
        self.wizard.deleteLater()


def _choices(skipped: Skipped, known: Meanings) -> list[tuple[str, str]]:
    """What an unknown title may stand for: (name, as the user reads it)."""
    if not skipped.heading:
        return [(sheet.name, str(sheet)) for sheet in SHEETS]
    sheet = sheet_of(skipped.sheet, known)
    return [(column.name, str(column)) for column in sheet.columns] if sheet else []


def _fault_view(fault: Fault) -> FaultView:
    return FaultView(uuid4(), fault.sheet, fault.row, fault.column, fault.value, fault_text(fault))


def _counts(reading: Reading) -> list[CountView]:
    return [
        CountView(uuid4(), str(sheet), count.new, count.changed, count.same)
        for sheet in SHEETS
        if (count := reading.counts.get(sheet.name)) is not None
    ]

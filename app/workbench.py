"""The one door for changes: what is submitted is seen at once, written next, undone if refused.

A change set is applied to the plan in memory immediately and handed to the store in the background.
If the store refuses it (somebody else was faster, a rule of the database), the rows concerned are
read again, so that the screen shows the truth. If the connection is lost, the change set waits and
is written when the server is back; its token keeps a commit that was cut off from being made twice.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.rereading import News, Rereading
from app.worker import Failure, Job, Worker
from db.errors import StoreError
from db.store import Store
from domain.changes import ChangeSet, Row
from domain.errors import DomainError
from domain.plan import MANY, ROW_TYPES, Plan, same_content

# The server is away: the change set waits, and is tried again when it is back.
_WAITS = ("connection_lost", "outcome_unknown", "server_unreachable")

_DRAWN_MILLISECONDS = 150
"""So long a change of many rows waits: packing them would take the turn from drawing them."""

_UNDO_DEPTH = 200


@dataclass(slots=True)
class _Entry:
    """A change set on its way to the store, and the stack (undo or redo) it stands on."""

    changes: ChangeSet
    stack: list[ChangeSet]
    token: UUID = field(default_factory=uuid4)


class Workbench(QObject):
    """Holds the plan in memory and everything that changes it.

    Signals: ``rows_changed`` with the kinds and ids that views must repaint (a dict kind → ids,
    None for all rows of the kind); ``pending_changed`` with the number of change sets not yet
    stored; ``undo_changed`` when undo or redo mean something else now; ``refused`` with the error
    and the change set that was not taken. ``heard`` is for the listener's thread: a kind and ids
    (None: all) that somebody changed.
    """

    rows_changed = Signal(object)
    pending_changed = Signal(int)
    undo_changed = Signal()
    refused = Signal(object, object)
    reloaded = Signal()
    heard = Signal(object, object)
    load_failed = Signal(object)

    def __init__(self, store: Store, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.plan = Plan()
        self.revision = 0
        """Becomes more whenever rows say something else, which a new version alone does not."""
        self.store = store
        self._worker = worker
        self._queue: deque[_Entry] = deque()
        self._is_writing = False
        self._undo: list[ChangeSet] = []
        self._redo: list[ChangeSet] = []
        self._soon = QTimer(self, singleShot=True, interval=_DRAWN_MILLISECONDS)
        self._soon.timeout.connect(self._write_next)
        self.rereading = Rereading(store, worker, lambda: self.plan, self)
        self.rereading.found.connect(self._take_news)
        self.heard.connect(self.rereading.mark_stale, Qt.ConnectionType.QueuedConnection)

    # own changes

    def submit(self, changes: ChangeSet) -> None:
        """Make a change: shown now, written in the background, undoable."""
        if changes.changes:
            self._redo.clear()
            self._send(changes, self._undo)

    def undo(self) -> None:
        """Take the last own change back, unless somebody changed its rows since."""
        self._take_back(self._undo, self._redo)

    def redo(self) -> None:
        """Make the change that was undone last again."""
        self._take_back(self._redo, self._undo)

    @property
    def undoable(self) -> ChangeSet | None:
        """What ``undo`` would take back."""
        return self._undo[-1] if self._undo else None

    @property
    def redoable(self) -> ChangeSet | None:
        """What ``redo`` would make again."""
        return self._redo[-1] if self._redo else None

    @property
    def pending_count(self) -> int:
        """Change sets not yet known to be stored."""
        return len(self._queue)

    def pending_ids(self) -> set[UUID]:
        """The rows whose change is not yet known to be stored."""
        return {change.row.id for entry in self._queue for change in entry.changes}

    def _take_back(self, source: list[ChangeSet], target: list[ChangeSet]) -> None:
        if not source:
            return
        changes = source.pop()
        try:
            inverse = self.plan.undoing(changes)
        except DomainError as error:
            self.undo_changed.emit()
            self.refused.emit(error, changes)
            return
        self._send(inverse, target)

    def _send(self, changes: ChangeSet, stack: list[ChangeSet]) -> None:
        if self.store.is_read_only:
            self.refused.emit(StoreError("schema_newer"), changes)
            return
        self.plan.apply(changes)
        self.revision += 1
        stack.append(changes)
        del stack[:-_UNDO_DEPTH]
        self._queue.append(_Entry(changes, stack))
        self._announce(changes)
        self.pending_changed.emit(len(self._queue))
        self.undo_changed.emit()
        if len(changes) > MANY:
            self._soon.start()
        else:
            self._write_next()

    # on the way to the store

    def resume(self) -> None:
        """The server is back: write what waited."""
        self._write_next()

    def _write_next(self) -> None:
        if self._is_writing or not self._queue:
            return
        entry = self._queue[0]
        self._is_writing = True

        def write(_job: Job[None]) -> None:
            self.store.write(entry.changes, entry.token)

        self._worker.run(
            entry.changes.label, write, self._on_written, self._on_write_failed, lane="store"
        )

    def _on_written(self, _result: object) -> None:
        self._is_writing = False
        self._queue.popleft()
        self.pending_changed.emit(len(self._queue))
        self._write_next()

    def _on_write_failed(self, error: Failure) -> None:
        self._is_writing = False
        if isinstance(error, StoreError) and error.code in _WAITS:
            self.pending_changed.emit(len(self._queue))
            return
        entry = self._queue.popleft()
        entry.stack[:] = [changes for changes in entry.stack if changes is not entry.changes]
        for change in entry.changes:
            self.rereading.mark_stale(change.kind, (change.row.id,))
        self.pending_changed.emit(len(self._queue))
        self.undo_changed.emit()
        self.refused.emit(error, entry.changes)
        self._write_next()

    # what others change

    def _take_news(self, news: News) -> None:
        """Put rows as the database has them, except where an own change is still on its way."""
        pending = self.pending_ids()
        changed: dict[type[Row], set[UUID] | None] = {}
        is_news = False
        for kind, rows in news.items():
            touched: set[UUID] = set()
            for row_id, row in rows.items():
                known = self.plan.get(kind, row_id)
                if row_id in pending or row == known:
                    continue
                is_news = is_news or not same_content(row, known)
                touched.add(row_id)
                if row is None:
                    self.plan.drop(kind, row_id)
                else:
                    self.plan.put(row)
            if touched:
                changed[kind] = touched
        self.revision += is_news
        if changed:
            self.rows_changed.emit(changed)

    def close(self) -> None:
        """Hear no more of others; call before the worker is closed."""
        self.heard.disconnect(self.rereading.mark_stale)
        self.rereading.close()
        self._soon.stop()

    def reload(self) -> None:
        """Read everything again: at the start, and after the connection was lost."""

        def load(_job: Job[Plan]) -> Plan:
            return self.store.load()

        self._worker.run("load", load, self._take_all, self.load_failed.emit, lane="store")

    def _take_all(self, plan: Plan) -> None:
        for entry in self._queue:
            plan.apply(entry.changes)
        self.plan = plan
        self.revision += 1
        self.rows_changed.emit(dict.fromkeys(ROW_TYPES))
        self.reloaded.emit()
        self._write_next()

    def _announce(self, changes: ChangeSet) -> None:
        touched: dict[type[Row], set[UUID]] = {}
        for change in changes:
            touched.setdefault(change.kind, set()).add(change.row.id)
        self.rows_changed.emit(touched)

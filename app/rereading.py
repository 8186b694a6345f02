"""What others have changed is read again: gathered first, one reading at a time, told as news."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from app.worker import Failure, Job, Worker
from db.store import Store
from domain.changes import Row
from domain.plan import Plan

News = dict[type[Row], dict[UUID, Row | None]]
"""The rows that the database has otherwise than they were known, None where one is gone."""

_GATHER_MILLISECONDS = 25
_RETRY_MILLISECONDS = 1000


class Rereading(QObject):
    """Reads stale rows again in the background; ``found`` brings the News.

    Most of what comes back is what this client has just written: with thousands of rows the window
    is not the place to find that out, so that they are compared where they are read.
    """

    found = Signal(object)

    def __init__(
        self, store: Store, worker: Worker, known: Callable[[], Plan], parent: QObject
    ) -> None:
        """``known`` gives the plan in memory as it is now."""
        super().__init__(parent)
        self._store = store
        self._worker = worker
        self._known = known
        self._stale: dict[type[Row], set[UUID] | None] = {}
        self._is_reading = self._is_closed = False
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._read)

    def mark_stale(self, kind: type[Row], ids: Iterable[UUID] | None) -> None:
        """Rows of a kind (None: all of them) were changed elsewhere: read them again soon."""
        self._note(kind, ids)
        self._start(_GATHER_MILLISECONDS)

    def close(self) -> None:
        """Read no more; call before the worker is closed."""
        self._is_closed = True
        self._soon.stop()

    def _start(self, milliseconds: int) -> None:
        if not self._is_closed:  # word of a change may still be on its way to here
            self._soon.start(milliseconds)

    def _note(self, kind: type[Row], ids: Iterable[UUID] | None) -> None:
        known = self._stale.get(kind, set())
        self._stale[kind] = None if ids is None or known is None else known | set(ids)

    def _read(self) -> None:
        if self._is_reading:  # the next is compared with what this one's news makes of the plan
            return
        self._is_reading = True
        stale, self._stale = self._stale, {}
        plan = self._known()
        seen = plan.copy()

        def read(_job: Job[News]) -> News:
            return {kind: _news(self._store, seen, kind, ids) for kind, ids in stale.items()}

        def again() -> None:
            """What is stale stays so."""
            for kind, ids in stale.items():
                self._note(kind, ids)

        def take(news: News) -> None:
            self._is_reading = False
            if self._known() is plan:
                self.found.emit(news)
            else:  # all rows were loaded meanwhile, and this is no news to these
                again()
            if self._stale:
                self._start(_GATHER_MILLISECONDS)

        def fail(_error: Failure) -> None:
            self._is_reading = False
            again()
            self._start(_RETRY_MILLISECONDS)

        self._worker.run("read", read, take, fail, lane="store")


def _news(
    store: Store, seen: Plan, kind: type[Row], ids: set[UUID] | None
) -> dict[UUID, Row | None]:
    rows = store.read_all(kind) if ids is None else store.read(kind, ids)
    found = {row.id: row for row in rows}
    wanted = seen.table(kind).keys() if ids is None else ids
    return {
        row_id: found.get(row_id)
        for row_id in wanted | found.keys()
        if found.get(row_id) != seen.get(kind, row_id)
    }

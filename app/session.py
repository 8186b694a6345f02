"""One person at one database, from opening it to leaving: the parts that live as long as that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from app.config import Config
from app.login import Database, open_database
from app.outlooks import Outlooks
from app.solving import PlanningProcess
from app.workbench import Workbench
from app.worker import Job, Worker
from db.listener import LinkState, Listener

_PENDING_RETRY_MILLISECONDS = 3000
_NOT_OPEN = "the database is not open yet"


def this_minute() -> datetime:
    """The clock's minute, in UTC."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


class Session(QObject):
    """The open database with its workbench, listener, planning process and outlook.

    ``link_changed`` tells a LinkState; ``opened`` comes once, when everything is loaded;
    ``failed`` carries the error that kept the database from opening.
    """

    link_changed = Signal(object)
    opened = Signal()
    failed = Signal(object)

    def __init__(
        self,
        config: Config,
        clock: Callable[[], datetime] = this_minute,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.config = config
        self.clock = clock
        self.worker = Worker(self)
        self.planning = PlanningProcess(gives_way=True)
        self.link = LinkState.RECONNECTING
        self.database: Database | None = None
        self._listener: Listener | None = None
        self._bench: Workbench | None = None
        self._outlooks: Outlooks | None = None
        self._retry = QTimer(self, interval=_PENDING_RETRY_MILLISECONDS)
        self._retry.timeout.connect(self._try_again)
        self._is_reviving = False

    @property
    def bench(self) -> Workbench:
        """The one door for changes; there from ``opened`` on."""
        if self._bench is None:
            raise RuntimeError(_NOT_OPEN)
        return self._bench

    @property
    def outlooks(self) -> Outlooks:
        """What panels show; there from ``opened`` on."""
        if self._outlooks is None:
            raise RuntimeError(_NOT_OPEN)
        return self._outlooks

    def open(self, url: str | None = None) -> None:
        """Open the database in the background; ``opened`` or ``failed`` follows."""

        def work(_job: Job[Database]) -> Database:
            return open_database(url, self.config)

        self.worker.run("open_database", work, self._connect_parts, self.failed.emit, lane="store")

    def _connect_parts(self, database: Database) -> None:
        self.database = database
        bench = self._bench = Workbench(database.store, self.worker, self)
        self._outlooks = Outlooks(bench, self.worker, self.clock, self)
        self.link_changed.connect(self._note_link)
        listener = Listener(database.url, bench.heard.emit, self.link_changed.emit)
        self._listener = listener
        listener.start()
        bench.reloaded.connect(self.opened)
        bench.load_failed.connect(self.failed)

        def wait(_job: Job[None]) -> None:
            listener.wait_live(10)  # so that nothing changes unheard after the reading

        self.worker.run("listen", wait, lambda _none: bench.reload(), lane="store")

    def _note_link(self, state: LinkState) -> None:
        if self.database is None:
            return  # the listener's last word, heard after the end
        self.link = state
        if state is LinkState.LIVE:
            self._retry.stop()
            self._resume()
        else:
            self._retry.start()
            self._try_again()

    def _try_again(self) -> None:
        """While the link is down: start an embedded server that died, write what waits."""
        server = self.database.server if self.database is not None else None
        if server is not None and not self._is_reviving:
            self._is_reviving = True

            def work(_job: Job[str]) -> str:
                return server.start()

            self.worker.run("start_server", work, self._revived, self._revived)
        self._resume()

    def _revived(self, _outcome: object) -> None:
        """Whether it worked shows in the link; if not, the next try follows."""
        self._is_reviving = False

    def _resume(self) -> None:
        if self._bench is not None:
            self._bench.resume()

    def close(self) -> None:
        """Leave: end the background work, the planning process, the connection, in this order."""
        self._retry.stop()
        if self._listener is not None:
            self._listener.stop()
        if self._outlooks is not None:
            self._outlooks.close()
        if self._bench is not None:
            self._bench.close()
        self.planning.close()
        self.worker.close()
        if self.database is not None:
            self.database.close()
            self.database = None

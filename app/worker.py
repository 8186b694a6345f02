"""Work off the UI thread: the only place in the program that knows threads and Qt together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from app.file_errors import file_error
from db.errors import StoreError
from domain.errors import DomainError

T = TypeVar("T")
Failure = DomainError | StoreError
_LANES = ("store", "files", "planning", "outlook", "questions")
_log = logging.getLogger(__name__)


@contextmanager
def coded_errors(title: str) -> Generator[None]:
    """Whatever goes wrong inside becomes an error with a code and a text for the user.

    For jobs, and for what the UI thread has to work out itself and cannot be sure of.

    Raises:
        DomainError, StoreError: as raised inside; ``unexpected`` for what nobody thought of.
    """
    try:
        yield
    except (DomainError, StoreError):
        raise
    except OSError as error:
        raise file_error(error) from error
    except Exception as error:
        _log.exception("unexpected failure in %s", title)
        raise DomainError("unexpected", what=f"{type(error).__name__}: {error}") from error


class Job(QObject, Generic[T]):
    """A piece of work under way. Its signals arrive on the UI thread, ``finished`` just before
    the outcome, which may show a dialog and stay in it."""

    progressed = Signal(float, str)
    told = Signal(object)
    done = Signal(object)
    failed = Signal(object)
    finished = Signal()

    def __init__(self, title: str, work: Callable[[Job[T]], T]) -> None:
        super().__init__()
        self.title = title
        self._work = work
        self._cancelled = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """True once somebody asked the work to stop; long work looks at it."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask the work to stop; it does so when it next looks."""
        self._cancelled.set()

    def report(self, fraction: float, what: str = "") -> None:
        """Called by the work itself: how far it is (0…1) and at what."""
        self.progressed.emit(fraction, what)

    def perform(self) -> Callable[[], None]:
        """Do the work on the calling thread; returns what announces the outcome."""
        try:
            with coded_errors(self.title):
                result = self._work(self)
        except (DomainError, StoreError) as error:
            caught: Failure = error
        else:
            return lambda: self.done.emit(result)
        return lambda: self.failed.emit(caught)


class Worker(QObject):
    """Lanes of background work: each lane does one thing at a time, in the order given.

    ``store`` is for writes and reads of the database, ``planning`` for planning runs, ``outlook``
    for what follows from changed rows (what they mean, what a drag needs), ``questions`` for what
    takes the engine some seconds to answer, ``files`` for everything else.
    """

    started = Signal(object)
    _announced = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = {name: ThreadPoolExecutor(1, name) for name in _LANES}
        self._announced.connect(self._announce, Qt.ConnectionType.QueuedConnection)
        self._running: set[Job[object]] = set()
        self._is_closed = False

    def run(
        self,
        title: str,
        work: Callable[[Job[T]], T],
        done: Callable[[T], object] | None = None,
        failed: Callable[[Failure], object] | None = None,
        *,
        told: Callable[..., object] | None = None,
        lane: str = "files",
    ) -> Job[T]:
        """Start work on a lane; ``done`` or ``failed`` is called on the UI thread, and ``told``
        before it with each thing that the work tells.

        After the end nothing begins any more.
        """
        job = Job(title, work)
        if self._is_closed:
            return job  # a late signal asked for it; nobody would hear of it any more
        if done is not None:
            job.done.connect(done)
        if failed is not None:
            job.failed.connect(failed)
        if told is not None:  # before the work begins, which may have something to tell at once
            job.told.connect(told)
        self._running.add(job)  # pyright: ignore[reportArgumentType]
        self._lanes[lane].submit(lambda: self._announced.emit(job, job.perform()))
        self.started.emit(job)
        return job

    def close(self) -> None:
        """Cancel what runs and wait for it; nothing is announced any more."""
        self._is_closed = True  # what is announced already may still be on its way
        for job in self._running:
            job.cancel()
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)

    def _announce(self, job: Job[object], outcome: Callable[[], None]) -> None:
        if self._is_closed:
            return
        self._running.discard(job)
        job.finished.emit()
        outcome()

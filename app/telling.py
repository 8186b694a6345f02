"""Telling how a search goes beside the search, which does not wait for the checker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.scheduling.engine import Progress

_logger = logging.getLogger(__name__)


class Telling:
    """Passes on what a search says, in a thread of its own and in its order.

    To check a plan of 10,000 operations takes longer than to find the next: of what comes
    meanwhile the last is kept, with the newest plan among it. Use as a context manager: at its
    end, what is being told is told to its end, and what still waits is not.
    """

    def __init__(self, tell: Callable[[Progress], object]) -> None:
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, "telling")
        self._under_way: Future[None] | None = None
        self._lock = Lock()
        self._waiting: Progress | None = None
        self._is_telling = False

    def hear(self, progress: Progress) -> None:
        """Pass this on as soon as may be; whatever went wrong before is raised here."""
        with self._lock:
            waiting = self._waiting
            if progress.solution is None and waiting is not None:
                progress = replace(progress, solution=waiting.solution)
            self._waiting = progress if self._is_telling else None
            if self._is_telling:
                return
            self._is_telling = True
        self._join()
        self._under_way = self._thread.submit(self._tell_all, progress)

    def _tell_all(self, progress: Progress | None) -> None:
        try:
            while progress is not None:
                self._tell(progress)
                progress = self._next()
        except BaseException:
            self._is_telling = False  # whoever is heard next raises it
            raise

    def _next(self) -> Progress | None:
        with self._lock:
            progress, self._waiting = self._waiting, None
            self._is_telling = progress is not None
            return progress

    def _join(self) -> None:
        if self._under_way is not None:
            self._under_way.result()

    def __enter__(self) -> Telling:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._waiting = None
        self._thread.shutdown()
        if kind is None:
            self._join()
        elif self._under_way is not None:
            other = self._under_way.exception()
            if other is not None and other is not error:
                _logger.warning("telling of the search failed, too: %r", other)

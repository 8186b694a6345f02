"""Telling how a search goes beside the search, which does not wait for the checker."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.scheduling.engine import Progress


class Telling:
    """Passes on what a search says, in a thread of its own and in its order.

    To check a plan of 10,000 operations takes longer than to find the next: of what comes
    meanwhile the last is kept, with the newest plan among it. Use as a context manager: at its
    end, what is being told is told to its end, and what still waits is not.
    """

    def __init__(self, tell: Callable[[Progress], object]) -> None:
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, "telling")
        self._under_way: Future[object] | None = None
        self._waiting: Progress | None = None

    def hear(self, progress: Progress) -> None:
        """Pass this on as soon as may be; whatever went wrong before is raised here."""
        waiting = self._waiting
        if progress.solution is None and waiting is not None:
            progress = replace(progress, solution=waiting.solution)
        if self._under_way is not None and not self._under_way.done():
            self._waiting = progress
            return
        self._join()
        self._waiting = None
        self._under_way = self._thread.submit(self._tell, progress)

    def _join(self) -> None:
        if self._under_way is not None:
            self._under_way.result()

    def __enter__(self) -> Telling:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown()
        if kind is None:
            self._join()

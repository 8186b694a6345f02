"""Work that is put off to the next turn of the event loop, so that none takes too long."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class NextTurn(QTimer):
    """Does the last thing that it was given, once."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent, singleShot=True, interval=0)
        self._work: Callable[[], object] | None = None
        self.timeout.connect(self.end)

    def begin(self, work: Callable[[], object], *, at_once: bool = False) -> None:
        """Do this in the next turn, or now; what has waited so far is not done any more."""
        self._work = work
        self.start()
        if at_once:
            self.end()

    def end(self) -> None:
        """Do now what waits, if anything does."""
        self.stop()
        work, self._work = self._work, None
        if work is not None:
            work()

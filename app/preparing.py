"""Tells in the status bar how far the planning process is with what it has to compile."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.solving import PlanningProcess
from widgets.shell.status import StatusBar
from widgets.text import format_duration, tr

_KEY = "engine"
_LOOK_MILLISECONDS = 500
_QUIET_SECONDS = 2.0
"""What is loaded from disk is there before anybody could read that it is not."""
_ENOUGH_TO_GUESS = 0.1
"""From this share on, what is left is guessed from what is done."""


class PreparingSign(QObject):
    """There as long as the engine is not; it begins to look at once."""

    def __init__(
        self,
        planning: PlanningProcess,
        status: StatusBar,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._planning, self._status, self._clock = planning, status, clock
        self._begun, self._is_shown = clock(), False
        self._timer = QTimer(self, interval=_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def stop(self) -> None:
        """Look no more, and take the sign away."""
        self._timer.stop()
        self._status.end_job(_KEY)

    def _look(self) -> None:
        if not self._planning.is_preparing:
            self.stop()
            return
        seconds = self._clock() - self._begun
        if seconds < _QUIET_SECONDS:
            return
        if not self._is_shown:
            self._is_shown = True
            self._status.start_job(_KEY, "job.engine", can_cancel=False)
        warmth = self._planning.warmth
        share = warmth.done / warmth.total if warmth.total else 0.0
        self._status.show_job(_KEY, share, preparing_words(warmth.done, warmth.total, seconds))


def preparing_words(done: int, total: int, seconds: float) -> str:
    """How far it is, what has to wait, and as soon as that can be guessed for how long."""
    if done < _ENOUGH_TO_GUESS * total or not done:
        return tr("shell.preparing", done=done, total=total)
    left = max(1, round(seconds * (total - done) / done / 60))
    return tr("shell.preparing_left", done=done, total=total, left=format_duration(left))

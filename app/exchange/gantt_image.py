"""The plan as a picture: the window's own Gantt, painted without a window."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtWidgets import QApplication

from domain.errors import DomainError
from domain.plan import Plan
from domain.scenarios import Booking
from domain.scheduling.lateness import LineLateness
from widgets.gantt.data import GanttData
from widgets.gantt.image import render_image
from widgets.text import language
from widgets.theme import load_fonts

SIZE = QSize(1920, 1080)
_MINUTE = timedelta(minutes=1)


def write_gantt_image(
    path: Path,
    plan: Plan,
    bookings: Iterable[Booking],
    now_at: datetime,
    lateness: Iterable[LineLateness],
) -> None:
    """Write a PNG of the whole plan by machine, late orders outlined; needs no screen.

    Raises:
        DomainError: ``file_not_written`` if the folder cannot take it.
    """
    _application()
    slack = {
        fate.order_line.id: (fate.due_at - fate.finish_at) // _MINUTE
        for fate in lateness
        if fate.finish_at is not None
    }
    image = render_image(GanttData(plan, bookings, now_at, slack=slack), SIZE, language())
    if not image.save(str(path), "PNG"):  # pyright: ignore[reportArgumentType, reportCallIssue]
        raise DomainError("file_not_written", path=str(path))


@cache
def _application() -> QCoreApplication:
    """The process's one application, made where there is none, with fonts; kept until the end.

    It is one for widgets, so that a window can follow in the same process.
    """
    present = QCoreApplication.instance()
    if present is not None:
        return present
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(["gantry"])
    load_fonts(application)
    return application


def has_display() -> bool:
    """Whether windows can be shown (Linux without X or Wayland has none)."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

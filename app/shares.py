"""Docks keep their part of the window when it becomes larger or smaller.

Qt gives what is new in halves to all who can take it, so that a narrow panel is a broad one after
the window was small for a moment.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar
from typing_extensions import override

_SETTLED_MILLISECONDS = 200
"""So long after the window's last change of size, docks change theirs because of it."""


class Dock(QDockWidget):
    """A dock that tells when it has another size."""

    resized = Signal()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class DockShares(QObject):
    """Remembers what part of the window each dock has, as somebody or a workspace left it."""

    def __init__(self, window: QMainWindow, docks: Iterable[Dock]) -> None:
        super().__init__(window)
        self._window, self._docks = window, tuple(docks)
        self._shares: dict[Dock, tuple[float, float]] = {}
        self._size = window.size()
        self._settling = QTimer(self, singleShot=True, interval=_SETTLED_MILLISECONDS)
        self._settling.timeout.connect(lambda: self._note(self._new()))
        self._noting = QTimer(self, singleShot=True, interval=0)
        self._noting.timeout.connect(lambda: self._note(self._seen()))
        for dock in self._docks:
            dock.resized.connect(self._hear)

    def _hear(self) -> None:
        """A dock that changes its size while the window does not was given it by somebody."""
        if self._window.size() == self._size and not self._settling.isActive():
            self._noting.start()

    def _note(self, docks: Iterable[Dock]) -> None:
        if not self._settling.isActive():
            wide, high = self._window.width(), self._window.height()
            self._shares |= {dock: (dock.width() / wide, dock.height() / high) for dock in docks}

    def _new(self) -> list[Dock]:
        """Those in sight of which nothing is known, as when the program has just begun."""
        return [dock for dock in self._seen() if dock not in self._shares]

    def keep(self) -> None:
        """The window has another size: give each dock its part of it."""
        self._size = self._window.size()
        self._settling.start()
        columns: dict[int, list[Dock]] = {}
        for dock in self._seen():
            if dock in self._shares:
                columns.setdefault(dock.x(), []).append(dock)
        if columns:
            self._give([docks[0] for docks in columns.values()], Qt.Orientation.Horizontal)
        for docks in columns.values():
            self._give(docks, Qt.Orientation.Vertical)

    def _give(self, docks: list[Dock], orientation: Qt.Orientation) -> None:
        is_wide = orientation is Qt.Orientation.Horizontal
        parts = [self._shares[dock][0 if is_wide else 1] for dock in docks]
        room = sum(dock.width() if is_wide else dock.height() for dock in docks)
        tabs = [0 if is_wide else self._tabs(dock) for dock in docks]
        sizes = [
            max(1, round(part / sum(parts) * room) + more)
            for part, more in zip(parts, tabs, strict=True)
        ]
        self._window.resizeDocks(docks, sizes, orientation)

    def _tabs(self, dock: Dock) -> int:
        """How high the tabs are below a dock, which Qt counts to its place."""
        beside = self._window.tabifiedDockWidgets(dock)
        if all(other.isHidden() for other in beside):
            return 0
        own = Qt.FindChildOption.FindDirectChildrenOnly
        bars = self._window.findChildren(QTabBar, options=own)
        return max((bar.height() for bar in bars if bar.isVisible()), default=0)

    def _seen(self) -> list[Dock]:
        """The docks in sight; of those in one place that which is in front."""
        return [
            dock
            for dock in self._docks
            if not (dock.isFloating() or dock.visibleRegion().isEmpty())
        ]

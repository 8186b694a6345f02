"""Workspaces: arrangements of the panels, one for each kind of work, as each person left them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, MutableMapping
from typing import Any

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

# Name → panels from top to bottom at the left (several in one place: tabs), those at the right.
LAYOUTS: dict[str, tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]] = {
    "planner": ((("schedule",), ("orders", "mrp", "todo")), ("details",)),
    "sales": ((("orders",), ("schedule", "dashboard")), ("details", "inventory")),
    "warehouse": ((("inventory", "mrp"), ("items",)), ("details",)),
    "quality": ((("quality", "shopfloor"), ("items",)), ("details",)),
    "manager": ((("dashboard",), ("schedule", "orders")), ("todo", "details")),
}
DEFAULT = "planner"
_SIDE_SHARE, _TOP_SHARE = 0.24, 0.62
_SIDE_SHARES = {"sales": 0.36}
"""Where the side holds more than lines of text."""
_FORMAT = 1
"""Grows when docks are renamed, so that old arrangements are not misread."""


class Workspaces:
    """Switches a window's docks between arrangements and remembers each as it was left."""

    def __init__(
        self,
        window: QMainWindow,
        docks: Mapping[str, QDockWidget],
        memory: MutableMapping[str, Any],
    ) -> None:
        self._window = window
        self._docks = docks
        self._memory = memory
        self.name: str = memory.get("current", DEFAULT)
        if self.name not in LAYOUTS:
            self.name = DEFAULT

    def restore(self) -> None:
        """Arrange the docks as the current workspace was left, else as it comes."""
        saved = self._memory.get(f"state.{self.name}")
        if not isinstance(saved, str):
            self.reset()
            return
        state = QByteArray.fromBase64(saved.encode())
        if not self._window.restoreState(state, _FORMAT):
            self.reset()

    def save(self) -> None:
        """Remember the arrangement as it is."""
        state = self._window.saveState(_FORMAT).data()
        self._memory[f"state.{self.name}"] = b64encode(state).decode("ascii")
        self._memory["current"] = self.name

    def switch(self, name: str) -> None:
        """Leave this workspace as it is, and go to another."""
        self.save()
        self.name = name
        self.restore()
        self._memory["current"] = name

    def reset(self) -> None:
        """Arrange the current workspace as it comes."""
        columns, side = LAYOUTS[self.name]
        for dock in self._docks.values():
            dock.setFloating(False)
            self._window.removeDockWidget(dock)
        heads = self._place_columns(columns)
        beside = self._place_side(side)
        self._keep_at_hand(columns, side, heads[0])
        wide, high = self._window.width(), self._window.height()
        share = int(wide * _SIDE_SHARES.get(self.name, _SIDE_SHARE))
        horizontal = Qt.Orientation.Horizontal
        self._window.resizeDocks([heads[0], beside[0]], [wide - share, share], horizontal)
        top = int(high * _TOP_SHARE)
        self._window.resizeDocks(heads, [top, high - top], Qt.Orientation.Vertical)

    def _place_columns(self, columns: tuple[tuple[str, ...], ...]) -> list[QDockWidget]:
        heads: list[QDockWidget] = []
        for names in columns:
            head = self._docks[names[0]]
            if heads:
                self._window.splitDockWidget(heads[-1], head, Qt.Orientation.Vertical)
            else:
                self._window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, head)
            head.show()
            heads.append(head)
        for head, names in zip(heads, columns, strict=True):
            for name in names[1:]:
                self._window.tabifyDockWidget(head, self._docks[name])
                self._docks[name].show()
            head.raise_()
        return heads

    def _keep_at_hand(
        self, columns: tuple[tuple[str, ...], ...], side: tuple[str, ...], head: QDockWidget
    ) -> None:
        """Panels that the workspace does not show open as tabs of its first place."""
        shown = {name for names in (*columns, side) for name in names}
        for name, dock in self._docks.items():
            if name not in shown:
                self._window.tabifyDockWidget(head, dock)
                dock.hide()

    def _place_side(self, names: tuple[str, ...]) -> list[QDockWidget]:
        docks = [self._docks[name] for name in names]
        for at, dock in enumerate(docks):
            self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
            if at:
                self._window.splitDockWidget(docks[at - 1], dock, Qt.Orientation.Vertical)
            dock.show()
        return docks

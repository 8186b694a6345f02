"""The activity rail: one button a panel, at the left edge of the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget
from typing_extensions import override

from widgets import theme
from widgets.speaking import Speaking
from widgets.text import tr

# Panels in the rail's order, with their icons.
PANELS = (
    ("orders", "clipboard-list"),
    ("schedule", "chart-gantt"),
    ("mrp", "layers"),
    ("items", "package"),
    ("shopfloor", "factory"),
    ("quality", "shield-check"),
    ("inventory", "warehouse"),
    ("dashboard", "layout-dashboard"),
    ("todo", "list-todo"),
)
_WIDTH, _HEIGHT = 76, 54
_NAMED, _LEAST = 48, 30
"""So high a button has room for its name, and so high at least for its icon."""
_SPACING, _MARGIN = 2, 4


class RailButton(QToolButton):
    """An icon over its name, with a number in the corner if something waits there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.count = 0
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(22, 22))
        self.setFixedSize(_WIDTH, _HEIGHT)

    def show_in(self, height: int) -> None:
        """Take that height; without the name, which the tip has too, where that is little."""
        style = Qt.ToolButtonStyle
        is_named = height >= _NAMED
        self.setToolButtonStyle(
            style.ToolButtonTextUnderIcon if is_named else style.ToolButtonIconOnly
        )
        self.setFixedSize(_WIDTH, height)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.count:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = str(self.count) if self.count < 100 else "99+"
        width = max(painter.fontMetrics().horizontalAdvance(words) + 8, 16)
        badge = QRectF(self.width() / 2 + 6, 4, width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(theme.Role.ACCENT))
        painter.drawRoundedRect(badge, 8, 8)
        painter.setPen(theme.colour(theme.Role.ON_ACCENT))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)


class ActivityRail(Speaking, QWidget):
    """Opens panels: ``wished`` tells which, by name; Ctrl+1 … Ctrl+9 do the same."""

    wished = Signal(str)

    def __init__(
        self, panels: Sequence[tuple[str, str]] = PANELS, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._buttons: dict[str, RailButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, _MARGIN, 2, _MARGIN)
        layout.setSpacing(_SPACING)
        for at, (name, icon) in enumerate(panels):
            button = RailButton(self)
            self.show_icon(button, icon)
            button.setShortcut(QKeySequence(f"Ctrl+{at + 1}"))
            button.clicked.connect(lambda _on=False, name=name: self.wished.emit(name))
            self._buttons[name] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.retranslate()

    @override
    def minimumSizeHint(self) -> QSize:
        least = len(self._buttons) * (_LEAST + _SPACING) + 2 * _MARGIN
        return QSize(super().minimumSizeHint().width(), least)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen all buttons are there, if need be without their names."""
        super().resizeEvent(event)
        room = (event.size().height() - 2 * _MARGIN) // len(self._buttons) - _SPACING
        for button in self._buttons.values():
            button.show_in(max(_LEAST, min(_HEIGHT, room)))

    def show_open(self, name: str, *, is_open: bool) -> None:
        """Mark a panel as open or not."""
        if name in self._buttons:
            self._buttons[name].setChecked(is_open)

    def set_count(self, name: str, count: int) -> None:
        """How many things wait in a panel; 0 shows none."""
        button = self._buttons[name]
        button.count = count
        button.update()
        self._name(name, button)

    def _name(self, name: str, button: RailButton) -> None:
        title = tr(f"panel.{name}")
        keys = button.shortcut()
        button.setText(title)
        button.setShortcut(keys)  # setText would take an ampersand's letter instead
        native = keys.toString(QKeySequence.SequenceFormat.NativeText)
        button.setToolTip(tr("shell.with_keys", name=title, keys=native))
        waiting = tr("shell.waiting", count=button.count) if button.count else ""
        button.setAccessibleName(f"{title} {waiting}".strip())

    @override
    def retranslate(self) -> None:
        super().retranslate()
        for name, button in self._buttons.items():
            self._name(name, button)

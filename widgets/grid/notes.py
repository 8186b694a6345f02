"""What a table says besides its rows: what belongs here, what was found, what went wrong."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from widgets import theme
from widgets.speaking import Speaking
from widgets.text import tr


class EmptyNote(Speaking, QWidget):
    """Says what belongs in an empty place, and offers the first step; covers its parent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        parent.installEventFilter(self)
        self._key = ""
        self._action: tuple[str, Callable[[], object]] | None = None
        self._label = QLabel(self, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton(self)
        self._button.clicked.connect(lambda: self._action and self._action[1]())
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(self._label)
        layout.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.retranslate()

    def tell(self, key: str, action: tuple[str, Callable[[], object]] | None = None) -> None:
        """Show the text of ``key``, with a button (its text's key, what it does) if given."""
        self._key, self._action = key, action
        self.retranslate()

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self._label.setText(tr(self._key) if self._key else "")
        self._button.setVisible(self._action is not None)
        if self._action is not None:
            self._button.setText(tr(self._action[0]))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QResizeEvent):
            self.resize(event.size())
        return super().eventFilter(watched, event)


class NoticeBar(Speaking, QWidget):
    """A line across a panel that says what went wrong, until it is closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        self._label = QLabel(self, wordWrap=True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton(self)
        close.clicked.connect(self.hide)
        self.show_icon(close, "x")
        self.say(close.setToolTip, "grid.close")
        self.say(close.setAccessibleName, "grid.close")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self._icon)
        layout.addWidget(self._label, 1)
        layout.addWidget(close)
        self.hide()

    def tell(self, words: str, role: theme.Role = theme.Role.LATE) -> None:
        """Show these words."""
        name = "info" if role is theme.Role.ACCENT else "triangle-alert"
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(theme.icon_pixmap(name, 16, ratio, role))
        self._label.setText(words)
        self.show()


class FindBar(Speaking, QWidget):
    """Ctrl+F: a line to type in, next and previous."""

    wanted = Signal(str, int)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.say(self.line.setPlaceholderText, "grid.find")
        self.say(self.line.setAccessibleName, "grid.find")
        self.line.textChanged.connect(lambda text: self.wanted.emit(text, 0))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.line, 1)
        for icon, key, step in (
            ("arrow-up", "grid.find_previous", -1),
            ("arrow-down", "grid.find_next", 1),
        ):
            button = QToolButton(self)
            self.show_icon(button, icon)
            self.say(button.setToolTip, key)
            self.say(button.setAccessibleName, key)
            button.clicked.connect(
                lambda _on=False, by=step: self.wanted.emit(self.line.text(), by)
            )
            layout.addWidget(button)
        self.hide()

    def open(self) -> None:
        """Show the bar with the cursor in its line."""
        self.show()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def tell_found(self, *, found: bool) -> None:
        """Mark the line when nothing was found."""
        self.line.setProperty("faulty", not found)
        self.line.style().polish(self.line)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3):
            self.wanted.emit(self.line.text(), -1 if back else 1)
        else:
            super().keyPressEvent(event)

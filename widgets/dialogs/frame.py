"""What all dialogs share: title, content, buttons at the bottom right, texts that follow."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from widgets.speaking import Speaking


class Dialog(Speaking, QDialog):
    """A dialog whose title is the text of ``title``; fill ``body``, then add buttons."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say(self.setWindowTitle, title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._buttons.addStretch(1)
        outer.addLayout(self.body, 1)
        outer.addLayout(self._buttons)

    def add_button(
        self, key: str, does: Callable[[], object], *, is_default: bool = False
    ) -> QPushButton:
        """A button at the bottom; the default one answers Enter."""
        button = QPushButton(self)
        button.setAutoDefault(is_default)
        button.setDefault(is_default)
        self.say(button.setText, key)
        button.clicked.connect(lambda _on=False: does())
        self._buttons.addWidget(button)
        return button

"""A widget that does without parts of it where it has little room."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override


class Sparing(QWidget):
    """Hides parts below a height, so that what matters more has its room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spared: list[tuple[QWidget, int]] = []

    def spare(self, part: QWidget, least: int) -> None:
        """Do without this part, always as high, where the whole is lower than ``least`` pixels."""
        self._spared.append((part, least))

    @override
    def minimumSizeHint(self) -> QSize:
        whole = super().minimumSizeHint()
        shown = [part for part, _ in self._spared if not part.isHidden()]
        return QSize(whole.width(), whole.height() - sum(part.height() for part in shown))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for part, least in self._spared:
            part.setVisible(event.size().height() >= least)

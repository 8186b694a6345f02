"""A widget that does without a part of it where it has little room."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override


class Sparing(QWidget):
    """Hides a part below a height, so that what matters more has its room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spared: QWidget | None = None
        self._least = 0

    def spare(self, part: QWidget, least: int) -> None:
        """Do without this part, of fixed height, where the whole is lower than ``least`` pixels."""
        self._spared, self._least = part, least

    @override
    def minimumSizeHint(self) -> QSize:
        whole, part = super().minimumSizeHint(), self._spared
        if part is None or part.isHidden():
            return whole
        return QSize(whole.width(), whole.height() - part.height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._spared is not None:
            self._spared.setVisible(event.size().height() >= self._least)

"""A line of words that shows how it begins where it has too little room; the rest is in its tip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip, QWidget
from typing_extensions import override

_LEAST = 4
"""So many letters stay however narrow it gets."""


class ElidedLabel(QLabel):
    """As a label of one line of plain text; ``shown`` is what can be read of it now.

    While it may wrap its words it shows all of them, as any other label.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def shown(self) -> str:
        """The words, cut to the room there is."""
        width = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, width)

    @override
    def minimumSizeHint(self) -> QSize:
        if self.wordWrap():
            return super().minimumSizeHint()
        margins, whole = self.contentsMargins(), super().minimumSizeHint()
        least = self.fontMetrics().horizontalAdvance("…" + self.text()[:_LEAST])
        least += margins.left() + margins.right()
        return QSize(min(whole.width(), least), whole.height())

    @override
    def paintEvent(self, arg__1: QPaintEvent) -> None:
        if self.wordWrap():
            super().paintEvent(arg__1)
            return
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            self.alignment(),
            self.palette(),
            self.isEnabled(),
            self.shown(),
            self.foregroundRole(),
        )
        painter.end()

    @override
    def event(self, e: QEvent) -> bool:
        """Without a tip of its own, the whole text is the tip where it is cut."""
        if isinstance(e, QHelpEvent) and not self.toolTip() and self.shown() != self.text():
            QToolTip.showText(e.globalPos(), self.text(), self)
            return True
        return super().event(e)

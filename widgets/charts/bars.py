"""Shares as horizontal bars with a name and a number, as the dashboard shows load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from widgets import theme
from widgets.theme import Role

_LINE = theme.ROW_HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """A named share, 0…1 or more; from ``full`` on it is drawn as too much."""

    name: str
    share: float
    words: str
    full: float = 0.9


class BarList(QWidget):
    """One line a bar, in the order given."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: Sequence[Bar] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these bars."""
        self._bars = bars
        self.setAccessibleDescription("; ".join(f"{bar.name} {bar.words}" for bar in bars))
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(320, max(len(self._bars), 1) * _LINE)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.tabular(self.font()))
        metrics = painter.fontMetrics()
        named = max((metrics.horizontalAdvance(bar.name) for bar in self._bars), default=0)
        told = max((metrics.horizontalAdvance(bar.words) for bar in self._bars), default=0)
        left, right = min(named, self.width() // 3) + 8, self.width() - told - 8
        for at, bar in enumerate(self._bars):
            top = at * _LINE
            painter.setPen(theme.colour(Role.TEXT))
            name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, left - 8)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, left - 8, _LINE), middle, name)
            painter.drawText(
                QRectF(right + 8, top, told, _LINE), middle | Qt.AlignmentFlag.AlignRight, bar.words
            )
            track = QRectF(left, top + 6, right - left, _LINE - 12)
            painter.fillRect(track, theme.colour(Role.GRID))
            track.setWidth(track.width() * min(max(bar.share, 0.0), 1.0))
            role = Role.WARNING if bar.share >= bar.full else Role.ACCENT
            painter.fillRect(track, theme.colour(role))

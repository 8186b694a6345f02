"""The line below the Gantt: how good the plan is, and what goes on."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from widgets.shell.elided import ElidedLabel
from widgets.text import tr

_LOW, _VERY_LOW = 250, 225
"""Pixels of the panel's height from which on there may be more than one line, or one at all: it
goes before the chart has to do without its legend."""


class FiguresLine(ElidedLabel):
    """Takes one line or none where the panel is low, and leaves the rest to the chart."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMargin(4)
        self.setWordWrap(True)
        self._height, self._is_news = _LOW, False

    def tell(self, said: str, *, is_news: bool) -> None:
        """What is to be read; what goes on is told however low it is."""
        self._is_news = is_news
        self.setText(said)
        self._show()

    def fit(self, height: int) -> None:
        """The panel has this height now."""
        self._height = height
        self.setWordWrap(height >= _LOW)
        self._show()

    def spared(self) -> QSize:
        """By so much the panel could be smaller without it."""
        return QSize(0, 0 if self.isHidden() else self.minimumSizeHint().height())

    def _show(self) -> None:
        tip, said = tr("schedule.amounts"), self.text()
        self.setToolTip(tip if self.wordWrap() else f"{said}\n\n{tip}")
        self.setVisible(bool(said) and (self._is_news or self._height >= _VERY_LOW))

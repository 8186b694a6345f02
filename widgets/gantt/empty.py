"""What stands in a chart that has no bars yet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QLabel
from typing_extensions import override

from widgets.speaking import Speaking
from widgets.text import tr

_MARGIN, _SHARE = 40, 12
"""Room around the words: so many pixels, but no more than that part of a small chart."""


class EmptyNote(Speaking, QLabel):
    """Says how a plan is made, or that one is being made."""

    def __init__(self, chart: QAbstractScrollArea) -> None:
        super().__init__(chart)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self._chart, self._is_making = chart, False
        chart.viewport().installEventFilter(self)
        self.retranslate()

    def show_making(self, *, is_making: bool) -> None:
        """Whether a plan is being made."""
        self._is_making = is_making
        self.retranslate()

    def show_where(self, *, is_empty: bool) -> None:
        """Be seen in the middle of the chart if that is empty."""
        self.setVisible(is_empty)
        self._place()

    def _place(self) -> None:
        room = self._chart.viewport().rect()
        wide, high = (min(_MARGIN, side // _SHARE) for side in (room.width(), room.height()))
        self.setGeometry(room.adjusted(wide, high, -wide, -high))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self.setText(tr("gantt.empty.making" if self._is_making else "gantt.empty"))

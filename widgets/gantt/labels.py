"""What a bar says, by how much room it has."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QStaticText

from widgets.gantt.data import GanttData
from widgets.gantt.lanes import Grouping
from widgets.outlook import step_title
from widgets.text import tr

NARROWEST_PX = 24  # bars with less room stay without text
CUT_FROM_PX = 36
_MOST_KEPT = 20_000

Choices = tuple[str, ...]


def choices(data: GanttData, grouping: Grouping, i: int) -> Choices:
    """Texts of a bar from the longest to the shortest."""
    operation = data.operation(i)
    step = step_title(data.plan, operation)
    if grouping is Grouping.MACHINE:
        number, item = data.work_order(i).number, data.item(i)
        name = item.name or item.code
        short = re.sub(r"^\D*0*(?=\d)", "", number)
        return (f"{number}  {name} · {step}", f"{number}  {name}", number, short)
    machine = data.machine(i)
    place = machine.code if machine else tr("gantt.lane.outside")
    return (f"{step} · {place}", step, str(operation.number))


class Labels:
    """Laid-out texts, kept from one picture to the next."""

    def __init__(self, font: QFont, texts: Callable[[int], Choices]) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.ascent = self._metrics.ascent()
        self._texts = texts
        self._choices: dict[int, list[tuple[str, float]]] = {}
        self._fitted: dict[tuple[int, int], QStaticText | None] = {}
        self._static: dict[str, QStaticText] = {}

    def fitting(self, i: int, room_px: int) -> QStaticText | None:
        """The longest text of a bar that fits, the shortest cut off if none does."""
        key = (i, room_px)
        if key not in self._fitted:
            if len(self._fitted) > _MOST_KEPT:
                self._fitted.clear()
                self._static.clear()
            self._fitted[key] = self._fit(i, room_px)
        return self._fitted[key]

    def _fit(self, i: int, room_px: int) -> QStaticText | None:
        measured = self._choices.get(i)
        if measured is None:
            texts = [text for text in self._texts(i) if text]
            measured = [(text, self._metrics.horizontalAdvance(text)) for text in texts]
            self._choices[i] = measured
        for text, width in measured:
            if width <= room_px:
                return self.static(text)
        if room_px < CUT_FROM_PX:
            return None  # a letter and dots say nothing
        cut = self._metrics.elidedText(measured[-1][0], Qt.TextElideMode.ElideRight, room_px)
        return self.static(cut) if cut not in {"", "…"} else None

    def static(self, text: str) -> QStaticText:
        """A text laid out once."""
        found = self._static.get(text)
        if found is None:
            found = QStaticText(text)
            found.setTextFormat(Qt.TextFormat.PlainText)
            found.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            self._static[text] = found
        return found

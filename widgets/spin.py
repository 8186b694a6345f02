"""Fields for numbers, their text as far from the border as in every other field."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

_INSET = 5
"""Border and padding of a line of text: Qt lays a styled spin box's text out without them."""


def inset(box: QSpinBox | QDoubleSpinBox) -> None:
    """Keep the text off the left border."""
    line = box.findChild(QLineEdit)
    if line is not None:
        line.setTextMargins(_INSET, 0, 0, 0)


class WholeBox(QSpinBox):
    """A whole number of ``minimum`` … ``maximum``."""

    def __init__(
        self, parent: QWidget | None, minimum: int, maximum: int, value: int | None = None
    ) -> None:
        super().__init__(parent, minimum=minimum, maximum=maximum)
        self.setValue(minimum if value is None else value)
        inset(self)


class NumberBox(QDoubleSpinBox):
    """A number of ``minimum`` … ``maximum`` with so many ``decimals``."""

    def __init__(
        self, parent: QWidget | None, minimum: float, maximum: float, decimals: int
    ) -> None:
        super().__init__(parent, minimum=minimum, maximum=maximum, decimals=decimals)
        inset(self)

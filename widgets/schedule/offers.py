"""The ways to mend a plan side by side: what each costs, and which one is marked."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QLabel, QRadioButton, QWidget
from typing_extensions import override

from domain.mend_offers import Figures, MendOffer, RushEnd, Way
from widgets.speaking import Speaking
from widgets.text import (
    enum_text,
    error_text,
    finding_text,
    format_duration,
    format_instant,
    tr,
)

_MEASURES = ("lateness", "late_lines", "moved", "setup", "rush", "chosen")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MOST_CHOSEN = 3
"""So much of what an offer makes otherwise is told in the table; all of it in the tip."""


class OfferTable(Speaking, QFrame):
    """The plan in force, and beside it the offers, of which one can be marked.

    ``marked`` brings the MendOffer that is marked now, also a better one in the place of the one
    that was; ``entered``: Enter was hit on a mark.
    """

    marked = Signal(object)
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.offers: dict[Way, MendOffer] = {}
        self.choices = {way: QRadioButton(self) for way in Way}
        self._before: Figures | None = None
        self._is_rush = False
        self._group = QButtonGroup(self)
        self._cells: dict[tuple[str, Way | None], QLabel] = {}
        self._rows: dict[str, list[QLabel]] = {}
        self._lay_out()
        for way, button in self.choices.items():
            button.toggled.connect(lambda is_on, way=way: self._note_toggled(way, is_on=is_on))
            for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                context = Qt.ShortcutContext.WidgetShortcut
                QShortcut(key, button, context=context).activated.connect(self.entered)
        self._show()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        head = QLabel(self, alignment=Qt.AlignmentFlag.AlignRight)
        self.say(head.setText, "mending.before")
        grid.addWidget(head, 0, 1)
        for column, (way, button) in enumerate(self.choices.items(), 2):
            self._group.addButton(button)
            self.say(button.setToolTip, f"mending.way.{way.value}")
            grid.addWidget(button, 0, column, Qt.AlignmentFlag.AlignRight)
        for row, measure in enumerate(_MEASURES, 1):
            label = QLabel(self)
            self._rows[measure] = [label]
            self.say(label.setText, f"mending.{measure}")
            self.say(label.setToolTip, f"mending.{measure}.tip")
            grid.addWidget(label, row, 0)
            for column, way in enumerate((None, *Way), 1):
                cell = QLabel(self, alignment=_RIGHT, wordWrap=measure == "chosen")
                self._cells[measure, way] = cell
                self._rows[measure].append(cell)
                grid.addWidget(cell, row, column)
        for column in range(1, 5):
            grid.setColumnStretch(column, 1)

    def clear(self) -> None:
        """Forget all offers."""
        self.offers.clear()
        self._before = None
        self._group.setExclusive(False)
        for button in self.choices.values():
            button.setChecked(False)
        self._group.setExclusive(True)
        self._show()

    def put(self, before: Figures | None, offer: MendOffer) -> None:
        """Show an offer beside the others, or a better one in its place."""
        self._before = before
        self.offers[offer.way] = offer
        self._show()
        if self.choices[offer.way].isChecked():
            self.marked.emit(offer)

    def mark(self, *likely: Way) -> None:
        """Mark the first of these offers that is there and can be taken, unless one is marked."""
        there = (button for way in likely if (button := self.choices[way]).isEnabled())
        if self._group.checkedButton() is None and (button := next(there, None)) is not None:
            button.setChecked(True)

    def chosen(self) -> MendOffer | None:
        """The offer that is marked."""
        return next(
            (self.offers[way] for way, each in self.choices.items() if each.isChecked()), None
        )

    def show_rush(self, *, is_rush: bool) -> None:
        """Whether a rush order is what happened: then it is told when that is ready."""
        self._is_rush = is_rush
        self._show()

    def _note_toggled(self, way: Way, *, is_on: bool) -> None:
        if is_on:
            self.marked.emit(self.offers[way])

    def _show(self) -> None:
        for way, button in self.choices.items():
            offer = self.offers.get(way)
            button.setText(enum_text(way))
            button.setEnabled(offer is not None and offer.changes is not None)
            words = _words(None if offer is None else offer.figures, offer)
            for measure, cell in zip(_MEASURES, words, strict=True):
                self._cells[measure, way].setText(cell)
            self._cells[_MEASURES[0], way].setWordWrap(offer is not None and bool(offer.error))
            self._cells["chosen", way].setToolTip("\n".join(_chosen(offer)))
        for measure, cell in zip(_MEASURES, _words(self._before, None), strict=True):
            self._cells[measure, None].setText(cell)
        for label in self._rows["rush"]:
            label.setVisible(self._is_rush)
        for label in self._rows["chosen"]:
            label.setVisible(any(each.chosen for each in self.offers.values()))

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self._show()


def _words(figures: Figures | None, offer: MendOffer | None) -> tuple[str, ...]:
    """A column of the table."""
    if offer is not None and offer.error is not None:
        return (error_text(offer.error), *("" for _ in _MEASURES[1:]))
    if figures is None:
        return ("–",) * len(_MEASURES)
    return (
        format_duration(figures.weighted_lateness),
        f"{figures.late_lines:,}",
        "" if offer is None else _moved(offer),
        format_duration(figures.setup_minutes),
        "" if offer is None or offer.rush is None else _ready(offer.rush),
        _otherwise(offer),
    )


def _moved(offer: MendOffer) -> str:
    """How many operations it moves, and how many of them should have stayed."""
    moved = f"{offer.moved:,}"
    return tr("mending.held", moved=moved, held=offer.held_moved) if offer.held_moved else moved


def _otherwise(offer: MendOffer | None) -> str:
    """What of the new work it makes otherwise than usual, in short."""
    told = _chosen(offer)
    if len(told) > _MOST_CHOSEN:
        told[_MOST_CHOSEN:] = [tr("mending.chosen.more", count=len(told) - _MOST_CHOSEN)]
    return "\n".join(told)


def _chosen(offer: MendOffer | None) -> list[str]:
    return [] if offer is None else [finding_text(each) for each in offer.chosen]


def _ready(rush: RushEnd) -> str:
    """When the rush order is ready, and whether that is in time."""
    if rush.is_in_stock:
        return tr("promise.from_stock")
    at, late = format_instant(rush.finish_at), rush.late_minutes
    key = "mending.ready_late" if late else "mending.ready_in_time"
    return tr(key, at=at, by=format_duration(late))

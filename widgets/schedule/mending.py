"""Something happened: the ways to mend the plan side by side, each with its price."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QWidget,
)
from typing_extensions import override

from domain.happenings import HappeningKind
from domain.mend_offers import Figures, MendOffer, RushEnd, Way
from domain.resources import MOST_FROZEN_HOURS, Plant
from widgets.dialogs.frame import Dialog
from widgets.outlook import Outlook
from widgets.schedule.happening_form import HappeningForm
from widgets.spin import WholeBox
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


class MendingDialog(Dialog):
    """What happened above, below it the plan in force and three ways to mend it.

    ``asked`` brings a Happening; ``stopped`` that the search shall end; ``preview_wished`` the
    MendOffer to show in the Gantt; ``taken`` the one to take; ``frozen_chosen`` the hours from now
    in which nothing is moved.
    """

    asked = Signal(object)
    stopped = Signal()
    preview_wished = Signal(object)
    taken = Signal(object)
    frozen_chosen = Signal(int)

    def __init__(self, outlook: Outlook, parent: QWidget | None = None) -> None:
        super().__init__("mending.title", parent)
        self.form = HappeningForm(outlook, self)
        self.offers: dict[Way, MendOffer] = {}
        self._before: Figures | None = None
        self._notice_key, self._seconds = "mending.empty", 0.0
        self.choices = {way: QRadioButton(self) for way in Way}
        self._group = QButtonGroup(self)
        self._cells: dict[tuple[str, Way | None], QLabel] = {}
        self._rows: dict[str, list[QLabel]] = {}
        self.notice = QLabel(self, wordWrap=True)
        self.stop = QPushButton(self, autoDefault=False)
        self.say(self.stop.setText, "mending.stop")
        self.frozen = WholeBox(self, 0, MOST_FROZEN_HOURS)
        self._lay_out()
        self.form.wished.connect(self._ask)
        self.form.touched.connect(self._note_touched)
        self.stop.clicked.connect(lambda _on=False: self.stopped.emit())
        self.frozen.editingFinished.connect(self._tell_frozen)
        for button in self.choices.values():
            button.toggled.connect(self._choose)
        self.set_outlook(outlook)
        self.clear()
        self.resize(900, 360)

    def _tell_frozen(self) -> None:
        if self.isVisible():  # an end of editing comes with the end of the window, too
            self.frozen_chosen.emit(self.frozen.value())

    def _lay_out(self) -> None:
        self.body.addWidget(self.form)
        told = QHBoxLayout()
        told.addStrut(self.stop.sizeHint().height())  # also while there is nothing to stop
        told.addWidget(self.notice, 1)
        told.addWidget(self.stop)
        self.body.addLayout(told)  # above the offers: what is below them a small screen scrolls
        table = QFrame(self)
        table.setFrameShape(QFrame.Shape.StyledPanel)
        grid = QGridLayout(table)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        head = QLabel(table, alignment=Qt.AlignmentFlag.AlignRight)
        self.say(head.setText, "mending.before")
        grid.addWidget(head, 0, 1)
        for column, (way, button) in enumerate(self.choices.items(), 2):
            self._group.addButton(button)
            self.say(button.setToolTip, f"mending.way.{way.value}")
            grid.addWidget(button, 0, column, Qt.AlignmentFlag.AlignRight)
        for row, measure in enumerate(_MEASURES, 1):
            label = QLabel(table)
            self._rows[measure] = [label]
            self.say(label.setText, f"mending.{measure}")
            self.say(label.setToolTip, f"mending.{measure}.tip")
            grid.addWidget(label, row, 0)
            for column, way in enumerate((None, *Way), 1):
                cell = QLabel(table, alignment=_RIGHT, wordWrap=measure == "chosen")
                self._cells[measure, way] = cell
                self._rows[measure].append(cell)
                grid.addWidget(cell, row, column)
        for column in range(1, 5):
            grid.setColumnStretch(column, 1)
        self.body.addWidget(table)
        self.body.addStretch(1)
        self._add_bottom()

    def _add_bottom(self) -> None:
        label = QLabel(self)
        self.say(label.setText, "mending.frozen")
        for target in (label, self.frozen):
            self.say(target.setToolTip, "mending.frozen.tip")
        self.say(self.frozen.setAccessibleName, "mending.frozen")
        self.say(self.frozen.setSuffix, "mending.hours")
        label.setBuddy(self.frozen)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.frozen, 1, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(row)
        self.take = self.add_button("mending.take", self._take)
        self.add_button("words.close", self.reject)

    # what is known

    def set_outlook(self, outlook: Outlook) -> None:
        """Know the rows as they are now."""
        self.form.set_outlook(outlook)
        has_plant = bool(outlook.plan.table(Plant))  # somebody may have cleared the factory
        self.frozen.setEnabled(has_plant)
        hours = outlook.plan.home_plant().frozen_hours if has_plant else 0
        if not self.frozen.hasFocus() and self.frozen.value() != hours:
            self.frozen.setValue(hours)

    def suggest(self, kind: HappeningKind | None, hints: Mapping[HappeningKind, UUID]) -> None:
        """Begin with what was chosen in the window."""
        self.form.suggest(kind, hints)
        self.form.kind.setFocus()

    def clear(self) -> None:
        """Forget all offers."""
        self.offers.clear()
        self._before = None
        self._group.setExclusive(False)
        for button in self.choices.values():
            button.setChecked(False)
        self._group.setExclusive(True)
        self._tell("mending.empty")
        self._show()

    def show_running(
        self, *, is_running: bool, seconds: float = 0.0, is_stopped: bool = False
    ) -> None:
        """Whether offers are being worked out, and for how long; or whether that was stopped."""
        # The keyboard goes to what can be done now, not by itself to the frozen time of all desks.
        self.stop.setVisible(True)
        if is_running and self.form.isEnabled():
            self.stop.setFocus()
        self.form.setEnabled(not is_running)
        if not is_running and self.stop.hasFocus():
            (self._group.checkedButton() or self.form.ask).setFocus()
        self.stop.setVisible(is_running)
        if is_running:
            self._tell("mending.searching", seconds)
        elif is_stopped or self.offers:
            self._tell("mending.stopped" if is_stopped else "mending.done")

    def show_offer(self, before: Figures | None, offer: MendOffer) -> None:
        """Put an offer beside the others, or a better one in its place."""
        self._before = before
        self.offers[offer.way] = offer
        self._show()
        button = self.choices[offer.way]
        if offer.way is Way.LOCAL and self._group.checkedButton() is None and button.isEnabled():
            button.setChecked(True)
        elif button.isChecked():
            self.preview_wished.emit(offer)

    def say_stale(self, why: str = "mending.stale") -> None:
        """The offers do not hold any more: rows have changed since, or what the key says."""
        self.clear()
        self._tell(why)

    def _note_touched(self) -> None:
        if self.offers:
            self.clear()
            self.preview_wished.emit(None)
        self._show()

    # asking and choosing

    def _ask(self, happening: object) -> None:
        self.clear()
        self.preview_wished.emit(None)
        self.asked.emit(happening)

    def chosen(self) -> MendOffer | None:
        """The offer that is marked."""
        marked = (way for way, button in self.choices.items() if button.isChecked())
        return self.offers.get(next(marked, Way.PUSH)) if self._group.checkedButton() else None

    def _choose(self, is_on: bool) -> None:
        self._show()
        if is_on and (offer := self.chosen()) is not None:
            self.preview_wished.emit(offer)

    def _take(self) -> None:
        if (offer := self.chosen()) is not None and offer.changes is not None:
            self.taken.emit(offer)

    # words

    def _tell(self, key: str, seconds: float = 0.0) -> None:
        self._notice_key, self._seconds = key, seconds
        self.notice.setText(tr(key, seconds=round(seconds)))

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
            label.setVisible(self.form.chosen_kind() is HappeningKind.RUSH)
        for label in self._rows["chosen"]:
            label.setVisible(any(each.chosen for each in self.offers.values()))
        offer = self.chosen()
        self.take.setEnabled(offer is not None and offer.changes is not None)

    @override
    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "take"):
            self._show()
            self._tell(self._notice_key, self._seconds)


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

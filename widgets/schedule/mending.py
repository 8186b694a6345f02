"""Something happened: the ways to mend the plan side by side, each with its price."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget
from typing_extensions import override

from domain.happenings import HappeningKind
from domain.mend_offers import Figures, MendOffer, Way
from domain.resources import MOST_FROZEN_HOURS, Plant
from widgets.dialogs.frame import Dialog
from widgets.outlook import Outlook
from widgets.schedule.happening_form import HappeningForm
from widgets.schedule.offers import OfferTable
from widgets.spin import WholeBox
from widgets.text import tr

_LIKELY = (Way.LOCAL, Way.GLOBAL, Way.PUSH)
"""The ways that are marked by themselves: the first of which there is an offer."""


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
        self.table = OfferTable(self)
        self.offers, self.choices = self.table.offers, self.table.choices
        self._notice_key, self._seconds = "mending.empty", 0.0
        self.notice = QLabel(self, wordWrap=True)
        self.stop = QPushButton(self, autoDefault=False)
        self.say(self.stop.setText, "mending.stop")
        self.frozen = WholeBox(self, 0, MOST_FROZEN_HOURS)
        self._lay_out()
        self.form.wished.connect(self._ask)
        self.form.touched.connect(self._note_touched)
        self.stop.clicked.connect(lambda _on=False: self.stopped.emit())
        self.frozen.editingFinished.connect(self._tell_frozen)
        self.table.marked.connect(self._choose)
        self.table.entered.connect(self._take)
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
        self.body.addWidget(self.table)
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
        self.say(self.take.setToolTip, "mending.take.tip")
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
        self.table.clear()
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
        if not is_running:
            self.table.mark(*_LIKELY)
        if not is_running and self.focusWidget() is self.stop:
            marked, form = self.chosen(), self.form
            ask = form.ask if form.ask.isEnabled() else form.kind
            (ask if marked is None else self.choices[marked.way]).setFocus()
        self.stop.setVisible(is_running)
        if is_running:
            self._tell("mending.searching", seconds)
        elif is_stopped:
            self._tell_stopped()
        elif self.offers:
            self._tell("mending.done")

    def show_planning(self, *, is_planning: bool) -> None:
        """Whether a plan is being made: until it is done there is none to mend."""
        self.form.set_planning(is_planning=is_planning)
        waiting, empty = "mending.wait", "mending.empty"
        is_over = self._notice_key == "mending.planning" and not is_planning
        if self._notice_key in (waiting, empty) or is_over:
            self._tell(waiting if is_planning else empty)

    def show_offer(self, before: Figures | None, offer: MendOffer) -> None:
        """Put an offer beside the others, or a better one in its place."""
        self.table.put(before, offer)
        # While more is worked out, the local repair is worth waiting for.
        self.table.mark(*(_LIKELY if self.form.isEnabled() else (Way.LOCAL,)))
        if self._notice_key == "mending.stopped_early":
            self._tell_stopped()

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
        return self.table.chosen()

    def _choose(self, offer: MendOffer) -> None:
        self._show()
        self.preview_wished.emit(offer)

    def _take(self) -> None:
        if (offer := self.chosen()) is not None and offer.changes is not None:
            self.taken.emit(offer)

    # words

    def _tell(self, key: str, seconds: float = 0.0) -> None:
        self._notice_key, self._seconds = key, seconds
        self.notice.setText(tr(key, seconds=round(seconds)))

    def _tell_stopped(self) -> None:
        has_any = any(offer.changes is not None for offer in self.offers.values())
        self._tell("mending.stopped" if has_any else "mending.stopped_early")

    def _show(self) -> None:
        self.table.show_rush(is_rush=self.form.chosen_kind() is HappeningKind.RUSH)
        offer = self.chosen()
        self.take.setEnabled(offer is not None and offer.changes is not None)

    @override
    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "take"):
            self._show()
            self._tell(self._notice_key, self._seconds)

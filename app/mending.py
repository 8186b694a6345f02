"""Something happened: offers to mend the plan, worked out aside; the one taken is one change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import uuid4

from PySide6.QtCore import QObject

from app.meaning import Meaning
from app.mend_run import MendRequest
from app.plan_message import MendMessage, PlanMessage
from app.planning import PlanningRun
from app.session import Session
from app.window import MainWindow
from app.worker import Failure, Job
from db.errors import Conflict
from domain import edits
from domain.changes import ChangeSet, Row
from domain.errors import DomainError
from domain.happenings import Happening, likely, rows_of
from domain.mend_offers import MendOffer, Way
from domain.plan import NOT_PLANNED_WITH
from widgets.schedule.mending import MendingDialog
from widgets.text import enum_text, tr

GLOBAL_SECONDS = 20.0


class OfferPreview(QObject):
    """Shows an offer in place of the plan in force.

    What is dragged meanwhile would be looked for in the plan in force, which is not what is seen.
    """

    def __init__(
        self, session: Session, window: MainWindow, planning: PlanningRun, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._window, self._planning = session, window, planning
        self.is_on = False
        self.meanings: dict[Way, Meaning | None] = {}
        """What the planning process has told of the offers."""
        self._asked_at = 0
        window.schedule.gantt_made.connect(lambda _gantt: self._keep_from_dragging())

    def note_asked(self) -> None:
        """From here on, what is told is told of the rows as they are now."""
        self.meanings.clear()
        self._asked_at = self._session.bench.revision

    def meaning_of(self, offer: MendOffer) -> Meaning | None:
        """What an offer means, if that is known and no row has changed since."""
        is_of_rows = self._session.bench.revision == self._asked_at
        return self.meanings.get(offer.way) if is_of_rows else None

    def show(self, offer: MendOffer | None) -> None:
        """Show an offer; None, or one without a plan: show the plan in force again."""
        outlooks = self._session.outlooks
        if offer is None or offer.changes is None:
            if self.is_on:
                self.end()
                outlooks.settle()
            return
        self._set_on(is_on=True)
        self._window.schedule.show_offer(lambda: tr("mending.previewed", way=enum_text(offer.way)))
        shown = self._session.bench.plan.copy()
        shown.apply(offer.changes)
        outlooks.preview(shown, self.meaning_of(offer))

    def end(self) -> None:
        """What is seen stays until something else is shown."""
        self._set_on(is_on=False)
        self._window.schedule.show_offer()

    def _set_on(self, *, is_on: bool) -> None:
        self.is_on = is_on
        self._keep_from_dragging()

    def _keep_from_dragging(self) -> None:
        gantt = self._window.schedule.gantt
        if gantt is not None:
            gantt.set_read_only(self.is_on or self._planning.is_running)


class MendingDesk(QObject):
    """Opens the dialog, one at a time, and answers it from the planning process."""

    def __init__(
        self,
        session: Session,
        window: MainWindow,
        planning: PlanningRun,
        show_error: Callable[[Failure], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._window, self._planning = session, window, planning
        self._show_error = show_error
        self.dialog: MendingDialog | None = None
        self._job: Job[PlanMessage] | None = None
        self._preview = OfferPreview(session, window, planning, self)
        self._number = 0
        """Of the request whose offers hold; one that rows have changed under is not it."""
        self._run = self._revision = 0  # the revision: of the rows as they were heard of last
        self._asked: Happening | None = None
        self._taken: tuple[ChangeSet, Happening | None] | None = None
        for signal in (planning.begun, planning.ended, planning.failed):
            signal.connect(lambda _news: self._note_planning())

    def open(self, chosen: Sequence[Row]) -> None:
        """Ask what happened, beginning with what is chosen."""
        if self._session.bench.plan.published() is None:
            is_planning = self._planning.is_running
            self._show_error(DomainError("plan_under_way" if is_planning else "nothing_to_mend"))
            return
        dialog = self.dialog or self._make()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        if dialog.form.isEnabled():  # else another question is being answered
            dialog.suggest(*likely(chosen, self._session.outlooks.current.bookings))

    def _make(self) -> MendingDialog:
        session = self._session
        dialog = self.dialog = MendingDialog(session.outlooks.current, self._window)
        dialog.show_running(is_running=False)
        dialog.show_planning(is_planning=self._planning.is_running)
        dialog.asked.connect(self._work_out)
        dialog.stopped.connect(self.stop)
        dialog.preview_wished.connect(self._preview.show)
        dialog.taken.connect(self._take)
        dialog.frozen_chosen.connect(self._freeze)
        dialog.finished.connect(lambda _result: self._leave())
        dialog.form.touched.connect(self._note_touched)
        self._revision = session.bench.revision
        session.bench.rows_changed.connect(self._note_changed)
        return dialog

    def _leave(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is None:
            return
        self._number += 1
        self.stop()
        self._session.bench.rows_changed.disconnect(self._note_changed)
        self._preview.show(None)
        dialog.deleteLater()

    def _note_changed(self, rows: Mapping[type[Row], object]) -> None:
        dialog, bench = self.dialog, self._session.bench
        if dialog is None:
            return
        dialog.set_outlook(replace(self._session.outlooks.current, plan=bench.plan))
        is_news, self._revision = bench.revision != self._revision, bench.revision
        if is_news and rows.keys() - NOT_PLANNED_WITH:
            self._overtake("mending.stale")
        elif self._preview.is_on:  # with what is new
            self._preview.show(dialog.chosen())

    def _note_planning(self) -> None:
        """A plan is being made from now on, or not any more."""
        is_planning = self._planning.is_running
        if self.dialog is not None:
            self.dialog.show_planning(is_planning=is_planning)
        if is_planning:
            self._overtake("mending.planning")

    def _overtake(self, why: str) -> None:
        """The plan that the offers mend is not the one in force any more, or will not be soon."""
        dialog = self.dialog
        if dialog is not None and (dialog.offers or self._job is not None):
            self._number += 1
            dialog.clear()  # else a stop would mark what is there, to be taken
            self.stop()
            self._preview.show(None)
            dialog.say_stale(why)

    # working it out

    def _work_out(self, happening: Happening) -> None:
        session, dialog = self._session, self.dialog
        try:
            rows_of(session.bench.plan, happening, uuid4)
        except DomainError as error:  # said at once, not when the process has loaded all
            self._show_error(error)
            return
        rows = tuple(session.bench.plan.rows())
        request = MendRequest(
            session.clock(),
            GLOBAL_SECONDS,
            scenario_name=tr("plan.scenario_name"),
            profile=self._planning.profile,
            happening=happening,
        )

        def work(job: Job[PlanMessage]) -> PlanMessage:
            def tell(message: PlanMessage) -> None:
                job.told.emit(message)
                job.report(min(1.0, message.seconds / GLOBAL_SECONDS), tr("stage.search"))

            return session.planning.run(rows, request, tell, lambda: job.is_cancelled)

        self._asked = happening
        self._preview.note_asked()
        self._number += 1
        self._run += 1  # one that was stopped may still be on its way to its end
        hear, run = partial(self._hear, self._number), self._run
        end = partial(self._end, run)
        self._job = session.worker.run(
            "mend", work, lambda last: end(last.error), end, told=hear, lane="planning"
        )
        if dialog is not None:
            dialog.show_running(is_running=True)

    def stop(self) -> None:
        """End the search soon; what was offered stays, and what is under way may still come."""
        if self._job is not None and not self._job.is_cancelled:
            self._job.cancel()
            if self.dialog is not None:
                self.dialog.show_running(is_running=False, is_stopped=True)

    def _note_touched(self) -> None:
        """After a stop: what may still come answers a question that is not the one seen now."""
        if self._job is not None and self._job.is_cancelled:
            self._number += 1

    def _hear(self, number: int, message: PlanMessage) -> None:
        dialog = self.dialog
        if dialog is None or number != self._number or self._job is None:
            return
        if isinstance(message, MendMessage) and message.offer is not None:
            self._preview.meanings[message.offer.way] = message.meaning
            dialog.show_offer(message.before, message.offer)
        if not (message.is_last or self._job.is_cancelled):
            dialog.show_running(is_running=True, seconds=message.seconds)

    def _end(self, run: int, error: Failure | None) -> None:
        if run != self._run:
            return
        is_stopped = self._job is not None and self._job.is_cancelled  # and that was said at once
        self._job = None
        if self.dialog is not None and not is_stopped:
            self.dialog.show_running(is_running=False)
        if error is not None:
            self._show_error(error)

    # offers

    def _take(self, offer: MendOffer) -> None:
        bench, dialog = self._session.bench, self.dialog
        if offer.changes is None:
            return
        changes, meaning = bench.plan.renewed(offer.changes), self._preview.meaning_of(offer)
        self._preview.end()  # what is seen is in force now
        if dialog is not None:
            dialog.accept()
        if self._taken is None:  # hear of it once
            bench.refused.connect(self._note_refused)
        self._taken = changes, self._asked
        bench.submit(changes)
        is_made = bench.undoable is changes  # else it was refused at once
        self._session.outlooks.settle(meaning=meaning if is_made else None)
        if is_made:
            self._window.schedule.show_moved(offer.moved, "amount.mended")

    def _note_refused(self, error: Failure, changes: ChangeSet) -> None:
        """What was taken is not stored: it can be asked for again without typing it anew."""
        taken, happening = self._taken or (None, None)
        is_open = self.dialog is not None or isinstance(error, Conflict)
        if taken is not changes or happening is None or is_open:
            return
        self.open(())
        if self.dialog is not None:
            self.dialog.form.fill(happening)

    def _freeze(self, hours: int) -> None:
        bench = self._session.bench
        try:
            plant = bench.plan.home_plant()
            if plant.frozen_hours != hours:
                bench.submit(edits.edit_field(bench.plan, plant, "frozen_hours", hours))
        except DomainError as error:
            self._show_error(error)

"""Promises: the dialog's questions answered off the window's thread, its orders submitted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from PySide6.QtCore import QObject

from app.files import Files
from app.session import Session
from app.window import MainWindow
from app.worker import Failure, Job
from domain import edits
from domain.changes import ChangeSet, Row
from domain.errors import DomainError
from domain.items import Item
from domain.order_entry import enter_order, is_about_drafts, next_order_number, wish_of
from domain.orders import OrderLine, OrderStatus
from domain.scenarios import Scenario
from widgets.dialogs.words import show_error
from widgets.orders.asked import Asked
from widgets.orders.promise import OrderWish, PromiseDialog
from widgets.text import error_text, tr

if TYPE_CHECKING:
    from domain.scheduling.quote import Quoter


_LAID_OUT_FOR = timedelta(minutes=10)
"""So long a plan that was laid out may be asked: what is promised begins no earlier than then."""


class PromiseDesk(QObject):
    """Opens the dialog, one at a time, and keeps the plan laid out between its questions."""

    def __init__(self, session: Session, window: MainWindow, files: Files, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._window, self._files = session, window, files
        self.dialog: PromiseDialog | None = None
        self._quoter: Quoter | None = None
        self._is_stale = False

    def open(self, chosen: Sequence[Row]) -> None:
        """Ask for the drafts among what is chosen, or begin with the first item in it."""
        dialog = self.dialog or self._make()
        plan = self._session.bench.plan
        lines = [line for row in chosen if (line := plan.get(OrderLine, row.id)) is not None]
        drafts = [line for line in lines if line.status is OrderStatus.DRAFT]
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        try:
            dialog.ask_for([(wish_of(plan, line), line) for line in drafts])
        except DomainError as error:
            show_error(dialog, error)
        items = [plan.get(Item, row.item_id) for row in lines]
        items += [row for row in chosen if isinstance(row, Item)]
        if not drafts and items and items[0] is not None:
            dialog.form.suggest(items[0])
        else:
            dialog.form.item.setFocus()

    def _make(self) -> PromiseDialog:
        session = self._session
        dialog = self.dialog = PromiseDialog(session.outlooks.current, self._window)
        dialog.asked.connect(self._answer)
        dialog.order_wished.connect(self._order)
        dialog.export_wished.connect(self._files.export_grid)
        dialog.finished.connect(lambda _result: self._leave())
        session.bench.rows_changed.connect(self._note_changed)
        session.outlooks.changed.connect(dialog.set_outlook)
        dialog.suggest_number(next_order_number(session.bench.plan))
        self._say_notice()
        return dialog

    def _leave(self) -> None:
        dialog, self.dialog, self._quoter = self.dialog, None, None
        if dialog is None:
            return
        self._session.bench.rows_changed.disconnect(self._note_changed)
        self._session.outlooks.changed.disconnect(dialog.set_outlook)
        dialog.deleteLater()

    # what changed meanwhile

    def _note_changed(self, rows: Mapping[type[Row], set[UUID] | None]) -> None:
        if not is_about_drafts(self._session.bench.plan, rows):
            self._quoter = None
            self._is_stale = self.dialog is not None and bool(self.dialog.questions())
            self._say_notice()

    def _say_notice(self) -> None:
        if self.dialog is None:
            return
        fates = self._session.outlooks.current.fates.values()
        missing = sum(fate.finish_at is None for fate in fates)
        notes = [tr("promise.stale")] if self._is_stale else []
        if missing:
            notes.append(tr("promise.unplanned", count=missing))
        self.dialog.say_notice("\n".join(notes))

    # answers

    def _answer(self, questions: Sequence[Asked]) -> None:
        session, dialog = self._session, self.dialog
        scenario = session.outlooks.current.scenario
        if scenario is None:
            self._show(dialog, [replace(each, fault=tr("promise.no_plan")) for each in questions])
            return
        if self._is_stale and dialog is not None:
            # Answers side by side are of one plan: the earlier ones are worked out again as well.
            questions = dialog.questions()
        self._is_stale = False
        self._say_notice()
        lay_out = self._known() or self._laid_out(scenario)

        def work(job: Job[tuple[Quoter, list[Asked]]]) -> tuple[Quoter, list[Asked]]:
            quoter = lay_out()
            return quoter, list(_answered(quoter, questions, job))

        def done(result: tuple[Quoter, list[Asked]]) -> None:
            if dialog is self.dialog and not self._is_stale:
                self._quoter = result[0]
            self._show(dialog, result[1])

        session.worker.run("promise", work, done, self._fail, lane="questions")

    def _known(self) -> Callable[[], Quoter] | None:
        quoter = self._quoter
        is_old = quoter is None or self._session.clock() - quoter.asked_at > _LAID_OUT_FOR
        return None if quoter is None or is_old else lambda: quoter

    def _laid_out(self, scenario: Scenario) -> Callable[[], Quoter]:
        plan, asked_at = self._session.bench.plan.copy(), self._session.clock()

        def lay_out() -> Quoter:
            from domain.scheduling.quote import Quoter  # the window starts without the engine

            return Quoter(plan, scenario, asked_at, uuid4)

        return lay_out

    def _show(self, dialog: PromiseDialog | None, answered: Sequence[Asked]) -> None:
        if dialog is not None and dialog is self.dialog:
            dialog.show_answers(answered)

    def _fail(self, error: Failure) -> None:
        show_error(self.dialog or self._window, error)

    # orders

    def _order(self, wish: OrderWish) -> None:
        plan, line = self._session.bench.plan, wish.asked.line
        try:
            if line is not None:
                present = plan.need(OrderLine, line.id)
                changes = edits.edit_field(plan, present, "due_on", wish.due_on)
            else:
                changes = enter_order(
                    plan,
                    wish.asked.wish,
                    uuid4,
                    order_number=wish.order_number,
                    due_on=wish.due_on,
                    customer_id=wish.customer_id,
                )
        except DomainError as error:
            show_error(self.dialog, error)
            return
        self._submit(wish.asked, changes)

    def _submit(self, asked: Asked, changes: ChangeSet) -> None:
        bench = self._session.bench
        bench.submit(changes)
        rows = [change.after for change in changes if isinstance(change.after, OrderLine)]
        if self.dialog is not None and rows:
            self.dialog.mark_ordered(asked, rows[0])
            self.dialog.suggest_number(next_order_number(bench.plan))


def _answered(quoter: Quoter, questions: Sequence[Asked], job: Job[Any]) -> Iterator[Asked]:
    for at, asked in enumerate(questions):
        job.report(at / len(questions))
        if job.is_cancelled:
            yield replace(asked, fault=tr("promise.stopped"))
            continue
        try:
            quote = quoter.quote(asked.wish)
        except DomainError as error:
            yield replace(asked, fault=error_text(error))
            continue
        yield replace(asked, quote=quote, fault="" if quote else tr("promise.no_plan"))

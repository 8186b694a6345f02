"""The Gantt at work: what a drag would do, the drop as a change, locks, and what bars are about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, QTimer

from app.priority import loading, untidy
from app.session import Session
from app.worker import Failure, Job
from domain import edits
from domain.changes import ChangeSet, Row
from domain.errors import DomainError, RuleViolation
from domain.orders import OrderLine
from domain.production import Operation, WorkOrder
from domain.scenarios import Booking, LockLevel
from domain.scheduling.rebook import rebook
from widgets.details.why import obstacle_words
from widgets.dialogs.words import ask, show_error
from widgets.gantt.drop import DropPreview, Moved
from widgets.gantt.view import GanttView
from widgets.schedule.panel import SchedulePanel
from widgets.text import error_text, tr

if TYPE_CHECKING:
    from domain.scheduling.repair import Move, MoveBoard


_LAY_OUT_MILLISECONDS = 300
"""So long nothing may change before the board of a drag is laid out."""

MANY = 30
"""A drop that moves more other operations than this is asked about first."""


_RULED_OUT_BY_OTHERS = (
    "drop_before_material",
    "drop_before_opening",
    "drop_before_predecessor",
    "drop_before_supplier",
)
"""Refusals that name what is there last as things stand; the locks and limits behind it follow."""


class ScheduleDesk(QObject):
    """Answers the Gantt's drags from the plan in memory, and submits what is dropped."""

    def __init__(self, session: Session, panel: SchedulePanel, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._panel = panel
        self._board: MoveBoard | None = None
        self._state = 0
        """Becomes more with every change: what was laid out before is of another plan."""
        self._is_read_only = False
        self._soon = QTimer(self, singleShot=True, interval=_LAY_OUT_MILLISECONDS)
        self._soon.timeout.connect(self._lay_out)
        panel.gantt_made.connect(self._connect)

    def stop(self) -> None:
        """Lay nothing out any more."""
        self._soon.stop()

    def set_read_only(self, *, read_only: bool) -> None:
        """While a plan is being made, the one shown cannot be dragged."""
        self._is_read_only = read_only
        if self._panel.gantt is not None:
            self._panel.gantt.set_read_only(read_only)

    def _connect(self, gantt: GanttView) -> None:
        gantt.set_read_only(self._is_read_only)
        gantt.set_evaluator(self._preview, self._eligible)
        gantt.move_requested.connect(self._move)
        gantt.lock_requested.connect(self._lock)
        gantt.operation_activated.connect(self._open_booking)
        gantt.order_requested.connect(self._show_line)
        gantt.explain_requested.connect(self._show_line)
        gantt.work_order_requested.connect(self._show_order)
        self._session.bench.rows_changed.connect(self._forget)
        # Loading what the first drag needs takes too long to wait for with a bar in the hand.
        begin, fail = self._begin, self._fail_to_load
        self._session.worker.run("load_repair", _load_repair, begin, fail)

    def _begin(self, _nothing: None) -> None:
        self._soon.start()

    def _fail_to_load(self, error: Failure) -> None:
        show_error(self._panel.window(), error)

    def _forget(self, _rows: object) -> None:
        self._board = None
        self._state += 1
        self._soon.start()

    # drags

    def _lay_out(self) -> None:
        """Have the board there before a bar is taken: with many operations that takes a while."""
        plan = self._session.bench.plan
        scenario = plan.published()
        is_wanted = self._panel.isVisible() and not self._is_read_only
        if self._board is not None or scenario is None or not is_wanted:
            return
        seen, now_at = plan.copy(), self._session.clock()

        def work(_job: Job[MoveBoard | None]) -> MoveBoard | None:
            from domain.scheduling.repair import MoveBoard

            try:
                with untidy():
                    return MoveBoard(seen, scenario, now_at)
            except DomainError:
                return None  # who drags asks again, and is told why

        take = partial(self._take, self._state)
        self._session.worker.run("lay_out", work, take, self._fail_to_load, lane="outlook")

    def _take(self, state: int, board: MoveBoard | None) -> None:
        if state == self._state and self._board is None:
            self._board = board

    def _moves(self) -> MoveBoard:
        """The board of the plan as it is now, laid out at once if a drag is quicker."""
        if self._board is None:
            from domain.scheduling.repair import MoveBoard

            plan = self._session.bench.plan
            scenario = plan.published()
            if scenario is None:
                raise RuleViolation("plan_missing")
            self._board = MoveBoard(plan, scenario, self._session.clock())
        return self._board

    def _eligible(self, booking: Booking) -> Collection[UUID]:
        try:
            return self._moves().eligible(booking)
        except DomainError:
            return ()  # the preview says why

    def _try(self, booking: Booking, machine_id: UUID | None, start_at: datetime) -> Move:
        return self._moves().try_move(booking, machine_id, start_at, self._session.clock())

    def _preview(
        self, booking: Booking, machine_id: UUID | None, start_at: datetime
    ) -> DropPreview:
        try:
            move = self._try(booking, machine_id, start_at)
        except DomainError as error:
            return DropPreview(refusal=self._reasons(error, booking, machine_id, start_at))
        moved = tuple(
            Moved(each.id, each.machine_id, each.setup_start_at, each.run_start_at, each.end_at)
            for each in move.bookings
        )
        return DropPreview("", moved, move.lateness_minutes, move.setup_minutes, move.later_lines)

    def _reasons(
        self, error: DomainError, booking: Booking, machine_id: UUID | None, start_at: datetime
    ) -> str:
        """Why it is refused, and what rules it out whatever else is moved."""
        words = error_text(error)
        if error.code not in _RULED_OUT_BY_OTHERS:
            return words
        found = self._moves().obstacles(booking, machine_id, start_at, self._session.clock())
        if found is None:
            return tr("gantt.drop.others_first", refusal=words)
        named = tuple(obstacle_words(self._session.bench.plan, each) for each in found)
        key = "gantt.drop.impossible" if named else "gantt.drop.too_long"
        return tr(key, refusal=words, limits=named)

    def _move(self, booking_id: UUID, machine_id: UUID | None, start_at: datetime) -> None:
        plan = self._session.bench.plan
        booking, scenario = plan.get(Booking, booking_id), plan.published()
        if booking is None or scenario is None:
            return
        now_at = self._session.clock()

        def make() -> ChangeSet:
            move = self._try(booking, machine_id, start_at)
            others = len(move.bookings) - 1
            if others > MANY:
                late = move.later_lines
                if not ask(self._panel.window(), "ask.move_many", count=others, late=late):
                    return ChangeSet("move_operation", ())
                move = self._try(booking, machine_id, start_at)  # the plan may be another by now
            return rebook(plan, scenario, move.bookings, now_at, "move_operation")

        self._submit(make)

    def _lock(self, booking_ids: Sequence[UUID], level: LockLevel) -> None:
        plan = self._session.bench.plan
        found = (plan.get(Booking, each) for each in booking_ids)
        bookings = [booking for booking in found if booking is not None]
        self._submit(lambda: edits.set_lock(bookings, level))

    def _submit(self, make: Callable[[], ChangeSet]) -> None:
        try:
            changes = make()
        except DomainError as error:
            show_error(self._panel.window(), error)
            return
        self._session.bench.submit(changes)

    # what bars are about

    def _open_booking(self, booking_id: UUID) -> None:
        plan = self._session.bench.plan
        booking = plan.get(Booking, booking_id)
        self._show(plan.get(Operation, booking.operation_id) if booking else None)

    def _show_line(self, line_id: UUID) -> None:
        self._show(self._session.bench.plan.get(OrderLine, line_id))

    def _show_order(self, order_id: UUID) -> None:
        self._show(self._session.bench.plan.get(WorkOrder, order_id))

    def _show(self, row: Row | None) -> None:
        """Choose a row everywhere and open its details."""
        if row is not None:
            self._panel.rows_chosen.emit([row])
            self._panel.opened.emit(row)


def _load_repair(_job: Job[None]) -> None:
    with loading():
        import_module("domain.scheduling.repair")

"""The Gantt at work: what a drag would do, the drop as a change, locks, and what bars are about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, QTimer

from app.priority import loading, untidy
from app.session import Session
from app.worker import Failure, Job, coded_errors
from domain import edits
from domain.changes import ChangeSet, Row
from domain.errors import DomainError, RuleViolation
from domain.plan import Plan
from domain.production import Operation
from domain.scenarios import Booking, LockLevel, Scenario
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

_HOLDS_FOR = timedelta(minutes=5)
"""So long a board may be asked: what has begun or was frozen since is not held by it."""

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
        self._board: MoveBoard | DomainError | None = None
        """What drags are answered from, or why none can be; None: it is to be laid out."""
        self._board_at = session.clock()
        """The time that is now for it."""
        self._told: set[str] = set()
        """Faults that were told since a board was laid out: once is enough."""
        self._state = 0
        """Becomes more with every change: what was laid out before is of another plan."""
        self._is_read_only = False
        self._revision = 0  # of the rows as they were heard of last
        self._soon = QTimer(self, singleShot=True, interval=_LAY_OUT_MILLISECONDS)
        self._soon.timeout.connect(self._lay_out)
        panel.gantt_made.connect(self._connect)

    def stop(self) -> None:
        """Lay nothing out any more."""
        self._soon.stop()

    def note_changed(self, rows: Mapping[type[Row], object]) -> None:
        """Rows changed; what moved in the making of a plan is told until the plan changes, too."""
        bench = self._session.bench
        self._panel.note_changed(rows.keys())
        if bench.revision != self._revision and Booking in rows:
            self._panel.show_moved(None)
        self._revision = bench.revision

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
        for wish in (gantt.order_requested, gantt.explain_requested, gantt.work_order_requested):
            wish.connect(self._show_order)
        self._session.bench.rows_changed.connect(self._forget)
        self._session.outlooks.changed.connect(self._note_time)  # every minute, too
        run = self._session.worker.run
        run("load_repair", _load_repair, self._begin, self._tell, lane="outlook")

    def _begin(self, _nothing: None) -> None:
        self._soon.start()

    def _tell(self, error: Failure) -> None:
        if (fault := str(error)) not in self._told:
            self._told.add(fault)
            show_error(self._panel.window(), error)

    def _forget(self, _rows: object) -> None:
        self._board = None
        self._state += 1
        self._soon.start()

    def _note_time(self, _outlook: object) -> None:
        if self._board is not None and not self._has_board():
            self._soon.start()

    # drags

    def _has_board(self) -> bool:
        """Whether there is one of the rows as they are and of about this time.

        A computer that slept has skipped some, and a clock may be set back.
        """
        passed = abs(self._session.clock() - self._board_at)
        return self._board is not None and passed < _HOLDS_FOR

    def _lay_out(self) -> None:
        """Have the board there before a bar is taken: with many operations that takes a while."""
        plan = self._session.bench.plan
        scenario = plan.published()
        is_wanted = self._panel.isVisible() and not self._is_read_only
        if self._has_board() or scenario is None or not is_wanted:
            return
        seen, now_at = plan.copy(), self._session.clock()

        def work(_job: Job[MoveBoard | DomainError]) -> MoveBoard | DomainError:
            with untidy():
                return _laid_out(seen, scenario, now_at)

        take = partial(self._take, self._state, now_at)
        self._session.worker.run("lay_out", work, take, self._tell, lane="outlook")

    def _take(self, state: int, now_at: datetime, board: MoveBoard | DomainError) -> None:
        if state == self._state and not self._has_board():
            self._keep(board, now_at)
        if isinstance(board, DomainError) and board.code == "unexpected":
            self._tell(board)  # of all else whoever drags is told

    def _keep(self, board: MoveBoard | DomainError, now_at: datetime) -> None:
        self._board, self._board_at = board, now_at
        if not isinstance(board, DomainError):
            self._told.clear()

    def _moves(self) -> MoveBoard:
        """The board of the plan as it is now, laid out at once if there is none of now.

        Raises:
            DomainError: why there is none.
        """
        board = self._board
        if board is None or not self._has_board():
            plan, now_at = self._session.bench.plan, self._session.clock()
            scenario = plan.published()
            if scenario is None:
                raise RuleViolation("plan_missing")
            board = _laid_out(plan, scenario, now_at)
            self._keep(board, now_at)
        if isinstance(board, DomainError):
            raise board.with_traceback(None)  # which would grow with every time
        return board

    def _eligible(self, booking: Booking) -> Collection[UUID]:
        try:
            with coded_errors("drag"):
                return self._moves().eligible(booking)
        except DomainError:
            return ()  # the preview says why

    def _try(self, booking: Booking, machine_id: UUID | None, start_at: datetime) -> Move:
        return self._moves().try_move(booking, machine_id, start_at, self._session.clock())

    def _preview(
        self, booking: Booking, machine_id: UUID | None, start_at: datetime
    ) -> DropPreview:
        try:
            with coded_errors("drag"):
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
        try:
            with coded_errors("drag"):
                now_at = self._session.clock()
                found = self._moves().obstacles(booking, machine_id, start_at, now_at)
        except DomainError:
            return words  # it is refused all the same
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
            with coded_errors("drop"):
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

    def _show_order(self, order_id: UUID) -> None:
        self._show(self._session.bench.plan.find(order_id))

    def _show(self, row: Row | None) -> None:
        """Choose a row everywhere and open its details."""
        if row is not None:
            self._panel.rows_chosen.emit([row])
            self._panel.opened.emit(row)


def _laid_out(plan: Plan, scenario: Scenario, now_at: datetime) -> MoveBoard | DomainError:
    """What drags are answered from, or why it cannot be had."""
    try:
        with coded_errors("lay_out"):
            from domain.scheduling.repair import MoveBoard

            return MoveBoard(plan, scenario, now_at)
    except DomainError as error:
        return error


def _load_repair(_job: Job[None]) -> None:
    """What the first drag needs takes too long to load to wait for it with a bar in the hand."""
    with loading():
        import_module("domain.scheduling.repair")

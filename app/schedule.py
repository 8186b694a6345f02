"""The Gantt at work: what a drag would do, the drop as a change, locks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain.scheduling.moves import Move, try_move
from PySide6.QtCore import QObject

from app.session import Session
from domain.errors import DomainError
from domain.scenarios import Booking
from domain.scheduling.rebook import rebook
from widgets.dialogs.words import show_error
from widgets.gantt.drop import DropPreview, Moved
from widgets.gantt.view import GanttView
from widgets.schedule.panel import SchedulePanel
from widgets.text import error_text


class ScheduleDesk(QObject):
    """Answers the Gantt's drags from the plan in memory, and submits what is dropped."""

    def __init__(self, session: Session, panel: SchedulePanel, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._panel = panel
        panel.gantt_made.connect(self._connect)

    def set_read_only(self, *, read_only: bool) -> None:
        """While a plan is being made, the one shown cannot be dragged."""
        if self._panel.gantt is not None:
            self._panel.gantt.set_read_only(read_only)

    def _connect(self, gantt: GanttView) -> None:
        gantt.set_evaluator(self._preview)
        gantt.move_requested.connect(self._move)
        gantt.lock_requested.connect(self._lock)
        gantt.operation_activated.connect(self._open_booking)
        gantt.order_requested.connect(self._show_line)
        gantt.explain_requested.connect(self._show_line)
        gantt.work_order_requested.connect(self._show_order)

    def _try(self, booking: Booking, machine_id: UUID | None, start_at: datetime) -> Move:
        outlook = self._session.outlooks.current
        return try_move(outlook.plan, booking, machine_id, start_at, outlook.now_at)

    def _preview(
        self, booking: Booking, machine_id: UUID | None, start_at: datetime
    ) -> DropPreview:
        try:
            move = self._try(booking, machine_id, start_at)
        except DomainError as error:
            return DropPreview(refusal=error_text(error))
        moved = tuple(
            Moved(each.id, each.machine_id, each.setup_start_at, each.run_start_at, each.end_at)
            for each in move.bookings
        )
        return DropPreview("", moved, move.lateness_minutes, move.setup_minutes)

    def _move(self, booking_id: UUID, machine_id: UUID | None, start_at: datetime) -> None:
        plan = self._session.bench.plan
        booking, scenario = plan.get(Booking, booking_id), plan.published()
        if booking is None or scenario is None:
            return
        try:
            move = self._try(booking, machine_id, start_at)
            now_at = self._session.clock()
            changes = rebook(plan, scenario, move.bookings, now_at, "move_operation")
        except DomainError as error:
            show_error(self._panel.window(), error)
            return
        self._session.bench.submit(changes)

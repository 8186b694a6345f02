"""How sure the dates are: worked out on demand, and when a plan is made and all is quiet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, QTimer

from app.planning import PlanningRun
from app.session import Session
from app.worker import Failure, Job
from domain.changes import Row
from domain.order_entry import is_about_drafts

if TYPE_CHECKING:
    from domain.scheduling.odds import Odds

_QUIET_MILLISECONDS = 10_000
"""So long after a run, if nothing else happens, the odds of its plan are worked out."""


class OddsDesk(QObject):
    """Keeps the odds of the plan in force, and knows when they are out of date."""

    def __init__(
        self,
        session: Session,
        planning: PlanningRun,
        fail: Callable[[Failure], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._planning, self._fail = session, planning, fail
        self._odds: Odds | None = None
        self._job: Job[Odds | None] | None = None
        self._is_overtaken = False
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MILLISECONDS)
        self._quiet.timeout.connect(self.work_out)
        planning.begun.connect(lambda _job: self._quiet.stop())
        planning.ended.connect(lambda _last: self._quiet.start())
        session.opened.connect(self._listen)

    def work_out(self) -> None:
        """Replay the plan in force in the background; one at a time."""
        session = self._session
        scenario = session.bench.plan.published()
        self._quiet.stop()
        if scenario is None or self._job is not None or self._planning.is_running:
            return
        plan, now_at = session.bench.plan.copy(), session.clock()
        self._is_overtaken = False

        def work(job: Job[Odds | None]) -> Odds | None:
            from domain.scheduling.odds import plan_odds  # the window starts without the engine

            return plan_odds(plan, scenario, now_at, should_stop=lambda: job.is_cancelled)

        self._job = session.worker.run("odds", work, self._show, self._give_up, lane="questions")

    def stop(self) -> None:
        """Begin nothing any more; call before the session is closed."""
        self._quiet.stop()

    def _listen(self) -> None:
        bench = self._session.bench
        self._session.opened.disconnect(self._listen)
        bench.rows_changed.connect(self._note_changed)

    def _note_changed(self, rows: Mapping[type[Row], set[UUID] | None]) -> None:
        if is_about_drafts(self._session.bench.plan, rows):
            return
        self._is_overtaken = True
        if self._quiet.isActive():
            self._quiet.start()  # not quiet yet
        if self._odds is not None:
            self._session.outlooks.show_odds(self._odds, are_old=True)

    def _show(self, odds: Odds | None) -> None:
        self._job = None
        if odds is not None:
            self._odds = odds
            self._session.outlooks.show_odds(odds, are_old=self._is_overtaken)

    def _give_up(self, error: Failure) -> None:
        self._job = None
        self._fail(error)

"""A planning run as the planner sees it: progress, better plans, stop, one undo entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.plan_message import PlanMessage
from app.plan_run import PlanRequest
from app.session import Session
from app.worker import Failure, Job
from domain.changes import ChangeSet
from domain.errors import DomainError
from domain.objectives import ON_TIME, Goal
from domain.plan import Plan
from widgets.text import tr

DEFAULT_SECONDS = 20.0

_STOP_MILLISECONDS = 150
"""So long a stop waits for the run's last plan; then the one that is on screen is it. With many
operations checking another one would take longer than anybody waits."""


class PlanningRun(QObject):
    """Plans what the workbench holds, shows each better plan, and submits the last one.

    While it runs, rows that others change are heard as ever; the plan found is written against the
    rows it was made from, so that a plan overtaken by such a change is refused, not mixed.
    """

    begun = Signal(object)
    stopping = Signal()
    progressed = Signal(object)
    ended = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._job: Job[PlanMessage] | None = None
        self._run = 0
        self._shown: PlanMessage | None = None
        """The plan on screen of the run under way."""
        self._late = QTimer(self, singleShot=True, interval=_STOP_MILLISECONDS)
        self._late.timeout.connect(self._take_shown)
        self._revision = 0
        """Of the rows that are planned: a plan's meaning holds for these alone."""
        self._has_before = False
        self.profile = ON_TIME

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self._job is not None

    def start(self, seconds: float = DEFAULT_SECONDS, seed: int = 1) -> None:
        """Begin a run; nothing happens while one is under way."""
        if self._job is not None:
            return
        session = self._session
        self._has_before = session.bench.plan.published() is not None
        rows, self._revision = tuple(session.bench.plan.rows()), session.bench.revision
        request = PlanRequest(
            session.clock(),
            seconds,
            seed=seed,
            scenario_name=tr("plan.scenario_name"),
            profile=self.profile,
        )

        def work(job: Job[PlanMessage]) -> PlanMessage:
            def tell(message: PlanMessage) -> None:
                job.told.emit(message)
                job.report(min(1.0, message.seconds / seconds), tr(f"stage.{message.stage}"))

            return session.planning.run(rows, request, tell, lambda: job.is_cancelled)

        self._run, self._shown = self._run + 1, None
        show, finish, fail = (
            partial(self._hear, self._run, then) for then in (self._show, self._finish, self._fail)
        )
        self._job = session.worker.run("plan", work, finish, fail, told=show, lane="planning")
        self.begun.emit(self._job)

    def moved(self, last: PlanMessage) -> int | None:
        """How many operations the run has moved that ended so; None: there was no plan before."""
        return last.amounts.get(Goal.CHANGES) if self._has_before else None

    def stop(self) -> None:
        """End the search; the best plan so far is kept."""
        if self._job is not None and not self._job.is_cancelled:
            self._job.cancel()
            self.stopping.emit()
            self._late.start()

    def _take_shown(self) -> None:
        """If the run was told to stop a while ago, its plan is the one that is on screen, which may
        be the one in force."""
        if self._job is None or not self._job.is_cancelled:
            return
        if self._shown is not None:
            self._finish(replace(self._shown, stage="done", is_last=True))
        elif self._has_before:
            self._job = None
            self._session.outlooks.settle()
            self.ended.emit(PlanMessage(stage="done", is_last=True))

    def _hear(self, run: int, then: Callable[[Any], object], news: object) -> None:
        """What a run tells, unless its plan has been taken already."""
        if run == self._run and self._job is not None:
            then(news)

    def _show(self, message: PlanMessage) -> None:
        if self._job is not None and not self._job.is_cancelled:
            self.progressed.emit(self._as_seen(message))
        if message.changes is not None and not message.is_last:
            shown = _with(self._session.bench.plan, message.changes)
            is_known = self._session.bench.revision == self._revision
            self._session.outlooks.preview(shown, message.meaning if is_known else None)
            self._shown = message
            if not self._late.isActive():
                self._take_shown()

    def _as_seen(self, message: PlanMessage) -> PlanMessage:
        """The news with the figure of the plan on screen, which is what a stop keeps: the search
        may know a better one that is still being checked."""
        if message.changes is not None or self._shown is None:
            return message
        return replace(message, weighted_lateness=self._shown.weighted_lateness)

    def _finish(self, last: PlanMessage) -> None:
        self._job = None
        bench = self._session.bench
        is_of_rows = bench.revision == self._revision
        if last.changes is not None:
            bench.submit(last.changes)
        is_known = is_of_rows and bench.revision != self._revision  # else it was refused
        self._session.outlooks.settle(last.findings, last.meaning if is_known else None)
        if last.error is not None or last.changes is None:
            self.failed.emit(last.error or DomainError("plan_missing"))
        else:
            self.ended.emit(last)

    def _fail(self, error: Failure) -> None:
        self._job = None
        self._session.outlooks.settle()
        self.failed.emit(error)


def _with(plan: Plan, changes: ChangeSet) -> Plan:
    shown = plan.copy()
    shown.apply(changes)
    return shown

"""From rows to what panels show: the plan in force and what it means for the orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.meaning import Meaning, meaning_of
from app.priority import untidy
from app.workbench import Workbench
from app.worker import Failure, Job, Worker
from domain.changes import Row
from domain.errors import Finding
from domain.plan import Plan
from domain.production import Operation, Peg
from domain.resources import Plant
from domain.scenarios import Booking, OvertimeShift
from widgets.outlook import Outlook

if TYPE_CHECKING:
    from domain.scheduling.odds import Odds

_PLACES: set[type[Row]] = {Booking, OvertimeShift, Operation, Peg}
"""Rows that say where and for what work is done: of what can not be planned they say nothing."""

_Seen = tuple[Plan | None, int, datetime]
"""A preview or None, what the rows said, and when they were looked at."""

_GATHER_MILLISECONDS = 40
_QUIET_MILLISECONDS = 300
"""So long nothing may change before what is missing is looked for: panels are drawn first, as both
would share one interpreter."""

_CLOCK_MILLISECONDS = 60_000


class Outlooks(QObject):
    """Keeps one Outlook up to date; ``changed`` tells when there is a new one.

    Changed rows are shown at once; what they mean for the orders is worked out in the background
    and follows. While a planning run shows plans that are not stored yet, ``preview`` sets them in
    place of the stored ones.
    """

    changed = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        bench: Workbench,
        worker: Worker,
        clock: Callable[[], datetime],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bench = bench
        self._worker = worker
        self._clock = clock
        self._preview: Plan | None = None
        self._findings: Sequence[Finding] = ()
        self._is_stale, self._is_looking = True, False
        self._odds: tuple[Odds | None, bool] = (None, False)
        self._is_working = False
        self._known: _Seen | None = None
        """What the meaning shown is of."""
        self.current = Outlook()
        self._gather = QTimer(self, singleShot=True, interval=_GATHER_MILLISECONDS)
        self._gather.timeout.connect(self.renew)
        self._hearing = bench.rows_changed.connect(self._hear)
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MILLISECONDS)
        self._quiet.timeout.connect(self._find_findings)
        self._minute = QTimer(self, interval=_CLOCK_MILLISECONDS)
        self._minute.timeout.connect(self.renew)
        self._minute.start()

    def _hear(self, rows: Mapping[type[Row], object]) -> None:
        self._is_stale |= bool(rows.keys() - _PLACES)
        self._gather.start()

    def preview(self, plan: Plan, meaning: Meaning | None = None) -> None:
        """Show this plan instead of the stored one; its meaning is worked out if it is None."""
        self._preview = plan
        self._renew(meaning)

    def settle(
        self, findings: Sequence[Finding] | None = None, meaning: Meaning | None = None
    ) -> None:
        """Show the stored plan (again), with what the last run could not plan, and why.

        None keeps the findings there are. They hold until the rows have been looked at anew.
        """
        self._preview = None
        self._findings = self._findings if findings is None else findings
        self._renew(meaning)

    def show_odds(self, odds: Odds | None, *, are_old: bool) -> None:
        """Show how sure the dates are; or that they were so once, before rows changed.

        It is seen together with what has changed, which may be about to be told with its meaning.
        """
        if self._odds != (odds, are_old):
            self._odds = odds, are_old
            self._gather.start()

    def renew(self) -> None:
        """Look at the rows again."""
        self._renew(None)

    def _renew(self, meaning: Meaning | None) -> None:
        self._gather.stop()
        self.current = self._look(meaning or (self.current.fates, self.current.amounts))
        if meaning is not None:
            self._known = self._seen()
        self.changed.emit(self.current)
        self._find_fates()
        self._quiet.start()

    def _seen(self) -> _Seen:
        return self._preview, self._bench.revision, self._clock()

    def _look(self, meaning: Meaning) -> Outlook:
        plan = self._preview or self._bench.plan
        outlook = look_at(plan, self._clock(), self._findings, meaning)
        odds, are_old = self._odds
        is_other = self._preview is not None  # than the plan that they are of
        return replace(outlook, odds=odds, odds_are_old=are_old or is_other)

    def close(self) -> None:
        """Look no more; call before the worker is closed."""
        self._bench.rows_changed.disconnect(self._hearing)
        self._gather.stop()
        self._quiet.stop()
        self._minute.stop()

    def _find_findings(self) -> None:
        """Tell anew from the rows what is missing, so that every window says the same of it."""
        if not self._is_stale or self._is_looking or self._preview is not None:
            return
        self._is_stale, self._is_looking = False, True
        seen = replace(self.current, plan=self._bench.plan.copy())

        def work(_job: Job[Sequence[Finding]]) -> Sequence[Finding]:
            with untidy():
                return findings_of(seen)

        self._worker.run("outlook", work, self._take_findings, self._fail_findings, lane="outlook")

    def _take_findings(self, found: Sequence[Finding]) -> None:
        self._is_looking = False
        if tuple(found) != self.current.findings:
            self._findings = found
            self.current = replace(self.current, findings=tuple(found))
            self.changed.emit(self.current)
        self._find_findings()

    def _fail_findings(self, error: Failure) -> None:
        self._is_looking = False
        self.failed.emit(error)

    def _find_fates(self) -> None:
        """Work out the fates off the UI thread, one look at a time."""
        seen = self._seen()
        if self._is_working or seen == self._known:
            return
        self._is_working = True
        # The rows must not change under the work.
        plan, current = self.current.plan.copy(), self.current

        def work(_job: Job[Meaning]) -> Meaning:
            return meaning_of(plan, current.bookings.values(), current.now_at)

        take = partial(self._take_fates, seen)
        self._worker.run("outlook", work, take, self._fail, lane="outlook")

    def _take_fates(self, seen: _Seen, meaning: Meaning) -> None:
        self._is_working = False
        if self._known == self._seen():
            return  # somebody has told it meanwhile
        self._known = seen
        if meaning != (self.current.fates, self.current.amounts):
            # The rows may have changed since: fates and rows are shown together as they are now.
            self.current = self._look(meaning)
            self.changed.emit(self.current)
        self._find_fates()

    def _fail(self, error: Failure) -> None:
        self._is_working = False
        self.failed.emit(error)


def look_at(
    plan: Plan, now_at: datetime, findings: Sequence[Finding] = (), meaning: Meaning = ({}, {})
) -> Outlook:
    """The outlook on a plan with what is known of its meaning for the orders."""
    scenario = plan.published()
    bookings = [] if scenario is None else plan.where(Booking, scenario_id=scenario.id)
    return Outlook(
        plan=plan,
        now_at=now_at,
        scenario=scenario,
        bookings={booking.operation_id: booking for booking in bookings},
        fates=meaning[0],
        amounts=meaning[1],
        findings=tuple(findings),
    )


def findings_of(outlook: Outlook) -> Sequence[Finding]:
    """What stands in the way of the plan in force; nothing where there is no factory."""
    if not outlook.plan.table(Plant):
        return ()
    from domain.scheduling.standing import plan_findings

    return plan_findings(outlook.plan, outlook.now_at)

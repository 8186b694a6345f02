"""From rows to what panels show: the plan in force and what it means for the orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from app.workbench import Workbench
from domain.errors import Finding
from domain.plan import Plan
from domain.scenarios import Booking
from domain.scheduling.lateness import order_lateness
from widgets.outlook import Outlook

_GATHER_MILLISECONDS = 40
_CLOCK_MILLISECONDS = 60_000


class Outlooks(QObject):
    """Keeps one Outlook up to date; ``changed`` tells when there is a new one.

    While a planning run shows plans that are not stored yet, ``preview`` sets them in place of the
    stored ones.
    """

    changed = Signal(object)

    def __init__(
        self, bench: Workbench, clock: Callable[[], datetime], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bench = bench
        self._clock = clock
        self._preview: Plan | None = None
        self._findings: Sequence[Finding] = ()
        self.current = Outlook()
        self._gather = QTimer(self, singleShot=True, interval=_GATHER_MILLISECONDS)
        self._gather.timeout.connect(self.renew)
        bench.rows_changed.connect(lambda _rows: self._gather.start())
        self._minute = QTimer(self, interval=_CLOCK_MILLISECONDS)
        self._minute.timeout.connect(self.renew)
        self._minute.start()

    @property
    def is_preview(self) -> bool:
        """Whether what is shown is a plan not stored yet."""
        return self._preview is not None

    def preview(self, plan: Plan | None) -> None:
        """Show this plan instead of the stored one; None: the stored one again."""
        self._preview = plan
        self.renew()

    def tell(self, findings: Sequence[Finding]) -> None:
        """What the last run could not plan, and why."""
        self._findings = findings
        self.renew()

    def renew(self) -> None:
        """Look at the rows again."""
        self._gather.stop()
        plan = self._preview or self._bench.plan
        self.current = look_at(plan, self._clock(), self._findings)
        self.changed.emit(self.current)


def look_at(plan: Plan, now_at: datetime, findings: Sequence[Finding] = ()) -> Outlook:
    """The outlook on a plan with what its published scenario means for the orders."""
    scenario = plan.published()
    bookings = [] if scenario is None else plan.where(Booking, scenario_id=scenario.id)
    fates = order_lateness(plan, bookings, now_at) if scenario is not None else []
    return Outlook(
        plan=plan,
        now_at=now_at,
        scenario=scenario,
        bookings={booking.operation_id: booking for booking in bookings},
        fates={fate.order_line.id: fate for fate in fates},
        findings=tuple(findings),
    )

"""Answers the details panel's question why an order line is late, off the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.session import Session
from app.window import MainWindow
from app.worker import Failure, Job
from domain.orders import OrderLine

if TYPE_CHECKING:
    from domain.scheduling.why import Why


def explain(session: Session, window: MainWindow, fail: Callable[[Failure], None]) -> None:
    """Work out the story of the line that the details panel shows, and show it there."""
    details, outlook = window.details, session.outlooks.current
    subject, scenario = details.subject, outlook.scenario
    if not isinstance(subject, OrderLine) or scenario is None:
        return
    plan = session.bench.plan.copy()

    def show(why: Why | None) -> None:
        if details.subject is subject:
            details.show_why(why)

    def work(_job: Job[Why | None]) -> Why | None:
        from domain.scheduling.why import why_late  # the engine, which the window starts without

        return why_late(plan, scenario, subject.id)

    session.worker.run("why", work, show, fail, lane="questions")

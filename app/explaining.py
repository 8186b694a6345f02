"""Answers the details panel's question why an order line is late, off the window's thread."""

from __future__ import annotations

from collections.abc import Callable

from app.session import Session
from app.window import MainWindow
from app.worker import Failure
from domain.orders import OrderLine
from domain.scheduling.why import Why, why_late


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

    session.worker.run("why", lambda _job: why_late(plan, scenario, subject.id), show, fail)

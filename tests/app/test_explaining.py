"""Why an order is finished when it is, asked in the window on a real database."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from app.desk import Desk
from domain.orders import OrderLine


def test_the_details_panel_is_answered_by_the_worker(
    desks: Callable[..., Desk], stored: str, qtbot: QtBot
) -> None:
    desk = desks(stored)
    outlooks = desk.session.outlooks
    qtbot.waitUntil(lambda: bool(outlooks.current.fates))
    fates = outlooks.current.fates.values()
    planned = [fate for fate in fates if fate.finish_at is not None]
    assert outlooks.current.scenario is not None
    latest = max(planned, key=lambda fate: fate.late_minutes)
    details = desk.window.details
    desk.window.open_panel("details")
    line = desk.session.bench.plan.need(OrderLine, latest.order_line.id)
    details.show_chosen([line])
    details._tabs.setCurrentWidget(details._why)
    qtbot.waitUntil(lambda: details._why.topLevelItemCount() > 0, timeout=20_000)
    # The small factory's order has a step that no machine may do.
    assert details._why.topLevelItem(0).text(0).startswith("This order cannot be planned")

"""The two ways to fit a wish into the plan, as a tree: what limits each, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from domain.items import Item
from domain.orders import OrderLine
from domain.plan import Plan
from domain.resources import Machine
from widgets.orders.asked import Asked, outcome
from widgets.orders.rows import cause_words
from widgets.text import finding_text, format_duration, tr

if TYPE_CHECKING:  # the engine is not loaded for a name
    from domain.scheduling.quote import Reason, Way

MOST_REASONS = 6
MOST_LATER = 50
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class WaysTree(QTreeWidget):
    """One branch a way, with what takes the time and which other orders get later."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setUniformRowHeights(True)
        self.setColumnCount(3)
        self.retranslate()

    def retranslate(self) -> None:
        """Name the columns in the user's language."""
        self.setHeaderLabels([tr(f"promise.{name}") for name in ("what", "time", "where")])

    def show_asked(self, plan: Plan, asked: Asked | None) -> None:
        """Show the answer to a wish; None: nothing is chosen."""
        self.clear()
        if asked is None or asked.quote is None:
            return
        for name, way in (("gentle", asked.gentle), ("rush", asked.rush)):
            words = tr(f"promise.{name}_way", outcome=outcome(asked, way))
            branch = QTreeWidgetItem([words])
            self.addTopLevelItem(branch)
            branch.setFirstColumnSpanned(True)
            if way is not None:
                branch.addChildren(list(_children(plan, asked.quote.value, way)))
        if asked.gentle is None:
            self.addTopLevelItems([_row(finding_text(each)) for each in asked.quote.findings])
        self.expandAll()
        for column, width in enumerate((430, 110)):
            self.setColumnWidth(column, width)


def _children(plan: Plan, value: int, way: Way) -> Iterator[QTreeWidgetItem]:
    for told in way.told:
        yield _row(finding_text(told))
    for reason in way.reasons[:MOST_REASONS]:
        yield _row(_cause(plan, reason), format_duration(reason.minutes), _place(plan, reason))
    if not way.reasons:
        yield _row(tr("promise.from_stock"))
    before, after = (format_duration(each) for each in (value, value + way.value_change))
    yield _row(tr("promise.total", before=before, after=after))
    if way.moved:
        yield _row(tr("promise.moved", count=way.moved))
    for line_id, minutes in way.later[:MOST_LATER]:
        yield _row(tr("promise.later", order=_order(plan, line_id)), format_duration(minutes))
    if len(way.later) > MOST_LATER:
        yield _row(tr("promise.more_later", count=len(way.later) - MOST_LATER))


def _row(what: str, time: str = "", where: str = "") -> QTreeWidgetItem:
    item = QTreeWidgetItem([what, time, where])
    item.setTextAlignment(1, _RIGHT)
    for column, text in enumerate((what, time, where)):
        item.setToolTip(column, text)
    return item


def _cause(plan: Plan, reason: Reason) -> str:
    items = [plan.get(Item, each) for each in reason.item_ids]
    words = cause_words(reason.cause, [item.code for item in items if item])
    return words if reason.is_own else tr("promise.cause_others", cause=words)


def _place(plan: Plan, reason: Reason) -> str:
    machine = plan.get(Machine, reason.machine_id)
    return f"{machine.code} {machine.name}".strip() if machine else ""


def _order(plan: Plan, line_id: UUID) -> str:
    line = plan.get(OrderLine, line_id)
    return line.label if line else tr("value.missing")

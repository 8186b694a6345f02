"""Why an order line is finished when it is, and what would help, as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from domain.items import Item
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import Machine
from widgets.orders.rows import cause_words
from widgets.text import enum_text, format_duration, tr

if TYPE_CHECKING:  # the engine is not loaded for a name
    from domain.scheduling.conflict import Obstacle
    from domain.scheduling.why import Advice, Stretch, Why

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class WhyTree(QTreeWidget):
    """Stretches from the finish back to the plan's start, then what would help."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setUniformRowHeights(True)
        self.retranslate()

    def retranslate(self) -> None:
        """Name the columns in the user's language."""
        names = ("details.cause", "details.time", "column.operation", "column.machine")
        self.setHeaderLabels([*(tr(name) for name in names), tr("details.when")])

    def show_why(self, plan: Plan, why: Why | None) -> None:
        """Show an explanation; None: the order cannot be planned as things are."""
        self.clear()
        if why is None:
            self.addTopLevelItem(_row([tr("details.not_planned")]))
            self.setFirstColumnSpanned(0, self.rootIndex(), True)
            return
        chain = QTreeWidgetItem([tr("details.chain")])
        chain.addChildren([_stretch(plan, one) for one in why.stretches])
        self.addTopLevelItem(chain)
        if why.obstacles is not None:
            self.addTopLevelItem(_impossible(plan, why.obstacles))
        if why.advice:
            helps = QTreeWidgetItem([tr("details.advice")])
            helps.addChildren([_advice(plan, one) for one in why.advice])
            self.addTopLevelItem(helps)
        self.expandAll()
        for column in range(self.columnCount()):
            self.resizeColumnToContents(column)


def _stretch(plan: Plan, one: Stretch) -> QTreeWidgetItem:
    items = [plan.get(Item, each) for each in one.item_ids]
    texts = [
        cause_words(one.cause, [item.code for item in items if item]),
        format_duration(one.minutes),
        operation_name(plan, one.operation_id),
        _machine(plan, one.machine_id),
        tr("details.from_to", start=one.begin_at, end=one.end_at),
    ]
    return _row(texts)


def _impossible(plan: Plan, obstacles: Sequence[Obstacle]) -> QTreeWidgetItem:
    if not obstacles:
        return _row([tr("details.too_long")])
    branch = _row([tr("details.impossible")])
    branch.addChildren([_row([obstacle_words(plan, each)]) for each in obstacles])
    return branch


def obstacle_words(plan: Plan, obstacle: Obstacle) -> str:
    """A limit, and what it is of."""
    operation = operation_name(plan, obstacle.operation_id)
    names = [name for name in (operation, _machine(plan, obstacle.machine_id)) if name]
    return cause_words(obstacle.kind, names)


def _advice(plan: Plan, one: Advice) -> QTreeWidgetItem:
    texts = [
        enum_text(one.kind),
        format_duration(-one.saved_minutes),
        operation_name(plan, one.operation_id),
        _machine(plan, one.machine_id),
        tr("details.total_change", change=f"{one.value_change:+,}"),
    ]
    return _row(texts)


def _row(texts: list[str]) -> QTreeWidgetItem:
    item = QTreeWidgetItem(texts)
    item.setTextAlignment(1, _RIGHT)  # a time
    for column, text in enumerate(texts):
        item.setToolTip(column, text)
    return item


def operation_name(plan: Plan, operation_id: UUID | None) -> str:
    """Work order and step; empty where there is none."""
    step = plan.get(Operation, operation_id)
    order = plan.get(WorkOrder, step.work_order_id) if step else None
    if step is None or order is None:
        return ""
    return f"{order.number}/{step.number}" + (f".{step.part}" if step.part else "")


def _machine(plan: Plan, machine_id: UUID | None) -> str:
    machine = plan.get(Machine, machine_id)
    return machine.code if machine else ""

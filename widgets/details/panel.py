"""The Details panel: follows the selection anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFormLayout,
    QHeaderView,
    QLabel,
    QScrollArea,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from domain.changes import Row
from domain.errors import Finding, Severity
from domain.history import AuditEntry
from domain.items import Item
from domain.orders import OrderLine
from domain.production import Operation, WorkOrder
from domain.resources import Machine
from domain.scenarios import Booking
from widgets import theme
from widgets.details.facts import facts
from widgets.details.pegging import Node, demands_above, row_title, row_when, supplies_below
from widgets.details.why import WhyTree
from widgets.panel import Panel
from widgets.text import finding_text, format_instant, format_quantity, show, tr

if TYPE_CHECKING:  # the engine is not loaded for a name
    from domain.scheduling.why import Why

_ROW = Qt.ItemDataRole.UserRole
_SEVERITY = {
    Severity.ERROR: ("circle-x", theme.Role.LATE),
    Severity.WARNING: ("triangle-alert", theme.Role.WARNING),
    Severity.INFO: ("info", theme.Role.ACCENT),
}


class DetailsPanel(Panel):
    """Facts, pegging, findings and history of the row chosen last.

    Wishes ``history`` when the history of ``subject`` is looked at: answer with ``show_history``;
    and ``why`` when it is an order line whose reasons are looked at: ``show_why``.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("details", parent)
        self.subject: Row | None = None
        self._title = QLabel(self, margin=4, wordWrap=True)
        self._title.setIndent(8)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._tabs = QTabWidget(self, documentMode=True)
        self._facts, self._form = _fact_sheet()
        self._below = self._tree("details.below")
        self._above = self._tree("details.above")
        self._why = WhyTree(self)
        self.say(self._why.setAccessibleName, "details.why")
        self._findings = self._tree("details.findings")
        self._history = self._tree("details.history")
        self._pages: list[tuple[QWidget, str]] = [
            (self._facts, "details.facts"),
            (self._below, "details.below"),
            (self._above, "details.above"),
            (self._why, "details.why"),
            (self._findings, "details.findings"),
            (self._history, "details.history"),
        ]
        for page, key in self._pages:
            self._tabs.addTab(page, tr(key))
        self._tabs.currentChanged.connect(self._look)
        self.body.addWidget(self._title)
        self.body.addWidget(self._tabs, 1)
        self.retranslate()

    def _tree(self, key: str) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setUniformRowHeights(True)
        self.say(tree.setAccessibleName, key)
        tree.itemActivated.connect(self._open)
        tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        return tree

    @override
    def show_chosen(self, rows: Sequence[Row]) -> None:
        if rows and rows[0] != self.subject:
            self.subject = rows[0]
            self._history.clear()
            self._why.clear()
            self.refresh()
            self._look(self._tabs.currentIndex())

    @override
    def refresh(self) -> None:
        row = self.subject
        if row is not None:
            row = self.outlook.plan.get(type(row), row.id)
        self._title.setText(_title(row) if row else tr("details.nothing"))
        self._show_facts(row)
        self._show_pegging(row)
        self._show_findings(self.outlook.findings_of(row) if row else [])

    def show_history(self, entries: Iterable[AuditEntry]) -> None:
        """Show who changed the subject, and what; newest first."""
        self._history.clear()
        for entry in sorted(entries, key=lambda entry: entry.sequence, reverse=True):
            item = QTreeWidgetItem([format_instant(entry.at), entry.who, _deed(entry)])
            for name in _changed_fields(entry):
                before = show((entry.before or {}).get(name))
                after = show((entry.after or {}).get(name))
                item.addChild(QTreeWidgetItem([tr(f"column.{name}"), before, after]))
            self._history.addTopLevelItem(item)

    def show_why(self, why: Why | None) -> None:
        """Show why the subject, an order line, is finished when it is; None: it is not planned."""
        self._why.show_why(self.outlook.plan, why)

    def _show_facts(self, row: Row | None) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        for name, text in facts(self.outlook, row) if row else ():
            label = QLabel(tr(name))
            label.setForegroundRole(label.foregroundRole().PlaceholderText)
            value = QLabel(text, wordWrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._form.addRow(label, value)

    def _show_pegging(self, row: Row | None) -> None:
        if isinstance(row, Booking):
            row = self.outlook.plan.get(Operation, row.operation_id)
        if isinstance(row, Operation):
            row = self.outlook.plan.get(WorkOrder, row.work_order_id)
        for tree, nodes in (
            (self._below, supplies_below(self.outlook, row) if row else []),
            (self._above, demands_above(self.outlook, row) if row else []),
        ):
            tree.clear()
            tree.addTopLevelItems([self._branch(node) for node in nodes])
            tree.expandToDepth(3)
            _fit(tree)

    def _branch(self, node: Node) -> QTreeWidgetItem:
        texts = [
            row_title(node.row),
            node.item.code,
            format_quantity(node.quantity, node.item.unit, 3),
            row_when(self.outlook, node.row),
        ]
        item = QTreeWidgetItem(texts)
        item.setData(0, _ROW, node.row.id)
        item.setToolTip(1, node.item.name)
        item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setData(1, _ROW, type(node.row))
        item.addChildren([self._branch(child) for child in node.children])
        return item

    def _show_findings(self, findings: Iterable[Finding]) -> None:
        self._findings.clear()
        for finding in findings:
            item = QTreeWidgetItem([finding_text(finding)])
            name, role = _SEVERITY[finding.severity]
            item.setIcon(0, theme.icon(name, role))
            item.setToolTip(0, finding_text(finding))
            self._findings.addTopLevelItem(item)

    def _look(self, page: int) -> None:
        if self._tabs.widget(page) is self._history and self.subject is not None:
            self.wished.emit("history")
        if self._tabs.widget(page) is self._why and isinstance(self.subject, OrderLine):
            self.wished.emit("why")

    def _open(self, item: QTreeWidgetItem) -> None:
        kind, row_id = item.data(1, _ROW), item.data(0, _ROW)
        if kind is not None:
            row = self.outlook.plan.get(kind, row_id)
            if row is not None:
                self.rows_chosen.emit([row])

    @override
    def retranslate(self) -> None:
        if not hasattr(self, "_pages"):
            return
        for at, (_page, key) in enumerate(self._pages):
            self._tabs.setTabText(at, tr(key))
        for tree in (self._below, self._above):
            names = ("details.what", "column.item", "column.quantity", "details.when")
            tree.setHeaderLabels([tr(name) for name in names])
        self._why.retranslate()
        self._findings.setHeaderLabels([tr("details.findings")])
        self._history.setHeaderLabels([tr(f"details.{n}") for n in ("at", "who", "change")])
        super().retranslate()


def _fact_sheet() -> tuple[QScrollArea, QFormLayout]:
    sheet = QWidget()
    form = QFormLayout()
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    form.setHorizontalSpacing(16)
    form.setVerticalSpacing(4)
    outer = QVBoxLayout(sheet)
    outer.setContentsMargins(8, 8, 8, 8)
    outer.addLayout(form)
    outer.addStretch(1)
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(sheet)
    return area, form


def _fit(tree: QTreeWidget) -> None:
    for column in range(tree.columnCount()):
        tree.header().setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        tree.resizeColumnToContents(column)
        tree.setColumnWidth(column, min(tree.columnWidth(column) + 8, 280))


def _title(row: Row) -> str:
    match row:
        case Operation():
            name = f"{row.number} {row.name}".strip()
            return tr("row.operation", name=f"{name} ({row.part})" if row.part else name)
        case Item():
            return tr("row.item", name=row.code)
        case Machine():
            return tr("row.machine", name=row.code)
        case _:
            return row_title(row)


def _deed(entry: AuditEntry) -> str:
    if entry.before is None:
        return tr("details.made")
    return tr("details.deleted") if entry.after is None else tr("details.changed")


def _changed_fields(entry: AuditEntry) -> list[str]:
    """The columns that a change set differently; bookkeeping is no news."""
    before, after = entry.before or {}, entry.after or {}
    names = [*after, *(name for name in before if name not in after)]
    hidden = {"id", "row_version", "plant_id"}
    return [n for n in names if n not in hidden and before.get(n) != after.get(n)]

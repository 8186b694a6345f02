"""The Dashboard: figures, load, what is late."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from widgets import theme
from widgets.charts.bars import BarList
from widgets.dashboard.figures import LOAD_DAYS, Figure, figures, load_bars
from widgets.mrp.rows import shortages
from widgets.orders.rows import ORDER_COLUMNS, line_views
from widgets.panel import Panel
from widgets.shell.elided import ElidedLabel
from widgets.text import tr

_LATE_COLUMNS = ("order_number", "line", "customer", "item_name", "due_on", "outcome", "cause")


class DashboardPanel(Panel):
    """How the factory stands. Double-click on a late order opens it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("dashboard", parent)
        self._tiles = QWidget(self)
        self._row = QHBoxLayout(self._tiles)
        self._row.setContentsMargins(8, 8, 8, 8)
        self._row.setSpacing(8)
        self.load = BarList(self)
        self.grid = self.add_grid(
            [column for column in ORDER_COLUMNS if column.key in _LATE_COLUMNS], "late_orders"
        )
        self.grid.model.is_editable = False
        self.grid.set_empty("dashboard.none_late")
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.addWidget(self._titled("panel.late_orders", self.grid))
        bars, box = _scrolled(self)
        box.setContentsMargins(8, 0, 8, 8)
        box.addWidget(self.load)
        box.addStretch(1)
        split.addWidget(self._titled("dashboard.load", bars, days=LOAD_DAYS))
        split.setSizes([620, 380])
        self.add_lead("dashboard.lead")
        whole, page = _scrolled(self)  # on a small screen its neighbours need their room
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self._tiles)
        page.addWidget(split, 1)
        self.body.addWidget(whole, 1)

    def _titled(self, key: str, widget: QWidget, **params: object) -> QWidget:
        holder = QWidget(self)
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        title = ElidedLabel(holder)
        title.setContentsMargins(8, 8, 8, 8)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        self.say(title.setText, key, **params)
        layout.addWidget(title)
        layout.addWidget(widget, 1)
        return holder

    @override
    def refresh(self) -> None:
        self._show_tiles(figures(self.outlook, len(shortages(self.outlook))))
        late = [view for view in line_views(self.outlook) if view.late_minutes]
        late.sort(key=lambda view: -(view.late_minutes or 0))
        self.grid.show_rows(late)
        self.load.show_bars(load_bars(self.outlook))

    def _show_tiles(self, shown: list[Figure]) -> None:
        while (taken := self._row.takeAt(0)) is not None:
            widget = taken.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for figure in shown:
            self._row.addWidget(_tile(figure), 1)

    @override
    def restyle(self) -> None:
        super().restyle()
        if self.isVisible():
            self.refresh()


def _scrolled(parent: QWidget) -> tuple[QScrollArea, QVBoxLayout]:
    """A place that scrolls where it has too little room, and the layout of what is in it."""
    area = QScrollArea(parent, widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    page = QWidget()
    area.setWidget(page)
    return area, QVBoxLayout(page)


def _tile(figure: Figure) -> QFrame:
    tile = QFrame()
    tile.setProperty("tile", True)
    grid = QGridLayout(tile)
    grid.setContentsMargins(12, 8, 12, 8)
    grid.setSpacing(0)
    value = QLabel(figure.words)
    font = value.font()
    font.setPointSizeF(font.pointSizeF() * 1.6)
    font.setBold(True)
    value.setFont(theme.tabular(font))
    palette = value.palette()
    palette.setColor(palette.ColorRole.WindowText, theme.colour(figure.role))
    value.setPalette(palette)
    texts = ((tr(f"dashboard.{figure.key}"), 0), (figure.note, 2))
    for words, line in texts:
        label = QLabel(words)
        label.setForegroundRole(label.foregroundRole().PlaceholderText)
        grid.addWidget(label, line, 0)
    grid.addWidget(value, 1, 0)
    tile.setAccessibleName(f"{texts[0][0]} {figure.words} {figure.note}")
    return tile

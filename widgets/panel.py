"""What all panels have in common: they show an Outlook, tell what is chosen, wish for things."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget
from typing_extensions import override

from domain.changes import Row
from widgets.grid.view import GridView
from widgets.models.columns import Column
from widgets.outlook import Outlook
from widgets.speaking import Speaking

_ICON_WIDTH = 32


class CommandBar(QWidget):
    """A panel's buttons in a line. Where it is too narrow, the last ones show their icons only.

    So a panel with many commands leaves room for its neighbours on a small screen.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(8, 4, 8, 4)
        self._line.setSpacing(4)
        self._line.addStretch(1)
        self._buttons: list[QToolButton] = []

    def add(self, widget: QWidget) -> None:
        """Put something after what is there."""
        self._line.insertWidget(self._line.count() - 1, widget)
        if isinstance(widget, QToolButton):
            self._buttons.append(widget)
            widget.defaultAction().changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """Give the buttons their words as far as there is room."""
        for button in self._buttons:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for button in reversed(self._buttons):
            self._line.invalidate()
            if self._line.minimumSize().width() <= self.width():
                break
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)

    @override
    def minimumSizeHint(self) -> QSize:
        spared = sum(button.sizeHint().width() - _ICON_WIDTH for button in self._buttons)
        least = self._line.minimumSize()
        return QSize(least.width() - spared, least.height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class Panel(Speaking, QWidget):
    """A dockable part of the window, shown whole from an Outlook.

    ``edited``: a list of Edit to submit as one change; an Edit's row has the id of the domain row
    and its key is the field. ``rows_chosen``: the domain rows chosen here; ``opened``: one was
    double-clicked. ``wished``: a command by name (``run_mrp``), for the application to carry out
    with ``rows_chosen`` as its object. ``totals_changed``: a grid's Totals; ``export_wished``: the
    GridView to export.
    """

    edited = Signal(object)
    rows_chosen = Signal(object)
    opened = Signal(object)
    wished = Signal(str)
    totals_changed = Signal(object)
    export_wished = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """``panel.<name>`` is its title in the catalogue."""
        super().__init__(parent)
        self.name = name
        self.outlook = Outlook()
        self.grids: list[GridView] = []
        self.commands: dict[str, QAction] = {}
        self.buttons: dict[str, QToolButton] = {}
        self._is_stale = False
        self._is_in_front = True
        self.say(self.setAccessibleName, f"panel.{name}")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self._bar: CommandBar | None = None

    def show_outlook(self, outlook: Outlook) -> None:
        """Show the factory as it is now; a panel out of sight waits until it is seen."""
        self.outlook = outlook
        self._refresh_if_seen()

    def set_in_front(self, is_in_front: bool) -> None:
        """Whether it is seen, or hidden behind another tab, which Qt still calls visible."""
        self._is_in_front = is_in_front
        if self._is_stale:
            self._refresh_if_seen()

    def _refresh_if_seen(self) -> None:
        self._is_stale = not (self.isVisible() and self._is_in_front)
        if not self._is_stale:
            self.refresh()

    def refresh(self) -> None:
        """Show ``outlook``: every panel says how."""
        raise NotImplementedError

    def show_chosen(self, rows: Sequence[Row]) -> None:
        """Light up what was chosen elsewhere, as far as it is shown here."""

    def remember_in(self, memory: MutableMapping[str, Any]) -> None:
        """Keep the tables' layouts in ``memory``."""
        for grid in self.grids:
            grid.remember_in(memory)

    def add_grid(self, columns: Iterable[Column], name: str) -> GridView:
        """A table whose signals are the panel's own; where it stands is up to the caller."""
        grid = GridView(tuple(columns), name, self)
        grid.edited.connect(self.edited)
        grid.opened.connect(lambda view: self.opened.emit(subject_of(view)))
        grid.chosen.rows_selected.connect(
            lambda views: self.rows_chosen.emit([subject_of(view) for view in views])
        )
        grid.chosen.totals_changed.connect(self.totals_changed)
        grid.export_wished.connect(lambda: self.export_wished.emit(grid))
        if not self.grids:
            self.setFocusProxy(grid)
        self.grids.append(grid)
        return grid

    def add_command(self, name: str, icon: str, keys: str = "") -> QAction:
        """A button at the top that wishes for ``name``; ``command.<name>`` is its text."""
        if self._bar is None:
            self._bar = CommandBar(self)
            self.body.insertWidget(0, self._bar)
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _on=False: self.wished.emit(name))
        self.say(action.setText, f"command.{name}")
        self.show_icon(action, icon)
        self.addAction(action)
        button = QToolButton(self._bar)
        button.setDefaultAction(action)
        button.setIconSize(QSize(16, 16))
        self._bar.add(button)
        self.commands[name], self.buttons[name] = action, button
        return action

    def add_to_bar(self, widget: QWidget) -> None:
        """Something else in the top line, after the buttons so far."""
        if self._bar is not None:
            self._bar.add(widget)

    def add_lead(self, key: str) -> QLabel:
        """A muted line of text that says what the panel is for."""
        label = QLabel(self, wordWrap=True, margin=8)
        label.setForegroundRole(label.foregroundRole().PlaceholderText)
        self.say(label.setText, key)
        self.body.addWidget(label)
        return label

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self._refresh_if_seen()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._refresh_if_seen()


def subject_of(view: Any) -> Row:
    """The domain row that a table's row stands for: itself, or its ``subject``."""
    return view if isinstance(view, Row) else view.subject

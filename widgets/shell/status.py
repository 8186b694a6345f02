"""The status bar: the server, the link to it, what is unsaved, what runs, what is selected."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget
from typing_extensions import override

from widgets import theme
from widgets.grid.blocks import Totals
from widgets.shell.elided import ElidedLabel
from widgets.speaking import Speaking
from widgets.text import format_quantity, tr
from widgets.theme import Role

# How a link looks: its icon and colour. The words are ``link.<state>``.
_LINKS = {
    "live": ("plug", Role.OK),
    "connecting": ("refresh-cw", Role.WARNING),
    "reconnecting": ("refresh-cw", Role.WARNING),
    "offline": ("unplug", Role.LATE),
    "read_only": ("lock", Role.WARNING),
}

_HEIGHT = 30
"""Enough for a job's button: panels must not jump when a job begins."""


class _Sign(QWidget):
    """A small icon with words; without ``may_shrink`` they are never cut."""

    def __init__(self, parent: QWidget, *, may_shrink: bool = False) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        self._words = ElidedLabel(self) if may_shrink else QLabel(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 8, 0)
        layout.setSpacing(4)
        layout.addWidget(self._icon)
        layout.addWidget(self._words)

    def tell(self, icon: str, role: Role, words: str) -> None:
        pixmap = theme.icon_pixmap(icon, 14, self.devicePixelRatioF(), role)
        self._icon.setPixmap(pixmap)
        self._words.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.setVisible(bool(words))


class _JobLine(Speaking, QWidget):
    """A job that runs in the background: its name, how far it is, a button to cancel it."""

    cancel_wished = Signal()

    def __init__(self, name: str, *, can_cancel: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._label = ElidedLabel(self)  # long words must not widen the window
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setFixedWidth(120)
        self.say(self._label.setText, name)
        self.say(self._bar.setAccessibleName, name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(4)
        layout.addStretch(1)
        layout.addWidget(self._label)
        layout.addWidget(self._bar)
        if can_cancel:
            button = QToolButton(self)
            self.show_icon(button, "x")
            for tell in (button.setToolTip, button.setAccessibleName):
                self.say(lambda job, tell=tell: tell(tr("shell.cancel_job", job=job)), name)
            button.clicked.connect(self.cancel_wished)
            layout.addWidget(button)

    def tell(self, share: float | None, words: str) -> None:
        if words:
            self._label.setText(words)
            self._label.setToolTip(words)
            self._bar.setAccessibleName(words)
        if share is None:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(share * 1000))


class StatusBar(Speaking, QStatusBar):
    """Tells the truth at the bottom of the window. ``cancel_wished``: the key of a job to stop."""

    cancel_wished = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._server = ("", "")
        self._state = "offline"
        self._pending = 0
        self._totals = Totals()
        self._jobs: dict[str, _JobLine] = {}
        self._place = _Sign(self, may_shrink=True)
        self._link, self._unsaved = _Sign(self), _Sign(self)
        self._sums = ElidedLabel(self)
        self._sums.setContentsMargins(8, 0, 12, 0)
        self._sums.setFont(theme.tabular(self._sums.font()))
        for sign in (self._place, self._link, self._unsaved):
            self.addWidget(sign)
        room = QWidget(self)
        room.setMinimumHeight(_HEIGHT)
        self._room = QHBoxLayout(room)
        self._room.setContentsMargins(0, 0, 0, 0)
        self.addPermanentWidget(room)
        self.addPermanentWidget(self._sums)
        self._tell()

    def show_server(self, server: str, database: str) -> None:
        """Whom the window talks to."""
        self._server = (server, database)
        self._tell()

    def show_link(self, state: str) -> None:
        """``live``, ``connecting``, ``reconnecting``, ``offline`` or ``read_only``."""
        self._state = state
        self._tell()

    def show_pending(self, count: int) -> None:
        """Changes that the database has not confirmed yet."""
        self._pending = count
        self._tell()

    def show_totals(self, totals: Totals) -> None:
        """What is selected in a table."""
        self._totals = totals
        self._tell_totals()

    def start_job(self, key: str, name: str, *, can_cancel: bool = True) -> None:
        """Show that a job began; ``key`` tells it in the other calls, ``name`` is a text's key."""
        self.end_job(key)
        line = _JobLine(name, can_cancel=can_cancel, parent=self)
        line.cancel_wished.connect(lambda: self.cancel_wished.emit(key))
        self._jobs[key] = line
        self._room.addWidget(line)
        line.show()

    def show_job(self, key: str, share: float | None, words: str = "") -> None:
        """How far a job is, 0…1 (None: nobody knows); ``words`` instead of its name."""
        if key in self._jobs:
            self._jobs[key].tell(share, words)

    def end_job(self, key: str) -> None:
        """Take a job away; nothing happens if it is not there."""
        line = self._jobs.pop(key, None)
        if line is not None:
            line.hide()
            line.deleteLater()

    def _tell(self) -> None:
        server, database = self._server
        words = tr("shell.server", server=server, database=database) if server else ""
        self._place.tell("database", Role.MUTED, words)
        icon, role = _LINKS.get(self._state, ("unplug", Role.LATE))
        self._link.tell(icon, role, tr(f"link.{self._state}"))
        if self._pending:
            self._unsaved.tell("save", Role.WARNING, tr("shell.unsaved", count=self._pending))
        else:
            self._unsaved.tell("check", Role.OK, tr("shell.all_saved"))

    def _tell_totals(self) -> None:
        held = self._totals
        if held.cell_count < 2:
            self._sums.setText("")
        elif held.average is None:
            self._sums.setText(tr("shell.cells", count=held.cell_count))
        else:
            self._sums.setText(
                tr(
                    "shell.totals",
                    count=held.cell_count,
                    total=format_quantity(held.total),
                    average=format_quantity(held.average),
                )
            )

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self._tell()
        self._tell_totals()

    @override
    def restyle(self) -> None:
        super().restyle()
        self._tell()

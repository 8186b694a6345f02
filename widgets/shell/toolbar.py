"""The slim bar at the top: undo, redo, the command palette, who is here."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QToolBar, QToolButton, QWidget
from typing_extensions import override

from widgets.speaking import Speaking
from widgets.text import tr


class TopBar(Speaking, QToolBar):
    """``undo``, ``redo`` and ``palette_action`` are actions to connect; ``menu`` takes the rest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topbar")
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))
        self.say(self.setWindowTitle, "shell.toolbar")
        standard = QKeySequence.StandardKey
        self._deeds: dict[str, str] = {}
        self.undo = self._action("undo-2", QKeySequence(standard.Undo))
        self.redo = self._action("redo-2", QKeySequence("Ctrl+Y"), QKeySequence("Ctrl+Shift+Z"))
        self.addSeparator()
        self.palette_action = QAction(self)
        self.palette_action.setShortcut(QKeySequence("Ctrl+K"))
        self.palette_action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        self.addWidget(self._stretch())
        self.addWidget(self._search_button())
        self.addWidget(self._stretch())
        self.menu = QMenu(self)
        self.user = QToolButton(self)
        self.user.setMenu(self.menu)
        self.user.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.user.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.show_icon(self.user, "user")
        self.addWidget(self.user)
        self.show_deeds("", "")

    def _action(self, icon: str, *keys: QKeySequence) -> QAction:
        action = QAction(self)
        action.setShortcuts(list(keys))
        self.show_icon(action, icon)
        self.addAction(action)
        return action

    def _stretch(self) -> QWidget:
        space = QWidget(self)
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return space

    def _search_button(self) -> QPushButton:
        button = QPushButton(self)
        button.setMinimumWidth(320)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_icon(button, "search")
        self.say(button.setText, "shell.search")
        self.say(button.setToolTip, "shell.search_tip")
        button.addAction(self.palette_action)
        button.clicked.connect(self.palette_action.trigger)
        return button

    def show_deeds(self, undo: str, redo: str) -> None:
        """What undo and redo would do, in words; empty disables them."""
        self._deeds = {"undo": undo, "redo": redo}
        for name, action in (("undo", self.undo), ("redo", self.redo)):
            deed = self._deeds[name]
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            words = tr(f"shell.{name}_deed", deed=deed) if deed else tr(f"shell.{name}")
            action.setEnabled(bool(deed))
            action.setText(words)
            action.setToolTip(tr("shell.with_keys", name=words, keys=keys))

    def show_user(self, name: str) -> None:
        """Who is at work here."""
        self.user.setText(name)
        self.user.setToolTip(tr("shell.user", name=name))

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self.show_deeds(self._deeds["undo"], self._deeds["redo"])
        self.show_user(self.user.text())

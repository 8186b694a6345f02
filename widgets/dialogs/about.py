"""About Gantry: version, server, licence."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QPlainTextEdit, QWidget

from widgets.dialogs.frame import Dialog
from widgets.text import tr


class AboutDialog(Dialog):
    """``facts`` are shown as they are, by catalogue key (``about.version`` …)."""

    def __init__(
        self, facts: Mapping[str, str], notices: str, parent: QWidget | None = None
    ) -> None:
        super().__init__("about.title", parent)
        lead = QLabel(self, wordWrap=True)
        self.say(lead.setText, "about.lead")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        for key, value in facts.items():
            label = QLabel(value)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(QLabel(tr(key)), label)
        legal = QPlainTextEdit(notices, self)
        legal.setReadOnly(True)
        self.say(legal.setAccessibleName, "about.notices")
        self.body.addWidget(lead)
        self.body.addLayout(form)
        self.body.addWidget(legal, 1)
        self.add_button("words.close", self.accept, is_default=True)
        self.resize(560, 420)

"""Preferences: language, colours, row height. Every choice holds at once."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QWidget

from widgets.dialogs.frame import Dialog
from widgets.text import LANGUAGES, tr
from widgets.theme import DENSITIES, SCHEMES

# Setting → its choices; ``setting.<name>`` and ``setting.<name>.<choice>`` name them.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "language": LANGUAGES,
    "scheme": SCHEMES,
    "density": DENSITIES,
}


class PreferencesDialog(Dialog):
    """``changed`` brings a setting's name and its new choice."""

    changed = Signal(str, str)

    def __init__(self, values: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__("preferences.title", parent)
        self.boxes: dict[str, QComboBox] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        for name, choices in CHOICES.items():
            label = QLabel(self)
            self.say(label.setText, f"setting.{name}")
            box = QComboBox(self)
            box.addItems([tr(f"setting.{name}.{choice}") for choice in choices])
            box.setCurrentIndex(choices.index(values.get(name, choices[0])))
            box.currentIndexChanged.connect(
                lambda at, name=name: self.changed.emit(name, CHOICES[name][at])
            )
            self.say(box.setAccessibleName, f"setting.{name}")
            label.setBuddy(box)
            form.addRow(label, box)
            self.boxes[name] = box
        self.body.addLayout(form)
        self.body.addStretch(1)
        self.add_button("words.close", self.accept, is_default=True)
        self.resize(420, 220)

    def retranslate(self) -> None:
        """Name the choices too."""
        super().retranslate()
        for name, box in self.boxes.items():
            for at, choice in enumerate(CHOICES[name]):
                box.setItemText(at, tr(f"setting.{name}.{choice}"))

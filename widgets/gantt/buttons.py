"""The buttons that zoom, for those who do not know the wheel and the keys yet."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton

from widgets.gantt import keys
from widgets.gantt.stage import Stage
from widgets.speaking import Speaking


def zoom_buttons(speaker: Speaking, canvas: Stage) -> list[QToolButton]:
    """Buttons for the time pane; ``speaker`` keeps their words in the language of now."""
    actions = {
        "zoom_out": lambda: keys.zoom(canvas, 1 / 1.5),
        "zoom_in": lambda: keys.zoom(canvas, 1.5),
        "fit_all": lambda: keys.fit_all(canvas),
        "now": lambda: keys.go_to_now(canvas),
    }
    made: list[QToolButton] = []
    for name, act in actions.items():
        button = QToolButton()
        button.setAutoRaise(True)
        speaker.say(button.setText, f"gantt.button.{name}")
        speaker.say(button.setToolTip, f"gantt.button.{name}.tip")
        speaker.say(button.setAccessibleName, f"gantt.button.{name}.tip")
        button.clicked.connect(act)
        made.append(button)
    return made

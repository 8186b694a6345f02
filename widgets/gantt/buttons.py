"""The buttons and boxes around the chart."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QComboBox, QToolButton

from widgets.gantt import keys
from widgets.gantt.colouring import Colouring
from widgets.gantt.lanes import Grouping
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


def name_choices(speaker: Speaking, groupings: QComboBox, colourings: QComboBox) -> None:
    """Fill the boxes that choose rows and colours, in the order of their kinds."""
    for box, kind in ((groupings, Grouping), (colourings, Colouring)):
        box.addItems([""] * len(kind))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)  # in each language
    for k, grouping in enumerate(Grouping):
        speaker.say(partial(groupings.setItemText, k), f"gantt.grouping.{grouping}")
    for k, colouring in enumerate(Colouring):
        speaker.say(partial(colourings.setItemText, k), f"gantt.colouring.{colouring}")
    speaker.say(groupings.setToolTip, "gantt.grouping.tip")
    speaker.say(groupings.setAccessibleName, "gantt.grouping.tip")
    speaker.say(colourings.setToolTip, "gantt.colouring.tip")
    speaker.say(colourings.setAccessibleName, "gantt.colouring.tip")

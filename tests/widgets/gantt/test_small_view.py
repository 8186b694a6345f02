"""The Gantt where it has little room."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from tests.widgets.gantt.factory import make_factory
from widgets import theme
from widgets.gantt.view import GanttView
from widgets.speaking import speak


def test_where_it_is_low_rows_have_the_room_of_the_minimap(view: GanttView, qtbot: QtBot) -> None:
    assert view.minimap.isVisible()
    view.resize(800, 180)
    qtbot.waitUntil(lambda: not view.minimap.isVisible())
    assert view.canvas.viewport().height() >= 3 * 24
    assert view.minimumSizeHint().height() <= 120
    view.setMinimumSize(1, 1)  # else it is no smaller than it is
    view.resize(800, 125)
    qtbot.waitUntil(lambda: not view.foot.isVisible())
    assert view.canvas.viewport().height() >= 2 * 24
    view.resize(800, 640)
    qtbot.waitUntil(view.minimap.isVisible)
    assert view.foot.isVisible()


def shown(qtbot: QtBot) -> list[QComboBox]:
    """What can be chosen in a view that has just been opened."""
    view = GanttView(make_factory(12, 3, seed=3))
    qtbot.addWidget(view)
    view.resize(800, 640)
    view.show()
    qtbot.waitExposed(view)
    return view.findChildren(QComboBox)


def test_choices_have_room_for_the_words_of_another_language(
    qapp: QApplication, qtbot: QtBot
) -> None:
    """The language that is shown first does not decide how wide they are."""
    theme.load_fonts(qapp)
    theme.apply(qapp, "light", "compact")
    speak(qapp, "zh")
    boxes = shown(qtbot)
    speak(qapp, "en")
    need = [box.width() for box in shown(qtbot)]
    qtbot.waitUntil(lambda: [box.width() for box in boxes] == need)

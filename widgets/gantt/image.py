"""The Gantt as a picture, without a window: for files and for paper."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFont, QGuiApplication, QImage, QPainter

from widgets import text, theme
from widgets.gantt.chart import Chart
from widgets.gantt.colouring import Colouring
from widgets.gantt.data import GanttData
from widgets.gantt.header import HEIGHT, paint_header
from widgets.gantt.lanes import Grouping
from widgets.gantt.overlay import Overlay, paint_overlay
from widgets.gantt.painter import ChartPainter
from widgets.gantt.scale import fitting
from widgets.gantt.tree import paint_names
from widgets.text import Language
from widgets.theme import Role, colour

NAMES_WIDTH = 220
LOWEST, HIGHEST = 16, 32  # of a lane


def render_image(
    data: GanttData,
    size: QSize,
    language: Language = "zh",
    *,
    dark: bool = False,
    grouping: Grouping = Grouping.MACHINE,
    colouring: Colouring = Colouring.ORDER,
) -> QImage:
    """The whole horizon on ``size`` pixels; taller if the lanes would be too low to read.

    Needs a QGuiApplication, offscreen is enough, with fonts for the language loaded.
    """
    with _speaking(language, dark=dark):
        chart = Chart(data)
        chart.grouping, chart.colouring = grouping, colouring
        chart.rebuild()
        chart.collapsed.clear()
        room = (size.height() - HEIGHT) // max(len(chart.lanes), 1)
        chart.lane_height = min(max(room, LOWEST), HIGHEST)
        chart.lay_out()
        chart.scale = fitting(*data.span, size.width() - NAMES_WIDTH)
        height = max(size.height(), chart.rows.height + HEIGHT)
        image = QImage(size.width(), height, QImage.Format.Format_RGB32)
        _paint(image, chart)
        return image


def _paint(image: QImage, chart: Chart) -> None:
    font = QFont(QGuiApplication.font())
    font.setPixelSize(min(max(chart.lane_height - 9, 9), 12))
    width, height = image.width() - NAMES_WIDTH, image.height() - HEIGHT
    painter = QPainter(image)
    painter.fillRect(image.rect(), colour(Role.WINDOW))
    painter.translate(NAMES_WIDTH, 0)
    paint_header(painter, chart, width, font)
    painter.translate(0, HEIGHT)
    painter.setClipRect(0, 0, width, height)
    area = QRect(0, 0, width, height)
    ChartPainter(chart, font).paint(painter, area)
    paint_overlay(painter, chart, Overlay(), area, [])
    painter.setClipping(False)
    painter.translate(-NAMES_WIDTH, 0)
    paint_names(painter, chart, QRect(0, 0, NAMES_WIDTH, height), font)
    painter.end()


@contextmanager
def _speaking(language: Language, *, dark: bool) -> Generator[None]:
    """The language and colours of the picture, whatever the window has."""
    spoken, was_dark = text.language(), theme.is_dark()
    text.set_language(language)
    theme.use_dark(dark)
    try:
        yield
    finally:
        text.set_language(spoken)
        theme.use_dark(was_dark)

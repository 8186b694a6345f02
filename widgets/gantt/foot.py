"""The strip under the chart: what colours mean, and while a bar is dragged, what the drop does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from domain.scenarios import LockLevel
from widgets.gantt.canvas import Canvas
from widgets.gantt.colouring import legend
from widgets.gantt.drop import Wish
from widgets.gantt.inks import inks
from widgets.gantt.marks import hatch_brush, paint_pin
from widgets.gantt.overlay import Overlay
from widgets.gantt.tips import title
from widgets.text import format_duration, format_instant, tr
from widgets.theme import Role, category_colour, colour

_SWATCH, _GAP, _APART, _LEAST_PLACE = 14, 14, 20, 120


class Foot(QWidget):
    """Legend, or the effect of the drop under way."""

    def __init__(self, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = canvas
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        canvas.drag_changed.connect(self._follow)

    def _follow(self) -> None:
        self.setAccessibleName(" · ".join(text for text, _ in self.drop_words()))
        self.update()

    def drop_words(self) -> list[tuple[str, Role]]:
        """What the drop would do, part by part with its colour; empty: nothing is dragged."""
        overlay, data = self.canvas.overlay, self.canvas.chart.data
        if overlay.wish is None or overlay.wish.booking.id not in data.position:
            return []
        wish, preview = overlay.wish, overlay.preview
        machine = self.canvas.chart.machine_lane(wish.machine_id)
        place = tr(
            "gantt.drop.place",
            what=title(data, data.position[wish.booking.id]),
            machine=machine.title if machine else "",
            at=format_instant(_start(overlay, wish), data.zone),
        )
        said = [(place, Role.TEXT)]
        if preview is None:
            return said
        if preview.refusal:
            return [*said, (preview.refusal.partition("\n")[0], Role.LATE)]
        # What matters most first: where it is narrow the last has no room.
        said.append(_delta("lateness", preview.lateness_delta))
        said.append(_delta("setup", preview.setup_delta))
        if preview.later_lines:
            said.append((tr("gantt.drop.later", count=preview.later_lines), Role.LATE))
        others = len(preview.moved) - 1
        if others > 0:
            said.append((tr("gantt.drop.moved", count=others), Role.MUTED))
        return [each for each in said if each[0]]

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, 28)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        said = self.drop_words()
        if said:
            self._paint_words(painter, said)
        else:
            self._paint_legend(painter)
        painter.end()

    def _paint_words(self, painter: QPainter, said: list[tuple[str, Role]]) -> None:
        """The effect is always there in full; what is moved gives way where there is no room."""
        metrics = painter.fontMetrics()
        place, *effects = said
        needed = sum(metrics.horizontalAdvance(words) + _APART for words, _ in effects)
        room = max(self.width() - 8 - needed, _LEAST_PLACE)
        shown = metrics.elidedText(place[0], Qt.TextElideMode.ElideRight, room)
        x = 8
        for words, role in [(shown, place[1]), *effects]:
            painter.setPen(colour(role))
            box = QRectF(x, 0, self.width() - x, self.height())
            fitting = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, fitting)
            x += metrics.horizontalAdvance(words) + _APART

    def _paint_legend(self, painter: QPainter) -> None:
        chart = self.canvas.chart
        colours = [
            (_fill(category_colour(k)), words) for k, words in legend(chart.data, chart.colouring)
        ]
        x = 8.0
        for paint, words in [*colours, *self._signs()]:
            width = painter.fontMetrics().horizontalAdvance(words)
            if x + _SWATCH + 6 + width > self.width():
                break
            paint(painter, QRectF(x + 0.5, self.height() / 2 - 6.5, _SWATCH, 12))
            painter.setPen(colour(Role.MUTED))
            place = QRectF(x + _SWATCH + 6, 0, width + 2, self.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
            x += _SWATCH + 6 + width + _GAP

    def _signs(self) -> list[tuple[Callable[[QPainter, QRectF], None], str]]:
        """What means the same under every colouring; overtime only where there is any."""
        signs = _signs(self.devicePixelRatioF())
        if self.canvas.chart.data.has_overtime:
            signs.append((_paint_overtime, tr("gantt.legend.overtime")))
        return signs


def _paint_overtime(painter: QPainter, box: QRectF) -> None:
    lines = colour(Role.FROZEN)
    lines.setAlphaF(0.4)
    _fill(colour(Role.OVERTIME))(painter, box)
    _fill(QBrush(lines, Qt.BrushStyle.BDiagPattern), colour(Role.BORDER))(painter, box)


def _fill(
    brush: QColor | QBrush, edge: QColor | None = None, width: int = 1
) -> Callable[[QPainter, QRectF], None]:
    def paint(painter: QPainter, box: QRectF) -> None:
        painter.fillRect(box, brush)
        if edge is not None:
            painter.setPen(QPen(edge, width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)

    return paint


def _signs(ratio: float) -> list[tuple[Callable[[QPainter, QRectF], None], str]]:
    """What means the same under every colouring."""
    clear = QBrush(Qt.BrushStyle.NoBrush)
    signs = {
        "setup": _fill(hatch_brush(ratio), colour(Role.SETUP)),
        "late_bar": _fill(clear, colour(Role.LATE), 2),
        "locked": lambda painter, box: paint_pin(
            painter, QPointF(box.right(), box.top() + 2), LockLevel.TIME
        ),
        "closed": _fill(colour(Role.NONWORKING), colour(Role.BORDER)),
        "load": _fill(QColor.fromRgba(int(inks().load[2]))),
    }
    return [(paint, tr(f"gantt.legend.{name}")) for name, paint in signs.items()]


def _start(overlay: Overlay, wish: Wish) -> datetime:
    """Where the bar will begin: as soon after the wish as it can, once that is known."""
    preview = overlay.preview
    if overlay.asked == wish and preview is not None and not preview.refusal:
        for each in preview.moved:
            if each.booking_id == wish.booking.id:
                return each.setup_start_at
    return wish.start_at


def _delta(what: str, minutes: int | None) -> tuple[str, Role]:
    if minutes is None:
        return "", Role.MUTED
    if minutes == 0:
        return tr(f"gantt.drop.{what}_same"), Role.MUTED
    key, role = ("more", Role.LATE) if minutes > 0 else ("less", Role.OK)
    return tr(f"gantt.drop.{what}_{key}", span=format_duration(abs(minutes))), role

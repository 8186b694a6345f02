"""The small signs on and beside bars: hatches, pins, flags."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap, QPolygonF, QTransform

from domain.scenarios import LockLevel
from widgets.theme import Role, colour


def hatch_brush(ratio: float) -> QBrush:
    """Diagonal lines for setup heads, sharp at a pixel ratio."""
    return _hatch(colour(Role.SETUP).rgba(), ratio)


@lru_cache(maxsize=8)
def _hatch(ink: int, ratio: float) -> QBrush:
    side = round(5 * ratio)
    tile = QPixmap(side, side)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor.fromRgba(ink), ratio))
    for shift in (-side, 0, side):
        painter.drawLine(QPointF(shift, side), QPointF(shift + side, 0))
    painter.end()
    brush = QBrush(tile)
    brush.setTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
    return brush


def paint_pin(painter: QPainter, corner: QPointF, lock: LockLevel) -> None:
    """A pin at a bar's top right corner: filled if the time is fixed, else hollow."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = colour(Role.FROZEN)
    painter.setPen(QPen(ink, 1.2))
    painter.setBrush(ink if lock is LockLevel.TIME else colour(Role.PANEL))
    head = QRectF(corner.x() - 8.5, corner.y() - 2.5, 6, 6)
    painter.drawLine(
        QPointF(head.center().x(), head.bottom()), QPointF(head.center().x(), head.bottom() + 4)
    )
    painter.drawEllipse(head)
    painter.restore()


def paint_due_flag(painter: QPainter, x: int, top: int, height: int, *, late: bool) -> None:
    """A flag on a pole at the end of the due day."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = colour(Role.LATE if late else Role.OK)
    painter.fillRect(QRectF(x, top + 2, 1.5, height - 4), ink)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    points = [QPointF(x, top + 2), QPointF(x + 8, top + 5.5), QPointF(x, top + 9)]
    painter.drawPolygon(QPolygonF(points))
    painter.restore()

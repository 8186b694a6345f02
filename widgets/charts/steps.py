"""How an item's stock will go on: a step line with what comes and goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget
from typing_extensions import override

from widgets import theme
from widgets.charts.step import Step
from widgets.speaking import Speaking
from widgets.text import format_instant, format_quantity, tr
from widgets.theme import Role

_NEAR_PIXELS = 40


class DayAxis(pg.AxisItem):
    """Days (and hours, zoomed in) in the plant's own time."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__("bottom")
        self.zone = zone

    @override
    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        shape = "%m-%d" if spacing >= 86_400 else "%m-%d %H:%M"
        return [datetime.fromtimestamp(at, self.zone).strftime(shape) for at in values]

    @override
    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        room = max(size / 70, 1)
        wanted = (maxVal - minVal) / room
        hour, day = 3_600, 86_400
        steps = [hour, 2 * hour, 4 * hour, 8 * hour, day, 2 * day, 7 * day, 14 * day, 28 * day]
        return [(next((float(s) for s in steps if s >= wanted), 56.0 * day), 0.0)]


class BalanceChart(Speaking, QWidget):
    """The projected balance of one item, its safety stock, receipts (▲) and demands (▼)."""

    def __init__(self, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis = DayAxis(zone)
        # pyqtgraph's own types miss most of what its classes can do.
        self._plot: Any = pg.PlotWidget(self, axisItems={"bottom": self._axis})
        self._plot.setBackground(None)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=True, y=False)
        self._plot.enableAutoRange(axis="y")
        self._plot.setAutoVisible(y=True)
        self._steps: Sequence[Step] = ()
        self._safety = Decimal(0)
        self._unit = ""
        self._now_at: datetime | None = None
        self._plot.scene().sigMouseMoved.connect(self._point_at)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        self.say(self.setAccessibleName, "inventory.chart")

    def show_steps(
        self, steps: Sequence[Step], safety: Decimal, unit: str, now_at: datetime, zone: tzinfo
    ) -> None:
        """Draw the steps, the first of which is the stock at ``now_at``."""
        self._steps, self._safety, self._unit, self._now_at = steps, safety, unit, now_at
        self._axis.zone = zone
        self._draw()

    def clear(self) -> None:
        """Draw nothing."""
        self._steps = ()
        self._draw()

    def _draw(self) -> None:
        plot = self._plot.getPlotItem()
        plot.clear()
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(theme.colour(Role.BORDER))
            axis.setTextPen(theme.colour(Role.MUTED))
            axis.setStyle(tickFont=self.font())
        self._plot.setVisible(bool(self._steps))
        if not self._steps or self._now_at is None:
            return
        times = np.array([step.at.timestamp() for step in self._steps])
        # Only pixels are made of these floats; no quantity is worked out from them.
        levels = np.array([float(step.balance) for step in self._steps])
        end = times[-1] + max(86_400.0, (times[-1] - times[0]) * 0.05)
        curve = pg.PlotCurveItem(
            np.append(times, end),
            levels,
            stepMode="center",
            pen=pg.mkPen(theme.colour(Role.ACCENT), width=2),
        )
        plot.addItem(curve)
        self._draw_lines()
        self._draw_changes(times, levels)
        plot.setXRange(times[0], end, padding=0.02)

    def _draw_lines(self) -> None:
        plot = self._plot.getPlotItem()
        dash = Qt.PenStyle.DashLine
        zero = pg.InfiniteLine(0, angle=0, pen=pg.mkPen(theme.colour(Role.BORDER)))
        plot.addItem(zero)
        if self._safety:
            label = tr("inventory.safety_line", quantity=format_quantity(self._safety, self._unit))
            plot.addItem(
                pg.InfiniteLine(
                    float(self._safety),
                    angle=0,
                    pen=pg.mkPen(theme.colour(Role.WARNING), style=dash),
                    label=label,
                    labelOpts={
                        "color": theme.colour(Role.WARNING),
                        "fill": theme.colour(Role.WINDOW),
                        "position": 0.5,
                    },
                )
            )
        if self._now_at is not None:
            pen = pg.mkPen(theme.colour(Role.NOW), style=dash)
            plot.addItem(pg.InfiniteLine(self._now_at.timestamp(), pen=pen))

    def _draw_changes(self, times: np.ndarray, levels: np.ndarray) -> None:
        plot = self._plot.getPlotItem()
        for sign, symbol, role in ((1, "t1", Role.OK), (-1, "t", Role.SETUP)):
            held = [i for i, step in enumerate(self._steps) if step.change * sign > 0]
            brushes = [theme.colour(Role.LATE if levels[i] < 0 else role) for i in held]
            plot.addItem(
                pg.ScatterPlotItem(
                    times[held], levels[held], symbol=symbol, size=9, brush=brushes, pen=None
                )
            )

    def step_near(self, at: QPointF) -> Step | None:
        """The step whose mark is nearest to a place in the chart, if one is near."""
        box = self._plot.getPlotItem().vb
        best: tuple[float, Step] | None = None
        for step in self._steps:
            mark = box.mapViewToScene(QPointF(step.at.timestamp(), float(step.balance)))
            gap = abs(mark.x() - at.x()) + abs(mark.y() - at.y()) / 4
            if gap < _NEAR_PIXELS and (best is None or gap < best[0]):
                best = (gap, step)
        return best[1] if best else None

    def _point_at(self, at: QPointF) -> None:
        step = self.step_near(at)
        where = self._plot.mapToGlobal(self._plot.mapFromScene(at))
        QToolTip.showText(where, self.describe(step) if step else "", self._plot)

    def describe(self, step: Step) -> str:
        """What a step's tool-tip says."""
        change = format_quantity(abs(step.change), self._unit, 3)
        key = "inventory.step_in" if step.change > 0 else "inventory.step_out"
        lines = [format_instant(step.at, self._axis.zone)]
        if step.change:
            lines.append(tr(key, what=step.words, quantity=change))
        lines.append(
            tr("inventory.step_balance", quantity=format_quantity(step.balance, self._unit, 3))
        )
        return "\n".join(lines)

    @override
    def restyle(self) -> None:
        super().restyle()
        self._draw()

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self._draw()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()
        super().leaveEvent(event)

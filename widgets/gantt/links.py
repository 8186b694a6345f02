"""What must come before and after: routing steps of a work order, and the work orders it feeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from domain.production import DemandKind, Peg, SupplyKind
from domain.routings import followed_by, last_steps
from widgets.gantt.chart import Chart
from widgets.gantt.data import GanttData
from widgets.theme import Role, colour

MOST_LINKS = 300
Link = tuple[int, int]


def links_of(data: GanttData, selected: Iterable[int]) -> list[Link]:
    """The links of the selected bars' work orders, as bars before → after, without repeats."""
    found: dict[Link, None] = {}
    for work_order_id in dict.fromkeys(data.operation(i).work_order_id for i in selected):
        chain = data.operations_of(work_order_id)
        found.update(dict.fromkeys(_within(data, chain)))
        for peg in data.plan.where(Peg, demand_kind=DemandKind.WORK_ORDER, demand_id=work_order_id):
            if peg.supply_kind is SupplyKind.WORK_ORDER:
                found.update(dict.fromkeys(_fed(data, peg)))
        for peg in data.plan.where(Peg, supply_kind=SupplyKind.WORK_ORDER, supply_id=work_order_id):
            if peg.demand_kind is DemandKind.WORK_ORDER:
                found.update(dict.fromkeys(_fed(data, peg)))
        if len(found) > MOST_LINKS:
            break
    return list(found)[:MOST_LINKS]


def _within(data: GanttData, chain: Sequence[int]) -> list[Link]:
    """From step to step of one work order, whose bars are given by number."""
    steps = [data.operation(i) for i in chain]
    bars = {step.id: i for step, i in zip(steps, chain, strict=True)}
    return [
        (bars[before.id], bars[step.id])
        for step, befores in zip(steps, followed_by(steps), strict=True)
        for before in befores
    ]


def _fed(data: GanttData, peg: Peg) -> list[Link]:
    """From a component's last step to the step that takes it."""
    before, after = data.operations_of(peg.supply_id), data.operations_of(peg.demand_id)
    if not before or not after:
        return []
    taker = after[0]
    if peg.operation_id is not None:
        taker = data.by_operation.get(peg.operation_id, taker)
    number = data.operation(taker).number
    takers = [i for i in after if data.operation(i).number == number]
    steps = {data.operation(i).id: i for i in before}
    lasts = last_steps([data.operation(i) for i in before])
    return [(steps[step.id], part) for step in lasts for part in takers or [taker]]


def paint_links(painter: QPainter, chart: Chart, links: Iterable[Link]) -> None:
    """Draw links as curved arrows; those that run backwards in time, in the colour of lateness."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for before, after in links:
        source, target = chart.rect(before), chart.rect(after)
        if source is None or target is None:
            continue
        run_x = chart.scale.x(float(chart.data.run[after]))
        start = QPointF(source.right(), source.center().y())
        stop = QPointF(max(run_x, target.left()), target.center().y())
        wrong = bool(chart.data.run[after] < chart.data.end[before])
        ink = colour(Role.WARNING if wrong else Role.ACCENT)
        painter.setPen(QPen(ink, 1.4, Qt.PenStyle.DashLine if wrong else Qt.PenStyle.SolidLine))
        painter.drawPath(_curve(start, stop))
        painter.setPen(QPen(ink, 1.4))
        for dy in (-3.5, 3.5):
            painter.drawLine(stop, stop + QPointF(-5, dy))
    painter.restore()


def _curve(start: QPointF, stop: QPointF) -> QPainterPath:
    path = QPainterPath(start)
    if stop.x() >= start.x() + 12:
        bend = min((stop.x() - start.x()) / 2, 60.0)
        path.cubicTo(start + QPointF(bend, 0), stop - QPointF(bend, 0), stop)
        return path
    middle = (start.y() + stop.y()) / 2 if abs(stop.y() - start.y()) > 1 else start.y() + 14
    path.cubicTo(
        start + QPointF(14, 0),
        QPointF(start.x() + 14, middle),
        QPointF((start.x() + stop.x()) / 2, middle),
    )
    path.cubicTo(QPointF(stop.x() - 14, middle), stop - QPointF(14, 0), stop)
    return path

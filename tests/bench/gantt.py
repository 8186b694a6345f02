"""How smoothly the Gantt pans, zooms and drags: ``python -m tests.bench.gantt``.

Every figure is the time from the event to the painted picture, in a window of 1366×768. Beside it
stands the same pan with one graphics item a bar, in the same run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPen
from PySide6.QtWidgets import QApplication, QGraphicsRectItem, QGraphicsScene, QGraphicsView

from tests.bench.report import Meter, show
from tests.widgets.gantt.factory import make_factory
from widgets import theme
from widgets.gantt import keys
from widgets.gantt.data import GanttData
from widgets.gantt.drop import DropPreview, Moved
from widgets.gantt.scale import to_instant
from widgets.gantt.view import GanttView

STEPS = 60
ZOOMS = {"out": 1.0, "half": 6.0, "in": 40.0}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.gantt")
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--machines", type=int, default=100)
    options = parser.parse_args()
    app = QApplication([])
    theme.apply(app, "light")
    data = make_factory(options.operations, options.machines)
    meter = Meter()
    began = time.perf_counter()
    view = GanttView(GanttData(data.plan, data.bookings, to_instant(data.now), slack=data.slack))
    view.resize(1366, 768)
    view.show()
    app.processEvents()
    facts: dict[str, object] = {"open_seconds": round(time.perf_counter() - began, 3)}
    for name, factor in ZOOMS.items():
        facts[name] = _measure_zoom(view, factor)
    facts["drag_p95_ms"] = _p95(_drag(view))
    items = _items_scene(view)
    facts["items_scene_p95_ms"], facts["items_scene_cpu_p95_ms"] = _p95(items), _p95(items.cpu)
    case = f"{options.operations} operations, {options.machines} machines"
    show(meter.line("gantt", case, **facts))
    view.close()


def _measure_zoom(view: GanttView, factor: float) -> dict[str, float]:
    keys.fit_all(view.canvas)
    view.canvas.zoom(factor, 300)
    port = view.canvas.viewport()

    def pan(k: int) -> None:
        view.canvas.set_scale(view.canvas.chart.scale.panned(-9 if k % 40 < 20 else 9))

    def zoom(k: int) -> None:
        view.canvas.zoom(1.2 if k % 2 else 1 / 1.2, 400)

    pans = _times(lambda k: (pan(k), port.repaint()))
    zooms = _times(lambda k: (zoom(k), port.repaint()))
    return {
        "pan_p50_ms": round(statistics.median(pans) * 1000, 2),
        "pan_p95_ms": _p95(pans),
        "pan_cpu_p95_ms": _p95(pans.cpu),
        "zoom_p95_ms": _p95(zooms),
    }


def _drag(view: GanttView) -> Taken:
    """Mouse moves with a bar in the hand, while 50 followers are shown where they would go."""
    chart, port = view.chart, view.canvas.viewport()
    lane = next(lane for lane in chart.lanes if lane.kind == "machine" and len(lane.bars))
    held = int(lane.bars[len(lane.bars) // 2])
    view.select_operations([chart.data.bookings[held].operation_id], reveal=False)
    keys.fit_selection(view.canvas)
    view.canvas.zoom(0.1)
    shift = timedelta(minutes=30)
    moved = tuple(
        Moved(
            b.id, b.machine_id, b.setup_start_at + shift, b.run_start_at + shift, b.end_at + shift
        )
        for b in chart.data.bookings[:50]
    )
    view.set_evaluator(lambda *_: DropPreview("", moved, 10, 0))
    start = chart.rect(held).center()
    left = Qt.MouseButton.LeftButton

    def send(kind: QEvent.Type, place: QPointF) -> None:
        spot = QPointF(port.mapToGlobal(place))
        none = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(port, QMouseEvent(kind, place, spot, left, left, none))

    def step(k: int) -> None:
        send(QEvent.Type.MouseMove, start + QPointF(20 + k % 30, (k % 10) * 3))
        view.canvas.settle()
        port.repaint()

    send(QEvent.Type.MouseButtonPress, start)
    times = _times(step)
    view.canvas.cancel()
    return times


def _items_scene(view: GanttView) -> Taken:
    """The same bars as graphics items, all in sight, panned the same way."""
    chart = view.chart
    keys.fit_all(view.canvas)
    scene = QGraphicsScene()
    brushes = [theme.category_colour(k) for k in range(8)]
    for i in range(len(chart.data)):
        rect = chart.rect(i) or QRectF()
        item = QGraphicsRectItem(rect)
        item.setBrush(brushes[chart.category[i]])
        item.setPen(QPen(brushes[0].darker()))
        scene.addItem(item)
    shown = QGraphicsView(scene)
    shown.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    shown.resize(view.canvas.size())
    shown.setSceneRect(scene.itemsBoundingRect().adjusted(-2000, 0, 2000, 0))
    shown.show()
    QApplication.processEvents()
    bar = shown.horizontalScrollBar()

    def pan(k: int) -> None:
        bar.setValue(bar.value() + (9 if k % 40 < 20 else -9))
        shown.viewport().repaint()

    times = _times(pan)
    shown.close()
    return times


class Taken(list[float]):
    """Seconds on the wall, with the processor's beside them: other work on the machine shows."""

    def __init__(self) -> None:
        super().__init__()
        self.cpu: list[float] = []


def _times(act: Callable[[int], object]) -> Taken:
    taken = Taken()
    for k in range(STEPS):
        began, worked = time.perf_counter(), time.thread_time()
        act(k)
        taken.append(time.perf_counter() - began)
        taken.cpu.append(time.thread_time() - worked)
    return taken


def _p95(times: list[float]) -> float:
    return round(sorted(times)[int(len(times) * 0.95)] * 1000, 2)


if __name__ == "__main__":
    main()

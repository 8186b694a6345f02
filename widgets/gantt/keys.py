"""What the keyboard does in the time pane."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from widgets.gantt.navigate import Step, step_from
from widgets.gantt.scale import fitting
from widgets.gantt.stage import Stage

K = Qt.Key
_STEPS = {
    K.Key_Left: Step.BEFORE,
    K.Key_Right: Step.AFTER,
    K.Key_Up: Step.PREVIOUS,
    K.Key_Down: Step.NEXT,
    K.Key_Home: Step.FIRST,
    K.Key_End: Step.LAST,
}


def handle(canvas: Stage, event: QKeyEvent) -> bool:
    """Act on a key; False if it means nothing here."""
    key, held = K(event.key()), event.modifiers()
    if key == K.Key_Space:
        if not event.isAutoRepeat():
            canvas.space_held = True
            canvas.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        return True
    ctrl = bool(held & Qt.KeyboardModifier.ControlModifier)
    if key in _STEPS and not ctrl:
        _go(canvas, _STEPS[key], extend=bool(held & Qt.KeyboardModifier.ShiftModifier))
        return True
    action = _actions(canvas, ctrl=ctrl).get(key)
    if action is None:
        return False
    return action() is not False


def _actions(canvas: Stage, *, ctrl: bool) -> dict[Qt.Key, Callable[[], object]]:
    width = canvas.viewport().width()
    bar = canvas.verticalScrollBar()

    def pan(pixels: float) -> Callable[[], object]:
        return lambda: canvas.set_scale(canvas.chart.scale.panned(pixels))

    def page(pages: int) -> Callable[[], object]:
        return lambda: bar.setValue(bar.value() + pages * bar.pageStep())

    both: dict[Qt.Key, Callable[[], object]] = {
        K.Key_Plus: lambda: zoom(canvas, 1.5),
        K.Key_Equal: lambda: zoom(canvas, 1.5),
        K.Key_Minus: lambda: zoom(canvas, 1 / 1.5),
        K.Key_Escape: lambda: escape(canvas),
    }
    if ctrl:
        return both | {
            K.Key_Left: pan(width * 0.25),
            K.Key_Right: pan(-width * 0.25),
            K.Key_Up: lambda: bar.setValue(bar.value() - bar.singleStep()),
            K.Key_Down: lambda: bar.setValue(bar.value() + bar.singleStep()),
            K.Key_PageUp: pan(width * 0.9),
            K.Key_PageDown: pan(-width * 0.9),
            K.Key_Home: lambda: go_to(canvas, canvas.chart.data.span[0]),
            K.Key_End: lambda: go_to(canvas, canvas.chart.data.span[1]),
            K.Key_0: lambda: fit_all(canvas),
            K.Key_A: lambda: canvas.select(canvas.chart.data.by_operation),
        }
    return both | {
        K.Key_PageUp: page(-1),
        K.Key_PageDown: page(1),
        K.Key_F: lambda: fit_selection(canvas),
        K.Key_N: lambda: go_to_now(canvas),
        K.Key_H: lambda: highlight(canvas),
        K.Key_Return: lambda: _open(canvas),
        K.Key_Enter: lambda: _open(canvas),
    }


def _go(canvas: Stage, step: Step, *, extend: bool) -> None:
    chart = canvas.chart
    at = next(iter(chart.positions([chart.focus] if chart.focus else ())), None)
    found = step_from(chart, at, step)
    if found is None:
        return
    operation_id = chart.data.bookings[found].operation_id
    kept = chart.selected if extend else set()
    canvas.select({*kept, operation_id}, operation_id)
    canvas.reveal(found)


def _open(canvas: Stage) -> bool:
    chart = canvas.chart
    for i in chart.positions([chart.focus] if chart.focus else ()):
        canvas.activated.emit(chart.data.bookings[i].id)
        return True
    return False


def zoom(canvas: Stage, factor: float) -> None:
    """Zoom about the focused bar if it is in sight, else about the middle."""
    chart = canvas.chart
    for i in chart.positions([chart.focus] if chart.focus else ()):
        x = chart.scale.x(float(chart.data.setup[i]))
        if 0 <= x <= canvas.viewport().width():
            canvas.zoom(factor, x)
            return
    canvas.zoom(factor)


def escape(canvas: Stage) -> bool:
    """Give up the gesture, else the highlight, else the selection; False if there is none."""
    if canvas.cancel():
        return True
    if canvas.chart.highlighted:
        set_highlight(canvas, set())
        return True
    if canvas.chart.selected:
        canvas.select(())
        return True
    return False


def highlight(canvas: Stage) -> None:
    """Dim everything but the work orders of the orders that the selection serves; again: undo."""
    chart, data = canvas.chart, canvas.chart.data
    if chart.highlighted or not chart.selected:
        set_highlight(canvas, set())
        return
    bars = data.family_of(chart.positions(chart.selected))
    set_highlight(canvas, {data.bookings[i].operation_id for i in bars})


def set_highlight(canvas: Stage, operations: set[UUID]) -> None:
    """Let these operations stand out; none: all alike."""
    canvas.chart.highlighted = operations
    canvas.chart.dim()
    canvas.refresh()


def fit_all(canvas: Stage) -> None:
    """Show the whole horizon."""
    canvas.set_scale(fitting(*canvas.chart.data.span, canvas.viewport().width()))


def fit_selection(canvas: Stage) -> None:
    """Show the selected bars as large as they fit; everything if none is selected."""
    chart = canvas.chart
    bars = chart.positions(chart.selected)
    if not bars:
        fit_all(canvas)
        return
    first, last = int(chart.data.setup[bars].min()), int(chart.data.end[bars].max())
    side = (last - first) * 0.1 + 30
    canvas.set_scale(fitting(first - side, last + side, canvas.viewport().width()))
    canvas.reveal(bars[0])


def go_to(canvas: Stage, minute: float) -> None:
    """Bring a minute to the middle."""
    x = canvas.chart.scale.x(minute)
    canvas.set_scale(canvas.chart.scale.panned(canvas.viewport().width() / 2 - x))


def go_to_now(canvas: Stage) -> None:
    """Bring now to the left quarter: what comes next matters more than what was."""
    x = canvas.chart.scale.x(canvas.chart.data.now)
    canvas.set_scale(canvas.chart.scale.panned(canvas.viewport().width() / 4 - x))

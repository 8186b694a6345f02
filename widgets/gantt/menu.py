"""What a right click on a bar offers. Everything is an intention; nothing is done here."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from domain.scenarios import LockLevel
from widgets.gantt import keys
from widgets.gantt.colouring import Colouring
from widgets.gantt.stage import Stage
from widgets.text import tr

MOST_ORDERS = 8


def build_menu(canvas: Stage, i: int | None, paint_by: Callable[[Colouring], object]) -> QMenu:
    """The menu for a bar, or for the empty chart; ``paint_by`` takes another colouring."""
    menu = QMenu(canvas)
    menu.setToolTipsVisible(True)
    if i is not None:
        _add_shows(canvas, menu, i)
        _add_locks(canvas, menu, i)
    if i is not None or canvas.menu_machine_id is not None:
        mends = menu.addAction(tr("gantt.menu.mend"))
        mends.setShortcut("F6")
        mends.triggered.connect(lambda: canvas.mend_requested.emit(canvas.menu_machine_id))
        menu.addSeparator()
    colours = menu.addMenu(tr("gantt.menu.colour_by"))
    group = QActionGroup(menu)
    for each in Colouring:
        action = colours.addAction(tr(f"gantt.colouring.{each}"))
        action.setCheckable(True)
        action.setChecked(each is canvas.chart.colouring)
        action.triggered.connect(lambda _=False, chosen=each: paint_by(chosen))
        group.addAction(action)
    _add(menu, "highlight", "H").triggered.connect(lambda: keys.highlight(canvas))
    menu.addSeparator()
    _add(menu, "fit_all", "Ctrl+0").triggered.connect(lambda: keys.fit_all(canvas))
    _add(menu, "fit_selection", "F").triggered.connect(lambda: keys.fit_selection(canvas))
    _add(menu, "now", "N").triggered.connect(lambda: keys.go_to_now(canvas))
    return menu


def _add(menu: QMenu, name: str, shortcut: str) -> QAction:
    return menu.addAction(f"{tr(f'gantt.menu.{name}')}\t{shortcut}")


def _add_shows(canvas: Stage, menu: QMenu, i: int) -> None:
    data = canvas.chart.data
    work_order = data.work_order(i)
    words = tr("gantt.menu.show_work_order", number=work_order.number)
    shows = menu.addAction(words)
    shows.triggered.connect(lambda: canvas.work_order_requested.emit(work_order.id))
    for line in data.order_lines(work_order.id)[:MOST_ORDERS]:
        shown = menu.addAction(tr("gantt.menu.show_order", number=line.label))
        shown.triggered.connect(lambda _=False, key=line.id: canvas.order_requested.emit(key))
        if data.slack.get(line.id, 0) < 0:
            explains = menu.addAction(tr("gantt.menu.explain", number=line.label))
            explains.triggered.connect(
                lambda _=False, key=line.id: canvas.explain_requested.emit(key)
            )
    menu.addSeparator()


def _add_locks(canvas: Stage, menu: QMenu, i: int) -> None:
    if canvas.is_read_only:
        return
    chart = canvas.chart
    chosen = chart.positions(chart.selected) or [i]
    bookings = [chart.data.bookings[each] for each in chosen]
    ids = [booking.id for booking in bookings]
    locks = menu.addMenu(tr("gantt.menu.lock"))
    for level in (LockLevel.TIME, LockLevel.MACHINE, LockLevel.SEQUENCE, LockLevel.NONE):
        action = locks.addAction(tr(f"gantt.menu.lock_{level}"))
        action.setCheckable(True)
        action.setChecked(all(booking.lock is level for booking in bookings))
        action.triggered.connect(lambda _=False, to=level: canvas.lock_requested.emit(ids, to))

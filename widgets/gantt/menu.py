"""What a right click on a bar offers. Everything is an intention; nothing is done here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from domain.scenarios import LockLevel
from widgets.gantt import keys
from widgets.gantt.colouring import Colouring
from widgets.text import tr

if TYPE_CHECKING:
    from widgets.gantt.view import GanttView

MOST_ORDERS = 8


def build_menu(view: GanttView, i: int | None) -> QMenu:
    """The menu for a bar, or for the empty chart."""
    menu = QMenu(view)
    menu.setToolTipsVisible(True)
    if i is not None:
        _add_shows(view, menu, i)
        _add_locks(view, menu, i)
        menu.addSeparator()
    canvas = view.canvas
    colours = menu.addMenu(tr("gantt.menu.colour_by"))
    group = QActionGroup(menu)
    for each in Colouring:
        action = colours.addAction(tr(f"gantt.colouring.{each}"))
        action.setCheckable(True)
        action.setChecked(each is canvas.chart.colouring)
        action.triggered.connect(lambda _=False, chosen=each: view.set_colouring(chosen))
        group.addAction(action)
    _add(menu, "highlight", "H").triggered.connect(lambda: keys.highlight(canvas))
    menu.addSeparator()
    _add(menu, "fit_all", "Ctrl+0").triggered.connect(lambda: keys.fit_all(canvas))
    _add(menu, "fit_selection", "F").triggered.connect(lambda: keys.fit_selection(canvas))
    _add(menu, "now", "N").triggered.connect(lambda: keys.go_to_now(canvas))
    return menu


def _add(menu: QMenu, name: str, shortcut: str) -> QAction:
    return menu.addAction(f"{tr(f'gantt.menu.{name}')}\t{shortcut}")


def _add_shows(view: GanttView, menu: QMenu, i: int) -> None:
    data = view.canvas.chart.data
    work_order = data.work_order(i)
    words = tr("gantt.menu.show_work_order", number=work_order.number)
    shows = menu.addAction(words)
    shows.triggered.connect(lambda: view.work_order_requested.emit(work_order.id))
    for line in data.order_lines(work_order.id)[:MOST_ORDERS]:
        shown = menu.addAction(tr("gantt.menu.show_order", number=line.label))
        shown.triggered.connect(lambda _=False, key=line.id: view.order_requested.emit(key))
        if data.slack.get(line.id, 0) < 0:
            explains = menu.addAction(tr("gantt.menu.explain", number=line.label))
            explains.triggered.connect(
                lambda _=False, key=line.id: view.explain_requested.emit(key)
            )
    menu.addSeparator()


def _add_locks(view: GanttView, menu: QMenu, i: int) -> None:
    if view.canvas.is_read_only:
        return
    chart = view.canvas.chart
    chosen = chart.positions(chart.selected) or [i]
    bookings = [chart.data.bookings[each] for each in chosen]
    ids = [booking.id for booking in bookings]
    locks = menu.addMenu(tr("gantt.menu.lock"))
    for level in (LockLevel.TIME, LockLevel.MACHINE, LockLevel.SEQUENCE, LockLevel.NONE):
        action = locks.addAction(tr(f"gantt.menu.lock_{level}"))
        action.setCheckable(True)
        action.setChecked(all(booking.lock is level for booking in bookings))
        action.triggered.connect(lambda _=False, to=level: view.lock_requested.emit(ids, to))


def show_menu(view: GanttView, i: int | None, place: QPoint) -> None:
    """Open the menu at a place of the screen; it goes when it closes."""
    menu = build_menu(view, i)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(place)

"""How quickly a large table answers: ``python -m tests.bench.tables``.

Every figure is the median time from the call to the painted picture, in a window of 1366×768: to
open the table, to turn a page, to sort by a heading, to filter by a column, to change some rows.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollBar

from tests.bench.report import Meter, show
from tests.widgets.tables import COLUMNS, make_parts
from widgets import theme
from widgets.grid.view import GridView

PAGES = 60
FILTERS = ("p9", "p1 99", "5", "")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.tables")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    app = QApplication([])
    theme.apply(app, "light")
    parts = make_parts(options.rows)
    meter = Meter()
    opened = [_timed(lambda: _open(parts)) for _ in range(options.times)]
    grid = _open(parts)
    facts = {
        "open_ms": _median(opened),
        "page_ms": _median(_pages(grid.main.verticalScrollBar())),
        "sort_ms": _median(_sorted(grid, options.times)),
        "filter_ms": _median(_filtered(grid, options.times)),
        "change_10_rows_ms": _median(_changed(grid, parts, options.times)),
    }
    show(meter.line("tables", f"{options.rows} rows", **facts))
    grid.close()


def _open(parts: Sequence[object]) -> GridView:
    grid = GridView(COLUMNS, "parts")
    grid.resize(1366, 768)
    grid.show_rows(parts)
    grid.show()
    return grid


def _pages(bar: QScrollBar) -> list[float]:
    step = max((bar.maximum() - bar.minimum()) // PAGES, 1)
    return [_timed(lambda at=at: bar.setValue(bar.minimum() + at * step)) for at in range(1, PAGES)]


def _sorted(grid: GridView, times: int) -> list[float]:
    orders = (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder)
    wishes = [(column, order) for column in range(len(COLUMNS)) for order in orders]
    taken = [_timed(lambda w=wish: grid.main.sortByColumn(*w)) for wish in wishes * times]
    grid.main.sortByColumn(-1, orders[0])
    return taken


def _filtered(grid: GridView, times: int) -> list[float]:
    return [_timed(lambda t=text: grid.model.set_filter(0, t)) for text in FILTERS * times]


def _changed(grid: GridView, parts: Sequence[object], times: int) -> list[float]:
    taken: list[float] = []
    rows = list(parts)
    for k in range(1, times + 1):
        for at in range(0, len(rows), max(len(rows) // 10, 1)):
            rows[at] = replace(rows[at], quantity=Decimal(k * 7))
        taken.append(_timed(lambda: grid.show_rows(rows)))
    return taken


def _timed(act: Callable[[], object]) -> float:
    """Seconds of an act until it is painted."""
    began = time.perf_counter()
    made = act()
    QApplication.processEvents()
    seconds = time.perf_counter() - began
    if isinstance(made, GridView):
        made.close()
        made.deleteLater()
    return seconds


def _median(seconds: Sequence[float]) -> float:
    return round(statistics.median(seconds) * 1000, 2)


if __name__ == "__main__":
    main()

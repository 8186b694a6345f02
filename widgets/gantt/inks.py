"""The theme's colours as pixel values and tables, made once a look."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from widgets.theme import Category, Role, category_colour, colour, is_dark

Pixels = NDArray[np.uint32]
SHADES = 16


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """``share`` of the first colour over the second."""
    return QColor.fromRgbF(
        first.redF() * share + second.redF() * (1 - share),
        first.greenF() * share + second.greenF() * (1 - share),
        first.blueF() * share + second.blueF() * (1 - share),
    )


class Inks:
    """Tables of pixels by ``[dimmed, category]``: fill, edge, setup head, finished part."""

    def __init__(self) -> None:
        panel = colour(Role.PANEL)
        fills = [category_colour(k) for k in Category]
        towards = colour(Role.TEXT) if not is_dark() else QColor.fromRgbF(1, 1, 1)
        edges = [mixed(fill, towards, 0.62) for fill in fills]
        heads = [mixed(fill, panel, 0.55) for fill in fills]
        done = [mixed(fill, towards, 0.45) for fill in fills]
        self.fill = self._table(fills)
        self.edge = self._table(edges)
        self.head = self._table(heads)
        self.done = self._table(done)
        self.late = np.array([self._faded(colour(Role.LATE), k).rgba() for k in (0, 1)], np.uint32)
        nonworking = colour(Role.NONWORKING)
        self.closed: Pixels = np.array(
            [mixed(nonworking, panel, k / SHADES).rgba() for k in range(SHADES + 1)], np.uint32
        )
        calm = mixed(colour(Role.MUTED), panel, 0.35)
        full = mixed(colour(Role.WARNING), panel, 0.45)
        self.load = np.array([0, calm.rgba(), full.rgba()], np.uint32)

    def _table(self, colours: list[QColor]) -> Pixels:
        return np.array(
            [[self._faded(each, dimmed).rgba() for each in colours] for dimmed in (0, 1)], np.uint32
        )

    @staticmethod
    def _faded(full: QColor, dimmed: int) -> QColor:
        return mixed(full, colour(Role.PANEL), 0.28) if dimmed else full


@lru_cache(maxsize=2)
def _inks(dark: bool) -> Inks:  # noqa: ARG001 (the key of the cache)
    return Inks()


def inks() -> Inks:
    """The tables of the look in use."""
    return _inks(is_dark())

"""What the colour of a bar tells, and the legend that says so."""

from __future__ import annotations

import zlib
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from domain.items import Item
from domain.production import WorkOrder, WorkStatus
from widgets.gantt.data import GanttData
from widgets.text import enum_text, tr
from widgets.theme import Category

TIGHT_MINUTES = 24 * 60  # on time, but with less than a day to spare

_STATUS = {
    WorkStatus.PLANNED: Category.GREY,
    WorkStatus.FIRM: Category.SKY,
    WorkStatus.RELEASED: Category.BLUE,
    WorkStatus.STARTED: Category.ORANGE,
    WorkStatus.COMPLETED: Category.GREEN,
    WorkStatus.CLOSED: Category.GREEN,
}
_LATENESS = ("late", "tight", "on_time", "unknown")
_LATENESS_COLOUR = (Category.VERMILION, Category.YELLOW, Category.GREEN, Category.GREY)

FRAGILE, SHAKY = 0.10, 0.02
"""Shares of all cases in which an operation's overrun makes an order late."""

_RISK = ("fragile", "shaky", "sturdy", "untold")
_RISK_COLOUR = (Category.VERMILION, Category.YELLOW, Category.GREEN, Category.GREY)


class Colouring(StrEnum):
    """What bars are told apart by."""

    ORDER = "order"
    FAMILY = "family"
    LATENESS = "lateness"
    STATUS = "status"
    RISK = "risk"


def categories(data: GanttData, colouring: Colouring) -> NDArray[np.uint8]:
    """The category of every bar; but for risks, bars of a work order share one."""
    if colouring is Colouring.RISK:
        shares = (data.fragility_of(i) for i in range(len(data)))
        found = (_RISK_COLOUR[_RISK.index(risk(share))] for share in shares)
        return np.fromiter(found, np.uint8, len(data))
    families = _families(data)

    def look(order: WorkOrder, item: Item) -> int:
        return _category(data, order, item, colouring, families)

    return data.by_order(look, np.uint8)


def _category(
    data: GanttData, order: WorkOrder, item: Item, colouring: Colouring, families: list[str]
) -> int:
    match colouring:
        case Colouring.FAMILY:
            return families.index(item.family) % Category.GREY if item.family else Category.GREY
        case Colouring.LATENESS:
            return _LATENESS_COLOUR[_LATENESS.index(lateness(data.slack_of(order.id)))]
        case Colouring.STATUS:
            return _STATUS[order.status]
        case _:
            lines = data.order_lines(order.id)
            return stable(lines[0].order_number) if lines else Category.GREY


def risk(share: float | None) -> str:
    """``fragile``, ``shaky``, ``sturdy``, or ``untold`` where nobody has worked it out."""
    if share is None:
        return "untold"
    return "fragile" if share >= FRAGILE else "shaky" if share >= SHAKY else "sturdy"


def lateness(slack: int | None) -> str:
    """``late``, ``tight``, ``on_time``, or ``unknown`` without an order."""
    if slack is None:
        return "unknown"
    return "late" if slack < 0 else "tight" if slack < TIGHT_MINUTES else "on_time"


def stable(name: str) -> int:
    """A hue for a name that stays the same from plan to plan."""
    return zlib.crc32(name.encode()) % Category.GREY


def _families(data: GanttData) -> list[str]:
    return sorted(data.families() - {""})


def legend(data: GanttData, colouring: Colouring) -> list[tuple[int, str]]:
    """Category and meaning of the colours in use; empty where they only tell things apart."""
    match colouring:
        case Colouring.ORDER:
            return []
        case Colouring.FAMILY:
            names = _families(data)
            shown = [(k % Category.GREY, name) for k, name in enumerate(names)]
            return [*shown, (Category.GREY, tr("gantt.legend.no_family"))]
        case Colouring.LATENESS:
            words = [tr(f"gantt.legend.{each}") for each in _LATENESS]
            return list(zip(_LATENESS_COLOUR, words, strict=True))
        case Colouring.RISK:
            words = [tr(f"gantt.legend.{each}") for each in _RISK]
            return list(zip(_RISK_COLOUR, words, strict=True))
        case Colouring.STATUS:
            return [
                (colour, enum_text(status))
                for status, colour in _STATUS.items()
                if status is not WorkStatus.CLOSED
            ]

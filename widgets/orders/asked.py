"""What was asked for and the answers to it, as the table of the promise dialog shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from domain.items import Item
from domain.orders import OrderLine, Wish
from widgets.models.columns import Column, Kind
from widgets.text import format_duration, format_instant, tr
from widgets.theme import Role

if TYPE_CHECKING:  # the engine is not loaded for a name
    from domain.scheduling.quote import Quote, Way


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish and its answer, as soon as there is one.

    ``line`` is the draft that it is about, None for something new. ``fault`` says in words why
    there is no answer.
    """

    id: UUID
    wish: Wish
    item: Item
    line: OrderLine | None = None
    quote: Quote | None = None
    fault: str = ""

    @property
    def gentle(self) -> Way | None:
        """Into gaps, nothing else moves."""
        return self.quote.gentle if self.quote else None

    @property
    def rush(self) -> Way | None:
        """First in every queue."""
        return self.quote.rush if self.quote else None


def outcome(asked: Asked, way: Way | None) -> str:
    """When it would be finished, and how that is to the wish, in words."""
    if way is None:
        return asked.fault or tr("promise.never" if asked.quote else "promise.waiting")
    at = format_instant(way.finish_at)
    if way.late_minutes:
        return tr("promise.late", at=at, by=format_duration(way.late_minutes))
    return tr("promise.in_time", at=at)


def _role(asked: Asked, way: Way | None) -> Role:
    if way is None:
        return Role.WARNING if asked.quote or asked.fault else Role.MUTED
    return Role.LATE if way.late_minutes else Role.OK


def price_words(way: Way | None) -> str:
    """What it does to the other orders, in words; empty where there is nothing to say yet."""
    if way is None:
        return ""
    if not way.later:
        return tr("promise.nobody_later")
    return tr("promise.others_later", count=len(way.later), most=format_duration(way.later[0][1]))


ASKED_COLUMNS = (
    Column(key="order_number", value=lambda a: a.line.label if a.line else "", width=110),
    Column(key="item", value=lambda a: a.item.code, width=110),
    Column(
        key="quantity",
        value=lambda a: a.wish.quantity,
        kind=Kind.NUMBER,
        unit=lambda a: a.item.unit,
        width=84,
    ),
    Column(key="wished_on", value=lambda a: a.wish.due_on, kind=Kind.DAY, width=92),
    Column(
        key="gentle",
        value=lambda a: a.gentle.finish_at if a.gentle else None,
        kind=Kind.INSTANT,
        words=lambda a: outcome(a, a.gentle),
        role=lambda a: _role(a, a.gentle),
        width=222,
    ),
    Column(
        key="rush",
        value=lambda a: a.rush.finish_at if a.rush else None,
        kind=Kind.INSTANT,
        words=lambda a: outcome(a, a.rush),
        role=lambda a: _role(a, a.rush),
        width=222,
    ),
    Column(
        key="rush_price",
        value=lambda a: a.rush.value_change if a.rush else None,
        words=lambda a: price_words(a.rush),
        role=lambda a: Role.WARNING if a.rush and a.rush.later else None,
        width=216,
    ),
)

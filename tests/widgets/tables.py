"""Rows and columns for the tests of the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from domain.items import ItemType
from widgets.models.columns import Column, Kind


@dataclass(frozen=True)
class Part:
    id: UUID
    code: str
    quantity: Decimal | None
    due_on: date
    type: ItemType = ItemType.MAKE


COLUMNS = (
    Column(key="code", value=lambda r: r.code),
    Column(
        key="quantity",
        value=lambda r: r.quantity,
        kind=Kind.NUMBER,
        unit=lambda _r: "pcs",
        editable=True,
        least=0,
    ),
    Column(key="due_on", value=lambda r: r.due_on, kind=Kind.DAY, editable=True),
    Column(
        key="type", value=lambda r: r.type, kind=Kind.CHOICE, choices=tuple(ItemType), editable=True
    ),
)


def make_part(number: int, **changes: object) -> Part:
    fields = {
        "id": UUID(int=number + 1),
        "code": f"P{number}",
        "quantity": Decimal(number),
        "due_on": date(2026, 12, 1) + timedelta(days=number % 30),
    }
    return Part(**{**fields, **changes})


def make_parts(count: int) -> list[Part]:
    return [make_part(number) for number in range(count)]

"""What the sample factories have in common: people's and companies' names, days, supply."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from app.exchange.samples.factory import Factory, gross_needs
from domain.items import Item, ItemType

# The day the samples are planned from, 08:00 in Shanghai; a Tuesday.
TODAY = date(2026, 12, 1)
SUNDAY = 7

PEOPLE = (
    "张伟", "李强", "王建国", "刘洋", "陈志明", "杨帆", "赵磊", "黄海涛", "周建军", "吴晓东",
    "徐丽", "孙国栋", "马超", "朱红梅", "胡斌", "林小军", "郭永刚", "何秀英",
)  # fmt: skip


def customers(factory: Factory, names: Sequence[str]) -> list[str]:
    """Customers with classes A, B, C in turn; the first letter of a class also sets priority."""
    codes: list[str] = []
    for number, name in enumerate(names, 1):
        code = f"C{number:03d}"
        rank = "ABBC"[number % 4]
        channel = ("直销", "经销", "电商")[number % 3]
        limit = None if rank == "A" else 200_000 * (2 if rank == "B" else 1)
        factory.customer(code, name, rank, channel, limit)
        codes.append(code)
    return codes


def workdays(first: date, last: date, closed: Sequence[date]) -> list[date]:
    """The days from ``first`` to ``last`` that are neither Sundays nor closed."""
    count = (last - first).days + 1
    days = (first + timedelta(days=number) for number in range(count))
    return [day for day in days if day.isoweekday() != SUNDAY and day not in closed]


def supply(factory: Factory, suppliers: Sequence[str], in_stock: str, on_the_way: str) -> None:
    """Stock and purchases for what is bought, as shares of all that the orders need."""
    bought = {
        code: need
        for code, need in gross_needs(factory.plan).items()
        if factory.item(code).type in (ItemType.BUY, ItemType.SUBCONTRACT)
    }
    for number, (code, need) in enumerate(sorted(bought.items()), 1):
        item = factory.item(code)
        batch = f"B2611{number:03d}"
        shelf = item.shelf_life_days
        place = f"A{number % 9 + 1:02d}-{number:02d}"
        received = TODAY - timedelta(days=5 + number % 40)
        factory.stock(
            code, _packed(item, need * Decimal(in_stock)), "原材料仓", place,
            received, lot=batch, expires=received + timedelta(days=shelf) if shelf else None,
        )  # fmt: skip
        for delivery in range(2):
            days = 3 + (number * 3 + delivery * 8) % 17
            quantity = _packed(item, need * Decimal(on_the_way) / 2)
            factory.purchase(
                f"PO2611{number // 4 + 1:03d}", (number % 4) * 20 + delivery * 10 + 10,
                suppliers[number // 4 % len(suppliers)], code, quantity,
                TODAY + timedelta(days=days),
            )  # fmt: skip


def _packed(item: Item, quantity: Decimal) -> Decimal:
    """A quantity as it is bought: whole multiples, at least one."""
    multiple = item.multiple or Decimal(1)
    return max(Decimal(1), Decimal(math.ceil(quantity / multiple))) * multiple

"""The words for enumerated values and units, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache

from app.exchange.sheets import normal
from domain.items import ItemType, LotRule, Tracking
from domain.orders import OrderStatus
from domain.routings import BreakRule
from widgets.text import LANGUAGES, catalogue, language

# Member → its Chinese name, then other words for it. The English name is the value itself.
WORDS: Mapping[Enum, tuple[str, ...]] = {
    ItemType.MAKE: ("自制", "自制件", "生产", "制造", "m"),
    ItemType.BUY: ("外购", "外购件", "采购", "采购件", "purchase", "b"),
    ItemType.SUBCONTRACT: ("委外", "委外件", "外协", "外协件", "s"),
    ItemType.PHANTOM: ("虚拟", "虚拟件", "p"),
    LotRule.L4L: ("L4L", "按需", "逐批", "直接批量", "lot for lot", "lfl"),
    LotRule.FOQ: ("FOQ", "固定批量", "固定"),
    LotRule.POQ: ("POQ", "周期批量", "定期批量", "期间批量"),
    LotRule.MINMAX: ("MINMAX", "最小最大", "最大最小"),
    Tracking.NONE: ("不追溯", "无", "否"),
    Tracking.LOT: ("批次", "批号", "batch"),
    Tracking.SERIAL: ("序列号", "序号", "单件"),
    OrderStatus.DRAFT: ("草稿", "未审核", "待审核"),
    OrderStatus.CONFIRMED: ("已审核", "审核", "已确认", "确认"),
    BreakRule.PAUSE: ("可中断", "可跨班"),
    BreakRule.FIT: ("不可中断", "不可跨班"),
}


def word(member: Enum, spoken: str) -> str:
    """What a member is called in a workbook."""
    return str(member.value) if spoken == "en" else WORDS[member][0]


def member(choices: type[Enum], text: str) -> Enum | None:
    """The member a word means, or None."""
    return _members(choices).get(normal(text))


@cache
def _members(choices: type[Enum]) -> dict[str, Enum]:
    found: dict[str, Enum] = {}
    for each in choices:
        value = str(each.value)
        for text in (value, *WORDS[each], value + WORDS[each][0], WORDS[each][0] + value):
            found[normal(text)] = each
    return found


class Allowed:
    """The words a column takes, told in the language spoken when they are shown."""

    def __init__(self, choices: type[Enum]) -> None:
        self._choices = choices

    def __str__(self) -> str:
        mark = "、" if language() == "zh" else ", "
        return mark.join(word(each, language()) for each in self._choices)


def unit_code(text: str) -> str:
    """A unit as it is stored: the names the program itself shows (件) stand for their code."""
    return _unit_codes().get(text.casefold(), text)


def unit_word(unit: str, spoken: str) -> str:
    """A unit as a workbook shows it."""
    return catalogue("en" if spoken == "en" else "zh").get(f"unit.{unit}", unit)


@cache
def _unit_codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for each in LANGUAGES:
        for key, text in catalogue(each).items():
            if key.startswith("unit."):
                code = key.removeprefix("unit.")
                found |= {text.casefold(): code, code.casefold(): code}
    return found

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from widgets.palette import Entry, PaletteDialog, PaletteIndex
from widgets.pinyin import initials

ENTRIES = [
    Entry("SO-1001", "order", 1, keywords="Ace Pumps"),
    Entry("WO-001001", "work_order", 2),
    Entry("ZT-50", "item", 3, keywords="轴套"),
    Entry("Import a workbook", "command", 4, keywords="导入工作簿"),
    Entry("M10", "machine", 5, keywords="数控车床"),
]


def found(query: str) -> list[object]:
    return [entry.target for entry in PaletteIndex(ENTRIES).find(query)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("so-1001", 1),
        ("1001", 1),
        ("wo", 2),
        ("zt", 3),
        ("轴", 3),
        ("drgz", 4),
        ("skcc", 5),
        ("pump so", 1),
        ("iwb", 4),
    ],
)
def test_what_is_found_first(query, first):
    assert found(query)[0] == first


def test_what_is_not_there_is_not_found():
    assert found("qqq") == []
    assert found("so-1001 qqq") == []
    assert found("") == [4]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("主轴箱", "zzx"), ("齿轮", "cl"), ("镗床 T6", "tct6"), ("啊", "a"), ("座", "z"), ("é龘", "")],
)
def test_initials(text, expected):
    assert initials(text) == expected


def test_twenty_thousand_entries_in_twenty_milliseconds():
    chance = random.Random(1)
    names = ["主轴", "齿轮", "箱体", "法兰", "轴承座", "联轴器"]
    index = PaletteIndex(
        Entry(f"WO-{n:06}", "work_order", n, keywords=chance.choice(names)) for n in range(20_000)
    )
    for query in ("wo", "wo-019999", "zhou", "zcz", "9", "法兰 77", "xyz", "w1", "wo 9 8"):
        index.find(query)
    assert index.find("wo-019999")[0].target == 19_999


def test_type_arrow_enter(qtbot):
    window = QWidget()
    window.resize(800, 600)
    qtbot.addWidget(window)
    dialog = PaletteDialog(window)
    dialog.set_entries(ENTRIES)
    dialog.open_over(window)
    QTest.keyClicks(dialog.line, "1001")
    assert dialog.list.currentIndex().row() == 0
    QTest.keyClick(dialog.line, Qt.Key.Key_Down)
    with qtbot.waitSignal(dialog.chosen) as told:
        QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    assert told.args == [2]
    assert not dialog.isVisible()

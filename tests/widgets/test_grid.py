from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit

from domain.items import ItemType
from tests.widgets.tables import COLUMNS, make_part, make_parts
from widgets.grid.blocks import from_tsv, to_tsv
from widgets.grid.view import GridView
from widgets.models.delegates import CellLine
from widgets.speaking import speak

CODE, QUANTITY, DUE, TYPE = range(4)
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def grid(qtbot) -> GridView:
    grid = GridView(COLUMNS, "parts")
    grid.show_rows(make_parts(20))
    grid.resize(700, 400)
    qtbot.addWidget(grid)
    with qtbot.waitExposed(grid):
        grid.show()
    return grid


def click(grid: GridView, row: int, column: int, keys=Qt.KeyboardModifier.NoModifier) -> None:
    at = grid.main.visualRect(grid.model.index(row, column)).center()
    QTest.mouseClick(grid.main.viewport(), Qt.MouseButton.LeftButton, keys, at)


def type_into(grid: GridView, text: str, end: Qt.Key = Qt.Key.Key_Return, keys=None) -> None:
    QTest.keyClick(grid.main.viewport(), Qt.Key.Key_F2)
    editor = grid.main.viewport().findChild(QLineEdit)
    editor.clear()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, end, keys or Qt.KeyboardModifier.NoModifier)


def test_typing_in_the_filter_row_filters(grid, qtbot):
    line = grid.main.header._lines[CODE]
    QTest.mouseClick(line, Qt.MouseButton.LeftButton)
    QTest.keyClicks(line, "P19")
    qtbot.waitUntil(lambda: grid.model.rowCount() == 1)
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert grid.chosen.current_row().code == "P19"
    assert grid.main.hasFocus()


def test_clicking_a_heading_sorts_up_down_and_back(grid):
    header = grid.main.header
    at = QPoint(header.sectionViewportPosition(QUANTITY) + 20, 10)
    shown = []
    for _ in range(3):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
        shown.append(grid.model.row(0).code)
    assert shown == ["P0", "P19", "P0"]


def test_an_edit_is_told_once(grid, qtbot):
    click(grid, 3, QUANTITY)
    with qtbot.waitSignal(grid.edited) as told:
        type_into(grid, "1,250")
    assert [(e.row.code, e.key, e.value) for e in told.args[0]] == [
        ("P3", "quantity", Decimal(1250))
    ]


def test_what_does_not_fit_keeps_the_editor_open_and_says_why(grid, qtbot):
    click(grid, 3, QUANTITY)
    with qtbot.assertNotEmitted(grid.edited):
        type_into(grid, "many")
    editor = grid.main.viewport().findChild(CellLine)
    assert editor.isVisible()
    assert "many" in editor.toolTip()
    QTest.keyClick(editor, Qt.Key.Key_Escape)


def test_the_factorys_rules_speak_while_typing(grid, qtbot):
    grid.set_check(lambda row, key, value: "too many" if value and value > 100 else None)
    click(grid, 3, QUANTITY)
    with qtbot.assertNotEmitted(grid.edited):
        type_into(grid, "101")
    assert grid.main.viewport().findChild(CellLine).toolTip() == "too many"
    QTest.keyClick(grid.main.viewport().findChild(CellLine), Qt.Key.Key_Escape)


def test_a_choice_is_a_list(grid, qtbot):
    click(grid, 2, TYPE)
    QTest.keyClick(grid.main.viewport(), Qt.Key.Key_F2)
    box = grid.main.viewport().findChild(QComboBox)
    box.setCurrentIndex(1)
    with qtbot.waitSignal(grid.edited) as told:
        QTest.keyClick(box, Qt.Key.Key_Return)
    assert told.args[0][0].value is ItemType.BUY


def test_control_enter_fills_all_selected_rows(grid, qtbot):
    click(grid, 2, QUANTITY)
    click(grid, 5, QUANTITY, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(grid.edited) as told:
        type_into(grid, "8", keys=CTRL)
    assert [edit.row.code for edit in told.args[0]] == ["P2", "P3", "P4", "P5"]
    assert {edit.value for edit in told.args[0]} == {Decimal(8)}


def test_copy_and_paste_a_block(grid, qtbot):
    click(grid, 1, QUANTITY)
    click(grid, 2, DUE, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(grid.main, Qt.Key.Key_C, CTRL)
    clipboard = QGuiApplication.clipboard()
    assert clipboard.text() == "1\t2026-12-02\r\n2\t2026-12-03\r\n"
    clipboard.setText("500\t2027/1/2\r\n600\t12月24日\r\n")
    click(grid, 10, QUANTITY)
    with qtbot.waitSignal(grid.edited) as told:
        QTest.keyClick(grid.main, Qt.Key.Key_V, CTRL)
    assert [(e.row.code, str(e.value)) for e in told.args[0]] == [
        ("P10", "500"),
        ("P10", "2027-01-02"),
        ("P11", "600"),
        ("P11", "2026-12-24"),
    ]


@pytest.mark.parametrize(
    "block", ["5\tsoon\r\n", "X\r\nY\r\n", "1\r\n" * 30, "1\t2\t3\t4\t5\r\n", "-5\r\n"]
)
def test_a_paste_that_does_not_fit_changes_nothing_and_says_why(grid, qtbot, block):
    click(grid, 10, QUANTITY)
    QGuiApplication.clipboard().setText(block)
    with qtbot.assertNotEmitted(grid.edited):
        QTest.keyClick(grid.main, Qt.Key.Key_V, CTRL)
    assert grid.notice.isVisible()


def test_delete_empties_cells_that_may_be_empty(grid, qtbot):
    click(grid, 3, QUANTITY)
    with qtbot.waitSignal(grid.edited) as told:
        QTest.keyClick(grid.main, Qt.Key.Key_Delete)
    assert [(e.row.code, e.value) for e in told.args[0]] == [("P3", None)]


def test_typing_on_a_cell_replaces_what_is_in_it(grid, qtbot):
    click(grid, 12, QUANTITY)
    QTest.keyClick(grid.main.viewport(), Qt.Key.Key_7)
    editor = grid.main.viewport().findChild(CellLine)
    QTest.keyClick(editor, Qt.Key.Key_5)
    with qtbot.waitSignal(grid.edited) as told:
        QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert told.args[0][0].value == Decimal(75)


def test_the_headings_menu_hides_pins_and_sorts(grid):
    menu = grid.arrangement.menu(DUE, grid.main)
    actions = {action.text(): action for action in menu.actions()}
    actions["Pin column"].trigger()
    assert grid.pinned.shown_columns() == [DUE]
    actions["Sort largest first"].trigger()
    assert grid.model.row(0).code == "P19"
    actions["Hide column"].trigger()
    assert DUE not in grid.arrangement.shown_columns()
    again = grid.arrangement.menu(DUE, grid.main)
    next(action for action in again.actions() if action.text() == "Due").trigger()
    assert DUE in grid.arrangement.shown_columns()
    again.deleteLater()
    actions["Reset columns"].trigger()
    assert grid.arrangement.shown_columns() == [CODE, QUANTITY, DUE, TYPE]
    menu.deleteLater()


def test_quoting_survives_the_clipboard():
    cells = [["a\tb", 'say "hi"', "two\nlines"], ["", "中文", "1,5"]]
    assert from_tsv(to_tsv(cells)) == cells
    assert from_tsv('6" pipe\tx\r\n') == [['6" pipe', "x"]]


def test_totals_of_the_selection(grid, qtbot):
    click(grid, 1, QUANTITY)
    with qtbot.waitSignal(grid.chosen.totals_changed) as told:
        click(grid, 4, DUE, Qt.KeyboardModifier.ShiftModifier)
    totals = told.args[0]
    assert (totals.cell_count, totals.number_count, totals.total) == (8, 4, Decimal(10))
    assert totals.average == Decimal("2.5")


def test_pinned_columns_share_rows_cursor_and_scroll(grid):
    grid.arrangement.set_pinned(CODE, pinned=True)
    assert grid.pinned.isVisible()
    assert grid.pinned.shown_columns() == [CODE]
    assert grid.main.shown_columns() == [QUANTITY, DUE, TYPE]
    click(grid, 5, QUANTITY)
    QTest.keyClick(grid.main, Qt.Key.Key_Left)
    assert grid.pinned.hasFocus()
    assert grid.pinned.currentIndex().column() == CODE
    QTest.keyClick(grid.pinned, Qt.Key.Key_Right)
    assert grid.main.currentIndex().column() == QUANTITY
    grid.main.verticalScrollBar().setValue(4)
    assert grid.pinned.verticalScrollBar().value() == 4


def test_the_layout_comes_back(grid, qtbot):
    memory: dict = {}
    grid.remember_in(memory)
    grid.arrangement.set_shown(DUE, shown=False)
    grid.arrangement.set_pinned(TYPE, pinned=True)
    grid.main.setColumnWidth(QUANTITY, 173)
    grid.main.header.moveSection(1, 0)
    grid.main.sortByColumn(QUANTITY, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: "parts" in memory)
    other = GridView(COLUMNS, "parts")
    qtbot.addWidget(other)
    other.show_rows(make_parts(20))
    other.remember_in(memory)
    assert other.arrangement.state() == grid.arrangement.state()
    assert other.arrangement.shown_columns() == [TYPE, QUANTITY, CODE]
    assert other.model.row(0).code == "P19"
    other.arrangement.reset()
    assert other.arrangement.shown_columns() == [CODE, QUANTITY, DUE, TYPE]


def test_find_walks_from_match_to_match(grid):
    QTest.keyClick(grid.main, Qt.Key.Key_F, CTRL)
    line = grid.find_bar.line
    assert line.hasFocus()
    QTest.keyClicks(line, "P1")
    assert grid.chosen.current_row().code == "P1"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert grid.chosen.current_row().code == "P10"
    QTest.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert grid.chosen.current_row().code == "P1"
    QTest.keyClicks(line, "zzz")
    assert line.property("faulty")
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not grid.find_bar.isVisible()


def test_rows_shown_anew_keep_what_is_selected(grid):
    grid.chosen.select([make_part(7).id, make_part(9).id])
    grid.show_rows([make_part(n, quantity=Decimal(5)) for n in range(600)])
    assert [row.code for row in grid.chosen.rows()] == ["P7", "P9"]


def test_an_empty_table_says_what_belongs_there(grid, qtbot):
    pressed = []
    grid.set_empty("grid.empty", ("grid.export", lambda: pressed.append(1)))
    grid.show_rows([])
    assert grid.note.isVisible()
    QTest.mouseClick(grid.note._button, Qt.MouseButton.LeftButton)
    assert pressed == [1]
    grid.show_rows(make_parts(3))
    assert not grid.note.isVisible()


def test_the_language_changes_without_a_restart(grid, qapp):
    assert grid.model.index(1, QUANTITY).data() == "1 pcs"
    assert grid.main.header._lines[CODE].placeholderText() == "Filter"
    speak(qapp, "zh")
    qapp.processEvents()
    assert grid.model.index(1, QUANTITY).data() == "1 件"
    assert grid.main.header._lines[CODE].placeholderText() == "筛选"


def test_a_last_column_of_numbers_stays_beside_its_neighbours(grid):
    assert grid.main.header.stretchLastSection()
    grid.arrangement.set_shown(2, shown=False)
    grid.arrangement.set_shown(3, shown=False)
    assert grid.main.columnWidth(QUANTITY) == 110


def test_the_end_of_a_long_table_is_reached(grid, qapp, qtbot):
    grid.show_rows(make_parts(5000))
    grid.main.verticalScrollBar().setValue(300)
    assert grid.main.rowAt(5) == 300
    grid.arrangement.set_pinned(CODE, pinned=True)
    qtbot.waitUntil(lambda: grid.pinned.rowAt(5) == 300)
    click(grid, 300, QUANTITY)
    QTest.keyClick(grid.main, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    qapp.processEvents()
    assert grid.chosen.current_row().code == "P4999"
    last = grid.main.visualRect(grid.model.index(4999, QUANTITY))
    assert grid.main.viewport().rect().contains(last)
    grid.main.sortByColumn(CODE, Qt.SortOrder.DescendingOrder)
    assert grid.chosen.current_row().code == "P4999"

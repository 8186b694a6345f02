"""The window at work on a real database, driven by keys and clicks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.palette import palette_entries
from db.errors import StoreError
from db.store import Store
from domain.changes import Change, ChangeSet
from domain.orders import OrderLine
from widgets.dialogs.about import AboutDialog
from widgets.dialogs.conflict import ConflictDialog
from widgets.models.table import Edit

Desks = Callable[..., Desk]
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk(desks: Desks, stored: str, qtbot: QtBot) -> Desk:
    desk = desks(stored)
    qtbot.waitUntil(lambda: bool(desk.session.outlooks.current.fates))
    return desk


def line_of(desk: Desk, number: str = "SO-7") -> OrderLine:
    line = desk.session.bench.plan.one(OrderLine, order_number=number)
    assert line is not None
    return line


def stored_line(desk: Desk, number: str = "SO-7") -> OrderLine:
    lines = desk.session.bench.store.read_all(OrderLine)
    return next(line for line in lines if line.order_number == number)


def settle(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.session.bench.pending_count == 0)


def type_quantity(desk: Desk, number: str, text: str) -> None:
    """Click a quantity in the orders table and type another over it."""
    desk.window.open_panel("orders")
    QApplication.processEvents()
    grid = desk.window.panels["orders"].grids[0]
    model = grid.model
    row = next(r for r in range(model.rowCount()) if model.row(r).subject.order_number == number)
    column = next(c for c, each in enumerate(model.columns) if each.key == "quantity")
    pane = grid.main
    pane.scrollTo(model.index(row, column))
    at = pane.visualRect(model.index(row, column)).center()
    QTest.mouseClick(pane.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.keyClick(pane.viewport(), Qt.Key.Key_F2)
    editor = pane.viewport().findChild(QLineEdit)
    editor.clear()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()  # the table takes the text in its own turn


def tool_button(desk: Desk, name: str) -> QWidget:
    return desk.window.top.widgetForAction(getattr(desk.window.top, name))


def test_what_is_typed_reaches_the_database_and_comes_back_by_undo(
    desk: Desk, qtbot: QtBot
) -> None:
    top = desk.window.top
    assert not top.undo.isEnabled()
    type_quantity(desk, "SO-7", "12")
    settle(desk, qtbot)
    assert stored_line(desk).quantity == 12
    assert top.undo.isEnabled()
    assert "SO-7" in top.undo.toolTip()
    QTest.mouseClick(tool_button(desk, "undo"), Qt.MouseButton.LeftButton)
    settle(desk, qtbot)
    assert stored_line(desk).quantity == 10
    assert not top.undo.isEnabled()
    assert "SO-7" in top.redo.toolTip()
    QTest.mouseClick(tool_button(desk, "redo"), Qt.MouseButton.LeftButton)
    settle(desk, qtbot)
    assert stored_line(desk).quantity == 12


def test_a_rule_broken_by_typing_changes_nothing(desk: Desk, qtbot: QtBot) -> None:
    type_quantity(desk, "SO-7", "-1")
    editor = desk.window.panels["orders"].grids[0].main.viewport().findChild(QLineEdit)
    assert editor.isVisible()  # what was typed is kept, to be mended
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert desk.session.bench.pending_count == 0
    assert stored_line(desk).quantity == 10


def test_two_windows_see_each_others_edits(
    desk: Desk, desks: Desks, stored: str, qtbot: QtBot
) -> None:
    other = desks(stored, "colleague")
    type_quantity(desk, "SO-8", "4")
    qtbot.waitUntil(lambda: line_of(other, "SO-8").quantity == 4)
    grid = other.window.panels["orders"].grids[0]
    qtbot.waitUntil(
        lambda: any(
            view.subject.quantity == 4 and view.subject.order_number == "SO-8"
            for view in grid.model.shown_rows()
        )
    )
    assert not other.window.top.undo.isEnabled()  # one undoes one's own work only


def change_first(url: str, desk: Desk, **fields: object) -> None:
    """A colleague changes the line, and this window has not heard of it yet."""
    colleague, line = Store(url), line_of(desk)
    colleague.write(ChangeSet("edit", (Change.update(line, replace(line, **fields)),)))
    colleague.close()


def test_the_slower_of_two_is_told_what_stands_and_may_write_again(
    desk: Desk, stored: str, qtbot: QtBot
) -> None:
    change_first(stored, desk, quantity=Decimal(99), note="urgent")
    desk.deeds.edit([Edit(line_of(desk), "quantity", Decimal(50))])
    qtbot.waitUntil(lambda: desk.window.findChild(ConflictDialog) is not None)
    dialog = desk.window.findChild(ConflictDialog)
    branch = dialog.tree.topLevelItem(0)
    assert "SO-7" in branch.text(0)
    shown = {branch.child(at).text(0): branch.child(at) for at in range(branch.childCount())}
    assert shown["Quantity"].text(1) == "99"
    assert shown["Quantity"].text(2) == "50"
    qtbot.waitUntil(lambda: line_of(desk).quantity == 99)  # the truth stands while one thinks
    press(dialog, "conflict.again")
    settle(desk, qtbot)
    qtbot.waitUntil(lambda: stored_line(desk).quantity == 50)
    assert stored_line(desk).note == "urgent"  # the colleague's other field is not lost


def press(dialog: QWidget, key: str) -> None:
    """Click the button with this text."""
    from PySide6.QtWidgets import QAbstractButton

    from widgets.text import tr

    button = next(b for b in dialog.findChildren(QAbstractButton) if b.text() == tr(key))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_slower_of_two_may_leave_it(desk: Desk, stored: str, qtbot: QtBot) -> None:
    change_first(stored, desk, quantity=Decimal(99))
    desk.deeds.edit([Edit(line_of(desk), "quantity", Decimal(50))])
    qtbot.waitUntil(lambda: desk.window.findChild(ConflictDialog) is not None)
    press(desk.window.findChild(ConflictDialog), "conflict.keep_theirs")
    qtbot.waitUntil(lambda: line_of(desk).quantity == 99)
    assert stored_line(desk).quantity == 99
    assert not desk.window.top.undo.isEnabled()


def open_palette(desk: Desk, words: str) -> None:
    QTest.keyClick(desk.window, Qt.Key.Key_K, CTRL)
    QApplication.processEvents()
    assert desk.palette.isVisible()
    desk.palette.line.insert(words)  # as an input method does; QTest types ASCII only
    QTest.keyClick(desk.palette.line, Qt.Key.Key_Return)


def test_the_palette_opens_an_order_by_keyboard(desk: Desk) -> None:
    desk.window.activateWindow()
    open_palette(desk, "ace so-7")
    assert desk.window.details.subject == line_of(desk)
    assert desk.chosen == [line_of(desk)]


@pytest.mark.parametrize("words", ["about", "关于", "gygantry"])
def test_the_palette_runs_a_command_in_either_language(desk: Desk, words: str) -> None:
    desk.window.activateWindow()
    open_palette(desk, words)
    about = desk.window.findChild(AboutDialog)
    assert about is not None
    assert about.isVisible()
    about.accept()


def test_every_command_of_the_palette_has_a_name(desk: Desk) -> None:
    entries = palette_entries(desk.session.bench.plan, desk.deeds.names())
    assert not [entry.label for entry in entries if entry.label.startswith("command.")]


def test_confirming_a_draft_by_the_panels_button(desk: Desk, qtbot: QtBot) -> None:
    orders = desk.window.panels["orders"]
    orders.grids[0].chosen.select([line_of(desk, "SO-8").id])
    qtbot.waitUntil(lambda: [row.id for row in desk.chosen] == [line_of(desk, "SO-8").id])
    orders.commands["confirm_lines"].trigger()
    settle(desk, qtbot)
    assert stored_line(desk, "SO-8").status.value == "confirmed"
    qtbot.waitUntil(lambda: line_of(desk, "SO-8").id in desk.session.outlooks.current.fates)


def test_material_is_planned_anew(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.session.bench.undo_changed, timeout=10_000):
        desk.deeds.do("run_mrp")
    settle(desk, qtbot)
    assert desk.window.top.undo.isEnabled()
    store = desk.session.bench.store.load()
    assert {row.id for row in store.rows()} == {row.id for row in desk.session.bench.plan.rows()}


def test_history_tells_who_changed_the_chosen_row(desk: Desk, qtbot: QtBot) -> None:
    type_quantity(desk, "SO-7", "11")
    settle(desk, qtbot)
    desk._open_row(line_of(desk))
    desk.deeds.do("history")
    details = desk.window.details
    qtbot.waitUntil(lambda: "11" in all_texts(details))


def all_texts(widget: QWidget) -> str:
    from PySide6.QtWidgets import QLabel, QTreeWidget

    words = [label.text() for label in widget.findChildren(QLabel)]
    for tree in widget.findChildren(QTreeWidget):
        items = [tree.topLevelItem(at) for at in range(tree.topLevelItemCount())]
        items += [item.child(at) for item in items for at in range(item.childCount())]
        words += [item.text(column) for item in items for column in range(item.columnCount())]
    return "\n".join(words)


def test_changes_wait_while_the_server_is_away_and_the_status_bar_says_so(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = desk.session.bench.store.write

    def fail(*_args: object) -> None:
        raise StoreError("connection_lost")

    monkeypatch.setattr(desk.session.bench.store, "write", fail)
    type_quantity(desk, "SO-7", "12")
    qtbot.wait(100)
    assert "1" in desk.window.status._unsaved._words.text()
    assert stored_line(desk).quantity == 10
    monkeypatch.setattr(desk.session.bench.store, "write", write)
    desk.session.bench.resume()
    settle(desk, qtbot)
    assert stored_line(desk).quantity == 12


def test_every_window_finds_the_same_missing_whoever_looks(
    desk: Desk, desks: Desks, stored: str, qtbot: QtBot
) -> None:
    other = desks(stored, "other")
    for each in (desk, other):
        qtbot.waitUntil(lambda each=each: bool(each.session.outlooks.current.findings))
    found = {finding.code for finding in other.session.outlooks.current.findings}
    assert {finding.code for finding in desk.session.outlooks.current.findings} == found
    assert "unit_unknown" not in found
    line = line_of(desk)
    crates = Change.update(line, replace(line, unit="crate"))
    desk.session.bench.submit(ChangeSet("edit_row", (crates,), {"name": "SO-7"}))
    for each in (desk, other):
        qtbot.waitUntil(
            lambda each=each: (
                "unit_unknown" in {f.code for f in each.session.outlooks.current.findings}
            )
        )

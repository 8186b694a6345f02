"""The window as people set it up: language, colours, workspaces, files dropped on it, closing."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QPalette
from PySide6.QtPrintSupport import QPrintPreviewDialog, QPrintPreviewWidget
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDockWidget,
    QFileDialog,
    QLabel,
    QMessageBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.login import person
from app.workspaces import LAYOUTS
from db.errors import StoreError
from domain.items import Item
from domain.orders import OrderLine
from tests.app.conftest import close_desk
from tests.app.exchange.books import save, small_factory
from widgets.dialogs.about import AboutDialog
from widgets.dialogs.importing import ImportWizard
from widgets.dialogs.preferences import PreferencesDialog
from widgets.speaking import speak
from widgets.text import Language, tr

Desks = Callable[..., Desk]


@pytest.fixture
def desk(desks: Desks, stored: str, qtbot: QtBot) -> Desk:
    desk = desks(stored)
    qtbot.waitUntil(lambda: bool(desk.session.outlooks.current.fates))
    return desk


def press(parent: QWidget, key: str) -> None:
    """Click the visible button with this text."""
    buttons = [b for b in parent.findChildren(QAbstractButton) if b.text() == tr(key)]
    QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)


def set_preference(desk: Desk, name: str, choice: int) -> None:
    """Choose in the preferences dialog, by keys."""
    desk.deeds.do("preferences")
    dialog = desk.window.findChild(PreferencesDialog)
    box: QComboBox = dialog.boxes[name]
    key = Qt.Key.Key_Down if choice > box.currentIndex() else Qt.Key.Key_Up
    while box.currentIndex() != choice:
        QTest.keyClick(box, key)
    dialog.accept()
    dialog.setParent(None)
    dialog.deleteLater()
    QApplication.processEvents()


def words(window: QWidget) -> Iterator[tuple[str, str]]:
    """Everything the window says in texts of its own: where, and the text."""
    for widget in window.findChildren(QWidget):
        name = type(widget).__name__
        is_seen = not widget.visibleRegion().isEmpty()
        if not is_seen or widget.objectName().startswith(("qt_", "Scroll")):
            continue  # what is out of sight speaks when it is seen; Qt names its own buttons
        if isinstance(widget, QLabel | QAbstractButton):
            yield f"{name} {widget.objectName()}", widget.text()
        if isinstance(widget, QDockWidget):
            yield f"dock {widget.objectName()}", widget.windowTitle()
        yield f"tip of {name}", widget.toolTip()
        yield f"accessible name of {name}", widget.accessibleName()
        for action in widget.actions():
            yield f"action of {name}", action.text()
            yield f"tip of action of {name}", action.toolTip()
    for panel in window.panels.values():
        for grid in panel.grids if not panel.visibleRegion().isEmpty() else ():
            for at in range(grid.model.columnCount()):
                heading = grid.model.headerData(at, Qt.Orientation.Horizontal)
                yield f"heading in {grid.name}", str(heading)


# What the factory's rows and the computer say is the same in every language.
DATA = re.compile(
    r"Ace Pumps|Gearbox|Shaft|GEARBOX|SHAFT|STEEL|SO-\d|WO-\d+|PL-\d+|PO-\d|Turn(ing)?|Assemble|"
    r"gantry_test_\w+|127\.0\.0\.1:\d+|pcs|kg|Gantry|ITEM|MRP|CTP|ATP|Excel|PostgreSQL|"
    rf"{person()}|(Ctrl|Shift|Alt|Del|Return|Enter|Home|Esc|F\d+|PgUp|PgDown)[+\w]*|\b[A-Z]\w?\b|me"
)


def all_words(desk: Desk) -> list[tuple[str, str]]:
    """What is read when every panel is looked at in turn."""
    found: list[tuple[str, str]] = []
    for name in desk.window.panels:
        desk.window.open_panel(name)
        QApplication.processEvents()
        found += words(desk.window)
    return found


def test_another_language_reaches_every_word(desk: Desk, qtbot: QtBot) -> None:
    assert len(all_words(desk)) > 500
    set_preference(desk, "language", 0)
    english = {
        (where, text)
        for where, text in all_words(desk)
        if re.search(r"[A-Za-z]{2,}", DATA.sub("", re.sub(r"<[^>]+>", "", text)))
    }
    assert english == set()
    assert desk.window.docks["orders"].windowTitle() == "订单"
    set_preference(desk, "language", 1)
    chinese = {(where, text) for where, text in all_words(desk) if re.search("[一-鿿]", text)}
    assert chinese == set()


def test_what_undo_would_do_is_told_in_the_language_of_now(desk: Desk, qtbot: QtBot) -> None:
    line = desk.session.bench.plan.one(OrderLine, order_number="SO-8")
    desk.chosen = [line]
    desk.deeds.do("confirm_lines")
    set_preference(desk, "language", 0)
    assert re.search("[一-鿿]", desk.window.top.undo.toolTip())
    assert "Set" not in desk.window.top.undo.toolTip()
    qtbot.waitUntil(lambda: desk.session.bench.pending_count == 0)


def test_dark_colours_and_roomy_rows_hold_at_once_and_at_the_next_start(
    desk: Desk, desks: Desks, stored: str, qapp: QApplication
) -> None:
    grid = desk.window.panels["orders"].grids[0]
    low = grid.main.verticalHeader().defaultSectionSize()
    set_preference(desk, "density", 1)
    assert grid.main.verticalHeader().defaultSectionSize() > low
    set_preference(desk, "scheme", 2)
    assert qapp.palette().color(QPalette.ColorRole.Window).lightness() < 80
    set_preference(desk, "scheme", 1)
    assert qapp.palette().color(QPalette.ColorRole.Window).lightness() > 200
    assert desk.session.config["density"] == "roomy"
    assert desk.session.config["scheme"] == "light"


def shown(desk: Desk) -> set[str]:
    return {name for name, dock in desk.window.docks.items() if dock.isVisible()}


def test_workspaces_are_kept_as_they_were_left(desk: Desk, desks: Desks, stored: str) -> None:
    planner = shown(desk)
    assert "schedule" in planner
    desk.deeds.do("workspace_warehouse")
    assert {"inventory", "items"} <= shown(desk)
    assert "schedule" not in shown(desk)
    desk.window.docks["todo"].show()
    desk.window.docks["items"].close()
    left = shown(desk)
    close_desk(desk)
    again = desks(stored)
    assert again.window.workspaces.name == "warehouse"
    assert shown(again) == left
    again.deeds.do("workspace_planner")
    assert shown(again) == planner
    again.deeds.do("workspace_warehouse")
    assert shown(again) == left
    again.deeds.do("reset_workspace")
    assert shown(again) == {"inventory", "mrp", "items", "details"}


def test_a_damaged_arrangement_does_not_keep_the_window_from_opening(
    desks: Desks, stored: str, tmp_path: Path
) -> None:
    (tmp_path / "me.json").write_text(
        '{"window.place": "x", "workspace.current": "gone", "workspace.state.planner": "rubbish"}',
        encoding="utf-8",
    )
    desk = desks(stored)
    assert "schedule" in shown(desk)


def test_about_tells_version_server_and_schema(desk: Desk) -> None:
    desk.deeds.do("about")
    about = desk.window.findChild(AboutDialog)
    text = "\n".join(label.text() for label in about.findChildren(QLabel))
    assert "0.1.0" in text
    assert "127.0.0.1" in text
    assert "about." not in text
    about.accept()


# files


def drop(window: QWidget, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy = Qt.DropAction.CopyAction
    entering = QDragEnterEvent(
        QPoint(50, 50), copy, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, entering)
    assert entering.isAccepted()
    event = QDropEvent(
        QPointF(50, 50), copy, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, event)


def wizard_of(desk: Desk) -> ImportWizard:
    return desk.window.findChildren(ImportWizard)[-1]


def test_a_dropped_workbook_is_previewed_and_imported_as_one_step(
    desks: Desks, database: str, tmp_path: Path, qtbot: QtBot
) -> None:
    desk = desks(database)
    drop(desk.window, save(tmp_path / "factory.xlsx", small_factory()))
    wizard = wizard_of(desk)
    qtbot.waitUntil(lambda: wizard.go.isVisible() and wizard.go.text() == tr("import.import"))
    assert len(wizard.counts.model.shown_rows()) >= 8
    QTest.mouseClick(wizard.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.session.bench.pending_count == 0)
    assert {item.code for item in desk.session.bench.store.read_all(Item)} == {"P1", "S1", "B1"}
    assert wizard.go.text() == tr("words.close")
    QTest.mouseClick(wizard.go, Qt.MouseButton.LeftButton)
    desk.deeds.do("undo")
    qtbot.waitUntil(lambda: desk.session.bench.pending_count == 0)
    assert desk.session.bench.store.read_all(Item) == []


def test_faults_are_shown_and_marked_in_a_copy(
    desk: Desk, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = small_factory()
    sheets["Orders"][1][4] = "ten"
    drop(desk.window, save(tmp_path / "factory.xlsx", sheets))
    wizard = wizard_of(desk)
    qtbot.waitUntil(wizard.save_marked.isVisible)
    faults = list(wizard.faults.model.shown_rows())
    assert [(fault.row, fault.value) for fault in faults] == [(2, "ten")]
    out = tmp_path / "marked.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(out), ""))
    QTest.mouseClick(wizard.save_marked, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(out.exists)
    qtbot.waitUntil(lambda: openpyxl.load_workbook(out)["Orders"]["E2"].comment is not None)
    qtbot.waitUntil(wizard.faults.notice.isVisible)
    wizard.reject()
    assert desk.session.bench.undoable is None


def test_what_an_unknown_column_means_is_asked_once(
    desk: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    sheets = small_factory()
    sheets["Orders"][0][5] = "promised"
    file = save(tmp_path / "factory.xlsx", sheets)
    for is_first in (True, False):
        drop(desk.window, file)
        wizard = wizard_of(desk)
        if is_first:
            qtbot.waitUntil(wizard.mapping.isVisible)
            box = wizard.mapping.cellWidget(0, 2)
            assert isinstance(box, QComboBox)
            box.setCurrentIndex(box.findData("due"))
            QTest.mouseClick(wizard.go, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: wizard.go.text() == tr("import.import"))  # noqa: B023
        wizard.reject()
        qtbot.wait(10)


def test_a_file_that_is_no_workbook_is_told_and_the_wizard_goes_on(
    desk: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "holiday.xlsx"
    file.write_bytes(b"a picture of the sea")
    drop(desk.window, file)
    wizard = wizard_of(desk)
    qtbot.waitUntil(wizard.faults.isVisible)
    assert len(list(wizard.faults.model.shown_rows())) == 1
    assert not wizard.save_marked.isVisible()
    wizard.reject()


def test_what_a_table_shows_goes_to_excel(
    desk: Desk, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "orders"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(out), ""))
    grid = desk.window.panels["orders"].grids[0]
    grid.export_wished.emit()
    qtbot.waitUntil((tmp_path / "orders.xlsx").exists)
    head, *rows = openpyxl.load_workbook(tmp_path / "orders.xlsx").active.values
    assert "Quantity" in head
    assert {row[head.index("Quantity")] for row in rows} == {10, 3}


def test_the_plan_goes_to_a_folder(
    desk: Desk, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "plan"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(out))
    desk.deeds.do("export_plan")
    qtbot.waitUntil((out / "work_orders.pdf").exists, timeout=20_000)
    assert (out / "gantt.png").stat().st_size > 5_000
    assert len((out / "schedule.csv").read_text("utf-8-sig").splitlines()) == 3


def test_travellers_are_previewed_and_their_files_go_with_the_preview(
    desk: Desk, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    desk.deeds.do("print_travellers")
    qtbot.waitUntil(lambda: desk.window.findChild(QPrintPreviewDialog) is not None, timeout=20_000)
    dialog = desk.window.findChild(QPrintPreviewDialog)
    preview = dialog.findChild(QPrintPreviewWidget)
    qtbot.waitUntil(lambda: preview.pageCount() == 2)
    assert len(list(tmp_path.glob("gantry-*"))) == 1
    dialog.reject()
    assert list(tmp_path.glob("gantry-*")) == []


# leaving


def answer(key: str) -> None:
    """Press a button of the question that is about to be asked."""

    def click() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        next(b for b in box.buttons() if b.text() == tr(key)).click()

    QTimer.singleShot(50, click)


def test_closing_with_changes_on_the_way_asks(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise StoreError("connection_lost")

    monkeypatch.setattr(desk.session.bench.store, "write", fail)
    desk.chosen = [desk.session.bench.plan.one(OrderLine, order_number="SO-8")]
    desk.deeds.do("confirm_lines")
    for key in ("ask.unsaved.keep", "words.cancel"):
        answer(key)
        desk.window.close()
        assert desk.window.isVisible()
    answer("ask.unsaved.discard")
    desk.window.close()
    assert not desk.window.isVisible()


def test_closing_with_everything_stored_does_not_ask(desk: Desk) -> None:
    desk.window.close()
    assert not desk.window.isVisible()


@pytest.mark.parametrize(("keys", "wish"), [("F5", "run_schedule"), ("F6", "mend")])
def test_planning_keys_work_wherever_the_keyboard_is(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, keys: str, wish: str
) -> None:
    """As in the first ten minutes: a due day is typed into the orders, then F5."""
    window, wished = desk.window, []
    monkeypatch.setitem(desk.deeds._by_name, wish, lambda: wished.append(wish))
    window.activateWindow()
    window.open_panel("orders")
    qtbot.waitUntil(lambda: window.panels["orders"].isAncestorOf(QApplication.focusWidget()))
    QTest.keySequence(QApplication.focusWidget(), QKeySequence(keys))
    window.docks["schedule"].hide()
    QTest.keySequence(QApplication.focusWidget(), QKeySequence(keys))
    assert wished == [wish, wish]


def test_on_a_small_screen_no_panel_lies_on_another(desk: Desk, qtbot: QtBot) -> None:
    window = desk.window
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1366, 768)
    window.workspaces.reset()
    words = "Value 172 d 3 h, no plan can beat 90 d 12 h, gap 47 %: improving the plan"
    for shown in ("", words):
        window.schedule.show_running(is_running=bool(shown), words=lambda text=shown: text)
        qtbot.wait(50)
        schedule, details = window.docks["schedule"], window.docks["details"]
        assert schedule.geometry().right() < details.geometry().left()
        assert details.width() >= details.minimumSizeHint().width()
        assert details.geometry().right() <= window.width()
    button = window.schedule.findChildren(QToolButton)[0]
    assert button.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextBesideIcon


@pytest.mark.parametrize("spoken", ["en", "zh"])
@pytest.mark.parametrize("room", [QSize(1093, 540), QSize(960, 460)], ids=["125 %", "200 %"])
def test_on_a_small_screen_all_is_in_the_window_and_nothing_lies_on_another(
    desk: Desk, qapp: QApplication, qtbot: QtBot, spoken: Language, room: QSize
) -> None:
    """At 125 % 1366 x 768 pixels are 1093 x 614, at 200 % 1920 x 1080 are 960 x 540, and some of
    that is the task bar's."""
    window = desk.window
    speak(qapp, spoken)
    window.setWindowState(Qt.WindowState.WindowNoState)
    desk._choose([next(iter(desk.session.bench.plan.table(OrderLine).values()))])
    window.schedule.show_moved(12)

    def fits() -> None:
        assert window.size() == room
        docks = [each for each in window.docks.values() if not each.visibleRegion().isEmpty()]
        assert len(docks) >= 3
        inside = QRect(QPoint(), room).adjusted(0, window.top.height(), 0, -window.status.height())
        for dock in docks:
            assert inside.contains(dock.geometry()), (name, dock.objectName())
            assert dock.size().expandedTo(dock.minimumSizeHint()) == dock.size(), (
                name,
                dock.objectName(),
            )
        for one, other in combinations(docks, 2):
            assert not one.geometry().intersects(other.geometry()), name

    for name in LAYOUTS:
        desk.deeds.do(f"workspace_{name}")
        window.workspaces.reset()
        window.resize(room)
        qtbot.wait(50)
        qtbot.waitUntil(fits)
    assert window.rail.height() >= window.rail.minimumSizeHint().height()
    buttons = window.rail.findChildren(QToolButton)
    assert max(button.geometry().bottom() for button in buttons) < window.rail.height()
    named = Qt.ToolButtonStyle.ToolButtonTextUnderIcon
    assert {button.toolButtonStyle() is named for button in buttons} == {room.height() > 500}


@pytest.mark.parametrize("name", LAYOUTS)
def test_panels_keep_their_part_of_a_window_that_becomes_small_and_large_again(
    desk: Desk, qtbot: QtBot, name: str
) -> None:
    window, room = desk.window, QSize(1366, 768)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(room)
    qtbot.wait(300)  # what a window's change of size does to panels is over
    desk.deeds.do(f"workspace_{name}")
    window.workspaces.reset()
    qtbot.wait(50)
    details, head = window.docks["details"], window.docks[LAYOUTS[name][0][0][0]]
    both = head.width() + details.width()  # as somebody wants them:
    window.resizeDocks([head, details], [both - 330, 330], Qt.Orientation.Horizontal)

    def places() -> dict[str, QRect]:
        docks = window.docks.items()
        return {name: dock.geometry() for name, dock in docks if not dock.visibleRegion().isEmpty()}

    qtbot.waitUntil(lambda: details.width() == 330)
    qtbot.wait(50)
    before = places()
    for size in (QSize(1920, 1080), QSize(1100, 600)):
        window.resize(size)
        qtbot.waitUntil(
            lambda: abs(details.width() / (head.width() + details.width()) - 330 / both) < 0.005
        )
    window.resize(room)
    qtbot.waitUntil(lambda: places() == before)
    qtbot.wait(300)
    assert places() == before

"""Dragging bars for real: two windows on one database, driven with the mouse."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.config import Config
from app.desk import Desk
from app.window import MainWindow
from db.store import Store
from domain.changes import Change, ChangeSet, Row
from domain.orders import OrderLine, OrderStatus
from domain.production import Operation, WorkOrder
from domain.resources import Machine
from domain.scenarios import Booking, LockLevel
from domain.scheduling import repair
from tests.builders import (
    NOW,
    at,
    make_booking,
    make_downtime,
    make_item,
    make_machine,
    make_operation,
    make_order_line,
    make_peg,
    make_plant,
    make_routing_operation,
    make_scenario,
    make_work_center,
    make_work_order,
    minutes,
)
from tests.widgets.gantt.conftest import Hand
from widgets.dialogs.conflict import ConflictDialog
from widgets.gantt.scale import to_minute
from widgets.gantt.view import GanttView
from widgets.text import set_language


class Shop:
    """Two alike machines; three work orders in a row on the first one, two hours each."""

    def __init__(self) -> None:
        center = make_work_center()
        item = make_item()
        step = make_routing_operation(item, work_center_id=center.id, run_minutes=Decimal(120))
        self.machines = [make_machine(code=f"M{k}", work_center_id=center.id) for k in (1, 2)]
        scenario = make_scenario(published=True)
        self.bookings: list[Booking] = []
        self.rows: list[Row] = [make_plant(home=True), center, item, step, *self.machines]
        rows: list[tuple[Row, ...]] = []
        for k in range(3):
            order = make_work_order(item, number=f"WO-{k}")
            operation = make_operation(order, step)
            line = make_order_line(item, order_number=f"SO-{k}")
            times = (120 * k, 120 * k, 120 * k + 120)
            booking = make_booking(scenario, operation, self.machines[0], times, published=True)
            rows.append((line, order, operation, make_peg(order, line), booking))
            self.bookings.append(booking)
        lines, orders, operations, pegs, bookings = (list(kind) for kind in zip(*rows, strict=True))
        self.rows += [*lines, *orders, *operations, *pegs, scenario, *bookings]

    def write_to(self, url: str) -> None:
        store = Store(url)
        store.write(ChangeSet("load_sample", tuple(Change.insert(row) for row in self.rows)))
        store.close()


class Seat:
    """A person at a window with the Gantt in front, and a mouse."""

    def __init__(self, url: str, home: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.now_at = NOW
        config = Config(home / "settings.json")
        self.window = MainWindow(config)
        self.desk = Desk(self.window, config, lambda: self.now_at)
        self.window.resize(1366, 768)
        self.window.workspaces.restore()
        self.window.open_panel("schedule")
        self.window.show()
        qtbot.waitExposed(self.window)
        with qtbot.waitSignal(self.desk.session.opened, timeout=20_000):
            self.desk.open(url)
        qtbot.waitUntil(lambda: self.window.schedule.gantt is not None)
        qtbot.waitUntil(self.gantt.isVisible)
        self.bench = self.desk.session.bench
        self.hand = Hand(self.gantt)

    @property
    def gantt(self) -> GanttView:
        gantt = self.window.schedule.gantt
        assert gantt is not None
        return gantt

    def place(self, booking: Booking) -> tuple[UUID | None, datetime]:
        """Where the plan in memory has a booking."""
        row = self.bench.plan.need(Booking, booking.id)
        return row.machine_id, row.setup_start_at

    def drawn(self, booking: Booking) -> tuple[UUID | None, datetime]:
        """Where the picture has it."""
        data = self.gantt.chart.data
        row = data.bookings[data.position[booking.id]]
        return row.machine_id, row.setup_start_at

    def spot(self, booking: Booking) -> QPoint:
        return self.hand.spot(self.gantt.chart.data.position[booking.id])

    def grab(self, booking: Booking, machine_id: UUID | None, start_at: datetime) -> QPoint:
        """Take a bar and hold it so that its left edge is at an instant of a machine's row."""
        scale = self.gantt.chart.scale
        start = self.spot(booking)
        by = (start_at - self.drawn(booking)[1]) / minutes(1) * scale.pixels_per_minute
        stop = QPoint(start.x() + round(by), self.hand.lane_y(machine_id))
        self.hand.press(start)
        for k in range(1, 5):
            self.hand.move(start + (stop - start) * k / 4)
        return stop

    def drag(self, booking: Booking, machine_id: UUID | None, start_at: datetime) -> None:
        self.hand.release(self.grab(booking, machine_id, start_at))

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: self.bench.pending_count == 0)

    def close(self) -> None:
        self.desk.close()
        self.window.close()
        self.window.deleteLater()


@contextmanager
def seated(url: str, home: Path, qtbot: QtBot) -> Iterator[Seat]:
    seat = Seat(url, home, qtbot)
    try:
        yield seat
    finally:
        seat.close()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("zh")


@pytest.fixture
def shop(database: str) -> Shop:
    made = Shop()
    made.write_to(database)
    return made


@pytest.fixture
def seat(shop: Shop, database: str, tmp_path: Path, qtbot: QtBot) -> Iterator[Seat]:
    with seated(database, tmp_path / "one", qtbot) as made:
        yield made


@pytest.fixture
def other(shop: Shop, database: str, tmp_path: Path, qtbot: QtBot) -> Iterator[Seat]:
    with seated(database, tmp_path / "two", qtbot) as made:
        yield made


def test_a_drag_is_seen_in_the_other_window_and_so_is_its_undo(
    shop: Shop, seat: Seat, other: Seat, qtbot: QtBot
) -> None:
    first, second, third = shop.bookings
    target = shop.machines[1].id
    before = [seat.place(booking) for booking in shop.bookings]
    seat.drag(second, target, NOW)
    assert seat.place(second) == (target, NOW)
    assert [seat.place(first), seat.place(third)] == [before[0], before[2]]
    qtbot.waitUntil(lambda: other.drawn(second) == (target, NOW))
    seat.settle()
    seat.window.top.undo.trigger()
    assert seat.place(second) == before[1]
    qtbot.waitUntil(lambda: other.drawn(second) == before[1])
    qtbot.waitUntil(lambda: seat.drawn(second) == before[1])


def test_followers_give_way_and_one_undo_takes_all_back(
    shop: Shop, seat: Seat, qtbot: QtBot
) -> None:
    first, second, third = shop.bookings
    before = [seat.place(booking) for booking in shop.bookings]
    seat.drag(third, shop.machines[0].id, NOW)
    here = shop.machines[0].id
    assert [seat.place(b) for b in (third, first, second)] == [
        (here, NOW),
        (here, at(120)),
        (here, at(240)),
    ]
    assert seat.bench.undoable is not None
    seat.settle()
    qtbot.waitUntil(lambda: seat.drawn(first) == (here, at(120)))
    seat.window.top.undo.trigger()
    assert [seat.place(booking) for booking in shop.bookings] == before
    seat.settle()


def test_a_drop_that_moves_much_asks_first(
    shop: Shop, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, int]] = []
    answers = iter((False, True))

    def answer(_parent: object, _key: str, **params: int) -> bool:
        asked.append(params)
        return next(answers)

    monkeypatch.setattr("app.schedule.MANY", 1)
    monkeypatch.setattr("app.schedule.ask", answer)
    third, here = shop.bookings[2], shop.machines[0].id
    before = seat.place(third)
    seat.drag(third, here, NOW)
    assert (asked, seat.place(third)) == ([{"count": 2, "late": 0}], before)
    seat.drag(third, here, NOW)
    assert seat.place(third) == (here, NOW)
    seat.settle()


def test_of_two_drags_at_once_one_wins_and_the_other_is_told(
    shop: Shop, seat: Seat, other: Seat, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking, target = shop.bookings[2], shop.machines[1].id
    both = threading.Barrier(2, timeout=20)
    for each in (seat, other):
        write = each.bench.store.write

        def together(changes: ChangeSet, token: UUID, write=write) -> None:
            both.wait()
            write(changes, token)

        monkeypatch.setattr(each.bench.store, "write", together)
    seat.drag(booking, target, NOW)
    other.drag(booking, target, at(180))
    assert seat.place(booking) == (target, NOW)
    assert abs(other.place(booking)[1] - at(180)) <= minutes(10)
    seat.settle()
    other.settle()

    def told() -> list[Seat]:
        return [s for s in (seat, other) if s.window.findChild(ConflictDialog) is not None]

    qtbot.waitUntil(lambda: len(told()) == 1)
    loser = told()[0]
    winner = other if loser is seat else seat
    qtbot.waitUntil(lambda: loser.drawn(booking) == winner.place(booking))
    assert loser.place(booking) == winner.place(booking)
    assert loser.bench.undoable is None
    dialog = loser.window.findChild(ConflictDialog)
    assert dialog.isVisible()
    dialog.close()


def test_while_dragging_the_drop_is_shown_or_refused_with_the_reason(
    shop: Shop, seat: Seat, qtbot: QtBot
) -> None:
    first, _, third = shop.bookings
    here = shop.machines[0].id
    overlay = seat.gantt.canvas.overlay
    stop = seat.grab(third, here, NOW)
    seat.gantt.canvas.settle()
    assert overlay.preview is not None
    assert {moved.booking_id for moved in overlay.preview.moved} == {b.id for b in shop.bookings}
    assert seat.place(third)[1] == at(240)
    seat.hand.key(Qt.Key.Key_Escape)
    seat.hand.release(stop)
    assert seat.place(third)[1] == at(240)
    seat.gantt.lock_requested.emit([first.id], LockLevel.TIME)
    seat.settle()
    qtbot.waitUntil(lambda: seat.gantt.chart.data.bookings[0].lock is LockLevel.TIME)
    stop = seat.grab(third, here, NOW)
    seat.gantt.canvas.settle()
    assert overlay.preview is not None
    assert "WO-0" in overlay.preview.refusal
    assert "M1" in overlay.preview.refusal
    seat.hand.release(stop)
    assert seat.place(third)[1] == at(240)


def test_nothing_is_dragged_while_a_plan_is_being_made(shop: Shop, seat: Seat) -> None:
    seat.desk.schedule.set_read_only(read_only=True)
    seat.drag(shop.bookings[1], shop.machines[1].id, NOW)
    assert seat.place(shop.bookings[1])[1] == at(120)
    seat.desk.schedule.set_read_only(read_only=False)
    seat.drag(shop.bookings[1], shop.machines[1].id, NOW)
    assert seat.place(shop.bookings[1])[1] == NOW
    seat.settle()


def test_a_drag_after_now_has_passed_cannot_go_before_it(shop: Shop, seat: Seat) -> None:
    seat.now_at = at(140)
    seat.desk.session.outlooks.renew()
    now = to_minute(at(140))  # panels follow one a turn
    seat.qtbot.waitUntil(lambda: seat.gantt.chart.data.now == now)
    target = shop.machines[1].id
    for dragged, said in ((shop.bookings[2], "2026-12-01 10:20"), (shop.bookings[1], "has begun")):
        seat.grab(dragged, target, at(60))
        seat.gantt.canvas.settle()
        preview = seat.gantt.canvas.overlay.preview
        assert preview is not None
        assert said in preview.refusal
        seat.gantt.canvas.cancel()
    seat.drag(shop.bookings[2], target, at(141))  # sticks to the line that is now
    assert seat.place(shop.bookings[2]) == (target, at(140))
    seat.settle()


def test_planning_material_anew_takes_each_bar_of_what_nobody_wants_once(
    seat: Seat,
) -> None:
    line = seat.bench.plan.one(OrderLine, order_number="SO-1")
    assert line is not None
    draft = replace(line, status=OrderStatus.DRAFT)
    seat.bench.submit(ChangeSet("edit", (Change.update(line, draft),)))
    seat.settle()
    with seat.qtbot.waitSignal(seat.bench.undo_changed, timeout=10_000):
        seat.desk.deeds.do("run_mrp")
    seat.settle()
    changes = seat.bench.undoable
    assert changes is not None
    gone = [each.row.id for each in changes if each.kind is Booking and each.after is None]
    assert len(gone) == 1
    assert gone[0] not in seat.bench.store.load().table(Booking)


def test_what_a_bar_is_about_is_chosen_everywhere(shop: Shop, seat: Seat) -> None:
    booking = shop.bookings[1]
    plan = seat.bench.plan
    order = plan.need(Operation, booking.operation_id).work_order_id
    line = plan.one(OrderLine, order_number="SO-1")
    assert line is not None
    seat.gantt.work_order_requested.emit(order)
    assert seat.desk.chosen == [plan.need(WorkOrder, order)]
    seat.gantt.explain_requested.emit(line.id)
    assert seat.desk.chosen == [line]
    assert seat.window.details.subject == line
    seat.gantt.operation_activated.emit(booking.id)
    assert seat.window.details.subject == plan.need(Operation, booking.operation_id)


def test_what_a_drag_needs_is_there_before_a_bar_is_taken_and_of_the_plan_as_it_is(
    shop: Shop, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With many operations it takes longer to lay out than anybody should wait with the mouse."""
    threads: list[str] = []
    honest = repair.MoveBoard

    def made(*args: object) -> object:
        threads.append(threading.current_thread().name)
        return honest(*args)

    monkeypatch.setattr(repair, "MoveBoard", made)
    last = shop.bookings[2]
    for hours in (8, 10):
        threads.clear()
        seat.bench.submit(ChangeSet("edit", (_later(seat, last, hours),)))
        seat.qtbot.waitUntil(lambda: bool(threads), timeout=10_000)
        seat.settle()
        seat.qtbot.waitUntil(lambda: seat.desk.schedule._board is not None, timeout=10_000)
    assert all(name.startswith("outlook") for name in threads)
    monkeypatch.undo()
    seat.drag(last, shop.machines[0].id, at(16 * 60))
    assert seat.place(last)[1] > at(15 * 60)


def _stand(seat: Seat, machine: Machine, start_at: datetime, end_at: datetime) -> None:
    """The machine stands; a board is laid out of that before any time passes."""
    stop = make_downtime(machine, start_at, end_at)
    seat.bench.submit(ChangeSet("edit", (Change.insert(stop),)))
    seat.settle()
    seat.qtbot.waitUntil(lambda: seat.desk.schedule._board is not None, timeout=10_000)


@pytest.mark.parametrize("now", [130, 24 * 60 + 130])
def test_a_drag_is_judged_by_the_time_at_which_it_is_made(shop: Shop, seat: Seat, now: int) -> None:
    """Minutes later, or after a night in which the computer slept: nothing has changed, but what
    should have begun meanwhile could not, for its machine stands. It may go to the other one."""
    _stand(seat, shop.machines[0], at(110), at(2 * 24 * 60))
    second, target = shop.bookings[1], shop.machines[1].id
    seat.now_at = at(now)
    seat.drag(second, target, at(now + 20))
    machine_id, start_at = seat.place(second)
    assert machine_id == target
    assert at(now) <= start_at < at(now + 120)
    seat.settle()


def test_a_drags_board_is_laid_out_again_when_five_minutes_have_passed_or_the_clock_is_set_back(
    shop: Shop, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid: list[tuple[datetime, str]] = []
    honest = repair.MoveBoard

    def made(*args: object) -> object:
        laid.append((args[2], threading.current_thread().name[:7]))
        return honest(*args)

    _stand(seat, shop.machines[0], at(110), at(2 * 24 * 60))
    monkeypatch.setattr(repair, "MoveBoard", made)
    desk, expected = seat.desk.schedule, list[tuple[datetime, str]]()
    for now, is_due in ((4, False), (5, True), (9, False), (720, True), (60, True)):
        before, seat.now_at = desk._board, at(now)
        seat.desk.session.outlooks.renew()  # as every minute
        if is_due:
            expected.append((at(now), "outlook"))
            seat.qtbot.waitUntil(lambda old=before: desk._board is not old, timeout=10_000)
        else:
            seat.qtbot.wait(500)
        assert laid == expected


def _later(seat: Seat, booking: Booking, hours: int) -> Change:
    present = seat.bench.plan.need(Booking, booking.id)
    start_at, end_at = at(60 * hours), at(60 * hours + 120)
    times = {"setup_start_at": start_at, "run_start_at": start_at, "end_at": end_at}
    return Change.update(present, replace(present, **times))

"""What nobody thought of goes wrong while a bar is dragged: the planner is told, and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from domain.changes import ChangeSet
from domain.scheduling import repair
from tests.app.test_schedule import Seat, Shop, _later, seated
from tests.builders import NOW, at


@pytest.fixture
def shop(database: str) -> Shop:
    made = Shop()
    made.write_to(database)
    return made


@pytest.fixture
def seat(shop: Shop, database: str, tmp_path: Path, qtbot: QtBot) -> Iterator[Seat]:
    with seated(database, tmp_path / "one", qtbot) as made:
        made.qtbot.waitUntil(lambda: made.desk.schedule._board is not None, timeout=10_000)
        yield made


def test_a_fault_in_laying_out_is_told_once_until_it_is_mended(
    shop: Shop, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("app.schedule.show_error", lambda _parent, error: told.append(str(error)))
    honest, tried, hours = repair.MoveBoard, list[str](), iter(range(8, 20))

    def change(fault: str) -> None:
        """Somebody changes something, and the board is laid out anew."""

        def made(*args: object) -> object:
            tried.append(fault)
            if fault:
                raise ValueError(fault)
            return honest(*args)

        monkeypatch.setattr(repair, "MoveBoard", made)
        count, before = len(tried), len(told)
        seat.bench.submit(ChangeSet("edit", (_later(seat, shop.bookings[2], next(hours)),)))
        seat.settle()
        seat.qtbot.waitUntil(lambda: len(tried) > count, timeout=10_000)
        desk = seat.desk.schedule
        seat.qtbot.waitUntil(lambda: desk._board is not None or len(told) > before, timeout=10_000)

    for fault, times in (("one", 1), ("one", 1), ("other", 2), ("one", 2), ("", 2), ("one", 3)):
        change(fault)
        assert len(told) == times
    assert ["one" in each for each in told] == [True, False, True]


@pytest.mark.parametrize("broken", ["__init__", "eligible", "try_move"])
def test_where_a_drag_cannot_be_judged_the_drop_is_refused_and_says_why(
    shop: Shop, seat: Seat, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_: object) -> object:
        raise ValueError("boom")

    third, target = shop.bookings[2], shop.machines[1].id
    before = seat.place(third)
    with monkeypatch.context() as patched:
        patched.setattr(repair.MoveBoard, broken, fail)
        seat.desk.schedule._forget({})  # as any change does
        stop = seat.grab(third, target, NOW)
        seat.gantt.canvas.settle()
        preview = seat.gantt.canvas.overlay.preview
        assert preview is not None
        seat.hand.release(stop)
        if broken == "eligible":  # which machines are meant is shown no more; all else goes on
            assert preview.refusal == ""
            assert seat.place(third) == (target, NOW)
            seat.settle()
            return
        assert "unexpected" in preview.refusal
        assert "boom" in preview.refusal
        assert seat.place(third) == before
    seat.desk.schedule._forget({})
    seat.drag(third, target, NOW)
    assert seat.place(third) == (target, NOW)
    seat.settle()


def test_a_drop_that_fails_when_it_is_made_says_so(
    shop: Shop, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("app.schedule.show_error", lambda _parent, error: told.append(error.code))

    def fail(*_: object) -> object:
        raise ValueError("boom")

    monkeypatch.setattr("app.schedule.rebook", fail)
    third = shop.bookings[2]
    before = seat.place(third)
    seat.drag(third, shop.machines[1].id, NOW)
    assert (told, seat.place(third)) == (["unexpected"], before)


def test_a_refusal_stands_where_what_is_behind_it_cannot_be_found(
    shop: Shop, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise ValueError("boom")

    def refuse(*_: object) -> object:
        raise repair.RuleViolation("drop_before_material", **names)

    names = {"work_order": "WO-2", "operation": 10, "machine": "M1", "until": at(60), "item": "X"}
    monkeypatch.setattr(repair.MoveBoard, "try_move", refuse)
    monkeypatch.setattr(repair.MoveBoard, "obstacles", fail)
    third = shop.bookings[2]
    before = seat.place(third)
    stop = seat.grab(third, shop.machines[1].id, NOW)
    seat.gantt.canvas.settle()
    preview = seat.gantt.canvas.overlay.preview
    assert preview is not None
    assert "WO-2" in preview.refusal
    assert "boom" not in preview.refusal
    seat.hand.release(stop)
    assert seat.place(third) == before

"""Which kinds of rows no plan depends on: offers to mend one hold while such rows change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.outlooks import findings_of, look_at
from app.plan_message import MendMessage, PlanMessage
from db.store import Store
from domain.changes import Change, ChangeSet, Row
from domain.mend_offers import Figures, MendOffer, Way
from domain.orders import Customer
from domain.plan import NOT_PLANNED_WITH, ROW_TYPES, Plan
from domain.resources import Machine
from domain.scenarios import Booking, LockLevel
from domain.scheduling.repair import MoveBoard
from tests.app.test_going_on import in_force, offers, stop_of
from tests.app.test_mend_run import shop
from tests.builders import NOW, at, make_customer
from widgets.schedule.mending import MendingDialog
from widgets.text import tr


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[type[Row]]:
    """The kinds that any plan was asked for."""
    asked: set[type[Row]] = set()

    def watched(honest: Callable[..., object]) -> Callable[..., object]:
        def ask(plan: Plan, kind: type[Row], *rest: object, **fields: object) -> object:
            asked.add(kind)
            return honest(plan, kind, *rest, **fields)

        return ask

    for name in ("table", "get", "where"):  # all else asks by these, or for no kind at all
        monkeypatch.setattr(Plan, name, watched(getattr(Plan, name)))
    return asked


def test_what_is_not_planned_with_is_read_by_nothing_that_plans(read: set[type[Row]]) -> None:
    """Planned, mended, checked, told and laid out for drags, with all that a factory may have."""
    wishes = "has_limits", "has_choices", "has_overtime"
    for seed, names in ((1, wishes), (2, wishes), (3, ("has_batches",))):
        plan = in_force(seed, dict.fromkeys(names, True))
        assert plan is not None
        booking = next(row for row in plan.table(Booking).values() if row.machine_id)
        assert set(offers(plan, at(30), stop_of(booking.machine_id, at(60), 600))) == set(Way)
        findings_of(look_at(plan, at(30)))
        MoveBoard(plan, plan.published(), NOW)
    assert set(ROW_TYPES) - read == NOT_PLANNED_WITH


class GoingOn:
    """Stands in for the planning process: offers to lock a bar, and goes on until told to stop."""

    def run(
        self,
        rows: tuple[Row, ...],
        request: object,
        on_message: Callable[[PlanMessage], object],
        should_stop: Callable[[], bool],
    ) -> PlanMessage:
        booking = next(row for row in rows if isinstance(row, Booking))
        locked = Change.update(booking, replace(booking, lock=LockLevel.TIME))
        offer = MendOffer(Way.LOCAL, Figures(0, 0, 0), 0, ChangeSet("mend_plan", (locked,)))
        on_message(MendMessage(offer=offer, before=Figures(0, 0, 0)))
        while not should_stop():
            time.sleep(0.01)
        return MendMessage(stage="done", is_last=True)

    def close(self) -> None:
        """There is nothing to end."""


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """Another desk's way to a database with two orders planned on two machines."""
    opened = Store(database)
    rows = (*shop().rows(), make_customer(code="C7", name="Pump works"))
    opened.write(ChangeSet("edit", tuple(Change.insert(row) for row in rows)))
    yield opened
    opened.close()


@pytest.fixture
def desk(desks: Callable[..., Desk], database: str, store: Store) -> Desk:
    del store
    opened = desks(database)
    opened.session.planning = GoingOn()
    return opened


@pytest.fixture
def dialog(desk: Desk, qtbot: QtBot) -> Iterator[MendingDialog]:
    """Something happened; there is an offer, which is shown in the chart."""
    desk.window.activateWindow()
    qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    mending = desk.deeds.mending
    opened = mending.dialog
    assert opened is not None
    qtbot.mouseClick(opened.form.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: set(opened.offers) == {Way.LOCAL}, timeout=20_000)
    yield opened
    if mending.dialog is not None:
        opened.reject()
    qtbot.waitUntil(lambda: mending._job is None, timeout=5_000)


def take(desk: Desk, dialog: MendingDialog, store: Store, qtbot: QtBot) -> None:
    """Take the offer: it is stored, and nobody's change is in its way."""
    told: list[object] = []
    desk.session.bench.refused.connect(lambda error, _changes: told.append(error))
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not desk.session.bench.pending_count, timeout=20_000)
    assert told == []
    assert [row.lock for row in store.load().table(Booking).values()].count(LockLevel.TIME) == 1


def test_offers_hold_while_a_customer_is_renamed_who_is_seen_by_the_new_name(
    desk: Desk, dialog: MendingDialog, store: Store, qtbot: QtBot
) -> None:
    (customer,) = store.load().table(Customer).values()
    renamed = replace(customer, name="Pumps & Co")
    store.write(ChangeSet("edit", (Change.update(customer, renamed),)))
    shown = desk.session.outlooks
    qtbot.waitUntil(
        lambda: shown.current.plan.need(Customer, customer.id).name == renamed.name, timeout=20_000
    )
    assert [row.lock for row in shown.current.bookings.values()].count(LockLevel.TIME) == 1
    assert dialog.form.rush.customer.findText("C7 Pumps & Co") > 0
    assert dialog.offers.keys() == {Way.LOCAL}
    assert dialog.stop.isVisible()  # better ones are still looked for
    take(desk, dialog, store, qtbot)


def test_offers_hold_while_rows_get_new_versions_that_say_the_same(
    desk: Desk, dialog: MendingDialog, store: Store, qtbot: QtBot
) -> None:
    """Somebody has changed all bars, and at once changed them back."""
    bench, changes = desk.session.bench, list[Change]()
    for booking in store.load().table(Booking).values():
        there = Change.update(booking, replace(booking, lock=LockLevel.MACHINE))
        changes += [there, there.inverse()]
    with qtbot.waitSignal(bench.rows_changed, timeout=20_000):
        store.write(ChangeSet("edit", tuple(changes)))
    assert {row.row_version for row in bench.plan.table(Booking).values()} == {3}
    assert dialog.offers.keys() == {Way.LOCAL}
    take(desk, dialog, store, qtbot)


def test_offers_end_where_a_machine_changes_together_with_what_does_not_matter(
    desk: Desk, dialog: MendingDialog, store: Store, qtbot: QtBot
) -> None:
    plan = store.load()
    customer, machine = (next(iter(plan.table(kind).values())) for kind in (Customer, Machine))
    rows = (replace(customer, name="X"), replace(machine, name="Y"))
    changes = [Change.update(*pair) for pair in zip((customer, machine), rows, strict=True)]
    store.write(ChangeSet("edit", tuple(changes)))
    qtbot.waitUntil(lambda: dialog.notice.text() == tr("mending.stale"), timeout=20_000)
    assert dialog.offers == {}
    assert not dialog.take.isEnabled()

"""Offers to mend a plan: each passed the checker, says its price, and is one change to take."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from app.mend_run import MendRequest, MendRun, as_told
from app.plan_message import MendMessage, Outbox
from app.solving import PlanningProcess
from domain.changes import Change, ChangeSet
from domain.errors import DomainError, Finding, Severity
from domain.happenings import Happening, HappeningKind
from domain.items import Item
from domain.mend_offers import MendOffer, Way
from domain.objectives import ON_TIME, OVERTIME, ObjectiveProfile
from domain.orders import PurchaseLine
from domain.plan import Plan
from domain.production import Operation, PlannedOrder, WorkOrder, WorkStatus
from domain.resources import Downtime, Machine, Operator
from domain.routings import RoutingOperation
from domain.scenarios import Booking, OvertimeShift
from domain.scheduling.checks import check_plan
from tests.builders import (
    NOW,
    TODAY,
    at,
    make_bom_line,
    make_bought,
    make_item,
    make_machine,
    make_operator,
    make_order_line,
    make_plan,
    make_plant,
    make_purchase_line,
    make_routing_machine,
    make_routing_operation,
)
from tests.domain.scheduling.test_mend import published
from tests.domain.scheduling.test_overtime import Planned
from tests.domain.scheduling.test_overtime import shop as overtime_shop
from widgets.text import tr


class Link:
    def __init__(self) -> None:
        self.sent: list[MendMessage] = []

    def send(self, message: MendMessage) -> None:
        self.sent.append(message)


def shop() -> Plan:
    """Two orders of 100 minutes, one on each of two machines that never rest; one needs welding,
    which two people can do; a part is bought and there tomorrow. All is planned and published."""
    item, part = make_item(), make_bought(code="PART")
    one, other = make_machine(code="A"), make_machine(code="B")
    step = make_routing_operation(item, run_minutes=100, skill="weld", operators=1)
    rows = [make_routing_machine(step, machine) for machine in (one, other)]
    lines = [make_order_line(item, line=str(n), due_on=TODAY + timedelta(days=2)) for n in (1, 2)]
    bought = make_purchase_line(part, 9, due_on=TODAY)
    people = [make_operator("weld", code=f"OP{n}") for n in (1, 2)]
    bom = make_bom_line(item, part)
    plan = make_plan(
        make_plant(home=True), item, part, one, other, step, *rows, *lines, bought, *people, bom
    )
    return published(plan)


def offers(
    plan: Plan,
    happening: Happening,
    *,
    now_at: datetime = NOW,
    profile: ObjectiveProfile = ON_TIME,
    in_force: Sequence[Booking] = (),
) -> dict[Way, MendOffer]:
    """All offers; each is checked as the database would get it.

    ``in_force`` are the bookings of which some have begun.
    """
    link = Link()
    request = MendRequest(
        now_at, seconds=60, workers=1, iterations=2, profile=profile, happening=happening
    )
    last = MendRun(plan, request, link).finish(threading.Event())
    assert last.is_last
    found = {m.offer.way: m.offer for m in link.sent if m.offer is not None}
    for offer in found.values():
        assert offer.changes is not None
        assert len({change.row.id for change in offer.changes}) == len(offer.changes)
        after = plan.copy()
        after.apply(offer.changes)
        opened = list(after.table(OvertimeShift).values())
        rows = after.table(Booking).values()
        checked = check_plan(after, rows, now_at, opened, in_force)
        assert [each.code for each in checked if each.severity is Severity.ERROR] == []
        # Taking it back leaves nothing.
        after.apply(offer.changes.inverse())
        assert {row.id for row in after.rows()} == {row.id for row in plan.rows()}
    return found


def machine_of(plan: Plan, number: int) -> Machine:
    booking = sorted(plan.table(Booking).values(), key=lambda b: str(b.machine_id))[number]
    return plan.need(Machine, booking.machine_id)


def test_a_breakdown_comes_with_three_offers_and_their_prices() -> None:
    # One machine stops for five days; the lines are due after three: 4320 - 480 minutes of today
    # are gone. Pushed, its order ends at 7200 + 100, due at 3840: 3460 minutes late, weight 5.
    plan = shop()
    stop = Happening(HappeningKind.BREAKDOWN, machine_of(plan, 0).id, start_at=NOW, end_at=at(7200))
    found = offers(plan, stop)
    assert set(found) == set(Way)
    push, local = found[Way.PUSH], found[Way.LOCAL]
    assert push.figures.weighted_lateness == 5 * 3460
    assert (push.figures.late_lines, push.moved) == (1, 1)
    assert (local.figures.weighted_lateness, local.figures.late_lines) == (0, 0)
    assert found[Way.GLOBAL].figures.weighted_lateness == 0
    for offer in found.values():
        after = plan.copy()
        after.apply(offer.changes)
        assert len(after.table(Downtime)) == 1


def furnaces() -> Plan:
    """Two furnaces that take two orders at a time, and three orders of 300 minutes and 10 of setup,
    with somebody to watch each furnace: a batch of two and one order alone."""
    rows = [make_machine(code=code, batch_capacity=Decimal(4)) for code in "AB"]
    rows += [make_operator("watch", code=f"OP{n}") for n in (1, 2)]
    for n in range(3):
        item = make_item(code=f"I{n}", family="STEEL")
        step = make_routing_operation(
            item, setup_minutes=Decimal(10), run_minutes=Decimal(300), skill="watch", operators=1
        )
        rows += [item, step, *(make_routing_machine(step, machine) for machine in rows[:2])]
        rows.append(make_order_line(item, 2, order_number=f"S{n}", due_on=TODAY))
    return published(make_plan(make_plant(home=True), *rows))


def test_a_furnace_that_stops_is_mended_with_all_that_is_in_it() -> None:
    plan = furnaces()
    led = led_in(plan)[0]
    stop = Happening(HappeningKind.BREAKDOWN, led.machine_id, start_at=at(100), end_at=at(7300))
    found = offers(plan, stop)
    assert {way: offer.error for way, offer in found.items()} == dict.fromkeys(Way)
    # Both orders in it would be done at 310 + 7200; the other furnace does them after its own.
    ends = {way: last_end(plan, offer) for way, offer in found.items()}
    assert ends[Way.PUSH] == at(7510)
    assert ends[Way.LOCAL] <= at(620)
    assert ends[Way.GLOBAL] <= at(620)


def test_a_furnace_that_stops_later_keeps_what_is_in_it() -> None:
    plan = furnaces()
    led = led_in(plan)[0]
    stop = Happening(HappeningKind.BREAKDOWN, led.machine_id, start_at=at(9000), end_at=at(9100))
    for way, offer in offers(plan, stop).items():
        assert offer.error is None
        if way is not Way.GLOBAL:
            assert offer.moved == 0
            assert last_end(plan, offer) == at(310)


def led_in(plan: Plan) -> list[Booking]:
    return [booking for booking in plan.table(Booking).values() if booking.batch_id is not None]


def last_end(plan: Plan, offer: MendOffer) -> datetime:
    after = plan.copy()
    after.apply(offer.changes)
    return max(booking.end_at for booking in after.table(Booking).values())


def test_overtime_of_the_plan_in_force_stays_open() -> None:
    # Ten hours of work from 8:00 on, done at 18:00 with two hours of overtime; what stops much
    # later changes nothing, whatever the planner's profile thinks of overtime.
    plan = Planned(overtime_shop((600, 0)), OVERTIME).stored()
    (opened,) = plan.table(OvertimeShift).values()
    (machine,) = plan.table(Machine).values()
    stop = Happening(HappeningKind.BREAKDOWN, machine.id, start_at=at(10000), end_at=at(10100))
    for profile in (ON_TIME, OVERTIME):
        for offer in offers(plan, stop, profile=profile).values():
            assert offer.error is None
            after = plan.copy()
            after.apply(offer.changes)
            assert list(after.table(OvertimeShift).values()) == [opened]
            assert last_end(plan, offer) == at(600)


def test_what_nobody_has_bought_yet_comes_a_lead_time_from_now() -> None:
    # Proposed to be ordered at 0 and there after three days, at 4320. Two days later nobody has
    # ordered it: it is there at 2880 + 4320 = 7200 at the earliest, and work waits for it.
    item, part, machine = make_item(), make_bought(lead_time_days=Decimal(3)), make_machine()
    step = make_routing_operation(item, run_minutes=100)
    plan = published(
        make_plan(
            *(make_plant(home=True), item, part, make_bom_line(item, part), machine, step),
            make_routing_machine(step, machine),
            make_order_line(item, 1, due_on=TODAY + timedelta(days=2)),
        )
    )
    assert [b.run_start_at for b in plan.table(Booking).values()] == [at(4320)]
    stop = Happening(HappeningKind.BREAKDOWN, machine.id, start_at=at(90000), end_at=at(90100))
    for offer in offers(plan, stop, now_at=at(2880)).values():
        assert offer.error is None
        after = plan.copy()
        after.apply(offer.changes)
        (bought,) = after.table(PlannedOrder).values()
        assert (bought.order_at, bought.due_at, bought.firm) == (at(2880), at(7200), False)
        assert [b.run_start_at for b in after.table(Booking).values()] == [at(7200)]


def test_an_offer_travels_in_pieces() -> None:
    # 120 changes go as 50, 50 and 20, and the message itself without any.
    class Pipe:
        def __init__(self) -> None:
            self.pieces: list[object] = []

        def send(self, obj: object) -> None:
            self.pieces.append(obj)

    rows = tuple(Change.insert(make_item(code=f"I{n}")) for n in range(120))
    changes = ChangeSet("plan", rows)
    message = MendMessage(changes=changes, offer=MendOffer(Way.LOCAL, moved=3, changes=changes))
    pipe = Pipe()
    Outbox(pipe).send(message)
    *lists, note = pipe.pieces
    assert [len(each) for each in lists] == [50, 50, 20]
    assert note.offer.changes is None
    assert not note.changes.changes
    assert note.whole(tuple(change for each in lists for change in each)) == message


def test_what_could_be_made_otherwise_is_made_as_planned_or_as_usual() -> None:
    # Scrap calls for a third order, and each may be split in two: a repair does not.
    plan = shop()
    step = next(iter(plan.table(RoutingOperation).values()))
    plan.put(replace(step, split_most=2))
    order = next(iter(plan.table(WorkOrder).values()))
    happened = Happening(HappeningKind.SCRAP, order.id, quantity=Decimal(1))
    for offer in offers(plan, happened).values():
        after = plan.copy()
        after.apply(offer.changes)
        assert len(after.table(WorkOrder)) == len(after.table(Booking)) == 3


def test_late_material_moves_what_needs_it() -> None:
    plan = shop()
    line = next(iter(plan.table(PurchaseLine).values()))
    late = Happening(HappeningKind.MATERIAL, line.id, due_on=TODAY + timedelta(days=2))
    found = offers(plan, late)
    # Both start when it comes: 16 hours of today and a day later.
    assert found[Way.PUSH].moved == 2
    after = plan.copy()
    after.apply(found[Way.LOCAL].changes)
    assert {b.run_start_at for b in after.table(Booking).values()} == {at(16 * 60 + 1440)}


def test_somebody_absent_is_replaced_or_waited_for() -> None:
    # The other welder does both, one after the other: the second order waits 100 minutes.
    plan = shop()
    person = next(iter(plan.table(Operator).values()))
    away = Happening(HappeningKind.ABSENCE, person.id, start_at=NOW, end_at=at(3000))
    found = offers(plan, away)
    after = plan.copy()
    after.apply(found[Way.LOCAL].changes)
    crews = [booking.operator_ids for booking in after.table(Booking).values()]
    assert all(person.id not in crew for crew in crews)
    assert sorted(b.run_start_at for b in after.table(Booking).values()) == [at(0), at(100)]


def test_scrap_is_made_again() -> None:
    plan = shop()
    order = next(iter(plan.table(WorkOrder).values()))
    found = offers(plan, Happening(HappeningKind.SCRAP, order.id, quantity=Decimal(1)))
    after = plan.copy()
    after.apply(found[Way.LOCAL].changes)
    assert after.need(WorkOrder, order.id).good_quantity == 0
    assert after.need(WorkOrder, order.id).status is WorkStatus.FIRM
    # One order brings nothing any more, so a third one makes up for it.
    assert len(after.table(WorkOrder)) == 3
    assert len(after.table(Booking)) == 3


def test_slow_work_takes_longer_and_pushes_what_follows() -> None:
    plan = shop()
    booking = next(iter(plan.table(Booking).values()))
    slow = Happening(HappeningKind.PACE, booking.operation_id, percent=Decimal(150))
    found = offers(plan, slow)
    after = plan.copy()
    after.apply(found[Way.LOCAL].changes)
    later = after.need(Booking, booking.id)
    assert later.run_start_at == booking.run_start_at
    assert later.end_at - later.run_start_at == timedelta(minutes=150)


def test_another_pace_holds_for_what_is_left_of_begun_work() -> None:
    # 40 of 100 minutes are run; the other 60 take twice as long: 120, until 160 from now on.
    plan = shop()
    first = min(plan.table(Booking).values(), key=lambda row: row.run_start_at)
    slow = Happening(HappeningKind.PACE, first.operation_id, percent=Decimal(200))
    now_at = first.run_start_at + timedelta(minutes=40)
    rows = list(plan.table(Booking).values())
    found = offers(plan, slow, now_at=now_at, in_force=rows)
    after = plan.copy()
    after.apply(found[Way.LOCAL].changes)
    later = after.need(Booking, first.id)
    assert (later.run_start_at, later.end_at) == (
        first.run_start_at,
        now_at + timedelta(minutes=120),
    )


def test_frozen_work_stays_even_when_all_is_planned_anew() -> None:
    # The machine stops at 50 in the middle of its order, for five days: free to move, it goes to
    # the other machine at 100. Frozen, it stays begun and ends at 7200 + 50, due at 3840.
    for hours in (0, 24):
        plan = shop()
        plan.put(replace(plan.home_plant(), frozen_hours=hours))
        begun = {b.operation_id: b.run_start_at for b in plan.table(Booking).values()}
        stop = Happening(
            HappeningKind.BREAKDOWN, machine_of(plan, 0).id, start_at=at(50), end_at=at(7200)
        )
        found = offers(plan, stop)
        if not hours:
            assert found[Way.LOCAL].moved == 1
            assert found[Way.LOCAL].figures.weighted_lateness == 0
            continue
        for offer in found.values():
            after = plan.copy()
            after.apply(offer.changes)
            starts = {b.operation_id: b.run_start_at for b in after.table(Booking).values()}
            assert starts == begun
            assert offer.moved == 0
            assert offer.figures.weighted_lateness == 5 * (7250 - 3840)


def test_an_offer_that_would_move_frozen_work_says_so_and_is_no_fault_to_report() -> None:
    moved = Finding("frozen_moved", Severity.ERROR, (), {"work_order": "WO1", "operation": 10})
    told = as_told(DomainError("plan_rejected", count=1, first=moved))
    assert (told.code, told.params["first"]) == ("held_in_the_way", moved)
    overlap = Finding("machine_overlap", Severity.ERROR)
    assert as_told(DomainError("plan_rejected", count=1, first=overlap)).code == "plan_rejected"


def test_without_a_plan_there_is_nothing_to_mend() -> None:
    plan = shop()
    for kind in (Booking,):
        for row in list(plan.table(kind).values()):
            plan.drop(kind, row.id)
    scenario = plan.published()
    plan.drop(type(scenario), scenario.id)
    stop = Happening(HappeningKind.BREAKDOWN, machine_of(shop(), 0).id, NOW, at(60))
    with pytest.raises(DomainError) as caught:
        MendRun(plan, MendRequest(NOW, happening=stop), Link())
    assert caught.value.code == "nothing_to_mend"


def test_the_process_answers_with_all_three_and_can_be_stopped() -> None:
    plan, heard = shop(), []
    stop = Happening(HappeningKind.BREAKDOWN, machine_of(plan, 0).id, NOW, at(7200))
    request = MendRequest(NOW, seconds=600, workers=1, happening=stop)
    with PlanningProcess() as process:
        last = process.run(
            plan.rows(),
            request,
            heard.append,
            lambda: any(getattr(m, "offer", None) and m.offer.way is Way.LOCAL for m in heard),
        )
    assert last.error is None
    ways = [m.offer.way for m in heard if isinstance(m, MendMessage) and m.offer is not None]
    assert ways[:2] == [Way.PUSH, Way.LOCAL]
    assert ways[-1] is Way.GLOBAL


def test_what_is_taken_is_named_by_what_happened() -> None:
    plan = shop()
    machine = machine_of(plan, 0)
    step = next(iter(plan.table(Operation).values()))
    order = plan.need(WorkOrder, step.work_order_id)
    for happened, words in (
        (
            Happening(HappeningKind.BREAKDOWN, machine.id, NOW, at(90)),
            f"Machine down: {machine.code}",
        ),
        (
            Happening(HappeningKind.PACE, step.id, percent=Decimal(150)),
            f"Slower or faster: {order.number}/{step.number}",
        ),
        (
            Happening(
                HappeningKind.RUSH,
                next(iter(plan.table(Item).values())).id,
                quantity=Decimal(1),
                due_on=TODAY,
                order_number="RUSH-7",
            ),
            "Rush order: RUSH-7",
        ),
    ):
        for offer in offers(plan, happened).values():
            changes = offer.changes
            assert tr(f"change.{changes.label}", **changes.params) == f"Mend the plan ({words})"

"""Offers to mend a plan: each passed the checker, says its price, and is one change to take."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import pytest

from app.mend_run import MendMessage, MendRequest, MendRun
from app.solving import PlanningProcess
from domain.errors import DomainError, Severity
from domain.happenings import Happening, HappeningKind
from domain.mend_offers import MendOffer, Way
from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine, PurchaseLine
from domain.plan import Plan
from domain.production import WorkOrder, WorkStatus
from domain.resources import Downtime, Machine, Operator, Plant
from domain.scenarios import Booking
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.urgency import urgency_of
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
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
    make_scenario,
)


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
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    problem = build_problem(plan, NOW)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    scenario = make_scenario(published=True, setup_minutes=solution.setup_minutes)
    plan.put(scenario)
    for booking in bookings_from(problem, solution, plan, scenario, id_maker(2)):
        plan.put(booking)
    return plan


def offers(plan: Plan, happening: Happening) -> dict[Way, MendOffer]:
    """All offers; each is checked as the database would get it."""
    link = Link()
    request = MendRequest(NOW, seconds=60, workers=1, iterations=2, happening=happening)
    last = MendRun(plan, request, link).finish(threading.Event())
    assert last.is_last
    found = {m.offer.way: m.offer for m in link.sent if m.offer is not None}
    for offer in found.values():
        assert offer.changes is not None
        assert len({change.row.id for change in offer.changes}) == len(offer.changes)
        after = plan.copy()
        after.apply(offer.changes)
        checked = check_plan(after, after.table(Booking).values(), NOW)
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


def test_frozen_work_stays_even_when_all_is_planned_anew() -> None:
    plan = shop()
    plant = plan.home_plant()
    plan.put(Plant(**{f: getattr(plant, f) for f in ("id", "code", "name", "timezone", "home")},
                   frozen_hours=24))  # fmt: skip
    booked = {b.operation_id: b for b in plan.table(Booking).values()}
    item = next(iter(plan.table(OrderLine).values()))
    assert item is not None
    away = Happening(
        HappeningKind.BREAKDOWN, machine_of(plan, 0).id, start_at=at(2000), end_at=at(4000)
    )
    for offer in offers(plan, away).values():
        after = plan.copy()
        after.apply(offer.changes)
        for booking in after.table(Booking).values():
            assert booking.run_start_at == booked[booking.operation_id].run_start_at
        assert offer.moved == 0


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
    assert caught.value.code == "plan_missing"


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

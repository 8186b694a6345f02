"""A rush order comes in: it is confirmed, made and priced in every offer, and goes with it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from app.exchange.reading import read_workbook
from app.mend_run import MendRequest, MendRun
from app.plan_run import PlanRequest, Run
from domain.errors import DomainError
from domain.happenings import Happening, HappeningKind
from domain.items import Item
from domain.mend_offers import Figures, RushEnd, Way
from domain.objectives import OVERTIME
from domain.orders import OrderLine, OrderStatus
from domain.plan import Plan
from domain.production import Operation, Peg, PlannedOrder, WorkOrder
from domain.routings import MAIN, RoutingOperation
from domain.scenarios import Booking, LockLevel, OvertimeShift
from domain.scheduling import choices
from tests.app.conftest import FIRST_LOOK
from tests.app.test_mend_run import Link, offers
from tests.builders import (
    NOW,
    TODAY,
    at,
    make_bom_line,
    make_bought,
    make_customer,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_plant,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_stock,
)
from tests.domain.scheduling.test_mend import published
from tests.domain.scheduling.test_overtime import Planned
from tests.domain.scheduling.test_overtime import shop as overtime_shop

TOMORROW = TODAY + timedelta(days=1)


def rush(item: Item, due_on: date = TOMORROW, quantity: int = 1) -> Happening:
    return Happening(
        HappeningKind.RUSH,
        item.id,
        quantity=Decimal(quantity),
        due_on=due_on,
        order_number="RUSH-1",
    )


def shop(*lines: OrderLine, usual: Item, hurried: Item) -> Plan:
    """One machine that never rests: 600 minutes for the usual item, 400 for the other."""
    machine = make_machine()
    rows: list[object] = [make_plant(home=True), machine, usual, hurried, *lines]
    for item, run_minutes in ((usual, 600), (hurried, 400)):
        step = make_routing_operation(item, run_minutes=run_minutes)
        rows += [step, make_routing_machine(step, machine)]
    return make_plan(*rows)


def planned_shop() -> tuple[Plan, Item]:
    """The usual item is made from 0 to 600 for today, which ends at 960."""
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    line = make_order_line(usual, due_on=TODAY, priority=5)
    return published(shop(line, usual=usual, hurried=hurried)), hurried


def test_a_rush_order_is_first_in_the_queue_or_waits_for_a_gap() -> None:
    # Pushed: the rush from 0 to 400, what was there until 1000, due at 960: 40 minutes, weight 5.
    # In the gap behind it, from 600 to 1000, nobody is late: tomorrow ends at 2400.
    plan, hurried = planned_shop()
    customer = make_customer()
    plan.put(customer)
    wish = rush(hurried)
    found = offers(plan, wish)
    assert {way: offer.error for way, offer in found.items()} == dict.fromkeys(Way)
    push, local, anew = (found[way] for way in Way)
    assert (push.figures.weighted_lateness, push.figures.late_lines, push.moved) == (200, 1, 1)
    assert push.rush == RushEnd(at(400), 0)
    for offer in (local, anew):
        assert (offer.figures.weighted_lateness, offer.figures.late_lines) == (0, 0)
    assert (local.moved, local.rush) == (0, RushEnd(at(1000), 0))
    for offer in found.values():
        after = plan.copy()
        after.apply(offer.changes)
        line = after.one(OrderLine, order_number="RUSH-1")
        assert (line.status, line.priority, line.line) == (OrderStatus.CONFIRMED, 1, "10")
        assert len(after.table(WorkOrder)) == len(after.table(Booking)) == 2


def test_a_pushed_rush_order_waits_for_locked_work_and_not_for_all_else() -> None:
    # From 0 to 600, locked from 600 to 1200, from 1200 to 1800. Before the locked work there is no
    # room for 400 minutes: pushed, the rush is made right after it, and the last one moves.
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    days = [TODAY + timedelta(days=n) for n in range(3)]
    lines = [make_order_line(usual, line=f"{n}", due_on=day) for n, day in enumerate(days)]
    plan = published(shop(*lines, usual=usual, hurried=hurried))
    booked = sorted(plan.table(Booking).values(), key=lambda row: row.run_start_at)
    assert [row.run_start_at for row in booked] == [at(0), at(600), at(1200)]
    plan.put(replace(booked[1], lock=LockLevel.TIME))
    push = offers(plan, rush(hurried))[Way.PUSH]
    assert (push.error, push.held_moved, push.moved) == (None, 0, 1)
    assert push.rush == RushEnd(at(1600), 0)


def test_the_plan_in_force_is_told_as_it_was_before_the_rush_order() -> None:
    # Nobody was late. The rush is wanted yesterday and takes the stock: that it is late, and that
    # more is to be made for the usual order, is the price of the offers and not of the plan before.
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    line = make_order_line(usual, 4, due_on=TODAY)
    plan = shop(line, usual=usual, hurried=hurried)
    plan.put(make_stock(usual, 3))
    plan = published(plan)
    link = Link()
    wish = rush(usual, TODAY - timedelta(days=1), quantity=3)
    request = MendRequest(NOW, seconds=60, workers=1, iterations=2, happening=wish)
    MendRun(plan, request, link).finish(threading.Event())
    told = [message for message in link.sent if message.offer is not None]
    assert {message.before for message in told} == {Figures(0, 0, 0)}
    assert min(message.offer.figures.weighted_lateness for message in told) > 0


def test_a_rush_order_that_is_late_says_how_much() -> None:
    # Wanted today, 960: in the gap until 1000 it is 40 late at weight 9, 360; first of all, the
    # other is 40 late at weight 5, 200, and one that moved.
    plan, hurried = planned_shop()
    found = offers(plan, rush(hurried, TODAY))
    assert found[Way.GLOBAL].figures.weighted_lateness == 200
    assert found[Way.GLOBAL].rush == RushEnd(at(400), 0)
    late = offers(plan, rush(hurried, TODAY, 3))  # 1200 minutes, 240 too many for today
    assert late[Way.PUSH].rush == RushEnd(at(1200), 240)


def test_what_is_in_stock_needs_no_work_and_can_be_taken_all_the_same() -> None:
    plan, _ = planned_shop()
    item = make_item(code="THERE")
    for row in (item, make_stock(item, 5)):
        plan.put(row)
    for offer in offers(plan, rush(item, quantity=5)).values():
        assert (offer.error, offer.moved) == (None, 0)
        assert offer.rush == RushEnd(NOW, 0, is_in_stock=True)
        after = plan.copy()
        after.apply(offer.changes)
        assert after.one(OrderLine, order_number="RUSH-1").quantity == 5
        assert len(after.table(WorkOrder)) == 1


def test_what_is_bought_is_there_a_lead_time_from_now() -> None:
    # Three days from now is 4320; wanted by tomorrow, 2400.
    plan, _ = planned_shop()
    item = make_bought(code="BOUGHT", lead_time_days=Decimal(3))
    plan.put(item)
    for offer in offers(plan, rush(item)).values():
        assert (offer.moved, offer.rush) == (0, RushEnd(at(4320), 1920))
        after = plan.copy()
        after.apply(offer.changes)
        assert [order.due_at for order in after.table(PlannedOrder).values()] == [at(4320)]


def test_stock_that_others_wait_for_goes_to_the_rush_order_and_is_made_again() -> None:
    # One piece is there for the usual order due tomorrow; the rush is wanted today. It gets it, and
    # 600 minutes of work are to be done for the other.
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    stock = make_stock(usual)
    line = make_order_line(usual, due_on=TOMORROW)
    plan = shop(line, usual=usual, hurried=hurried)
    plan.put(stock)
    plan = published(plan)
    assert not plan.table(WorkOrder)
    for offer in offers(plan, rush(usual, TODAY)).values():
        assert offer.rush == RushEnd(NOW, 0, is_in_stock=True)
        after = plan.copy()
        after.apply(offer.changes)
        assert [booking.end_at for booking in after.table(Booking).values()] == [at(600)]


def test_a_rush_order_comes_into_a_factory_without_any_work() -> None:
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    plan = shop(usual=usual, hurried=hurried)
    plan.put(make_scenario(published=True))
    for offer in offers(plan, rush(hurried)).values():
        assert (offer.error, offer.moved, offer.rush) == (None, 0, RushEnd(at(400), 0))
    plan.put(make_stock(usual))
    for offer in offers(plan, rush(usual)).values():
        assert offer.rush == RushEnd(NOW, 0, is_in_stock=True)


@pytest.mark.parametrize("is_below", [False, True])
def test_what_can_not_be_made_is_not_entered_and_it_is_said_why(is_below: bool) -> None:
    plan, hurried = planned_shop()
    bare = make_item(code="BARE")
    plan.put(bare)
    if is_below:
        plan.put(make_bom_line(hurried, bare))
    wanted = hurried if is_below else bare
    with pytest.raises(DomainError) as caught:
        MendRun(plan, MendRequest(NOW, happening=rush(wanted)), Link()).finish(threading.Event())
    assert caught.value.code == "rush_unplanned"
    assert caught.value.params["item"] == wanted.code
    assert caught.value.params["why"].code == "routing_missing"
    assert caught.value.params["why"].params["item"] == "BARE"


def test_what_no_machine_can_make_is_said_too() -> None:
    plan, _ = planned_shop()
    item = make_item(code="NOWHERE")
    for row in (item, make_routing_operation(item, run_minutes=5)):
        plan.put(row)
    with pytest.raises(DomainError) as caught:
        MendRun(plan, MendRequest(NOW, happening=rush(item)), Link())
    assert caught.value.code == "rush_unplanned"
    assert caught.value.params["why"].code not in {"order_line_unplanned", "order_not_planned"}


@pytest.mark.parametrize("begins", [0, 28800])
def test_a_rush_order_takes_what_is_frozen_but_does_not_wait_for_what_is_locked(
    begins: int,
) -> None:
    # One is made for a line of next month. Frozen today, nothing can be ready sooner: it is for the
    # rush now. Locked in three weeks it stays with the line; the rush, wanted until 2400, has its
    # own, behind the frozen day.
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    line = make_order_line(hurried, due_on=TODAY + timedelta(days=30))
    plan = published(shop(line, usual=usual, hurried=hurried))
    plan.put(replace(plan.home_plant(), frozen_hours=24))
    (booking,) = plan.table(Booking).values()
    times = {"setup_start_at": at(begins), "run_start_at": at(begins), "end_at": at(begins + 400)}
    plan.put(replace(booking, lock=LockLevel.TIME, **times))
    found = offers(plan, rush(hurried))
    for offer in found.values():
        after = plan.copy()
        after.apply(offer.changes)
        (peg,) = after.where(Peg, demand_id=line.id)
        assert (peg.supply_id in plan.table(WorkOrder)) is (begins > 0)
        assert (offer.moved, offer.rush.late_minutes) == (0, 0)
    assert found[Way.PUSH].rush.finish_at == at(1840 if begins else 400)


def by_another_routing(plan: Plan, item: Item) -> None:
    """The item may be made on a machine of its own, too, in 500 instead of 400 minutes."""
    other, step = make_machine(code="OTHER"), make_routing_operation(item, routing="B")
    step = replace(step, run_minutes=Decimal(500))
    for row in (other, step, make_routing_machine(step, other)):
        plan.put(row)


def test_planning_anew_makes_a_rush_order_by_another_routing_where_that_is_better() -> None:
    # As usual one of the two is late today, at 960, by 40: weight 5 or 9. By the other routing the
    # rush is ready at 500 and nothing else moves.
    plan, hurried = planned_shop()
    by_another_routing(plan, hurried)
    found = offers(plan, rush(hurried, TODAY))
    for way, value in ((Way.PUSH, 200), (Way.LOCAL, 200), (Way.GLOBAL, 0)):
        assert (found[way].figures.weighted_lateness, found[way].moved) == (value, value // 200)
    anew = found[Way.GLOBAL]
    assert [each.code for each in anew.chosen] == ["chosen_routing"]
    assert (anew.chosen[0].params["item"], anew.chosen[0].params["routing"]) == ("HURRIED", "B")
    assert found[Way.PUSH].chosen == found[Way.LOCAL].chosen == ()
    assert (anew.rush, anew.figures.late_lines) == (RushEnd(at(500), 0), 0)
    after = plan.copy()
    after.apply(anew.changes)
    assert {order.routing for order in after.table(WorkOrder).values()} == {MAIN, "B"}
    assert sorted(row.end_at for row in after.table(Booking).values()) == [at(500), at(600)]


def test_the_push_is_offered_before_other_ways_of_making_a_rush_order_are_laid_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With many operations that takes longer than the push, and its offer does not need it."""
    plan, hurried = planned_shop()
    by_another_routing(plan, hurried)
    link, told, lay_out = Link(), list[list[Way]](), choices.choices_of

    def choices_of(*parts: Any, **named: Any) -> Any:
        told.append([message.offer.way for message in link.sent if message.offer is not None])
        return lay_out(*parts, **named)

    monkeypatch.setattr(choices, "choices_of", choices_of)
    wish = rush(hurried, TODAY)
    request = MendRequest(NOW, seconds=60, workers=1, iterations=2, happening=wish)
    MendRun(plan, request, link).finish(threading.Event())
    assert told == [[Way.PUSH]]


def test_overtime_of_the_plan_in_force_stays_open_where_new_work_is_made_by_another_routing() -> (
    None
):
    # Until 18:00 the machine works, two hours of it overtime, at what is due today. The rush for
    # today would be made tomorrow; on another machine that never rests it is made at once.
    plan = Planned(overtime_shop((600, 0)), OVERTIME).stored()
    usual, hurried = plan.one(Item, code="A0"), make_item(code="HURRIED")
    center = plan.one(RoutingOperation, item_id=usual.id).work_center_id
    plan.put(hurried)
    plan.put(make_routing_operation(hurried, run_minutes=100, work_center_id=center))
    by_another_routing(plan, hurried)
    booked, opened = plan.table(Booking), plan.table(OvertimeShift)
    assert opened
    anew = offers(plan, rush(hurried, TODAY))[Way.GLOBAL]
    assert [each.code for each in anew.chosen] == ["chosen_routing"]
    assert (anew.moved, anew.figures.weighted_lateness) == (0, 0)
    after = plan.copy()
    after.apply(anew.changes)
    assert after.table(OvertimeShift) == opened
    assert booked.items() <= after.table(Booking).items()


@pytest.mark.parametrize("seed", [1, 5, 6])
def test_planning_anew_makes_as_usual_what_does_not_get_better_by_another_routing(
    seed: int,
) -> None:
    # As usual the rush, 400 minutes for its part and 700 for itself, is 140 late today. By another
    # routing its part takes 350, which does not suffice, and itself 300, which does.
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    part = make_item(code="PART")
    plan = published(shop(make_order_line(usual), usual=usual, hurried=hurried))
    (step,) = plan.where(RoutingOperation, item_id=hurried.id)
    for row in (part, make_bom_line(hurried, part), replace(step, run_minutes=Decimal(700))):
        plan.put(row)
    for item, routing, minutes in ((hurried, "B", 300), (part, MAIN, 400), (part, "B", 350)):
        step = make_routing_operation(item, routing=routing, run_minutes=minutes)
        machine = make_machine(code=f"{item.code}-{routing}")
        for row in (step, machine, make_routing_machine(step, machine)):
            plan.put(row)
    link, wish = Link(), rush(hurried, TODAY)
    request = MendRequest(NOW, seconds=60, workers=1, iterations=3, seed=seed, happening=wish)
    MendRun(plan, request, link).finish(threading.Event())
    found = {message.offer.way: message.offer for message in link.sent if message.offer}
    anew = found[Way.GLOBAL]
    assert [each.params["item"] for each in anew.chosen] == ["HURRIED"]
    assert anew.figures.weighted_lateness == 0


def test_what_is_planned_already_is_made_as_planned() -> None:
    # The usual order could give way by a routing of its own; it is not asked to.
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    line = make_order_line(usual, due_on=TODAY, priority=5)
    plan = published(shop(line, usual=usual, hurried=hurried))
    by_another_routing(plan, usual)
    found = offers(plan, rush(hurried, TODAY))[Way.GLOBAL]
    assert (found.figures.weighted_lateness, found.chosen) == (200, ())


def test_planning_anew_buys_for_a_rush_order_that_would_be_late() -> None:
    # Three take 1200 minutes, 240 too many for today; bought, they are there half a day from now.
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    hurried = replace(hurried, may_buy=True, lead_time_days=Decimal("0.5"))
    line = make_order_line(usual, due_on=TODAY, priority=5)
    plan = published(shop(line, usual=usual, hurried=hurried))
    found = offers(plan, rush(hurried, TODAY, 3))
    assert found[Way.PUSH].rush == RushEnd(at(1200), 240)
    anew = found[Way.GLOBAL]
    assert [each.code for each in anew.chosen] == ["chosen_buying"]
    assert (anew.rush, anew.moved, anew.figures.weighted_lateness) == (RushEnd(at(720), 0), 0, 0)
    after = plan.copy()
    after.apply(anew.changes)
    (bought,) = after.table(PlannedOrder).values()
    assert (bought.item_id, bought.quantity, bought.due_at) == (hurried.id, 3, at(720))


def test_what_is_bought_at_once_for_a_rush_order_is_not_in_stock() -> None:
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    hurried = replace(hurried, may_buy=True, lead_time_days=Decimal(0))
    line = make_order_line(usual, due_on=TODAY, priority=5)
    plan = published(shop(line, usual=usual, hurried=hurried))
    assert offers(plan, rush(hurried, TODAY, 3))[Way.GLOBAL].rush == RushEnd(NOW, 0)
    plan.put(make_stock(hurried, 3))
    assert offers(plan, rush(hurried, TODAY, 3))[Way.GLOBAL].rush == RushEnd(NOW, 0, True)


def test_planning_anew_cuts_a_rush_order_into_parts_where_machines_stand_by() -> None:
    # Three are wanted today, 240 minutes too late on one machine. On two it is cut in two.
    plan, hurried = planned_shop()
    (step,) = plan.where(RoutingOperation, item_id=hurried.id)
    other = make_machine(code="OTHER")
    for row in (other, make_routing_machine(step, other), replace(step, split_most=2)):
        plan.put(row)
    found = offers(plan, rush(hurried, TODAY, 3))
    assert found[Way.LOCAL].rush == RushEnd(at(1200), 240)
    anew = found[Way.GLOBAL]
    assert [each.code for each in anew.chosen] == ["chosen_split"]
    assert anew.rush.finish_at < at(1200)
    after = plan.copy()
    after.apply(anew.changes)
    order = after.one(WorkOrder, item_id=hurried.id)
    assert [one.quantity for one in after.where(Operation, work_order_id=order.id)] != [3]


def test_in_a_busy_shop_a_repair_is_near_a_good_plan_and_the_rush_is_not_left_for_last() -> None:
    # Of the first sample, where people are scarce: pushed, the rush makes all others late; in the
    # gaps it would be weeks late. The repair has to leave both behind.
    plan = Plan()
    reading = read_workbook(FIRST_LOOK, plan, new_id=uuid4, today=TODAY)
    plan.apply(reading.changes)
    request = PlanRequest(NOW, seconds=60, workers=2, iterations=20)
    planned = Run(plan, request, Link()).finish(threading.Event())
    plan.apply(planned.changes)
    wish = rush(plan.one(Item, code="GJG-03"), TODAY + timedelta(days=3), 20)
    link = Link()
    asked = MendRequest(NOW, seconds=60, workers=2, iterations=10, happening=wish)
    MendRun(plan, asked, link).finish(threading.Event())
    found = {message.offer.way: message.offer for message in link.sent if message.offer}
    push, local, anew = (found[way] for way in Way)
    assert local.rush.late_minutes < 24 * 60
    assert 2 * local.figures.weighted_lateness < push.figures.weighted_lateness
    assert anew.figures.weighted_lateness <= local.figures.weighted_lateness
    # Lots that are made for others stay theirs: the rush has one of its own.
    for offer in found.values():
        after = plan.copy()
        after.apply(offer.changes)
        line = after.one(OrderLine, order_number=wish.order_number)
        (peg,) = after.where(Peg, demand_id=line.id)
        assert plan.get(WorkOrder, peg.supply_id) is None

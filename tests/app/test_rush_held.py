"""A rush order comes while work goes on: what has begun or is frozen stays, with its material."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from app.mend_run import MendRequest, MendRun
from domain.changes import ChangeSet
from domain.errors import DomainError
from domain.happenings import Happening, HappeningKind
from domain.items import Item, ItemType
from domain.mend_offers import RushEnd, Way
from domain.orders import OrderLine
from domain.plan import Plan
from domain.routings import RoutingOperation
from domain.scenarios import Booking
from domain.scheduling.lateness import order_lateness, plan_totals
from tests.app.test_going_on import HELD, LAWS, in_force, planned_at
from tests.app.test_going_on import offers as answered
from tests.app.test_mend_run import Link, offers
from tests.app.test_mend_rush import TOMORROW, planned_shop, rush, shop
from tests.builders import (
    NOW,
    TODAY,
    at,
    make_bom_line,
    make_bought,
    make_item,
    make_order_line,
    make_stock,
)
from tests.domain.scheduling.test_mend import published


@pytest.mark.parametrize(("now", "frozen_hours"), [(0, 24), (100, 24), (100, 0)])
def test_a_rush_order_pushes_nothing_that_has_begun_or_is_frozen(
    now: int, frozen_hours: int
) -> None:
    # 600 minutes from 0 on are frozen, or have begun at 100. The rush may begin at 600; where a day
    # is frozen it begins, pushed, when that is over. Wanted tomorrow, until 2400, it is in time.
    plan, hurried = planned_shop()
    plan.put(replace(plan.home_plant(), frozen_hours=frozen_hours))
    (before,) = plan.table(Booking).values()
    found = answered(plan, at(now), rush(hurried))
    assert {way: offer.error for way, offer in found.items()} == dict.fromkeys(Way)
    for offer in found.values():
        after = plan.copy()
        after.apply(offer.changes)
        assert (offer.moved, offer.held_moved) == (0, 0)
        assert after.need(Booking, before.id).end_at == at(600)
        assert offer.rush is not None
        assert offer.rush.late_minutes == 0
    begins = now + 60 * frozen_hours if frozen_hours else 600
    assert found[Way.PUSH].rush == RushEnd(at(begins + 400), 0)


@pytest.mark.parametrize("now", [0, 20, 100])
def test_a_setup_that_has_begun_is_in_the_price_of_the_offers_as_in_the_plan_before(
    now: int,
) -> None:
    # 30 minutes of setup for the usual item, 50 for the other: not begun, begun or over, what is
    # done of the first is no gain of the offers.
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    plan = shop(make_order_line(usual, due_on=TODAY), usual=usual, hurried=hurried)
    for item, minutes in ((usual, 30), (hurried, 50)):
        step = plan.one(RoutingOperation, item_id=item.id)
        assert step is not None
        plan.put(replace(step, setup_minutes=Decimal(minutes)))
    plan = published(plan)
    link = Link()
    request = MendRequest(at(now), seconds=60, workers=1, iterations=2, happening=rush(hurried))
    MendRun(plan, request, link).finish(threading.Event())
    told = [message for message in link.sent if message.offer is not None]
    assert {message.offer.way for message in told} == set(Way)
    for message in told:
        assert (message.before.setup_minutes, message.offer.figures.setup_minutes) == (30, 80)
        after = plan.copy()
        after.apply(message.offer.changes)
        totals = plan_totals(after, after.table(Booking).values(), at(now))
        assert totals.setup_minutes == after.published().setup_minutes == 80


def test_a_new_plan_tells_all_of_a_setup_that_has_begun() -> None:
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    plan = shop(make_order_line(usual, due_on=TODAY), usual=usual, hurried=hurried)
    step = plan.one(RoutingOperation, item_id=usual.id)
    assert step is not None
    plan.put(replace(step, setup_minutes=Decimal(30)))
    plan = published(plan)
    found = planned_at(plan, at(20))
    assert found.changes is not None
    plan.apply(found.changes)
    assert found.setup_minutes == plan.published().setup_minutes == 30


def test_a_rush_order_gets_no_material_of_work_that_is_frozen() -> None:
    # One part is there, for the order that is frozen and due tomorrow. The rush for today needs one
    # as well: it waits for what is bought, three days, then takes 400 minutes.
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    part = make_bought(code="PART", lead_time_days=Decimal(3))
    plan = shop(make_order_line(usual, due_on=TOMORROW), usual=usual, hurried=hurried)
    rows = (make_bom_line(usual, part), make_bom_line(hurried, part), make_stock(part, 1))
    for row in (part, *rows):
        plan.put(row)
    plan = published(plan)
    plan.put(replace(plan.home_plant(), frozen_hours=24))
    for offer in offers(plan, rush(hurried, TODAY)).values():
        assert (offer.error, offer.moved, offer.held_moved) == (None, 0, 0)
        assert offer.rush is not None
        assert offer.rush.finish_at == at(4320 + 400)
    # Where nothing is frozen, who is in a hurry gets it.
    plan.put(replace(plan.home_plant(), frozen_hours=0))
    assert offers(plan, rush(hurried, TODAY))[Way.GLOBAL].rush == RushEnd(at(400), 0)


def test_a_new_order_is_no_reason_to_let_go_what_has_begun() -> None:
    # The first order is on the machine, the second is frozen behind it; a third is confirmed and
    # all is planned anew. It comes behind both.
    usual, hurried = make_item(code="USUAL"), make_item(code="HURRIED")
    lines = [make_order_line(usual, due_on=TODAY, line=str(n)) for n in (1, 2)]
    plan = published(shop(*lines, usual=usual, hurried=hurried))
    plan.put(replace(plan.home_plant(), frozen_hours=24))
    plan.put(make_order_line(hurried, due_on=TODAY, priority=1, order_number="NEW"))
    found = planned_at(plan, at(100))
    assert "begun_not_kept" not in {each.code for each in found.findings}
    after = plan.copy()
    assert found.changes is not None
    after.apply(found.changes)
    ends = sorted(row.end_at for row in after.table(Booking).values())
    assert ends == [at(600), at(1200), at(1600)]


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.integers(0, 10**6), st.sampled_from(LAWS), st.sampled_from([0, 24]))
def test_at_any_time_in_any_factory_there_are_offers_for_a_rush_order_or_a_reason(
    seed: int, wishes: dict[str, bool], frozen_hours: int
) -> None:
    plan, random = in_force(seed, wishes), Random(seed)
    if plan is None:
        return
    row = random.choice(list(plan.table(Booking).values()))
    now_at = row.setup_start_at + random.random() * (row.end_at - row.setup_start_at)
    now_at = max(NOW, now_at.replace(second=0, microsecond=0))
    plan.put(replace(plan.home_plant(), frozen_hours=frozen_hours))
    items = [item for item in plan.table(Item).values() if item.type is not ItemType.PHANTOM]
    wish = Happening(
        HappeningKind.RUSH,
        random.choice(items).id,
        quantity=Decimal(random.randint(1, 20)),
        due_on=now_at.date() + timedelta(days=random.randint(0, 10)),
        order_number="RUSH",
    )
    try:
        found = answered(plan, now_at, wish)
    except DomainError as error:
        if error.code != "rush_unplanned":
            raise
        event("unplanned")
        return
    assert found.keys() == set(Way)
    for way, offer in found.items():
        if offer.error is not None:
            assert way is Way.PUSH
            assert offer.error.params["first"].code in HELD
            continue
        assert offer.changes is not None
        assert offer.rush is not None
        assert replace(offer.rush, is_in_stock=False) == _end(plan, offer.changes, now_at)


def _end(plan: Plan, changes: ChangeSet, now_at: datetime) -> RushEnd:
    """What all panels say of the order once the offer is taken."""
    after = plan.copy()
    after.apply(changes)
    line = after.one(OrderLine, order_number="RUSH")
    bookings = [row for row in after.table(Booking).values() if row.published]
    (fate,) = [
        fate for fate in order_lateness(after, bookings, now_at) if fate.order_line.id == line.id
    ]
    assert fate.finish_at is not None
    return RushEnd(fate.finish_at, fate.late_minutes, False)

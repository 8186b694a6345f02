"""Promises: what is offered obeys all rules, the gentle offer moves nothing, the rush is first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from domain.errors import Severity
from domain.items import Item, ItemType
from domain.mrp import explode, mrp_changes
from domain.production import WorkOrder
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.promise import Promiser, Wish
from domain.scheduling.urgency import urgency_of
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_stock,
)
from tests.domain.scheduling.plans import planned


def violations(plan, offer):
    """What the checker says of the plan with an offer in it."""
    with_it = plan.copy()
    for row in offer.rows:
        with_it.put(row)
    scenario = make_scenario()
    with_it.put(scenario)
    rows = bookings_from(offer.problem, offer.solution, with_it, scenario, id_maker(3))
    found = check_plan(with_it, rows, NOW)
    return [each for each in found if each.severity is Severity.ERROR]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 30))
@example(4, 1)  # a run of no time behind a setup at the end of a shift
def test_what_is_offered_passes_the_checker(seed, quantity):
    plan, problem, solution = planned(seed)
    assume(not problem.findings)
    made = [item for item in plan.table(Item).values() if item.type is ItemType.MAKE]
    promiser = Promiser(plan, problem, solution, id_maker(seed + 1))
    item = made[seed % len(made)]
    promise = promiser.promise(Wish(item.id, Decimal(quantity), TODAY + timedelta(days=4)))
    assume(promise.gentle is not None and promise.rush is not None)
    old = len(solution.order)
    gentle = promise.gentle.solution
    assert np.array_equal(gentle.run_start[:old], solution.run_start)
    assert np.array_equal(gentle.end[:old], solution.end)
    assert promise.gentle.value_change == 0
    assert promise.gentle.later_lines == ()
    for offer in (promise.gentle, promise.rush):
        assert violations(plan, offer) == []


def small_shop():
    """Two orders of 100 minutes each on one machine that never rests; another item takes 60."""
    item, other, machine = make_item(), make_item(code="OTHER"), make_machine()
    step = make_routing_operation(item, run_minutes=100)
    second = make_routing_operation(other, run_minutes=60)
    lines = [make_order_line(item, line=str(n), due_on=TODAY) for n in (1, 2)]
    plan = make_plan(item, other, machine, step, second, *lines)
    plan.put(make_routing_machine(step, machine))
    plan.put(make_routing_machine(second, machine))
    plan.put(make_stock(other, 5))
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    problem = build_problem(plan, NOW)
    return plan, problem, dispatch(problem, urgency_of(problem), PLAIN), other


def test_a_gentle_order_queues_and_a_rush_order_pushes():
    plan, problem, solution, other = small_shop()
    promiser = Promiser(plan, problem, solution, id_maker(7))
    promise = promiser.promise(Wish(other.id, Decimal(6), TODAY))
    # 5 are in stock; the sixth takes 60 minutes, after the others' 200 or before them.
    assert promise.gentle.finish_at == at(260)
    assert promise.rush.finish_at == at(60)
    assert promise.rush.late_minutes == promise.rush.value_change == 0
    assert promise.rush.moved == 0, "everything starts exactly 60 minutes later, which is no move"
    from_stock = promiser.promise(Wish(other.id, Decimal(5), TODAY))
    assert from_stock.gentle.finish_at == NOW
    assert from_stock.gentle.limiting is None


def test_the_gap_before_a_fixed_start_is_used_when_it_is_long_enough():
    plan, problem, solution, other = small_shop()
    later = replace(solution, run_start=solution.run_start + np.int32(60))
    later = replace(later, setup_start=later.run_start, end=later.run_start + np.int32(100))
    promiser = Promiser(plan, problem, later, id_maker(7))
    promise = promiser.promise(Wish(other.id, Decimal(6), TODAY))
    assert promise.gentle.finish_at == at(60)
    longer = promiser.promise(Wish(other.id, Decimal(7), TODAY))
    assert longer.gentle.finish_at == at(60 + 200 + 120)


def test_many_wishes_are_answered_as_if_each_were_alone():
    plan, problem, solution = planned(11)
    made = [item for item in plan.table(Item).values() if item.type is ItemType.MAKE]
    wishes = [Wish(item.id, Decimal(3), TODAY + timedelta(days=3)) for item in made] * 2
    promiser = Promiser(plan, problem, solution, id_maker(1))
    for promise, wish in zip(promiser.promises(wishes), wishes, strict=True):
        alone = promiser.promise(wish)
        assert (promise.gentle is None) == (alone.gentle is None)
        if promise.gentle is not None:
            assert promise.gentle.finish_at == alone.gentle.finish_at
            assert promise.rush.value_change == alone.rush.value_change


def two_ways(lead_days=1, **changes):
    """One order of 300 minutes on the only machine of the usual way; another machine is free.

    A piece takes 60 minutes as usual and 90 by routing B; bought, it is there after the lead time.
    """
    item = make_item(lead_time_days=Decimal(lead_days), **changes)
    usual, free = make_machine(), make_machine(code="M2")
    steps = [
        make_routing_operation(item, run_minutes=Decimal(60)),
        make_routing_operation(item, run_minutes=Decimal(90), routing="B"),
    ]
    named = [
        make_routing_machine(step, one) for step, one in zip(steps, (usual, free), strict=True)
    ]
    plan = make_plan(item, usual, free, steps, named, make_order_line(item, 5, due_on=TODAY))
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    problem = build_problem(plan, NOW)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    return plan, item, Promiser(plan, problem, solution, id_maker(7))


def test_what_would_be_late_as_usual_is_promised_by_another_routing():
    plan, item, promiser = two_ways()
    # 300 minutes of the other order and 10 × 60 end at 900, by the end of the day at 960.
    usual = promiser.promise(Wish(item.id, Decimal(10), TODAY)).gentle
    assert (usual.finish_at, usual.told) == (at(900), ())
    # 11 × 60 more end at 960, 12 × 60 at 1020; 12 × 90 on the free machine at 1080: no better.
    late = promiser.promise(Wish(item.id, Decimal(12), TODAY)).gentle
    assert (late.finish_at, late.told) == (at(1020), ())
    # Wished for yesterday: 5 × 60 after the other order end at 600, 5 × 90 at 450.
    promise = promiser.promise(Wish(item.id, Decimal(5), TODAY - timedelta(days=1)))
    assert promise.gentle.finish_at == at(450)
    (told,) = promise.gentle.told
    assert (told.code, told.params["item"], told.params["routing"]) == ("wish_routing", "ITEM", "B")
    assert [row.routing for row in promise.gentle.rows if isinstance(row, WorkOrder)] == ["B"]
    # In front of the other order it is made as usual.
    assert (promise.rush.finish_at, promise.rush.told) == (at(300), ())
    assert violations(plan, promise.gentle) == violations(plan, promise.rush) == []


def test_what_would_be_late_made_is_promised_bought_if_that_is_sooner():
    plan, item, promiser = two_ways(may_buy=True)
    promise = promiser.promise(Wish(item.id, Decimal(50), TODAY))
    # 50 × 60 in front of all end at 3000, 50 × 90 at 4500; bought they are there at 1440.
    for offer in (promise.gentle, promise.rush):
        assert offer.finish_at == at(1440)
        (told,) = offer.told
        assert (told.code, told.params["quantity"]) == ("wish_buying", 50)
        assert violations(plan, offer) == []
    assert promise.rush.later_lines == ()
    in_time = promiser.promise(Wish(item.id, Decimal(50), TODAY + timedelta(days=9)))
    assert in_time.gentle.told == in_time.rush.told == ()


def test_what_is_bought_is_ordered_when_it_is_asked():
    plan, item, _ = two_ways(may_buy=True)
    problem = build_problem(plan, NOW)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    promiser = Promiser(plan, problem, solution, id_maker(7), asked_at=at(100))
    assert promiser.promise(Wish(item.id, Decimal(50), TODAY)).gentle.finish_at == at(1540)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 30))
def test_what_is_offered_otherwise_passes_the_checker_and_is_never_later(seed, quantity):
    plan, problem, solution = planned(seed, has_choices=True)
    assume(not problem.findings)
    made = [item for item in plan.table(Item).values() if item.type is ItemType.MAKE]
    promiser = Promiser(plan, problem, solution, id_maker(seed + 1))
    wish = Wish(made[seed % len(made)].id, Decimal(quantity), TODAY - timedelta(days=1))
    promise, usual = promiser.promise(wish), promiser._try(wish, frozenset())
    for offer, plain in zip((promise.gentle, promise.rush), usual.offers, strict=True):
        if plain is not None:
            assert offer.finish_at <= plain.finish_at
        if offer is not None:
            assert violations(plan, offer) == []

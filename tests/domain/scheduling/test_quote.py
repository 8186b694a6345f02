"""Quotes: both ways in the planner's terms, and nothing begins before it was asked."""

from __future__ import annotations

from decimal import Decimal

from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine, Wish
from domain.production import PlannedOrder
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.explain import Cause
from domain.scheduling.quote import Quoter
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
    make_order_line,
    make_plan,
    make_purchase_line,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    minutes,
)


def shop(*more, quantity=1):
    """Two orders of 300 minutes each on one machine that never rests, planned."""
    item, machine = make_item(), make_machine()
    step = make_routing_operation(item, run_minutes=300)
    lines = [make_order_line(item, quantity, line=str(n), due_on=TODAY) for n in (1, 2)]
    plan = make_plan(item, machine, step, make_routing_machine(step, machine), *lines, *more)
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    problem = build_problem(plan, NOW)
    scenario = make_scenario(published=True)
    plan.put(scenario)
    solution = dispatch(problem, urgency_of(problem), PLAIN)
    for row in bookings_from(problem, solution, plan, scenario, id_maker(2)):
        plan.put(row)
    return plan, scenario, item, machine


def test_both_ways_with_what_limits_them_and_what_they_cost():
    plan, scenario, item, machine = shop()
    quoter = Quoter(plan, scenario, NOW, id_maker(3))
    quote = quoter.quote(Wish(item.id, Decimal(2), TODAY))
    # The lines are done at 300 and 600 and due at 960. 600 minutes more end at 1200 behind them;
    # in front of them the second line ends at 1200, 240 late at weight 5.
    assert quote.value == 0
    assert (quote.gentle.finish_at, quote.gentle.late_minutes) == (at(1200), 240)
    assert (quote.gentle.later, quote.gentle.value_change) == ((), 0)
    causes = {(r.cause, r.machine_id, r.is_own): r.minutes for r in quote.gentle.reasons}
    assert causes == {
        (Cause.QUEUE, machine.id, False): 600,
        (Cause.RUN, machine.id, True): 600,
    }
    assert (quote.rush.finish_at, quote.rush.late_minutes) == (at(600), 0)
    ((line_id, later),) = quote.rush.later
    assert plan.get(OrderLine, line_id) is not None
    assert (later, quote.rush.value_change) == (240, 240 * 5)
    assert quoter.quote(Wish(item.id, Decimal(2), TODAY)).gentle.finish_at == at(1200), "no trace"


def test_nothing_begins_before_it_was_asked():
    plan, scenario, item, _ = shop()
    quoter = Quoter(plan, scenario, at(700), id_maker(3))
    quote = quoter.quote(Wish(item.id, Decimal(1), TODAY))
    assert quote.gentle.finish_at == quote.rush.finish_at == at(1000)
    assert [(r.cause, r.minutes) for r in quote.gentle.reasons] == [(Cause.RUN, 300)]


def test_material_that_comes_last_is_named():
    steel, made, machine = (
        make_bought(lead_time_days=9),
        make_item(code="MADE"),
        make_machine(code="M2"),
    )
    step = make_routing_operation(made, run_minutes=10)
    rows = [steel, made, machine, step, make_routing_machine(step, machine)]
    rows += [make_bom_line(made, steel), make_purchase_line(steel, 5)]
    plan, scenario, _, _ = shop(*rows)
    quote = Quoter(plan, scenario, NOW, id_maker(3)).quote(Wish(made.id, Decimal(1), TODAY))
    # The purchase is there three days later at 00:00, 16 hours into the third day from 08:00 on.
    assert quote.gentle.finish_at == NOW + minutes(2 * 1440 + 960 + 10)
    reason = quote.gentle.reasons[0]
    assert (reason.cause, reason.item_ids) == (Cause.MATERIAL, (steel.id,))


def test_there_is_no_answer_without_a_plan():
    plan, _, item, _ = shop()
    empty = make_scenario(name="Empty")
    assert Quoter(plan, empty, NOW, id_maker(3)).quote(Wish(item.id, Decimal(1), TODAY)) is None


def test_work_that_is_not_planned_yet_comes_behind_the_plan():
    plan, scenario, item, _ = shop()
    plan.put(make_order_line(item, line="3", due_on=TODAY))
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(9))))
    quote = Quoter(plan, scenario, NOW, id_maker(3)).quote(Wish(item.id, Decimal(1), TODAY))
    # The third line's 300 minutes follow the 600 that are planned; the wish's own come last.
    assert quote.value == 0
    assert quote.gentle.finish_at == at(1200)


def test_what_is_bought_for_a_late_wish_is_said_and_waited_for():
    made, machine = make_item(code="MADE", may_buy=True, lead_time_days=2), make_machine(code="M2")
    step = make_routing_operation(made, run_minutes=1000)
    rows = [made, machine, step, make_routing_machine(step, machine)]
    plan, scenario, _, _ = shop(*rows)
    quoter = Quoter(plan, scenario, NOW, id_maker(3))
    quote = quoter.quote(Wish(made.id, Decimal(5), TODAY))
    # 5000 minutes to make it, 2880 to buy it.
    assert quote.gentle.finish_at == quote.rush.finish_at == at(2880)
    assert [(f.code, f.params["quantity"]) for f in quote.gentle.told] == [("wish_buying", 5)]
    assert [(r.cause, r.item_ids, r.minutes) for r in quote.gentle.reasons] == [
        (Cause.MATERIAL, (made.id,), 2880)
    ]
    assert plan.table(PlannedOrder) == {}, "no trace"

"""What is bought for a plan stays with the work it is for, whatever is mended."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from domain.happenings import Happening, HappeningKind
from domain.items import Item
from domain.plan import Plan
from domain.production import DemandKind, Peg, PlannedOrder, SupplyKind
from domain.resources import Machine
from domain.scenarios import Booking
from tests.app.test_mend_run import offers
from tests.builders import (
    TODAY,
    at,
    make_bom_line,
    make_bought,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_plant,
    make_routing_machine,
    make_routing_operation,
    make_stock,
)
from tests.domain.scheduling.test_mend import published


def shop() -> Plan:
    """Five parts are in stock, as many as always shall be; an order takes them, and what is bought
    in three days fills the stock up again."""
    item, machine, other = make_item(), make_machine(code="A"), make_machine(code="B")
    part = make_bought(code="PART", safety_stock=Decimal(5), lead_time_days=Decimal(3))
    step = make_routing_operation(item, run_minutes=100)
    return published(
        make_plan(
            *(make_plant(home=True), item, part, machine, other, step),
            *(make_routing_machine(step, machine), make_bom_line(item, part)),
            *(make_stock(part, 5), make_order_line(item, 5, due_on=TODAY)),
        )
    )


def test_where_nothing_is_hit_nothing_moves_and_no_material_changes_hands() -> None:
    # The order is begun at once with what is in stock. Were the purchase held firm, it would be
    # pegged to the order and the stock kept: the order would wait for three days, 4320 minutes.
    plan = shop()
    (booking,) = plan.table(Booking).values()
    assert booking.run_start_at == at(0)
    other = plan.one(Machine, code="B")
    stop = Happening(HappeningKind.BREAKDOWN, other.id, start_at=at(50000), end_at=at(50100))
    for offer in offers(plan, stop).values():
        assert (offer.error, offer.moved) == (None, 0)
        after = plan.copy()
        after.apply(offer.changes)
        assert [each.run_start_at for each in after.table(Booking).values()] == [at(0)]
        assert pegged(after) == pegged(plan)
        assert list(after.table(PlannedOrder)) == list(plan.table(PlannedOrder))


def pegged(plan: Plan) -> set[tuple[SupplyKind, DemandKind, Decimal]]:
    pegs = plan.table(Peg).values()
    return {(peg.supply_kind, peg.demand_kind, peg.quantity) for peg in pegs}


def test_what_is_to_be_bought_grows_with_what_is_needed() -> None:
    # Two more for next week: five that are bought fill the stock up, two are for the rush order.
    plan = shop()
    made = plan.one(Item, code="ITEM")
    rush = Happening(
        HappeningKind.RUSH,
        made.id,
        quantity=Decimal(2),
        due_on=TODAY + timedelta(days=7),
        order_number="R",
    )
    for offer in offers(plan, rush).values():
        assert (offer.error, offer.moved) == (None, 0)
        after = plan.copy()
        after.apply(offer.changes)
        assert sum(order.quantity for order in after.table(PlannedOrder).values()) == 7
        starts = sorted(booking.run_start_at for booking in after.table(Booking).values())
        assert starts == [at(0), at(4320)]

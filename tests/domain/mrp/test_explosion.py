from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.items import ItemType, LotRule
from domain.mrp import explode, mrp_changes
from domain.orders import OrderStatus
from domain.production import DemandKind, Operation, Peg, SupplyKind, WorkOrder, WorkStatus
from domain.scenarios import Booking
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_bom_line,
    make_booking,
    make_bought,
    make_conversion,
    make_item,
    make_machine,
    make_operation,
    make_order_line,
    make_peg,
    make_plan,
    make_planned_order,
    make_purchase_line,
    make_routing_operation,
    make_scenario,
    make_stock,
    make_work_center,
    make_work_order,
)


def made(**changes):
    """A make item with a one-minute operation, and all rows that belong to it."""
    item = make_item(**changes)
    center = make_work_center(code=f"WC-{item.code}")
    machine = make_machine(code=f"M-{item.code}", work_center_id=center.id)
    return item, [item, center, machine, make_routing_operation(item, work_center_id=center.id)]


def day(count):
    return TODAY + timedelta(days=count)


def run(*rows, now_at=NOW):
    plan = make_plan(*rows)
    return plan, explode(plan, now_at, id_maker())


def codes(found):
    return [finding.code for finding in found.findings]


def quantities(rows):
    return [row.quantity for row in rows]


def test_scrap_units_and_component_scrap():
    raw = make_bought(code="WIRE", unit="m")
    item, rows = made(scrap_ratio=Decimal("0.05"))
    bom = make_bom_line(item, raw, 150, unit="cm", scrap_ratio=Decimal("0.04"))
    line = make_order_line(item, 5, unit="box")
    conversions = [make_conversion(raw, "cm", "0.01"), make_conversion(item, "box", 20)]
    _, found = run(*rows, raw, bom, line, *conversions)
    (order,) = found.work_orders
    # 5 boxes of 20 are 100; ceil(100 / 0.95) = 106; floor(106 × 0.95) = 100.
    assert (order.quantity, order.good_quantity) == (106, 100)
    (purchase,) = found.planned_orders
    # 106 × 1.5 m / 0.96 = 165.625 m, exactly.
    assert purchase.quantity == Decimal("165.625")


def test_unending_fraction_is_rounded_up_never_down():
    raw = make_bought(unit="kg")
    item, rows = made()
    bom = make_bom_line(item, raw, 1, scrap_ratio=Decimal("0.1"))
    _, found = run(*rows, raw, bom, make_order_line(item, 10))
    # 10 / 0.9 = 11.111…
    assert quantities(found.planned_orders) == [Decimal("11.111112")]


def test_only_confirmed_lines_by_due_date_then_priority():
    item, rows = made()
    lines = [
        make_order_line(item, 4, line="1", due_on=day(5), priority=5),
        make_order_line(item, 4, line="2", due_on=day(5), priority=1),
        make_order_line(item, 4, line="3", due_on=day(1), priority=9),
        make_order_line(item, 4, line="4", due_on=day(0), status=OrderStatus.DRAFT),
    ]
    stock = make_stock(item, 6)
    _, found = run(*rows, *lines, stock)
    served = {
        (lines.index(next(li for li in lines if li.id == peg.demand_id)) + 1, peg.quantity)
        for peg in found.pegs
        if peg.supply_kind is SupplyKind.STOCK
    }
    assert served == {(3, 4), (2, 2)}
    assert sorted(quantities(found.work_orders)) == [2, 4]


def test_numbers_follow_the_due_dates():
    item, rows = made()
    lines = [make_order_line(item, n, line=str(n), due_on=day(9 - n)) for n in (1, 2, 3)]
    _, found = run(*rows, *lines)
    assert [(o.number, o.quantity) for o in found.work_orders] == [
        ("WO-000001", 3),
        ("WO-000002", 2),
        ("WO-000003", 1),
    ]


def test_fixed_lot_serves_several_lines_and_the_rest_later_demand():
    item, rows = made(lot_rule=LotRule.FOQ, lot_size=Decimal(50))
    lines = [make_order_line(item, 40, line=str(n), due_on=day(n)) for n in (1, 2, 3)]
    _, found = run(*rows, *lines)
    # 120 needs three lots of 50: the second is made for line 2, the third for line 3.
    assert quantities(found.work_orders) == [50, 50, 50]
    first = [p.quantity for p in found.pegs if p.supply_id == found.work_orders[0].id]
    assert sorted(first) == [10, 40]


def test_large_requirement_takes_several_fixed_lots():
    item, rows = made(lot_rule=LotRule.FOQ, lot_size=Decimal(50))
    _, found = run(*rows, make_order_line(item, 120))
    assert quantities(found.work_orders) == [50, 50, 50]


def test_period_lot_covers_the_days_from_the_first_uncovered_need():
    item, rows = made(lot_rule=LotRule.POQ, lot_size=Decimal(7))
    lines = [make_order_line(item, 10, line=str(n), due_on=day(n)) for n in (2, 3, 8, 9, 15, 16)]
    stock = make_stock(item, 5)
    _, found = run(*rows, *lines, stock)
    # Days 2-8 share a lot of 5 + 10 + 10, days 9-15 one of 20, day 16 one of 10.
    assert quantities(found.work_orders) == [25, 20, 10]


def test_period_lot_leaves_out_what_a_receipt_will_cover():
    item, rows = made(lot_rule=LotRule.POQ, lot_size=Decimal(7))
    lines = [make_order_line(item, 10, line=str(n), due_on=day(n)) for n in (2, 5, 6)]
    receipt = make_purchase_line(item, 12, due_on=day(4))
    _, found = run(*rows, *lines, receipt)
    assert quantities(found.work_orders) == [18]


def test_minimum_and_multiple_round_up_together():
    item, rows = made(minimum=Decimal(25), multiple=Decimal(10))
    _, found = run(*rows, make_order_line(item, 4, due_on=day(1)), make_order_line(item, 33))
    # The minimum of 25 becomes 30; 26 of it are left, so 7 are missing: again 30.
    assert quantities(found.work_orders) == [30, 30]


def test_min_max_fills_up_even_without_orders():
    item, rows = made(lot_rule=LotRule.MINMAX, minimum=Decimal(20), lot_size=Decimal(100))
    _, found = run(*rows, make_stock(item, 19))
    assert quantities(found.work_orders) == [81]
    _, found = run(*rows, make_stock(item, 20))
    assert found.work_orders == []


def test_rule_without_its_lot_size_works_lot_for_lot_and_says_so():
    item, rows = made(lot_rule=LotRule.FOQ)
    _, found = run(*rows, make_order_line(item, 7))
    assert quantities(found.work_orders) == [7]
    assert "lot_size_missing" in codes(found)


@pytest.mark.parametrize("kind", [ItemType.MAKE, ItemType.BUY])
def test_safety_stock_is_a_requirement_now(kind):
    item, rows = made(type=kind, safety_stock=Decimal(30))
    _, found = run(*rows, make_stock(item, 12))
    orders = found.work_orders or found.planned_orders
    assert quantities(orders) == [18]
    assert [p.demand_kind for p in found.pegs] == [DemandKind.SAFETY_STOCK] * 2
    assert "below_safety" in codes(found)


@pytest.mark.parametrize(
    ("due_in", "made_for", "lots"),
    [(-2, {"order": 5, "safety": 10}, [5, 10]), (0, {"order": 15}, [15])],
)
def test_what_is_overdue_comes_before_the_safety_stock_what_is_due_now_after_it(
    due_in, made_for, lots
):
    item, rows = made(safety_stock=Decimal(10))
    line = make_order_line(item, 15, due_on=day(due_in))
    _, found = run(*rows, line, make_stock(item, 10))
    assert sorted(quantities(found.work_orders)) == lots
    pegs = [peg for peg in found.pegs if peg.supply_kind is SupplyKind.WORK_ORDER]
    names = {DemandKind.ORDER_LINE: "order", DemandKind.SAFETY_STOCK: "safety"}
    assert {names[peg.demand_kind]: peg.quantity for peg in pegs} == made_for


def test_an_order_that_would_wait_is_lent_the_safety_stock():
    item, rows = made(safety_stock=Decimal(20))
    line = make_order_line(item, 15, due_on=day(1))
    stock = make_stock(item, 20)
    _, found = run(*rows, line, stock)
    assert quantities(found.work_orders) == [15]
    by_demand = {(p.supply_kind, p.demand_kind): p.quantity for p in found.pegs}
    assert by_demand == {
        (SupplyKind.STOCK, DemandKind.ORDER_LINE): 15,
        (SupplyKind.STOCK, DemandKind.SAFETY_STOCK): 5,
        (SupplyKind.WORK_ORDER, DemandKind.SAFETY_STOCK): 15,
    }


def test_phantom_uses_its_stock_then_its_components():
    raw = make_bought()
    kit = make_item(code="KIT", type=ItemType.PHANTOM)
    item, rows = made()
    bom = [make_bom_line(item, kit, 2), make_bom_line(kit, raw, 3)]
    _, found = run(*rows, raw, kit, *bom, make_stock(kit, 4), make_order_line(item, 10))
    # 20 kits, 4 of them there: 16 × 3.
    assert quantities(found.planned_orders) == [48]
    (order,) = found.work_orders
    to_order = [p for p in found.pegs if p.demand_id == order.id]
    assert sorted(p.quantity for p in to_order) == [4, 48]
    assert {p.operation_id for p in to_order} == {found.operations[0].id}


def test_component_goes_to_the_operation_that_takes_it():
    raw = make_bought()
    item, rows = made()
    second = make_routing_operation(item, 20, subcontract_days=Decimal(1))
    bom = make_bom_line(item, raw, 1, operation_number=20)
    _, found = run(*rows, second, raw, bom, make_order_line(item, 3))
    taker = next(o for o in found.operations if o.number == 20)
    assert [p.operation_id for p in found.pegs if p.item_id == raw.id] == [taker.id]


def test_receipt_is_used_if_in_time_or_sooner_than_a_new_supply():
    raw = make_bought(lead_time_days=Decimal(5))
    line = make_order_line(raw, 10, due_on=day(2))
    sooner, later = (make_purchase_line(raw, 10, due_on=day(n)) for n in (4, 9))
    _, found = run(raw, line, sooner)
    assert (found.planned_orders, codes(found)) == ([], ["reschedule_in"])
    _, found = run(raw, line, later)
    assert quantities(found.planned_orders) == [10]
    assert codes(found) == ["release_past_due", "cancel_order"]


def test_published_case_reschedule_in():
    """Lot 200, lead time 4, opening 100, receipts of 200 in periods 2 and 4 (homeworksource)."""
    item = make_bought(lead_time_days=Decimal(4), lot_rule=LotRule.FOQ, lot_size=Decimal(200))
    demand = [50, 125, 150, 60, 40]
    lines = [make_order_line(item, q, line=str(n), due_on=day(n)) for n, q in enumerate(demand)]
    receipts = [make_purchase_line(item, 200, line=str(n), due_on=day(n)) for n in (1, 3)]
    _, found = run(item, *lines, *receipts, make_stock(item, 100))
    (message,) = [f for f in found.findings if f.code == "reschedule_in"]
    assert found.planned_orders == []
    assert message.refs[0] == receipts[1].id
    assert (message.params["from_on"], message.params["to_on"]) == (day(3), day(2))


def test_planned_purchase_is_there_after_its_lead_time():
    raw = make_bought(lead_time_days=Decimal("1.5"))
    _, found = run(raw, make_order_line(raw, 1, due_on=day(30)))
    (order,) = found.planned_orders
    assert (order.order_at, order.due_at) == (NOW, NOW + timedelta(hours=36))


def test_expired_stock_does_not_serve():
    raw = make_bought()
    lots = [
        make_stock(raw, 5, lot="old", expires_on=TODAY),
        make_stock(raw, 5, lot="soon", expires_on=day(3)),
        make_stock(raw, 5, lot="good"),
    ]
    lines = [make_order_line(raw, 4, line=str(n), due_on=day(n)) for n in (1, 8)]
    _, found = run(raw, *lots, *lines)
    pegs = {(p.supply_id, p.demand_id): p.quantity for p in found.pegs}
    assert pegs == {(lots[1].id, lines[0].id): 4, (lots[2].id, lines[1].id): 4}
    assert codes(found) == ["stock_expired"]


def test_bill_of_material_of_the_release_day():
    old, new = make_bought(code="OLD"), make_bought(code="NEW")
    item, rows = made()
    bom = [
        make_bom_line(item, old, valid_to_on=day(9)),
        make_bom_line(item, new, valid_from_on=day(10)),
    ]
    lines = [make_order_line(item, 1, line=str(n), due_on=day(n)) for n in (3, 20)]
    _, found = run(*rows, old, new, *bom, *lines)
    first, second = found.work_orders
    used = {p.demand_id: p.item_id for p in found.pegs if p.demand_kind is DemandKind.WORK_ORDER}
    assert used == {first.id: old.id, second.id: new.id}
    assert (first.release_on, second.release_on) == (day(3), day(20))
    # It may not start before its bill of material holds (16:00 UTC is 00:00 in Shanghai).
    assert first.earliest_start_at is None
    assert second.earliest_start_at == NOW + timedelta(days=9, hours=16)


def test_earliest_start_goes_to_work_orders_of_that_line_alone():
    part, part_rows = made(code="PART", lot_rule=LotRule.FOQ, lot_size=Decimal(4))
    item, rows = made(code="TOP")
    bom = make_bom_line(item, part, 1)
    late = make_order_line(item, 2, line="1", due_on=day(5), earliest_start_at=at(3000))
    other = make_order_line(item, 2, line="2", due_on=day(6))
    third = make_order_line(item, 4, line="3", due_on=day(7), earliest_start_at=at(4000))
    _, found = run(*rows, *part_rows, bom, late, other, third)
    tops = sorted((o for o in found.work_orders if o.item_id == item.id), key=lambda o: o.due_at)
    assert [o.earliest_start_at for o in tops] == [at(3000), None, at(4000)]
    shared, own = sorted(
        (o for o in found.work_orders if o.item_id == part.id), key=lambda o: o.due_at
    )
    assert (shared.earliest_start_at, own.earliest_start_at) == (None, at(4000))


def test_subcontracted_item_with_and_without_routing():
    raw = make_bought(code="RAW", lead_time_days=Decimal(3))
    item = make_item(code="SUB", type=ItemType.SUBCONTRACT, lead_time_days=Decimal(4))
    bom = make_bom_line(item, raw, 2)
    line = make_order_line(item, 5)
    _, found = run(item, raw, bom, line)
    sub, bought = sorted(found.planned_orders, key=lambda o: o.quantity)
    assert (sub.quantity, bought.quantity, found.work_orders) == (5, 10, [])
    # It is ordered when its material is there.
    assert (sub.order_at, sub.due_at) == (bought.due_at, bought.due_at + timedelta(days=4))
    assert [p.demand_kind for p in found.pegs if p.item_id == raw.id] == [DemandKind.PLANNED_ORDER]
    step = make_routing_operation(item, subcontract_days=Decimal(4))
    _, found = run(item, raw, bom, line, step)
    assert (quantities(found.work_orders), len(found.operations)) == ([5], 1)


def test_standing_orders_are_supplies_and_ask_for_their_components():
    raw = make_bought()
    item, rows = made()
    firm = make_work_order(item, 8, number="WO-000041", status=WorkStatus.RELEASED, due_at=at(0))
    step = rows[-1]
    operation = make_operation(firm, step)
    bought = make_planned_order(raw, 5, firm=True, number="PL-000009")
    bom = make_bom_line(item, raw, 1)
    plan, found = run(*rows, firm, operation, raw, bom, bought, make_order_line(item, 10))
    (order,) = found.work_orders
    assert (order.quantity, order.number) == (2, "WO-000042")
    # 8 for the standing order now, 5 of them on order; 2 for the new one, which is due later.
    assert [(p.number, p.quantity) for p in found.planned_orders] == [
        ("PL-000010", 3),
        ("PL-000011", 2),
    ]
    taken = [p for p in found.pegs if p.demand_id == firm.id]
    assert sum(p.quantity for p in taken) == 8
    assert {p.operation_id for p in taken} == {operation.id}
    plan.apply(mrp_changes(plan, found))
    assert plan.get(WorkOrder, firm.id) == firm


def test_standing_order_that_nobody_needs_is_reported():
    item, rows = made()
    firm = make_work_order(item, 8, status=WorkStatus.FIRM)
    _, found = run(*rows, firm)
    assert codes(found) == ["cancel_order"]
    _, found = run(*rows, firm, make_order_line(item, 5))
    assert codes(found) == ["decrease_order"]


@pytest.mark.parametrize("broken", ["routing", "machine", "unit", "cycle"])
def test_what_can_not_be_made_is_named_and_the_rest_is_planned(broken):
    part, part_rows = made(code="PART")
    item, rows = made(code="TOP")
    fine, fine_rows = made(code="FINE")
    raw = make_bought()
    bom = [make_bom_line(item, part, 1), make_bom_line(item, raw, 1), make_bom_line(part, raw, 1)]
    code = {
        "routing": "routing_missing",
        "machine": "machine_missing",
        "unit": "component_unit",
        "cycle": "bom_cycle",
    }[broken]
    if broken == "routing":
        part_rows.pop()
    elif broken == "machine":
        part_rows.pop(2)
    elif broken == "unit":
        bom[2] = replace(bom[2], unit="barrel")
    else:
        bom.append(make_bom_line(part, item, 1))
    lines = [make_order_line(item, 3, line="1"), make_order_line(fine, 4, line="2")]
    _, found = run(*rows, *part_rows, *fine_rows, raw, *bom, *lines)
    assert [(o.item_id, o.quantity) for o in found.work_orders] == [(fine.id, 4)]
    assert found.planned_orders == []
    assert code in codes(found)
    (lost,) = [f for f in found.findings if f.code == "order_line_unplanned"]
    assert lost.params == {"order": "SO-1/1"}
    if broken == "cycle":
        (cycle,) = [f for f in found.findings if f.code == "bom_cycle"]
        assert cycle.params["path"] in {"TOP → PART → TOP", "PART → TOP → PART"}


def test_stock_of_what_can_not_be_made_still_serves():
    item = make_item()
    lines = [make_order_line(item, 3, line=str(n), due_on=day(n)) for n in (1, 2)]
    _, found = run(item, *lines, make_stock(item, 4))
    assert [(p.demand_id, p.quantity) for p in found.pegs] == [(lines[0].id, 3)]
    assert sorted(codes(found)) == ["order_line_unplanned", "routing_missing"]


def test_order_line_in_an_unknown_unit_is_named():
    item, rows = made()
    _, found = run(*rows, make_order_line(item, 3, unit="crate"))
    assert (found.work_orders, codes(found)) == ([], ["unit_unknown", "order_line_unplanned"])


def test_next_run_keeps_what_stays_and_takes_bookings_of_what_goes():
    item, rows = made()
    lines = [make_order_line(item, n, line=str(n), due_on=day(n)) for n in (1, 2)]
    plan, found = run(*rows, *lines)
    plan.apply(mrp_changes(plan, found))
    scenario = make_scenario()
    machine = rows[2]
    for index, operation in enumerate(found.operations):
        times = (index * 10, index * 10, index * 10 + 1)
        plan.put(make_booking(scenario, operation, machine, times))
    plan.put(scenario)
    assert len(mrp_changes(plan, explode(plan, NOW, id_maker(9)))) == 0
    plan.drop(type(lines[0]), lines[0].id)
    changes = mrp_changes(plan, explode(plan, NOW, id_maker(9)))
    assert all(change.after is None for change in changes)
    kinds = [change.kind for change in changes]
    assert kinds.index(Booking) < kinds.index(Operation) < kinds.index(WorkOrder)
    assert kinds.index(Peg) < kinds.index(WorkOrder)
    plan.apply(changes)
    (left,) = plan.table(WorkOrder).values()
    assert (left.number, left.quantity) == ("WO-000002", 2)
    assert len(plan.table(Booking)) == 1


def test_what_is_bought_instead_of_made_serves_what_it_was_proposed_for():
    """It comes after four days for a line that is due on the first; the order that is made for the
    line of the second day would not come sooner if they changed places."""
    item, rows = made(may_buy=True, lead_time_days=Decimal(4))
    first = make_order_line(item, 10, line="1", due_on=day(0))
    second = make_order_line(item, 12, line="2", due_on=day(1))
    bought = make_planned_order(item, 10, due_at=at(4 * 1440), firm=True)
    made_order = make_work_order(item, 12, due_at=at(2 * 1440), status=WorkStatus.FIRM)
    pegs = [make_peg(bought, first, 10), make_peg(made_order, second, 12)]
    _, found = run(*rows, first, second, bought, made_order, *pegs)
    served = {(peg.supply_id, peg.demand_id): peg.quantity for peg in found.pegs}
    assert served == {(bought.id, first.id): 10, (made_order.id, second.id): 12}


def test_what_is_bought_stays_with_an_order_that_is_wanted_sooner_than_it_is_due():
    """The order due last serves the line of tomorrow, the other one a line in ten days. Each has a
    part that is bought instead of made, and keeps it."""
    part, part_rows = made(code="PART", may_buy=True, lead_time_days=Decimal(1))
    rows, firm, bought, pegs = [*part_rows, part], [], [], []
    for code, wanted, due in (("A", 1, 20), ("B", 10, 10)):
        item, more = made(code=code)
        line = make_order_line(item, 1, due_on=day(wanted))
        firm.append(make_work_order(item, 1, status=WorkStatus.FIRM, due_at=at(due * 1440)))
        bought.append(make_planned_order(part, 1, due_at=at(1440), firm=True))
        pegs += [make_peg(firm[-1], line, 1), make_peg(bought[-1], firm[-1], 1)]
        rows += [*more, make_bom_line(item, part), line]
    _, found = run(*rows, *firm, *bought, *pegs)
    served = {peg.demand_id: peg.supply_id for peg in found.pegs if peg.item_id == part.id}
    assert served == {order.id: own.id for order, own in zip(firm, bought, strict=True)}


def test_a_second_run_leaves_orders_alone_that_have_become_alike():
    # 5 and 4 pieces for one day; then 4 and 4. What was 4 for the second line is 4 for the first.
    item, rows = made()
    lines = [make_order_line(item, pieces, line=str(5 - pieces)) for pieces in (5, 4)]
    plan, found = run(*rows, *lines)
    plan.apply(mrp_changes(plan, found))
    plan.put(replace(lines[0], quantity=Decimal(4)))
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(2))))
    served = {
        peg.demand_id: plan.need(WorkOrder, peg.supply_id) for peg in plan.table(Peg).values()
    }
    assert [served[line.id].number for line in lines] == ["WO-000001", "WO-000002"]
    assert len(mrp_changes(plan, explode(plan, NOW, id_maker(3)))) == 0


def test_what_a_standing_order_is_made_of_is_wanted_when_what_it_serves_is():
    """A firm order due in nine days serves a line of tomorrow; another line wants the same part in
    five days. The part that is there goes to the first, and the other's is bought."""
    part = make_bought(code="PART", lead_time_days=Decimal(3))
    item, rows = made(code="A")
    other, more = made(code="B")
    lines = [make_order_line(item, 1, due_on=day(1)), make_order_line(other, 1, due_on=day(5))]
    boms = [make_bom_line(each, part) for each in (item, other)]
    firm = make_work_order(item, 1, status=WorkStatus.FIRM, due_at=at(9 * 1440))
    _, found = run(*rows, *more, part, make_stock(part, 1), *boms, *lines, firm)
    given = {peg.supply_kind: peg.demand_id for peg in found.pegs if peg.item_id == part.id}
    assert given[SupplyKind.STOCK] == firm.id
    (order,) = found.work_orders
    assert given[SupplyKind.PLANNED_ORDER] == order.id


@pytest.mark.parametrize("is_lent", [False, True])
def test_lots_change_hands_for_what_is_new_only(is_lent):
    """Two lines have changed places in time since their lots were made; nobody else wants any."""
    item, rows = made(code="A")
    lines = [make_order_line(item, 5, line=str(n), due_on=day(n)) for n in (2, 9)]
    plan, found = run(*rows, *lines)
    plan.apply(mrp_changes(plan, found))
    served = {peg.demand_id: peg.supply_id for peg in found.pegs}
    for order in list(plan.table(WorkOrder).values()):
        plan.put(replace(order, status=WorkStatus.FIRM))
    for line, due_on in zip(lines, (day(9), day(2)), strict=True):
        plan.put(replace(line, due_on=due_on))
    lots = set(plan.table(WorkOrder))
    found = explode(plan, NOW, id_maker(2), lots, lent=lots if is_lent else ())
    assert {peg.demand_id: peg.supply_id for peg in found.pegs} == served


def assembled(*, part_rule, dues):
    """Two lines of one assembly, whose part of the second has begun: plan, item, lines, part."""
    part, rows = made(code="PART", **part_rule)
    item, more = made(code="ASM")
    lines = [make_order_line(item, 1, line=str(n), due_on=day(due)) for n, due in enumerate(dues)]
    plan, found = run(*rows, *more, make_bom_line(item, part), *lines)
    plan.apply(mrp_changes(plan, found))
    (begun,) = parts_of(plan, lines[1])
    plan.put(replace(plan.need(WorkOrder, begun), status=WorkStatus.FIRM))
    return plan, item, lines, begun


def parts_of(plan, line):
    """The supplies of the orders that serve a line."""
    orders = {peg.supply_id for peg in plan.where(Peg, demand_id=line.id)}
    return {peg.supply_id for peg in plan.table(Peg).values() if peg.demand_id in orders}


def exploded_with_begun(plan, begun, seed):
    found = explode(plan, at(1), id_maker(seed), {begun}, lent={begun}, stay={begun})
    return mrp_changes(plan, found)


MIN_ONE = {"lot_rule": LotRule.MINMAX, "lot_size": Decimal(1), "minimum": Decimal(1)}


@pytest.mark.parametrize("part_rule", [{}, MIN_ONE])
def test_a_part_that_has_begun_stays_with_the_proposal_that_it_is_for(part_rule):
    """Two assemblies want a part each. That of the later one has begun: the sooner one has none."""
    plan, _, lines, begun = assembled(part_rule=part_rule, dues=(5, 9))
    before = parts_of(plan, lines[0])
    plan.apply(exploded_with_begun(plan, begun, 2))
    assert parts_of(plan, lines[1]) == {begun}
    assert parts_of(plan, lines[0]) == before


@pytest.mark.parametrize(
    ("dues", "moved", "priority", "has_rush"),
    [
        ((9, 9), 9, 1, False),
        ((5, 9), 5, 1, False),
        ((5, 9), 2, 5, False),
        ((5, 9), 9, 5, True),
        ((9, 9), 9, 5, True),
    ],
)
def test_a_part_that_has_begun_is_for_whom_it_was_made_or_for_what_is_new_and_sooner(
    dues, moved, priority, has_rush
):
    """The line that it is for becomes more urgent, so that another one is as that was; or a rush
    order takes its place, wanted as much as another one was."""
    plan, item, lines, begun = assembled(part_rule={}, dues=dues)
    line = replace(lines[1], due_on=day(moved), priority=priority)
    plan.put(line)
    if has_rush:
        line = make_order_line(item, 1, line="RUSH", due_on=day(dues[0]), priority=1)
        plan.put(line)
        plan.put(replace(lines[0], due_on=day(20)))
    plan.apply(exploded_with_begun(plan, begun, 2))
    assert parts_of(plan, line) == {begun}
    assert len(exploded_with_begun(plan, begun, 3)) == 0


def test_what_fills_safety_stock_wants_its_parts_no_sooner_than_it_is_due():
    """A firm order due in nine days fills the safety stock, which is wanted now, and a line needs
    the same part in five days: that gets the one that is there."""
    part = make_bought(code="PART", lead_time_days=Decimal(3))
    item, rows = made(code="A", safety_stock=Decimal(1))
    other, more = made(code="B")
    line = make_order_line(other, 1, due_on=day(5))
    boms = [make_bom_line(each, part) for each in (item, other)]
    firm = make_work_order(item, 1, status=WorkStatus.FIRM, due_at=at(9 * 1440))
    _, found = run(*rows, *more, part, make_stock(part, 1), *boms, line, firm)
    (order,) = found.work_orders
    given = {peg.demand_id: peg.supply_kind for peg in found.pegs if peg.item_id == part.id}
    assert given == {order.id: SupplyKind.STOCK, firm.id: SupplyKind.PLANNED_ORDER}


@pytest.mark.parametrize("has_begun", [False, True])
def test_settled_lots_stay_with_whom_they_are_for_but_what_has_begun_serves_a_rush(has_begun):
    item, rows = made(code="A")
    line = make_order_line(item, 5, due_on=day(9))
    plan, found = run(*rows, line)
    plan.apply(mrp_changes(plan, found))
    (lot,) = plan.table(WorkOrder).values()
    plan.put(replace(lot, status=WorkStatus.FIRM))
    rush = make_order_line(item, 5, line="2", due_on=day(2))
    plan.put(rush)
    begun = {lot.id} if has_begun else set()
    found = explode(plan, NOW, id_maker(2), {lot.id}, lent=begun)
    (new,) = found.work_orders
    served = {peg.demand_id: peg.supply_id for peg in found.pegs}
    assert (
        served == {rush.id: lot.id, line.id: new.id}
        if has_begun
        else {
            rush.id: new.id,
            line.id: lot.id,
        }
    )


@pytest.mark.parametrize("held_at", range(5))
def test_material_that_held_work_keeps_does_not_change_the_lots_of_others(held_at):
    """Five firm orders want 7.25 kg each, 28 are there; below 6 it is filled up to 40. Whoever of
    them keeps what it has, as much is bought as before."""
    part = make_bought(
        code="PART", unit="kg", lot_rule=LotRule.MINMAX, lot_size=Decimal(40), minimum=Decimal(6)
    )
    item, rows = made(code="A")
    firm = [
        make_work_order(
            item, 1, number=f"WO-{n}", status=WorkStatus.FIRM, due_at=at((3 + n) * 1440)
        )
        for n in range(5)
    ]
    lines = [make_order_line(item, 1, line=str(n), due_on=day(3 + n)) for n in range(5)]
    bom = make_bom_line(item, part, "7.25", unit="kg")
    plan, found = run(*rows, part, make_stock(part, 28), bom, *lines, *firm)
    plan.apply(mrp_changes(plan, found))
    assert len(plan.where(Peg, item_id=part.id)) > 5
    again = explode(plan, NOW, id_maker(2), {firm[held_at].id})
    assert len(mrp_changes(plan, again)) == 0

"""One valid schedule by hand, and for every rule a change that breaks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.errors import Severity
from domain.routings import BreakRule
from domain.scheduling.check_facts import Worked
from domain.scheduling.checks import check_plan, first_error
from tests.builders import (
    NOW,
    TODAY,
    at,
    make_bom_line,
    make_booking,
    make_bought,
    make_calendar,
    make_changeover,
    make_downtime,
    make_item,
    make_machine,
    make_operation,
    make_operator,
    make_order_line,
    make_peg,
    make_plan,
    make_planned_order,
    make_purchase_line,
    make_routing_operation,
    make_scenario,
    make_stock,
    make_tool,
    make_week,
    make_work_center,
    make_work_order,
)


class Shop:
    """Two work orders of one item over four operations; times in minutes after 08:00 of day one.

    Milling works 08:00-17:00, that is [0, 540), [1440, 1980), …; welding round the clock.

    ========== ======== ==================== ==========================================
    W1 (100)   milling  30 setup, 30-230     2 min each, first on the machine
    W2 (100)   milling  230-430              same item and operation: no setup
    W1         welding  245-345              15 min wait after milling; two welders
    W2         welding  445-545
    W1         coating  345-1785             one day, subcontracted
    W2         coating  545-1985
    ========== ======== ==================== ==========================================
    """

    def __init__(self) -> None:
        self.day = make_calendar()
        self.center = make_work_center()
        self.mill = make_machine(
            code="MILL", work_center_id=self.center.id, calendar_id=self.day.id
        )
        self.weld = make_machine(code="WELD")
        self.other_center = make_work_center(code="W2")
        self.weld = replace(self.weld, work_center_id=self.other_center.id)
        self.ann = make_operator("weld", code="ANN")
        self.bob = make_operator("weld", "mill", code="BOB", calendar_id=self.day.id)
        self.raw = make_bought(code="RAW", lead_time_days=Decimal(0))
        self.bolt = make_bought(code="BOLT", lead_time_days=Decimal("0.125"))
        self.item = make_item(code="A", family="red")
        self.steps = [
            make_routing_operation(
                self.item,
                10,
                work_center_id=self.center.id,
                setup_minutes=Decimal(30),
                run_minutes=Decimal(2),
                wait_minutes=Decimal(15),
            ),
            make_routing_operation(
                self.item, 20, work_center_id=self.other_center.id, skill="weld", operators=2
            ),
            make_routing_operation(self.item, 30, subcontract_days=Decimal(1)),
        ]
        self.raw_line = make_bom_line(self.item, self.raw, 2)
        self.bolt_line = make_bom_line(self.item, self.bolt, 4, operation_number=20)
        self.orders = [
            make_work_order(self.item, 100, number=number, release_on=TODAY)
            for number in ("W1", "W2")
        ]
        self.work = [[make_operation(order, s) for s in self.steps] for order in self.orders]
        self.stock = make_stock(self.raw, 250)
        self.purchase = make_purchase_line(self.raw, 150, due_on=TODAY)
        self.planned = make_planned_order(self.bolt, 800, due_at=at(180))
        self.line = make_order_line(self.item, 150, due_on=TODAY + timedelta(days=2))
        self.pegs = [
            make_peg(self.orders[0], self.line, 100),
            make_peg(self.orders[1], self.line, 50),
        ]
        self.scenario = make_scenario(weighted_lateness=0)
        self.extra: list[object] = []
        self.bookings = [
            self.book(0, 0, self.mill, (0, 30, 230)),
            self.book(1, 0, self.mill, (230, 230, 430)),
            self.book(0, 1, self.weld, (245, 245, 345), (self.ann.id, self.bob.id)),
            self.book(1, 1, self.weld, (445, 445, 545), (self.ann.id, self.bob.id)),
            self.book(0, 2, None, (345, 345, 1785)),
            self.book(1, 2, None, (545, 545, 1985)),
        ]
        # Bob goes home at 17:00 (540): he is not there for W2's last five minutes, Eve is.
        self.eve = make_operator("weld", code="EVE")
        self.change(3, operator_ids=(self.ann.id, self.eve.id))

    def book(self, order, step, machine, times, crew=()):
        operation = self.work[order][step]
        return make_booking(self.scenario, operation, machine, times, operator_ids=crew)

    def change(self, index, **changes):
        self.bookings[index] = replace(self.bookings[index], **changes)

    def move(self, index, setup, run, end):
        self.change(index, setup_start_at=at(setup), run_start_at=at(run), end_at=at(end))

    def check(self):
        names = "day center other_center mill weld ann bob eve raw bolt item stock purchase planned"
        rows = [getattr(self, name) for name in names.split()]
        rows += [*make_week(self.day), *self.steps, self.raw_line, self.bolt_line, *self.orders]
        rows += [*self.work[0], *self.work[1], self.line, *self.pegs, self.scenario, *self.extra]
        return check_plan(make_plan(rows), self.bookings, NOW)


def errors(shop):
    return [f.code for f in shop.check() if f.severity is Severity.ERROR]


@pytest.fixture
def shop():
    return Shop()


def test_the_valid_schedule_has_no_finding(shop):
    assert shop.check() == []
    assert first_error(shop.check()) is None


def overlap(shop):
    shop.move(1, 220, 220, 420)


def run_into_downtime(shop):
    shop.extra.append(make_downtime(shop.mill, at(100), at(130)))


def start_outside_working_time(shop):
    # The setup begins at 540, when the mill stops, and all of its minutes lie on the next day.
    shop.move(1, 540, 1440, 1640)
    shop.move(3, 1655, 1655, 1755)
    shop.change(3, operator_ids=(shop.ann.id, shop.bob.id))
    shop.move(5, 1755, 1755, 3195)
    changeover = make_changeover(work_center_id=shop.center.id, minutes=Decimal(0))
    shop.extra.append(changeover)


def before_now(shop):
    shop.move(0, -30, 0, 200)


def too_short(shop):
    shop.move(0, 0, 30, 229)


def too_long(shop):
    shop.move(1, 230, 230, 431)


def slower_machine(shop):
    shop.mill = replace(shop.mill, efficiency=Decimal("0.999"))


def first_setup_left_out(shop):
    shop.move(0, 30, 30, 230)


def setup_not_adjacent(shop):
    shop.move(0, 0, 40, 240)


def changeover_left_out(shop):
    row = make_changeover(work_center_id=shop.center.id, from_family="red", minutes=Decimal("0.5"))
    shop.extra.append(row)


def split_though_unbroken(shop):
    shop.work[1][0] = replace(shop.work[1][0], break_rule=BreakRule.FIT)
    # 400 … 540 and 1440 … 1500: 200 working minutes, but with a night between.
    shop.move(1, 400, 400, 1500)
    shop.move(3, 1515, 1515, 1615)
    shop.move(5, 1615, 1615, 3055)


def wait_cut_short(shop):
    shop.move(2, 244, 244, 344)


def subcontract_too_short(shop):
    shop.move(5, 545, 545, 1984)


def wrong_machine(shop):
    shop.weld = replace(shop.weld, work_center_id=None)


def without_machine(shop):
    shop.change(2, machine_id=None)


def one_operator_short(shop):
    shop.change(2, operator_ids=(shop.ann.id,))


def same_operator_twice(shop):
    shop.change(2, operator_ids=(shop.ann.id, shop.ann.id))


def unskilled(shop):
    shop.bob = replace(shop.bob, skills=("mill",))


def gone_home(shop):
    shop.change(3, operator_ids=(shop.ann.id, shop.bob.id))


def operator_in_two_places(shop):
    shop.work[1][0] = replace(shop.work[1][0], skill="mill", operators=1)
    shop.change(1, operator_ids=(shop.bob.id,))


def too_few_tools(shop):
    # Both weld operations hold the gauge; 545 is the end of the second, 300 lies in the first.
    gauge = make_tool(code="GAUGE")
    shop.extra.append(gauge)
    for order in shop.work:
        order[1] = replace(order[1], tool_id=gauge.id)
    shop.bookings[3] = replace(shop.bookings[3], machine_id=None)
    shop.move(3, 300, 300, 400)


def stock_short(shop):
    shop.stock = replace(shop.stock, quantity=Decimal("249.999999"))


def purchase_late(shop):
    # 00:00 of the next day is minute 960, after the start of W2's milling.
    shop.purchase = replace(shop.purchase, due_on=TODAY + timedelta(days=1))


def planned_purchase_late(shop):
    shop.planned = replace(shop.planned, due_at=at(246))


def planned_purchase_too_early(shop):
    shop.planned = replace(shop.planned, due_at=at(179))


def component_scrap(shop):
    shop.raw_line = replace(shop.raw_line, scrap_ratio=Decimal("0.001"))


def expired(shop):
    shop.stock = replace(shop.stock, expires_on=TODAY)


def line_takes_more_than_is_made(shop):
    shop.line = replace(shop.line, quantity=Decimal(201))


def scrap_counted_as_good(shop):
    shop.item = replace(shop.item, scrap_ratio=Decimal("0.05"))


def started_too_early(shop):
    shop.orders[0] = replace(shop.orders[0], earliest_start_at=at(1))


def an_operation_forgotten(shop):
    del shop.bookings[4]


def booked_twice(shop):
    shop.bookings.append(shop.bookings[0])


def half_a_minute(shop):
    shop.change(0, run_start_at=at(30.5))


MUTATIONS = [
    (overlap, "machine_overlap"),
    (run_into_downtime, "rule2_run_minutes"),
    (start_outside_working_time, "rule1_working_time"),
    (before_now, "rule1_before_now"),
    (too_short, "rule2_run_minutes"),
    (too_long, "rule2_run_minutes"),
    (slower_machine, "rule2_run_minutes"),
    (first_setup_left_out, "rule3_setup_minutes"),
    (setup_not_adjacent, "rule3_setup_minutes"),
    (changeover_left_out, "rule3_setup_minutes"),
    (split_though_unbroken, "rule4_fit"),
    (wait_cut_short, "rule5_sequence"),
    (subcontract_too_short, "rule5_subcontract_days"),
    (wrong_machine, "machine_wrong"),
    (without_machine, "machine_missing_in_booking"),
    (one_operator_short, "rule6_count"),
    (same_operator_twice, "rule6_count"),
    (unskilled, "rule6_skill"),
    (gone_home, "rule6_at_work"),
    (operator_in_two_places, "rule6_overlap"),
    (too_few_tools, "tool_overbooked"),
    (stock_short, "rule7_material"),
    (purchase_late, "rule7_material"),
    (planned_purchase_late, "rule7_material"),
    (planned_purchase_too_early, "rule7_lead_time"),
    (component_scrap, "rule7_material"),
    (expired, "rule7_material"),
    (line_takes_more_than_is_made, "rule7_material"),
    (scrap_counted_as_good, "rule7_good_quantity"),
    (started_too_early, "rule7_earliest_start"),
    (an_operation_forgotten, "operation_not_booked"),
    (booked_twice, "booked_twice"),
    (half_a_minute, "not_whole_minutes"),
]


@pytest.mark.parametrize(("mutate", "code"), MUTATIONS, ids=[m.__name__ for m, _ in MUTATIONS])
def test_a_broken_rule_is_found(shop, mutate, code):
    mutate(shop)
    assert code in errors(shop)


def test_tools_that_are_used_one_after_the_other_are_enough(shop):
    gauge = make_tool(code="GAUGE")
    shop.extra.append(gauge)
    for order in shop.work:
        order[1] = replace(order[1], tool_id=gauge.id)
    assert errors(shop) == []


def test_purchase_on_the_way_may_come_in_time(shop):
    shop.purchase = replace(shop.purchase, due_on=TODAY - timedelta(days=3))
    assert shop.check() == []


def test_transfer_batches_start_and_end(shop):
    for order in range(2):
        shop.work[order][0] = replace(
            shop.work[order][0], transfer_batch=Decimal(30), wait_minutes=Decimal(0)
        )
    # 30 pieces of W1 leave milling at 90; welding must run its last 30 after 230: end ≥ 260.
    shop.move(2, 160, 160, 260)
    shop.planned = replace(shop.planned, order_at=at(-180), due_at=at(160), firm=True)
    assert errors(shop) == []
    shop.move(2, 159, 159, 259)
    assert errors(shop) == ["rule5_transfer_end", "rule7_material"]
    shop.planned = replace(shop.planned, due_at=at(0))
    shop.move(2, 89, 89, 189)
    assert errors(shop) == ["rule5_transfer_start", "rule5_transfer_end"]


def test_machine_row_beats_center_and_named_family_beats_any(shop):
    def row(minutes, **changes):
        shop.extra.append(make_changeover(minutes=Decimal(minutes), **changes))

    row(9, work_center_id=shop.center.id, from_family="red", to_family="red")
    row(7, machine_id=shop.mill.id)
    row(5, machine_id=shop.mill.id, to_family="red")
    row(3, machine_id=shop.mill.id, from_family="red")
    shop.move(1, 230, 233, 433)
    shop.move(3, 448, 448, 548)
    shop.move(5, 548, 548, 1988)
    assert shop.check() == []
    row(0, machine_id=shop.mill.id, from_family="red", to_family="red")
    assert errors(shop) == ["rule3_setup_minutes"]


def test_phantom_stock_goes_first_then_its_components(shop):
    from domain.items import ItemType

    phantom = make_item(code="KIT", type=ItemType.PHANTOM)
    shop.extra += [
        phantom,
        make_bom_line(shop.item, phantom, 1),
        make_bom_line(phantom, shop.raw, 1),
        make_stock(phantom, 200),
    ]
    assert shop.check() == []
    shop.extra[-1] = replace(shop.extra[-1], quantity=Decimal(199))
    assert errors(shop) == ["rule7_material"]


def test_a_wrong_value_and_unmet_safety_stock_are_warned_of(shop):
    shop.scenario = replace(shop.scenario, weighted_lateness=5)
    shop.raw = replace(shop.raw, safety_stock=Decimal(1))
    found = {finding.code: finding.severity for finding in shop.check()}
    assert found == {
        "rule9_lateness": Severity.WARNING,
        "rule8_safety_stock": Severity.WARNING,
    }


def test_an_unplanned_work_order_is_a_warning(shop):
    shop.bookings = [b for i, b in enumerate(shop.bookings) if i % 2 == 0]
    codes = {finding.code: finding.severity for finding in shop.check()}
    assert codes == {
        "work_order_not_booked": Severity.WARNING,
        "order_line_not_finished": Severity.WARNING,
    }


def test_lateness_is_counted_from_the_end_of_the_due_day(shop):
    # W2's coating ends at 1985; the due day before ends at 16 h = 960 minutes.
    shop.line = replace(shop.line, due_on=TODAY, priority=8)
    shop.scenario = replace(shop.scenario, weighted_lateness=(1985 - 960) * 2)
    assert shop.check() == []


def test_worked_minutes_table():
    worked = Worked([(10, 20), (30, 40)])
    assert [worked.until(m) for m in (0, 10, 15, 25, 30, 45)] == [0, 0, 5, 10, 10, 20]
    assert worked.done(0, 1) == 11
    assert worked.done(15, 5) == 20
    assert worked.done(15, 6) == 31
    assert worked.done(35, 6) > 1 << 40
    assert worked.is_working(19)
    assert not worked.is_working(20)

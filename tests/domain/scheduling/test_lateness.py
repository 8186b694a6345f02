from __future__ import annotations

from datetime import timedelta

from domain.orders import OrderStatus
from domain.scheduling.lateness import order_lateness, plan_totals
from tests.builders import (
    NOW,
    TODAY,
    at,
    make_bom_line,
    make_booking,
    make_bought,
    make_calendar,
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
    make_week,
    make_work_center,
    make_work_order,
)

# The end of the first due day, 16 hours after the plan's start at 08:00.
DUE = 960


class Bench:
    """One machine; work orders of single operations at given minutes, each for its own line."""

    def __init__(self, **machine):
        self.center = make_work_center()
        self.machine = make_machine(work_center_id=self.center.id, **machine)
        self.item = make_item(code="A")
        self.step = make_routing_operation(self.item, work_center_id=self.center.id)
        self.scenario = make_scenario()
        self.rows = [self.center, self.machine, self.item, self.step, self.scenario]
        self.bookings = []
        self.lines = []

    def add(self, setup, run, end, *supplies, **order):
        number = f"W{len(self.lines)}"
        work = make_work_order(self.item, end - run, number=number, **order)
        operation = make_operation(work, self.step)
        line = make_order_line(self.item, end - run, line=number, due_on=TODAY)
        self.lines.append(line)
        self.rows += [work, operation, line, make_peg(work, line, end - run)]
        self.rows += [make_peg(supply, work, 1, operation) for supply in supplies]
        booking = make_booking(self.scenario, operation, self.machine, (setup, run, end))
        self.bookings.append(booking)
        return line

    def fates(self, *rows):
        plan = make_plan(self.rows, *rows)
        return {f.order_line.id: f for f in order_lateness(plan, self.bookings, NOW)}


def test_lateness_counts_from_the_end_of_the_due_day():
    bench = Bench()
    in_time, late = bench.add(0, 0, DUE), bench.add(DUE, DUE, DUE + 7)
    fates = bench.fates()
    assert (fates[in_time.id].late_minutes, fates[in_time.id].cause) == (0, None)
    fate = fates[late.id]
    assert (fate.finish_at, fate.due_at) == (at(DUE + 7), at(DUE))
    assert (fate.late_minutes, fate.weight, fate.weighted_minutes) == (7, 5, 35)


def test_lines_from_stock_are_finished_now_and_unplanned_ones_never():
    item = make_item()
    stock = make_stock(item, 5)
    covered, lost, draft = (
        make_order_line(item, 5, line=name, status=status)
        for name, status in [
            ("1", OrderStatus.CONFIRMED),
            ("2", OrderStatus.CONFIRMED),
            ("3", OrderStatus.DRAFT),
        ]
    )
    plan = make_plan(item, stock, covered, lost, draft, make_peg(stock, covered, 5))
    first, second = order_lateness(plan, [], NOW)
    assert (first.order_line, first.finish_at, first.late_minutes) == (covered, NOW, 0)
    assert (second.order_line, second.finish_at, second.cause.code) == (
        lost,
        None,
        "cause_not_planned",
    )


def test_waiting_for_the_machine():
    bench = Bench()
    bench.add(0, 0, 1000)
    late = bench.add(1000, 1000, 1010)
    cause = bench.fates()[late.id].cause
    assert cause.code == "cause_queue"
    assert cause.params == {"name": "M1", "time": timedelta(minutes=1000)}


def test_waiting_for_bought_material():
    bench = Bench()
    raw = make_bought(code="RAW")
    order = make_planned_order(raw, 5, due_at=at(2000))
    receipt = make_purchase_line(raw, 5, due_on=TODAY + timedelta(days=1))
    planned, bought = bench.add(2000, 2000, 2100, order), bench.add(2100, 2100, 2110, receipt)
    fates = bench.fates(raw, order, receipt, make_bom_line(bench.item, raw))
    assert fates[planned.id].cause.code == "cause_material"
    assert fates[planned.id].cause.params["time"] == timedelta(minutes=2000)
    # The receipt is there at 960; from then to 2100 the machine does other work.
    assert fates[bought.id].cause.code == "cause_queue"
    assert fates[bought.id].cause.params["time"] == timedelta(minutes=2100 - 960)


def test_too_much_work_and_too_much_setup():
    bench = Bench()
    long, set_up = bench.add(0, 0, 3000), bench.add(3000, 7000, 7001)
    fates = bench.fates()
    assert fates[long.id].cause.code == "cause_work"
    assert fates[set_up.id].cause.code == "cause_setup"


def test_hours_in_which_the_machine_does_not_work():
    calendar = make_calendar()
    bench = Bench(calendar_id=calendar.id)
    # 540 minutes on the first day, the rest on the second: 900 minutes lie between.
    late = bench.add(0, 0, 1450)
    cause = bench.fates(calendar, make_week(calendar))[late.id].cause
    assert (cause.code, cause.params["time"]) == ("cause_closed", timedelta(minutes=900))


def test_a_wish_to_start_later_and_a_due_day_that_is_over():
    bench = Bench()
    wish = bench.add(5000, 5000, 5010, earliest_start_at=at(5000))
    assert bench.fates()[wish.id].cause.code == "cause_earliest_start"
    bench.rows = [
        row
        if row != wish
        else make_order_line(bench.item, 10, id=wish.id, due_on=TODAY - timedelta(2))
        for row in bench.rows
    ]
    assert bench.fates()[wish.id].cause.code == "cause_due_past"


def test_the_chain_goes_down_into_components():
    bench = Bench()
    raw = make_bought(code="RAW")
    order = make_planned_order(raw, 5, due_at=at(4000))
    bench.add(4000, 4000, 4010, order)
    component = bench.rows[-5]
    assert type(component).__name__ == "WorkOrder"
    top = bench.add(4010, 4010, 4020, component)
    cause = bench.fates(raw, order)[top.id].cause
    assert (cause.code, cause.params["name"]) == ("cause_material", "RAW")


def test_totals():
    bench = Bench()
    bench.add(0, 30, DUE)
    bench.add(DUE, DUE, DUE + 7)
    totals = plan_totals(make_plan(bench.rows), bench.bookings, NOW)
    assert (totals.operations, totals.work_orders, totals.order_lines) == (2, 2, 2)
    assert (totals.late_lines, totals.unfinished_lines, totals.weighted_lateness) == (1, 0, 35)
    assert (totals.setup_minutes, totals.makespan_minutes) == (30, DUE + 7)

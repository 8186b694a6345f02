from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.changes import Change
from domain.edits import (
    add_row,
    delete_rows,
    edit_field,
    edit_fields,
    publish,
    set_lock,
    set_status,
)
from domain.errors import RuleViolation
from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine, OrderStatus
from domain.plan import Plan
from domain.production import Operation, Peg, WorkOrder
from domain.resources import Changeover, Machine
from domain.scenarios import Booking, LockLevel, Scenario
from domain.scheduling.rebook import rebook
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_bom_line,
    make_booking,
    make_bought,
    make_calendar,
    make_changeover,
    make_conversion,
    make_customer,
    make_downtime,
    make_item,
    make_machine,
    make_operation,
    make_operator,
    make_order_line,
    make_peg,
    make_plan,
    make_purchase_line,
    make_routing_operation,
    make_scenario,
    make_shift,
    make_stock,
    make_work_center,
    make_work_order,
)
from tests.factories import RandomFactory

YESTERDAY = TODAY - timedelta(days=1)
A, B = make_item(code="A"), make_bought(code="B")


def refused(function, *arguments):
    with pytest.raises(RuleViolation) as caught:
        function(*arguments)
    return caught.value


def test_one_field_becomes_one_change():
    line = make_order_line(A, 5, row_version=3)
    plan = make_plan(A, line)
    changes = edit_field(plan, line, "quantity", Decimal(7))
    (change,) = changes
    assert (change.before, change.after) == (
        line,
        replace(line, quantity=Decimal(7), row_version=4),
    )
    assert (changes.label, changes.params) == ("edit_row", {"name": "SO-1/1", "count": 1})
    assert len(edit_field(plan, line, "quantity", Decimal(5))) == 0


def test_a_block_is_one_change_and_is_checked_as_a_whole():
    box = make_conversion(A, "box", 10)
    lines = [make_order_line(A, 5, line=str(n)) for n in range(3)]
    plan = make_plan(A, box, lines)
    edits = [(line, "priority", n + 1) for n, line in enumerate(lines)]
    changes = edit_fields(plan, [*edits, (lines[0], "unit", "box")])
    assert [change.after.priority for change in changes] == [1, 2, 3]
    assert (changes.label, changes.params["count"]) == ("edit_rows", 3)
    bad = [*edits, (lines[2], "unit", "crate")]
    assert refused(edit_fields, plan, bad).code == "unit_unknown"


@pytest.mark.parametrize(
    ("row", "name", "value", "code"),
    [
        (make_order_line(A, 5), "quantity", Decimal(0), "value_not_positive"),
        (make_order_line(A, 5), "quantity", Decimal("NaN"), "not_a_number"),
        (make_order_line(A, 5), "priority", 10, "value_out_of_range"),
        (A, "lead_time_days", Decimal(3651), "value_out_of_range"),
        (make_order_line(A, 5), "unit", "barrel", "unit_unknown"),
        (make_order_line(A, 5), "order_number", " ", "value_missing"),
        (make_order_line(A, 5), "id", None, "field_fixed"),
        (make_order_line(A, 5), "colour", "red", "field_fixed"),
        (make_purchase_line(A, 5), "quantity", Decimal(-1), "value_not_positive"),
        (make_stock(A, 5), "quantity", Decimal(-1), "value_negative"),
        (A, "scrap_ratio", Decimal(1), "scrap_out_of_range"),
        (A, "lead_time_days", Decimal(-1), "value_negative"),
        (A, "code", "B", "code_taken"),
        (A, "code", "", "value_missing"),
        (make_machine(), "efficiency", Decimal(0), "value_not_positive"),
        (make_downtime(make_machine(), at(0), at(10)), "end_at", at(0), "end_before_start"),
        (make_shift(make_calendar(), 1, 0, 60), "weekday", 8, "value_out_of_range"),
        (make_shift(make_calendar(), 1, 0, 60), "end_minute", 1441, "value_out_of_range"),
        (make_bom_line(A, B), "unit", "barrel", "unit_unknown"),
        (make_bom_line(A, B), "scrap_ratio", Decimal("-0.1"), "scrap_out_of_range"),
        (make_bom_line(A, B, valid_from_on=TODAY), "valid_to_on", YESTERDAY, "end_before_start"),
        (make_work_order(A, 5), "good_quantity", Decimal(6), "value_out_of_range"),
    ],
)  # fmt: skip
def test_a_value_that_breaks_a_rule_is_refused(row, name, value, code):
    rows = [row] if row is not A else []
    assert refused(edit_field, make_plan(A, B, *rows), row, name, value).code == code


def test_a_bill_of_material_can_not_contain_itself():
    c = make_item(code="C")
    plan = make_plan(A, B, c, make_bom_line(A, c), make_bom_line(c, B))
    found = refused(add_row, plan, make_bom_line(B, A))
    assert (found.code, found.params["path"]) == ("bom_cycle", "B → A → C → B")
    assert refused(add_row, plan, make_bom_line(A, A)).params["path"] == "A → A"
    assert len(add_row(plan, make_bom_line(A, B))) == 1


def test_confirming_and_locking_change_only_what_differs():
    lines = [
        make_order_line(A, line="1"),
        make_order_line(A, line="2", status=OrderStatus.DRAFT),
    ]
    (change,) = set_status(lines, OrderStatus.CONFIRMED)
    assert change.row.id == lines[1].id
    order = make_work_order(A)
    step = make_operation(order, make_routing_operation(A))
    booking = make_booking(make_scenario(), step, make_machine(), (0, 0, 5))
    (change,) = set_lock([booking], LockLevel.TIME)
    assert change.after.lock is LockLevel.TIME
    assert len(set_lock([change.after], LockLevel.TIME)) == 0


class Work:
    """A booked work order for an order line."""

    def __init__(self):
        self.center = make_work_center()
        self.machine = make_machine(work_center_id=self.center.id)
        self.step = make_routing_operation(A, work_center_id=self.center.id)
        self.order = make_work_order(A, 5)
        self.operation = make_operation(self.order, self.step)
        self.line = make_order_line(A, 5, due_on=TODAY)
        self.peg = make_peg(self.order, self.line, 5)
        self.scenario = make_scenario(published=True)
        self.booking = make_booking(self.scenario, self.operation, self.machine, (0, 0, 5))
        self.booking = replace(self.booking, published=True)
        names = "center machine step order operation line peg scenario booking"
        self.plan = make_plan(A, [getattr(self, name) for name in names.split()])


def test_publishing_takes_the_place_of_the_published_plan():
    work = Work()
    draft = make_scenario(name="What if")
    copy = replace(work.booking, id=id_maker()(), scenario_id=draft.id, published=False)
    work.plan.put(draft)
    work.plan.put(copy)
    changes = publish(work.plan, draft)
    assert [(type(c.row), c.row.published) for c in changes] == [
        (Scenario, False),
        (Booking, False),
        (Scenario, True),
        (Booking, True),
    ]
    work.plan.apply(changes)
    assert work.plan.published().id == draft.id
    assert len(publish(work.plan, work.plan.published())) == 0


def test_moved_bookings_carry_the_figures_along():
    work = Work()
    moved = replace(work.booking, setup_start_at=at(1000), run_start_at=at(1000), end_at=at(1005))
    changes = rebook(work.plan, work.scenario, [moved], NOW, "move_operation")
    assert [type(change.row) for change in changes] == [Booking, Scenario]
    # 45 minutes after the due day's end (960), weight 5.
    assert changes.changes[1].after.weighted_lateness == 45 * 5
    assert len(rebook(work.plan, work.scenario, [work.booking], NOW, "move_operation")) == 0


def test_deleting_takes_what_belongs_along_and_refuses_what_is_used():
    work = Work()
    found = delete_rows(work.plan, [work.order])
    assert [type(change.row) for change in found] == [Booking, Peg, Operation, WorkOrder]
    assert all(change.after is None for change in found)
    assert [type(c.row) for c in delete_rows(work.plan, [work.line])] == [Peg, OrderLine]
    error = refused(delete_rows, work.plan, [A])
    assert (error.code, error.params["by"]) == ("row_in_use", "SO-1/1, WO-000001")
    assert refused(delete_rows, work.plan, [work.machine]).code == "row_in_use"
    assert refused(delete_rows, work.plan, [work.center]).code == "row_in_use"
    assert refused(delete_rows, work.plan, [work.scenario]).code == "plan_published"


def test_deleting_frees_when_the_users_go_too():
    customer = make_customer()
    machine, operator = make_machine(), make_operator("weld")
    lines = [make_order_line(A, customer_id=customer.id), make_changeover(machine_id=machine.id)]
    plan = make_plan(A, customer, machine, operator, *lines)
    assert refused(delete_rows, plan, [customer]).code == "row_in_use"
    assert len(delete_rows(plan, [customer, lines[0]])) == 2
    assert [type(c.row) for c in delete_rows(plan, [machine])] == [Changeover, Machine]
    assert len(delete_rows(plan, [operator])) == 1


def contents(plan: Plan):
    return {row.id: replace(row, row_version=0) for row in plan.rows()}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_every_edit_can_be_taken_back(seed):
    plan = RandomFactory(seed, lines=4).plan()
    start = contents(plan)
    made = mrp_changes(plan, explode(plan, NOW, id_maker(seed)))
    done = [made]
    plan.apply(made)
    for line in list(plan.table(OrderLine).values())[:2]:
        done.append(edit_field(plan, line, "quantity", line.quantity + 1))
        plan.apply(done[-1])
        done.append(delete_rows(plan, [plan.need(OrderLine, line.id)]))
        plan.apply(done[-1])
    assert contents(plan) != start
    for changes in reversed(done):
        plan.apply(changes.inverse())
    assert contents(plan) == start
    assert all(isinstance(change, Change) for changes in done for change in changes)
    assert len(plan.table(Machine)) == 6


def test_a_piece_must_go_into_one_of_its_furnaces():
    center = make_work_center(code="HEAT")
    ovens = [
        make_machine(code=f"F{size}", work_center_id=center.id, batch_capacity=Decimal(size))
        for size in (10, 20)
    ]
    step = make_routing_operation(A, 20, work_center_id=center.id)
    plan = make_plan(A, center, ovens, step)
    assert len(edit_field(plan, step, "load", Decimal(20)).changes) == 1
    with pytest.raises(RuleViolation) as caught:
        edit_field(plan, step, "load", Decimal("20.5"))
    assert caught.value.code == "piece_too_large"
    assert caught.value.params == {
        "item": "A",
        "operation": 20,
        "load": Decimal("20.5"),
        "machines": "F10 (10), F20 (20)",
    }

"""A factory with at least one row of every kind, every optional field both set and not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

from domain.changes import Row
from domain.items import Item
from domain.production import WorkStatus
from domain.scenarios import LockLevel
from tests.builders import (
    at,
    make_absence,
    make_bom_line,
    make_booking,
    make_bought,
    make_calendar,
    make_changeover,
    make_conversion,
    make_customer,
    make_downtime,
    make_holiday,
    make_item,
    make_machine,
    make_operation,
    make_operator,
    make_order_line,
    make_overtime,
    make_overtime_shift,
    make_peg,
    make_planned_order,
    make_plant,
    make_profile,
    make_purchase_line,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_stock,
    make_supplier,
    make_tool,
    make_transfer,
    make_week,
    make_work_center,
    make_work_order,
)


def other_ways(part: Item) -> list[Row]:
    """A second routing, a work order made by it in parts, and an item that may be bought."""
    other = make_routing_operation(part, 10, routing="替代 B", split_most=3)
    may_buy = make_item(
        code="MAYBE", may_buy=True, lead_time_days=Decimal(2), buying_surcharge=Decimal("0.50")
    )
    another = make_work_order(part, 5, number="WO-B", routing="替代 B")
    parts = [
        make_operation(another, other, part=part_number, quantity=Decimal(quantity))
        for part_number, quantity in ((1, "2.5"), (2, "2.5"))
    ]
    return [other, may_buy, another, *parts]


def every_kind() -> list[Row]:
    """Rows of all kinds but Plant, referred-to rows first."""
    calendar, center = make_calendar(code="两班"), make_work_center(name="数控")
    machine = make_machine(
        work_center_id=center.id,
        calendar_id=calendar.id,
        efficiency=Decimal("0.850"),
        batch_capacity=Decimal("400.5"),
    )
    person = make_operator("焊接", "a;b", "", code="李", calendar_id=calendar.id)
    part, raw = make_item(name='"quoted" \\ {braces} %', shelf_life_days=0), make_bought()
    customer, supplier = make_customer(credit_limit=Decimal("1E+6")), make_supplier()
    line = make_order_line(
        part, customer_id=customer.id, earliest_start_at=at(0.5), priority=1, must_finish=True
    )
    purchase = make_purchase_line(raw, "0.000001", supplier_id=supplier.id, price=Decimal("12.30"))
    stock = make_stock(raw, lot="L1", received_on=date(2026, 1, 1), expires_on=date(9999, 1, 1))
    tool = make_tool(count=2)
    step = make_routing_operation(
        part,
        work_center_id=center.id,
        transfer_batch=Decimal(5),
        tool_id=tool.id,
        tools=2,
        load=Decimal("0.125"),
    )
    second = make_routing_operation(part, 20, after=(10,), max_wait_minutes=Decimal("7.5"))
    third = make_routing_operation(part, 30, after=())
    plants = [make_plant(id=uuid4(), code=code) for code in ("P8", "P9")]
    order = make_work_order(part, 10, status=WorkStatus.FIRM, due_at=at(9), release_on=line.due_on)
    operation, bought = make_operation(order, step), make_planned_order(raw, firm=True)
    scenario = make_scenario(published=True, weighted_lateness=10**12, lower_bound=0)
    booking = make_booking(
        scenario,
        operation,
        machine,
        (0, 5, 15),
        published=True,
        lock=LockLevel.TIME,
        operator_ids=(person.id, uuid4()),
    )
    rows = [
        *plants,
        make_transfer(*plants, 90),
        calendar,
        *make_week(calendar),
        make_holiday(calendar, date(2027, 2, 5)),
        make_overtime(calendar, 6, 480, 1440, 12.5),
    ]
    hours = make_holiday(calendar, date(2027, 2, 6), start_minute=0, end_minute=1440)
    rows += [
        hours,
        center,
        machine,
        make_machine(code="M2"),
        person,
        make_operator(code="OP2"),
        tool,
        make_downtime(machine, at(0), at(1)),
        make_absence(person, at(0), at(1)),
        make_changeover(machine_id=machine.id),
    ]
    rows += [make_changeover(work_center_id=center.id, from_family="A"), part, raw]
    rows += [make_conversion(raw, "箱", "0.5"), make_bom_line(part, raw, operation_number=10)]
    rows += [make_bom_line(part, raw, valid_from_on=date(2026, 1, 1)), step, second, third]
    rows += other_ways(part)
    rows += [make_routing_machine(step, machine, "0.8"), customer, supplier, line, purchase, stock]
    rows += [make_stock(raw), order, operation, bought, make_peg(stock, order, 2, operation)]
    rows += [make_peg(order, line, 10), scenario, booking]
    rows.append(make_overtime_shift(scenario, machine, 60, 180, 25))
    rows.append(make_profile(goals=("setup", "a goal of tomorrow"), setup_weight=Decimal("0.25")))
    return rows

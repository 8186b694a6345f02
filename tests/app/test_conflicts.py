"""Rows that two desks changed at once are named by what they are about, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal
from uuid import uuid4

import pytest

from app.conflicts import clashing_rows
from db.errors import Clash, Conflict
from domain.changes import Change, ChangeSet, Row
from domain.inventory import Stock
from domain.items import Item
from domain.orders import OrderLine
from domain.plan import ROW_TYPES, Plan
from domain.production import DemandKind, Operation, Peg, SupplyKind, WorkOrder
from domain.resources import Machine, Operator
from domain.scenarios import Booking, Scenario
from tests.app.test_mend_run import shop
from tests.builders import (
    TODAY,
    at,
    make_absence,
    make_calendar,
    make_changeover,
    make_customer,
    make_holiday,
    make_machine,
    make_operator,
    make_stock,
)
from widgets.dialogs.conflict import Clashing
from widgets.naming import title_of
from widgets.text import Language, has_text, set_language


@pytest.fixture
def plan() -> Plan:
    made = shop()
    stock = make_stock(_item(made))
    made.put(stock)
    return made


def _item(plan: Plan) -> Item:
    return next(item for item in plan.table(Item).values() if item.code == "PART")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("en")


def clash(plan: Plan, theirs: Row, yours: Row) -> Clashing:
    """Both have changed what was in the plan."""
    stored = plan.find(theirs.id) or theirs
    error = Conflict([Clash(type(theirs), theirs.id, theirs, "mei", at(0))])
    changes = ChangeSet("plan", (Change.update(stored, yours),))
    (found,) = clashing_rows(error, changes, plan)
    return found


def peg_of(plan: Plan, supply: SupplyKind, demand: DemandKind) -> Peg:
    pegs = plan.table(Peg).values()
    return next(p for p in pegs if (p.supply_kind, p.demand_kind) == (supply, demand))


@pytest.mark.parametrize(
    ("spoken", "title", "column"),
    [
        ("en", "Work order {order} for Order {line}", "column.quantity"),
        ("zh", "工单 {order} → 订单 {line}", "column.quantity"),
    ],
)
def test_a_peg_says_what_supplies_whom(
    plan: Plan, spoken: Language, title: str, column: str
) -> None:

    set_language(spoken)
    peg = peg_of(plan, SupplyKind.WORK_ORDER, DemandKind.ORDER_LINE)
    order = plan.need(WorkOrder, peg.supply_id).number
    line = plan.need(OrderLine, peg.demand_id).label
    found = clash(plan, replace(peg, quantity=Decimal(2)), replace(peg, quantity=Decimal(3)))
    assert found.title == title.format(order=order, line=line)
    (one,) = found.differences
    assert (one.column, one.theirs, one.yours) == (column, "2", "3")


def test_a_peg_of_another_supply_names_both(plan: Plan) -> None:

    peg = peg_of(plan, SupplyKind.PURCHASE, DemandKind.WORK_ORDER)
    (stock,) = plan.table(Stock).values()
    order = plan.need(WorkOrder, peg.demand_id).number
    theirs = replace(peg, supply_kind=SupplyKind.STOCK, supply_id=stock.id)
    found = clash(plan, theirs, peg)
    assert found.title.endswith(f"for Work order {order}")
    told = {one.column: (one.theirs, one.yours) for one in found.differences}
    stocked, bought = told["column.supply_id"]
    assert "PART" in found.title
    assert stocked
    assert bought.startswith("Purchase ")
    # What is gone by now is said to be missing, not shown as an id.
    gone = clash(plan, replace(peg, supply_id=uuid4()), peg)
    assert gone.title.startswith("(missing) for")


@pytest.mark.parametrize(("spoken", "kind"), [("en", "Plan"), ("zh", "计划方案")])
def test_a_scenario_is_called_by_its_name(plan: Plan, spoken: Language, kind: str) -> None:
    set_language(spoken)
    scenario = replace(next(iter(plan.table(Scenario).values())), name="Spring")
    found = clash(plan, replace(scenario, weighted_lateness=1500), scenario)
    assert found.title == f"{kind} Spring"
    late = next(one for one in found.differences if one.column == "column.weighted_lateness")
    assert late.theirs in {"1 d 1 h", "1天1小时"}


def test_a_booking_names_its_work_and_the_machines_and_people_in_question(plan: Plan) -> None:

    booking = next(iter(plan.table(Booking).values()))
    machines = {m.id: m.code for m in plan.table(Machine).values()}
    other = next(key for key in machines if key != booking.machine_id)
    people = [person.id for person in plan.table(Operator).values()]
    theirs = replace(booking, machine_id=other, operator_ids=tuple(people))
    found = clash(plan, theirs, booking)
    step = plan.need(Operation, booking.operation_id)
    number = plan.need(WorkOrder, step.work_order_id).number
    assert found.title == f"Booking {number}/10"
    told = {one.column: (one.theirs, one.yours) for one in found.differences}
    assert told["column.machine_id"] == (machines[other], machines[booking.machine_id])
    assert told["column.operator_ids"][0] == "OP1, OP2"


def test_rows_without_a_name_are_named_by_what_they_belong_to() -> None:
    machine, person, calendar = make_machine(code="M7"), make_operator(code="LI"), make_calendar()
    rows = {row.id: row for row in (machine, person, calendar)}
    assert title_of(Machine, machine, rows.get) == "Machine M7"
    customer = make_customer(code="C1")
    assert title_of(type(customer), customer, rows.get) == "Customer C1"
    away = make_absence(person, at(0), at(60))
    assert title_of(type(away), away, rows.get).startswith("Absence LI 2026-12-01")
    holiday = make_holiday(calendar, TODAY)
    assert title_of(type(holiday), holiday, rows.get) == "Holiday DAY 2026-12-01"
    change = make_changeover(machine_id=machine.id, from_family="A", to_family="B")
    assert title_of(type(change), change, rows.get) == "Changeover M7"
    assert title_of(Scenario, None, rows.get) == "Plan"


@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_every_field_of_every_row_has_a_name(spoken: Language) -> None:
    set_language(spoken)
    names = {each.name for kind in ROW_TYPES for each in fields(kind)} - {"id", "row_version"}
    assert [name for name in sorted(names) if not has_text(f"column.{name}")] == []

"""A small factory with one late order, planned, for the tests of the panels.

A gearbox is assembled on M2 from 2 shafts made on M1 of bought steel; the order is due before the
steel that was ordered arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.errors import Finding, Severity
from domain.items import Item
from domain.orders import OrderLine, OrderStatus
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.scenarios import Booking
from domain.scheduling.lateness import order_lateness
from tests.builders import (
    NOW,
    make_bom_line,
    make_booking,
    make_bought,
    make_customer,
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
    minutes,
)
from widgets.outlook import Outlook


@dataclass
class Factory:
    plan: Plan
    gearbox: Item
    shaft: Item
    steel: Item
    late: OrderLine
    draft: OrderLine
    gearbox_order: WorkOrder
    shaft_order: WorkOrder
    assembly: Operation

    def outlook(self) -> Outlook:
        scenario = self.plan.published()
        bookings = self.plan.where(Booking, scenario_id=scenario.id)
        fates = order_lateness(self.plan, bookings, NOW)
        return Outlook(
            plan=self.plan,
            now_at=NOW,
            scenario=scenario,
            bookings={booking.operation_id: booking for booking in bookings},
            fates={fate.order_line.id: fate for fate in fates},
            findings=(
                Finding(
                    "below_safety",
                    Severity.WARNING,
                    (self.steel.id,),
                    {"item": "STEEL", "stock": Decimal(5), "safety_stock": Decimal(20)},
                ),
            ),
        )


def make_factory() -> Factory:
    gearbox = make_item(code="GEARBOX", name="Gearbox")
    shaft = make_item(code="SHAFT", name="Shaft")
    steel = make_bought(code="STEEL", unit="kg", safety_stock=Decimal(20))
    center = make_work_center(code="WC", name="Turning")
    m1 = make_machine(code="M1", work_center_id=center.id)
    m2 = make_machine(code="M2")
    turning = make_routing_operation(shaft, name="Turn", work_center_id=center.id)
    assembling = make_routing_operation(gearbox, name="Assemble", inspection=True)
    customer = make_customer(code="C1", name="Ace Pumps")
    late = make_order_line(
        gearbox, 10, order_number="SO-7", customer_id=customer.id, due_on=date(2026, 12, 2)
    )
    draft = make_order_line(gearbox, 3, order_number="SO-8", status=OrderStatus.DRAFT)
    shaft_order = make_work_order(shaft, 20, number="WO-000001")
    gearbox_order = make_work_order(gearbox, 10, number="WO-000002")
    turn, assembly = make_operation(shaft_order, turning), make_operation(gearbox_order, assembling)
    stock = make_stock(steel, 5, warehouse="RM", lot="L1")
    purchase = make_purchase_line(steel, 20, due_on=date(2026, 12, 4))
    planned = make_planned_order(steel, 15, number="PL-000001", due_at=NOW + minutes(4 * 1440))
    scenario = make_scenario(published=True, weighted_lateness=1000, lower_bound=800)
    start = 4 * 1440 + 60
    return Factory(
        plan=make_plan(
            [gearbox, shaft, steel, center, m1, m2, turning, assembling, customer, late, draft],
            [make_bom_line(gearbox, shaft, 2), make_bom_line(shaft, steel, 2)],
            [shaft_order, gearbox_order, turn, assembly, stock, purchase, planned, scenario],
            [
                make_peg(gearbox_order, late, 10),
                make_peg(shaft_order, gearbox_order, 20, assembly),
                make_peg(stock, shaft_order, 5, turn),
                make_peg(purchase, shaft_order, 20, turn),
                make_peg(planned, shaft_order, 15, turn),
            ],
            [
                make_booking(scenario, turn, m1, (start - 30, start, start + 20), published=True),
                make_booking(
                    scenario, assembly, m2, (start + 20, start + 20, start + 30), published=True
                ),
            ],
        ),
        gearbox=gearbox,
        shaft=shaft,
        steel=steel,
        late=late,
        draft=draft,
        gearbox_order=gearbox_order,
        shaft_order=shaft_order,
        assembly=assembly,
    )

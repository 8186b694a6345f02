"""A seeded factory as rows, with its work orders: what the scheduling benchmark plans.

Work centers of two to six alike machines on one of three shift calendars, routings of three to
eight steps, family changeovers on every work center, products with up to three component work
orders, nine priorities, and due dates spread over the time the busiest work center needs, so that a
good plan is late here and there and a bad one everywhere.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.calendars import Calendar, Shift
from domain.changes import Row
from domain.items import Item
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import DemandKind, Operation, Peg, SupplyKind, WorkOrder
from domain.resources import Changeover, Machine, Plant, WorkCenter
from domain.routings import RoutingOperation

NOW_AT = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)

SHIFTS = {
    "day": [(480, 720), (780, 1020)],
    "two": [(360, 660), (690, 1020), (1020, 1320)],
    "three": [(0, 1440)],
}
DAYS = {"day": range(1, 6), "two": range(1, 7), "three": range(1, 7)}


@dataclass
class _Maker:
    """Rows so far, and a source of random numbers and ids."""

    random: random.Random
    rows: list[Row] = field(default_factory=list)
    next_id: int = 0

    def add(self, kind, **fields):
        self.next_id += 1
        row = kind(id=UUID(int=self.next_id, version=4), **fields)
        self.rows.append(row)
        return row


def make_factory(operations: int, seed: int, due: float = 1.0) -> Plan:
    """A factory with about that many operations to plan; ``due`` times as long from now are they
    due as usual."""
    maker = _Maker(random.Random(seed))
    plant = maker.add(Plant, code="P", timezone="Asia/Shanghai")
    centers = _add_centers(maker, plant, operations)
    families = [f"F{number}" for number in range(10)]
    _add_changeovers(maker, centers, families)
    items = _add_items(maker, centers, families, max(12, operations // 25))
    loads: dict[UUID, float] = {}
    products: list[list[WorkOrder]] = []
    planned = 0
    while planned < operations:
        orders, count = _add_product(maker, plant, items, loads)
        products.append(orders)
        planned += count
    _add_lines(maker, plant, products, due * _horizon_minutes(centers, loads))
    return Plan(maker.rows)


def _add_centers(
    maker: _Maker, plant: Plant, operations: int
) -> list[tuple[WorkCenter, list[Machine], str]]:
    calendars = {}
    for name, hours in SHIFTS.items():
        calendar = calendars[name] = maker.add(Calendar, code=name)
        for weekday in DAYS[name]:
            for start, end in hours:
                maker.add(
                    Shift,
                    calendar_id=calendar.id,
                    weekday=weekday,
                    start_minute=start,
                    end_minute=end,
                )
    wanted = max(6, round(0.5 * operations**0.57))
    centers = []
    while sum(len(machines) for _, machines, _ in centers) < wanted:
        center = maker.add(WorkCenter, code=f"WC{len(centers)}")
        name = maker.random.choice(["day", "two", "two", "three"])
        machines = [
            maker.add(
                Machine,
                plant_id=plant.id,
                code=f"{center.code}-{number}",
                work_center_id=center.id,
                calendar_id=calendars[name].id,
                efficiency=Decimal(maker.random.choice(["0.85", "1", "1", "1.15"])),
            )
            for number in range(maker.random.randint(2, 6))
        ]
        centers.append((center, machines, name))
    return centers


def _add_changeovers(maker: _Maker, centers, families: list[str]) -> None:
    for center, _, _ in centers:
        for origin in families:
            for target in families:
                minutes = 0 if origin == target else maker.random.randint(10, 90)
                maker.add(
                    Changeover,
                    work_center_id=center.id,
                    from_family=origin,
                    to_family=target,
                    minutes=Decimal(minutes),
                )


def _weekly_minutes(name: str) -> int:
    return sum(end - start for start, end in SHIFTS[name]) * len(DAYS[name])


def _add_items(maker: _Maker, centers, families: list[str], count: int):
    """Items with routings; steps go to work centers in proportion to their capacity."""
    capacity = [len(machines) * _weekly_minutes(name) for _, machines, name in centers]
    items = []
    for number in range(count):
        item = maker.add(Item, code=f"I{number}", family=maker.random.choice(families))
        steps = [
            maker.add(
                RoutingOperation,
                item_id=item.id,
                number=10 * (step + 1),
                work_center_id=maker.random.choices(centers, capacity)[0][0].id,
                setup_minutes=Decimal(maker.random.randint(15, 60)),
                run_minutes=Decimal(maker.random.randint(20, 120)) / 10,
                wait_minutes=Decimal(maker.random.choice([0, 0, 0, 60, 240])),
            )
            for step in range(maker.random.randint(3, 8))
        ]
        items.append((item, steps))
    return items


def _add_product(maker: _Maker, plant: Plant, items, loads) -> tuple[list[WorkOrder], int]:
    """A product's work order with up to three component work orders; the product comes first."""
    orders, count = [], 0
    quantity = Decimal(maker.random.randint(5, 40))
    for place in range(1 + maker.random.choice([0, 0, 1, 2, 3])):
        item, steps = maker.random.choice(items)
        order = maker.add(
            WorkOrder,
            plant_id=plant.id,
            number=f"WO{maker.next_id}",
            item_id=item.id,
            quantity=quantity,
            good_quantity=quantity,
        )
        for step in steps:
            minutes = float(step.run_minutes * quantity) + 25
            loads[step.work_center_id] = loads.get(step.work_center_id, 0.0) + minutes
            maker.add(
                Operation,
                plant_id=plant.id,
                work_order_id=order.id,
                routing_operation_id=step.id,
                number=step.number,
                setup_minutes=step.setup_minutes,
                run_minutes=step.run_minutes,
                wait_minutes=step.wait_minutes,
            )
        if place:
            _add_peg(maker, plant, order, DemandKind.WORK_ORDER, orders[0].id)
        orders.append(order)
        count += len(steps)
    return orders, count


def _add_peg(maker: _Maker, plant: Plant, supply: WorkOrder, kind: DemandKind, demand: UUID):
    maker.add(
        Peg,
        plant_id=plant.id,
        item_id=supply.item_id,
        supply_kind=SupplyKind.WORK_ORDER,
        supply_id=supply.id,
        demand_kind=kind,
        demand_id=demand,
        quantity=supply.quantity,
    )


def _horizon_minutes(centers, loads: dict[UUID, float]) -> float:
    """Elapsed minutes the busiest work center needs."""
    weeks = [
        loads.get(center.id, 0.0) / (len(machines) * _weekly_minutes(name))
        for center, machines, name in centers
    ]
    return max(weeks) * 7 * 1440


def _add_lines(maker: _Maker, plant: Plant, products, horizon: float) -> None:
    for number, orders in enumerate(products):
        days = (0.1 + 0.75 * maker.random.random()) * horizon / 1440 + 1
        line = maker.add(
            OrderLine,
            plant_id=plant.id,
            order_number=f"SO{number}",
            line="1",
            item_id=orders[0].item_id,
            quantity=orders[0].quantity,
            unit="pcs",
            due_on=(NOW_AT + timedelta(days=days)).date(),
            priority=maker.random.randint(1, 9),
        )
        _add_peg(maker, plant, orders[0], DemandKind.ORDER_LINE, line.id)


def add_rush_order(plan: Plan) -> None:
    """A new order of the highest priority, due in three days, for an item made before."""
    maker = _Maker(random.Random(7), next_id=10_000_000)
    items = [
        (item, plan.where(RoutingOperation, item_id=item.id))
        for item in list(plan.table(Item).values())[:1]
    ]
    orders, _ = _add_product(maker, plan.home_plant(), items, {})
    line = maker.add(
        OrderLine,
        plant_id=plan.home_plant().id,
        order_number="RUSH",
        line="1",
        item_id=orders[0].item_id,
        quantity=orders[0].quantity,
        unit="pcs",
        due_on=(NOW_AT + timedelta(days=3)).date(),
        priority=1,
    )
    _add_peg(maker, plan.home_plant(), orders[0], DemandKind.ORDER_LINE, line.id)
    for row in maker.rows:
        plan.put(row)

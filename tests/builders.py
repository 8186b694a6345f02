"""Rows for tests: every maker gives a valid row, and takes what shall be different."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from domain.calendars import Calendar, Holiday, Overtime, Shift
from domain.inventory import Stock
from domain.items import BomLine, Item, ItemType
from domain.objectives import ObjectiveProfile
from domain.orders import Customer, OrderLine, PurchaseLine, Supplier
from domain.plan import Plan
from domain.production import (
    DemandKind,
    Operation,
    Peg,
    PlannedOrder,
    SupplyKind,
    WorkOrder,
)
from domain.resources import (
    Absence,
    Changeover,
    Downtime,
    Machine,
    Operator,
    Plant,
    Tool,
    Transfer,
    WorkCenter,
)
from domain.routings import RoutingMachine, RoutingOperation
from domain.scenarios import Booking, OvertimeShift, Scenario
from domain.units import UnitConversion

PLANT_ID = UUID(int=1)
# 08:00 on Tuesday 1 December 2026 in Shanghai.
NOW = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)


def minutes(count: float) -> timedelta:
    """A time span, to add to an instant."""
    return timedelta(minutes=count)


def at(count: float) -> datetime:
    """The instant that many minutes after ``NOW``."""
    return NOW + minutes(count)


def id_maker(seed: int = 1) -> Callable[[], UUID]:
    """Ids that are random but the same in every run."""
    source = random.Random(seed)
    return lambda: UUID(int=source.getrandbits(128), version=4)


def make_plant(**changes: Any) -> Plant:
    return Plant(**{"id": PLANT_ID, "code": "P1", **changes})


def make_transfer(origin: Plant, target: Plant, minutes: float) -> Transfer:
    return Transfer(
        id=uuid4(),
        from_plant_id=origin.id,
        to_plant_id=target.id,
        minutes=Decimal(str(minutes)),
    )


def make_calendar(**changes: Any) -> Calendar:
    return Calendar(**{"id": uuid4(), "code": "DAY", **changes})


def make_shift(calendar: Calendar, weekday: int, start: int, end: int) -> Shift:
    """A shift; ``start`` and ``end`` in minutes of the day."""
    return Shift(
        id=uuid4(), calendar_id=calendar.id, weekday=weekday, start_minute=start, end_minute=end
    )


def make_week(calendar: Calendar, start: int = 480, end: int = 1020, days: int = 5) -> list[Shift]:
    """The same shift on the first days of the week."""
    return [make_shift(calendar, day, start, end) for day in range(1, days + 1)]


def make_holiday(calendar: Calendar, day_on: date, **changes: Any) -> Holiday:
    return Holiday(**{"id": uuid4(), "calendar_id": calendar.id, "day_on": day_on, **changes})


def make_overtime(
    calendar: Calendar, weekday: int, start: int, end: int, hourly_cost: float = 50
) -> Overtime:
    """Hours that may be worked, too; ``start`` and ``end`` in minutes of the day."""
    return Overtime(
        id=uuid4(),
        calendar_id=calendar.id,
        weekday=weekday,
        start_minute=start,
        end_minute=end,
        hourly_cost=Decimal(str(hourly_cost)),
    )


def make_overtime_shift(
    scenario: Scenario, machine: Machine, start: float, end: float, cost: float = 100
) -> OvertimeShift:
    """Opened overtime; times in minutes after ``NOW``."""
    return OvertimeShift(
        id=uuid4(),
        plant_id=scenario.plant_id,
        scenario_id=scenario.id,
        machine_id=machine.id,
        start_at=at(start),
        end_at=at(end),
        cost=Decimal(str(cost)),
        published=scenario.published,
    )


def make_work_center(**changes: Any) -> WorkCenter:
    return WorkCenter(**{"id": uuid4(), "code": "WC", **changes})


def make_machine(**changes: Any) -> Machine:
    return Machine(**{"id": uuid4(), "plant_id": PLANT_ID, "code": "M1", **changes})


def make_operator(*skills: str, **changes: Any) -> Operator:
    return Operator(**{"id": uuid4(), "code": "OP1", "skills": skills, **changes})


def make_tool(**changes: Any) -> Tool:
    return Tool(**{"id": uuid4(), "code": "MOULD", **changes})


def make_downtime(machine: Machine, start_at: datetime, end_at: datetime) -> Downtime:
    return Downtime(id=uuid4(), machine_id=machine.id, start_at=start_at, end_at=end_at)


def make_absence(person: Operator, start_at: datetime, end_at: datetime) -> Absence:
    return Absence(id=uuid4(), operator_id=person.id, start_at=start_at, end_at=end_at)


def make_changeover(**changes: Any) -> Changeover:
    return Changeover(**{"id": uuid4(), **changes})


def make_item(**changes: Any) -> Item:
    return Item(**{"id": uuid4(), "code": "ITEM", **changes})


def make_bought(**changes: Any) -> Item:
    return make_item(**{"code": "RAW", "type": ItemType.BUY, **changes})


def make_conversion(item: Item, unit: str, factor: str | int) -> UnitConversion:
    return UnitConversion(id=uuid4(), item_id=item.id, unit=unit, factor=Decimal(factor))


def make_bom_line(
    parent: Item, component: Item, quantity: str | int = 1, **changes: Any
) -> BomLine:
    return BomLine(
        **{
            "id": uuid4(),
            "parent_id": parent.id,
            "component_id": component.id,
            "quantity": Decimal(quantity),
            "unit": component.unit,
            **changes,
        }
    )


def make_routing_operation(item: Item, number: int = 10, **changes: Any) -> RoutingOperation:
    return RoutingOperation(
        **{
            "id": uuid4(),
            "item_id": item.id,
            "number": number,
            "run_minutes": Decimal(1),
            **changes,
        }
    )


def make_routing_machine(
    step: RoutingOperation, machine: Machine, speed: str | int = 1, position: int = 0
) -> RoutingMachine:
    return RoutingMachine(
        id=uuid4(),
        routing_operation_id=step.id,
        machine_id=machine.id,
        speed=Decimal(speed),
        position=position,
    )


def make_customer(**changes: Any) -> Customer:
    return Customer(**{"id": uuid4(), "code": "C1", **changes})


def make_supplier(**changes: Any) -> Supplier:
    return Supplier(**{"id": uuid4(), "code": "S1", **changes})


def make_order_line(item: Item, quantity: str | int = 1, **changes: Any) -> OrderLine:
    return OrderLine(
        **{
            "id": uuid4(),
            "plant_id": PLANT_ID,
            "order_number": "SO-1",
            "line": "1",
            "item_id": item.id,
            "quantity": Decimal(quantity),
            "unit": item.unit,
            "due_on": TODAY + timedelta(days=10),
            **changes,
        }
    )


def make_purchase_line(item: Item, quantity: str | int = 1, **changes: Any) -> PurchaseLine:
    return PurchaseLine(
        **{
            "id": uuid4(),
            "plant_id": PLANT_ID,
            "order_number": "PO-1",
            "line": "1",
            "item_id": item.id,
            "quantity": Decimal(quantity),
            "unit": item.unit,
            "due_on": TODAY + timedelta(days=3),
            **changes,
        }
    )


def make_stock(item: Item, quantity: str | int = 1, **changes: Any) -> Stock:
    return Stock(
        **{
            "id": uuid4(),
            "plant_id": PLANT_ID,
            "item_id": item.id,
            "quantity": Decimal(quantity),
            "unit": item.unit,
            **changes,
        }
    )


def make_work_order(item: Item, quantity: str | int = 1, **changes: Any) -> WorkOrder:
    return WorkOrder(
        **{
            "id": uuid4(),
            "plant_id": PLANT_ID,
            "number": "WO-000001",
            "item_id": item.id,
            "quantity": Decimal(quantity),
            "good_quantity": Decimal(quantity),
            **changes,
        }
    )


def make_operation(order: WorkOrder, step: RoutingOperation, **changes: Any) -> Operation:
    copied = [
        "number",
        "name",
        "setup_minutes",
        "run_minutes",
        "wait_minutes",
        "transfer_batch",
        "skill",
        "operators",
        "break_rule",
        "inspection",
        "subcontract_days",
        "load",
        "tool_id",
        "tools",
        "max_wait_minutes",
        "after",
        "split_most",
    ]
    return Operation(
        **{
            "id": uuid4(),
            "plant_id": order.plant_id,
            "work_order_id": order.id,
            "routing_operation_id": step.id,
            **{name: getattr(step, name) for name in copied},
            **changes,
        }
    )


def make_planned_order(item: Item, quantity: str | int = 1, **changes: Any) -> PlannedOrder:
    return PlannedOrder(
        **{
            "id": uuid4(),
            "plant_id": PLANT_ID,
            "number": "PL-000001",
            "item_id": item.id,
            "quantity": Decimal(quantity),
            "order_at": NOW,
            "due_at": NOW,
            **changes,
        }
    )


def make_peg(
    supply: Any, demand: Any, quantity: str | int = 1, operation: Operation | None = None
) -> Peg:
    """A peg from a supply row to a demand row; the kinds follow from the rows."""
    supplies = {
        Stock: SupplyKind.STOCK,
        PurchaseLine: SupplyKind.PURCHASE,
        PlannedOrder: SupplyKind.PLANNED_ORDER,
        WorkOrder: SupplyKind.WORK_ORDER,
    }
    demands = {
        OrderLine: DemandKind.ORDER_LINE,
        WorkOrder: DemandKind.WORK_ORDER,
        PlannedOrder: DemandKind.PLANNED_ORDER,
        Item: DemandKind.SAFETY_STOCK,
    }
    return Peg(
        id=uuid4(),
        plant_id=PLANT_ID,
        item_id=supply.item_id,
        supply_kind=supplies[type(supply)],
        supply_id=supply.id,
        demand_kind=demands[type(demand)],
        demand_id=demand.id,
        operation_id=operation.id if operation else None,
        quantity=Decimal(quantity),
    )


def make_scenario(**changes: Any) -> Scenario:
    return Scenario(
        **{"id": uuid4(), "plant_id": PLANT_ID, "name": "Plan", "now_at": NOW, **changes}
    )


def make_booking(
    scenario: Scenario,
    operation: Operation,
    machine: Machine | None,
    times: tuple[int, int, int],
    **changes: Any,
) -> Booking:
    """A booking; ``times`` are setup start, run start and end in minutes after ``NOW``."""
    setup_start, run_start, end = times
    return Booking(
        **{
            "id": uuid4(),
            "plant_id": PLANT_ID,
            "scenario_id": scenario.id,
            "operation_id": operation.id,
            "machine_id": machine.id if machine else None,
            "setup_start_at": at(setup_start),
            "run_start_at": at(run_start),
            "end_at": at(end),
            **changes,
        }
    )


def make_plan(*rows: Any) -> Plan:
    """A plan of these rows (lists of rows are opened) and, if there is none, a plant."""
    flat: list[Any] = []
    for row in rows:
        flat.extend(row if isinstance(row, list) else [row])
    if not any(isinstance(row, Plant) for row in flat):
        flat.insert(0, make_plant())
    return Plan(flat)


def make_profile(**changes: Any) -> ObjectiveProfile:
    return ObjectiveProfile(**{"id": uuid4(), "name": "Friday", **changes})

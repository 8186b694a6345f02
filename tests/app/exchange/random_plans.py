"""Factories as Hypothesis imagines them: valid, but with every oddity a cell can hold."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from app.exchange.choices import unit_code
from app.exchange.values import folded
from domain.calendars import Calendar, Holiday, Overtime, Shift
from domain.inventory import Stock
from domain.items import BomLine, Item, ItemType, LotRule, Tracking
from domain.orders import Customer, OrderLine, OrderStatus, PurchaseLine, Supplier
from domain.plan import Plan
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
from domain.routings import BreakRule, RoutingMachine, RoutingOperation
from domain.units import UnitConversion

CODE_LETTERS = "A1aZ0-_x#*.=+@'\"×/\\Ａ中轴é%"
TEXT_LETTERS = CODE_LETTERS + " ;：，\n\t&<>🔧\u3000"
ODD_TEXTS = (
    "=1+1",
    "+A",
    "@SUM(A1)",
    "-5",
    "_x0041_",
    "007",
    "1E5",
    "2026-12-01",
    "TRUE",
    "#N/A",
    "5%",
)

codes = st.one_of(
    st.sampled_from(ODD_TEXTS), st.text(st.sampled_from(CODE_LETTERS), min_size=1, max_size=8)
).filter(lambda code: bool(folded(code)))
texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(st.sampled_from(TEXT_LETTERS), max_size=12))
units = st.sampled_from(["pcs", "件", "kg", "m", "box", "箱", "t"])
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
amounts = st.decimals("0.0001", "999999999", places=4)
tiny = st.decimals("0", "999", places=12)
numbers = st.one_of(st.just(Decimal(0)), amounts, tiny)
START = datetime(2001, 1, 1, tzinfo=UTC)
instants = st.integers(0, 50_000_000).map(lambda count: START + timedelta(minutes=count))


def unique(values: st.SearchStrategy[str], size: int) -> st.SearchStrategy[list[str]]:
    """Codes that stay different as codes are compared."""
    return st.lists(values, min_size=1, max_size=size, unique_by=folded)


@st.composite
def plans(draw: Callable[..., Any]) -> Plan:
    """A plan of up to a few rows of every kind."""
    plan = Plan()
    ids = iter(range(1, 10_000))

    def put(kind: type[Any], **values: Any) -> Any:
        row = kind(id=UUID(int=next(ids)), row_version=1, **values)
        plan.put(row)
        return row

    def some(kind: type[Any], most: int, **values: Any) -> None:
        for _ in range(draw(st.integers(0, most))):
            put(
                kind,
                **{
                    k: draw(v) if isinstance(v, st.SearchStrategy) else v for k, v in values.items()
                },
            )

    zone = st.sampled_from(["Asia/Shanghai", "UTC", "America/St_Johns"])
    plants = [
        put(Plant, code=code, name=draw(texts), timezone=draw(zone), home=number == 0)
        for number, code in enumerate(draw(unique(codes, 2)))
    ]
    if len(plants) > 1:
        put(Transfer, from_plant_id=plants[0].id, to_plant_id=plants[1].id, minutes=draw(numbers))
    calendars = [put(Calendar, code=code) for code in draw(unique(codes, 2))]
    _hours(draw, put, calendars)
    machines = _machines(draw, put, plants, calendars)
    items = _items(draw, put, plan)
    for code in draw(st.lists(codes, max_size=2, unique_by=folded)):
        put(Tool, code=code, name=draw(texts), count=draw(st.integers(0, 9)))
    for code in draw(unique(codes, 2)):
        put(Customer, code=code, name=draw(texts), customer_class=draw(texts), channel=draw(texts),
            credit_limit=draw(st.none() | numbers))  # fmt: skip
        put(Supplier, code=code, name=draw(texts))
    for machine in machines[:1]:
        start = draw(instants)
        put(Downtime, machine_id=machine.id, start_at=start, reason=draw(texts),
            end_at=start + timedelta(minutes=draw(st.integers(2, 10_000))))  # fmt: skip
    for person in list(plan.table(Operator).values())[:1]:
        start = draw(instants)
        put(Absence, operator_id=person.id, start_at=start, reason=draw(texts),
            end_at=start + timedelta(minutes=draw(st.integers(2, 10_000))))  # fmt: skip
    _make_up(draw, put, items, machines, list(plan.table(Tool)))
    _trade(draw, put, plan, plants[0], items)
    return plan


def _hours(draw: Callable[..., Any], put: Callable[..., Any], calendars: list[Calendar]) -> None:
    for calendar in calendars:
        pairs = st.tuples(st.integers(1, 7), st.sampled_from([0, 480, 481, 1200, 1439]))
        for weekday, start in draw(st.lists(pairs, max_size=6, unique=True)):
            put(Shift, calendar_id=calendar.id, weekday=weekday, start_minute=start,
                end_minute=draw(st.sampled_from([0, 1, 480, 1020, 1440])))  # fmt: skip
        for weekday, start in draw(st.lists(pairs, max_size=3, unique=True)):
            put(Overtime, calendar_id=calendar.id, weekday=weekday, start_minute=start,
                end_minute=draw(st.sampled_from([0, 60, 1440])),
                hourly_cost=draw(st.sampled_from([Decimal(0), Decimal("12.5")])))  # fmt: skip
        for day in draw(st.lists(days, max_size=2, unique=True)):
            start = draw(st.none() | st.integers(0, 1439))
            end = None if start is None else draw(st.integers(0, 1440))
            put(Holiday, calendar_id=calendar.id, day_on=day, start_minute=start, end_minute=end)


def _machines(
    draw: Callable[..., Any],
    put: Callable[..., Any],
    plants: list[Plant],
    calendars: list[Calendar],
) -> list[Machine]:
    names = draw(unique(codes, 4))
    centers = [put(WorkCenter, code=code) for code in names[:2]]
    skills = st.lists(st.sampled_from(["turning", "铣工", "a b"]), max_size=2, unique=True)
    machines = []
    for number, code in enumerate(names):
        calendar = draw(st.sampled_from([None, *calendars]))
        machines.append(
            put(Machine, plant_id=draw(st.sampled_from(plants)).id, code=code, name=draw(texts),
                work_center_id=centers[number % len(centers)].id,
                calendar_id=calendar and calendar.id, efficiency=draw(amounts),
                hourly_cost=draw(numbers), batch_capacity=draw(st.none() | amounts))
        )  # fmt: skip
        put(Operator, code=code, name=draw(texts), skills=tuple(draw(skills)),
            calendar_id=calendar and calendar.id, hourly_cost=draw(numbers))  # fmt: skip
    for center in centers:
        put(Changeover, work_center_id=center.id, minutes=draw(numbers))
        put(Changeover, machine_id=machines[0].id, from_family=center.code, minutes=draw(numbers))
    return machines


def _items(draw: Callable[..., Any], put: Callable[..., Any], plan: Plan) -> list[Item]:
    items = []
    for code in draw(unique(codes, 4)):
        ratio = Decimal(draw(st.integers(0, 9999))) / 10_000
        item = put(
            Item, code=code, name=draw(texts), specification=draw(texts), unit=draw(units),
            type=draw(st.sampled_from(ItemType)), lead_time_days=draw(numbers) % 3650,
            lot_rule=draw(st.sampled_from(LotRule)), lot_size=draw(st.none() | amounts),
            minimum=draw(st.none() | numbers), multiple=draw(st.none() | amounts),
            safety_stock=draw(numbers), scrap_ratio=ratio, standard_cost=draw(numbers),
            tracking=draw(st.sampled_from(Tracking)),
            shelf_life_days=draw(st.none() | st.integers(0, 4000)), family=draw(codes),
            buying_surcharge=draw(numbers),
        )  # fmt: skip
        if item.type is ItemType.MAKE and item.lead_time_days > 0:
            item = replace(item, may_buy=draw(st.booleans()))
            plan.put(item)
        items.append(item)
        for unit in draw(st.lists(units, max_size=2, unique_by=unit_code)):
            if unit_code(unit) != unit_code(item.unit):
                put(UnitConversion, item_id=item.id, unit=unit, factor=draw(amounts))
    return items


def _make_up(
    draw: Callable[..., Any],
    put: Callable[..., Any],
    items: list[Item],
    machines: list[Machine],
    tools: list[UUID],
) -> None:
    for parent, component in itertools.pairwise(items):
        first = draw(st.none() | days)
        last = first and draw(st.sampled_from([None, first]))
        put(BomLine, parent_id=parent.id, component_id=component.id, quantity=draw(amounts),
            unit=draw(st.sampled_from(["", component.unit])), scrap_ratio=Decimal("0.015"),
            valid_from_on=first, valid_to_on=last)  # fmt: skip
    held = [one.batch_capacity for one in machines if one.batch_capacity is not None]
    for item in items:
        steps: tuple[int, ...] = ()
        numbers_of = sorted(draw(st.lists(st.integers(1, 9999), max_size=2, unique=True)))
        others = [(number, "B") for number in numbers_of if draw(st.booleans())]
        for number, routing in [*((number, "") for number in numbers_of), *others]:
            outside = draw(st.none() | numbers)
            chosen = draw(st.lists(st.sampled_from(machines), max_size=2, unique_by=lambda m: m.id))
            operation = put(
                RoutingOperation, item_id=item.id, number=number, name=draw(texts),
                routing=routing, split_most=1 if outside is not None else draw(st.integers(1, 4)),
                work_center_id=None if chosen else machines[0].work_center_id,
                setup_minutes=draw(numbers), run_minutes=draw(numbers),
                wait_minutes=draw(numbers) % 1000,
                transfer_batch=draw(st.none() | amounts), skill=draw(st.just("") | codes),
                operators=draw(st.integers(0, 3)), break_rule=draw(st.sampled_from(BreakRule)),
                inspection=draw(st.booleans()), subcontract_days=outside,
                max_wait_minutes=draw(st.none() | st.just(Decimal(1000))),
                after=draw(st.sampled_from([None, None, (), () if routing else steps])),
                tool_id=draw(st.sampled_from([None, *tools])), tools=draw(st.integers(1, 3)),
                load=min([draw(st.just(Decimal(1)) | amounts), *held]),
            )  # fmt: skip
            steps = (*steps, number)
            for position, machine in enumerate(chosen):
                put(RoutingMachine, routing_operation_id=operation.id, machine_id=machine.id,
                    speed=draw(st.just(Decimal(1)) | amounts), position=position)  # fmt: skip


def _trade(
    draw: Callable[..., Any], put: Callable[..., Any], plan: Plan, plant: Plant, items: list[Item]
) -> None:
    customers = [None, *plan.table(Customer)]
    suppliers = [None, *plan.table(Supplier)]
    for number in range(draw(st.integers(0, 4))):
        item = draw(st.sampled_from(items))
        known = [item.unit, *(u.unit for u in plan.where(UnitConversion, item_id=item.id))]
        common = {"plant_id": plant.id, "item_id": item.id, "unit": draw(st.sampled_from(known))}
        put(OrderLine, **common, order_number=draw(codes), line=str(number), due_on=draw(days),
            customer_id=draw(st.sampled_from(customers)), quantity=draw(amounts),
            priority=draw(st.integers(1, 9)), price=draw(st.none() | numbers),
            earliest_start_at=draw(st.none() | instants), channel=draw(texts), note=draw(texts),
            status=draw(st.sampled_from(OrderStatus)), must_finish=draw(st.booleans()))  # fmt: skip
        put(PurchaseLine, **common, order_number=draw(codes), line=str(number), due_on=draw(days),
            supplier_id=draw(st.sampled_from(suppliers)), quantity=draw(amounts),
            price=draw(st.none() | numbers))  # fmt: skip
        received = draw(st.none() | days)
        put(Stock, **common, warehouse=draw(texts), location=draw(texts), lot=f"L{number}",
            quantity=draw(numbers), received_on=received, expires_on=received,
            unit_cost=draw(st.none() | numbers))  # fmt: skip

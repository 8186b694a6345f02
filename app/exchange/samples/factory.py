"""A plan being put together: rows by code instead of by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.calendars import Calendar, Holiday, Shift
from domain.changes import Row
from domain.inventory import Stock
from domain.items import BomLine, Item
from domain.orders import Customer, OrderLine, PurchaseLine, Supplier
from domain.plan import Plan
from domain.resources import Changeover, Downtime, Machine, Operator, Plant, WorkCenter
from domain.routings import RoutingMachine, RoutingOperation
from domain.units import UnitConversion

ZONE = ZoneInfo("Asia/Shanghai")

T = TypeVar("T")
Number = int | str | Decimal


def exact(value: Number) -> Decimal:
    """A number as it is stored."""
    return Decimal(value)


class Factory:
    """Collects rows; everything refers by code. ``random`` makes ids and whatever else varies."""

    def __init__(self, code: str, name: str, seed: int) -> None:
        self.random = Random(seed)
        self.plan = Plan()
        self.plant = Plant(id=self.new_id(), code=code, name=name, home=True)
        self.plan.put(self.plant)

    def new_id(self) -> UUID:
        """A random id from the seed."""
        return UUID(int=self.random.getrandbits(128), version=4)

    def _put(self, *rows: Row) -> None:
        for row in rows:
            self.plan.put(row)

    def item(self, code: str) -> Item:
        """The item of a code."""
        return _found(self.plan.one(Item, code=code), code)

    def machine(self, code: str) -> Machine:
        """The machine of a code."""
        return _found(self.plan.one(Machine, code=code), code)

    # -- resources ------------------------------------------------------------------------------

    def calendar(self, code: str, *shifts: tuple[Iterable[int], int, int]) -> None:
        """Shifts as (weekdays, start hour, end hour)."""
        calendar = Calendar(id=self.new_id(), code=code)
        self._put(calendar)
        for weekdays, start, end in shifts:
            for weekday in weekdays:
                self._put(
                    Shift(
                        id=self.new_id(), calendar_id=calendar.id, weekday=weekday,
                        start_minute=start * 60, end_minute=end * 60,
                    )
                )  # fmt: skip

    def holiday(
        self, calendars: Iterable[str], days: Iterable[date], *hours: tuple[int, int]
    ) -> None:
        """Days off, or days with the hours given instead of the week's."""
        days = list(days)
        for code in calendars:
            calendar = _found(self.plan.one(Calendar, code=code), code)
            for day in days:
                for start, end in hours or [(None, None)]:
                    self._put(
                        Holiday(
                            id=self.new_id(), calendar_id=calendar.id, day_on=day,
                            start_minute=None if start is None else start * 60,
                            end_minute=None if end is None else end * 60,
                        )
                    )  # fmt: skip

    def work_center(
        self, code: str, calendar: str, machines: Sequence[tuple[str, str, str]], hourly: int
    ) -> None:
        """A work center with its machines: (code, name, efficiency)."""
        center = WorkCenter(id=self.new_id(), code=code)
        self._put(center)
        found = self.plan.one(Calendar, code=calendar)
        for machine, name, efficiency in machines:
            self._put(
                Machine(
                    id=self.new_id(), plant_id=self.plant.id, code=machine, name=name,
                    work_center_id=center.id, calendar_id=found.id if found else None,
                    efficiency=exact(efficiency), hourly_cost=exact(hourly),
                )
            )  # fmt: skip

    def operator(self, code: str, name: str, skills: tuple[str, ...], calendar: str) -> None:
        """A person."""
        found = _found(self.plan.one(Calendar, code=calendar), calendar)
        self._put(
            Operator(
                id=self.new_id(), code=code, name=name, skills=skills, calendar_id=found.id,
                hourly_cost=exact(45),
            )
        )  # fmt: skip

    def downtime(self, machine: str, start: datetime, end: datetime, reason: str) -> None:
        """A machine that stands still; local times."""
        self._put(
            Downtime(
                id=self.new_id(), machine_id=self.machine(machine).id, start_at=local(start),
                end_at=local(end), reason=reason,
            )
        )  # fmt: skip

    def changeover(self, target: str, before: str, after: str, minutes: int) -> None:
        """Minutes from one family to another on a work center or machine."""
        machine = self.plan.one(Machine, code=target)
        center = None if machine else _found(self.plan.one(WorkCenter, code=target), target)
        self._put(
            Changeover(
                id=self.new_id(), work_center_id=center.id if center else None,
                machine_id=machine.id if machine else None, from_family=before, to_family=after,
                minutes=exact(minutes),
            )
        )  # fmt: skip

    # -- what is made ---------------------------------------------------------------------------

    def add(self, item: Item) -> None:
        """An item."""
        self._put(item)

    def unit(self, item: str, unit: str, factor: Number) -> None:
        """Another unit of an item."""
        self._put(
            UnitConversion(
                id=self.new_id(), item_id=self.item(item).id, unit=unit, factor=exact(factor)
            )
        )

    def component(
        self, parent: str, component: str, quantity: Number, *,
        operation: int | None = None, unit: str = "", scrap: Number = 0,
    ) -> None:  # fmt: skip
        """A BOM line."""
        self._put(
            BomLine(
                id=self.new_id(), parent_id=self.item(parent).id,
                component_id=self.item(component).id, operation_number=operation,
                quantity=exact(quantity), unit=unit, scrap_ratio=exact(scrap),
            )
        )  # fmt: skip

    def operation(
        self, item: str, number: int, name: str, center: str = "", *,
        setup: Number = 0, run: Number = 0, machines: Sequence[str] = (), **more: object,
    ) -> None:  # fmt: skip
        """A routing operation on a work center, on machines (``M1*0.8``), or subcontracted."""
        found = _found(self.plan.one(WorkCenter, code=center), center) if center else None
        operation = RoutingOperation(
            id=self.new_id(), item_id=self.item(item).id, number=number, name=name,
            work_center_id=found.id if found else None, setup_minutes=exact(setup),
            run_minutes=exact(run),
        )  # fmt: skip
        operation = replace(operation, **more)
        self._put(operation)
        for position, each in enumerate(machines):
            code, _, speed = each.partition("*")
            self._put(
                RoutingMachine(
                    id=self.new_id(), routing_operation_id=operation.id,
                    machine_id=self.machine(code).id, speed=exact(speed or 1), position=position,
                )
            )  # fmt: skip

    # -- demand and supply ----------------------------------------------------------------------

    def order(
        self, number: str, line: int, customer: str, item: str, quantity: Number, due: date,
        **more: object,
    ) -> None:  # fmt: skip
        """An order line."""
        row = self.item(item)
        found = _found(self.plan.one(Customer, code=customer), customer)
        line_row = OrderLine(
            id=self.new_id(), plant_id=self.plant.id, order_number=number, line=str(line),
            customer_id=found.id, item_id=row.id, quantity=exact(quantity), unit=row.unit,
            due_on=due, channel=found.channel,
        )  # fmt: skip
        self._put(replace(line_row, **more))

    def customer(self, code: str, name: str, rank: str, channel: str, limit: int | None) -> None:
        """Who orders."""
        self._put(
            Customer(
                id=self.new_id(), code=code, name=name, customer_class=rank, channel=channel,
                credit_limit=None if limit is None else exact(limit),
            )
        )  # fmt: skip

    def supplier(self, code: str, name: str) -> None:
        """Who delivers."""
        self._put(Supplier(id=self.new_id(), code=code, name=name))

    def stock(
        self, item: str, quantity: Number, warehouse: str, location: str, received: date,
        *, lot: str = "", expires: date | None = None,
    ) -> None:  # fmt: skip
        """What lies there."""
        row = self.item(item)
        self._put(
            Stock(
                id=self.new_id(), plant_id=self.plant.id, item_id=row.id, warehouse=warehouse,
                location=location, lot=lot, quantity=exact(quantity), unit=row.unit,
                received_on=received, expires_on=expires, unit_cost=row.standard_cost,
            )
        )  # fmt: skip

    def purchase(
        self, order: str, line: int, supplier: str, item: str, quantity: Number, due: date
    ) -> None:
        """What is on its way."""
        row = self.item(item)
        found = _found(self.plan.one(Supplier, code=supplier), supplier)
        self._put(
            PurchaseLine(
                id=self.new_id(), plant_id=self.plant.id, order_number=order, line=str(line),
                supplier_id=found.id, item_id=row.id, quantity=exact(quantity), unit=row.unit,
                due_on=due, price=row.standard_cost,
            )
        )  # fmt: skip


def gross_needs(plan: Plan) -> dict[str, Decimal]:
    """What all orders need of every item, stock left aside, by code in its own unit."""
    needs: dict[UUID, Decimal] = {}

    def need(item: Item, quantity: Decimal) -> None:
        started = quantity / (1 - item.scrap_ratio)
        needs[item.id] = needs.get(item.id, Decimal(0)) + started
        for line in plan.where(BomLine, parent_id=item.id):
            part = plan.need(Item, line.component_id)
            each = plan.in_own_unit(part, line.quantity, line.unit)
            need(part, started * each / (1 - line.scrap_ratio))

    for order in plan.table(OrderLine).values():
        need(plan.need(Item, order.item_id), order.quantity)
    return {plan.need(Item, key).code: value for key, value in needs.items()}


def _found(row: T | None, code: str) -> T:
    if row is None:
        raise KeyError(code)
    return row


def local(at: datetime) -> datetime:
    """Plant time as an instant."""
    return at.replace(tzinfo=ZONE).astimezone(UTC)

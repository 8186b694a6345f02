"""Random small factories with everything the workbook knows, for property tests."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from domain.items import Item, ItemType, LotRule
from domain.plan import Plan
from domain.routings import BreakRule, RoutingOperation
from tests.builders import (
    PLANT_ID,
    TODAY,
    at,
    make_bom_line,
    make_bought,
    make_calendar,
    make_changeover,
    make_conversion,
    make_downtime,
    make_holiday,
    make_item,
    make_machine,
    make_operator,
    make_order_line,
    make_overtime,
    make_plan,
    make_plant,
    make_purchase_line,
    make_routing_machine,
    make_routing_operation,
    make_shift,
    make_stock,
    make_tool,
    make_transfer,
    make_week,
    make_work_center,
)


class RandomFactory:
    """A factory drawn from a seed: calendars, people, items on four levels, orders, stock.

    With ``has_limits`` some operations must not wait long for the next one, which not every plan
    can keep to. With ``has_choices`` items have second routings, operations may be split, and what
    is made may be bought. With ``has_batches`` some machines run several operations together. With
    ``has_overtime`` every calendar allows some: in the evening, over midnight, on Saturday, on days
    that are closed, inside working time, and the same hours at two prices.
    """

    def __init__(
        self,
        seed: int,
        lines: int = 8,
        *,
        has_limits: bool = False,
        has_choices: bool = False,
        has_batches: bool = False,
        has_overtime: bool = False,
    ) -> None:
        self.random = random.Random(seed)
        self.furnaces = random.Random(seed) if has_batches else None
        self.has_overtime = has_overtime
        self.has_limits = has_limits
        self.rows: list[Any] = []
        self._resources()
        self._items()
        self._demand(lines)
        if has_choices:
            self._choices(random.Random(seed))

    def _choices(self, source: random.Random) -> None:
        """Other ways for what there is, drawn apart so that the rest stays as it is without."""
        for place, row in enumerate(self.rows):
            if isinstance(row, RoutingOperation) and row.subcontract_days is None:
                self.rows[place] = replace(row, split_most=source.choice([1, 2, 3]))
            if isinstance(row, Item) and row.type is ItemType.MAKE and source.random() < 0.4:
                days, more = Decimal(source.choice([0, 1, 3])), Decimal(source.choice([0, "1.5"]))
                self.rows[place] = replace(
                    row, may_buy=True, lead_time_days=days, buying_surcharge=more
                )
        self.random = source
        for item in self.made:
            routed = [r for r in self.rows if isinstance(r, RoutingOperation)]
            numbers = sorted(r.number for r in routed if r.item_id == item.id)
            if numbers and source.random() < 0.5:
                before = len(self.rows)
                for number in numbers[: source.randint(1, len(numbers))]:
                    self._step(item, number)
                self.rows[before:] = [self._alternate(row) for row in self.rows[before:]]

    def _alternate(self, row: Any) -> Any:
        """A row of a routing as one of the routing B."""
        if not isinstance(row, RoutingOperation):
            return row
        is_inside = row.subcontract_days is None
        return replace(row, routing="B", split_most=self.random.choice([1, 2]) if is_inside else 1)

    def plan(self) -> Plan:
        """Its rows as a plan."""
        return make_plan(self.rows)

    def _resources(self) -> None:
        day, night = make_calendar(), make_calendar(code="TWO")
        self.rows += [day, night, *make_week(day), *make_week(night, 480, 960, 6)]
        self.rows += [make_shift(night, weekday, 1200, 240) for weekday in range(1, 6)]
        self.rows.append(make_holiday(day, TODAY + timedelta(days=2)))
        hours = make_holiday(night, TODAY + timedelta(days=3), start_minute=480, end_minute=720)
        self.rows.append(hours)
        if self.has_overtime:
            for weekday in range(1, 6):
                self.rows.append(make_overtime(day, weekday, 960, 1140, 30))
                self.rows.append(make_overtime(night, weekday, 1080, 1260, 0))
            self.rows += [
                make_overtime(day, 6, 480, 960, 45.5),
                make_overtime(day, 6, 900, 1080, 20),
                make_overtime(night, 7, 1320, 360, 60),
                make_overtime(night, 5, 0, 300, 12.34),
            ]
        self.centers = [make_work_center(code=f"WC{i}") for i in range(3)]
        home, other = make_plant(home=True), make_plant(id=uuid4(), code="P2")
        ways = [make_transfer(home, other, 45), make_transfer(other, home, 30.5)]
        self.rows += [home, other, *ways]
        self.machines = [
            make_machine(
                plant_id=other.id if i == 5 else PLANT_ID,
                code=f"M{i}",
                work_center_id=self.centers[i % 3].id,
                calendar_id=self.random.choice([day.id, night.id, None]),
                efficiency=self.random.choice([Decimal(1), Decimal("0.9"), Decimal("1.1")]),
                batch_capacity=self._capacity(),
            )
            for i in range(6)
        ]
        self.rows += [*self.centers, *self.machines]
        for machine in self.random.sample(self.machines, 2):
            start = self.random.randrange(3000)
            self.rows.append(make_downtime(machine, at(start), at(start + 200)))
        self.rows += [
            make_operator(*skills, code=f"OP{i}", calendar_id=calendar)
            for i, (skills, calendar) in enumerate(
                [(("weld",), day.id), (("weld", "test"), night.id), (("weld", "test"), None)]
            )
        ]
        self.tools = [make_tool(code="MOULD", count=2), make_tool(code="GAUGE")]
        self.rows += self.tools
        for origin, target, minutes in [("red", "blue", 45), ("*", "red", 10), ("blue", "*", 5)]:
            places = {"work_center_id": self.centers[0].id}, {"machine_id": self.machines[1].id}
            for place in places:
                self.rows.append(
                    make_changeover(
                        from_family=origin, to_family=target, minutes=Decimal(minutes), **place
                    )
                )

    def _capacity(self) -> Decimal | None:
        if self.furnaces is None:
            return None
        return self.furnaces.choice([None, Decimal(25), Decimal(60), Decimal("12.5")])

    def _load(self) -> Decimal:
        if self.furnaces is None:
            return Decimal(1)
        return Decimal(self.furnaces.choice(["1", "0.5", "0.3", "2"]))

    def _items(self) -> None:
        pick = self.random.choice
        self.raw = [
            make_bought(
                code=f"R{i}",
                unit="kg",
                lead_time_days=Decimal(pick(["0", "1.5", "4"])),
                **self._lot_rule(),
                safety_stock=Decimal(pick([0, 0, 15])),
            )
            for i in range(4)
        ]
        self.rows += self.raw
        self.rows += [make_conversion(item, "g", "0.001") for item in self.raw]
        lower: list[Item] = self.raw
        self.made: list[Item] = []
        for level in range(3):
            items = [self._made(f"L{level}-{i}", lower) for i in range(3)]
            lower = [*lower, *items]
            self.made += items

    def _made(self, code: str, lower: list[Item]) -> Item:
        pick = self.random.choice
        kind = pick([ItemType.MAKE] * 6 + [ItemType.PHANTOM, ItemType.SUBCONTRACT])
        item = make_item(
            code=code,
            type=kind,
            family=pick(["red", "blue", ""]),
            scrap_ratio=Decimal(pick(["0", "0", "0.05", "0.3"])),
            lead_time_days=Decimal(2),
            safety_stock=Decimal(pick([0, 0, 0, 4])),
            **self._lot_rule(),
        )
        self.rows.append(item)
        routed = kind is ItemType.MAKE or (kind is ItemType.SUBCONTRACT and pick([True, False]))
        numbers = [10, 20, 30][: self.random.randint(1, 3)] if routed else []
        for number in numbers:
            self._step(item, number)
        for component in self.random.sample(lower, self.random.randint(1, 2)):
            self.rows.append(
                make_bom_line(
                    item,
                    component,
                    pick(["1", "2", "0.75"]) if component.unit == "pcs" else "250",
                    unit=component.unit if component.unit == "pcs" else "g",
                    scrap_ratio=Decimal(pick(["0", "0.03"])),
                    operation_number=pick([None, *numbers]),
                )
            )
        return item

    def _step(self, item: Item, number: int) -> None:
        pick = self.random.choice
        skill = pick(["", "", "weld", "test"])
        step = make_routing_operation(
            item,
            number,
            work_center_id=pick(self.centers).id,
            setup_minutes=Decimal(pick(["0", "12.5", "30"])),
            run_minutes=Decimal(pick(["0", "0.7", "3", "6"])),
            wait_minutes=Decimal(pick(["0", "0", "20"])),
            transfer_batch=pick([None, None, Decimal(5)]),
            skill=skill,
            operators=pick([1, 2]) if skill == "weld" else 1 if skill else 0,
            break_rule=pick([BreakRule.PAUSE] * 4 + [BreakRule.FIT] * 2),
            subcontract_days=Decimal("1.5") if pick(range(8)) == 0 else None,
            load=self._load(),
            **self._tool(),
            **self._limits(number),
        )
        self.rows.append(step)
        if pick([True, False]):
            for position, machine in enumerate(self.random.sample(self.machines, 2)):
                self.rows.append(make_routing_machine(step, machine, pick(["1", "0.8"]), position))

    def _limits(self, number: int) -> dict[str, Any]:
        """Now and then another place in the routing than behind the last, and a longest wait."""
        after = [None, None, (), tuple(range(10, number, 10))]
        found: dict[str, Any] = {"after": self.random.choice(after)}
        if self.has_limits:
            found["max_wait_minutes"] = self.random.choice([None, None, Decimal(30), Decimal(240)])
        return found

    def _tool(self) -> dict[str, Any]:
        tool = self.random.choice([None, None, *self.tools])
        if tool is None:
            return {}
        return {"tool_id": tool.id, "tools": self.random.randint(1, tool.count)}

    def _lot_rule(self) -> dict[str, Any]:
        rule = self.random.choice(list(LotRule) + [LotRule.L4L] * 3)
        numbers = {
            LotRule.L4L: {"minimum": Decimal(7), "multiple": Decimal(5)},
            LotRule.FOQ: {"lot_size": Decimal(20)},
            LotRule.POQ: {"lot_size": Decimal(4)},
            LotRule.MINMAX: {"lot_size": Decimal(40), "minimum": Decimal(6)},
        }[rule]
        if rule is LotRule.L4L and self.random.random() < 0.6:
            numbers = {}
        return {"lot_rule": rule, **numbers}

    def _demand(self, lines: int) -> None:
        pick = self.random.choice
        for number in range(lines):
            self.rows.append(
                make_order_line(
                    pick(self.made),
                    self.random.randint(1, 25),
                    order_number=f"SO-{number // 2}",
                    line=str(number % 2 + 1),
                    due_on=TODAY + timedelta(days=self.random.randint(-2, 15)),
                    priority=self.random.randint(1, 9),
                    earliest_start_at=pick([None, None, at(700)]),
                )
            )
        for item in self.random.sample([*self.made, *self.raw], 5):
            lot = {"lot": "A", "expires_on": TODAY + timedelta(days=5)} if pick([0, 1]) else {}
            self.rows.append(make_stock(item, self.random.randint(1, 30), **lot))
        for item in self.random.sample(self.raw, 2):
            due_on = TODAY + timedelta(days=self.random.randint(-1, 6))
            self.rows.append(make_purchase_line(item, 12, due_on=due_on))

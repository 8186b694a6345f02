"""A synthetic factory with a plan, of any size, for tests, pictures and the benchmark."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.changes import Row
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import Operation, WorkStatus
from domain.resources import Downtime, Machine
from domain.scenarios import Booking, LockLevel
from domain.working_time import working_intervals
from tests import builders as make
from widgets.gantt.data import GanttData

# Work center and what is done there, in the order parts pass through.
_STEPS = [
    ("CUT", "下料", "锯切"),
    ("LATHE", "车削", "精车"),
    ("MILL", "铣削", "铣面"),
    ("DRILL", "钻孔", "钻孔"),
    ("HEAT", "热处理", "淬火"),
    ("GRIND", "磨削", "外圆磨"),
    ("COAT", "表面处理", "发黑"),
    ("ASSY", "装配", "装配"),
    ("TEST", "检测", "终检"),
]
_ITEMS = [
    "传动轴",
    "齿轮箱壳体",
    "法兰盘",
    "花键套",
    "联轴器",
    "端盖",
    "轴承座",
    "蜗杆",
    "导轨",
    "阀体",
]
_FAMILIES = ["轴类", "壳体", "盘类", "套类"]


class _Clock:
    """When a machine is free, walking through its working intervals."""

    def __init__(self, intervals: list[tuple[datetime, datetime]]) -> None:
        self.intervals = intervals
        self.k = 0
        self.at = intervals[0][0]

    def book(self, ready: datetime, setup: int, run: int) -> tuple[datetime, datetime, datetime]:
        self.at = max(self.at, ready)
        start = self._take(0)
        head_end = self._take(setup)
        run_start = self._take(0) if setup == 0 else head_end
        return start, run_start, self._take(run)

    def _take(self, minutes: int) -> datetime:
        left = timedelta(minutes=minutes)
        while True:
            begin, end = self.intervals[self.k]
            self.at = max(self.at, begin)
            if self.at < end and (not left or self.at + left <= end):
                self.at += left
                return self.at
            left -= max(end - self.at, timedelta())
            self.k += 1


def make_factory(operations: int = 2000, machines: int = 40, seed: int = 1) -> GanttData:
    """Work orders of about 6 steps, booked one after the other, in two shifts with a holiday."""
    source = random.Random(seed)
    ids = make.id_maker(seed)
    rows: list[Row] = [make.make_plant(name="总厂")]
    calendar = make.make_calendar(id=ids(), code="两班")
    rows.append(calendar)
    for day in range(1, 7):
        rows.append(make.make_shift(calendar, day, 480, 960))
        rows.append(make.make_shift(calendar, day, 960, 1440))
    rows.append(make.make_holiday(calendar, make.TODAY + timedelta(days=10)))
    by_step: list[list[Machine]] = []
    for k, (code, name, _) in enumerate(_STEPS[: max(min(len(_STEPS), machines), 1)]):
        center = make.make_work_center(id=ids(), code=code, name=name)
        rows.append(center)
        count = machines // len(_STEPS) + (1 if k < machines % len(_STEPS) else 0)
        by_step.append([])
        for m in range(max(count, 1)):
            machine = make.make_machine(
                id=ids(),
                code=f"{code}-{m + 1:02}",
                name=f"{name}{m + 1}号",
                work_center_id=center.id,
                calendar_id=calendar.id,
            )
            by_step[-1].append(machine)
            rows.append(machine)
    broken = by_step[0][0]
    rows.append(
        Downtime(
            id=ids(),
            machine_id=broken.id,
            start_at=make.at(4 * 1440),
            end_at=make.at(4 * 1440 + 240),
            reason="保养",
        )
    )
    plan = Plan(rows)
    bookings = list(_orders(plan, by_step, operations, source, ids))
    slack = _slack(plan, bookings)
    return GanttData(plan, bookings, make.NOW + timedelta(hours=30), slack=slack)


def _orders(plan, by_step, operations, source, ids) -> Iterator[Booking]:
    scenario = make.make_scenario(id=ids())
    plan.put(scenario)
    days = 45 + operations * 270 // (max(sum(map(len, by_step)), 1) * 300)
    far = make.NOW + timedelta(days=days)
    clocks = {m.id: _Clock(working_intervals(plan, m, make.NOW, far)) for ms in by_step for m in ms}
    items = []
    for k, name in enumerate(_ITEMS):
        item = make.make_item(
            id=ids(), code=f"P-{k:03}", name=name, family=_FAMILIES[k % len(_FAMILIES)]
        )
        items.append(item)
        plan.put(item)
    routings: dict[tuple, object] = {}
    placed, number = 0, 0
    while placed < operations:
        number += 1
        item = source.choice(items)
        order = make.make_work_order(
            item,
            source.randint(10, 200),
            id=ids(),
            number=f"WO-{number:06}",
            status=source.choice(list(WorkStatus)[:4]),
        )
        plan.put(order)
        line = make.make_order_line(
            item,
            order.quantity,
            id=ids(),
            order_number=f"SO-{1000 + number // 3}",
            line=str(number % 3 * 10 + 10),
            due_on=make.TODAY + timedelta(days=source.randint(4, 40)),
        )
        plan.put(line)
        plan.put(make.make_peg(order, line, order.quantity))
        ready = make.NOW + timedelta(minutes=source.randint(0, 60) * 30)
        steps = sorted(source.sample(range(len(by_step)), min(6, len(by_step))))
        for position, k in enumerate(steps[: operations - placed]):
            step = routings.get((item.id, k))
            if step is None:
                step = make.make_routing_operation(
                    item,
                    (k + 1) * 10,
                    id=ids(),
                    name=_STEPS[k][2],
                    work_center_id=by_step[k][0].work_center_id,
                    setup_minutes=Decimal(30),
                )
                routings[item.id, k] = step
                plan.put(step)
            operation = make.make_operation(order, step, id=ids(), number=(position + 1) * 10)
            plan.put(operation)
            machine = min(by_step[k], key=lambda m: clocks[m.id].at)
            setup = source.choice([0, 0, 20, 45])
            start, run, end = clocks[machine.id].book(ready, setup, source.randint(3, 90) * 5)
            ready = end
            lock = LockLevel.TIME if source.random() < 0.03 else LockLevel.NONE
            placed += 1
            yield Booking(
                id=ids(),
                plant_id=make.PLANT_ID,
                scenario_id=scenario.id,
                operation_id=operation.id,
                machine_id=machine.id,
                setup_start_at=start,
                run_start_at=run,
                end_at=end,
                lock=lock,
            )


def _slack(plan: Plan, bookings: list[Booking]) -> dict:
    ends: dict = {}
    for booking in bookings:
        order = plan.need(Operation, booking.operation_id).work_order_id
        ends[order] = max(ends.get(order, booking.end_at), booking.end_at)
    slack = {}
    for line in plan.table(OrderLine).values():
        due = datetime(line.due_on.year, line.due_on.month, line.due_on.day, tzinfo=UTC)
        due += timedelta(hours=16)  # midnight in Shanghai is 16:00 in UTC
        for order_id in [p.supply_id for p in plan.where(make.Peg, demand_id=line.id)]:
            if order_id in ends:
                slack[line.id] = int((due - ends[order_id]).total_seconds() // 60)
    return slack

"""Beyond the nine rules: tools, longest waits, branches, transfers, orders that must finish."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain.errors import Finding, RuleViolation
from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.scenarios import Booking, LockLevel, Scenario
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.engine import solve
from domain.scheduling.problem import breach_of
from domain.scheduling.repair import MoveBoard
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_bom_line,
    make_calendar,
    make_downtime,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_plant,
    make_routing_operation,
    make_scenario,
    make_shift,
    make_tool,
    make_transfer,
    make_work_center,
)

CENTERS = [make_work_center(code=f"W{i}") for i in range(3)]
MACHINES = [make_machine(code=f"M{i}", work_center_id=CENTERS[i].id) for i in range(3)]
SHOP = [*CENTERS, *MACHINES]
ITEM = make_item(code="A")


def step(number: int, run: int, center: int = 0, **changes: Any) -> Any:
    """A step of the item on one of the machines, which work round the clock."""
    return make_routing_operation(
        changes.pop("item", ITEM),
        number,
        work_center_id=CENTERS[center].id,
        run_minutes=Decimal(run),
        **changes,
    )


def line(name: str, **changes: Any) -> OrderLine:
    """An order line for one of the item, due today."""
    wanted = {"order_number": name, "due_on": TODAY, **changes}
    return make_order_line(wanted.pop("item", ITEM), **wanted)


class Planned:
    """A factory with its first plan: bookings by order line and step, and what is found."""

    def __init__(self, *rows: Any) -> None:
        self.plan: Plan = make_plan(*rows)
        self.plan.apply(mrp_changes(self.plan, explode(self.plan, NOW, id_maker())))
        self.problem = build_problem(self.plan, NOW)
        self.solution = solve(self.problem, seconds=60, workers=1, iterations=1)
        scenario = make_scenario(weighted_lateness=self.solution.value)
        self.plan.put(scenario)
        self.bookings = bookings_from(self.problem, self.solution, self.plan, scenario, id_maker(7))

    def minutes(self) -> list[tuple[int, int, int]]:
        """(step, run start, end) of all bookings, by time."""
        found = []
        for row in self.bookings:
            number = self.plan.need(Operation, row.operation_id).number
            begin, end = (
                (each - NOW) // timedelta(minutes=1) for each in (row.run_start_at, row.end_at)
            )
            found.append((number, begin, end))
        return sorted(found, key=lambda one: one[1:])

    def found(self) -> list[Finding]:
        """What the checker says."""
        return check_plan(self.plan, self.bookings, NOW)

    def codes(self) -> list[str]:
        return [finding.code for finding in self.found()]

    def booking(self, number: int) -> Booking:
        """The booking of a step; of the first work order if there are several."""
        return next(
            row
            for row in self.bookings
            if self.plan.need(Operation, row.operation_id).number == number
        )


def test_one_mould_serves_one_machine_at_a_time():
    mould, other = make_tool(count=1), make_item(code="B")
    rows = [SHOP, mould, ITEM, other, line("1"), line("2", item=other)]
    steps = [step(10, 60, tool_id=mould.id), step(10, 60, 1, item=other, tool_id=mould.id)]
    one = Planned(*rows, steps)
    assert one.minutes() == [(10, 0, 60), (10, 60, 120)]
    assert one.codes() == []
    two = Planned(*rows[:1], replace(mould, count=2), *rows[2:], steps)
    assert two.minutes() == [(10, 0, 60), (10, 0, 60)]


def test_more_of_a_tool_than_there_is_is_named():
    mould = make_tool(count=1)
    found = Planned(SHOP, mould, ITEM, line("1"), step(10, 60, tool_id=mould.id, tools=2))
    assert [f.code for f in found.problem.findings] == ["too_few_tools", "order_not_planned"]
    assert found.problem.findings[0].params["tool"] == "MOULD"


def test_an_operation_begins_later_for_what_must_not_wait():
    # Each part is 10 minutes in the bath and 100 at the press, at most 5 minutes later.
    steps = [step(10, 10, max_wait_minutes=Decimal(5)), step(20, 100, 1)]
    found = Planned(SHOP, ITEM, steps, line("1"), line("2"))
    assert found.minutes() == [(10, 0, 10), (20, 10, 110), (10, 95, 105), (20, 110, 210)]
    assert found.solution.overrun == 0
    assert found.codes() == []


def test_a_chain_on_one_machine_keeps_together():
    # Both steps on one machine, the second at once: nothing comes between them.
    steps = [step(10, 10, max_wait_minutes=Decimal(0)), step(20, 30)]
    found = Planned(SHOP, ITEM, steps, *(line(str(n)) for n in range(4)))
    begins = [(number, begin) for number, begin, _ in found.minutes()]
    assert begins == [
        (10, 0),
        (20, 10),
        (10, 40),
        (20, 50),
        (10, 80),
        (20, 90),
        (10, 120),
        (20, 130),
    ]
    assert found.codes() == []


def test_locked_work_stays_where_it_is_though_a_wait_gets_longer():
    # On one machine at 60 and at 80, both locked. What follows the first within half an hour can
    # be done from 200 on: behind the other one it would wait half an hour less.
    other = make_item(code="B")
    steps = [step(10, 10, max_wait_minutes=Decimal(30)), step(20, 10, 1), step(10, 10, item=other)]
    stop = make_downtime(MACHINES[1], NOW, at(200))
    found = Planned(SHOP, ITEM, other, steps, line("1"), line("2", item=other), stop)
    plan, scenario = found.plan, found.plan.need(Scenario, found.bookings[0].scenario_id)
    for row in found.bookings:
        order = plan.need(WorkOrder, plan.need(Operation, row.operation_id).work_order_id)
        start = 80 if order.item_id == other.id else 60
        if row.machine_id == MACHINES[0].id:
            times = {
                "setup_start_at": at(start),
                "run_start_at": at(start),
                "end_at": at(start + 10),
            }
            plan.put(replace(row, lock=LockLevel.TIME, **times))
    problem = build_problem(plan, NOW, scenario=scenario)
    again = solve(problem, seconds=60, workers=1, iterations=1)
    assert breach_of(problem, again) == (0, 100)


def test_waits_that_nobody_can_keep_are_told():
    # The bath works by day and the press by night: what is bathed always waits for hours.
    day, night = make_calendar(), make_calendar(code="NIGHT")
    hours = [make_shift(day, n, 480, 960) for n in range(1, 8)]
    hours += [make_shift(night, n, 1200, 240) for n in range(1, 8)]
    hours += [day, night]
    bath = replace(MACHINES[0], calendar_id=day.id)
    press = replace(MACHINES[1], calendar_id=night.id)
    other = make_item(code="B")
    steps = [step(10, 10, max_wait_minutes=Decimal(5)), step(20, 10, 1), step(10, 10, item=other)]
    rows = [CENTERS, [bath, press], hours, ITEM, other, steps]
    found = Planned(*rows, line("1"), line("2", item=other))
    assert found.codes() == ["rule5_longest_wait"]
    # One part is bathed from 8:00 on, after the other one or before it; the press begins at 20:00.
    assert found.solution.overrun == found.found()[0].params["minutes"] - 5
    assert found.solution.overrun in (695, 705)


def test_a_wait_that_is_too_long_is_found():
    steps = [step(10, 10, max_wait_minutes=Decimal(5)), step(20, 9, 1)]
    found = Planned(SHOP, ITEM, line("1"), steps)
    late = replace(found.booking(20), run_start_at=at(16), setup_start_at=at(16), end_at=at(25))
    found.bookings = [found.booking(10), late]
    assert found.codes() == ["rule5_longest_wait"]
    in_time = replace(late, run_start_at=at(15), setup_start_at=at(15), end_at=at(24))
    found.bookings = [found.booking(10), in_time]
    assert found.codes() == []


def test_branches_run_side_by_side_and_join():
    steps = [step(10, 60), step(20, 30, 1, after=()), step(30, 5, 2, after=(10, 20))]
    found = Planned(SHOP, ITEM, line("1"), steps)
    assert found.minutes() == [(20, 0, 30), (10, 0, 60), (30, 60, 65)]
    assert found.codes() == []
    late = replace(found.booking(10), run_start_at=at(6), setup_start_at=at(6), end_at=at(66))
    found.bookings = [late if row.id == late.id else row for row in found.bookings]
    assert "rule5_sequence" in found.codes()


def test_work_is_done_when_all_its_branches_are():
    # The parent takes the part when the longer branch has ended, too.
    parent = make_item(code="P")
    steps = [step(10, 60), step(20, 30, 1, after=()), step(10, 5, 2, item=parent)]
    rows = [SHOP, ITEM, parent, make_bom_line(parent, ITEM, 1), steps]
    found = Planned(*rows, line("1", item=parent))
    assert found.minutes() == [(20, 0, 30), (10, 0, 60), (10, 60, 65)]
    assert found.codes() == []


def test_a_step_that_follows_one_that_is_not_there_is_named():
    found = Planned(SHOP, ITEM, line("1"), [step(10, 5), step(30, 5, after=(20,))])
    codes = [finding.code for finding in found.problem.findings]
    assert codes == ["follows_unknown_step", "order_not_planned"]


def two_plants() -> tuple[list[Any], Any]:
    """The shop with its second machine in another plant, 45 minutes away."""
    home, other = make_plant(home=True), make_plant(id=uuid4(), code="P2")
    far = replace(MACHINES[1], plant_id=other.id)
    ways = [make_transfer(home, other, 45), make_transfer(other, home, 50)]
    return [home, other, *ways, *CENTERS, MACHINES[0], far, MACHINES[2]], other


def test_work_travels_between_plants():
    shop, _ = two_plants()
    found = Planned(shop, ITEM, line("1"), [step(10, 10), step(20, 10, 1), step(30, 10, 2)])
    assert found.minutes() == [(10, 0, 10), (20, 55, 65), (30, 115, 125)]
    assert found.codes() == []
    soon = replace(found.booking(20), run_start_at=at(54), setup_start_at=at(54), end_at=at(64))
    found.bookings = [soon if row.id == soon.id else row for row in found.bookings]
    assert "rule5_sequence" in found.codes()


def test_parts_travel_between_plants():
    shop, _ = two_plants()
    parent = make_item(code="P")
    rows = [shop, ITEM, parent, make_bom_line(parent, ITEM, 1)]
    found = Planned(*rows, [step(10, 10), step(10, 10, 1, item=parent)], line("1", item=parent))
    assert found.minutes() == [(10, 0, 10), (10, 55, 65)]
    assert found.codes() == []
    orders = {row.item_id: row.id for row in found.plan.table(WorkOrder).values()}
    taker = found.plan.one(Operation, work_order_id=orders[parent.id])
    early = next(row for row in found.bookings if taker and row.operation_id == taker.id)
    moved = replace(early, run_start_at=at(20), setup_start_at=at(20), end_at=at(30))
    found.bookings = [moved if row.id == early.id else row for row in found.bookings]
    assert "transfer_too_short" in found.codes()


def test_what_must_finish_goes_before_what_is_urgent():
    # Two days of work each on one machine, due tomorrow: only one of them can be in time.
    due_on = TODAY + timedelta(days=1)
    calm = line("1", priority=9, due_on=due_on, must_finish=True)
    found = Planned(SHOP, ITEM, step(10, 2000), calm, line("2", priority=1, due_on=due_on))
    assert found.codes() == []
    assert found.solution.value == (4000 - 2 * 1440 + 480) * 9
    both = Planned(SHOP, ITEM, step(10, 4000), calm)
    assert "must_finish_late" in both.codes()


def test_a_drag_takes_along_what_must_not_wait():
    steps = [step(10, 10, max_wait_minutes=Decimal(5)), step(20, 100, 1)]
    found = Planned(SHOP, ITEM, steps, line("1"))
    for row in found.bookings:
        found.plan.put(row)
    bath, press = found.booking(10), found.booking(20)
    scenario = found.plan.need(Scenario, press.scenario_id)
    board = MoveBoard(found.plan, scenario, NOW)
    move = board.try_move(press, press.machine_id, at(200), NOW)
    begins = {row.id: row.run_start_at for row in move.bookings}
    assert begins == {press.id: at(200), bath.id: at(185)}
    for row in move.bookings:
        found.plan.put(row)
    back = MoveBoard(found.plan, scenario, NOW)
    with pytest.raises(RuleViolation) as refused:
        back.try_move(replace(bath, run_start_at=at(185)), bath.machine_id, at(100), NOW)
    assert refused.value.code == "drop_ends_too_early"

"""Of held work that is in each other's way the checker lets only one give way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from domain.errors import Finding
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.resources import Machine
from domain.scenarios import Booking
from domain.scheduling.check_held import HELD
from domain.scheduling.checks import check_plan
from tests.builders import NOW, at, make_absence, make_downtime, make_operator, make_tool
from tests.domain.scheduling.test_begun import one_of
from tests.domain.scheduling.test_mend import two_machines
from widgets.text import Language, finding_text, format_instant, set_language

MOVED = "held_had_to_move"


def moved_to(row: Booking, start: float, minutes: float = 300, **changes: object) -> Booking:
    times = {"setup_start_at": at(start), "run_start_at": at(start), "end_at": at(start + minutes)}
    return replace(row, **times, **changes)


def shop(first: float, second: float, *, is_one: bool = True) -> tuple[Plan, Booking, Booking]:
    """Two operations of 300 minutes in the plan in force, frozen for ten hours from now on."""
    plan, machine = two_machines(300)
    plan.put(replace(plan.home_plant(), frozen_hours=10))
    one, other = one_of(plan, "A"), one_of(plan, "B")
    one = moved_to(one, first)
    other = moved_to(other, second, **({"machine_id": machine.id} if is_one else {}))
    plan.put(one)
    plan.put(other)
    return plan, one, other


def told(plan: Plan, rows: list[Booking], now_at: datetime = NOW) -> list[str]:
    """What is found of held work in rows that shall follow the plan in force."""
    found = check_plan(plan, rows, now_at, None, list(plan.table(Booking).values()))
    return [one.code for one in found if one.code in HELD | {MOVED}]


def causes(plan: Plan, rows: list[Booking], now_at: datetime = NOW) -> list[tuple[str, str]]:
    """Why held work had to move: the operation's work order, and the cause as it is read."""
    found = check_plan(plan, rows, now_at, None, list(plan.table(Booking).values()))
    moved = [each for each in found if each.code == MOVED]
    for each in moved:
        cause = each.params["cause"]
        assert isinstance(cause, Finding)
        assert finding_text(each).endswith(finding_text(cause))
    return [(str(each.params["work_order"]), finding_text(each)) for each in moved]


def order_of(plan: Plan, row: Booking) -> str:
    step = plan.need(Operation, row.operation_id)
    return plan.need(WorkOrder, step.work_order_id).number


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_told_what_stood_in_the_way(language: Language) -> None:
    set_language(language)
    try:
        plan, one, other = shop(0, 300)
        rows = [moved_to(one, 60), moved_to(other, 360)]
        machine = plan.get(Machine, one.machine_id)
        assert machine is not None
        plan.put(make_downtime(machine, NOW, at(60)))
        (hit, why), (pushed, after) = causes(plan, rows)
        assert (hit, pushed) == (order_of(plan, one), order_of(plan, other))
        assert machine.code in why
        assert format_instant(at(60)) in why
        assert order_of(plan, one) in after
    finally:
        set_language("zh")


def test_an_earliest_start_that_was_put_off_is_told() -> None:
    plan, one, other = shop(0, 300)
    step = plan.need(Operation, other.operation_id)
    order = plan.need(WorkOrder, step.work_order_id)
    plan.put(replace(order, earliest_start_at=at(400)))
    ((number, why),) = causes(plan, [one, moved_to(other, 400)])
    assert number == order.number
    assert format_instant(at(400)) in why


def test_two_that_change_places_do_not_excuse_each_other() -> None:
    plan, one, other = shop(0, 0, is_one=False)
    swapped = [
        replace(one, machine_id=other.machine_id),
        replace(other, machine_id=one.machine_id),
    ]
    assert told(plan, swapped) == ["frozen_moved", "frozen_moved"]


@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_that_overlap_one_has_to_move_and_the_other_stays(is_first: bool) -> None:
    # 0 to 300 and 200 to 500 on one machine: either may give way.
    plan, one, other = shop(0, 200)
    rows = [moved_to(one, 500), other] if is_first else [one, moved_to(other, 300)]
    assert told(plan, rows) == [MOVED]


def test_of_two_that_overlap_not_both_may_move() -> None:
    plan, one, other = shop(0, 200)
    assert told(plan, [moved_to(one, 400), moved_to(other, 100)]) == ["frozen_moved"] * 2
    assert told(plan, [moved_to(one, 100), moved_to(other, 400)]) == ["frozen_moved"] * 2


def test_what_is_hit_may_push_what_comes_after_it() -> None:
    # A stands for the first hour: 60 to 360, and so 360 to 660 for what was to begin at 300.
    plan, one, other = shop(0, 300)
    rows = [moved_to(one, 60), moved_to(other, 360)]
    assert told(plan, rows) == ["frozen_moved", "frozen_moved"]
    machine = plan.get(Machine, one.machine_id)
    plan.put(make_downtime(machine, NOW, at(60)))
    assert told(plan, rows) == [MOVED, MOVED]


def test_what_takes_longer_by_now_is_in_the_way_of_the_next() -> None:
    # 0 to 600 instead of 300, on the machine where the other has 300 to 600: one waits for the
    # other, but not both.
    plan, one, other = shop(0, 300)
    slow = plan.need(Operation, one.operation_id)
    plan.put(replace(slow, run_minutes=slow.run_minutes * 2))
    assert told(plan, [moved_to(one, 0, 600), moved_to(other, 600)]) == [MOVED]
    assert told(plan, [moved_to(one, 600, 600), other]) == [MOVED]
    assert told(plan, [moved_to(one, 100, 600), moved_to(other, 700)]) == ["frozen_moved"] * 2


def test_what_has_begun_gives_way_to_nothing_that_has_not() -> None:
    plan, one, other = shop(0, 200)
    assert told(plan, [one, moved_to(other, 300)], at(60)) == [MOVED]
    assert told(plan, [moved_to(one, 500), other], at(60)) == ["begun_moved"]


@pytest.mark.parametrize(("units", "code"), [(1, MOVED), (2, "frozen_moved")])
def test_a_tool_is_in_the_way_only_if_there_are_too_few(units: int, code: str) -> None:
    plan, one, other = shop(0, 0, is_one=False)
    tool = make_tool(count=units)
    plan.put(tool)
    for row in (one, other):
        plan.put(replace(plan.need(Operation, row.operation_id), tool_id=tool.id))
    assert told(plan, [one, moved_to(other, 300)]) == [code]


def test_who_is_absent_is_told() -> None:
    plan, one, other = shop(0, 300)
    person = make_operator("weld", code="OP1")
    plan.put(person)
    for row in (one, other):
        step = plan.need(Operation, row.operation_id)
        plan.put(replace(step, skill="weld", operators=1))
        plan.put(replace(row, operator_ids=(person.id,)))
    plan.put(make_absence(person, NOW, at(60)))
    rows = [moved_to(plan.need(Booking, one.id), 60), moved_to(plan.need(Booking, other.id), 360)]
    (_, why), (_, after) = causes(plan, rows)
    assert "OP1" in why
    assert order_of(plan, one) in after

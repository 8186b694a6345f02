"""Overtime: opened where it is worth its cost, closed where nobody needs it, and checked."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Finding, RuleViolation, Severity
from domain.mrp import explode, mrp_changes
from domain.objectives import ON_TIME, OVERTIME, Goal, ObjectiveProfile
from domain.plan import Plan
from domain.resources import Machine, Operator
from domain.scenarios import Booking, LockLevel, OvertimeShift, Scenario
from domain.scheduling.amounts import plan_amounts
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.check_facts import Facts
from domain.scheduling.checks import check_plan
from domain.scheduling.engine import solve
from domain.scheduling.events import calendars_of
from domain.scheduling.goals import goals_of
from domain.scheduling.lateness import order_lateness
from domain.scheduling.overtime import Overtime
from domain.scheduling.overtime_rows import Allowed, overtime_rows
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.repair import MoveBoard
from domain.working_time import overtime_windows, working_intervals
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_absence,
    make_calendar,
    make_downtime,
    make_holiday,
    make_item,
    make_machine,
    make_operator,
    make_order_line,
    make_overtime,
    make_overtime_shift,
    make_plan,
    make_routing_operation,
    make_scenario,
    make_week,
    make_work_center,
)
from tests.factories import RandomFactory

CENTER = make_work_center()
COST_FIRST = replace(OVERTIME, goals=(Goal.OVERTIME, Goal.LATENESS, Goal.SETUP))


def shop(*orders: tuple[int, int], evening: bool = True, **changes: Any) -> Plan:
    """One machine, Monday to Friday 8:00 to 16:00, with overtime until 18:00 at 50 an hour.

    ``orders`` are minutes of work and days from now on which it is due; priority 5.
    """
    calendar = make_calendar()
    machine = make_machine(work_center_id=CENTER.id, calendar_id=calendar.id)
    rows: list[Any] = [CENTER, calendar, machine, *make_week(calendar, 480, 960)]
    days = range(1, 6) if evening else ()
    rows += [make_overtime(calendar, weekday, 960, 1080) for weekday in days]
    if changes.get("skill"):
        rows.append(make_operator(changes["skill"], calendar_id=calendar.id))
    for number, (minutes, due) in enumerate(orders):
        item = make_item(code=f"A{number}")
        rows += [
            item,
            make_routing_operation(
                item,
                work_center_id=CENTER.id,
                setup_minutes=Decimal(0),
                run_minutes=Decimal(minutes),
                **changes,
            ),
            make_order_line(
                item, 1, order_number=f"SO-{number}", due_on=TODAY + timedelta(days=due)
            ),
        ]
    return exploded(make_plan(rows))


def exploded(plan: Plan, seed: int = 1) -> Plan:
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    return plan


class Planned:
    """A plan made after a profile, as rows that the checker has accepted."""

    def __init__(
        self,
        plan: Plan,
        profile: ObjectiveProfile,
        iterations: int = 6,
        seed: int = 1,
        start: Solution | None = None,
    ) -> None:
        self.plan, self.problem = plan, build_problem(plan, NOW)
        goals = goals_of(self.problem, plan, profile, plan.published())
        self.solution = solve(
            self.problem,
            seconds=60,
            workers=1,
            seed=seed,
            iterations=iterations,
            goals=goals,
            start=start,
        )
        self.scenario = plan.published() or make_scenario(
            plant_id=plan.home_plant().id, published=True
        )
        new_id = id_maker(9)
        self.bookings = bookings_from(self.problem, self.solution, plan, self.scenario, new_id)
        self.opened = overtime_rows(self.problem, self.solution, plan, self.scenario, new_id)
        found = check_plan(plan, self.bookings, NOW, self.opened)
        self.errors = [each.code for each in found if each.severity is Severity.ERROR]

    @property
    def windows(self) -> list[tuple[int, int]]:
        """What is open, in minutes from now."""
        minute = self.problem.minute
        return sorted((minute(row.start_at), minute(row.end_at)) for row in self.opened)

    def stored(self) -> Plan:
        """The rows with the plan in force."""
        plan = self.plan.copy()
        for kind in (Booking, OvertimeShift):
            for row in plan.where(kind, scenario_id=self.scenario.id):
                plan.drop(kind, row.id)
        for row in (self.scenario, *self.bookings, *self.opened):
            plan.put(row)
        return plan


def weighed(overtime_weight: str) -> ObjectiveProfile:
    return replace(OVERTIME, is_weighted=True, overtime_weight=Decimal(overtime_weight))


# Ten hours of work, due today: without overtime it is done tomorrow at 10:00, ten hours after the
# end of its day. With two hours of overtime it is done today at 18:00, for 2 × 50 = 100.


def test_overtime_is_opened_where_being_on_time_comes_first() -> None:
    made = Planned(shop((600, 0)), OVERTIME)
    assert made.errors == []
    assert made.windows == [(480, 600)]
    assert [row.cost for row in made.opened] == [Decimal(100)]
    assert made.solution.value == 0
    assert made.solution.amounts[Goal.OVERTIME] == 100
    assert made.bookings[0].end_at == at(600)


@pytest.mark.parametrize("profile", [ON_TIME, COST_FIRST])
def test_overtime_stays_closed_where_it_is_no_goal_or_costs_more_than_lateness(
    profile: ObjectiveProfile,
) -> None:
    made = Planned(shop((600, 0)), profile)
    assert made.windows == []
    assert made.solution.value == 600 * 5
    assert made.solution.amounts[Goal.OVERTIME] == 0


@pytest.mark.parametrize(("weight", "opened"), [("29.99", 1), ("30", 1), ("30.01", 0)])
def test_weighed_overtime_is_opened_up_to_what_lateness_counts(weight: str, opened: int) -> None:
    # 600 minutes late × 5 = 3,000 against 100 of money × weight: worth it up to a weight of 30,
    # where both weigh the same and lateness decides.
    made = Planned(shop((600, 0)), weighed(weight))
    assert len(made.windows) == opened


def test_only_the_overtime_that_is_needed_is_opened() -> None:
    # 26 hours due on the third day, with 8 hours a day: 2 hours are missing, on any of three days.
    made = Planned(shop((600, 2), (600, 2), (360, 2)), OVERTIME)
    assert made.solution.value == 0
    assert len(made.windows) == 1
    assert made.solution.amounts[Goal.OVERTIME] == 100


def test_the_cheaper_hours_are_opened() -> None:
    # 18 hours due tomorrow, 16 in two days: today's two hours of overtime cost 120, tomorrow's 60.
    plan = shop((600, 1), (480, 1), evening=False)
    calendar = next(iter(plan.table(Machine).values())).calendar_id
    for row in (
        make_overtime(make_calendar(id=calendar), 2, 960, 1080, 60),
        make_overtime(make_calendar(id=calendar), 3, 960, 1080, 30),
    ):
        plan.put(row)
    made = Planned(plan, OVERTIME)
    assert made.solution.value == 0
    assert made.solution.amounts[Goal.OVERTIME] == 60
    assert made.errors == []


def test_overtime_without_a_price_counts_one_an_hour() -> None:
    plan = shop((600, 0), evening=False)
    calendar = next(iter(plan.table(Machine).values())).calendar_id
    plan.put(make_overtime(make_calendar(id=calendar), 2, 960, 1090, 0))
    # 130 minutes: 2.17, rounded up to 3.
    made = Planned(plan, OVERTIME)
    assert [row.cost for row in made.opened] == [Decimal("2.17")]
    assert made.solution.amounts[Goal.OVERTIME] == 3


def test_people_are_there_when_their_calendar_allows_it() -> None:
    made = Planned(shop((600, 0), skill="weld"), OVERTIME)
    assert (made.errors, made.windows, made.solution.value) == ([], [(480, 600)], 0)


@pytest.mark.parametrize(
    ("absent", "windows", "late"),
    [((480, 600), [], 600), ((540, 600), [], 600), ((600, 700), [(480, 600)], 0)],
)
def test_nobody_who_is_absent_comes_for_overtime(
    absent: tuple[int, int], windows: list[tuple[int, int]], late: int
) -> None:
    # The only welder is away from 16:00 to 18:00, or for the last hour of it, while the machine
    # would run: the ten hours end tomorrow at 10:00. Who is away from 18:00 on is there.
    plan = shop((600, 0), skill="weld")
    welder = next(iter(plan.table(Operator).values()))
    plan.put(make_absence(welder, at(absent[0]), at(absent[1])))
    made = Planned(plan, OVERTIME)
    assert made.errors == []
    assert made.windows == windows
    assert made.solution.value == late * 5


def test_of_two_with_one_calendar_the_one_who_is_there_comes_for_overtime() -> None:
    plan = shop((600, 0), skill="weld")
    welder = next(iter(plan.table(Operator).values()))
    other = make_operator("weld", code="W2", calendar_id=welder.calendar_id)
    for row in (other, make_absence(welder, at(0), at(600))):
        plan.put(row)
    made = Planned(plan, OVERTIME)
    assert (made.errors, made.windows, made.solution.value) == ([], [(480, 600)], 0)
    assert made.bookings[0].operator_ids == (other.id,)


def test_nobody_comes_for_the_overtime_of_another_machine() -> None:
    # The machine never rests, its only welder goes at 16:00: of two orders of five hours, the
    # second is done tomorrow from 8:00 to 13:00, whatever is open at another machine.
    plan = shop((300, 0), (300, 0), skill="weld")
    busy = next(iter(plan.table(Machine).values()))
    plan.put(replace(busy, calendar_id=None))
    scenario, idle = make_scenario(), make_machine(code="M2", calendar_id=busy.calendar_id)
    for row in (scenario, idle, make_overtime_shift(scenario, idle, 480, 600)):
        plan.put(row)
    problem = build_problem(plan, NOW, scenario=scenario)
    solution = solve(problem, seconds=60, workers=1, iterations=1)
    assert sorted(solution.end.tolist()) == [300, 1440 + 300]
    bookings = bookings_from(problem, solution, plan, scenario, id_maker(2))
    assert [row for row in check_plan(plan, bookings, NOW) if _is_error(row)] == []


def test_without_people_overtime_is_of_no_use() -> None:
    plan = shop((600, 0), skill="weld")
    other = make_calendar(code="NONE")
    person = next(iter(plan.table(Operator).values()))
    for row in (other, *make_week(other, 480, 960), replace(person, calendar_id=other.id)):
        plan.put(row)
    made = Planned(plan, OVERTIME)
    assert (made.errors, made.windows, made.solution.value) == ([], [], 3000)


def test_a_closed_day_has_no_overtime_and_a_standstill_takes_it_away() -> None:
    plan = shop((600, 0))
    machine = next(iter(plan.table(Machine).values()))
    for row in (make_downtime(machine, at(480), at(600)),):
        plan.put(row)
    assert Planned(plan, OVERTIME).windows == []
    holiday = shop((600, 0))
    calendar = make_calendar(id=next(iter(holiday.table(Machine).values())).calendar_id)
    holiday.put(make_holiday(calendar, TODAY, start_minute=480, end_minute=960))
    assert Planned(holiday, OVERTIME).windows == []


# The checker


def test_the_checker_refuses_overtime_that_is_not_allowed_or_not_paid() -> None:
    plan = shop((600, 0))
    machine = next(iter(plan.table(Machine).values()))
    made = Planned(plan, OVERTIME)

    def codes(*rows: OvertimeShift) -> list[str]:
        found = check_plan(plan, made.bookings, NOW, rows)
        return [each.code for each in found if each.severity is Severity.ERROR]

    (row,) = made.opened
    assert codes(row) == []
    assert codes() == ["rule2_run_minutes", "rule1_working_time"]
    assert codes(replace(row, cost=Decimal(99))) == ["overtime_cost"]
    assert codes(row, replace(row, id=make_scenario().id)) == ["overtime_overlap"]
    longer = make_overtime_shift(made.scenario, machine, 480, 660, 150)
    assert codes(longer)[0] == "overtime_not_allowed"
    # Two hours on the fifth day, a Saturday, which no row names.
    saturday = make_overtime_shift(made.scenario, machine, 4 * 1440 + 480, 4 * 1440 + 600)
    assert codes(row, saturday) == ["overtime_not_allowed"]


def test_hours_that_several_rows_allow_are_the_cheapest_ones() -> None:
    calendar = make_calendar()
    machine = make_machine(calendar_id=calendar.id)
    # Tuesday: work until 17:00. 16:00–20:00 at 50, 18:00–22:00 at 30, 19:00–20:00 at 40.
    rows = [
        make_overtime(calendar, 2, 960, 1200, 50),
        make_overtime(calendar, 2, 1080, 1320, 30),
        make_overtime(calendar, 2, 1140, 1200, 40),
    ]
    plan = make_plan(calendar, machine, make_week(calendar), rows)
    found = overtime_windows(plan, machine, at(0), at(1440))
    assert [(each.start_at, each.end_at, each.cost) for each in found] == [
        (at(540), at(600), Decimal(50)),
        (at(600), at(840), Decimal(120)),
    ]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_the_search_and_the_checker_allow_the_same_overtime(seed: int) -> None:
    plan = RandomFactory(seed, has_overtime=True).plan()
    allowed = Allowed(plan, NOW, 30)
    for machine in plan.table(Machine).values():
        mine = [w for w in allowed.windows(machine) if w[1] > 0 and w[0] < 20 * 1440]
        found = overtime_windows(plan, machine, NOW, at(20 * 1440))
        assert [(at(low), at(high), rate) for low, high, rate in mine] == [
            (each.start_at, each.end_at, each.hourly_cost) for each in found
        ]


# Random factories


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100_000), weight=st.sampled_from([None, "0.5", "20"]))
def test_any_plan_with_overtime_obeys_the_rules(seed: int, weight: str | None) -> None:
    plan = exploded(RandomFactory(seed, has_overtime=True).plan(), seed)
    plain = Planned(plan, ON_TIME, 3, seed)
    profile = weighed(weight) if weight else OVERTIME
    made = Planned(plan, profile, 5, seed, plain.solution)
    assert made.errors == plain.errors
    goals = goals_of(made.problem, plan, profile)
    assert goals.key(made.solution) <= goals.key(goals.finished(plain.solution))
    assert made.solution.bound <= made.solution.value
    _check_is_used(made)
    again = Planned(plan, profile, 5, seed, plain.solution)
    assert (again.windows, again.solution.value) == (made.windows, made.solution.value)
    if made.errors:
        return
    stored = made.stored()
    if len(made.bookings) == sum(each is not None for each in made.problem.operation_ids):
        fates = order_lateness(stored, made.bookings, NOW)
        amounts = plan_amounts(Facts(stored, made.bookings, NOW), fates)
        assert amounts == {goal: made.solution.amounts[goal] for goal in amounts}


def _check_is_used(made: Planned) -> None:
    """Nobody pays for a window in which nothing is done on its machine."""
    for row in made.opened:
        assert any(
            booking.setup_start_at < row.end_at and booking.end_at > row.start_at
            for booking in made.bookings
            if booking.machine_id == row.machine_id
        )


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 100_000), share=st.floats(0, 1))
def test_a_problem_with_windows_open_is_the_one_built_with_their_rows(
    seed: int, share: float
) -> None:
    plan = exploded(RandomFactory(seed, has_overtime=True).plan(), seed)
    problem = build_problem(plan, NOW)
    overtime = goals_of(problem, plan, OVERTIME).overtime
    if overtime is None:
        return
    count = len(overtime.windows)
    opened = frozenset(at for at in range(count) if (at * 7919 + seed) % 101 < 101 * share)
    made = overtime.opening(problem, opened)
    scenario = make_scenario(plant_id=plan.home_plant().id)
    rows = _rows(problem, overtime, opened, scenario)
    built = build_problem(plan, NOW, overtime=rows)
    one, other = calendars_of(made.tables.worktime), calendars_of(built.tables.worktime)
    for column in ("machine_calendar", "operator_calendar"):
        mine, theirs = getattr(made.tables, column), getattr(built.tables, column)
        assert [one[each] for each in mine] == [other[each] for each in theirs]
    for machine in range(made.machine_count):
        for person in range(len(made.tables.operator_calendar)):
            assert _cover_of(made, machine, person) == _cover_of(built, machine, person)


def _cover_of(problem: Problem, machine: int, person: int) -> list[tuple[int, int]]:
    tables = problem.tables
    row = tables.cover_of[tables.machine_calendar[machine], tables.operator_calendar[person]]
    low, high = tables.cover_first[row], tables.cover_first[row + 1]
    pairs = zip(tables.cover_from[low:high], tables.cover_to[low:high], strict=True)
    return [(int(start), int(end)) for start, end in pairs]


def _ints(*values: int) -> Any:
    import numpy as np

    return np.array(values, np.int32)


def _rows(
    problem: Problem, overtime: Overtime, opened: frozenset[int], scenario: Scenario
) -> list[OvertimeShift]:
    none, windows = _ints(), tuple(overtime.windows[at] for at in sorted(opened))
    solution = Solution(none, none, none, none, none, none, none, 0, 0, opened=windows)
    return overtime_rows(problem, solution, make_plan(), scenario, id_maker(3))


# A plan in force


def test_a_new_plan_decides_anew_but_keeps_what_locked_work_needs() -> None:
    made = Planned(shop((600, 0)), OVERTIME)
    stored = made.stored()
    assert Planned(stored, ON_TIME).windows == []
    (booking,) = made.bookings
    stored.put(replace(booking, lock=LockLevel.TIME))
    again = Planned(stored, ON_TIME)
    assert (again.errors, again.windows) == ([], [(480, 600)])
    assert [row.id for row in again.opened] == [row.id for row in made.opened]
    assert again.solution.amounts[Goal.OVERTIME] == 100
    assert again.solution.value == 0


def test_overtime_that_has_begun_stays_open_and_is_not_opened_twice() -> None:
    made = Planned(shop((600, 0)), OVERTIME)
    problem = build_problem(made.stored(), at(500))
    assert [row.id for row in problem.overtime] == [row.id for row in made.opened]
    overtime = goals_of(problem, made.stored(), OVERTIME).overtime
    assert overtime is not None
    assert overtime.windows[0].start == 480 + 1440 - 500
    assert build_problem(made.stored(), at(600)).overtime == ()


def test_a_machine_works_in_its_opened_overtime() -> None:
    made = Planned(shop((600, 0)), OVERTIME)
    machine = next(iter(made.plan.table(Machine).values()))
    found = working_intervals(made.plan, machine, at(0), at(1440), made.opened)
    assert found == [(at(0), at(600))]
    assert date(2026, 12, 1) == TODAY


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_moves_on_the_board_keep_to_the_overtime_that_is_open(seed: int) -> None:
    plan = exploded(RandomFactory(seed, has_overtime=True).plan(), seed)
    made = Planned(plan, OVERTIME, 3, seed)
    stored, source = made.stored(), random.Random(seed)
    if made.errors or not made.bookings:
        return
    assert [row for row in check_plan(stored, made.bookings, NOW) if _is_error(row)] == []
    for _ in range(6):
        rows = stored.where(Booking, scenario_id=made.scenario.id)
        booking, other = source.choice(rows), source.choice(rows)
        board = MoveBoard(stored, made.scenario, NOW)
        machines = sorted(board.eligible(booking), key=str) or [booking.machine_id]
        machine_id = source.choice(machines) if booking.machine_id else None
        try:
            move = board.try_move(booking, machine_id, other.end_at, NOW)
        except RuleViolation:
            continue
        for row in move.bookings:
            stored.put(row)
        after = stored.where(Booking, scenario_id=made.scenario.id)
        assert [row for row in check_plan(stored, after, NOW) if _is_error(row)] == []


def _is_error(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR

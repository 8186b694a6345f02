"""Furnaces, ovens, baths: operations of one family run together on a machine."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from domain.errors import RuleViolation, Severity
from domain.mrp import explode, mrp_changes
from domain.plan import Plan
from domain.production import Operation, WorkOrder, WorkStatus
from domain.scenarios import Booking
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.chains import load_order, order_by_time
from domain.scheduling.checks import check_plan
from domain.scheduling.decode import decode
from domain.scheduling.dispatch import GRID, dispatch
from domain.scheduling.engine import solve
from domain.scheduling.repair import MoveBoard
from domain.scheduling.search import anneal, new_walk, solution_of_best
from domain.scheduling.urgency import urgency_of
from domain.scheduling.yardstick import plain_yardstick
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_changeover,
    make_item,
    make_machine,
    make_operation,
    make_operator,
    make_order_line,
    make_plan,
    make_routing_operation,
    make_scenario,
    make_tool,
    make_work_center,
    make_work_order,
)
from tests.factories import RandomFactory

SAW, HEAT = make_work_center(code="SAW"), make_work_center(code="HEAT")
FURNACE = make_machine(code="F1", work_center_id=HEAT.id, batch_capacity=Decimal(10))
SHOP = [SAW, HEAT, make_machine(code="S1", work_center_id=SAW.id)]


def make_part(code: str = "A", family: str = "860°C", **changes: Any) -> list[Any]:
    """An item that is heated: 60 minutes a run, whatever the quantity, after a setup of 5."""
    item = make_item(code=code, family=family)
    wanted = {"work_center_id": HEAT.id, "run_minutes": Decimal(60), "setup_minutes": Decimal(5)}
    return [item, make_routing_operation(item, changes.pop("number", 20), **{**wanted, **changes})]


def sawn(item: Any, minutes: int) -> Any:
    """Its step before, at the saw: so many minutes a unit."""
    return make_routing_operation(
        item, 10, work_center_id=SAW.id, run_minutes=Decimal(minutes), transfer_batch=Decimal(1)
    )


class Fired:
    """A factory with its plan; bookings by order line and step."""

    def __init__(self, *rows: Any, iterations: int = 2) -> None:
        self.plan: Plan = make_plan(*SHOP, FURNACE, *rows)
        self.plan.apply(mrp_changes(self.plan, explode(self.plan, NOW, id_maker())))
        self.problem = build_problem(self.plan, NOW)
        self.solution = solve(self.problem, seconds=60, workers=1, iterations=iterations)
        self.show(self.solution)

    def show(self, solution: Any) -> None:
        scenario = make_scenario(weighted_lateness=solution.value)
        self.bookings = bookings_from(self.problem, solution, self.plan, scenario, id_maker(7))

    def number(self, row: Booking) -> int:
        return self.plan.need(Operation, row.operation_id).number

    def heats(self) -> list[tuple[int, int, int, int]]:
        """(setup start, run start, end, quantity) of all that is heated, by time and quantity."""
        found = []
        for row in self.bookings:
            step = self.plan.need(Operation, row.operation_id)
            quantity = int(self.plan.need(WorkOrder, step.work_order_id).quantity)
            times = row.setup_start_at, row.run_start_at, row.end_at
            minutes = [(each - NOW) // timedelta(minutes=1) for each in times]
            if step.number == 20:
                found.append((*minutes, quantity))
        return sorted(found, key=lambda one: (one[1], one[3]))

    def codes(self, *changed: Booking) -> list[str]:
        """What the checker says, with some bookings changed."""
        other = {row.id: row for row in changed}
        rows = [other.get(row.id, row) for row in self.bookings]
        return [finding.code for finding in check_plan(self.plan, rows, NOW)]

    def members(self) -> list[Booking]:
        """The heated ones, the leader of the first batch first."""
        rows = [row for row in self.bookings if self.number(row) == 20]
        return sorted(rows, key=lambda row: (row.run_start_at, row.batch_id is not None))


def line(item: Any, quantity: int, name: str, **changes: Any) -> Any:
    """An order line that is late already, so that every minute counts."""
    wanted = {"due_on": TODAY - timedelta(days=1), **changes}
    return make_order_line(item, quantity, order_number=name, **wanted)


def test_what_has_room_runs_together():
    # 4 + 6 = 10 fill the furnace: one setup of 5, one run of 60. The next 3 run from 65 to 125.
    part = make_part()
    fired = Fired(part, line(part[0], 4, "1"), line(part[0], 6, "2"), line(part[0], 3, "3"))
    assert {(run, end) for _, run, end, _ in fired.heats()} == {(5, 65), (65, 125)}
    assert sum(setup < run for setup, run, _, _ in fired.heats()) == 1
    assert fired.solution.setup_minutes == 5
    assert fired.codes() == []


def test_what_needs_more_than_there_is_runs_alone_several_times():
    # 25 units of 10 are ceil(2.5) = 3 runs of 60 minutes; the 2 others do not go along.
    part = make_part()
    fired = Fired(part, line(part[0], 25, "1"), line(part[0], 2, "2"))
    assert {end - run for _, run, end, _ in fired.heats()} == {180, 60}
    assert fired.codes() == []


def test_a_load_per_unit_counts():
    # 2 units of load 3 and 1 of load 3 are 9 of 10; one more of load 3 is too much.
    part = make_part(load=Decimal(3))
    fired = Fired(part, line(part[0], 2, "1"), line(part[0], 1, "2"), line(part[0], 1, "3"))
    sizes = sorted(row.batch for row in fired.bookings)
    assert len(set(sizes)) == 2
    assert fired.codes() == []


def test_other_families_run_apart():
    hot, cool = make_part("A", "860°C"), make_part("B", "550°C")
    rows = [*hot, *cool, make_changeover(work_center_id=HEAT.id, minutes=Decimal(30))]
    lines = [line(hot[0], 1, "1"), line(cool[0], 1, "2"), line(hot[0], 1, "3")]
    fired = Fired(rows, lines)
    # One setup of 5, a run of both hot ones, a change of 30, a run of the cool one: or the other
    # way round. Apart, the three would take 5 + 60 + 30 + 60 + 30 + 60.
    assert fired.solution.makespan == 5 + 60 + 30 + 60
    assert fired.solution.setup_minutes == 35
    assert fired.codes() == []


def test_items_without_family_run_with_themselves_only():
    one, other = make_part("A", ""), make_part("B", "")
    lines = [line(one[0], 1, "1"), line(one[0], 1, "2"), line(other[0], 1, "3")]
    fired = Fired(one, other, lines)
    assert sorted({run for _, run, _, _ in fired.heats()}) == [5, 70]  # the other sets up again
    assert fired.codes() == []


def test_a_batch_waits_for_the_member_that_is_ready_last():
    # The saw gives out 1 unit of each at 10 and at 20. Together in the furnace both are done at
    # 80; one after the other at 70 and 130, which is 50 later for one and 10 earlier for the other.
    part = make_part(setup_minutes=Decimal(0))
    fired = Fired(part, sawn(part[0], 10), line(part[0], 1, "1"), line(part[0], 1, "2"))
    assert [row[1:3] for row in fired.heats()] == [(20, 80), (20, 80)]
    assert fired.codes() == []


def test_the_order_alone_says_who_runs_together():
    part = make_part(setup_minutes=Decimal(0))
    fired = Fired(part, sawn(part[0], 10), line(part[0], 1, "1"), line(part[0], 1, "2"))
    problem, ready = fired.problem, fired.problem.tables.edge_first
    heats = [op for op in range(problem.operation_count) if ready[op] < ready[op + 1]]
    saws = [int(problem.tables.edge_from[ready[op]]) for op in heats]
    alternative = problem.tables.alt_first[:-1].copy()
    # Sawn until 10 and until 20: the first one leads, and the second one comes too late for it.
    apart = decode(problem, np.array([*saws, *heats], np.int32), alternative)
    assert apart.run_start[heats].tolist() == [10, 70]
    together = decode(problem, np.array([*saws, *heats[::-1]], np.int32), alternative)
    assert together.run_start[heats].tolist() == [20, 20]
    assert together.head[heats].tolist() == [heats[1], heats[1]]


def test_nothing_is_handed_over_in_parts_at_a_furnace():
    # 3 units of 10 minutes at the saw, handed on one by one: the furnace takes them all at 30.
    part = make_part(setup_minutes=Decimal(0))
    fired = Fired(part, sawn(part[0], 10), line(part[0], 3, "1"))
    assert fired.heats() == [(30, 30, 90, 3)]
    assert fired.codes() == []


def test_members_with_a_shorter_run_stay_until_the_end():
    long, short = make_part("A", run_minutes=Decimal(90)), make_part("B", run_minutes=Decimal(20))
    # Weights 9 and 1: together 95 × 10 = 950; the long one first 95 × 9 + 120 = 975.
    lines = [line(long[0], 1, "1", priority=1), line(short[0], 1, "2", priority=9)]
    fired = Fired(long, short, lines)
    assert [row[1:3] for row in fired.heats()] == [(5, 95), (5, 95)]
    assert fired.codes() == []


def test_one_person_serves_a_batch_and_everybody_has_his_own_mould():
    part = make_part(skill="heat", operators=1)
    lines = [line(part[0], 1, str(n)) for n in range(3)]
    person = make_operator("heat")
    fired = Fired(part, lines, person)
    assert {row[1:3] for row in fired.heats()} == {(5, 65)}
    assert fired.codes() == []
    tray = make_tool(count=2)
    part[1] = replace(part[1], tool_id=tray.id)
    fired = Fired(part, lines, person, tray)
    assert sorted(row[1] for row in fired.heats()) == [5, 5, 65]
    assert fired.codes() == []


def batched() -> Fired:
    """Two members in one batch, and what else there is of their family and of another."""
    hot, cool = make_part("A", "860°C"), make_part("B", "550°C")
    return Fired(hot, cool, line(hot[0], 4, "1"), line(hot[0], 6, "2"), line(cool[0], 1, "3"))


def pair_of(fired: Fired) -> tuple[Booking, Booking, Booking]:
    """The leader of the batch, its member, and the one that runs alone."""
    member = next(row for row in fired.bookings if row.batch_id)
    leader = next(row for row in fired.bookings if row.id == member.batch_id)
    alone = next(row for row in fired.bookings if row not in (leader, member))
    return leader, member, alone


def test_two_at_one_time_that_do_not_run_together_are_found():
    fired = batched()
    _, member, _ = pair_of(fired)
    assert "machine_overlap" in fired.codes(replace(member, batch_id=None))


def test_a_member_at_another_time_is_found():
    fired = batched()
    _, member, _ = pair_of(fired)
    late = replace(member, end_at=member.end_at + timedelta(minutes=1))
    assert "batch_times" in fired.codes(late)
    lost = replace(member, batch_id=id_maker(99)())
    assert "batch_times" not in fired.codes()
    assert "machine_overlap" in fired.codes(lost)


def test_another_family_in_a_batch_is_found():
    fired = batched()
    leader, _, alone = pair_of(fired)
    joined = replace(
        alone,
        batch_id=leader.id,
        setup_start_at=leader.run_start_at,
        run_start_at=leader.run_start_at,
        end_at=leader.end_at,
    )
    assert {"batch_family", "batch_capacity"} <= set(fired.codes(joined))


def test_a_batch_on_an_ordinary_machine_is_found():
    fired = batched()
    fired.plan = make_plan(
        *(
            replace(row, batch_capacity=None) if row.id == FURNACE.id else row
            for row in fired.plan.rows()
        )
    )
    assert "batch_on_ordinary_machine" in fired.codes()


def test_a_batch_that_is_shorter_than_its_longest_member_is_found():
    fired = batched()
    leader, member, _ = pair_of(fired)
    end = leader.end_at - timedelta(minutes=1)
    codes = fired.codes(replace(leader, end_at=end), replace(member, end_at=end))
    assert codes.count("rule2_run_minutes") == 1


@pytest.mark.parametrize("seed", range(12))
def test_any_factory_with_furnaces_gives_a_plan_that_keeps_the_rules(seed: int):
    plan = RandomFactory(seed, 12, has_batches=True).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    problem = build_problem(plan, NOW)
    for solution in (
        dispatch(problem, urgency_of(problem), GRID[0]),
        solve(problem, seconds=60, workers=1, iterations=2, seed=seed),
    ):
        rows = bookings_from(problem, solution, plan, make_scenario(), id_maker(7))
        found = {finding.code for finding in check_plan(plan, rows, NOW)}
        allowed = {"rule8_safety_stock"} | ({f.code for f in problem.findings} and found)
        assert found <= allowed
        assert solution.bound <= solution.value


@pytest.mark.parametrize(("seed", "heat"), [(0, 1.0), (2, 500.0), (8, 20_000.0), (5, 500.0)])
def test_what_moves_keep_is_what_the_sequences_say(seed: int, heat: float):
    plan = RandomFactory(seed, 40, has_batches=True).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    problem = build_problem(plan, NOW)
    problem = replace(problem, tables=without_people(problem.tables))
    tables = problem.tables
    start = dispatch(problem, urgency_of(problem), GRID[0])
    walk, stop = new_walk(problem, start, seed=5), np.zeros(1, np.int32)
    for _ in range(4):
        anneal(tables, walk, 300, heat, plain_yardstick(), 3, 3.0, stop)
        chains = walk.chains
        columns = [chains.totals, chains.run_start, chains.end, chains.setup, chains.head]
        columns += [chains.load, chains.line_cost]
        kept = [column.copy() for column in columns]
        missing, order = np.zeros((2, problem.operation_count), np.int32)
        assert order_by_time(tables, chains, missing, order) == problem.operation_count
        load_order(tables, chains, order, chains.alternative.copy())
        for one, other in zip(kept, columns, strict=True):
            assert np.array_equal(one, other)
    assert (walk.chains.head != np.arange(problem.operation_count)).any()
    best = solution_of_best(problem, walk)
    assert [best.value, best.setup_minutes] == list(walk.best_totals[:2])


def without_people(tables: Any) -> Any:
    """The same work, with nobody and no tool needed for it."""
    nothing = np.zeros_like(tables.crew_size)
    none = np.zeros(0, np.int32)
    first = np.zeros_like(tables.need_first)
    return tables._replace(crew_size=nothing, need_first=first, need_crew=none, need_size=none)


def test_a_member_does_not_start_before_it_may():
    # The second order may not begin before 30: so the batch that it leads runs from 35 to 95.
    part = make_part()
    lines = [line(part[0], 1, "1", priority=9), line(part[0], 1, "2", earliest_start_at=at(30))]
    fired = Fired(part, lines)
    assert fired.codes() == []
    begins = dict(zip((1, 2), sorted(row[1] for row in fired.heats()), strict=True))
    assert max(begins.values()) >= 30


def board_of(fired: Fired) -> MoveBoard:
    """The plan published, and a board to move on."""
    scenario = make_scenario(published=True)
    fired.bookings = [replace(row, scenario_id=scenario.id) for row in fired.bookings]
    fired.plan.put(scenario)
    for row in fired.bookings:
        fired.plan.put(row)
    return MoveBoard(fired.plan, scenario, NOW)


def test_dragging_the_leader_moves_the_whole_batch():
    fired = batched()
    leader, member, _ = pair_of(fired)
    board = board_of(fired)
    move = board.try_move(leader, FURNACE.id, at(600), NOW)
    assert {row.id for row in move.bookings} >= {leader.id, member.id}
    moved = {row.id: row for row in move.bookings}
    assert moved[member.id].run_start_at == moved[leader.id].run_start_at >= at(600)
    assert moved[member.id].batch_id == leader.id
    assert fired.codes(*move.bookings) == []


def test_dragging_a_member_takes_it_out_and_onto_a_batch_puts_it_in():
    part = make_part()
    fired = Fired(part, line(part[0], 4, "1"), line(part[0], 6, "2"), line(part[0], 3, "3"))
    _, member, alone = pair_of(fired)
    board = board_of(fired)
    out = board.try_move(member, FURNACE.id, at(600), NOW)
    assert [(row.id, row.batch_id) for row in out.bookings] == [(member.id, None)]
    assert fired.codes(*out.bookings) == []
    # The third one's load of 3, and 4 or 6 with it, are at most 10.
    joined = board.try_move(member, FURNACE.id, alone.run_start_at + timedelta(minutes=30), NOW)
    assert [(row.id, row.batch_id) for row in joined.bookings] == [(member.id, alone.id)]
    assert fired.codes(*joined.bookings) == []
    # Into the full one nothing more goes.
    with pytest.raises(RuleViolation) as caught:
        board.try_move(alone, FURNACE.id, member.run_start_at + timedelta(minutes=5), NOW)
    assert caught.value.code == "drop_batch_full"


@pytest.mark.parametrize("seed", range(0, 30, 3))
def test_any_drag_among_furnaces_keeps_the_rules_or_is_refused(seed: int):
    plan = RandomFactory(seed, 12, has_batches=True).plan()
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker(seed))))
    problem = build_problem(plan, NOW)
    if problem.findings:
        return
    scenario = make_scenario(published=True)
    plan.put(scenario)
    solution = dispatch(problem, urgency_of(problem), GRID[0])
    rows = bookings_from(problem, solution, plan, scenario, id_maker(7))
    for row in rows:
        plan.put(row)
    board, draw, count = MoveBoard(plan, scenario, NOW), random.Random(seed), 0
    for row in draw.sample(rows, min(25, len(rows))):
        machines = sorted(board.eligible(row)) or [None]
        target = draw.choice([other.run_start_at for other in rows]) + timedelta(minutes=1)
        move = None
        with suppress(RuleViolation):
            move = board.try_move(row, draw.choice(machines), max(NOW, target), NOW)
        if move is None:
            continue
        count += 1
        changed = {each.id: each for each in move.bookings}
        found = check_plan(plan, [changed.get(each.id, each) for each in rows], NOW)
        assert {finding.code for finding in found} <= {"rule8_safety_stock"}
    assert count


def test_a_piece_too_large_for_one_furnace_goes_to_another():
    part = make_part(load=Decimal(12))
    larger = make_machine(code="F2", work_center_id=HEAT.id, batch_capacity=Decimal(12))
    fired = Fired(part, larger, line(part[0], 2, "1"))
    assert {row.machine_id for row in fired.members()} == {larger.id}
    (told,) = fired.problem.findings
    assert (told.code, told.severity) == ("machine_too_small", Severity.INFO)
    named = [told.params[name] for name in ("item", "operation", "load", "machines")]
    assert named == ["A", 20, Decimal(12), "F1 (10)"]
    assert fired.codes() == []
    assert "piece_over_capacity" in fired.codes(replace(fired.members()[0], machine_id=FURNACE.id))


def test_a_piece_too_large_for_every_furnace_is_named_and_the_rest_planned():
    large, part = make_part("LARGE", load=Decimal("10.5")), make_part("SMALL")
    late = line(large[0], 3, "1")
    fired = Fired(large, part, late, line(part[0], 4, "2"))
    assert [quantity for *_, quantity in fired.heats()] == [4]
    told, line_told = fired.problem.findings
    assert (told.code, told.severity) == ("piece_too_large", Severity.ERROR)
    named = [told.params[name] for name in ("item", "operation", "load", "machines")]
    assert named == ["LARGE", 20, Decimal("10.5"), "F1 (10)"]
    assert (line_told.code, line_told.refs) == ("order_not_planned", (late.id,))


def test_less_than_a_piece_goes_in_if_all_of_it_does():
    part = make_part(load=Decimal(20))
    order = make_work_order(part[0], Decimal("0.5"), status=WorkStatus.RELEASED)
    plan = make_plan(*SHOP, FURNACE, part, order, make_operation(order, part[1]))
    assert build_problem(plan, NOW).operation_count == 1

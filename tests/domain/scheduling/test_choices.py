"""What the search chooses by itself: routings, parts of operations, making or buying."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Severity
from domain.items import Item
from domain.mrp import explode, mrp_changes
from domain.objectives import ON_TIME, Goal, ObjectiveProfile
from domain.plan import Plan
from domain.production import Operation, Peg, PlannedOrder, SupplyKind, WorkOrder
from domain.scenarios import Booking
from domain.scheduling.amounts import plan_amounts
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.check_facts import Facts
from domain.scheduling.checks import check_plan
from domain.scheduling.choices import Choices, choices_of
from domain.scheduling.chosen import chosen_findings, chosen_plan, planning_changes
from domain.scheduling.decode import decode
from domain.scheduling.engine import solve
from domain.scheduling.lateness import order_lateness
from domain.scheduling.problem import Problem, Solution
from domain.scheduling.standing import short_orders
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_bom_line,
    make_bought,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_profile,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
)
from tests.factories import RandomFactory


class Made:
    """A planned factory: MRP, choices, search, rows."""

    def __init__(
        self, plan: Plan, profile: ObjectiveProfile | None = None, rounds: int = 2
    ) -> None:
        self.before = plan
        found = explode(plan, NOW, id_maker(7))
        self.mrp = plan.copy()
        self.mrp.apply(mrp_changes(plan, found))
        short = short_orders(found.findings)
        choices = choices_of(self.mrp, NOW, profile=profile or ON_TIME, short=short)
        assert choices is not None
        self.choices: Choices = choices
        self.values: list[tuple[int, ...]] = []
        self.best = solve(
            choices.problem(choices.usual),
            seconds=60,
            workers=1,
            iterations=rounds,
            choices=choices,
            on_progress=lambda p: self.values.append((p.value, p.setup_minutes)),
        )
        self.plan = chosen_plan(self.mrp, choices, self.best.modes, NOW)
        scenario = make_scenario(published=True)
        self.plan.put(scenario)
        self.problem: Problem = choices.problem(self.best.modes)
        self.bookings = bookings_from(self.problem, self.best, self.plan, scenario, id_maker(3))
        self.short = short

    @property
    def errors(self) -> list[str]:
        found = check_plan(self.plan, self.bookings, NOW)
        return [f"{f.code} {dict(f.params)}" for f in found if f.severity is Severity.ERROR]

    @property
    def codes(self) -> list[str]:
        return [found.code for found in chosen_findings(self.choices, self.best.modes)]

    def booked(self, number: int = 10) -> list[Booking]:
        """The bookings of an operation, first one first."""
        steps = {step.id: step for step in self.plan.table(Operation).values()}
        rows = [b for b in self.bookings if steps[b.operation_id].number == number]
        return sorted(rows, key=lambda row: (row.run_start_at, row.end_at))


def two_machines() -> tuple[Any, Any]:
    return make_machine(code="M1"), make_machine(code="M2")


def split_factory(most: int, quantity: int = 11, setup: int = 0, run: int = 100) -> Plan:
    """One operation for which there are two machines."""
    one, two = two_machines()
    item = make_item(code="A")
    step = make_routing_operation(
        item, run_minutes=Decimal(run), setup_minutes=Decimal(setup), split_most=most
    )
    places = [make_routing_machine(step, m, position=p) for p, m in enumerate((one, two))]
    return make_plan(one, two, item, step, places, make_order_line(item, quantity, due_on=TODAY))


def test_an_operation_is_split_over_two_machines_to_be_in_time() -> None:
    # 11 pieces of 100 minutes are 1,100 minutes; from 08:00 to 24:00 there are 960. In parts of 6
    # and 5 pieces it takes 600.
    made = Made(split_factory(2))
    assert made.errors == []
    assert made.best.value == 0
    assert [b.end_at for b in made.booked()] == [at(500), at(600)]
    assert len({b.machine_id for b in made.booked()}) == 2
    parts = sorted((s.part, s.quantity) for s in made.plan.table(Operation).values())
    assert parts == [(1, Decimal(6)), (2, Decimal(5))]
    assert made.codes == ["chosen_split"]


def test_nothing_is_split_that_is_in_time_whole() -> None:
    # 9 pieces take 900 minutes, 60 fewer than there are: another setup would gain nothing.
    made = Made(split_factory(2, quantity=9, setup=10))
    assert (made.best.value, made.best.setup_minutes) == (0, 10)
    assert [step.part for step in made.plan.table(Operation).values()] == [0]


def test_each_part_is_set_up() -> None:
    # 11 pieces, 30 minutes of setup on each of the two machines.
    made = Made(split_factory(2, setup=30))
    assert made.errors == []
    assert (made.best.value, made.best.setup_minutes) == (0, 60)


def test_setup_before_lateness_leaves_work_whole() -> None:
    profile = make_profile(goals=(Goal.SETUP, Goal.LATENESS))
    made = Made(split_factory(2, setup=30), profile)
    # One setup, and 1,130 − 960 minutes late at weight 5.
    assert (made.best.setup_minutes, made.best.value) == (30, 170 * 5)
    assert made.codes == []


def test_the_next_operation_waits_for_all_parts() -> None:
    one, two = two_machines()
    item = make_item(code="A")
    first = make_routing_operation(
        item, 10, run_minutes=Decimal(100), split_most=2, transfer_batch=Decimal(1)
    )
    last = make_routing_operation(item, 20, run_minutes=Decimal(10))
    places = [make_routing_machine(first, m, position=p) for p, m in enumerate((one, two))]
    packer = make_machine(code="M3")
    places.append(make_routing_machine(last, packer))
    line = make_order_line(item, 11, due_on=TODAY)
    made = Made(make_plan(one, two, packer, item, first, last, places, line))
    assert made.errors == []
    # Whole, batch by batch, 1,100 + 10 minutes; in parts 600, then all 11 pieces at 10 minutes.
    assert made.best.value == 0
    assert [(b.run_start_at, b.end_at) for b in made.booked(20)] == [(at(600), at(710))]


def routing_factory(slow: int, *, due: int = 0) -> Plan:
    """Two work orders; the main routing has one machine, a slower one has the other."""
    one, two = two_machines()
    item = make_item(code="A")
    main = make_routing_operation(item, 10, run_minutes=Decimal(60))
    other = make_routing_operation(item, 10, run_minutes=Decimal(slow), routing="B")
    places = [make_routing_machine(main, one), make_routing_machine(other, two)]
    lines = [
        make_order_line(item, 10, order_number=f"SO-{n}", due_on=TODAY + timedelta(days=due))
        for n in range(2)
    ]
    return make_plan(one, two, item, main, other, places, lines)


def test_a_work_order_goes_another_way_when_its_machine_is_taken() -> None:
    # One after the other they take 600 + 600 minutes of 960; by routing B one takes 900.
    made = Made(routing_factory(90))
    assert made.errors == []
    assert made.best.value == 0
    assert sorted(o.routing for o in made.plan.table(WorkOrder).values()) == ["", "B"]
    assert sorted(b.end_at for b in made.bookings) == [at(600), at(900)]
    assert made.codes == ["chosen_routing"]


def test_the_main_routing_stays_where_the_other_helps_nobody() -> None:
    made = Made(routing_factory(90, due=1))
    assert made.best.value == 0
    assert made.codes == []


def test_an_alternate_routing_counts_as_further_down() -> None:
    profile = make_profile(goals=(Goal.LATENESS, Goal.PREFERENCE))
    made = Made(routing_factory(90), profile)
    # 900 minutes of run one place down.
    assert (made.best.value, made.best.preference) == (0, 900)
    rows = plan_amounts(Facts(made.plan, made.bookings, NOW), ())
    assert rows[Goal.PREFERENCE] == 900


def buying_factory(days: str, surcharge: str = "2.5", due: int = 0) -> Plan:
    """A product of a part that takes long to make and may be bought."""
    one, two = two_machines()
    product, part, raw = make_item(code="A"), make_item(code="P"), make_bought(code="R")
    part = make_item(
        code="P",
        may_buy=True,
        lead_time_days=Decimal(days),
        buying_surcharge=Decimal(surcharge),
    )
    assemble = make_routing_operation(product, run_minutes=Decimal(10))
    mill = make_routing_operation(part, run_minutes=Decimal(100))
    rows = [
        *(one, two, product, part, raw, assemble, mill),
        make_routing_machine(assemble, one),
        make_routing_machine(mill, two),
        make_bom_line(product, part),
        make_bom_line(part, raw),
        make_order_line(product, 11, due_on=TODAY + timedelta(days=due)),
    ]
    return make_plan(rows)


def test_a_part_is_bought_that_cannot_be_made_in_time() -> None:
    # Milled: 1,100 + 110 minutes of 960. Bought it is there after half a day, 720 + 110 = 830.
    made = Made(buying_factory("0.5"))
    assert made.errors == []
    assert made.best.value == 0
    # 11 pieces at 2.5 more are 27.5: 28 whole money units.
    assert made.best.buying == 28
    assert plan_amounts(Facts(made.plan, made.bookings, NOW), ())[Goal.BUYING] == 28
    orders = {
        made.plan.need(Item, o.item_id).code: o for o in made.plan.table(PlannedOrder).values()
    }
    assert set(orders) == {"P"}, "nobody needs the raw material of the part any more"
    assert (orders["P"].order_at, orders["P"].due_at) == (NOW, at(720))
    assert [b.end_at for b in made.bookings] == [at(830)]
    served = made.plan.where(Peg, supply_id=orders["P"].id)
    assert [peg.supply_kind for peg in served] == [SupplyKind.PLANNED_ORDER]
    assert made.codes == ["chosen_buying"]


@pytest.mark.parametrize(
    ("days", "due", "surcharge"), [("0.5", 1, "2.5"), ("0.5", 1, "0"), ("3", 0, "0")]
)
def test_nothing_is_bought_that_makes_nothing_earlier(days: str, due: int, surcharge: str) -> None:
    made = Made(buying_factory(days, surcharge, due))
    assert made.errors == []
    assert made.codes == []
    assert len(made.plan.table(WorkOrder)) == 2


def test_buying_that_comes_first_is_left_alone() -> None:
    made = Made(buying_factory("0.5"), make_profile(goals=(Goal.BUYING, Goal.LATENESS)))
    # 1,210 − 960 minutes late at weight 5.
    assert (made.best.buying, made.best.value) == (0, 250 * 5)


def same_plan(made: Made) -> Solution:
    """The plan decoded from the rows alone, in the same order and on the same machines."""
    problem = build_problem(made.plan, NOW, short=made.short)
    number = {key(problem, op): op for op in range(problem.operation_count)}
    old, tables = made.problem, problem.tables
    assert set(number) == {key(old, op) for op in range(old.operation_count)}
    check_same_tables(old, problem, number)
    again = {op: number[key(old, op)] for op in range(old.operation_count)}
    alternative = [0] * len(again)
    for op, there in again.items():
        alt = int(made.best.alternative[op])
        alternative[there] = alt
        if alt >= 0:
            place = alt - int(old.tables.alt_first[op])
            alternative[there] = int(tables.alt_first[there]) + place
    order = [again[int(op)] for op in made.best.order]
    found = decode(problem, np.array(order, np.int32), np.array(alternative, np.int32))
    for op, there in again.items():
        assert int(found.end[there]) == int(made.best.end[op])
    return found


def check_same_tables(one: Problem, other: Problem, number: dict[Any, int]) -> None:
    """Whether two problems differ in nothing but the numbers of their operations."""
    for op in range(one.operation_count):
        there = number[key(one, op)]
        for name in ("release", "opening", "elapsed", "own_setup", "fit", "crew_size", "pin"):
            mine, others = getattr(one.tables, name)[op], getattr(other.tables, name)[there]
            assert mine == others, name
        assert edges(one, op) == edges(other, there)
        assert alternatives(one, op) == alternatives(other, there)
    assert one.line_ids == other.line_ids
    for name in ("line_due", "line_weight", "line_floor"):
        assert getattr(one.tables, name).tolist() == getattr(other.tables, name).tolist()


def edges(problem: Problem, op: int) -> list[tuple[Any, ...]]:
    """What an operation follows, without numbers."""
    tables = problem.tables
    return sorted(
        (
            str(key(problem, int(tables.edge_from[edge]))),
            int(tables.edge_wait[edge]),
            int(tables.edge_overlap[edge]),
            int(tables.edge_most[edge]),
        )
        for edge in range(tables.edge_first[op], tables.edge_first[op + 1])
    )


def alternatives(problem: Problem, op: int) -> list[tuple[int, ...]]:
    """On what an operation may run and how long that takes."""
    tables = problem.tables
    has_batches = any(overlap for _, _, overlap, _ in edges(problem, op))
    return [
        (
            int(tables.alt_machine[alt]),
            int(tables.alt_run[alt]),
            int(tables.alt_last_batch[alt]) if has_batches else 0,
        )
        for alt in range(tables.alt_first[op], tables.alt_first[op + 1])
    ]


def key(problem: Problem, op: int) -> Any:
    return problem.operation_ids[op] or problem.owner_ids[op]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_random_factories_with_choices_are_planned_by_the_rules(seed: int) -> None:
    made = Made(RandomFactory(seed, has_choices=True).plan(), rounds=3)
    assert made.errors == []
    assert made.best.bound <= made.best.value
    # Never worse than what was told before.
    keys = [value for value, _ in made.values]
    assert keys == sorted(keys, reverse=True)
    found = same_plan(made)
    assert (found.value, found.setup_minutes) == (made.best.value, made.best.setup_minutes)
    # The rows have as much of everything as the search says.
    fates = order_lateness(made.plan, made.bookings, NOW)
    rows = plan_amounts(Facts(made.plan, made.bookings, NOW), fates)
    assert {goal: made.best.amounts[goal] for goal in rows} == rows
    # What is written leads from the rows that came in to these.
    changes = planning_changes("plan", made.before, made.plan)
    after = made.before.copy()
    after.apply(changes)
    for kind in (WorkOrder, Operation, PlannedOrder, Peg):
        assert set(after.table(kind)) == set(made.plan.table(kind))


def test_the_same_seed_gives_the_same_plan() -> None:
    one, other = (Made(RandomFactory(5, has_choices=True).plan(), rounds=4) for _ in range(2))
    assert one.best.modes == other.best.modes
    assert one.best.value == other.best.value
    assert one.best.end.tolist() == other.best.end.tolist()

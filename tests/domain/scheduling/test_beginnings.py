"""What cannot have begun has not, and what can is not let go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.changes import Row
from domain.mrp import explode, mrp_changes
from domain.plan import Plan
from domain.scenarios import Booking
from domain.scheduling.begun import begun_work
from domain.scheduling.keeping import keep_begun
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_booking,
    make_bought,
    make_downtime,
    make_item,
    make_machine,
    make_operation,
    make_operator,
    make_order_line,
    make_peg,
    make_plan,
    make_planned_order,
    make_plant,
    make_purchase_line,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
    make_work_order,
)
from tests.domain.scheduling.test_begun import places, pushed
from tests.domain.scheduling.test_mend import planned


class Shop:
    """One work order: 20 minutes on A, then on B, where 15 minutes are set up meanwhile.

    ======= ===============
    first   A 0 to 20
    second  B 5, 20 to 50
    new     A or B, 4 minutes, not booked yet
    ======= ===============
    """

    def __init__(self) -> None:
        self.item, self.other = make_item(), make_item(code="NEW")
        self.a, self.b = make_machine(code="A"), make_machine(code="B")
        steps = [
            make_routing_operation(self.item, 10, run_minutes=Decimal(20)),
            make_routing_operation(
                self.item, 20, run_minutes=Decimal(30), setup_minutes=Decimal(15)
            ),
        ]
        quick = make_routing_operation(self.other, 10, run_minutes=Decimal(4))
        self.order = make_work_order(self.item)
        new = make_work_order(self.other, number="WO-000002")
        line = make_order_line(self.item, due_on=TODAY + timedelta(days=3))
        self.first, self.second = (make_operation(self.order, step) for step in steps)
        self.new = make_operation(new, quick)
        scenario = make_scenario(published=True)
        self.scenario = scenario
        self.rows = {
            "first": make_booking(scenario, self.first, self.a, (0, 0, 20)),
            "second": make_booking(scenario, self.second, self.b, (5, 20, 50)),
        }
        self.plan = make_plan(
            *(self.item, self.other, self.a, self.b, *steps, quick, self.order, new, line),
            *(self.first, self.second, self.new, scenario, *self.rows.values()),
            make_routing_machine(steps[0], self.a),
            make_routing_machine(steps[1], self.b),
            make_routing_machine(quick, self.b),
            make_peg(self.order, line),
        )

    def begun(self, minute: int) -> set[str]:
        """Which of the two have begun."""
        found = begun_work(self.plan, self.scenario, at(minute))
        return {name for name, row in self.rows.items() if row.operation_id in found}

    def take_part(self, supply: object) -> None:
        """Let the second operation take a part."""
        self.plan.put(supply)
        self.plan.put(make_peg(supply, self.order, operation=self.second))


def test_a_machine_is_kept_set_up_for_what_can_run_when_it_should() -> None:
    assert Shop().begun(10) == {"first", "second"}


def test_a_machine_is_not_kept_set_up_for_what_comes_later() -> None:
    # A stops for an hour: its work ends at 80, but B was to go on with it at 20.
    shop = Shop()
    shop.plan.put(make_downtime(shop.a, at(8), at(68)))
    assert shop.begun(10) == {"first"}
    after = pushed(shop.plan, at(10))
    second, new = after[shop.second.id], after[shop.new.id]
    assert (second.setup_start_at, second.run_start_at) == (at(65), at(80))
    assert new.end_at <= second.setup_start_at, "B is free meanwhile"


def test_a_machine_is_not_kept_set_up_for_want_of_a_part() -> None:
    shop, part = Shop(), make_bought()
    shop.plan.put(part)
    shop.take_part(make_purchase_line(part, due_on=TODAY + timedelta(days=2)))
    assert shop.begun(10) == {"first"}


def test_parts_of_an_operation_wait_for_the_same_material() -> None:
    # The first is in two parts from 0 on, on A and C; its material is pegged to one, and late.
    shop, material, c = Shop(), make_bought(), make_machine(code="C")
    whole = shop.first
    one, two = (replace(whole, part=part, quantity=Decimal("0.5")) for part in (1, 2))
    two, late = replace(two, id=uuid4()), make_purchase_line(material)
    row = make_booking(shop.scenario, two, c, (0, 0, 10))
    for each in (c, material, one, two, late, make_peg(late, shop.order, operation=two), row):
        shop.plan.put(each)
    assert shop.begun(3) == set()


def test_a_part_made_elsewhere_counts_as_there_if_all_it_waits_for_is_in_time() -> None:
    # What makes the part begins at 12 and ends at 16, if what it takes is there.
    shop = Shop()
    part, raw, c = make_item(code="PART"), make_bought(code="R"), make_machine(code="C")
    step = make_routing_operation(part, 10, run_minutes=Decimal(4))
    maker = make_work_order(part, number="WO-000003")
    work = make_operation(maker, step)
    late = make_purchase_line(raw, due_on=TODAY + timedelta(days=1))
    rows = part, raw, c, step, make_routing_machine(step, c), work, late
    for row in rows:
        shop.plan.put(row)
    shop.take_part(maker)
    assert shop.begun(10) == {"first"}
    shop.plan.put(make_booking(shop.scenario, work, c, (12, 12, 16)))
    assert shop.begun(10) == {"first", "second"}
    shop.plan.put(make_peg(late, maker, operation=work))
    assert shop.begun(10) == {"first"}


def test_new_work_does_not_slip_in_where_a_machine_is_being_set_up() -> None:
    shop = Shop()
    after = pushed(shop.plan, at(10))
    kept = [after[row.operation_id] for row in shop.rows.values()]
    assert places(kept) == places(shop.rows.values())
    assert after[shop.new.id].setup_start_at == at(50)


@pytest.mark.parametrize(
    ("now", "is_firm", "has_come"), [(10, True, True), (10, False, False), (30, False, True)]
)
def test_what_is_only_proposed_to_be_bought_has_come_if_what_takes_it_runs(
    now: int, is_firm: bool, has_come: bool
) -> None:
    # It should have been ordered a day ago to be here at 0. The work that takes it is set up from 5
    # and runs from 20 on: then it has been, until then only what is firm has.
    shop, part = Shop(), make_bought(lead_time_days=Decimal(1))
    shop.plan.put(part)
    times = {"order_at": NOW - timedelta(days=1), "due_at": NOW}
    shop.take_part(make_planned_order(part, firm=is_firm, **times))
    assert shop.begun(now) == ({"first", "second"} if has_come else {"first"})


def test_what_is_proposed_to_come_later_has_not_come() -> None:
    shop, part = Shop(), make_bought(lead_time_days=Decimal(1))
    shop.plan.put(part)
    shop.take_part(make_planned_order(part, due_at=at(40)))
    assert shop.begun(30) == {"first"}


def test_begun_work_is_not_let_go_because_frozen_work_is_pushed() -> None:
    # On B, one runs from 0 to 60 and another, which one person does, from 150 to 170. The same
    # person has work on A before that, which stops until 500: pushed, both wait for her until then.
    a, b, person = make_machine(code="A"), make_machine(code="B"), make_operator("weld")
    scenario = make_scenario(published=True)
    rows: list[Row] = [make_plant(frozen_hours=24), a, b, person, scenario]
    rows.append(make_downtime(a, at(90), at(500)))
    for number, (machine, start, end, skill) in enumerate(
        ((b, 0, 60, ""), (a, 100, 120, "weld"), (b, 150, 170, "weld"))
    ):
        item = make_item(code=f"I{number}")
        step = make_routing_operation(
            item, run_minutes=Decimal(end - start), skill=skill, operators=len(skill[:1])
        )
        order = make_work_order(item, number=f"WO-{number}")
        work, line = make_operation(order, step), make_order_line(item, line=str(number))
        crew = (person.id,) if skill else ()
        times = (start, start, end)
        rows += [item, step, make_routing_machine(step, machine), order, work, line]
        rows.append(make_booking(scenario, work, machine, times, operator_ids=crew, published=True))
        rows.append(make_peg(order, line))
    kept = keep_begun(make_plan(rows), scenario, at(30), frozen_minutes=1440)
    assert (kept.lost, len(kept.problem.begun)) == (0, 1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([{}, {"has_batches": True}]), st.floats(0, 1))
def test_all_that_can_have_begun_is_kept(seed, wishes, share) -> None:
    plan = planned(seed, has_people=True, **wishes)
    rows = [row for row in plan.table(Booking).values() if row.machine_id is not None]
    if not rows:
        return
    row = rows[seed % len(rows)]
    now_at = row.setup_start_at + (row.end_at - row.setup_start_at) * share
    now_at = max(NOW, now_at.replace(second=0, microsecond=0))
    after = made_anew(plan, now_at)
    begun = begun_work(after, after.published(), now_at)
    assert keep_begun(after, after.published(), now_at).problem.begun.keys() == begun.keys()


def made_anew(plan: Plan, now_at) -> Plan:
    """What MRP makes of it."""
    after = plan.copy()
    after.apply(mrp_changes(plan, explode(plan, now_at, id_maker(5))))
    return after

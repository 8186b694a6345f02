"""Keeping the plan in force where there are choices: what is left out of it has changed, too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.mrp import explode, mrp_changes
from domain.objectives import Goal
from domain.plan import Plan
from domain.resources import Machine
from domain.scenarios import Booking
from domain.scheduling.build import bookings_from
from domain.scheduling.choices import Choices, choices_of
from domain.scheduling.chosen import chosen_plan
from domain.scheduling.engine import solve
from domain.scheduling.problem import Solution
from tests.builders import NOW, at, id_maker, make_downtime, make_profile
from tests.domain.scheduling.test_choices import (
    Made,
    buying_factory,
    routing_factory,
    split_factory,
)

KEEPING = make_profile(goals=(Goal.CHANGES, Goal.LATENESS))
HOUR = timedelta(hours=1)


class Again:
    """A plan in force, planned once more."""

    def __init__(self, made: Made) -> None:
        self.before = made.plan.copy()
        for booking in made.bookings:
            self.before.put(booking)
        self.mrp = self.before.copy()

    def choices(self) -> Choices:
        self.mrp = self.before.copy()
        self.mrp.apply(mrp_changes(self.mrp, explode(self.mrp, NOW, id_maker(8))))
        scenario = self.before.published()
        found = choices_of(self.mrp, NOW, profile=KEEPING, scenario=scenario, before=self.before)
        assert found is not None
        return found

    def solved(self) -> tuple[Solution, int]:
        """The new plan, and how many bookings in force are in it no more, or elsewhere."""
        choices = self.choices()
        best = solve(
            choices.problem(choices.usual), seconds=60, workers=1, iterations=2, choices=choices
        )
        after = chosen_plan(self.mrp, choices, best.modes, NOW)
        scenario = self.before.published()
        assert scenario is not None
        problem = choices.problem(best.modes)
        rows = bookings_from(problem, best, after, scenario, id_maker(5))
        return best, changes_of(self.before, rows)


def changes_of(before: Plan, rows: list[Booking]) -> int:
    there = {row.operation_id: row for row in rows}
    found = 0
    for was in before.table(Booking).values():
        row = there.get(was.operation_id)
        is_same = row is not None and row.machine_id == was.machine_id
        found += row is None or not is_same or abs(row.run_start_at - was.run_start_at) > HOUR
    return found


@pytest.mark.parametrize(
    "build",
    [
        # One whole operation in force, that two parts take the place of.
        lambda: split_factory(2, quantity=9, setup=10),
        # One of two work orders goes by routing B instead.
        lambda: routing_factory(90, due=1),
        # The part is bought that a booking in force makes.
        lambda: buying_factory("3"),
    ],
)
def test_what_other_choices_leave_out_of_the_plan_has_changed(build: Callable[[], Plan]) -> None:
    choices = Again(Made(build())).choices()
    assert choices.goals(choices.usual).left_out == 0
    other = (1, *choices.usual[1:])
    assert choices.goals(other).left_out == 1


def test_parts_in_force_that_are_made_whole_have_changed() -> None:
    again = Again(Made(split_factory(2)))
    choices = again.choices()
    assert choices.goals(choices.present).left_out == 0
    assert choices.goals(choices.usual).left_out == 2
    # Nothing has happened: the parts stay where they are.
    best, changes = again.solved()
    assert (best.changes, changes) == (0, 0)
    assert best.modes == choices.present


def test_an_order_is_not_split_to_keep_the_plan() -> None:
    # Whole, 9 pieces run from minute 10 to 910. Their machine stands still until minute 700: they
    # start there anew, or at once on the other machine, one change either way. In two parts it
    # would be done earlier, which is not worth a change less, for there is none less.
    again = Again(Made(split_factory(2, quantity=9, setup=10)))
    (booked,) = again.before.table(Booking).values()
    assert booked.machine_id is not None
    machine = again.before.need(Machine, booked.machine_id)
    again.before.put(make_downtime(machine, at(0), at(700)))
    best, changes = again.solved()
    assert (best.changes, changes, best.value) == (1, 1, 0)
    assert not any(best.modes)


@pytest.mark.parametrize("build", [lambda: split_factory(2), lambda: routing_factory(90)])
def test_changes_told_are_those_of_the_rows(build: Callable[[], Plan]) -> None:
    again = Again(Made(build()))
    machine = next(iter(again.before.table(Machine).values()))
    again.before.put(make_downtime(machine, at(0), at(1440)))
    best, changes = again.solved()
    assert best.changes == changes > 0

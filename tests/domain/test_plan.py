"""The factory in memory: copies go their own ways, and every look-up follows every change."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain import plan as plan_module
from domain.changes import Change, ChangeSet
from domain.items import Item
from domain.plan import Plan
from domain.resources import Machine
from tests.builders import make_item, make_machine

ITEMS = [make_item(code=f"I{number}") for number in range(4)]
STATES = [replace(item, family=family) for item in ITEMS for family in ("", "A", "B")]

deeds = st.lists(
    st.tuples(
        st.integers(0, 3),  # of which of the plans there are by then
        st.sampled_from(("put", "drop", "copy", "apply", "ask")),
        st.lists(st.sampled_from(STATES), min_size=1, max_size=4),
    ),
    max_size=30,
)


def _change(known: dict[object, Item], state: Item) -> Change:
    """To this state, or away with the row if that is its state already."""
    before = known.pop(state.id, None)
    if before is not None and before.family == state.family:
        return Change.delete(before)
    change = Change.insert(state) if before is None else Change.update(before, state)
    known[state.id] = change.after
    return change


@given(deeds, st.sampled_from((0, 2, 500)))
def test_each_plan_says_what_was_done_to_it_alone(done, many):
    """Beside every plan stands a plain dict of its rows that is changed in the same way."""
    plans: list[tuple[Plan, dict[object, Item]]] = [(Plan(ITEMS), {row.id: row for row in ITEMS})]
    bulk = plan_module.MANY
    plan_module.MANY = many
    try:
        for which, deed, states in done:
            plan, known = plans[which % len(plans)]
            match deed:
                case "put":
                    plan.put(states[0])
                    known[states[0].id] = states[0]
                case "drop":
                    plan.drop(Item, states[0].id)
                    known.pop(states[0].id, None)
                case "copy":
                    plans.append((plan.copy(), dict(known)))
                case "apply":
                    changes = [_change(known, state) for state in states]
                    plan.apply(ChangeSet("edit", tuple(changes)))
                case _:
                    plan.where(Item, family=states[0].family)
            for each, rows in plans:
                assert dict(each.table(Item)) == rows
                for family in ("", "A", "B"):
                    found = {row.id for row in each.where(Item, family=family)}
                    assert found == {row.id for row in rows.values() if row.family == family}
    finally:
        plan_module.MANY = bulk


def test_a_copy_keeps_what_it_had_when_its_plan_goes_on():
    plan = Plan(ITEMS)
    assert len(plan.where(Item, family="")) == 4
    copy = plan.copy()
    plan.put(replace(ITEMS[0], family="A"))
    plan.put(make_machine())
    assert len(copy.where(Item, family="")) == 4
    assert not copy.table(Machine)
    assert len(plan.where(Item, family="")) == 3


def test_changes_are_renewed_for_rows_with_a_newer_version_that_say_the_same():
    same, other, gone, left = (replace(item, row_version=1) for item in ITEMS)
    plan = Plan([replace(same, row_version=3), replace(other, row_version=2, family="Z"), left])
    changes = tuple(Change.update(row, replace(row, family="A")) for row in (same, other, gone))
    changes += (Change.update(left, replace(left, family="A")), Change.insert(make_item(code="N")))
    found = plan.renewed(ChangeSet("edit", changes)).changes
    assert found[0] == Change.update(plan.need(Item, same.id), replace(same, family="A"))
    assert found[0].after.row_version == 4
    assert found[1:] == changes[1:]  # to be refused where somebody was quicker
    away = ChangeSet("edit", (Change.delete(same),))
    assert plan.renewed(away).changes == (Change.delete(plan.need(Item, same.id)),)

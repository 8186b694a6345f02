"""Impossible wishes: claims against every schedule of tiny chains, and against whole plans."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Severity
from domain.mrp import explode, mrp_changes
from domain.orders import OrderLine
from domain.production import Operation
from domain.scenarios import Booking, LockLevel
from domain.scheduling.axis import Axis
from domain.scheduling.board import Board
from domain.scheduling.build import bookings_from, build_problem
from domain.scheduling.checks import check_plan
from domain.scheduling.conflict import Chain, Limit, LimitKind, Obstacle, Step, chain_of, conflict
from domain.scheduling.dispatch import PLAIN, dispatch
from domain.scheduling.repair import MoveBoard
from domain.scheduling.urgency import urgency_of
from domain.scheduling.why import why_late
from tests.builders import (
    NOW,
    TODAY,
    at,
    id_maker,
    make_booking,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
    make_scenario,
)
from tests.domain.scheduling.plans import planned
from widgets.details.why import obstacle_words
from widgets.text import set_language

LAST = 12
"""Wishes of tiny chains lie in the first minutes."""


def axis(intervals):
    """A calendar that works in some intervals, and always from minute 40 on."""
    whole = [*intervals, (40, 10**9)]
    lengths = [high - low for low, high in whole]
    return Axis(
        [low for low, _ in whole], [high for _, high in whole], [0, *accumulate(lengths)][:-1]
    )


def is_open(chain, machine, minute, held):
    hours = chain.hours[machine]
    return Limit(LimitKind.CLOSED, machine=machine) not in held or (
        hours.minute(hours.work(minute)) == minute
    )


def ways(chain, step, held, machine):
    """Every start and end that a step may have by itself, looked at minute by minute."""
    low = chain.now
    for kind, minute in (
        (LimitKind.MATERIAL, step.release),
        (LimitKind.EARLIEST_START, step.opening),
        (LimitKind.TIME_LOCK, step.pin or 0),
    ):
        low = max(low, minute if Limit(kind, step.op) in held else 0)
    for start in range(low, LAST + 1):
        if not step.ways:
            yield start, start + step.elapsed
        for where, run in step.ways:
            is_elsewhere = Limit(LimitKind.MACHINE_LOCK, step.op) in held
            if machine not in (-1, where) or (is_elsewhere and where != step.locked_machine):
                continue
            if not is_open(chain, where, start, held):
                continue
            end, left = start, run
            while left:
                left -= is_open(chain, where, end, held)
                end += 1
            taken = range(start, end)
            if step.is_fit and not all(is_open(chain, where, each, held) for each in taken):
                continue
            stopped = (
                set(taken) & set(range(first, last))
                for first, last, op in chain.blocks.get(where, ())
                if Limit(LimitKind.BOOKED, op, where) in held
            )
            if not any(stopped):
                yield start, end


def is_possible(chain, held, latest, machine, *, by_end=False):
    """Whether any choice of starts and machines lets the last step start, or end, in time."""
    own = [list(ways(chain, s, held, machine if s is chain.steps[-1] else -1)) for s in chain.steps]

    def fits(at, ends):
        if at == len(chain.steps):
            return True
        step = chain.steps[at]
        waits = Limit(LimitKind.WAIT, step.op) in held
        ready = max([ends[o] + (wait if waits else 0) for o, wait, _ in step.edges], default=0)
        is_last = at == len(chain.steps) - 1
        return any(
            fits(at + 1, {**ends, step.op: end})
            for start, end in own[at]
            if start >= ready and not (is_last and (end if by_end else start) > latest)
        )

    return fits(0, {})


small = st.integers(0, 6)
intervals = st.lists(st.integers(0, 12), min_size=2, max_size=4, unique=True).map(
    lambda cuts: list(zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False))
)


@st.composite
def chains(draw):
    """Up to three steps, one after the other or two before the last, on two machines."""
    count, steps = draw(st.integers(1, 3)), []
    for op in range(count):
        origins = [op - 1] if op and draw(st.booleans()) else list(range(op))[-2:]
        machines = draw(st.sampled_from([(), (0,), (1,), (0, 1)]))
        run = st.integers(1, 4)
        opening = draw(st.sampled_from([0, 0, 3]))
        steps.append(
            Step(
                op,
                tuple((origin, draw(st.sampled_from([0, 0, 2])), False) for origin in origins),
                tuple((machine, draw(run)) for machine in machines),
                elapsed=draw(run),
                release=opening + draw(st.sampled_from([0, 0, 4])),
                opening=opening,
                is_fit=draw(st.booleans()),
                pin=draw(st.sampled_from([None, None, 5])) if machines else None,
                locked_machine=draw(st.sampled_from([-1, -1, *machines])),
            )
        )
    hours = {machine: axis(draw(intervals)) for machine in (0, 1)}
    starts = draw(st.lists(st.tuples(st.sampled_from([0, 1]), small), max_size=2))
    blocks = {
        machine: [
            (start, start + 2, 10 + n) for n, (on, start) in enumerate(starts) if on == machine
        ]
        for machine in (0, 1)
    }
    return Chain(tuple(steps), hours, blocks, draw(st.sampled_from([0, 0, 2])))


@settings(max_examples=150, deadline=None)
@given(chains(), st.integers(0, LAST), st.sampled_from([-1, -1, 0, 1]), st.booleans())
def test_claims_are_those_of_every_schedule_there_is(chain, latest, machine, by_end):
    machine = machine if chain.steps[-1].ways else -1
    claim = conflict(chain, latest, machine, by_end=by_end)
    assert (claim is None) == is_possible(chain, chain.limits(), latest, machine, by_end=by_end)
    if claim is None:
        return
    assert not is_possible(chain, claim, latest, machine, by_end=by_end)
    for limit in claim:
        rest = set(claim) - {limit}
        assert is_possible(chain, rest, latest, machine, by_end=by_end), f"{limit} is not needed"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([LockLevel.TIME, LockLevel.MACHINE]))
def test_nothing_that_a_plan_does_is_called_impossible(seed, level):
    plan, problem, solution = planned(seed)
    scenario = make_scenario(published=True)
    plan.put(scenario)
    for number, row in enumerate(bookings_from(problem, solution, plan, scenario, id_maker(5))):
        is_locked = number % 3 == 0 and row.machine_id is not None
        plan.put(replace(row, lock=level if is_locked else LockLevel.NONE))
    board = Board(plan, scenario, NOW)
    locked = build_problem(plan, NOW)
    other = dispatch(locked, urgency_of(locked), PLAIN)
    rows = bookings_from(locked, other, plan, scenario, id_maker(6))
    broken = [f for f in check_plan(plan, rows, NOW) if f.severity is Severity.ERROR]
    if broken:
        rows = list(plan.table(Booking).values())
    for row in rows:
        op = board.number[row.operation_id]
        chain = chain_of(board, op, board.problem.minute(NOW))
        machine = board.machine_number[row.machine_id] if row.machine_id else -1
        assert conflict(chain, board.problem.minute(row.run_start_at), machine) is None


def two_steps():
    """Two steps of 100 minutes on a machine each, booked one after the other; due at 960."""
    item, one, two = make_item(), make_machine(code="M1"), make_machine(code="M2")
    first = make_routing_operation(item, 10, run_minutes=100)
    second = make_routing_operation(item, 20, run_minutes=100)
    line = make_order_line(item, due_on=TODAY)
    plan = make_plan(item, one, two, first, second, line)
    plan.put(make_routing_machine(first, one))
    plan.put(make_routing_machine(second, two))
    plan.apply(mrp_changes(plan, explode(plan, NOW, id_maker())))
    scenario = make_scenario(published=True)
    plan.put(scenario)
    steps = sorted(plan.table(Operation).values(), key=lambda step: step.number)
    return plan, scenario, steps, (one, two)


def test_a_refused_drag_names_the_lock_behind_it():
    plan, scenario, (first, second), (one, two) = two_steps()
    locked = make_booking(scenario, first, one, (400, 400, 500), lock=LockLevel.TIME)
    dragged = make_booking(scenario, second, two, (600, 600, 700))
    plan.put(locked)
    plan.put(dragged)
    found = MoveBoard(plan, scenario, NOW).obstacles(dragged, two.id, at(450), NOW)
    assert found == (Obstacle(LimitKind.TIME_LOCK, first.id, None),)
    # The work before it takes till minute 100 by itself.
    assert MoveBoard(plan, scenario, NOW).obstacles(dragged, two.id, at(99), NOW) == ()
    assert MoveBoard(plan, scenario, NOW).obstacles(dragged, two.id, at(500), NOW) is None
    plan.put(replace(locked, lock=LockLevel.NONE))
    assert MoveBoard(plan, scenario, NOW).obstacles(dragged, two.id, at(450), NOW) is None


def test_a_late_order_names_what_keeps_it_from_being_in_time():
    plan, scenario, (first, second), (one, two) = two_steps()
    plan.put(make_booking(scenario, first, one, (900, 900, 1000), lock=LockLevel.TIME))
    plan.put(make_booking(scenario, second, two, (1000, 1000, 1100)))
    line = next(iter(plan.table(OrderLine).values()))
    why = why_late(plan, scenario, line.id)
    assert why.obstacles == (Obstacle(LimitKind.TIME_LOCK, first.id, None),)
    set_language("en")
    assert obstacle_words(plan, why.obstacles[0]).startswith("Locked in time: WO-")
    unlocked = plan.one(Booking, operation_id=first.id)
    plan.put(replace(unlocked, lock=LockLevel.NONE))
    assert why_late(plan, scenario, line.id).obstacles is None

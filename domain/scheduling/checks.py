"""The independent checker: a schedule against the nine rules, from rows and bookings alone.

It knows nothing of the planner and shares no code with it, so that an error of the planner can not
hide in it. Every finding with severity error means that the schedule must not be shown as valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from math import ceil
from uuid import UUID

from domain.errors import Finding, Severity
from domain.plan import Plan
from domain.production import WorkOrder, WorkStatus
from domain.resources import Changeover, Machine, Operator, Tool
from domain.routings import BreakRule
from domain.scenarios import Booking, OvertimeShift
from domain.scheduling.check_batches import Batches
from domain.scheduling.check_facts import NEVER, Facts, Placed
from domain.scheduling.check_held import check_held
from domain.scheduling.check_material import check_material
from domain.scheduling.check_order import check_order
from domain.scheduling.check_overtime import check_overtime
from domain.scheduling.check_variants import check_variants

_OPEN = frozenset({WorkStatus.PLANNED, WorkStatus.FIRM, WorkStatus.RELEASED, WorkStatus.STARTED})


_MOST_TRIES = 10_000
"""So many steps an order is looked for in which nothing has to be set up."""


def check_plan(
    plan: Plan,
    bookings: Iterable[Booking],
    now_at: datetime,
    overtime: Iterable[OvertimeShift] | None = None,
    in_force: Iterable[Booking] = (),
) -> list[Finding]:
    """Every rule that a schedule breaks, worst kinds first by rule number.

    A work order without any booking is only a warning: what it would bring is then not there, and
    what needs it is found by rule 7. O(n log n) in bookings.

    Args:
        plan: The factory.
        bookings: One scenario's bookings, all of them.
        now_at: The start of the plan.
        overtime: That scenario's overtime, all of it; None: as the plan's rows have it.
        in_force: Bookings of the plan in force, as they were before: what of them has begun, is
            frozen or locked must stay. None of them: nothing is held, and all begins from now on.
    """
    facts = Facts(plan, bookings, now_at, overtime, in_force)
    batches = Batches(facts)
    found = [*facts.findings, *_check_presence(facts), *check_overtime(facts)]
    for placed in facts.placed.values():
        found += _check_alone(facts, batches, placed)
    found += batches.check()
    found += _check_machines(facts, batches)
    found += check_order(facts)
    found += check_variants(facts)
    found += _check_operators(facts)
    found += _check_tools(facts)
    found += check_material(facts)
    found += check_held(facts)
    return found


def _check_presence(facts: Facts) -> Iterable[Finding]:
    for order in facts.plan.table(WorkOrder).values():
        if order.status not in _OPEN:
            continue
        missing = [step for step in facts.steps(order) if step.id not in facts.placed]
        if not missing:
            continue
        is_whole = len(missing) == len(facts.steps(order))
        code = "work_order_not_booked" if is_whole else "operation_not_booked"
        severity = Severity.WARNING if is_whole else Severity.ERROR
        params = {"work_order": order.number, "operation": missing[0].number}
        yield Finding(code, severity, (missing[0].id, order.id), params)


def _check_alone(facts: Facts, batches: Batches, placed: Placed) -> Iterable[Finding]:
    """What can be told of a booking without looking at any other: rules 1, 2, 4 and 7 in part."""
    if facts.is_over(placed):
        return
    has_begun = facts.has_begun(placed)
    if min(placed.setup, placed.run) < 0 and not has_begun:
        yield placed.broken("rule1_before_now")
    earliest_at = placed.order.earliest_start_at
    if earliest_at is not None and not has_begun and placed.setup < facts.minute(earliest_at):
        yield placed.broken("rule7_earliest_start", earliest=earliest_at)
    if placed.step.subcontract_days is not None:
        yield from _check_subcontract(placed, has_begun=has_begun)
    elif placed.machine is None:
        yield placed.broken("machine_missing_in_booking")
    else:
        yield from _check_on_machine(facts, batches, placed, placed.machine)


def _check_subcontract(placed: Placed, *, has_begun: bool) -> Iterable[Finding]:
    days = placed.step.subcontract_days or 0
    if placed.machine is not None:
        yield placed.broken("machine_wrong")
    expected = ceil(days * 1440)
    is_done_early = has_begun and placed.end == 0 and placed.end - placed.run > expected
    if placed.setup != placed.run or (placed.end - placed.run != expected and not is_done_early):
        yield placed.broken(
            "rule5_subcontract_days", expected=expected, actual=placed.end - placed.run
        )


def _check_on_machine(
    facts: Facts, batches: Batches, placed: Placed, machine: Machine
) -> Iterable[Finding]:
    if not facts.may_run_on(placed.step, machine):
        yield placed.broken("machine_wrong")
    worked, is_begun = facts.worked(machine), facts.has_begun(placed)
    expected = placed.run_minutes(placed.quantity)
    actual = worked.between(placed.run, placed.end)
    if batches.is_alone(placed) and not facts.runs_as_long(placed, machine, expected):
        yield placed.broken("rule2_run_minutes", expected=expected, actual=actual)
    edges = [placed.setup] if placed.run > placed.setup else []
    if placed.end > placed.run:
        edges += [placed.run, placed.end - 1]
    if not all(worked.is_working(edge) for edge in edges if edge >= 0 or not is_begun):
        yield placed.broken("rule1_working_time")
    start = max(placed.run, 0) if is_begun else placed.setup
    if is_begun and start < placed.end:  # what is left of it is in one piece
        start = worked.done(start, 1) - 1
    is_unbroken = start >= placed.end or worked.between(start, placed.end) == placed.end - start
    if placed.step.break_rule is BreakRule.FIT and not is_unbroken:
        yield placed.broken("rule4_fit")


def _check_machines(facts: Facts, batches: Batches) -> Iterable[Finding]:
    """One thing or batch at a time, and the setup that its order of work asks for (rule 3)."""
    by_machine: dict[UUID, list[Placed]] = {}
    for placed in facts.placed.values():
        is_here = placed.machine is not None and placed.step.subcontract_days is None
        if placed.machine is not None and is_here and batches.led_by(placed) is placed:
            by_machine.setdefault(placed.machine.id, []).append(placed)
    changeovers = _Changeovers(facts.plan)
    for machine_id, line in by_machine.items():
        machine = facts.plan.need(Machine, machine_id)
        line.sort(key=lambda p: (p.setup, p.end, p.run, p.order.number, p.step.number))
        worked = facts.worked(machine)
        before: Placed | None = None
        for placed in _in_order(line, machine, changeovers):
            if before is not None and placed.setup < before.end:
                other = before.order.number
                yield placed.broken("machine_overlap", other=other, until=before.booking.end_at)
            expected = changeovers.setup_minutes(machine, before, placed)
            actual = worked.between(placed.setup, placed.run)
            is_wrong = actual != expected or (expected == 0 and placed.run != placed.setup)
            if is_wrong and not facts.has_begun(placed):
                yield placed.broken("rule3_setup_minutes", expected=expected, actual=actual)
            before = placed


def _in_order(
    line: Sequence[Placed], machine: Machine, changeovers: _Changeovers
) -> Iterable[Placed]:
    """A machine's bookings as they follow one another.

    Operations that take no time at one instant may have come in any order: the first order that
    needs no setup among them holds, if one is found.
    """
    before: Placed | None = None
    for _, same in groupby(line, key=lambda p: p.setup if p.setup == p.end else p.step.id):
        ties = list(same)
        chosen = _without_setup(ties, before, machine, changeovers) or ties
        yield from chosen
        before = chosen[-1]


def _without_setup(
    ties: Sequence[Placed], before: Placed | None, machine: Machine, changeovers: _Changeovers
) -> list[Placed]:
    """The first order in which none of these needs a setup; empty: none was found.

    Of those that are set up alike only the first is tried at a place.
    """
    left: dict[object, list[int]] = {}
    for at in reversed(range(len(ties))):
        left.setdefault(_set_up_as(ties[at]), []).append(at)

    def follows(last: Placed | None) -> Iterator[int]:
        for at in sorted(alike[-1] for alike in left.values() if alike):
            if not changeovers.setup_minutes(machine, last, ties[at]):
                yield at

    order: list[int] = []
    tries = [follows(before)]
    for _ in range(_MOST_TRIES):
        at = next(tries[-1], None)
        if at is not None:
            left[_set_up_as(ties[at])].pop()
            order.append(at)
            if len(order) == len(ties):
                return [ties[each] for each in order]
            tries.append(follows(ties[at]))
        elif order:
            tries.pop()
            at = order.pop()
            left[_set_up_as(ties[at])].append(at)
        else:
            break
    return []


def _set_up_as(placed: Placed) -> object:
    """Equal for two that need the same setup after anything, and before anything."""
    return placed.item.family, _kind(placed), placed.step.setup_minutes


def _kind(placed: Placed) -> tuple[UUID, str, int]:
    """Between two of the same item, routing and operation nothing is set up."""
    return placed.item.id, placed.routing, placed.step.number


class _Changeovers:
    """Rule 3's look-up: a machine's row beats its work center's, a named family beats any."""

    def __init__(self, plan: Plan) -> None:
        self._minutes: dict[tuple[UUID | None, str, str], int] = {}
        for row in plan.table(Changeover).values():
            place = row.machine_id or row.work_center_id
            self._minutes[place, row.from_family, row.to_family] = ceil(row.minutes)

    def setup_minutes(self, machine: Machine, before: Placed | None, placed: Placed) -> int:
        """Setup of a booking after another on a machine, or as its first."""
        own = ceil(placed.step.setup_minutes)
        if before is None:
            return own
        row = self._row(machine, before.item.family, placed.item.family)
        if row is not None:
            return row
        return 0 if _kind(before) == _kind(placed) else own

    def _row(self, machine: Machine, origin: str, target: str) -> int | None:
        """The most precise row; ``*`` stands for any family, and for none."""
        for place in (machine.id, machine.work_center_id):
            for pair in ((origin, target), (origin, "*"), ("*", target), ("*", "*")):
                minutes = self._minutes.get((place, *pair)) if place else None
                if minutes is not None:
                    return minutes
        return None


def _check_operators(facts: Facts) -> Iterable[Finding]:
    """Rule 6: who is needed, can do it, is at work, and does nothing else meanwhile."""
    busy: dict[UUID, list[Placed]] = {}
    for placed in facts.placed.values():
        wanted = max(1, placed.step.operators) if placed.step.skill else 0
        crew = placed.booking.operator_ids
        if placed.step.subcontract_days is not None:
            wanted = 0
        if len(set(crew)) != wanted or len(crew) != wanted:
            yield placed.broken("rule6_count", expected=wanted, actual=len(set(crew)))
        for person_id in crew:
            person = facts.plan.get(Operator, person_id)
            if person is None or placed.step.skill not in person.skills:
                name = person.code if person else ""
                yield placed.broken("rule6_skill", operator=name, skill=placed.step.skill)
                continue
            busy.setdefault(person.id, []).append(placed)
            if placed.machine is not None and not _is_at_work(facts, placed, person):
                yield placed.broken("rule6_at_work", operator=person.code)
    for person_id, line in busy.items():
        yield from _check_one_thing_at_a_time(facts, facts.plan.need(Operator, person_id), line)


def _is_at_work(facts: Facts, placed: Placed, person: Operator) -> bool:
    """Whether a person is there in every minute in which the machine works on the booking."""
    if placed.machine is None:
        return True
    machine, at_work = facts.worked(placed.machine), facts.worked(person, placed.machine)
    minute = facts.needed_from(placed)
    while minute < placed.end:
        start = machine.done(minute, 1) - 1
        if start >= placed.end:
            return True
        end = min(machine.rest_of(start), placed.end)
        if at_work.between(start, end) != end - start:
            return False
        minute = end
    return True


def _check_one_thing_at_a_time(
    facts: Facts, person: Operator, line: Sequence[Placed]
) -> Iterable[Finding]:
    """One thing, or all that runs together in one batch."""
    until, other, batch = -NEVER, "", None
    for start, placed in sorted(
        ((facts.needed_from(p), p) for p in line), key=lambda each: (each[0], each[1].end)
    ):
        is_over = start >= until or placed.end == start
        if not is_over and placed.booking.batch != batch:
            yield placed.broken("rule6_overlap", operator=person.code, other=other)
        if placed.end > until:
            until, other, batch = placed.end, placed.order.number, placed.booking.batch


def _check_tools(facts: Facts) -> Iterable[Finding]:
    """No more units of a tool at work at any minute than there are."""
    users: dict[UUID, list[Placed]] = {}
    for placed in facts.placed.values():
        is_here = placed.step.subcontract_days is None and placed.end > facts.needed_from(placed)
        if placed.step.tool_id is not None and is_here:
            users.setdefault(placed.step.tool_id, []).append(placed)
    for tool_id, line in users.items():
        tool = facts.plan.get(Tool, tool_id)
        name, count = (tool.code, tool.count) if tool else ("", 0)
        held: list[tuple[int, int]] = []
        timed = [(facts.needed_from(placed), placed) for placed in line]
        for start, placed in sorted(timed, key=lambda each: (each[0], each[1].end)):
            held = [(end, units) for end, units in held if end > start]
            held.append((placed.end, placed.step.tools))
            wanted = sum(units for _, units in held)
            if wanted > count:
                yield placed.broken("tool_overbooked", tool=name, wanted=wanted, count=count)


def first_error(findings: Iterable[Finding]) -> Finding | None:
    """The first finding that forbids to show the schedule as valid, or None."""
    return next((f for f in findings if f.severity is Severity.ERROR), None)

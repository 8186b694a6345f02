"""Work that has begun, in the drafts of a problem: it stays on its machine, and only the rest is
still to be done.

The rest comes first of all on its machine; what is at a supplier comes back when it does. Its
people and tools are taken out of everybody else's hands by their calendars (see `build_resources`),
so that it holds none itself. What is done takes no time; the last on a machine is there all the
same, for what is set up after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from domain.scenarios import Booking
from domain.scheduling.drafts import Draft, Drafts, Edge
from domain.scheduling.hours import DAY
from domain.scheduling.possible import Option
from domain.scheduling.problem import NONE, Problem, Rest


def lay_begun(drafts: Drafts, begun: Mapping[UUID, Rest]) -> None:
    """Leave of every draft that has begun only its rest."""
    rests = [
        (draft, rest)
        for operation_id, rest in begun.items()
        if (draft := drafts.by_operation.get(operation_id)) is not None and not draft.is_dropped
    ]
    done = {draft: rest for draft, rest in rests if rest.is_done}
    _cut_edges(drafts, dict(rests))
    for makers in drafts.makers.values():
        makers[:] = [maker for maker in makers if maker not in done]
    batches: dict[UUID, list[tuple[Draft, Rest]]] = {}
    for draft, rest in rests:
        draft.opening = 0
        if _runs(drafts, rest):
            draft.release = 0
        if rest.booking.machine_id is None:
            draft.elapsed, draft.pin = rest.run, 0
        elif rest.is_done:
            _finish(draft)
        else:
            batches.setdefault(rest.booking.batch, []).append((draft, rest))
    for batch in batches.values():
        _go_on(drafts, batch)
    last = _remember_last(
        drafts, done, {rest.booking.machine_id for _, rest in rests if not rest.is_done}
    )
    going = {draft: rest.end for batch in batches.values() for draft, rest in batch}
    first = going | {draft: draft.pin for draft in last}
    _let_pass(drafts, first)
    if first:
        _let_nothing_before(drafts, first)


def _cut_edges(drafts: Drafts, rests: Mapping[Draft, Rest]) -> None:
    """What runs waits for nothing but the batches still handed over to it; what follows finished
    work waits for what is left of the pause."""
    for draft in (one for chain in drafts.chains.values() for one in chain):
        edges: list[Edge] = []
        own = rests.get(draft)
        is_running = own is not None and _runs(drafts, own)
        for edge in draft.edges:
            rest = rests.get(edge.before)
            if rest is not None and rest.is_done:
                if not is_running:
                    _wait(drafts, draft, edge, rest)
            elif not is_running:
                edges.append(edge)
            elif edge.overlap and rest is not None:
                edges.append(Edge(edge.before, 0, 1))
        draft.edges = edges


def _wait(drafts: Drafts, draft: Draft, edge: Edge, rest: Rest) -> None:
    """Let work that follows what is finished begin when the pause after that is over."""
    booked = drafts.plan.one(
        Booking, scenario_id=rest.booking.scenario_id, operation_id=draft.operation_id
    )
    machine = _machine(drafts, booked.machine_id if booked else None)
    ended = drafts.span.minute(rest.booking.end_at)
    ready = min(0, ended) + edge.wait + _way_to(drafts, rest, draft, machine)
    if edge.overlap and booked is not None and booked.machine_id is not None:
        start = drafts.span.minute(booked.run_start_at)
        if ready > start >= 0:  # booked to begin with a batch that came before the end
            drafts.hold_machine(draft, booked.machine_id)
            ready = start
    draft.release = max(draft.release, ready)


def _runs(drafts: Drafts, rest: Rest) -> bool:
    """Whether it is run, or over; else it is still being set up."""
    return rest.booking.run_start_at <= drafts.span.now_at


def _way_to(drafts: Drafts, rest: Rest, after: Draft, target: int) -> int:
    """Minutes to the plant in which finished work goes on, or to the furthest if that is not known.

    What is on its way to one plant does not go to another that is further.
    """
    resources = drafts.resources
    origin = _machine(drafts, rest.booking.machine_id)
    if origin < 0 or not resources.transfer.size:
        return 0
    ways = resources.transfer[resources.machine_plant[origin]]
    by_option = [int(ways[resources.machine_plant[option[0]]]) for option in after.options]
    if target < 0:
        return max(by_option, default=0)
    way = int(ways[resources.machine_plant[target]])
    near = [option for option, one in zip(after.options, by_option, strict=True) if one <= way]
    after.options = near or after.options
    return way if near else max(by_option, default=0)


def _machine(drafts: Drafts, machine_id: UUID | None) -> int:
    return drafts.resources.machine_index.get(machine_id, NONE) if machine_id else NONE


def _let_pass(drafts: Drafts, first: Mapping[Draft, int]) -> None:
    """Whatever has its start on the machine of begun work has it no earlier than that ends."""
    ends = {draft.options[0][0]: end for draft, end in first.items() if draft.options}
    for draft in drafts.by_operation.values():
        if draft.pin >= 0 and draft not in first and len(draft.options) == 1:
            draft.pin = max(draft.pin, ends.get(draft.options[0][0], 0))


def _let_nothing_before(drafts: Drafts, first: Iterable[Draft]) -> None:
    """Nothing comes before begun work on its machine, even what takes no time or would find room in
    what is left of a setup: it would put that off by a day.

    So begun work has families of its own. After anything else it takes a day to set up; what comes
    after it is set up as after the families that they stand for.
    """
    begun, resources = [draft for draft in first if draft.options], drafts.resources
    families = sorted({draft.family for draft in begun})
    count, size, _ = resources.change.shape
    own = {family: size + at for at, family in enumerate(families)}
    change = np.concatenate((resources.change, np.full((1, size, size), NONE, np.int32)))
    change = np.concatenate((change, change[:, families]), axis=1)
    put_off = np.full((count + 1, size + len(own), len(own)), DAY, np.int32)
    groups = np.where(resources.change_group < 0, count, resources.change_group)
    drafts.resources = replace(
        resources,
        change=np.concatenate((change, put_off), axis=2),
        change_group=groups.astype(np.int32),
    )
    for draft in begun:
        draft.family = own[draft.family]


def _finish(draft: Draft) -> None:
    draft.elapsed, draft.options, draft.needs = 0, [], []
    draft.is_shared = draft.is_fit = False


def _go_on(drafts: Drafts, batch: Sequence[tuple[Draft, Rest]]) -> None:
    """Whatever runs together goes on together; the machine takes nothing in that it still holds."""
    loads = 0
    for draft, rest in batch:
        if rest.booking.machine_id is None:
            continue
        drafts.hold_machine(draft, rest.booking.machine_id)
        machine, _, first, last, load = draft.options[0]
        loads += load
        out = min(rest.run, max(0, first - rest.worked))
        draft.options = [(machine, rest.run, out, min(last, rest.run), load)]
        draft.setup, draft.pin = rest.setup, rest.start
        if rest.keeps_crew:
            draft.needs = []
    filled = batch[-1][0]
    if filled.is_shared:
        _fill(drafts, filled, loads)


def _fill(drafts: Drafts, draft: Draft, loads: int) -> None:
    machine, run, first, last, load = draft.options[0]
    room = int(drafts.resources.machine_capacity[machine]) - loads
    draft.options = [(machine, run, first, last, load + max(0, room))]


def _remember_last(
    drafts: Drafts, done: Mapping[Draft, Rest], busy: set[UUID | None]
) -> list[Draft]:
    """The last that an idle machine has done stays on it, without taking time."""
    last: dict[UUID, tuple[Draft, Rest]] = {}
    for draft, rest in sorted(done.items(), key=lambda each: each[1].booking.setup_start_at):
        machine_id = rest.booking.machine_id
        if machine_id is not None and machine_id not in busy and rest.booking.batch_id is None:
            last[machine_id] = draft, rest
    for machine_id, (draft, _) in last.items():
        machine = drafts.resources.machine_index[machine_id]
        calendar = int(drafts.resources.machine_calendar[machine])
        times = drafts.resources.intervals[calendar]
        if times:
            load = int(drafts.resources.machine_capacity[machine])
            full: Option = (machine, 0, 0, 0, load)
            draft.elapsed, draft.options, draft.setup, draft.pin = NONE, [full], 0, times[0][0]
            draft.is_shared = load > 0
    return [draft for draft, _ in last.values()]


def as_begun(problem: Problem, rows: Sequence[Booking]) -> list[Booking]:
    """Bookings of a plan with what has begun as it began: a plan knows of the rest alone.

    Batches are the same, whoever leads them in the plan of the rest.
    """
    rests = [problem.begun.get(row.operation_id) for row in rows]
    leaders: dict[UUID, UUID] = {}
    for row, rest in zip(rows, rests, strict=True):
        if rest is not None and (
            rest.booking.batch_id is None or rest.booking.batch not in leaders
        ):
            leaders[rest.booking.batch] = row.id
    return [
        row if rest is None else _as_begun(problem, row, rest, leaders[rest.booking.batch])
        for row, rest in zip(rows, rests, strict=True)
    ]


def _as_begun(problem: Problem, row: Booking, rest: Rest, leader: UUID) -> Booking:
    """``leader`` is the first booking of its batch."""
    old, leads = rest.booking, row.id == leader
    is_running = rest.is_done or old.run_start_at <= problem.now_at
    run_start_at = old.run_start_at if is_running else row.run_start_at
    found = replace(
        row,
        setup_start_at=min(old.setup_start_at, run_start_at) if leads else run_start_at,
        run_start_at=run_start_at,
        operator_ids=old.operator_ids if rest.keeps_crew or rest.is_done else row.operator_ids,
        batch_id=None if leads else leader,
    )
    if not rest.is_done:
        return found
    return replace(found, machine_id=old.machine_id, end_at=min(old.end_at, problem.now_at))

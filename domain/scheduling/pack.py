"""Drafts of operations, numbered and laid out as a problem's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import numpy as np

from domain.errors import Finding, Severity
from domain.orders import OrderLine
from domain.production import WorkOrder
from domain.scheduling.compiled import I32
from domain.scheduling.drafts import Draft, Drafts
from domain.scheduling.problem import Problem, Tables, csr
from domain.scheduling.resources import cover_arrays


def pack(drafts: Drafts, lines: Iterable[OrderLine], due: Mapping[UUID, int]) -> Problem:
    """Number what can be planned and lay it out."""
    planned = _in_order(drafts)
    lost = _lost_owners(drafts)
    kept: list[OrderLine] = []
    for line in lines:
        makers = drafts.makers.get(line.id, [])
        if line.id in drafts.lost_lines or any(m.owner_id in lost for m in makers):
            params = {"order": line.order_number, "line": line.line}
            drafts.findings.append(Finding("order_not_planned", Severity.ERROR, (line.id,), params))
        elif line.id in drafts.floors:
            kept.append(line)
    resources = drafts.resources
    return Problem(
        now_at=drafts.span.now_at,
        tables=_tables(drafts, planned, kept, due),
        operation_ids=tuple(draft.operation_id for draft in planned),
        machine_ids=resources.machine_ids,
        operator_ids=resources.operator_ids,
        line_ids=tuple(line.id for line in kept),
        findings=tuple(drafts.findings),
        owner_ids=tuple(draft.owner_id for draft in planned),
    )


def _in_order(drafts: Drafts) -> list[Draft]:
    """Number the drafts so that predecessors come first, leaving out what cannot be planned."""
    whole = [draft for chain in drafts.chains.values() for draft in chain]
    _spread_drops(drafts, whole)
    alive = [draft for draft in whole if not draft.is_dropped]
    after: dict[int, list[Draft]] = {}
    missing: dict[int, int] = {}
    for draft in alive:
        missing[id(draft)] = len(draft.edges)
        for edge in draft.edges:
            after.setdefault(id(edge.before), []).append(draft)
    queue = [draft for draft in alive if missing[id(draft)] == 0]
    for draft in queue:
        for follower in after.get(id(draft), ()):
            missing[id(follower)] -= 1
            if missing[id(follower)] == 0:
                queue.append(follower)
    for number, draft in enumerate(queue):
        draft.number = number
    for owner in dict.fromkeys(d.owner_id for d in alive if d.number < 0):
        _blame(drafts, "work_in_a_circle", owner)
    for draft in alive:
        draft.is_dropped = draft.number < 0
    return queue


def _spread_drops(drafts: Drafts, whole: Sequence[Draft]) -> None:
    """A work order with an impossible operation is not planned, nor what needs it."""
    lost = {draft.owner_id for draft in whole if draft.is_dropped}
    takers: dict[UUID, set[UUID]] = {}
    for draft in whole:
        for edge in draft.edges:
            takers.setdefault(edge.before.owner_id, set()).add(draft.owner_id)
    queue = list(lost)
    blamed = {ref for finding in drafts.findings for ref in finding.refs}
    for owner in queue:
        if owner not in blamed:
            _blame(drafts, "waits_for_unplanned_work", owner)
        fresh = takers.get(owner, set()) - lost
        lost |= fresh
        queue += sorted(fresh)
    for draft in whole:
        draft.is_dropped = draft.owner_id in lost


def _blame(drafts: Drafts, code: str, owner_id: UUID) -> None:
    order = drafts.plan.get(WorkOrder, owner_id)
    params = {"work_order": order.number if order else ""}
    drafts.findings.append(Finding(code, Severity.ERROR, (owner_id,), params))


def _lost_owners(drafts: Drafts) -> set[UUID]:
    return {
        owner
        for owner, chain in drafts.chains.items()
        if not chain or any(draft.is_dropped for draft in chain)
    }


def _ints(values: Iterable[int]) -> I32:
    return np.fromiter(values, dtype=np.int32)


def _tables(
    drafts: Drafts, planned: Sequence[Draft], lines: Sequence[OrderLine], due: Mapping[UUID, int]
) -> Tables:
    resources = drafts.resources
    cover_first, cover_from, cover_to = cover_arrays(resources.covers)
    crew_first, crew_operator = csr(resources.crews)
    return Tables(
        **_operation_arrays(planned),
        **_need_arrays(planned),
        **_edge_arrays(planned),
        **_option_arrays(planned),
        **_line_arrays(drafts, planned, lines, due),
        machine_calendar=resources.machine_calendar,
        machine_capacity=resources.machine_capacity,
        machine_plant=resources.machine_plant,
        transfer=resources.transfer,
        change_group=resources.change_group,
        change=resources.change,
        crew_first=crew_first,
        crew_operator=crew_operator,
        crew_is_tool=np.isin(np.arange(len(resources.crews)), [*resources.tools.values()]).astype(
            np.int32
        ),
        operator_calendar=resources.operator_calendar,
        cover_of=resources.cover_of,
        cover_first=cover_first,
        cover_from=cover_from,
        cover_to=cover_to,
        worktime=resources.worktime,
    )


def _operation_arrays(planned: Sequence[Draft]) -> dict[str, I32]:
    return {
        "release": _ints(d.release for d in planned),
        "opening": _ints(d.opening for d in planned),
        "elapsed": _ints(d.elapsed for d in planned),
        "own_setup": _ints(d.setup for d in planned),
        "family": _ints(d.family for d in planned),
        "part": _ints(d.part for d in planned),
        "fit": _ints(int(d.is_fit) for d in planned),
        "crew_size": _ints(sum(size for _, size in d.needs) for d in planned),
        "pin": _ints(d.pin for d in planned),
        "batch_family": _ints(d.batch_family for d in planned),
        "is_shared": _ints(int(d.is_shared) for d in planned),
    }


def _need_arrays(planned: Sequence[Draft]) -> dict[str, I32]:
    first, crew = csr([[crew for crew, _ in draft.needs] for draft in planned])
    size = _ints(size for draft in planned for _, size in draft.needs)
    return {"need_first": first, "need_crew": crew, "need_size": size}


def _edge_arrays(planned: Sequence[Draft]) -> dict[str, I32]:
    followers: list[list[int]] = [[] for _ in planned]
    for draft in planned:
        for edge in draft.edges:
            followers[edge.before.number].append(draft.number)
    next_first, next_op = csr(followers)
    first, origin = csr([[edge.before.number for edge in d.edges] for d in planned])
    edges = [(edge, draft) for draft in planned for edge in draft.edges]
    is_limited = np.zeros(len(planned), np.int32)
    for edge, draft in edges:
        if edge.most >= 0:
            is_limited[edge.before.number] = is_limited[draft.number] = 1
    return {
        "edge_first": first,
        "edge_from": origin,
        "edge_wait": _ints(edge.wait for edge, _ in edges),
        "edge_overlap": _ints(edge.overlap for edge, _ in edges),
        "edge_most": _ints(edge.most for edge, _ in edges),
        "is_limited": is_limited,
        "next_first": next_first,
        "next_op": next_op,
    }


def _option_arrays(planned: Sequence[Draft]) -> dict[str, I32]:
    first, machine = csr([[option[0] for option in d.options] for d in planned])
    return {
        "alt_first": first,
        "alt_op": _ints(d.number for d in planned for _ in d.options),
        "alt_machine": machine,
        "alt_run": _ints(option[1] for d in planned for option in d.options),
        "alt_first_batch": _ints(option[2] for d in planned for option in d.options),
        "alt_last_batch": _ints(option[3] for d in planned for option in d.options),
        "alt_load": _ints(option[4] for d in planned for option in d.options),
    }


def _line_arrays(
    drafts: Drafts, planned: Sequence[Draft], lines: Sequence[OrderLine], due: Mapping[UUID, int]
) -> dict[str, I32]:
    makers = [sorted({maker.number for maker in drafts.makers.get(line.id, [])}) for line in lines]
    served: list[list[int]] = [[] for _ in planned]
    for line, group in enumerate(makers):
        for operation in group:
            served[operation].append(line)
    line_first, line_op = csr(makers)
    serves_first, serves_line = csr(served)
    return {
        "line_due": _ints(due[line.id] for line in lines),
        "line_weight": _ints(line.weight for line in lines),
        "line_floor": _ints(drafts.floors[line.id] for line in lines),
        "line_first": line_first,
        "line_op": line_op,
        "serves_first": serves_first,
        "serves_line": serves_line,
    }

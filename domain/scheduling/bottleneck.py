"""A bound from machine groups: their hours do not suffice to finish everything in time.

Machines that share an alternative form a group. Work on it may be interrupted, spread over all its
machines and takes its shortest run; only the group's working minutes by stretch of time count. Of
an operation of `p` minutes that makes its line late unless it ends by `d`, a minute that ends at
`t > d` costs the line's weight times `(t - d + (p - 1) / 2) / p` (the cost of Gelders and
Kleindorfer, 1974, moved to the middle of the job).

Why no plan is under it: let an operation end at C > d. The k-th of its last p minutes from the end
is over by C - k + 1, so if m of them end after d, their costs add up to at most
`m (C - d) / p + m (p - m) / 2p` times the weight, and as `m <= C - d` that is at most
`C - d` times the weight. What a line pays over the lateness of its path alone is at least the mean,
with any shares that add up to one, of what its operations delay it; so groups that share out a
line's weight, and operations of a group that share it by their minutes, add up to a bound.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from domain.scheduling.bounds import earliest_times
from domain.scheduling.compiled import I32, lean
from domain.scheduling.cpsat.flow import cheapest_flow
from domain.scheduling.priced import priced_bound
from domain.scheduling.problem import NONE, Problem, Tables, line_lateness
from domain.scheduling.worktime import FAR, work_before

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

STRETCHES = 60
"""Stretches of time into which the capacity of a group is cut."""

_SCALE = 1000
_OVER = 1.3
_MOST_CELLS = 400_000_000
_MOST_ARCS = 200_000


class _Work(NamedTuple):
    """What each operation asks of its group at least; -1 as its line: it delays none."""

    group: I32
    minutes: I32
    start: I32
    latest_end: I32
    line: I32


@dataclass(frozen=True)
class Bound:
    """A weighted lateness that no plan is under, and which argument says so."""

    value: int
    origin: str


def best_bound(
    problem: Problem,
    should_stop: Callable[[], bool] = lambda: False,
    on_bound: Callable[[Bound], object] = lambda _: None,
) -> Bound:
    """The best bound there is: path alone, what hours of machine groups add to it, priced hours.

    Args:
        problem: What is planned; 2,000 operations take some three seconds.
        should_stop: Asked every tenth of a second or so; what is known by then is returned.
        on_bound: Told each better bound as soon as it is known.
    """
    tables = problem.tables
    start, end = earliest_times(problem)
    lines = range(len(tables.line_due))
    alone = np.array([line_lateness(tables, line, end) for line in lines], dtype=np.int32)
    best = [Bound(int((alone.astype(np.int64) * tables.line_weight).sum()), "path")]

    def tell(value: int, origin: str) -> None:
        if value > best[-1].value:
            best.append(Bound(value, origin))
            on_bound(best[-1])

    more = _bottleneck_bound(problem, start, alone, should_stop)
    tell(best[0].value + more, "bottleneck")
    priced_bound(
        problem,
        start,
        end,
        _horizon(problem, end),
        should_stop,
        lambda value: tell(value, "prices"),
    )
    return best[-1]


def _horizon(problem: Problem, end: I32) -> int:
    """Minutes worth pricing: the groups' load with something over, and most paths."""
    groups = _groups(problem)
    runs = np.full(problem.operation_count, FAR, np.int32)
    np.minimum.at(runs, problem.tables.alt_op, problem.tables.alt_run)
    load = max(
        (
            _time_for(problem, groups, int(group), int(_OVER * runs[groups == group].sum()))
            for group in np.unique(groups[groups >= 0])
        ),
        default=1,
    )
    return max(1, load, min(int(end.max(initial=0)), 2 * load))


def _bottleneck_bound(
    problem: Problem, start: I32, alone: I32, should_stop: Callable[[], bool]
) -> int:
    """Weighted lateness that the groups' hours add to that of the lines alone.

    Args:
        problem: What is planned.
        start: Minute before which no operation can start its run.
        alone: Lateness of each line by its own path.
        should_stop: Asked before each group; what is known so far is returned.
    """
    tables = problem.tables
    if len(alone) * problem.operation_count > _MOST_CELLS:
        return 0
    work = _work(problem, start, alone)
    weight = tables.line_weight.astype(np.float64)
    pains: dict[int, F64] = {}
    best = 0.0
    for group in np.unique(work.group[work.group >= 0]):
        if should_stop():
            return int(best)
        pains[int(group)] = pain = _group_pain(problem, work, int(group), weight)
        best = max(best, float(pain.sum()))
    shared = 0.0
    worst = np.max(list(pains.values()), axis=0) if pains else weight
    for group, pain in pains.items():
        if should_stop():
            break
        # Each line's weight goes to the group that hurts it most.
        own = np.where((pain > 0) & (pain >= worst), weight, 0.0)
        worst = np.where(own > 0, np.inf, worst)
        if own.any():
            shared += float(_group_pain(problem, work, group, own).sum())
    return int(max(best, shared))


def _work(problem: Problem, start: I32, alone: I32) -> _Work:
    tables, count = problem.tables, problem.operation_count
    runs, last_batches = np.full((2, count), FAR, np.int32)
    np.minimum.at(runs, tables.alt_op, tables.alt_run)
    np.minimum.at(last_batches, tables.alt_op, tables.alt_last_batch)
    runs = np.where(runs == FAR, 0, runs).astype(np.int32)
    latest, line = np.full((2, count), FAR, np.int32)
    line[:] = NONE
    _find_latest(tables, alone, runs, last_batches, np.zeros(count, np.int32), latest, line)
    # What may run together with others is taken to need no hours of its own.
    hours = np.where(tables.is_shared > 0, 0, runs).astype(np.int32)
    return _Work(_groups(problem), hours, start, latest, line)


def _groups(problem: Problem) -> I32:
    """Group of each operation's machines, -1 without machine."""
    tables = problem.tables
    root = list(range(problem.machine_count))

    def find(machine: int) -> int:
        while root[machine] != machine:
            machine = root[machine]
        return machine

    first: dict[int, int] = {}
    for op, machine in zip(tables.alt_op.tolist(), tables.alt_machine.tolist(), strict=True):
        root[find(machine)] = find(first.setdefault(op, machine))
    groups = [find(first[op]) if op in first else NONE for op in range(problem.operation_count)]
    return np.array(groups, dtype=np.int32)


@lean
def _find_latest(
    tables: Tables, alone: I32, runs: I32, last_batches: I32, by: I32, latest: I32, line_of: I32
) -> None:
    """End beyond which an operation delays a line, for the line that it delays first."""
    for line in range(alone.size):
        by[:] = FAR
        for at in range(tables.line_first[line], tables.line_first[line + 1]):
            by[tables.line_op[at]] = tables.line_due[line] + alone[line]
        for op in range(by.size - 1, -1, -1):
            if by[op] == FAR:
                continue
            if by[op] < latest[op]:
                latest[op], line_of[op] = by[op], line
            for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
                after = runs[op] if tables.elapsed[op] < 0 else tables.elapsed[op]
                if tables.edge_overlap[edge]:
                    after = last_batches[op]
                    if after == 0:
                        continue
                before = tables.edge_from[edge]
                by[before] = min(by[before], by[op] - after - tables.edge_wait[edge])


def _group_pain(problem: Problem, work: _Work, group: int, weight: F64) -> F64:
    """What each line pays for the hours of one group in the cheapest spread of the work."""
    pain = np.zeros(len(weight))
    chosen = np.flatnonzero((work.group == group) & (work.line >= 0) & (work.minutes > 0))
    chosen = chosen[weight[work.line[chosen]] > 0]
    if chosen.size == 0 or chosen.size * STRETCHES > _MOST_ARCS:
        return pain
    edges, room = _stretches(problem, work, group, int(work.minutes[chosen].sum()))
    # What may end after the last stretch without harm need not be looked at.
    chosen = chosen[work.latest_end[chosen] < edges[-1]]
    if chosen.size == 0:
        return pain
    minutes = work.minutes[chosen].astype(np.int64)
    line = work.line[chosen]
    totals = np.bincount(line, minutes, len(weight))
    share = weight[line] * minutes / totals[line]
    over = edges[None, :] + 1 - work.latest_end[chosen, None]
    each = np.where(over > 0, over + (minutes[:, None] - 1) / 2, 0.0) / minutes[:, None]
    cost = np.floor(_SCALE * share[:, None] * each).astype(np.int64)
    ends = np.append(edges[1:], FAR)
    source, sink = np.nonzero(ends[None, :] > work.start[chosen, None])
    room[-1] = minutes.sum()
    arc_cost = cost[source, sink]
    _, flow = cheapest_flow(minutes, room, source, sink, arc_cost)
    np.add.at(pain, line[source], flow * arc_cost / _SCALE)
    return pain


def _stretches(problem: Problem, work: _Work, group: int, load: int) -> tuple[I64, I64]:
    """Starts of equal stretches until the group could do twice its load, and its minutes in each.

    The last one has no end; its room is left open.
    """
    calendars = _calendars(problem, work.group, group)
    high = _time_for(problem, work.group, group, 2 * load)
    edges = np.linspace(0, high, STRETCHES + 1).astype(np.int64)
    room = np.diff([_done(problem.tables, calendars, int(edge)) for edge in edges])
    return edges, np.append(room, 0)


def _calendars(problem: Problem, groups: I32, group: int) -> list[int]:
    """Calendar of each machine of a group."""
    tables = problem.tables
    members = np.unique(tables.alt_machine[groups[tables.alt_op] == group])
    return tables.machine_calendar[members].tolist()


def _done(tables: Tables, calendars: list[int], minute: int) -> int:
    """Working minutes of all of them before a minute."""
    return sum(int(work_before(tables.worktime, calendar, minute)) for calendar in calendars)


def _time_for(problem: Problem, groups: I32, group: int, load: int) -> int:
    """Minute at which a group could have done so many minutes of work."""
    calendars = _calendars(problem, groups, group)
    low, high = 0, FAR // 2
    while low + 1 < high:
        middle = (low + high) // 2
        is_late = _done(problem.tables, calendars, middle) >= load
        low, high = (low, middle) if is_late else (middle, high)
    return high

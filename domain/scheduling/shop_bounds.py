"""Lower bounds on what a shop's plan can be worth, by arithmetic alone."""

import heapq

import numpy as np

from domain.scheduling.compiled import I64
from domain.scheduling.shop import Shop


def heads_and_tails(shop: Shop) -> tuple[I64, I64]:
    """Least time before the start and after the end of every operation within its own job."""
    fastest = shop.fastest()
    heads, tails = np.zeros_like(fastest), np.zeros_like(fastest)
    for job in range(shop.job_count):
        first, stop = int(shop.job_start[job]), int(shop.job_start[job + 1])
        work = np.cumsum(fastest[first:stop])
        heads[first:stop] = work - fastest[first:stop]
        tails[first:stop] = work[-1] - work
    return heads, tails


def lower_bound(shop: Shop) -> tuple[int, str]:
    """The best bound on the shop's objective, and which argument gives it."""
    if not shop.minimizes_tardiness:
        return _makespan_bound(shop)
    heads, _ = heads_and_tails(shop)
    return shop.value_of(heads + shop.fastest()), "every job alone"


def _makespan_bound(shop: Shop) -> tuple[int, str]:
    """The best of the job, machine and machine-group bounds, and which of them it is."""
    heads, tails = heads_and_tails(shop)
    fastest = shop.fastest()
    found = [(int((heads + fastest + tails).max()), "longest job")]
    for group, members in _groups(shop).items():
        rows = sorted((int(heads[o]), int(fastest[o]), int(tails[o])) for o in members)
        if len(group) == 1:
            found.append((one_machine_bound(rows), "one machine, preemptive"))
        else:
            found.append((_group_bound(rows, len(group)), "machine group load"))
    return max(found)


def _groups(shop: Shop) -> dict[frozenset[int], list[int]]:
    """Operations that can only run within a group of machines, for every group that occurs."""
    sets = [
        frozenset(shop.option_machine[a:b].tolist())
        for a, b in zip(shop.option_start[:-1], shop.option_start[1:], strict=True)
    ]
    kinds = {kind: [i for i, own in enumerate(sets) if own == kind] for kind in set(sets)}
    groups = {*kinds, frozenset(range(shop.machine_count))}
    return {
        group: [o for kind, members in kinds.items() if kind <= group for o in members]
        for group in groups
    }


def one_machine_bound(rows: list[tuple[int, int, int]]) -> int:
    """Optimum of the preemptive one-machine problem with heads and tails (Jackson's schedule).

    `rows` are (head, duration, tail) by rising head. The machine always works on the operation
    with the longest tail among those that may start.
    """
    waiting: list[list[int]] = []
    clock, index, worst = 0, 0, 0
    while index < len(rows) or waiting:
        if not waiting:
            clock = max(clock, rows[index][0])
        while index < len(rows) and rows[index][0] <= clock:
            heapq.heappush(waiting, [-rows[index][2], rows[index][1]])
            index += 1
        limit = rows[index][0] if index < len(rows) else None
        top = waiting[0]
        worked = top[1] if limit is None else min(top[1], limit - clock)
        clock += worked
        top[1] -= worked
        if top[1] == 0:
            worst = max(worst, clock - heapq.heappop(waiting)[0])
    return worst


def _group_bound(rows: list[tuple[int, int, int]], machines: int) -> int:
    """Load of a group of machines, plus the least time before they begin and after they end.

    If k machines are used, their first operations are k different ones, and so are their last;
    the least over k holds whatever the plan does.
    """
    count = min(machines, len(rows))
    load = sum(duration for _, duration, _ in rows)
    begin = np.cumsum(sorted(head for head, _, _ in rows)[:count])
    rest = np.cumsum(sorted(tail for _, _, tail in rows)[:count])
    used = np.arange(1, count + 1)
    return int((-(-(begin + load + rest) // used)).min())

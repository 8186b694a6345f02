"""What is pinned together: the operations of a batch that has its start.

Each of them has the same pin, but only the longest can lead, and the others join only directly
after it. So dispatching keeps the start free for that one, and then takes the others first.
"""

from __future__ import annotations

import numpy as np

from domain.scheduling.batches import is_one_family
from domain.scheduling.compiled import I32
from domain.scheduling.problem import NONE, Tables, setup_between


def pinned_mates(tables: Tables) -> I32:
    """Operations that are pinned to the start of a batch which another one leads."""
    groups: dict[tuple[int, int], list[int]] = {}
    for op in np.flatnonzero((tables.pin >= 0) & (tables.is_shared > 0)).tolist():
        machine = int(tables.alt_machine[tables.alt_first[op]])
        groups.setdefault((machine, int(tables.pin[op])), []).append(op)
    mates: list[int] = []
    before: dict[int, int] = {}
    for (machine, _), ops in sorted(groups.items()):
        leader = _leader(tables, machine, before.get(machine, NONE), ops)
        mates += [op for op in ops if op != leader and is_one_family(tables, op, leader)]
        before[machine] = leader
    return np.array(mates, np.int32)


def _leader(tables: Tables, machine: int, before: int, ops: list[int]) -> int:
    """The longest; of those, the one that is set up soonest after what is pinned before."""

    def rank(op: int) -> tuple[int, int]:
        setup = int(setup_between(tables, machine, before, op))
        return -int(tables.alt_run[tables.alt_first[op]]), setup

    return min(ops, key=rank)

"""The state of a dispatching run: what is booked, and what waits at which machine."""

from typing import NamedTuple

import numpy as np

from domain.scheduling.batches import family_room
from domain.scheduling.compiled import I32, I64
from domain.scheduling.pinned import pinned_mates
from domain.scheduling.problem import Tables, csr
from domain.scheduling.worktime import FAR


class Board(NamedTuple):
    """State of a dispatching run."""

    missing: I32
    """Predecessors of each operation that are not booked yet."""
    alternative: I32
    order: I32
    tally: I32
    """[operations booked, 1 when pins no longer hold others back]"""
    queue_first: I32
    queue: I32
    """Alternatives that wait at each machine."""
    queue_work: I32
    """Earliest run start of each, on the machine's working-time axis."""
    queue_size: I32
    next_minute: I32
    """When each machine can take its next operation, at the earliest."""
    stack: I32
    pin_first: I32
    pin_op: I32
    """Operations of each machine that must start at a given minute; of a batch, its leader."""
    waiting: I64
    """Load by family of what waits at a machine that runs several operations together."""


def new_board(tables: Tables) -> Board:
    """Nothing booked, nothing waiting."""
    count = len(tables.release)
    machines = len(tables.machine_calendar)
    sizes = np.bincount(tables.alt_machine, minlength=machines)
    first = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    pin_first, pin_op = _pins(tables)
    return Board(
        missing=np.diff(tables.edge_first).astype(np.int32),
        alternative=np.full(count, -1, np.int32),
        order=np.zeros(count, np.int32),
        tally=np.zeros(2, np.int32),
        queue_first=first,
        queue=np.zeros(len(tables.alt_machine), np.int32),
        queue_work=np.zeros(len(tables.alt_machine), np.int32),
        queue_size=np.zeros(machines, np.int32),
        next_minute=np.full(machines, FAR, np.int32),
        stack=np.zeros(count + 1, np.int32),
        pin_first=pin_first,
        pin_op=pin_op,
        waiting=family_room(tables),
    )


def _pins(tables: Tables) -> tuple[I32, I32]:
    groups: list[list[int]] = [[] for _ in tables.machine_calendar]
    on_machine = np.flatnonzero((tables.pin >= 0) & (tables.elapsed < 0))
    for op in np.setdiff1d(on_machine, pinned_mates(tables)):
        groups[tables.alt_machine[tables.alt_first[op]]].append(int(op))
    return csr(groups)

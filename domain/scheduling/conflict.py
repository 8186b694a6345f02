"""Why a wish is impossible: a smallest set of limits that rule it out, however all else is planned.

The wish's own chain is planned as if it were alone: of machines only their hours and work of others
that is locked in time count, of setups and people nothing. So what is called impossible is so in
every plan; what is not may still be kept from it by work that is not locked, setups or people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.scenarios import LockLevel
from domain.scheduling.board import Board
from domain.scheduling.problem import NONE

_NEVER = 1 << 29


class LimitKind(StrEnum):
    """What stands in the way; those further down are easier to lift, and looked for first."""

    WAIT = "wait"
    """Time that must pass before an operation."""
    CLOSED = "closed"
    """Hours in which a machine does not work."""
    MATERIAL = "material"
    EARLIEST_START = "earliest_start"
    BOOKED = "booked"
    """Another operation, locked in time, has a machine."""
    TIME_LOCK = "time_lock"
    MACHINE_LOCK = "machine_lock"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of an operation, or of a machine (CLOSED); MATERIAL of -1 goes straight to a line."""

    kind: LimitKind
    op: int = NONE
    machine: int = NONE


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A limit by rows; None where none is concerned."""

    kind: LimitKind
    operation_id: UUID | None
    machine_id: UUID | None


class Hours(Protocol):
    """A machine's working time, as ``axis.Axis`` has it."""

    def work(self, minute: int) -> int: ...  # noqa: D102 - as there
    def minute(self, work: int) -> int: ...  # noqa: D102
    def end(self, work: int) -> int: ...  # noqa: D102
    def unbroken(self, work: int, length: int) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Step:
    """An operation of the chain.

    Attributes:
        op: Its number.
        edges: Predecessors with minutes to wait, and whether their begin is enough.
        ways: Machines with run minutes; none: ``elapsed`` minutes without a machine.
        release: Minute at which bought material is there.
        opening: Minute before which it must not begin.
        is_fit: Whether it runs in one unbroken working interval.
        pin: Minute at which a lock lets it start, None: no such lock.
        locked_machine: The only machine that a lock leaves, -1: no such lock.
        done: Start and end of what has begun already: nothing changes that.
    """

    op: int
    edges: tuple[tuple[int, int, bool], ...] = ()
    ways: tuple[tuple[int, int], ...] = ()
    elapsed: int = 0
    release: int = 0
    opening: int = 0
    is_fit: bool = False
    pin: int | None = None
    locked_machine: int = NONE
    done: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps, predecessors first, and what their machines' time is taken by; nothing before ``now``.

    ``blocks`` are start, end and operation of locked work of others, by machine.
    """

    steps: tuple[Step, ...]
    hours: Mapping[int, Hours]
    blocks: Mapping[int, Sequence[tuple[int, int, int]]]
    now: int = 0

    def limits(self) -> list[Limit]:
        """Every limit there is, those that are harder to lift first."""
        order = list(LimitKind)
        return sorted(set(self._all()), key=lambda one: (order.index(one.kind), one.op))

    def _all(self) -> Iterator[Limit]:
        for step in self.steps:
            if step.done is not None:
                continue
            if any(wait for _, wait, _ in step.edges):
                yield Limit(LimitKind.WAIT, step.op)
            if step.release > step.opening:
                yield Limit(LimitKind.MATERIAL, step.op)
            if step.opening > self.now:
                yield Limit(LimitKind.EARLIEST_START, step.op)
            if step.pin is not None:
                yield Limit(LimitKind.TIME_LOCK, step.op)
            if step.locked_machine >= 0:
                yield Limit(LimitKind.MACHINE_LOCK, step.op)
            for machine, _ in step.ways:
                yield Limit(LimitKind.CLOSED, machine=machine)
                yield from self._booked(machine)

    def _booked(self, machine: int) -> Iterator[Limit]:
        for _, _, op in self.blocks.get(machine, ()):
            yield Limit(LimitKind.BOOKED, op, machine)

    def earliest(self, held: Iterable[Limit], only: int = NONE) -> dict[int, tuple[int, int]]:
        """Earliest start and end of every step under some of the limits.

        ``only`` is the machine that the last step must take, -1: any.
        """
        kept, times = frozenset(held), dict[int, tuple[int, int]]()
        for step in self.steps:
            wished = only if step is self.steps[-1] else NONE
            times[step.op] = step.done or self._place(step, kept, times, wished)
        return times

    def _place(
        self, step: Step, held: frozenset[Limit], times: Mapping[int, tuple[int, int]], wished: int
    ) -> tuple[int, int]:
        ready = self._ready(step, held, times)
        if not step.ways:
            return ready, ready + step.elapsed
        locked = step.locked_machine if Limit(LimitKind.MACHINE_LOCK, step.op) in held else NONE
        found = [
            self._run(step, way, ready, held)
            for way in step.ways
            if wished in (NONE, way[0]) and locked in (NONE, way[0])
        ]
        starts, ends = zip(*found, strict=True) if found else ((_NEVER,), (_NEVER,))
        return min(starts), min(ends)

    def _ready(
        self, step: Step, held: frozenset[Limit], times: Mapping[int, tuple[int, int]]
    ) -> int:
        ready = self.now
        if Limit(LimitKind.MATERIAL, step.op) in held:
            ready = max(ready, step.release)
        if Limit(LimitKind.EARLIEST_START, step.op) in held:
            ready = max(ready, step.opening)
        if step.pin is not None and Limit(LimitKind.TIME_LOCK, step.op) in held:
            ready = max(ready, step.pin)
        waits = Limit(LimitKind.WAIT, step.op) in held
        for origin, wait, is_overlap in step.edges:
            start, end = times[origin]
            ready = max(ready, (start if is_overlap else end) + (wait if waits else 0))
        return min(ready, _NEVER)

    def _run(
        self, step: Step, way: tuple[int, int], ready: int, held: frozenset[Limit]
    ) -> tuple[int, int]:
        """First start and end at or after ``ready`` in the machine's hours, beside locked work."""
        machine, run = way
        hours = self.hours[machine] if Limit(LimitKind.CLOSED, machine=machine) in held else None
        blocks = [
            (low, high)
            for low, high, op in self.blocks.get(machine, ())
            if run > 0 and Limit(LimitKind.BOOKED, op, machine) in held
        ]
        while ready < _NEVER:
            start, end = _placed(hours, ready, run, is_fit=step.is_fit)
            after = max((high for low, high in blocks if start < high and low < end), default=NONE)
            if after < 0:
                return start, end
            ready = after
        return _NEVER, _NEVER


def _placed(hours: Hours | None, ready: int, run: int, *, is_fit: bool) -> tuple[int, int]:
    if hours is None:
        return ready, ready + run
    work = hours.work(ready)
    if is_fit:
        work = hours.unbroken(work, max(1, run))
    start = hours.minute(work)
    return start, hours.end(work + run) if run else start


def conflict(
    chain: Chain, latest: int, machine: int = NONE, *, by_end: bool = False
) -> tuple[Limit, ...] | None:
    """Limits that keep the chain's last step from starting by a minute, on a machine (-1: any).

    ``by_end``: from ending by then. They suffice to rule it out, and without any one of them they
    do not; empty: the work before it alone takes too long.

    Returns:
        None if nothing here rules it out.
    """
    last = chain.steps[-1].op
    kept = chain.limits()
    if chain.earliest(kept, machine)[last][by_end] <= latest:
        return None
    for limit in tuple(kept):
        rest = [one for one in kept if one != limit]
        if chain.earliest(rest, machine)[last][by_end] > latest:
            kept = rest
    return tuple(kept)


def chain_of(board: Board, op: int, now: int) -> Chain:
    """The chain that an operation of a board ends; bookings of the past stay as they are."""
    own, stack = {op}, [op]
    while stack:
        for origin, _, _ in board.edges[stack.pop()]:
            if origin not in own:
                own.add(origin)
                stack.append(origin)
    steps = tuple(_step(board, each, now) for each in sorted(own))
    machines = {machine for step in steps for machine, _ in step.ways}
    hours = {machine: board.axis(machine) for machine in machines}
    blocks = {machine: list(_blocks(board, machine, own, now)) for machine in machines}
    return Chain(steps, hours, blocks, now)


def _step(board: Board, op: int, now: int) -> Step:
    booking, place = board.bookings[op], board.places[op]
    lock = booking.lock if booking else LockLevel.NONE
    is_past = booking is not None and place is not None and place.setup_start < now
    is_pinned = lock is LockLevel.TIME and place is not None and place.machine >= 0
    is_held = lock is not LockLevel.NONE and place is not None and place.alternative >= 0
    return Step(
        op,
        tuple((origin, wait, bool(overlap)) for origin, wait, overlap in board.edges[op]),
        tuple((board.alt_machine[way], board.alt_run[way]) for way in board.alternatives[op]),
        max(0, board.elapsed[op]),
        board.release[op],
        board.opening[op],
        bool(board.fit[op]),
        place.run_start if place is not None and is_pinned else None,
        place.machine if place is not None and is_held else NONE,
        (place.run_start, place.end) if place is not None and is_past else None,
    )


def _blocks(board: Board, machine: int, own: set[int], now: int) -> Iterator[tuple[int, int, int]]:
    """Work of others that is locked in time and has not begun; beside it others may run there."""
    if board.capacity[machine]:
        return
    for op in board.lines[machine]:
        booking, place = board.bookings[op], board.place(op)
        is_locked = booking is not None and booking.lock is LockLevel.TIME
        if is_locked and op not in own and place.setup_start >= now and place.end > place.run_start:
            yield place.run_start, place.end, op


def line_conflict(board: Board, line_id: UUID, now: int) -> tuple[Obstacle, ...] | None:
    """What rules out that an order line is finished by its due minute; None: nothing here does."""
    if line_id not in board.problem.line_ids:
        return None
    line = board.problem.line_ids.index(line_id)
    due = board.due[line]
    if board.line_floor[line] > due:
        return (Obstacle(LimitKind.MATERIAL, None, None),)
    claims = (conflict(chain_of(board, op, now), due, by_end=True) for op in board.makers[line])
    return next((obstacles(board, claim) for claim in claims if claim is not None), None)


def obstacles(board: Board, limits: Iterable[Limit]) -> tuple[Obstacle, ...]:
    """Limits by rows."""
    return tuple(
        Obstacle(
            limit.kind,
            _operation(board, limit.op) if limit.op >= 0 else None,
            board.problem.machine_ids[limit.machine] if limit.machine >= 0 else None,
        )
        for limit in limits
    )


def _operation(board: Board, op: int) -> UUID | None:
    booking = board.bookings[op]
    return booking.operation_id if booking else board.problem.operation_ids[op]

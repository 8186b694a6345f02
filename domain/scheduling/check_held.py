"""The checker on what a new plan must leave alone: what has begun, is frozen, or is locked.

Such work may move only if something stands where it was: downtime, a person who is absent, parts or
a step before it that come later, or other held work that stays or could not stay itself. Then it is
told, and why. Of two that are in each other's way only one has to move, and never what has begun
for what has not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from domain.errors import Finding, Severity
from domain.resources import Tool
from domain.scenarios import Booking, LockLevel
from domain.scheduling.check_facts import Facts, Placed
from domain.scheduling.check_hindrances import Hindrances

_BEGUN, _FROZEN, _TIME = "begun_moved", "frozen_moved", "time_lock_moved"
_MACHINE, _SEQUENCE = "machine_lock_moved", "sequence_lock_moved"
NOT_BEGUN_MOVED = frozenset({_FROZEN, _TIME, _MACHINE, _SEQUENCE})
"""What is found of work that should have stayed though it has not begun."""
HELD = NOT_BEGUN_MOVED | {_BEGUN}
"""What is found of work that should have stayed."""


def check_held(facts: Facts) -> Iterable[Finding]:
    """Held work that is elsewhere: an error where it could have stayed, else a warning."""
    return _Held(facts).check() if facts.in_force else ()


class _Held:
    def __init__(self, facts: Facts) -> None:
        self._facts, self._plan = facts, facts.plan
        self._hindrances = Hindrances(facts)
        hours = facts.plan.home_plant().frozen_hours
        self._frozen_at = facts.now_at + timedelta(hours=hours)
        reasons = {row.batch: code for row in facts.in_force.values() if (code := self._time(row))}
        self._reason = {
            step: code for step, row in facts.in_force.items() if (code := reasons.get(row.batch))
        }
        """Why each operation has to keep its start."""
        self._before: dict[UUID, UUID] = {}
        """What ran just before it on its machine."""
        lines: dict[UUID, list[Booking]] = {}
        for row in facts.in_force.values():
            if row.machine_id is not None and row.batch_id is None:
                lines.setdefault(row.machine_id, []).append(row)
        for line in lines.values():
            line.sort(key=lambda row: (row.setup_start_at, row.end_at))
            self._before |= {b.operation_id: a.operation_id for a, b in pairwise(line)}

    def check(self) -> Iterable[Finding]:
        """All findings; work that is not booked at all is told of elsewhere."""
        moved = {
            step: code
            for step, row in self._facts.in_force.items()
            if (placed := self._facts.placed.get(step)) and (code := self._moved(row, placed))
        }
        excused = self._excused(moved)
        for step, code in moved.items():
            placed, row = self._facts.placed[step], self._facts.in_force[step]
            cause = excused.get(row.batch)  # all of a batch moves with one
            if cause is None:
                yield placed.broken(code, before=row.run_start_at)
                continue
            told = placed.broken("held_had_to_move", before=row.run_start_at, cause=cause)
            yield replace(told, severity=Severity.WARNING)
        yield from self._check_sequences()

    def _time(self, row: Booking) -> str:
        if row.setup_start_at < self._facts.now_at:
            return _BEGUN
        if row.machine_id is None:  # what a supplier does is sent when it is ready
            return ""
        if row.lock is LockLevel.TIME:
            return _TIME
        return _FROZEN if row.setup_start_at < self._frozen_at else ""

    def _moved(self, row: Booking, placed: Placed) -> str:
        """Why a booking should not be where it is, empty: it may."""
        new = placed.booking
        code = self._reason.get(row.operation_id, "")
        is_elsewhere = new.machine_id != row.machine_id
        if is_elsewhere and not code and row.lock is not LockLevel.NONE:
            return _MACHINE
        return code if is_elsewhere or self._begins_otherwise(placed, row) else ""

    def _begins_otherwise(self, placed: Placed, row: Booking) -> bool:
        """Whether a start is another: what takes no time is at the end of a shift as well as at the
        beginning of the next."""
        if placed.machine is None or row.end_at > row.run_start_at:
            return placed.booking.run_start_at != row.run_start_at
        before, after = sorted((placed.run, self._facts.minute(row.run_start_at)))
        return self._facts.worked(placed.machine).between(before, after) > 0

    def _check_sequences(self) -> Iterable[Finding]:
        """What is locked in its turn on a machine still comes in that order there."""
        lines: dict[UUID, list[Booking]] = {}
        for row in self._facts.in_force.values():
            placed = self._facts.placed.get(row.operation_id)
            is_here = placed is not None and placed.booking.machine_id == row.machine_id
            if row.lock is LockLevel.SEQUENCE and row.machine_id is not None and is_here:
                lines.setdefault(row.machine_id, []).append(row)
        for line in lines.values():
            line.sort(key=lambda row: row.run_start_at)
            for before, after in pairwise(line):
                one, other = (self._facts.placed[row.operation_id] for row in (before, after))
                if before.batch != after.batch and other.run < one.end:
                    yield other.broken(_SEQUENCE, before=after.run_start_at)

    # whether it could have stayed

    def _excused(self, moved: Mapping[UUID, str]) -> dict[UUID, Finding]:
        """The batches that could not stay, all of each, and why: it moves with one of its
        operations.

        What only has others in its way that have moved could stay if none of these had to move:
        so reasons start at what is hit, or meets what stays.
        """
        facts = self._facts
        batch_of = {step: facts.in_force[step].batch for step in facts.in_force}
        gone = {batch_of[step] for step in moved}
        excused: dict[UUID, Finding] = {}
        pushed: dict[UUID, dict[UUID, UUID]] = {}
        for step, code in moved.items():
            row, placed = facts.in_force[step], facts.placed[step]
            is_free = code == _MACHINE
            others = {} if is_free else dict(self._in_the_way(row, placed))
            cause = self._hindrances.of(row, placed, on_machine=is_free)
            stays = next((other for batch, other in others.items() if batch not in gone), None)
            if cause is None and stays is not None:
                cause = self._hindrances.by(stays)
            if cause is not None:
                excused.setdefault(row.batch, cause)
            pushed.setdefault(row.batch, {}).update(others)
        while more := {
            batch: self._hindrances.by(
                next(other for one, other in others.items() if one in excused)
            )
            for batch, others in pushed.items()
            if batch not in excused and others.keys() & excused.keys()
        }:
            excused |= more
        return excused

    def _in_the_way(self, row: Booking, placed: Placed) -> Iterable[tuple[UUID, UUID]]:
        """Batch and operation of other held work that is now where it was, or is gone from before
        it: another setup."""
        in_force = self._facts.in_force
        before = self._before.get(row.operation_id)
        if before is not None and before in in_force and self._is_gone(before):
            yield in_force[before].batch, before
        start, end = self._facts.minute(row.setup_start_at), self._would_end(row, placed)
        people = set(row.operator_ids)
        is_begun = self._reason[row.operation_id] == _BEGUN
        users: list[Placed] = []
        for step, code in self._reason.items():
            other = self._facts.placed.get(step)
            if other is None or other.setup >= end or other.end <= start:
                continue
            if in_force[step].batch == row.batch or (is_begun and code != _BEGUN):
                continue
            is_same = other.booking.machine_id == row.machine_id is not None
            if is_same or not people.isdisjoint(other.booking.operator_ids):
                yield in_force[step].batch, step
            elif other.step.tool_id == placed.step.tool_id is not None:
                users.append(other)
        tool = self._plan.get(Tool, placed.step.tool_id)
        if tool and sum(one.step.tools for one in (placed, *users)) > tool.count:
            yield from ((in_force[one.step.id].batch, one.step.id) for one in users)

    def _would_end(self, row: Booking, placed: Placed) -> int:
        """When it would end where it was, if it takes longer by now."""
        end, machine = self._facts.minute(row.end_at), self._facts.machine_of(row)
        if machine is None or machine != placed.machine:
            return end
        minutes = placed.run_minutes(placed.quantity)
        worked = self._facts.worked(machine)
        return max(end, worked.done(self._facts.minute(row.run_start_at), minutes))

    def _is_gone(self, step: UUID) -> bool:
        """Whether held work is not on the machine, or not at the time, where it was."""
        row, placed = self._facts.in_force[step], self._facts.placed.get(step)
        return placed is None or (step in self._reason and bool(self._moved(row, placed)))

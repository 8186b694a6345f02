"""The checker's rules for machines that run several operations together."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from uuid import UUID

from domain.errors import Finding
from domain.scheduling.check_facts import Facts, Placed


class Batches:
    """Which bookings run together: all that name the same first one, and that one."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._together: dict[UUID, list[Placed]] = {}
        for placed in facts.placed.values():
            self._together.setdefault(placed.booking.batch, []).append(placed)

    def led_by(self, placed: Placed) -> Placed:
        """The booking whose setup and turn on the machine a booking has; itself if it is alone."""
        same = self._together[placed.booking.batch]
        first = next((one for one in same if one.booking.id == placed.booking.batch), placed)
        return first if first.machine == placed.machine else placed

    def is_alone(self, placed: Placed) -> bool:
        """Whether nothing else runs with it."""
        return len(self._together[placed.booking.batch]) == 1 and placed.booking.batch_id is None

    def check(self) -> Iterable[Finding]:
        """One machine, one time, one family, no more than it holds, as long as the longest."""
        for placed in self._facts.placed.values():
            yield from _check_piece(placed)
        for same in self._together.values():
            if not self.is_alone(same[0]):
                first = self.led_by(same[0])
                for placed in same:
                    yield from _check_member(first, placed)
                yield from self._check_whole(first, same)

    def _check_whole(self, first: Placed, same: list[Placed]) -> Iterable[Finding]:
        machine = first.machine
        if machine is None or not machine.batch_capacity:
            yield first.broken("batch_on_ordinary_machine")
            return
        load = sum((placed.load for placed in same), Fraction(0))
        if load > Fraction(machine.batch_capacity):
            yield first.broken("batch_capacity", load=float(load), capacity=machine.batch_capacity)
        expected = max(placed.run_minutes(placed.quantity) for placed in same)
        actual = self._facts.worked(machine).between(first.run, first.end)
        is_over = self._facts.is_over(first)
        if not self._facts.runs_as_long(first, machine, expected) and not is_over:
            yield first.broken("rule2_run_minutes", expected=expected, actual=actual)


def _check_piece(placed: Placed) -> Iterable[Finding]:
    """A run is made of whole pieces: one of them has to go in."""
    capacity = placed.machine.batch_capacity if placed.machine else None
    piece = min(Fraction(placed.quantity), Fraction(1)) * Fraction(placed.step.load)
    if capacity and piece > Fraction(capacity):
        yield placed.broken("piece_over_capacity", load=float(piece), capacity=capacity)


def _check_member(first: Placed, placed: Placed) -> Iterable[Finding]:
    other = first.order.number
    is_led = first.booking.id == placed.booking.batch and first.machine == placed.machine
    is_timed = (placed.run, placed.end) == (first.run, first.end)
    has_setup = placed is not first and placed.setup != placed.run
    if not is_led or not is_timed or has_setup:
        yield placed.broken("batch_times", other=other)
    is_family = bool(placed.item.family) and placed.item.family == first.item.family
    if not is_family and _part(placed) != _part(first):
        yield placed.broken("batch_family", other=other)


def _part(placed: Placed) -> tuple[UUID, str, int]:
    return placed.item.id, placed.routing, placed.step.number

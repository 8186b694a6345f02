"""Who is busy when, in one trial of a move: crews are given free, looked for and taken.

Units of tools count as people here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from domain.scheduling.board import Board, Place
from domain.scheduling.problem import NONE
from domain.scheduling.worktime import FAR


class Crews:
    """The jobs of all operators; lists are copied from the board when they first change."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._busy: dict[int, list[tuple[int, int, int]]] = {}
        self.lifted: set[int] = set()
        """Operations that have given their crew free and need a new place."""

    def lift(self, op: int, place: Place) -> None:
        """An operation gives its crew free until it has a new place."""
        if op not in self.lifted and place.crew:
            self.lifted.add(op)
            if place.end > place.setup_start:
                job = (place.setup_start, place.end, op)
                for person in place.crew:
                    if job in (jobs := self._own(person)):  # else it is its batch's leader's
                        jobs.remove(job)

    def hold(self, op: int, place: Place) -> None:
        """An operation takes its crew."""
        if place.crew:
            self.lifted.discard(op)
            if place.end > place.setup_start:
                for person in place.crew:
                    insort(self._own(person), (place.setup_start, place.end, op))

    def _own(self, person: int) -> list[tuple[int, int, int]]:
        if person not in self._busy:
            self._busy[person] = list(self._board.busy[person])
        return self._busy[person]

    def find(
        self, op: int, machine: int, start: int, setup: int, run: int
    ) -> tuple[int, tuple[int, ...]] | None:
        """First start on the machine's axis from which enough operators can stay, and who.

        The present crew comes first. None: never.
        """
        board = self._board
        present = board.place(op).crew
        while start < FAR:
            chosen: list[int] = []
            later = start
            for crew, size in board.needs[op]:
                able = board.people[crew]
                people = sorted(able, key=lambda person: person not in present)
                again, ready = self._ready(machine, people, size, start, setup, run)
                later = max(later, again)
                chosen += ready
            if later == start:
                return start, tuple(chosen)
            start = later
        return None

    def _ready(
        self, machine: int, people: list[int], size: int, start: int, setup: int, run: int
    ) -> tuple[int, list[int]]:
        """Those who can stay from ``start`` on, and when that may be enough of them."""
        ready: list[int] = []
        later = FAR
        for person in people:
            found = self._manned_from(machine, person, start, setup, run)
            if found > start:
                later = min(later, found)
                continue
            ready.append(person)
            if len(ready) == size:
                return start, ready
        return later, ready

    def _manned_from(self, machine: int, person: int, start: int, setup: int, run: int) -> int:
        """First start at or after ``start`` from which a person is there and free to the end."""
        axis, length = self._board.axis(machine), setup + run
        lows, highs = self._board.cover(machine, person)
        while True:
            at = bisect_right(highs, start)
            while at < len(lows) and max(start, lows[at]) + length > highs[at]:
                at += 1
            if at == len(lows):
                return FAR
            found = max(start, lows[at])
            # A run of no time stands where the machine works next, maybe after a break.
            end = axis.end(found + length) if run else axis.minute(found + length)
            taken = self._taken_until(person, axis.minute(found), end)
            if taken < 0:
                return found
            start = max(axis.work(taken), found + 1)

    def _taken_until(self, person: int, start: int, end: int) -> int:
        """End of the last job of a person that overlaps ``[start, end)``, -1: free."""
        busy = self._busy.get(person, self._board.busy[person])
        at = bisect_left(busy, (end, 0, 0)) - 1
        return busy[at][1] if at >= 0 and busy[at][1] > start else NONE

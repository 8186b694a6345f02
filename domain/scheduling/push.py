"""One trial on a board: an operation takes a new place, and what must give way is pushed right.

Right shift only: nothing but the moved operation ever gets earlier, everything keeps its machine and
its turn there, and crews change only where they have to. Nine rules hold for all that is touched.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from heapq import heappop, heappush
from typing import NamedTuple

from domain.scheduling.board import Board, Place, waiting
from domain.scheduling.problem import NONE
from domain.scheduling.worktime import FAR


class Stuck(Exception):  # noqa: N818 - no error but an answer
    """It cannot be: ``code`` says why, ``at`` is the operation concerned."""

    def __init__(self, code: str, at: int) -> None:
        super().__init__(code)
        self.code, self.at = code, at


class Want(NamedTuple):
    """A machine and the earliest its run may start there, on its working-time axis."""

    machine: int
    alternative: int
    setup: int
    work: int


class Push:
    """The changed places of a trial, over a board that stays as it is."""

    def __init__(self, board: Board, now: int) -> None:
        self.board = board
        self.now = now
        self.places: dict[int, Place] = {}
        self._before: dict[int, int] = {}
        self._after: dict[int, int] = {}
        self._busy: dict[int, list[tuple[int, int, int]]] = {}
        self._lifted: set[int] = set()
        self._waiting: list[tuple[int, int]] = []
        self._moved = NONE
        self._floor = 0

    def at(self, op: int) -> Place | None:
        """The place of an operation in this trial."""
        return self.places.get(op) or self.board.places[op]

    def before(self, op: int) -> int:
        """Who has the machine just before an operation, -1: nobody."""
        return self._before.get(op, self.board.before[op])

    def after(self, op: int) -> int:
        """Who has the machine just after an operation, -1: nobody."""
        return self._after.get(op, self.board.after[op])

    # the moved operation

    def move(self, op: int, machine: int, anchor: int) -> None:
        """Take an operation out of its turn and begin it at ``anchor``, or as soon after as can be.

        Raises:
            Stuck: with the reason.
        """
        board = self.board
        old_next = self.after(op)
        self._moved = op
        self._unlink(op)
        self._lift(op)
        if board.elapsed[op] >= 0:
            self._refuse_early_waiting(op, anchor)
            self.places[op] = waiting(anchor, board.elapsed[op])
        else:
            self._link(op, *self._turn(op, machine, anchor))
            self._settle_moved(op, machine, anchor)
        self._touch_around(op)
        if old_next >= 0:
            self._touch(old_next)
        self._run()

    def _unlink(self, op: int) -> None:
        before, after = self.before(op), self.after(op)
        if before >= 0:
            self._after[before] = after
        if after >= 0:
            self._before[after] = before
        self._before[op] = self._after[op] = NONE

    def _link(self, op: int, before: int, after: int) -> None:
        self._before[op], self._after[op] = before, after
        if before >= 0:
            self._after[before] = op
        if after >= 0:
            self._before[after] = op

    def _turn(self, op: int, machine: int, anchor: int) -> tuple[int, int]:
        """Between which two others: who begins before the anchor stays before.

        Unless the bar is dropped on the first half of another that can give way.
        """
        board = self.board
        at = bisect_left(board.starts[machine], anchor)
        line = board.lines[machine]
        before = line[at - 1] if at > 0 else NONE
        after = line[at] if at < len(line) else NONE
        if before == op:
            before = board.before[op]
        if after == op:
            after = board.after[op]
        if before >= 0:
            place = board.place(before)
            is_first_half = 2 * anchor < place.setup_start + place.end
            if is_first_half and not board.is_fixed[before] and place.setup_start >= self.now:
                before, after = self.before(before), before
        return before, after

    def _settle_moved(self, op: int, machine: int, anchor: int) -> None:
        """Place the operation; who has to go for it no longer keeps its crew from it."""
        board = self.board
        alternative = board.alternative(op, machine)
        axis, before = board.axis(machine), self.before(op)
        setup = board.setup_between(machine, before, op)
        place = self.at(before) if before >= 0 else None
        free = axis.work(place.end) if place else 0
        self._floor = max(axis.work(anchor), free) + setup
        want = Want(machine, alternative, setup, self._floor)
        while True:
            self.places[op] = self._placed(op, want)
            if not self._lift_followers(op):
                break
        self._hold(op)
        self._refuse_early(op, want)
        if self._is_circle(op):
            raise Stuck("drop_in_circle", op)

    def _lift_followers(self, op: int) -> bool:
        """Free the crews of all who certainly must give way; whether there was a new one."""
        board, place = self.board, self.places[op]
        found = [f for f in board.followers[op] if self._starts_before_ready(f)]
        at, end = self.after(op), place.end
        while at >= 0 and board.place(at).setup_start < end:
            found.append(at)
            own, axis = board.place(at), board.axis(place.machine)
            setup = board.setup_between(place.machine, self.before(at), at)
            run_minutes = axis.work(own.end) - axis.work(own.run_start)
            end = axis.end(axis.work(end) + setup + run_minutes)
            at = self.after(at)
        fresh = [at for at in found if at not in self._lifted and not board.is_fixed[at]]
        for at in fresh:
            self._lift(at)
        return bool(fresh)

    def _starts_before_ready(self, op: int) -> bool:
        place = self.board.places[op]
        if place is None or place.machine < 0:
            return False
        return self._ready(op, place.alternative) > place.run_start

    def _refuse_early_waiting(self, op: int, anchor: int) -> None:
        if anchor < self.board.opening[op]:
            raise Stuck("drop_before_opening", op)
        if anchor < self._ready(op, NONE):
            raise Stuck("drop_not_ready", op)

    def _refuse_early(self, op: int, want: Want) -> None:
        """The bar begins before what it needs is there."""
        board, place = self.board, self.places[op]
        if place.setup_start < board.opening[op]:
            raise Stuck("drop_before_opening", op)
        axis = board.axis(want.machine)
        needed = self._needed(op, want)
        if axis.work(place.run_start) < needed:
            raise Stuck("drop_not_ready", op)

    def _is_circle(self, op: int) -> bool:
        """Whether an operation would have to wait for itself, through others and machines.

        All on such a way begin before its run, because the plan without it is in order.
        """
        board, limit = self.board, self.places[op].run_start
        seen: set[int] = set()
        open_ops = [*board.followers[op], self.after(op)]
        while open_ops:
            at = open_ops.pop()
            if at == op:
                return True
            place = board.places[at] if at >= 0 else None
            if at in seen or place is None or place.setup_start > limit:
                continue
            seen.add(at)
            open_ops += board.followers[at]
            open_ops.append(self.after(at))
        return False

    # pushing

    def _run(self) -> None:
        left = 20 * len(self.board.places) + 1000
        while self._waiting:
            _, op = heappop(self._waiting)
            left -= 1
            if left < 0:
                raise Stuck("drop_in_circle", self._moved)
            if self._settle(op):
                self._touch_around(op)
            if not self._waiting:
                self._waiting = [(0, each) for each in sorted(self._lifted)]

    def _touch_around(self, op: int) -> None:
        for follower in self.board.followers[op]:
            self._touch(follower)
        after = self.after(op)
        if after >= 0:
            self._touch(after)

    def _touch(self, op: int) -> None:
        """Something that an operation depends on has changed."""
        board, place = self.board, self.at(op)
        if place is None:
            return
        if place.machine < 0:
            heappush(self._waiting, (place.setup_start, op))
            return
        want = self._want(op, place)
        axis = board.axis(place.machine)
        if want.work > axis.work(place.run_start):
            if not board.is_fixed[op]:
                self._lift(op)
        elif want.setup == place.setup_minutes:
            return
        heappush(self._waiting, (axis.minute(want.work - want.setup), op))

    def _settle(self, op: int) -> bool:
        """Give an operation its place; whether that is another than before."""
        board, present = self.board, self.at(op)
        assert present is not None
        if present.machine < 0:
            place = self._elapsed_place(op, present)
        else:
            want = self._want(op, present)
            is_same = want.setup == present.setup_minutes
            is_same &= want.work == board.axis(present.machine).work(present.run_start)
            if is_same and op not in self._lifted:
                return False
            self._lift(op)
            place = self._placed(op, want)
        if board.is_fixed[op] and place.run_start != board.place(op).run_start:
            raise Stuck("drop_hits_locked", op)
        is_changed = place != present
        self.places[op] = place
        self._hold(op)
        return is_changed

    def _elapsed_place(self, op: int, present: Place) -> Place:
        board = self.board
        start = max(board.opening[op], self._ready(op, NONE))
        if board.bookings[op] is not None:
            if start <= present.run_start:
                return present
            start = max(start, self.now)
        return waiting(start, board.elapsed[op])

    def _want(self, op: int, place: Place) -> Want:
        """Where an operation must go if it keeps machine and turn: never earlier than it was."""
        board, machine = self.board, place.machine
        axis = board.axis(machine)
        base = board.place(op)
        before = self.before(op)
        setup = board.setup_between(machine, before, op)
        held = self.at(before) if before >= 0 else None
        present = self._floor if op == self._moved else axis.work(base.run_start)
        want = Want(machine, place.alternative, setup, setup)
        work = max(present, setup, (axis.work(held.end) if held else 0) + setup)
        if place.alternative >= 0:
            work = max(work, self._needed(op, want))
        if board.opening[op] > 0 and (op == self._moved or setup != base.setup_minutes):
            work = max(work, axis.work(board.opening[op]) + setup)
        if work > present or base.setup_start >= self.now:
            work = max(work, axis.work(self.now) + setup)
        return want._replace(work=work)

    def _needed(self, op: int, want: Want) -> int:
        """Working minute before which material and predecessors do not let the run start."""
        board, axis = self.board, self.board.axis(want.machine)
        work = axis.work(self._ready(op, want.alternative))
        for origin, wait, is_overlap in board.edges[op]:
            place = self.at(origin)
            if is_overlap and place is not None:
                # The last batch can only be run when the predecessor is done.
                last = axis.work(place.end + wait) + board.last_batch[want.alternative]
                work = max(work, last - board.alt_run[want.alternative])
        return work

    def _ready(self, op: int, alternative: int) -> int:
        board = self.board
        ready = board.release[op]
        for origin, wait, is_overlap in board.edges[op]:
            place = self.at(origin)
            if place is None:
                continue
            done = place.end
            if is_overlap and alternative >= 0 and place.alternative >= 0:
                axis = board.axis(place.machine)
                batch = axis.work(place.run_start) + board.first_batch[place.alternative]
                done = max(axis.end(batch), place.run_start)
            ready = max(ready, done + wait)
        return ready

    # places and crews

    def _placed(self, op: int, want: Want) -> Place:
        """The first place from ``want`` on that breaks and crew allow."""
        board, axis = self.board, self.board.axis(want.machine)
        present = board.place(op)
        length = want.setup + self._run_minutes(op, want)
        start, crew = want.work - want.setup, present.crew
        while True:
            found = start
            if board.fit[op]:
                found = axis.unbroken(found, length)
                self._refuse_beyond(op, want.machine, found, "drop_never_works")
            if board.crew_size[op] and length:
                found, crew = self._crew_from(op, want.machine, found, length)
            if found == start:
                break
            start = found
        self._refuse_beyond(op, want.machine, start + length, "drop_never_works")
        run_start = axis.minute(start + want.setup)
        end = axis.end(start + length) if length > want.setup else run_start
        setup_start = axis.minute(start) if want.setup else run_start
        return Place(want.machine, want.alternative, setup_start, run_start, end, want.setup, crew)

    def _run_minutes(self, op: int, want: Want) -> int:
        if want.alternative >= 0:
            return self.board.alt_run[want.alternative]
        place, axis = self.board.place(op), self.board.axis(want.machine)
        return axis.work(place.end) - axis.work(place.run_start)

    def _refuse_beyond(self, op: int, machine: int, work: int, code: str) -> None:
        if self.board.axis(machine).minute(work) > self.board.horizon:
            raise Stuck(code, op)

    def _crew_from(
        self, op: int, machine: int, start: int, length: int
    ) -> tuple[int, tuple[int, ...]]:
        """First start from which enough operators can stay, and who; the present crew first."""
        board = self.board
        size, present = board.crew_size[op], board.place(op).crew
        able = board.people[board.skill[op]]
        people = [*(p for p in present if p in able), *(p for p in able if p not in present)]
        while True:
            ready: list[int] = []
            later = FAR
            for person in people:
                found = self._manned_from(machine, person, start, length)
                if found == start:
                    ready.append(person)
                    if len(ready) == size:
                        return start, tuple(ready)
                else:
                    later = min(later, found)
            if later >= FAR:
                raise Stuck("drop_no_operators", op)
            self._refuse_beyond(op, machine, later, "drop_no_operators")
            start = later

    def _manned_from(self, machine: int, person: int, start: int, length: int) -> int:
        """First start at or after ``start`` at which a person is there and free for ``length``."""
        axis = self.board.axis(machine)
        lows, highs = self.board.cover(machine, person)
        while True:
            at = bisect_right(highs, start)
            while at < len(lows) and max(start, lows[at]) + length > highs[at]:
                at += 1
            if at == len(lows):
                return FAR
            found = max(start, lows[at])
            taken = self._taken_until(person, axis.minute(found), axis.end(found + length))
            if taken < 0:
                return found
            start = max(axis.work(taken), found + 1)

    def _taken_until(self, person: int, start: int, end: int) -> int:
        """End of the last job of a person that overlaps ``[start, end)``, -1: free."""
        busy = self._busy.get(person, self.board.busy[person])
        at = bisect_left(busy, (end, 0, 0)) - 1
        return busy[at][1] if at >= 0 and busy[at][1] > start else NONE

    def _lift(self, op: int) -> None:
        """An operation gives its crew free until it has a new place."""
        place = self.at(op)
        if op in self._lifted or place is None or place.end == place.setup_start:
            self._lifted.add(op)
            return
        self._lifted.add(op)
        for person in place.crew:
            self._own_busy(person).remove((place.setup_start, place.end, op))

    def _hold(self, op: int) -> None:
        """An operation takes its crew."""
        self._lifted.discard(op)
        place = self.at(op)
        if place is not None and place.end > place.setup_start:
            for person in place.crew:
                insort(self._own_busy(person), (place.setup_start, place.end, op))

    def _own_busy(self, person: int) -> list[tuple[int, int, int]]:
        if person not in self._busy:
            self._busy[person] = list(self.board.busy[person])
        return self._busy[person]

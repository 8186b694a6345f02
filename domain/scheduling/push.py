"""One trial on a board: an operation takes a new place, and what must give way is pushed right.

Right shift only: nothing but the moved operation ever gets earlier, everything keeps its machine
and its turn there, and crews change only where they have to. All rules hold for what is touched.
"""

from __future__ import annotations

from bisect import bisect_left
from heapq import heappop, heappush

from domain.scheduling.axis import Axis
from domain.scheduling.board import Board, Place, Stuck, waiting
from domain.scheduling.company import Company, enter, is_circle
from domain.scheduling.crews import Crews
from domain.scheduling.problem import NONE


class Trial:
    """Changed places over a board that stays as it is, and where an operation could go."""

    def __init__(self, board: Board, now: int) -> None:
        self.board, self.now = board, now
        self.places: dict[int, Place] = {}
        self.crews = Crews(board)
        self.company = Company(board)
        self._before: dict[int, int] = {}
        self._after: dict[int, int] = {}

    def at(self, op: int) -> Place | None:
        """The place of an operation in this trial."""
        return self.places.get(op) or self.board.places[op]

    def before(self, op: int) -> int:
        """Who has the machine just before an operation, -1: nobody."""
        return self._before.get(op, self.board.before[op])

    def after(self, op: int) -> int:
        """Who has the machine just after an operation, -1: nobody."""
        return self._after.get(op, self.board.after[op])

    def unlink(self, op: int) -> None:
        """Take an operation out of its machine's sequence."""
        before, after = self.before(op), self.after(op)
        if before >= 0:
            self._after[before] = after
        if after >= 0:
            self._before[after] = before
        self._before[op] = self._after[op] = NONE

    def link(self, op: int, before: int, after: int) -> None:
        """Put an operation between two others."""
        self._before[op], self._after[op] = before, after
        if before >= 0:
            self._after[before] = op
        if after >= 0:
            self._before[after] = op

    def turn(self, op: int, machine: int, anchor: int) -> tuple[int, int]:
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

    def ready(self, op: int, alternative: int) -> int:
        """Minute before which material and predecessors do not let the run start."""
        board, places = self.board, self.places
        ready = board.release[op]
        machine = board.alt_machine[alternative] if alternative >= 0 else NONE
        for origin, wait, is_overlap in board.edges[op]:
            place = places.get(origin) or board.places[origin]
            if place is None:
                continue
            is_batch = bool(is_overlap) and alternative >= 0
            done = self.first_batch(place) if is_batch else place.end
            ready = max(ready, done + wait + board.way(place.machine, machine))
        return ready

    def first_batch(self, place: Place) -> int:
        """When an operation at a place hands its first transfer batch over; if bought, all."""
        if place.alternative < 0:
            return place.end
        axis = self.board.axis(place.machine)
        done = axis.end(place.work + self.board.first_batch[place.alternative])
        return max(done, place.run_start)

    def needed(self, op: int, machine: int, alternative: int) -> int:
        """The same on the machine's working-time axis, last transfer batches included."""
        board, axis = self.board, self.board.axis(machine)
        work = axis.work(self.ready(op, alternative))
        for origin, wait, is_overlap in board.edges[op]:
            place = self.at(origin)
            if is_overlap and place is not None:
                # The last batch can only be run when the predecessor is done.
                done = place.end + wait + board.way(place.machine, machine)
                last = axis.work(done) + board.last_batch[alternative]
                work = max(work, last - board.alt_run[alternative])
        return work

    def placed(self, op: int, machine: int, work: int, setup: int) -> Place:
        """The first place with its run at or after ``work`` that breaks and crew allow.

        Raises:
            Stuck: ``drop_never_works``, ``drop_no_operators``.
        """
        board, axis = self.board, self.board.axis(machine)
        present = board.place(op)
        alternative = board.alternative(op, machine)
        run = board.alt_run[alternative] if alternative >= 0 else present.work_end - present.work
        length, start, crew = setup + run, work - setup, present.crew
        # A run of no time has to stand in its setup's interval: the end of a shift is the same
        # place on the axis as the start of the next, so it takes a minute there.
        unbroken = setup + max(1, run)
        is_fit = any(board.fit[each] for each in (op, *self.company.mates(op)))
        while True:
            found = axis.unbroken(start, unbroken) if is_fit else start
            if board.crew_size[op] and length:
                manned = self.crews.find(op, machine, found, setup, run)
                if manned is None or axis.minute(manned[0]) > board.horizon:
                    raise Stuck("drop_no_operators", op)
                found, crew = manned
            if found == start:
                break
            start = found
        work = start + setup
        run_start = axis.minute(work)
        end = axis.end(work + run) if run else run_start
        if end > board.horizon:
            raise Stuck("drop_never_works", op)
        setup_start = axis.minute(start) if setup else run_start
        return Place(
            machine, alternative, setup_start, run_start, end, setup, crew, work, work + run
        )

    def is_changed(self, op: int) -> bool:
        """Whether an operation that was touched is elsewhere, or with others, than before."""
        return self.places[op] != self.board.places[op] or self.company.has_changed(op)

    def _latest_limit(self, op: int, axis: Axis, run: int) -> int:
        """Before which working minute a run may not start, for what comes after to follow soon."""
        work = 0
        for follower, most in self.board.limits_out[op]:
            after = self.at(follower)
            if after is not None:
                work = max(work, axis.ending(after.run_start - most) - run)
        return work

    def _after_waiting(self, op: int, present: Place) -> Place:
        """The place of work that needs no machine: only orders at suppliers may get earlier."""
        board = self.board
        start = max(board.opening[op], self.ready(op, NONE))
        if board.bookings[op] is not None:
            if start <= present.run_start:
                return present
            start = max(start, self.now)
        return waiting(start, board.elapsed[op])


class Push(Trial):
    """Moves one operation and lets the rest give way."""

    def __init__(self, board: Board, now: int) -> None:
        super().__init__(board, now)
        self._open: list[tuple[int, int]] = []
        self._is_open: set[int] = set()
        self._moved, self._floor = NONE, 0

    def move(self, op: int, machine: int, anchor: int) -> None:
        """Take an operation out of its turn; begin it at ``anchor`` or as soon after as can be.

        Raises:
            Stuck: with the reason.
        """
        board, old_next = self.board, self.after(op)
        self._moved = op
        self.crews.lift(op, board.place(op))
        if board.elapsed[op] >= 0:
            if anchor < board.opening[op]:
                raise Stuck("drop_before_opening", op)
            if anchor < self.ready(op, NONE):
                raise Stuck("drop_not_ready", op)
            self.places[op] = waiting(anchor, board.elapsed[op])
        else:
            if self._joins(op, machine, anchor):
                self._push_followers(op)
                self._run()
                return
            self.unlink(op)
            self.link(op, *self.turn(op, machine, anchor))
            self._settle_moved(op, machine, anchor)
        for neighbour in (self.after(op), old_next):
            if neighbour >= 0:
                self._reopen(neighbour)  # another before it: another setup
        self._push_followers(op)
        self._run()

    def _joins(self, op: int, machine: int, anchor: int) -> bool:
        """Let an operation run in the batch that it is dropped on, if it is."""
        place = enter(self.company, op, machine, anchor, self.now)
        if place is None:
            return False
        old_next = self.after(op)
        self.unlink(op)
        self.places[op] = place
        self.crews.lifted.discard(op)
        if place.work < self.needed(op, machine, place.alternative):
            raise Stuck("drop_not_ready", op)
        if is_circle(self.company, self.after, op, place.run_start):
            raise Stuck("drop_in_circle", op)
        if old_next >= 0:
            self._reopen(old_next)
        return True

    def _settle_moved(self, op: int, machine: int, anchor: int) -> None:
        """Place the operation; the crews of those who have to go for it are free for it."""
        board = self.board
        axis, before = board.axis(machine), self.before(op)
        setup = board.setup_between(machine, before, op)
        held = self.at(before) if before >= 0 else None
        self._floor = max(axis.work(anchor), held.work_end if held else 0) + setup
        while True:
            place = self.places[op] = self.placed(op, machine, self._floor, setup)
            if not board.crew_size[op] or not self._lift_followers(op):
                break
        self.crews.hold(op, place)
        self._carry(op, place)
        if place.setup_start < board.opening[op]:
            raise Stuck("drop_before_opening", op)
        for each in (op, *self.company.mates(op)):
            if place.work < self.needed(each, machine, self.places[each].alternative):
                raise Stuck("drop_not_ready", each)
            if place.work < self._latest_limit(each, axis, place.work_end - place.work):
                raise Stuck("drop_ends_too_early", each)
        if is_circle(self.company, self.after, op, self.places[op].run_start):
            raise Stuck("drop_in_circle", op)

    def _lift_followers(self, op: int) -> bool:
        """Free the crews of all who certainly must give way; whether there was a new one."""
        board, place = self.board, self.places[op]
        found = [
            self.company.head(follower)
            for each in (op, *self.company.mates(op))
            for follower, _, _ in board.links[each]
            if self._starts_before_ready(follower)
        ]
        at, end = self.after(op), place.work_end
        while at >= 0 and board.place(at).work - board.place(at).setup_minutes < end:
            found.append(at)
            own = board.place(at)
            end += board.setup_between(place.machine, self.before(at), at) + own.work_end - own.work
            at = self.after(at)
        count = len(self.crews.lifted)
        for at in found:
            if not board.is_fixed[at]:
                self.crews.lift(at, board.place(at))
        return len(self.crews.lifted) > count

    def _starts_before_ready(self, op: int) -> bool:
        place = self.board.places[op]
        if place is None or place.machine < 0:
            return False
        return self.ready(op, place.alternative) > place.run_start

    def _reopen(self, op: int) -> None:
        op = self.company.head(op)
        if op not in self._is_open:
            self._is_open.add(op)
            heappush(self._open, (self.board.rank[op], op))

    def _run(self) -> None:
        """Settle what is open, in the order of the plan: then nearly all are settled once."""
        left = 20 * len(self.board.places) + 1000
        while self._open or self.crews.lifted:
            if not self._open:
                # Who was expected to give way, but need not in the end.
                for each in sorted(self.crews.lifted):
                    self._reopen(each)
            _, op = heappop(self._open)
            self._is_open.discard(op)
            left -= 1
            if left < 0:
                raise Stuck("drop_in_circle", self._moved)
            if self._settle(op):
                self._push_followers(op)

    def _push_followers(self, op: int) -> None:
        """Open what the new place of an operation is in the way of."""
        board, place = self.board, self.places[op]
        after = self.after(op)
        if after >= 0:
            present = self.places.get(after) or board.place(after)
            if present.work - present.setup_minutes < place.work_end:
                self._push(after, present)
        for each in (op, *self.company.mates(op)):
            self._push_linked(each, place)

    def _push_linked(self, op: int, place: Place) -> None:
        """The same of what follows, or may not wait long after, one operation of a batch."""
        board = self.board
        for follower, wait, is_overlap in board.links[op]:
            present = self.at(follower)
            if present is None or self.company.head(follower) in self._is_open:
                continue
            if present.machine < 0 or is_overlap:
                self._reopen(follower)
            elif place.end + wait + board.way(place.machine, present.machine) > present.run_start:
                self._push(follower, present)
        for origin, most in board.limits_in[op]:
            before = self.at(origin)
            if before is not None and place.run_start - before.end > most:
                self._push(origin, before)

    def _push(self, op: int, present: Place) -> None:
        leader = self.company.head(op)
        if leader != op:
            op, present = leader, self.places.get(leader) or self.board.place(leader)
        self._reopen(op)
        if present.crew and not self.board.is_fixed[op]:
            self.crews.lift(op, present)

    def _settle(self, op: int) -> bool:
        """Give an operation its place; whether that is another than before."""
        board, present = self.board, self.at(op)
        if present is None:
            return False
        if present.machine < 0:
            place = self._after_waiting(op, present)
        else:
            work, setup = self._wanted(op, present)
            is_same = work == present.work and setup == present.setup_minutes
            if is_same and op not in self.crews.lifted:
                return False
            self.crews.lift(op, present)
            place = self.placed(op, present.machine, work, setup)
        if board.is_fixed[op] and place.run_start != board.place(op).run_start:
            raise Stuck("drop_hits_locked", op)
        self.places[op] = place
        self.crews.hold(op, place)
        self._carry(op, place)
        return place != present

    def _carry(self, op: int, place: Place) -> None:
        """Those in the batch that an operation leads go where it goes."""
        for mate in self.company.mates(op):
            self.places[mate] = self.company.beside(mate, op, place)

    def _wanted(self, op: int, present: Place) -> tuple[int, int]:
        """Earliest run and setup, if it keeps machine and turn and never gets earlier."""
        board, axis = self.board, self.board.axis(present.machine)
        base, before = board.place(op), self.before(op)
        setup = board.setup_between(present.machine, before, op)
        held = self.at(before) if before >= 0 else None
        floor = self._floor if op == self._moved else base.work
        work = max(floor, setup + (held.work_end if held else 0))
        if present.alternative >= 0:
            work = max(work, self.needed(op, present.machine, present.alternative))
        work = max(work, self._latest_limit(op, axis, present.work_end - present.work))
        for mate in self.company.mates(op):
            alternative = board.alternative(mate, present.machine)
            if alternative >= 0:
                work = max(work, self.needed(mate, present.machine, alternative))
            work = max(work, self._latest_limit(mate, axis, present.work_end - present.work))
        if work > floor or setup > base.setup_minutes:
            if board.opening[op] > 0:
                work = max(work, axis.work(board.opening[op]) + setup)
            if work > floor or base.setup_start >= self.now:
                work = max(work, axis.work(self.now) + setup)
        return work, setup

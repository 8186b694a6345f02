"""Who runs together on a board, and in a trial of a move.

A batch moves as one, with its leader: only that one has a turn in its machine's sequence. Dragging
the leader takes all along; dragging a member takes it out, and onto another batch of its family
puts it in there if there is room.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from domain.scheduling.board import Board, Place, Stuck
from domain.scheduling.problem import NONE


class Company:
    """The batches of a board as a trial changes them."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._head: dict[int, int] = {}
        self._mates: dict[int, tuple[int, ...]] = {}

    def head(self, op: int) -> int:
        """Who leads the batch that an operation runs in; itself if it runs alone."""
        return self._head.get(op, self.board.head[op])

    def mates(self, op: int) -> tuple[int, ...]:
        """Who else is in the batch that an operation leads."""
        return self._mates.get(op, self.board.mates.get(op, ()))

    def has_changed(self, op: int) -> bool:
        """Whether an operation runs with others than before."""
        return self.head(op) != self.board.head[op]

    def led_by(self, op: int) -> UUID | None:
        """The booking of who leads the batch that an operation runs in; None: it does."""
        leader = self.head(op)
        booking = self.board.bookings[leader] if leader != op else None
        return booking.id if booking else None

    def leave(self, op: int) -> None:
        """Take a member out of its batch."""
        leader = self.head(op)
        self._mates[leader] = tuple(mate for mate in self.mates(leader) if mate != op)
        self._head[op] = op

    def join(self, op: int, leader: int) -> None:
        """Put an operation into a batch."""
        self._head[op] = leader
        self._mates[leader] = (*self.mates(leader), op)

    def batch_at(self, op: int, machine: int, anchor: int) -> int:
        """Who leads the batch of an operation's family that runs at a minute, -1: there is none."""
        board = self.board
        if machine < 0 or not board.capacity[machine]:
            return NONE
        for leader in board.lines[machine]:
            place = board.place(leader)
            is_there = place.setup_start <= anchor < place.end and leader != op
            if is_there and _is_one_family(board, op, leader):
                return leader
        return NONE

    def check_room(self, op: int, leader: int) -> None:
        """Refuse an operation that a batch has no room for, or no time.

        Raises:
            Stuck: ``drop_batch_full``, ``drop_batch_too_short``.
        """
        board, place = self.board, self.board.place(leader)
        alternative = board.alternative(op, place.machine)
        load = sum(self._load(each, place.machine) for each in (op, leader, *self.mates(leader)))
        if load > board.capacity[place.machine]:
            raise Stuck("drop_batch_full", leader)
        run = place.work_end - place.work
        is_broken = board.fit[op] and place.end - place.run_start != run
        if board.alt_run[alternative] > run or is_broken or self.crew(op, leader, place) is None:
            raise Stuck("drop_batch_too_short", leader)

    def check_machine(self, leader: int, machine: int) -> None:
        """Refuse a machine that cannot take all of a batch.

        Raises:
            Stuck: ``drop_batch_not_eligible``, ``drop_batch_full``.
        """
        board, mates = self.board, self.mates(leader)
        if not mates or machine < 0:
            return
        is_able = all(board.alternative(mate, machine) >= 0 for mate in mates)
        if not is_able or not board.capacity[machine]:
            raise Stuck("drop_batch_not_eligible", leader)
        if sum(self._load(each, machine) for each in (leader, *mates)) > board.capacity[machine]:
            raise Stuck("drop_batch_full", leader)
        longest = max(board.alt_run[board.alternative(mate, machine)] for mate in mates)
        if longest > board.alt_run[board.alternative(leader, machine)]:
            raise Stuck("drop_batch_too_short", leader)

    def _load(self, op: int, machine: int) -> int:
        alternative = self.board.alternative(op, machine)
        return self.board.load[alternative] if alternative >= 0 else 0

    def crew(self, op: int, leader: int, place: Place) -> tuple[int, ...] | None:
        """Those of the leader's people that an operation needs; None: others, or tools."""
        board, found = self.board, list[int]()
        for crew, size in board.needs[op]:
            at = 0
            for other, many in board.needs[leader]:
                if other == crew:
                    break
                at += many
            else:
                return None
            theirs = place.crew[at : at + size]
            if crew in board.tool_crews or many < size or len(theirs) < size:
                return None
            found += theirs
        return tuple(found)

    def beside(self, op: int, leader: int, place: Place) -> Place:
        """The place of a member of a batch whose leader is at a place.

        Raises:
            Stuck: ``drop_hits_locked``.
        """
        board = self.board
        crew = self.crew(op, leader, place)
        found = Place(
            place.machine,
            board.alternative(op, place.machine),
            place.run_start,
            place.run_start,
            place.end,
            0,
            board.place(op).crew if crew is None else crew,
            place.work,
            place.work_end,
        )
        is_moved = found.run_start != board.place(op).run_start
        if board.is_fixed[op] and is_moved and not self.has_changed(op):
            raise Stuck("drop_hits_locked", op)
        return found


def _is_one_family(board: Board, one: int, other: int) -> bool:
    family = board.batch_family[one]
    is_same = family == board.batch_family[other]
    return is_same and (family >= 0 or board.part[one] == board.part[other])


def enter(company: Company, op: int, machine: int, anchor: int, now: int) -> Place | None:
    """Take a member out of its batch, or put an operation into one that runs at the anchor.

    Returns:
        Its place there; None if it has to find one alone, or with all that it leads.

    Raises:
        Stuck: with the reason.
    """
    board = company.board
    if company.mates(op):
        company.check_machine(op, machine)
        return None
    leader = company.batch_at(op, machine, anchor)
    if company.head(op) != op:
        if leader == company.head(op):
            return board.place(op)
        company.leave(op)
    if leader < 0:
        return None
    company.check_room(op, leader)
    if board.place(leader).setup_start < now:
        raise Stuck("drop_batch_begun", leader)
    company.join(op, leader)
    return company.beside(op, leader, board.place(leader))


def is_circle(company: Company, after: Callable[[int], int], op: int, limit: int) -> bool:
    """Whether an operation would have to wait for itself, through others and machines.

    All on such a way begin before its run at `limit`, because the plan without it is in order.
    """
    board = company.board
    seen: set[int] = set()
    own = (op, *company.mates(op))
    open_ops = [follower for each in own for follower, _, _ in board.links[each]]
    open_ops.append(after(op))
    while open_ops:
        at = open_ops.pop()
        if at == op:
            return True
        place = board.places[at] if at >= 0 else None
        if at in seen or place is None or place.setup_start > limit:
            continue
        seen.add(at)
        leader = company.head(at)
        open_ops += [leader, *company.mates(leader)]  # they wait for one another
        open_ops += [follower for follower, _, _ in board.links[at]]
        open_ops.append(after(at))
    return False

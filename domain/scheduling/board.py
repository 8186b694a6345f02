"""A plan as it stands, laid out for moving single bookings: places, sequences, crews.

Numbers are those of the problem: first its operations, then bookings of work that is not planned
any more, which only stand in the way. Minutes count from the start of the problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple, TypeVar
from uuid import UUID, uuid4

from domain.items import Item
from domain.plan import Plan
from domain.production import Operation, WorkOrder
from domain.scenarios import Booking, LockLevel, OvertimeShift, Scenario, held_batches
from domain.scheduling.axis import Axis, axes_of
from domain.scheduling.begun import begun_work, not_begun
from domain.scheduling.build import build_problem
from domain.scheduling.compiled import I32
from domain.scheduling.problem import NONE, Problem, Tables
from domain.scheduling.resources import family_numbers, whole_minutes
from domain.scheduling.tools import units_held
from domain.variants import routing_of

T = TypeVar("T")

_EARLIER = timedelta(days=7)
"""Room before bookings that lie in the past, for setups that grow."""

_NEVER_MOVED = (LockLevel.TIME, LockLevel.SEQUENCE)


class Place(NamedTuple):
    """Where and when an operation is; ``setup_minutes`` is the working time before its run."""

    machine: int
    alternative: int
    setup_start: int
    run_start: int
    end: int
    setup_minutes: int
    crew: tuple[int, ...]
    work: int
    """Start and end of the run on the machine's working-time axis."""
    work_end: int


class Stuck(Exception):
    """It cannot be: ``code`` says why, ``at`` is the operation concerned."""

    def __init__(self, code: str, at: int) -> None:
        super().__init__(code)
        self.code, self.at = code, at


class Board:
    """The state that every trial of a move starts from; nothing here changes afterwards."""

    def __init__(self, plan: Plan, scenario: Scenario, now_at: datetime) -> None:
        bookings = plan.where(Booking, scenario_id=scenario.id)
        now_at = now_at.replace(second=0, microsecond=0)
        first_at = min((b.setup_start_at for b in bookings), default=now_at)
        base_at = now_at if first_at >= now_at else first_at.replace(second=0) - _EARLIER
        self.plan = plan
        self.problem = _unlocked_problem(plan, scenario, base_at)
        self.axes = axes_of(self.problem.tables.worktime)
        self.horizon = self.problem.tables.worktime.horizon
        self._read(self.problem.tables)
        self._crews(self.problem.tables)
        self.number = {
            operation_id: at
            for at, operation_id in enumerate(self.problem.operation_ids)
            if operation_id is not None
        }
        self.machine_number = {each: at for at, each in enumerate(self.problem.machine_ids)}
        count = self.problem.operation_count
        self.places: list[Place | None] = [None] * count
        self.bookings: list[Booking | None] = [None] * count
        self.is_fixed = [False] * count
        self._take(bookings)
        self.late = _late(plan, scenario, bookings, now_at)
        """Batches that should have begun, but cannot have: they may move."""
        _hold(self, bookings, scenario, now_at)
        self.head, self.mates = _bring_together(self, bookings)
        _compute_waiting_orders(self)
        self._line_up()

    def _read(self, tables: Tables) -> None:
        """Columns as lists: reading single numbers out of arrays is ten times slower."""
        self.release, self.opening = tables.release.tolist(), tables.opening.tolist()
        self.elapsed, self.own_setup = tables.elapsed.tolist(), tables.own_setup.tolist()
        self.family, self.part = tables.family.tolist(), tables.part.tolist()
        needs = list(zip(tables.need_crew.tolist(), tables.need_size.tolist(), strict=True))
        self.needs: list[list[tuple[int, int]]] = _cut(needs, tables.need_first)
        """Of each operation the crews that it holds of, and how many."""
        self.fit, self.crew_size = tables.fit.tolist(), tables.crew_size.tolist()
        edges = zip(
            tables.edge_from.tolist(),
            tables.edge_wait.tolist(),
            tables.edge_overlap.tolist(),
            strict=True,
        )
        self.edges: list[list[tuple[int, int, int]]] = _cut(list(edges), tables.edge_first)
        self._transfer, self._plant = tables.transfer.tolist(), tables.machine_plant.tolist()
        self.links = _links(self.edges)
        """Of each operation those that need it, with the wait and whether they may overlap."""
        self.limits_in, self.limits_out = _limits(self.edges, tables)
        """Of each operation those before and after it, and how long may pass between."""
        self.alternatives: list[list[int]] = _cut(list(range(len(tables.alt_op))), tables.alt_first)
        self.alt_machine, self.alt_run = tables.alt_machine.tolist(), tables.alt_run.tolist()
        batches = tables.alt_first_batch, tables.alt_last_batch
        self.first_batch, self.last_batch = (column.tolist() for column in batches)
        self.calendar = tables.machine_calendar.tolist()
        self.capacity = tables.machine_capacity.tolist()
        self.load, self.batch_family = tables.alt_load.tolist(), tables.batch_family.tolist()
        self.tool_crews = frozenset(tables.crew_is_tool.nonzero()[0].tolist())
        self._change_group, self._change = tables.change_group.tolist(), tables.change.tolist()
        self.serves: list[list[int]] = _cut(tables.serves_line.tolist(), tables.serves_first)
        self.makers: list[list[int]] = _cut(tables.line_op.tolist(), tables.line_first)
        self.due, self.line_floor = tables.line_due.tolist(), tables.line_floor.tolist()

    def _crews(self, tables: Tables) -> None:
        self.people: list[list[int]] = _cut(tables.crew_operator.tolist(), tables.crew_first)
        lows = _cut(tables.cover_from.tolist(), tables.cover_first)
        highs = _cut(tables.cover_to.tolist(), tables.cover_first)
        self._covers = list(zip(lows, highs, strict=True))
        self._cover_of = tables.cover_of.tolist()
        self._operator_calendar = tables.operator_calendar.tolist()
        self.operator_number = {each: at for at, each in enumerate(self.problem.operator_ids)}

    def _take(self, bookings: list[Booking]) -> None:
        families = family_numbers(self.plan)
        parts: dict[tuple[UUID, str, int], int] = {}
        for operation_id, at in self.number.items():
            step = self.plan.need(Operation, operation_id)
            order = self.plan.need(WorkOrder, step.work_order_id)
            parts[order.item_id, routing_of(self.plan, step), step.number] = self.part[at]
        units = units_held(self.problem, _jobs(self, bookings))
        for booking in bookings:
            at = self.number.get(booking.operation_id)
            if at is None:
                at = self._add_obstacle(booking, families, parts)
            if at is not None:
                self._put(at, booking, units.get(at, ()))

    def _add_obstacle(
        self, booking: Booking, families: dict[str, int], parts: dict[tuple[UUID, str, int], int]
    ) -> int | None:
        """Work that is closed or cannot be planned keeps its machine for the time booked."""
        step = self.plan.get(Operation, booking.operation_id)
        order = self.plan.get(WorkOrder, step.work_order_id) if step else None
        item = self.plan.get(Item, order.item_id) if order else None
        if step is None or item is None:
            return None
        at = len(self.places)
        self.number[step.id] = at
        self.places.append(None)
        self.bookings.append(None)
        self.is_fixed.append(True)
        self.own_setup.append(whole_minutes(step.setup_minutes))
        self.family.append(families.get(item.family, NONE))
        part = item.id, routing_of(self.plan, step), step.number
        self.part.append(parts.setdefault(part, -at))
        for column in (self.release, self.opening, self.fit, self.crew_size):
            column.append(0)
        self.elapsed.append(NONE)
        self.batch_family.append(self.family[at] if item.family else NONE)
        for lists in (self.alternatives, self.serves):
            lists.append([])
        for edges in (self.edges, self.links):
            edges.append([])
        for limits in (self.limits_in, self.limits_out, self.needs):
            limits.append([])
        return at

    def _put(self, at: int, booking: Booking, units: Sequence[int]) -> None:
        minute = self.problem.minute
        setup_start, run_start = minute(booking.setup_start_at), minute(booking.run_start_at)
        machine = self.machine_number.get(booking.machine_id, NONE) if booking.machine_id else NONE
        alternative = self.alternative(at, machine)
        end = minute(booking.end_at)
        setup = work = work_end = 0
        if machine >= 0:
            axis = self.axis(machine)
            work, work_end = axis.work(run_start), axis.work(end)
            setup = work - axis.work(setup_start)
        people = (self.operator_number.get(person) for person in booking.operator_ids)
        crew = (*(person for person in people if person is not None), *units)
        self.places[at] = Place(
            machine,
            alternative,
            setup_start,
            run_start,
            end,
            setup,
            crew,
            work,
            work_end,
        )
        self.bookings[at] = booking
        is_misplaced = alternative < 0 and self.elapsed[at] < 0
        self.is_fixed[at] |= is_misplaced or booking.lock in _NEVER_MOVED

    def _line_up(self) -> None:
        """Who comes before and after whom on the machines, and who is busy when."""
        count = len(self.places)
        self.before, self.after = [NONE] * count, [NONE] * count
        self.lines: list[list[int]] = [[] for _ in self.problem.machine_ids]
        self.busy: list[list[tuple[int, int, int]]] = [[] for _ in self._operator_calendar]
        for at, place in enumerate(self.places):
            leader = self.head[at]
            if place is not None and place.machine >= 0 and leader == at:
                self.lines[place.machine].append(at)
            if place is not None and place.end > place.setup_start:
                shared = self.place(leader).crew if leader != at else ()
                for person in place.crew:
                    if person in shared:
                        continue
                    self.busy[person].append((place.setup_start, place.end, at))
        for intervals in self.busy:
            intervals.sort()
        for machine, line in enumerate(self.lines):
            self.lines[machine] = _in_order(self, machine, line)
            for one, other in pairwise(self.lines[machine]):
                self.after[one], self.before[other] = other, one
        self.rank = [place.run_start if place else 0 for place in self.places]
        self.starts = [[self.place(at).setup_start for at in line] for line in self.lines]

    def way(self, origin: int, target: int) -> int:
        """Minutes that work is on its way from one machine's plant to another's."""
        if not self._transfer or origin < 0 or target < 0:
            return 0
        return self._transfer[self._plant[origin]][self._plant[target]]

    def place(self, at: int) -> Place:
        """The place of an operation that has one."""
        place = self.places[at]
        if place is None:
            raise LookupError(at)
        return place

    def axis(self, machine: int) -> Axis:
        """The working-time axis of a machine."""
        return self.axes[self.calendar[machine]]

    def alternative(self, at: int, machine: int) -> int:
        """The alternative that puts an operation on a machine, -1 if it may not run there."""
        return next((a for a in self.alternatives[at] if self.alt_machine[a] == machine), NONE)

    def cover(self, machine: int, operator: int) -> tuple[list[int], list[int]]:
        """Where on a machine's axis an operator is at work: starts and ends."""
        row = self._cover_of[self.calendar[machine]][self._operator_calendar[operator]]
        return self._covers[row]

    def setup_between(self, machine: int, before: int, after: int) -> int:
        """Rule 3: setup minutes of ``after`` directly after ``before`` (-1: nothing)."""
        if before < 0:
            return self.own_setup[after]
        group, origin, target = self._change_group[machine], self.family[before], self.family[after]
        if group >= 0 and origin >= 0 and target >= 0:
            minutes = self._change[group][origin][target]
            if minutes >= 0:
                return minutes
        return 0 if self.part[before] == self.part[after] else self.own_setup[after]


def _late(plan: Plan, scenario: Scenario, bookings: list[Booking], now_at: datetime) -> set[UUID]:
    """As the next planning run will see it; what is over costs next to nothing."""
    if not scenario.published:
        return set()
    return not_begun(bookings, now_at, begun_work(plan, scenario, now_at))


def _hold(board: Board, bookings: list[Booking], scenario: Scenario, now_at: datetime) -> None:
    """In the plan in force nothing moves that has begun or is frozen."""
    if not scenario.published:
        return
    held = held_batches(bookings, now_at, 60 * board.plan.home_plant().frozen_hours) - board.late
    for booking in bookings:
        at = board.number.get(booking.operation_id)
        if at is not None and booking.batch in held:
            board.is_fixed[at] = True


def _compute_waiting_orders(board: Board) -> None:
    """Orders at suppliers that wait for our work are not booked; their times follow."""
    for at in range(board.problem.operation_count):  # predecessors come first
        if board.bookings[at] is None and board.problem.operation_ids[at] is None:
            ready = board.release[at]
            known = True
            for origin, wait, _ in board.edges[at]:
                place = board.places[origin]
                known = known and place is not None
                ready = max(ready, place.end + wait) if place else ready
            if known:
                board.places[at] = waiting(max(ready, board.opening[at]), board.elapsed[at])


def _bring_together(
    board: Board, bookings: list[Booking]
) -> tuple[list[int], dict[int, tuple[int, ...]]]:
    """Who leads the batch of each operation, and who else is in it.

    A batch whose members hold tools of their own stays where it is.
    """
    head, mates = list(range(len(board.places))), dict[int, tuple[int, ...]]()
    leaders = {row.id: board.number.get(row.operation_id) for row in bookings}
    for row in bookings:
        at, leader = board.number.get(row.operation_id), leaders.get(row.batch_id or row.id)
        if at is None or leader is None or at == leader or not _is_together(board, at, leader):
            continue
        head[at], mates[leader] = leader, (*mates.get(leader, ()), at)
    for leader, others in mates.items():
        theirs = set(board.place(leader).crew)
        has_own = any(set(board.place(mate).crew) - theirs for mate in others)
        is_fixed = has_own or any(board.is_fixed[each] for each in (leader, *others))
        for each in (leader, *others):
            board.is_fixed[each] |= is_fixed
    return head, mates


def _is_together(board: Board, at: int, leader: int) -> bool:
    one, other = board.places[at], board.places[leader]
    if one is None or other is None or one.machine < 0 or not board.capacity[one.machine]:
        return False
    return one[:1] + one[3:5] == other[:1] + other[3:5]


def _unlocked_problem(plan: Plan, scenario: Scenario, base_at: datetime) -> Problem:
    """Locks are this module's business: a scenario without bookings leaves them out."""
    unlocked = Scenario(id=uuid4(), plant_id=scenario.plant_id, name="", now_at=base_at)
    opened = plan.where(OvertimeShift, scenario_id=scenario.id)
    return build_problem(plan, base_at, scenario=unlocked, overtime=opened)


def _jobs(board: Board, bookings: list[Booking]) -> Iterator[tuple[int, int, int]]:
    minute = board.problem.minute
    for booking in bookings:
        at = board.number.get(booking.operation_id)
        if at is not None:
            yield minute(booking.setup_start_at), minute(booking.end_at), at


def _in_order(board: Board, machine: int, line: list[int]) -> list[int]:
    """By time; of those that take no time at the same minute, what needs no setup first."""
    left = sorted(line, key=lambda at: _by_time(board.place(at)))
    done: list[int] = []
    while left:
        first = board.place(left[0])
        ties = [
            at
            for at in left[:6]
            if board.place(at).setup_start == board.place(at).end == first.setup_start
        ]
        before = done[-1] if done else NONE
        free = (at for at in ties if board.setup_between(machine, before, at) == 0)
        chosen = next(free, left[0])
        left.remove(chosen)
        done.append(chosen)
    return done


def waiting(start: int, elapsed: int) -> Place:
    """The place of work that needs no machine, only elapsed time."""
    return Place(NONE, NONE, start, start, start + elapsed, 0, (), 0, 0)


def _by_time(place: Place) -> tuple[int, int, int]:
    return place.setup_start, place.end, place.run_start


def _links(edges: list[list[tuple[int, int, int]]]) -> list[list[tuple[int, int, int]]]:
    links: list[list[tuple[int, int, int]]] = [[] for _ in edges]
    for at, own in enumerate(edges):
        for origin, wait, is_overlap in own:
            links[origin].append((at, wait, is_overlap))
    return links


def _limits(
    edges: list[list[tuple[int, int, int]]], tables: Tables
) -> tuple[list[list[tuple[int, int]]], list[list[tuple[int, int]]]]:
    before: list[list[tuple[int, int]]] = [[] for _ in edges]
    after: list[list[tuple[int, int]]] = [[] for _ in edges]
    most: list[list[int]] = _cut(tables.edge_most.tolist(), tables.edge_first)
    for at, (own, limits) in enumerate(zip(edges, most, strict=True)):
        for (origin, _, _), limit in zip(own, limits, strict=True):
            if limit >= 0:
                before[at].append((origin, limit))
                after[origin].append((at, limit))
    return before, after


def _cut(items: list[T], first: I32) -> list[list[T]]:
    limits: list[int] = first.tolist()
    return [items[low:high] for low, high in pairwise(limits)]

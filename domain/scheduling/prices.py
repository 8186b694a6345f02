"""What a minute's delay of each operation costs, and from that what a move would bring.

The prices come from the tree of binding predecessors: each operation hands the weight of the late
order lines behind it to whatever holds it. They are exact for a small shift of the plan they were
taken from and guide the search after that; whether a move pays is always settled exactly.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from domain.scheduling.chains import Chains, before_on_machine, order_by_time
from domain.scheduling.compiled import I32, lean
from domain.scheduling.decode import earliest_work
from domain.scheduling.problem import Problem, Tables, setup_between
from domain.scheduling.worktime import work_before

F64 = npt.NDArray[np.float64]


class Prices(NamedTuple):
    """Weighted minutes a minute's delay of each operation costs."""

    all: F64
    """Through everything the operation holds."""
    own: F64
    """Without what follows it on its machine."""
    holder: I32
    """The operation that holds this one, -1: none."""
    by_machine: I32
    """1: the holder is the one before on the machine."""
    stretch: F64
    """Elapsed minutes per working minute of each machine."""
    missing: I32
    order: I32


def new_prices(problem: Problem) -> Prices:
    """Room for prices; `renew` fills it."""
    tables, count = problem.tables, problem.operation_count
    worktime = tables.worktime
    window = min(worktime.horizon, 8 * 7 * 1440)
    stretch = [
        window / max(1, work_before(worktime, int(calendar), window))
        for calendar in tables.machine_calendar
    ]
    return Prices(
        np.zeros(count),
        np.zeros(count),
        np.full(count, -1, np.int32),
        np.zeros(count, np.int32),
        np.array(stretch, np.float64),
        np.zeros(count, np.int32),
        np.zeros(count, np.int32),
    )


@lean
def _holding(tables: Tables, chains: Chains, op: int) -> int:
    """The predecessor whose end comes last; -1 if material comes later still."""
    held, latest = -1, max(tables.release[op], tables.opening[op])
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        before = tables.edge_from[edge]
        reached = chains.end[before] + tables.edge_wait[edge]
        if reached > latest:
            held, latest = before, reached
    return held


@lean
def _find_holder(tables: Tables, chains: Chains, prices: Prices, op: int) -> None:
    prices.holder[op] = _holding(tables, chains, op)
    prices.by_machine[op] = 0
    if chains.head[op] != op:
        prices.holder[op] = chains.head[op]
        prices.by_machine[op] = 1
        return
    before = before_on_machine(tables, chains, op)
    if before < 0:
        return
    before = chains.head[before]
    alt = chains.alternative[op]
    ready = earliest_work(tables, op, alt, chains.alternative, chains.run_start, chains.end)
    if chains.work_end[before] + chains.setup[op] >= ready:
        prices.holder[op] = before
        prices.by_machine[op] = 1


@lean
def renew(tables: Tables, chains: Chains, prices: Prices, softness: float) -> None:
    """Take the prices of the present plan; lines count in full from `softness` minutes late on."""
    count = order_by_time(tables, chains, prices.missing, prices.order)
    for op in range(count):
        prices.all[op] = 0.0
        prices.own[op] = 0.0
        _find_holder(tables, chains, prices, op)
    for line in range(tables.line_due.size):
        last = -1
        for at in range(tables.line_first[line], tables.line_first[line + 1]):
            op = tables.line_op[at]
            if last < 0 or chains.end[op] > chains.end[last]:
                last = op
        if last >= 0 and chains.end[last] >= tables.line_floor[line]:
            late = chains.end[last] - tables.line_due[line]
            share = min(1.0, max(0.0, (late + softness) / (2.0 * softness)))
            prices.all[last] += tables.line_weight[line] * share
            prices.own[last] += tables.line_weight[line] * share
    for at in range(count - 1, -1, -1):
        op = prices.order[at]
        holder = prices.holder[op]
        if holder >= 0:
            prices.all[holder] += prices.all[op]
            if not prices.by_machine[op]:
                prices.own[holder] += prices.all[op]


@lean
def _neighbour(chains: Chains, machine: int, place: int) -> int:
    """The operation at a place of a machine, or -1."""
    if place < 0 or place >= chains.size[machine]:
        return -1
    return chains.sequence[chains.first[machine] + place]


@lean
def _free_after(chains: Chains, op: int) -> int:
    return chains.work_end[op] if op >= 0 else 0


@lean
def _start_work(tables: Tables, chains: Chains, op: int) -> int:
    return chains.work_end[op] - tables.alt_run[chains.alternative[op]]


@lean
def _closing_shift(
    tables: Tables, chains: Chains, prices: Prices, machine: int, before: int, free: int, op: int
) -> float:
    """Working minutes by which `op` shifts with `before` as the last one before it."""
    start = free + setup_between(tables, machine, before, op)
    shift = start - _start_work(tables, chains, op)
    return float(shift) if shift > 0 or prices.by_machine[op] else 0.0


@lean
def _block_cost(
    tables: Tables,
    chains: Chains,
    prices: Prices,
    machine: int,
    low: int,
    high: int,
    before: int,
    free: int,
) -> tuple[float, int]:
    """Price of running places [low, high) after `before`, and when the machine is free then."""
    cost = 0.0
    for place in range(low, high):
        op = _neighbour(chains, machine, place)
        shift = _closing_shift(tables, chains, prices, machine, before, free, op)
        cost += prices.own[op] * shift
        before, free = op, int(chains.work_end[op] + shift)
    return cost, free


@lean
def _mover_cost(
    tables: Tables, chains: Chains, prices: Prices, op: int, alt: int, before: int, free: int
) -> tuple[float, int]:
    """Price of running `op` after `before`, and its new end in working minutes."""
    machine = tables.alt_machine[alt]
    ready = earliest_work(tables, op, alt, chains.alternative, chains.run_start, chains.end)
    start = max(ready, free + setup_between(tables, machine, before, op))
    end = start + tables.alt_run[alt]
    old_machine = tables.alt_machine[chains.alternative[op]]
    if machine == old_machine:
        late = float(end - chains.work_end[op]) * prices.stretch[machine]
    else:
        done = work_before(tables.worktime, tables.machine_calendar[machine], chains.end[op])
        late = float(end - done) * prices.stretch[machine]
    return prices.own[op] * late, end


@lean
def _cost_elsewhere(
    tables: Tables, chains: Chains, prices: Prices, op: int, alt: int, place: int
) -> float:
    """Estimate for another machine: what is delayed there, and what gains here."""
    machine, old = tables.alt_machine[alt], tables.alt_machine[chains.alternative[op]]
    here = chains.place[op]
    before = _neighbour(chains, machine, place - 1)
    cost, end = _mover_cost(tables, chains, prices, op, alt, before, _free_after(chains, before))
    after = _neighbour(chains, machine, place)
    if after >= 0:
        shift = _closing_shift(tables, chains, prices, machine, op, end, after)
        cost += prices.all[after] * max(0.0, shift) * prices.stretch[machine]
    behind, ahead = _neighbour(chains, old, here + 1), _neighbour(chains, old, here - 1)
    if behind >= 0 and prices.by_machine[behind]:
        free = _free_after(chains, ahead)
        shift = _closing_shift(tables, chains, prices, old, ahead, free, behind)
        cost += prices.all[behind] * shift * prices.stretch[old]
    return cost


@lean
def estimate(
    tables: Tables, chains: Chains, prices: Prices, op: int, alt: int, place: int
) -> float:
    """Estimated change of weighted lateness if `op` goes to `place` (counted without it)."""
    machine = tables.alt_machine[alt]
    if machine != tables.alt_machine[chains.alternative[op]]:
        return _cost_elsewhere(tables, chains, prices, op, alt, place)
    here, stretch = chains.place[op], prices.stretch[machine]
    if place < here:
        before = _neighbour(chains, machine, place - 1)
        free = _free_after(chains, before)
        cost, free = _mover_cost(tables, chains, prices, op, alt, before, free)
        more, free = _block_cost(tables, chains, prices, machine, place, here, op, free)
        last, after = _neighbour(chains, machine, here - 1), _neighbour(chains, machine, here + 1)
    else:
        before = _neighbour(chains, machine, here - 1)
        free = _free_after(chains, before)
        more, free = _block_cost(tables, chains, prices, machine, here + 1, place + 1, before, free)
        before = _neighbour(chains, machine, place)
        cost, free = _mover_cost(tables, chains, prices, op, alt, before, free)
        last, after = op, _neighbour(chains, machine, place + 1)
    cost += more * stretch
    if after >= 0:
        shift = _closing_shift(tables, chains, prices, machine, last, free, after)
        cost += prices.all[after] * shift * stretch
    return cost


@lean
def estimate_exchange(
    tables: Tables, chains: Chains, prices: Prices, op: int, alt: int, other: int, back: int
) -> float:
    """The same if two operations take each other's places, `op` by `alt`, the other by `back`."""
    machine, old = tables.alt_machine[alt], tables.alt_machine[back]
    before = _neighbour(chains, machine, chains.place[other] - 1)
    cost, end = _mover_cost(tables, chains, prices, op, alt, before, _free_after(chains, before))
    after, shift = _neighbour(chains, machine, chains.place[other] + 1), 0.0
    if after >= 0:
        shift = _closing_shift(tables, chains, prices, machine, op, end, after)
        cost += prices.all[after] * shift * prices.stretch[machine]
    before = _neighbour(chains, old, chains.place[op] - 1)
    free = _free_after(chains, before)
    if machine == old:
        free += int(shift)
    more, end = _mover_cost(tables, chains, prices, other, back, before, free)
    after = _neighbour(chains, old, chains.place[op] + 1)
    if after >= 0:
        shift = _closing_shift(tables, chains, prices, old, other, end, after)
        cost += prices.all[after] * shift * prices.stretch[old]
    return cost + more

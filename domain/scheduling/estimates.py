"""What a move would bring, from the prices of the plan before it.

Only an estimate: whether a move pays is always settled exactly.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from domain.scheduling.chains import Chains
from domain.scheduling.compiled import lean
from domain.scheduling.decode import earliest_work
from domain.scheduling.prices import ALL, OWN, Prices, price_of_shift
from domain.scheduling.problem import Tables, setup_between
from domain.scheduling.worktime import work_before


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
    shift = float(start - _start_work(tables, chains, op))
    if shift < 0 and not prices.by_machine[op]:
        return 0.0
    return max(shift, -prices.slack[op] / prices.stretch[machine])


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
        cost += price_of_shift(prices, op, OWN, shift * prices.stretch[machine])
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
    return price_of_shift(prices, op, OWN, late), end


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
        cost += price_of_shift(prices, after, ALL, max(0.0, shift) * prices.stretch[machine])
    behind, ahead = _neighbour(chains, old, here + 1), _neighbour(chains, old, here - 1)
    if behind >= 0 and prices.by_machine[behind]:
        free = _free_after(chains, ahead)
        shift = _closing_shift(tables, chains, prices, old, ahead, free, behind)
        cost += price_of_shift(prices, behind, ALL, shift * prices.stretch[old])
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
    cost += more
    if after >= 0:
        shift = _closing_shift(tables, chains, prices, machine, last, free, after)
        cost += price_of_shift(prices, after, ALL, shift * stretch)
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
        cost += price_of_shift(prices, after, ALL, shift * prices.stretch[machine])
    before = _neighbour(chains, old, chains.place[op] - 1)
    free = _free_after(chains, before)
    if machine == old:
        free += int(shift)
    more, end = _mover_cost(tables, chains, prices, other, back, before, free)
    after = _neighbour(chains, old, chains.place[op] + 1)
    if after >= 0:
        shift = _closing_shift(tables, chains, prices, old, other, end, after)
        cost += price_of_shift(prices, after, ALL, shift * prices.stretch[old])
    return cost + more

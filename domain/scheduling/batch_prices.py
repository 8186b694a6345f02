"""What a move to, from or on a machine that runs several operations together would bring.

Beside `prices`, whose estimates take for granted that operations follow one another there.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from domain.scheduling.batches import is_one_family
from domain.scheduling.chains import Chains, joins_before
from domain.scheduling.compiled import lean
from domain.scheduling.decode import earliest_work
from domain.scheduling.prices import Prices
from domain.scheduling.problem import Tables, setup_between
from domain.scheduling.worktime import work_before


@lean
def at_place(tables: Tables, chains: Chains, op: int, machine: int, place: int) -> int:
    """Who is at a place of a machine, counted without an operation; -1: nobody."""
    alt = chains.alternative[op]
    if alt >= 0 and tables.alt_machine[alt] == machine and place >= chains.place[op]:
        place += 1
    if place < 0 or place >= chains.size[machine]:
        return -1
    return chains.sequence[chains.first[machine] + place]


@lean
def begun_by(
    tables: Tables, chains: Chains, op: int, alt: int, before: int
) -> tuple[int, int, bool]:
    """Start and end in working minutes behind another operation, and whether both run together."""
    ready = earliest_work(tables, op, alt, chains.alternative, chains.run_start, chains.end)
    if joins_before(tables, chains, op, alt, before, ready):
        run = tables.alt_run[chains.alternative[chains.head[before]]]
        return chains.work_end[before] - run, chains.work_end[before], True
    leader = chains.head[before] if before >= 0 else -1
    free = chains.work_end[before] if before >= 0 else 0
    start = max(ready, free + setup_between(tables, tables.alt_machine[alt], leader, op))
    return start, start + tables.alt_run[alt], False


@lean
def gain_of_leaving(tables: Tables, chains: Chains, prices: Prices, op: int) -> float:
    """What the machine wins without an operation that it runs alone; nothing if others stay."""
    machine = tables.alt_machine[chains.alternative[op]]
    last = chains.place[op] + 1
    if chains.head[op] != op or last >= chains.size[machine]:
        return 0.0
    behind = chains.sequence[chains.first[machine] + last]
    if chains.head[behind] == op or not prices.by_machine[behind]:
        return 0.0
    spared = chains.setup[op] + tables.alt_run[chains.alternative[op]]
    return prices.all[behind] * spared * prices.stretch[machine]


@lean
def estimate_shared(
    tables: Tables, chains: Chains, prices: Prices, op: int, alt: int, place: int
) -> float:
    """Estimated change of weighted lateness if `op` goes to `place` (counted without it)."""
    machine = tables.alt_machine[alt]
    before = at_place(tables, chains, op, machine, place - 1)
    start, end, is_joining = begun_by(tables, chains, op, alt, before)
    done = work_before(tables.worktime, tables.machine_calendar[machine], chains.end[op])
    cost = prices.own[op] * (end - done) * prices.stretch[machine]
    cost -= gain_of_leaving(tables, chains, prices, op)
    after = at_place(tables, chains, op, machine, place)
    if is_joining or after < 0:
        return cost
    # Whoever comes after it waits for it, or goes with it.
    own = chains.alternative[after]
    begun = chains.work_end[after] - tables.alt_run[chains.alternative[chains.head[after]]]
    ready = earliest_work(tables, after, own, chains.alternative, chains.run_start, chains.end)
    if can_lead(tables, op, alt, after, own) and ready <= start:
        shift = float(start - begun)
        return cost + prices.own[after] * shift * prices.stretch[machine]
    shift = end + setup_between(tables, machine, op, after) - begun
    return cost + prices.all[after] * max(0, shift) * prices.stretch[machine]


@lean
def can_lead(tables: Tables, op: int, alt: int, after: int, own: int) -> bool:
    """Whether two operations fit into one run that the first one leads."""
    capacity = tables.machine_capacity[tables.alt_machine[alt]]
    if capacity == 0 or tables.alt_load[alt] + tables.alt_load[own] > capacity:
        return False
    return is_one_family(tables, op, after) and tables.alt_run[own] <= tables.alt_run[alt]


@lean
def is_about_batches(tables: Tables, chains: Chains, op: int, alt: int) -> bool:
    """Whether an operation leaves, enters or stays on a machine that runs several together."""
    old = tables.alt_machine[chains.alternative[op]]
    capacity = tables.machine_capacity
    return capacity[old] > 0 or capacity[tables.alt_machine[alt]] > 0

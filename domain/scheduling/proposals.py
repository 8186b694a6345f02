"""Which operation to move, and where it could go: random, but where it may pay."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from domain.scheduling.chains import VALUE, Chains, before_on_machine, is_moved
from domain.scheduling.compiled import U64, lean
from domain.scheduling.decode import ready_minute
from domain.scheduling.moves import place_by_time
from domain.scheduling.prices import Prices
from domain.scheduling.problem import Tables
from domain.scheduling.random_numbers import draw, uniform

_REACH = 12

_FAMILY_SHARE = 0.7
"""How often an exchange looks for an operation of the same family first, which saves setups."""


@lean
def _late_line(tables: Tables, chains: Chains, random: U64) -> int:
    """A random late order line, or -1 if all are on time."""
    lines = tables.line_due.size
    if chains.totals[VALUE] == 0 or lines == 0:
        return -1
    for _ in range(6):
        line = draw(random, lines)
        if chains.line_cost[line] > 0:
            return line
    first = draw(random, lines)
    for step in range(lines):
        line = (first + step) % lines
        if chains.line_cost[line] > 0:
            return line
    return -1


@lean
def _last_of_line(tables: Tables, chains: Chains, line: int) -> int:
    """The operation that ends last of those that finish a line, or -1."""
    last = -1
    for at in range(tables.line_first[line], tables.line_first[line + 1]):
        op = tables.line_op[at]
        if last < 0 or chains.end[op] > chains.end[last]:
            last = op
    return last


@lean
def _waiting_op(prices: Prices, random: U64, last: int, patience: float) -> int:
    """An operation on the critical chain to `last` that waits for its machine, or -1."""
    op, found = last, -1
    for _ in range(200):
        if prices.by_machine[op]:
            found = op
            if uniform(random) < patience:
                return op
        op = prices.holder[op]
        if op < 0:
            return found
    return found


@lean
def ready_now(tables: Tables, chains: Chains, op: int) -> int:
    """Minute from which an operation could run on its machine."""
    return ready_minute(
        tables, op, chains.alternative[op], chains.alternative, chains.run_start, chains.end
    )


@lean
def _earlier_place(chains: Chains, random: U64, op: int) -> int:
    """A place some steps before the present one; near ones more often."""
    step = 1
    while step < 24 and uniform(random) < 0.55:
        step += 1
    return max(0, chains.place[op] - step)


@lean
def _family_place(
    tables: Tables, chains: Chains, random: U64, op: int, machine: int, near: int
) -> int:
    """A place next to an operation of the same family around `near`, or -1."""
    base, size = chains.first[machine], chains.size[machine]
    low, high = max(0, near - _REACH), min(size, near + _REACH)
    if high <= low:
        return -1
    first = draw(random, high - low)
    for step in range(high - low):
        place = low + (first + step) % (high - low)
        other = chains.sequence[base + place]
        if other != op and tables.family[other] == tables.family[op]:
            is_own = tables.alt_machine[chains.alternative[op]] == machine
            shift = 1 if is_own and place > chains.place[op] else 0
            return place - shift + draw(random, 2)
    return -1


@lean
def _other_machine(tables: Tables, chains: Chains, random: U64, op: int) -> int:
    """A random other alternative of an operation, or -1."""
    first, stop = tables.alt_first[op], tables.alt_first[op + 1]
    if stop - first < 2:
        return -1
    alt = first + draw(random, stop - first - 1)
    return alt + 1 if alt >= chains.alternative[op] else alt


@lean
def propose(tables: Tables, chains: Chains, random: U64, op: int) -> tuple[int, int, int]:
    """Where an operation that waits could go: (operation, alternative, place), -1 for nowhere."""
    kind = uniform(random)
    alt = chains.alternative[op]
    machine = tables.alt_machine[alt]
    if kind < 0.40:
        return op, alt, _earlier_place(chains, random, op)
    if kind < 0.55:
        return op, alt, _family_place(tables, chains, random, op, machine, chains.place[op])
    mover = op
    if kind > 0.80:
        before = before_on_machine(tables, chains, op)
        if before >= 0:
            mover = before
            if kind > 0.90:
                return mover, chains.alternative[mover], chains.place[mover] + 1 + draw(random, 4)
    other = _other_machine(tables, chains, random, mover)
    if other < 0:
        return op, alt, _earlier_place(chains, random, op)
    target = tables.alt_machine[other]
    near = place_by_time(chains, target, ready_now(tables, chains, mover))
    if uniform(random) < 0.4:
        place = _family_place(tables, chains, random, mover, target, near)
        if place >= 0:
            return mover, other, place
    return mover, other, near + draw(random, 4) - 1


@lean
def pick(tables: Tables, chains: Chains, prices: Prices, random: U64, late_share: float) -> int:
    """An operation worth moving: one that a late line waits for mostly, else one with a price."""
    line = _late_line(tables, chains, random)
    if line >= 0 and uniform(random) < late_share:
        last = _last_of_line(tables, chains, line)
        if last >= 0:
            return _waiting_op(prices, random, last, 0.3 if uniform(random) < 0.5 else 0.06)
        return -1
    op = draw(random, chains.place.size)
    alt = chains.alternative[op]
    if alt >= 0 and (chains.setup[op] > 0 or chains.dislike[alt] > 0 or is_moved(chains, op)):
        return op
    return -1


@lean
def partner(tables: Tables, chains: Chains, random: U64, op: int, ready: int, machine: int) -> int:
    """An operation of a machine that ends after `op` is ready and begins before it does, or -1."""
    low = max(0, place_by_time(chains, machine, ready) - 1)
    high = place_by_time(chains, machine, chains.run_start[op])
    if high <= low:
        return -1
    share = uniform(random)
    latest = high - 1 - int(share * share * (high - low))
    wants_family, found = uniform(random) < _FAMILY_SHARE, -1
    for place in range(latest, max(low - 1, latest - _REACH - 1), -1):
        other = chains.sequence[chains.first[machine] + place]
        # What ends before the operation is ready may be what it waits for.
        if other == op or chains.end[other] <= ready or tables.pin[other] >= 0:
            continue
        if not wants_family or tables.family[other] == tables.family[op]:
            return other
        if found < 0:
            found = other
    return found


@lean
def alternative_on(tables: Tables, op: int, machine: int) -> int:
    """The alternative by which an operation runs on a machine, or -1."""
    for alt in range(tables.alt_first[op], tables.alt_first[op + 1]):
        if tables.alt_machine[alt] == machine:
            return alt
    return -1

"""Where operations could go on machines that run several together: to others of their family."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from domain.scheduling.batches import is_one_family
from domain.scheduling.chains import Chains
from domain.scheduling.compiled import U64, lean
from domain.scheduling.decode import ready_minute
from domain.scheduling.moves import place_by_time
from domain.scheduling.problem import Tables
from domain.scheduling.random_numbers import draw, uniform

_REACH = 48
"""Places around the present one in which others of the family are looked for."""

_LEADS = 0.35
"""How often an operation goes before a batch, to lead it, instead of into it."""

_STAYS = 0.6
"""How often it stays on its machine."""


@lean
def propose_company(tables: Tables, chains: Chains, random: U64, op: int) -> tuple[int, int, int]:
    """A place in or before another batch of the family: (operation, alternative, place or -1)."""
    alt = chains.alternative[op]
    if uniform(random) >= _STAYS:
        alt = tables.alt_first[op] + draw(random, tables.alt_first[op + 1] - tables.alt_first[op])
    machine = tables.alt_machine[alt]
    if tables.machine_capacity[machine] == 0:
        return op, alt, -1
    near = chains.place[op]
    if alt != chains.alternative[op]:
        ready = ready_minute(tables, op, alt, chains.alternative, chains.run_start, chains.end)
        near = place_by_time(chains, machine, ready)
    other = _other_of_family(tables, chains, random, op, machine, near)
    if other < 0:
        return op, alt, -1
    if uniform(random) < _LEADS:
        return op, alt, _counted_without(tables, chains, op, machine, chains.head[other])
    return op, alt, _counted_without(tables, chains, op, machine, other) + 1


@lean
def _other_of_family(
    tables: Tables, chains: Chains, random: U64, op: int, machine: int, near: int
) -> int:
    """A random one near a place that could run together with an operation but does not, or -1."""
    base = chains.first[machine]
    low, high = max(0, near - _REACH), min(chains.size[machine], near + _REACH)
    if high <= low:
        return -1
    first = draw(random, high - low)
    for step in range(high - low):
        other = chains.sequence[base + low + (first + step) % (high - low)]
        if is_one_family(tables, op, other) and chains.head[other] != chains.head[op]:
            return other
    return -1


@lean
def _counted_without(tables: Tables, chains: Chains, op: int, machine: int, other: int) -> int:
    """Place of another operation on a machine from which the first one is taken away."""
    place = chains.place[other]
    is_here = tables.alt_machine[chains.alternative[op]] == machine
    return place - 1 if is_here and chains.place[op] < place else place

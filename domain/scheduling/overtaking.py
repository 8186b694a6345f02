"""Who comes later than before lets those go first that wait behind a gap.

A sequence is rigid: when a move delays one operation, everything behind it on its machine waits,
even what could run at once, and so on from machine to machine. Letting the next one pass keeps the
harm of a move where the move is.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from domain.scheduling.chains import Chains, before_on_machine, queue_op
from domain.scheduling.compiled import F64, lean
from domain.scheduling.decode import earliest_work
from domain.scheduling.problem import Tables, setup_between

_LEAST_PRICE = 0.5
"""What a minute's delay of any operation costs: among those without a price, minutes decide."""


@lean
def _ready_work(tables: Tables, chains: Chains, op: int) -> int:
    alt = chains.alternative[op]
    return earliest_work(tables, op, alt, chains.alternative, chains.run_start, chains.end)


@lean
def is_overtaken(tables: Tables, chains: Chains, own_price: F64, op: int, ready: int) -> bool:
    """Whether an operation that comes later now had better let the next one on its machine pass.

    `ready` is its `earliest_work`: few come later by that, and all others are told apart first.
    """
    alt = chains.alternative[op]
    if alt < 0 or ready + tables.alt_run[alt] <= chains.work_end[op]:
        return False
    if tables.pin[op] >= 0 or chains.early_leave[op]:
        return False
    machine = tables.alt_machine[alt]
    at = chains.first[machine] + chains.place[op] + 1
    if at >= chains.first[machine] + chains.size[machine]:
        return False
    before, after = before_on_machine(tables, chains, op), chains.sequence[at]
    free = chains.work_end[before] if before >= 0 else 0
    has_gap = ready > free + setup_between(tables, machine, before, op)
    if not has_gap or tables.pin[after] >= 0:
        return False
    now = _ready_work(tables, chains, after)
    begin = max(now, free + setup_between(tables, machine, before, after))
    # Ready before the other one's end as it was: so nothing leads from the one to the other.
    if now >= chains.work_end[op] or begin >= ready:
        return False
    spared = ready + tables.alt_run[alt] + setup_between(tables, machine, op, after) - begin
    end = begin + tables.alt_run[chains.alternative[after]]
    lost = max(0, end + setup_between(tables, machine, after, op) - ready)
    return (own_price[after] + _LEAST_PRICE) * spared > (own_price[op] + _LEAST_PRICE) * lost


@lean
def swap_with_next(tables: Tables, chains: Chains, op: int) -> None:
    """Let the next one on its machine go before an operation."""
    at = chains.first[tables.alt_machine[chains.alternative[op]]] + chains.place[op]
    after = chains.sequence[at + 1]
    chains.sequence[at], chains.sequence[at + 1] = after, op
    chains.place[after] -= 1
    chains.place[op] += 1


@lean
def let_pass(tables: Tables, chains: Chains, op: int) -> None:
    """The same in an unfinished move; both and who follows them are timed anew."""
    machine = tables.alt_machine[chains.alternative[op]]
    at = chains.first[machine] + chains.place[op]
    after = chains.sequence[at + 1]
    swap_with_next(tables, chains, op)
    chains.log_swap[chains.log_size[3]] = after
    chains.log_size[3] += 1
    if chains.place[op] + 1 < chains.size[machine]:
        following = chains.sequence[at + 2]
        queue_op(chains, chains.run_start[following], following)
    early, late = chains.run_start[op], chains.run_start[after]
    queue_op(chains, early, after)
    queue_op(chains, max(early, late), op)


@lean
def undo_passing(tables: Tables, chains: Chains) -> None:
    """Take back all overtaking of the unfinished move."""
    for at in range(chains.log_size[3] - 1, -1, -1):
        swap_with_next(tables, chains, chains.log_swap[at])

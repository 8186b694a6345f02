"""What a shift of each operation costs or brings, to estimate moves by.

The prices come from the tree of binding predecessors: each operation hands the weight of the late
order lines behind it to whatever holds it. A shift to the left brings that much a minute, but only
as far as nothing else holds what follows; a shift to the right costs it, and beyond the gaps behind
it also what then begins to wait.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from typing import NamedTuple

import numpy as np

from domain.scheduling.chains import Chains, before_on_machine, order_by_time
from domain.scheduling.compiled import F64, I32, lean
from domain.scheduling.decode import earliest_work
from domain.scheduling.problem import Problem, Tables
from domain.scheduling.worktime import work_before

ALL, OWN = 0, 4
"""Where in `Prices.effect` the effects through everything an operation holds begin, and those
without what follows it on its machine."""

_GAIN, _ROOM, _RISK, _SPARE = 0, 1, 2, 3
"""Weight of the late lines behind an operation, and by how much it may start earlier until that
helps no more; the weight that begins to count when it starts more than so much later."""

_USUAL_SHIFT = 300.0
"""Of several things that a delay may reach, what costs most at about so many minutes counts."""


class Prices(NamedTuple):
    """Weighted minutes a minute's delay of each operation costs."""

    all: F64
    """Through everything the operation holds, lines that are nearly late included."""
    own: F64
    """The same without what follows it on its machine."""
    effect: F64
    """What a shift costs by the minute: see `ALL` and `_GAIN`."""
    holder: I32
    """The operation that holds this one, -1: none."""
    by_machine: I32
    """1: the holder is the one before on the machine."""
    slack: F64
    """Minutes by which an operation could start earlier if its holder let it."""
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
        np.zeros((count, 8)),
        np.full(count, -1, np.int32),
        np.zeros(count, np.int32),
        np.zeros(count),
        np.array(stretch, np.float64),
        np.zeros(count, np.int32),
        np.zeros(count, np.int32),
    )


@lean
def price_of_shift(prices: Prices, op: int, kind: int, shift: float) -> float:
    """What it costs if an operation starts `shift` minutes later; `kind` is `ALL` or `OWN`."""
    row = prices.effect[op]
    if shift <= 0:
        return row[kind + _GAIN] * max(shift, -row[kind + _ROOM])
    late = row[kind + _GAIN] * shift
    return late + row[kind + _RISK] * max(0.0, shift - row[kind + _SPARE])


@lean
def _add_gain(prices: Prices, op: int, kind: int, weight: float, room: float) -> None:
    row = prices.effect[op]
    total = row[kind + _GAIN] + weight
    if weight > 0:
        row[kind + _ROOM] += (room - row[kind + _ROOM]) * weight / total
        row[kind + _GAIN] = total


@lean
def _add_risk(prices: Prices, op: int, kind: int, weight: float, spare: float) -> None:
    row = prices.effect[op]
    known = row[kind + _RISK] * (spare + _USUAL_SHIFT)
    if weight * (row[kind + _SPARE] + _USUAL_SHIFT) > known:
        row[kind + _RISK], row[kind + _SPARE] = weight, spare


@lean
def _latest(tables: Tables, chains: Chains, op: int) -> tuple[int, int, int]:
    """The predecessor that comes last, -1 if that is material; when, and the next to last."""
    held, latest, second = -1, max(tables.release[op], tables.opening[op]), 0
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        before = tables.edge_from[edge]
        reached = chains.end[before] + tables.edge_wait[edge]
        if reached > latest:
            held, latest, second = before, reached, latest
        else:
            second = max(second, reached)
    return held, latest, second


@lean
def _find_holder(tables: Tables, chains: Chains, prices: Prices, op: int) -> None:
    held, latest, second = _latest(tables, chains, op)
    prices.holder[op] = held
    prices.by_machine[op] = 0
    prices.slack[op] = latest - second if held >= 0 else 0
    if chains.head[op] != op:
        prices.holder[op] = chains.head[op]
        prices.by_machine[op] = 1
        prices.slack[op] = 0
        return
    before = before_on_machine(tables, chains, op)
    if before < 0:
        return
    before = chains.head[before]
    gap = _gap_behind(tables, chains, prices, op, before)
    if gap <= 0:
        prices.holder[op] = before
        prices.by_machine[op] = 1
        prices.slack[op] = -gap
    else:
        prices.slack[op] = min(prices.slack[op], gap)


@lean
def _gap_behind(tables: Tables, chains: Chains, prices: Prices, op: int, before: int) -> float:
    """Minutes that an operation is ready after its machine is."""
    alt = chains.alternative[op]
    ready = earliest_work(tables, op, alt, chains.alternative, chains.run_start, chains.end)
    free = chains.work_end[before] + chains.setup[op]
    return (ready - free) * prices.stretch[tables.alt_machine[alt]]


@lean
def renew(tables: Tables, chains: Chains, prices: Prices, softness: float) -> None:
    """Take the prices of the present plan; lines count in full from `softness` minutes late on."""
    count = order_by_time(tables, chains, prices.missing, prices.order)
    prices.effect[:] = 0.0
    for op in range(count):
        prices.all[op] = 0.0
        prices.own[op] = 0.0
        _find_holder(tables, chains, prices, op)
    for line in range(tables.line_due.size):
        _price_line(tables, chains, prices, softness, line)
    for at in range(count - 1, -1, -1):
        op = prices.order[at]
        holder = prices.holder[op]
        if holder >= 0:
            prices.all[holder] += prices.all[op]
            if not prices.by_machine[op]:
                prices.own[holder] += prices.all[op]
        _hand_on(tables, chains, prices, op)


@lean
def _price_line(tables: Tables, chains: Chains, prices: Prices, softness: float, line: int) -> None:
    """Give an order line's weight to the operations that finish it."""
    last, second = -1, tables.line_floor[line]
    weight, due = tables.line_weight[line], tables.line_due[line]
    for at in range(tables.line_first[line], tables.line_first[line + 1]):
        op = tables.line_op[at]
        if last < 0 or chains.end[op] > chains.end[last]:
            second = max(second, chains.end[last]) if last >= 0 else second
            last = op
        else:
            second = max(second, chains.end[op])
    if last < 0:
        return
    end = max(chains.end[last], tables.line_floor[line])
    for at in range(tables.line_first[line], tables.line_first[line + 1]):
        op = tables.line_op[at]
        if op != last or end <= due:
            spare = float(max(end, due) - chains.end[op])
            _add_risk(prices, op, ALL, weight, spare)
            _add_risk(prices, op, OWN, weight, spare)
    if chains.end[last] < end:
        return
    share = min(1.0, max(0.0, (end - due + softness) / (2.0 * softness)))
    prices.all[last] += weight * share
    prices.own[last] += weight * share
    if end > due:
        room = float(min(end - due, end - second))
        _add_gain(prices, last, ALL, weight, room)
        _add_gain(prices, last, OWN, weight, room)


@lean
def _hand_on(tables: Tables, chains: Chains, prices: Prices, op: int) -> None:
    """What a shift of an operation costs is part of what one of those before it costs."""
    holder = prices.holder[op]
    before = before_on_machine(tables, chains, op)
    if before >= 0:
        gap = 0.0
        if not prices.by_machine[op]:
            gap = _gap_behind(tables, chains, prices, op, before)
        _hand_to(prices, before, ALL, op, before == holder, gap)
    for edge in range(tables.edge_first[op], tables.edge_first[op + 1]):
        origin = tables.edge_from[edge]
        is_held = origin == holder and not prices.by_machine[op]
        gap = float(chains.run_start[op] - chains.end[origin] - tables.edge_wait[edge])
        _hand_to(prices, origin, ALL, op, is_held, gap)
        _hand_to(prices, origin, OWN, op, is_held, gap)


@lean
def _hand_to(prices: Prices, before: int, kind: int, op: int, is_held: bool, gap: float) -> None:
    row = prices.effect[op]
    if is_held:
        gap = 0.0
        room = min(prices.slack[op], row[ALL + _ROOM])
        _add_gain(prices, before, kind, row[ALL + _GAIN], room)
    else:
        gap = max(0.0, gap)
        _add_risk(prices, before, kind, row[ALL + _GAIN], gap)
    _add_risk(prices, before, kind, row[ALL + _RISK], gap + row[ALL + _SPARE])

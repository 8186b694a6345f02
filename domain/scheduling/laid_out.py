"""Where the operations of a whole problem belong, and which of them given choices want."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from domain.items import Item
from domain.plan import Plan
from domain.production import DemandKind, Peg, PlannedOrder, WorkOrder, WorkStatus
from domain.routings import MAIN
from domain.scheduling.compiled import I32
from domain.scheduling.problem import NONE, Problem
from domain.scheduling.restrict import Mask, owners_of
from domain.scheduling.ways import Variants
from domain.variants import buying_cost

BUY = "\0buy"
"""Name of the way that makes nothing; no routing can be called so."""

Modes = tuple[int, ...]


@dataclass(frozen=True)
class Choice:
    """One thing to choose: the way of a work order, or the parts of one of its operations.

    Attributes:
        order_id: The work order.
        options: The ways (names of routings, or ``BUY``), or numbers of parts; the first is usual.
        routing: Of parts: the routing whose operation it is.
        number: Of parts: that operation's number; None: it is the way that is chosen.
    """

    order_id: UUID
    options: tuple[str | int, ...]
    routing: str = MAIN
    number: int | None = None


@dataclass(frozen=True)
class _Supply:
    """Who needs what an owner makes, and from when on it is there if it is bought."""

    users: tuple[int, ...]
    is_wanted: bool
    """Whether somebody wants it whatever is chosen."""
    way: int
    buy_mode: int
    """The mode of its way in which it is bought, -1: never."""
    lead: int
    cost: int
    takers: I32
    lines: I32


def choices_in(whole: Problem, variants: Variants) -> list[Choice]:
    """What there is to choose, of the work orders that are in the problem."""
    ways: dict[UUID, list[str | int]] = {}
    parts: dict[tuple[UUID, str, int], set[int]] = {}
    for operation_id in whole.operation_ids:
        form = variants.form.get(operation_id) if operation_id else None
        if form is not None:
            names = ways.setdefault(form.order_id, [])
            if form.routing not in names:
                names.append(form.routing)
            parts.setdefault((form.order_id, form.routing, form.number), set()).add(form.parts)
    found: list[Choice] = []
    for order_id in variants.steps:
        names = sorted(str(name) for name in ways.get(order_id, ()))
        lead = variants.lead.get(order_id)
        if names and lead is not None and lead <= whole.tables.worktime.horizon:
            names.append(BUY)
        if len(names) > 1:
            found.append(Choice(order_id, tuple(names)))
    for (order_id, routing, number), counts in parts.items():
        if len(counts) > 1:
            found.append(Choice(order_id, tuple(sorted(counts)), routing, number))
    return found


class LaidOut:
    """The operations of a whole problem by owner and choice."""

    def __init__(
        self, plan: Plan, whole: Problem, variants: Variants, choices: Sequence[Choice]
    ) -> None:
        self.whole = whole
        self.owner_ids = tuple(dict.fromkeys(whole.owner_ids))
        self._numbers = {owner_id: at for at, owner_id in enumerate(self.owner_ids)}
        self.owner = np.array([self._numbers[one] for one in whole.owner_ids], np.int32)
        self.ways = {c.order_id: at for at, c in enumerate(choices) if c.number is None}
        self._place(variants, choices)
        places = {line_id: at for at, line_id in enumerate(whole.line_ids)}
        self._served = [
            {places[p.demand_id] for p in plan.where(Peg, supply_id=one) if p.demand_id in places}
            for one in self.owner_ids
        ]
        self._supplies = [self._supply(plan, variants, choices, one) for one in self.owner_ids]
        self._last = np.zeros(len(self.owner_ids), np.int32)
        np.maximum.at(self._last, self.owner, np.arange(len(self.owner), dtype=np.int32))
        self._top_down = [int(owner) for owner in np.argsort(-self._last, kind="stable")]
        self._buyable = [at for at, one in enumerate(self._supplies) if one.buy_mode >= 0]
        self._all = np.ones(len(self.owner_ids), np.bool_)

    def _place(self, variants: Variants, choices: Sequence[Choice]) -> None:
        """The choice of each operation's way and parts, and the modes that want it."""
        splits = {
            (c.order_id, c.routing, c.number): at
            for at, c in enumerate(choices)
            if c.number is not None
        }
        places = np.full((4, len(self.owner)), NONE, np.int32)
        self.way, self._way_mode, self.split, self._split_mode = places
        for op, operation_id in enumerate(self.whole.operation_ids):
            form = variants.form.get(operation_id) if operation_id else None
            if form is None:
                continue
            way = self.ways.get(form.order_id, NONE)
            if way >= 0:
                self.way[op] = way
                self._way_mode[op] = choices[way].options.index(form.routing)
            split = splits.get((form.order_id, form.routing, form.number), NONE)
            if split >= 0:
                self.split[op] = split
                self._split_mode[op] = choices[split].options.index(form.parts)

    def _supply(
        self, plan: Plan, variants: Variants, choices: Sequence[Choice], owner_id: UUID
    ) -> _Supply:
        tables, me = self.whole.tables, self._numbers[owner_id]
        order = plan.get(WorkOrder, owner_id)
        pegs = plan.where(Peg, supply_id=owner_id)
        final = (DemandKind.ORDER_LINE, DemandKind.SAFETY_STOCK)
        users = {self._numbers.get(p.demand_id, NONE) for p in pegs if p.demand_kind not in final}
        is_wanted = not pegs or NONE in users or any(p.demand_kind in final for p in pegs)
        way = self.ways.get(owner_id, NONE)
        options = choices[way].options if way >= 0 else ()
        if BUY not in options or order is None:
            none = np.zeros(0, np.int32)
            is_wanted |= not _may_go(plan, owner_id)
            return _Supply(tuple(sorted(users)), is_wanted, NONE, NONE, 0, 0, none, none)
        into, line = owners_of(tables.edge_first), owners_of(tables.line_first)
        mine = (self.owner[tables.edge_from] == me) & (self.owner[into] != me)
        return _Supply(
            users=tuple(sorted(users)),
            is_wanted=is_wanted,
            way=way,
            buy_mode=options.index(BUY),
            lead=variants.lead[owner_id],
            cost=buying_cost(plan.need(Item, order.item_id), order.good_quantity),
            takers=np.unique(into[mine]),
            lines=np.unique(line[self.owner[tables.line_op] == me]),
        )

    def modes_for(self, op: int) -> list[tuple[int, int]]:
        """The choices that an operation depends on, each with the mode that wants it."""
        pairs = (self.way[op], self._way_mode[op]), (self.split[op], self._split_mode[op])
        return [(int(choice), int(mode)) for choice, mode in pairs if choice >= 0]

    def split_modes(self) -> I32:
        """The mode of its parts' choice in which each operation is there."""
        return self._split_mode

    def is_bought(self, owner: int, modes: Modes) -> bool:
        """Whether what an owner makes is bought instead, if it is needed."""
        supply = self._supplies[owner]
        return supply.way >= 0 and modes[supply.way] == supply.buy_mode

    def needed(self, modes: Modes) -> Mask:
        """Whose supply anybody needs, made or bought."""
        if not any(self.is_bought(owner, modes) for owner in self._buyable):
            return self._all
        return self._needed(modes)

    def _needed(self, modes: Modes) -> Mask:
        found = np.zeros(len(self._supplies), np.bool_)
        for owner in self._top_down:
            supply = self._supplies[owner]
            found[owner] = supply.is_wanted or any(
                found[user] and not self.is_bought(user, modes) for user in supply.users
            )
        return found

    def kept(self, modes: Modes) -> Mask:
        """The operations that these modes want."""
        return self.needed(modes)[self.owner] & self._fits(modes)

    def wanted(self, order_id: UUID, modes: Modes) -> list[UUID]:
        """The operations of a work order under these modes, if it is made."""
        owner = self._numbers.get(order_id, NONE)
        ops = np.flatnonzero((self.owner == owner) & self._fits(modes))
        found = (self.whole.operation_ids[op] for op in ops)
        return [operation_id for operation_id in found if operation_id is not None]

    def _fits(self, modes: Modes) -> Mask:
        # Whatever depends on no choice looks at a last mode that it always has.
        chosen = np.array((*modes, NONE), np.int32)
        is_way = chosen[self.way] == self._way_mode
        return is_way & (chosen[self.split] == self._split_mode)

    def bought(self, modes: Modes) -> Iterable[_Supply]:
        """What is bought instead of made."""
        needed = self.needed(modes)
        for owner in self._buyable:
            if needed[owner] and self.is_bought(owner, modes):
                yield self._supplies[owner]

    def lines_served(self, modes: Modes) -> list[set[int]]:
        """The order lines that each owner's supply is for, itself or through what it goes into."""
        needed = self.needed(modes)
        found: list[set[int]] = [set() for _ in self._supplies]
        for owner in self._top_down:
            found[owner] |= self._served[owner]
            for user in self._supplies[owner].users:
                if user >= 0 and needed[user] and not self.is_bought(user, modes):
                    found[owner] |= found[user]
        return found

    def is_needed(self, owner_id: UUID, modes: Modes) -> bool:
        """Whether anybody needs what an owner makes."""
        return bool(self.needed(modes)[self._numbers[owner_id]])

    def may_be_gone(self) -> Mask:
        """Which owners some choice makes superfluous, or has bought."""
        found = np.zeros(len(self._supplies), np.bool_)
        for owner in self._top_down:
            supply = self._supplies[owner]
            is_needless = not supply.is_wanted and all(found[user] for user in supply.users)
            found[owner] = supply.buy_mode >= 0 or is_needless
        return found


def _may_go(plan: Plan, owner_id: UUID) -> bool:
    """Whether an order is a proposal that goes when nobody needs it."""
    order = plan.get(WorkOrder, owner_id)
    if order is not None:
        return order.status is WorkStatus.PLANNED
    planned = plan.get(PlannedOrder, owner_id)
    return planned is not None and not planned.firm

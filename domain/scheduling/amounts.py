"""How much of what planners want little of a schedule has, from its rows alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from domain.items import Item
from domain.objectives import Goal
from domain.plan import Plan
from domain.production import DemandKind, Peg, PlannedOrder
from domain.resources import Machine
from domain.routings import RoutingMachine, RoutingOperation
from domain.scheduling.check_facts import Facts, Placed
from domain.scheduling.check_overtime import overtime_amount
from domain.scheduling.lateness import LineLateness, setup_of
from domain.variants import buying_cost, is_bought_instead, routing_rank


def plan_amounts(facts: Facts, fates: Iterable[LineLateness]) -> dict[Goal, int]:
    """Every goal's amount but of changes, which take another plan to compare with.

    Overtime is that of the bookings' scenario.

    Args:
        facts: The schedule.
        fates: What it means for the order lines.
    """
    known = list(fates)
    return {
        Goal.LATENESS: sum(fate.weighted_minutes for fate in known),
        Goal.SETUP: setup_of(facts),
        Goal.WORK_IN_PROGRESS: _work_in_progress(facts, known),
        Goal.PREFERENCE: _preference(facts),
        Goal.BUYING: _buying(facts.plan),
        Goal.OVERTIME: overtime_amount(facts.overtime),
    }


def _buying(plan: Plan) -> int:
    bought = [one for one in plan.table(PlannedOrder).values() if is_bought_instead(plan, one)]
    return sum(buying_cost(plan.need(Item, one.item_id), one.quantity) for one in bought)


def _work_in_progress(facts: Facts, fates: Iterable[LineLateness]) -> int:
    leaves = {
        fate.order_line.id: facts.minute(max(fate.due_at, fate.finish_at))
        for fate in fates
        if fate.finish_at is not None
    }
    works: dict[UUID, list[Placed]] = {}
    for placed in facts.placed.values():
        works.setdefault(placed.order.id, []).append(placed)
    known: dict[UUID, frozenset[UUID]] = {}
    total = 0
    for order_id, steps in works.items():
        lines = lines_served(facts.plan, order_id, known) & leaves.keys()
        left = max(*(leaves[line] for line in lines), *(step.end for step in steps), 0)
        total += left - min(step.setup for step in steps)
    return total


def _preference(facts: Facts) -> int:
    ranks: dict[UUID, Mapping[UUID, int]] = {}
    total = 0
    for placed in facts.placed.values():
        if placed.machine is None:
            continue
        routing_id = placed.step.routing_operation_id
        if routing_id not in ranks:
            ranks[routing_id] = machine_ranks(facts.plan, routing_id)
        down = ranks[routing_id].get(placed.machine.id, 0)
        if down:
            total += down * placed.run_minutes(placed.quantity)
    return total


def machine_ranks(plan: Plan, routing_operation_id: UUID) -> dict[UUID, int]:
    """How far down each machine is that may do a routing operation, 0: first choice.

    On an alternate routing all of them are further down by its own place.
    """
    down = routing_rank(plan, routing_operation_id)
    ranks = _ranks_in_routing(plan, routing_operation_id)
    return {machine_id: rank + down for machine_id, rank in ranks.items()}


def _ranks_in_routing(plan: Plan, routing_operation_id: UUID) -> dict[UUID, int]:
    named = plan.where(RoutingMachine, routing_operation_id=routing_operation_id)
    if named:
        named.sort(key=lambda row: row.position)
        return {row.machine_id: at for at, row in enumerate(named)}
    step = plan.get(RoutingOperation, routing_operation_id)
    if step is None or step.work_center_id is None:
        return {}
    machines = plan.where(Machine, work_center_id=step.work_center_id)
    costs = sorted({machine.hourly_cost for machine in machines})
    return {machine.id: costs.index(machine.hourly_cost) for machine in machines}


def lines_served(
    plan: Plan, supply_id: UUID, known: dict[UUID, frozenset[UUID]]
) -> frozenset[UUID]:
    """Ids of the order lines that a supply serves, itself or through what it goes into.

    ``known`` keeps what was found for the next call: O(pegs) for all supplies together.
    """
    if supply_id in known:
        return known[supply_id]
    known[supply_id] = frozenset()  # whoever comes back here went in a circle
    found: set[UUID] = set()
    for peg in plan.where(Peg, supply_id=supply_id):
        if peg.demand_kind is DemandKind.ORDER_LINE:
            found.add(peg.demand_id)
        elif peg.demand_kind is not DemandKind.SAFETY_STOCK:
            found |= lines_served(plan, peg.demand_id, known)
    known[supply_id] = frozenset(found)
    return known[supply_id]

"""The cheapest way to spread work over time, as a flow."""

# pyright: reportArgumentType=false
# OR-Tools' stubs ask for arrays whose shape is a number type; no array is one.

import numpy as np
import numpy.typing as npt
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

I64 = npt.NDArray[np.int64]


def cheapest_flow(supply: I64, capacity: I64, source: I64, sink: I64, cost: I64) -> tuple[int, I64]:
    """Send every source's supply to sinks with room; returns the least cost and each arc's flow.

    Args:
        supply: Units at each source.
        capacity: Units that each sink takes; the sinks must have room for all that reach them.
        source: Source of each arc.
        sink: Sink of each arc.
        cost: Cost of a unit on each arc, not negative.

    Raises:
        RuntimeError: There is no room for all.
    """
    count, end = len(supply), len(supply) + len(capacity)
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        source, count + sink, np.minimum(supply[source], capacity[sink]), cost
    )
    sinks = np.arange(len(capacity), dtype=np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(
        count + sinks, np.full(len(capacity), end), capacity, np.zeros_like(capacity)
    )
    flow.set_nodes_supplies(np.arange(count), supply)
    flow.set_node_supply(end, -int(supply.sum()))
    if flow.solve() != SimpleMinCostFlow.OPTIMAL:
        raise RuntimeError("the sinks have no room for all")
    return flow.optimal_cost(), np.asarray(flow.flows(arcs), dtype=np.int64)

"""Where the arrow keys lead."""

from __future__ import annotations

from enum import Enum, auto

import numpy as np

from widgets.gantt.chart import Chart


class Step(Enum):
    """A direction to go in from a bar."""

    BEFORE = auto()  # on the same lane
    AFTER = auto()
    PREVIOUS = auto()  # in the same work order
    NEXT = auto()
    FIRST = auto()  # of the lane
    LAST = auto()


def step_from(chart: Chart, i: int | None, step: Step) -> int | None:
    """The bar one step from another; the one nearest to now to begin with; None at the end."""
    data = chart.data
    if i is None:
        return int(np.argmin(np.abs(data.setup - data.now))) if len(data) else None
    if step in {Step.PREVIOUS, Step.NEXT}:
        chain = data.operations_of(data.operation(i).work_order_id)
        place = chain.index(i) + (1 if step is Step.NEXT else -1)
        return chain[place] if 0 <= place < len(chain) else None
    homes = chart.lanes_of(i)
    if not homes:
        return None
    bars = homes[0].bars.tolist()
    place = {
        Step.BEFORE: bars.index(i) - 1,
        Step.AFTER: bars.index(i) + 1,
        Step.FIRST: 0,
        Step.LAST: len(bars) - 1,
    }[step]
    return bars[place] if 0 <= place < len(bars) else None

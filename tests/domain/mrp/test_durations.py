"""How long making something takes, as MRP estimates it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.mrp import explode
from tests.builders import (
    NOW,
    TODAY,
    id_maker,
    make_item,
    make_machine,
    make_order_line,
    make_plan,
    make_routing_machine,
    make_routing_operation,
)


def begins_on(capacity: str | None, *smaller: str) -> date | None:
    """The day by which 100 pieces with a load of 10 should have been started; None: no message.

    They are due at the end of today; a run, or without a capacity a piece, takes 240 minutes.
    """
    item = make_item()
    step = make_routing_operation(item, load=Decimal(10), run_minutes=Decimal(240))
    sizes = [*smaller, capacity]
    ovens = [
        make_machine(code=f"OVEN{at}", batch_capacity=None if size is None else Decimal(size))
        for at, size in enumerate(sizes)
    ]
    named = [make_routing_machine(step, oven, position=at) for at, oven in enumerate(ovens)]
    plan = make_plan(item, step, ovens, named, make_order_line(item, 100, due_on=TODAY))
    found = [f for f in explode(plan, NOW, id_maker()).findings if f.code == "release_past_due"]
    return found[0].params["start_on"] if found else None  # type: ignore[return-value]


def test_a_furnace_takes_as_long_as_its_runs():
    # 1000 ÷ 250: 4 runs, 16 h before midnight it is 08:00: just in time.
    assert begins_on("250") is None
    # 1000 ÷ 249: 5 runs, 20 h before midnight it is 04:00 of today.
    assert begins_on("249") == TODAY
    # Piece by piece: 400 h.
    assert begins_on(None) == date(2026, 11, 15)


def test_a_furnace_that_no_piece_fits_into_does_not_count():
    assert begins_on("250", "9.9") is None

"""The sample factories: the size that is promised, and the files that are shipped."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from app.exchange.faults import fault_line
from app.exchange.samples.__main__ import SAMPLES, main
from app.exchange.samples.first_look import first_look
from app.exchange.samples.machining import machining
from domain.calendars import Holiday
from domain.items import BomLine, Item
from domain.mrp import explode
from domain.orders import OrderLine
from domain.plan import Plan
from domain.resources import Changeover, Machine, WorkCenter
from domain.routings import RoutingOperation
from tests.app.exchange.books import counting_ids, read

NOW = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)


def levels(plan: Plan, item: Item) -> int:
    """How many levels of parts lie below an item."""
    below = [plan.need(Item, line.component_id) for line in plan.where(BomLine, parent_id=item.id)]
    return 1 + max(levels(plan, each) for each in below) if below else 0


@pytest.mark.parametrize("name", ["first-look", "machining"])
def test_the_shipped_file_is_the_generators(tmp_path: Path, name: str) -> None:
    main(tmp_path)
    assert (tmp_path / f"{name}.xlsx").read_bytes() == (SAMPLES / f"{name}.xlsx").read_bytes()


@pytest.mark.parametrize(("name", "make"), [("first-look", first_look), ("machining", machining)])
def test_the_file_says_what_the_generator_made(name: str, make: type[Plan]) -> None:
    path = SAMPLES / f"{name}.xlsx"
    reading = read(path, make(), for_plan=True)
    assert [fault_line(fault) for fault in reading.faults] == []
    assert reading.skipped == []
    assert reading.changes.changes == ()
    assert read(path, for_plan=True).faults == []


def test_first_look_is_a_small_shop() -> None:
    plan = first_look()
    assert len(plan.table(OrderLine)) == 40
    assert len(plan.table(Machine)) == 12
    assert max(levels(plan, item) for item in plan.table(Item).values()) == 3


def test_machining_is_a_real_factory() -> None:
    plan = machining()
    assert len(plan.table(Machine)) == 40
    assert len(plan.table(WorkCenter)) == 9
    assert 290 <= len(plan.table(OrderLine)) <= 310
    dues = [line.due_on for line in plan.table(OrderLine).values()]
    assert (max(dues) - date(2026, 12, 1)).days == 42
    closed = {row.day_on for row in plan.table(Holiday).values() if row.start_minute is None}
    assert len(closed) == 7
    assert plan.table(Changeover)
    operations = plan.table(RoutingOperation).values()
    assert any(each.skill for each in operations)
    assert any(each.subcontract_days for each in operations)
    explosion = explode(plan, NOW, counting_ids())
    assert 1900 <= len(explosion.operations) <= 2100


def test_ids_come_from_the_seed() -> None:
    def ids(plan: Plan) -> set[UUID]:
        return {row.id for row in plan.rows()}

    assert ids(machining()) == ids(machining())

"""Travellers: what is printed can be read, by people and by scanners."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp

from app.exchange.travellers import write_travellers
from domain.orders import OrderLine
from domain.plan import Plan
from domain.production import DemandKind, Operation, Peg, SupplyKind, WorkOrder
from domain.scenarios import Booking
from tests.builders import NOW, PLANT_ID, make_item, make_machine, make_plant, minutes
from widgets.text import set_language

SHANGHAI = ZoneInfo("Asia/Shanghai")


def make_factory(operations: int) -> tuple[Plan, WorkOrder, list[Booking]]:
    item = make_item(code="GS-2040", name="齿轮轴", specification="Ø40×180 模数2.5")
    steel = make_item(code="RM-45", name="圆钢 20CrMnTi", unit="kg")
    machine = make_machine(code="CNC-01", name="数控车床")
    line = OrderLine(
        id=uuid4(), plant_id=PLANT_ID, order_number="SO-118", line="10", item_id=item.id,
        quantity=Decimal(120), unit="pcs", due_on=date(2026, 12, 10),
    )  # fmt: skip
    order = WorkOrder(
        id=uuid4(), plant_id=PLANT_ID, number="WO-000123", item_id=item.id,
        quantity=Decimal(126), good_quantity=Decimal(120),
    )  # fmt: skip
    steps = [
        Operation(
            id=uuid4(), plant_id=PLANT_ID, work_order_id=order.id, routing_operation_id=uuid4(),
            number=10 * step, name="粗车", run_minutes=Decimal("4.5"), inspection=step == 2,
        )
        for step in range(1, operations + 1)
    ]  # fmt: skip
    pegs = [
        Peg(
            id=uuid4(), plant_id=PLANT_ID, item_id=item.id, supply_kind=SupplyKind.WORK_ORDER,
            supply_id=order.id, demand_kind=DemandKind.ORDER_LINE, demand_id=line.id,
            quantity=Decimal(120),
        ),
        Peg(
            id=uuid4(), plant_id=PLANT_ID, item_id=steel.id, supply_kind=SupplyKind.STOCK,
            supply_id=uuid4(), demand_kind=DemandKind.WORK_ORDER, demand_id=order.id,
            operation_id=steps[0].id, quantity=Decimal("389.340278"),
        ),
    ]  # fmt: skip
    bookings = [
        Booking(
            id=uuid4(), plant_id=PLANT_ID, scenario_id=uuid4(), operation_id=step.id,
            machine_id=machine.id, setup_start_at=NOW, run_start_at=NOW + minutes(30),
            end_at=NOW + minutes(90),
        )
        for step in steps
    ]  # fmt: skip
    rows = [make_plant(), item, steel, machine, line, order, *steps, *pegs]
    return Plan(rows), order, bookings


def read_page(document: pypdfium2.PdfDocument, page: int) -> tuple[str, set[str]]:
    """The text of a page, and what a scanner reads off it at 300 dpi."""
    picture = document[page].render(scale=300 / 72).to_pil()
    codes = {code.text for code in zxingcpp.read_barcodes(picture)}
    return document[page].get_textpage().get_text_bounded(), codes


def test_every_barcode_reads_back_and_chinese_is_text(tmp_path: Path) -> None:
    plan, order, bookings = make_factory(operations=5)
    set_language("zh")
    assert write_travellers(tmp_path / "w.pdf", plan, [order], bookings, SHANGHAI) == 1
    with pypdfium2.PdfDocument(tmp_path / "w.pdf") as document:
        text, codes = read_page(document, 0)
    assert codes == {"WO-000123", *(f"WO-000123-{number}" for number in (10, 20, 30, 40, 50))}
    assert "389.340" not in text
    for shown in ("齿轮轴", "圆钢 20CrMnTi", "389.34", "SO-118/10", "CNC-01", "12-01 08:00"):
        assert shown in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_long_work_orders_go_over_pages_that_name_them(tmp_path: Path, language: str) -> None:
    plan, order, bookings = make_factory(operations=40)
    set_language("en" if language == "en" else "zh")
    write_travellers(tmp_path / "w.pdf", plan, [order], bookings, SHANGHAI)
    found: set[str] = set()
    with pypdfium2.PdfDocument(tmp_path / "w.pdf") as document:
        assert len(document) >= 3
        for page in range(len(document)):
            text, codes = read_page(document, page)
            assert "WO-000123" in text
            found |= codes
    assert found == {"WO-000123", *(f"WO-000123-{10 * step}" for step in range(1, 41))}
    set_language("zh")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    plan, order, bookings = make_factory(operations=1)
    path = tmp_path / "w.pdf"
    path.write_bytes(b"old")
    broken = WorkOrder(**{**_fields(order), "item_id": uuid4()})
    with pytest.raises(Exception, match="row_missing"):
        write_travellers(path, plan, [broken], bookings, SHANGHAI)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["w.pdf"]


def _fields(order: WorkOrder) -> dict[str, object]:
    return {name: getattr(order, name) for name in order.__dataclass_fields__}


def test_times_are_the_plants(tmp_path: Path) -> None:
    plan, order, _ = make_factory(operations=1)
    operation = next(iter(plan.table(Operation).values()))
    late = datetime(2026, 12, 31, 16, 30, tzinfo=ZoneInfo("UTC"))
    booking = Booking(
        id=uuid4(), plant_id=PLANT_ID, scenario_id=uuid4(), operation_id=operation.id,
        machine_id=None, setup_start_at=late, run_start_at=late, end_at=late,
    )  # fmt: skip
    write_travellers(tmp_path / "w.pdf", plan, [order], [booking], SHANGHAI)
    with pypdfium2.PdfDocument(tmp_path / "w.pdf") as document:
        assert "01-01 00:30" in read_page(document, 0)[0]


def test_the_share_done_is_told_and_the_work_can_be_stopped(tmp_path: Path) -> None:
    plan, order, bookings = make_factory(operations=2)
    path, heard = tmp_path / "w.pdf", list[float]()

    def listen(share: float) -> bool:
        heard.append(share)
        return len(heard) < 6

    assert write_travellers(path, plan, [order] * 4, bookings, SHANGHAI, listen) == 0
    assert heard == sorted(heard)
    assert 0 <= heard[0] < heard[-1] < 1
    assert list(tmp_path.iterdir()) == []


def test_a_plan_without_work_orders_says_so(tmp_path: Path) -> None:
    plan, _order, _bookings = make_factory(operations=1)
    set_language("zh")
    assert write_travellers(tmp_path / "w.pdf", plan, [], [], SHANGHAI) == 0
    with pypdfium2.PdfDocument(tmp_path / "w.pdf") as document:
        assert "没有工单" in document[0].get_textpage().get_text_bounded()

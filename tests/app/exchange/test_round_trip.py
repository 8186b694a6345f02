"""Export then import is a no-op, and a new home looks like the old one."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.exchange.choices import unit_code
from app.exchange.faults import fault_line
from app.exchange.grids import read_book
from app.exchange.values import clean, folded
from app.exchange.writing import write_workbook
from domain.items import Item
from domain.plan import Plan
from tests.app.exchange.books import loaded, read, save, small_factory
from tests.app.exchange.random_plans import plans
from tests.builders import NOW, make_item, make_order_line, make_plant

# A whole factory is drawn: shrinking one takes longer than reading the message.
SLOW = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


def written(path: Path) -> dict[str, Counter[tuple[str, ...]]]:
    """The cells of every sheet as text, rows in any order."""
    book = read_book(path)
    return {
        grid.title: Counter(
            tuple(
                folded(clean(unit_code(cell.text))) if (cell := cells.get(place)) else ""
                for place in range(20)
            )
            for cells in grid.rows.values()
        )
        for grid in book.grids
    }


@settings(SLOW, max_examples=60)
@given(plans(), st.sampled_from(["zh", "en", "both"]))
def test_export_then_import_changes_nothing(plan: Plan, language: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.xlsx"
        write_workbook(plan, path, language)
        reading = read(path, plan)
        assert [fault_line(fault) for fault in reading.faults] == []
        assert reading.skipped == []
        assert reading.changes.changes == ()


@settings(SLOW, max_examples=40)
@given(plans())
def test_an_empty_plan_becomes_the_same(plan: Plan) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first.xlsx", Path(folder) / "second.xlsx"
        write_workbook(plan, first, "zh")
        write_workbook(loaded(first), second, "zh")
        assert written(second) == written(first)


def test_text_never_becomes_a_formula(tmp_path: Path) -> None:
    plan = Plan([make_item(code="=cmd|' /C calc'!A0", name="+1+1", specification="@SUM(A1)")])
    path = tmp_path / "out.xlsx"
    write_workbook(plan, path, "en")
    page = load_workbook(path)["Items"]
    for place, text in (("A2", "=cmd|' /C calc'!A0"), ("B2", "+1+1"), ("C2", "@SUM(A1)")):
        assert (page[place].data_type, page[place].value) == ("s", text)
        assert page[place].quotePrefix


def test_what_a_planner_sees(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    write_workbook(loaded(save(tmp_path / "in.xlsx", small_factory())), path, "zh")
    book = load_workbook(path)
    assert book.sheetnames[0] == "工厂"
    assert len(book.sheetnames) == 16
    orders = book["订单"]
    heads = [cell.value for cell in orders[1]]
    due = heads.index("交期")
    assert orders.freeze_panes == "A2"
    assert orders[2][due].is_date
    assert orders[2][due].number_format == "yyyy-mm-dd"
    assert orders[2][heads.index("行号")].value == "1"
    rules = {rule.formula1 for rule in book["物料"].data_validations.dataValidation}
    assert '"自制,外购,委外,虚拟"' in rules
    assert book["物料"]["L2"].value == 2  # percent as people write it


def test_a_file_that_cannot_be_replaced_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(b"the old one")

    def refuse(*_args: object) -> None:
        raise PermissionError(13, "held by Excel")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        write_workbook(Plan(), path, "en")
    assert path.read_bytes() == b"the old one"
    assert [each.name for each in tmp_path.iterdir()] == ["out.xlsx"]


def test_numbers_stay_exact(tmp_path: Path) -> None:
    from decimal import Decimal

    item = make_item(
        code="A",
        standard_cost=Decimal("12345678901.123456789"),
        safety_stock=Decimal("0.1"),
        lead_time_days=Decimal("1E+2"),
    )
    plan = Plan([make_plant(), item])
    path = tmp_path / "out.xlsx"
    write_workbook(plan, path, "en")
    assert read(path, plan).changes.changes == ()
    item = next(iter(plan.table(Item).values()))
    assert item.standard_cost == Decimal("12345678901.123456789")


def test_instants_are_in_the_time_of_the_home_plant(tmp_path: Path) -> None:
    item = make_item()
    wish = make_order_line(item, earliest_start_at=NOW)
    plants = [
        make_plant(id=uuid4(), code="P0", timezone="Europe/Berlin"),
        make_plant(timezone="Asia/Shanghai", home=True),
    ]
    plan = Plan([*plants, item, wish])
    write_workbook(plan, tmp_path / "factory.xlsx", "en")
    assert len(read(tmp_path / "factory.xlsx", plan).changes) == 0

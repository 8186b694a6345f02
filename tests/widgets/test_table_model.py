from __future__ import annotations

import random
from decimal import Decimal

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt

from tests.widgets.tables import COLUMNS, make_part, make_parts
from widgets.models.table import TableModel

CODE, QUANTITY, DUE, TYPE = range(4)


@pytest.fixture
def model(qapp) -> TableModel:
    model = TableModel(COLUMNS)
    model.show(make_parts(20))
    return model


def codes(model: TableModel) -> list[str]:
    return [row.code for row in model.shown_rows()]


def test_is_a_well_behaved_model(model, qtmodeltester):
    qtmodeltester.check(model)


def test_stays_well_behaved_through_every_change(model, qtmodeltester):
    qtmodeltester.check(model)
    model.sort(QUANTITY, Qt.SortOrder.DescendingOrder)
    model.set_filter(CODE, "P1")
    model.patch([make_part(1, quantity=Decimal(99)), make_part(100, code="P1x")])
    model.patch([], [make_part(11).id])
    model.sort(-1)
    model.clear_filters()
    model.show(make_parts(5))
    assert codes(model) == ["P0", "P1", "P2", "P3", "P4"]


def test_numbers_in_codes_sort_as_numbers_and_empty_cells_last(model):
    model.patch([make_part(3, quantity=None)])
    model.sort(CODE)
    assert codes(model)[:4] == ["P0", "P1", "P2", "P3"]
    for order in Qt.SortOrder:
        model.sort(QUANTITY, order)
        assert codes(model)[-1] == "P3"


@pytest.mark.parametrize(
    ("column", "text", "expected"),
    [
        (CODE, "p1", [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
        (CODE, "=P1", [1]),
        (CODE, "!1", [0, 2, 3, 4, 5, 6, 7, 8, 9]),
        (QUANTITY, ">17", [18, 19]),
        (QUANTITY, "2..4", [2, 3, 4]),
        (QUANTITY, "<=1", [0, 1]),
        (QUANTITY, ">x", []),
        (DUE, ">=2026-12-19", [18, 19]),
        (DUE, "12-05", [4]),
        (TYPE, "purchased", []),
    ],
)
def test_filters(model, column, text, expected):
    model.set_filter(column, text)
    assert codes(model) == [f"P{number}" for number in expected]


def test_a_changed_row_moves_to_its_place_without_a_reset(model, qtbot):
    model.sort(QUANTITY)
    held = QPersistentModelIndex(model.index(7, CODE))
    with qtbot.assertNotEmitted(model.modelReset):
        model.patch([make_part(0, quantity=Decimal("12.5"))])
    assert codes(model).index("P0") == codes(model).index("P12") + 1
    assert held.data() == "P7"


def test_random_patches_keep_order_and_filter(model):
    chance = random.Random(7)
    model.set_filter(QUANTITY, "5..40")
    for direction in Qt.SortOrder:
        model.sort(QUANTITY, direction)
        for _ in range(300):
            value = chance.choice([None, *map(Decimal, range(50))])
            model.patch([make_part(chance.randrange(30), quantity=value)])
            if chance.random() < 0.2:
                model.patch([], [make_part(chance.randrange(30)).id])
            shown = [row.quantity for row in model.shown_rows()]
            is_falling = direction == Qt.SortOrder.DescendingOrder
            assert shown == sorted(shown, reverse=is_falling)
            fits = [row for row in model._rows.values() if row.quantity and 5 <= row.quantity <= 40]
            assert len(fits) == len(shown)


def test_editing_is_a_wish_and_changes_nothing(model, qtbot):
    index = model.index(4, QUANTITY)
    with qtbot.waitSignal(model.edited) as told:
        assert model.setData(index, Decimal(77))
    [(row, key, value)] = told.args[0]
    assert (row.code, key, value) == ("P4", "quantity", Decimal(77))
    assert index.data() == "4 pcs"
    assert not model.flags(model.index(4, CODE)) & Qt.ItemFlag.ItemIsEditable


def test_many_rows(qapp):
    model, parts = TableModel(COLUMNS), make_parts(5000)
    model.show(parts)
    model.sort(QUANTITY, Qt.SortOrder.DescendingOrder)
    assert [model.row(at).code for at in (0, 1, 4999)] == ["P4999", "P4998", "P0"]
    model.set_filter(CODE, "99")
    assert model.rowCount() == sum("99" in part.code for part in parts)
    model.clear_filters()
    model.patch([make_part(5, quantity=Decimal(2500))])
    assert {model.row(at).code for at in (2499, 2500)} == {"P2500", "P5"}
    assert [model.index(0, column).data() for column in (CODE, QUANTITY)] == ["P4999", "4,999 pcs"]

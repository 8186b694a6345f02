"""Every panel on a small factory: what it says, what it tells, that it follows changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from domain.history import AuditEntry
from domain.orders import OrderStatus
from tests.builders import make_stock
from widgets.dashboard.figures import figures
from widgets.dashboard.panel import DashboardPanel
from widgets.details.panel import DetailsPanel
from widgets.grid.view import GridView
from widgets.inventory.panel import InventoryPanel
from widgets.items.panel import ItemsPanel
from widgets.mrp.panel import MrpPanel
from widgets.orders.panel import OrdersPanel
from widgets.outlook import Outlook
from widgets.panel import Panel
from widgets.quality.panel import QualityPanel
from widgets.shopfloor.panel import ShopFloorPanel
from widgets.speaking import speak
from widgets.todo.panel import TodoPanel

PANELS = (
    OrdersPanel,
    MrpPanel,
    InventoryPanel,
    ItemsPanel,
    ShopFloorPanel,
    QualityPanel,
    DashboardPanel,
    TodoPanel,
    DetailsPanel,
)


def shown(qtbot, kind: type[Panel], outlook: Outlook) -> Panel:
    panel = kind()
    qtbot.addWidget(panel)
    panel.resize(1000, 600)
    panel.show_outlook(outlook)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def texts(grid: GridView) -> list[list[str]]:
    model = grid.model
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def cell(grid: GridView, row: int, key: str) -> str:
    keys = [column.key for column in grid.model.columns]
    return grid.model.index(row, keys.index(key)).data()


@pytest.mark.parametrize("kind", PANELS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_panel_shows_an_empty_and_a_full_factory(qtbot, qapp, factory, kind, language):
    panel = shown(qtbot, kind, Outlook())
    panel.show_outlook(factory.outlook())
    speak(qapp, language)
    qapp.processEvents()
    panel.show_chosen([factory.late])
    panel.show_chosen([factory.assembly])
    panel.grab()
    for grid in panel.grids:
        for line in texts(grid):
            assert not [text for text in line if text.startswith(("column.", "enum.", "orders."))]
    panel.show_outlook(Outlook())
    assert all(grid.model.total_count == 0 for grid in panel.grids)


def test_orders_say_in_words_what_is_late(qtbot, factory):
    panel = shown(qtbot, OrdersPanel, factory.outlook())
    assert cell(panel.grid, 0, "order_number") == "SO-7"
    # Due 2 December 24:00; finished 5 December 09:30, both in Shanghai: 2 d 9 h 30 min.
    assert cell(panel.grid, 0, "outcome") == "Late by 2 d 9 h"
    assert cell(panel.grid, 0, "customer") == "Ace Pumps"
    assert cell(panel.grid, 1, "outcome") == "Draft"


def test_an_edited_order_tells_field_and_value(qtbot, factory):
    panel = shown(qtbot, OrdersPanel, factory.outlook())
    keys = [column.key for column in panel.grid.model.columns]
    index = panel.grid.model.index(0, keys.index("priority"))
    panel.grid.main.setCurrentIndex(index)
    QTest.keyClick(panel.grid.main.viewport(), Qt.Key.Key_F2)
    editor = panel.grid.main.viewport().focusWidget()
    QTest.keyClicks(editor, "10")
    assert editor.fault
    editor.selectAll()
    QTest.keyClicks(editor, "2")
    with qtbot.waitSignal(panel.edited) as told:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    [edit] = told.args[0]
    assert (edit.row.id, edit.key, edit.value) == (factory.late.id, "priority", 2)


def test_what_is_chosen_elsewhere_lights_up_and_is_not_told_back(qtbot, factory):
    panel = shown(qtbot, OrdersPanel, factory.outlook())
    with qtbot.assertNotEmitted(panel.rows_chosen, wait=20):
        panel.show_chosen([factory.assembly])
    assert panel.grid.chosen.current_row().subject == factory.late
    assert [view.id for view in panel.grid.chosen.rows()] == [factory.late.id]


def test_a_click_on_an_order_is_told(qtbot, factory):
    panel = shown(qtbot, OrdersPanel, factory.outlook())
    at = panel.grid.main.visualRect(panel.grid.model.index(1, 0)).center()
    with qtbot.waitSignal(panel.rows_chosen) as told:
        QTest.mouseClick(panel.grid.main.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args[0] == [factory.draft]


def test_a_confirmed_draft_changes_in_place(qtbot, factory):
    panel = shown(qtbot, OrdersPanel, factory.outlook())
    panel.grid.chosen.select([factory.draft.id])
    factory.plan.put(replace(factory.draft, status=OrderStatus.CONFIRMED))
    with qtbot.assertNotEmitted(panel.grid.model.modelReset):
        panel.show_outlook(factory.outlook())
    assert cell(panel.grid, 1, "outcome") == "Not planned"
    assert [view.id for view in panel.grid.chosen.rows()] == [factory.draft.id]


def test_a_panel_out_of_sight_waits(qtbot, factory):
    panel = shown(qtbot, OrdersPanel, Outlook())
    panel.hide()
    panel.show_outlook(factory.outlook())
    assert panel.grid.model.total_count == 0
    panel.show()
    assert panel.grid.model.total_count == 2


def test_mrp_names_what_is_still_to_come(qtbot, factory):
    panel = shown(qtbot, MrpPanel, factory.outlook())
    assert [line[0] for line in texts(panel.planned)] == ["PL-000001"]
    assert cell(panel.planned, 0, "order_lines") == "SO-7/1"
    assert {line[0] for line in texts(panel.work)} == {"WO-000001", "WO-000002"}
    # 20 on order and 15 to be ordered; the first is taken when the shafts' run starts.
    assert cell(panel.shortages, 0, "missing") == "35 kg"
    assert cell(panel.shortages, 0, "to_order") == "15 kg"
    assert cell(panel.shortages, 0, "waiting") == "WO-000001"
    assert panel.messages.model.total_count == 1


def test_commands_are_wishes(qtbot, factory):
    panel = shown(qtbot, MrpPanel, factory.outlook())
    with qtbot.waitSignal(panel.wished) as told:
        panel.commands["run_mrp"].trigger()
    assert told.args == ["run_mrp"]


def test_the_balance_of_an_item(qtbot, factory):
    panel = shown(qtbot, InventoryPanel, factory.outlook())
    panel.show_chosen([factory.steel])
    qtbot.wait(1)
    assert panel.grid.chosen.current_row().subject.code == "STEEL"
    assert cell(panel.grid, 2, "state") == "Below safety stock"
    # 5 there, 20 come on the 4th, 15 on the 5th, then 5 + 20 + 15 are taken.
    assert [int(step.balance) for step in panel.chart._steps] == [5, 25, 40, 35, 15, 0]
    assert panel.lots.model.total_count == 1
    factory.plan.put(make_stock(factory.steel, 7, lot="L2"))
    panel.show_outlook(factory.outlook())
    assert panel.lots.model.total_count == 2


def test_bill_of_material_down_and_up(qtbot, factory):
    panel = shown(qtbot, ItemsPanel, factory.outlook())
    panel.show_chosen([factory.gearbox])
    root = panel.components.topLevelItem(0)
    assert (root.text(0), root.text(2)) == ("SHAFT", "2 pcs")
    assert (root.child(0).text(0), root.child(0).text(2)) == ("STEEL", "2 kg")
    assert texts(panel.routing)[0][:2] == ["10", "Assemble"]
    panel.grid.chosen.select([factory.steel.id])
    assert panel.uses.topLevelItem(0).text(0) == "SHAFT"
    with qtbot.waitSignal(panel.uses.item_opened):
        panel.uses.itemActivated.emit(panel.uses.topLevelItem(0), 0)
    assert panel.item == factory.shaft


def test_a_cycle_in_the_bill_of_material_does_no_harm(qtbot, factory):
    from tests.builders import make_bom_line

    factory.plan.put(make_bom_line(factory.shaft, factory.gearbox))
    panel = shown(qtbot, ItemsPanel, factory.outlook())
    panel.grid.chosen.select([factory.gearbox.id])
    branch = panel.components.topLevelItem(0)
    for _ in range(10):
        branch.setExpanded(True)
        branch = branch.child(branch.childCount() - 1) if branch.childCount() else branch
    panel.components.expandItem(branch)


def test_pegging_down_and_up(qtbot, factory):
    panel = shown(qtbot, DetailsPanel, factory.outlook())
    panel.show_chosen([factory.late])
    top = panel._below.topLevelItem(0)
    assert top.text(0) == "Work order WO-000002"
    assert top.child(0).text(0) == "Work order WO-000001"
    leaves = {top.child(0).child(i).text(0) for i in range(top.child(0).childCount())}
    assert leaves == {"Stock RM L1", "Purchase PO-1/1", "Planned purchase PL-000001"}
    panel.show_chosen([factory.shaft_order])
    assert panel._above.topLevelItem(0).child(0).text(0) == "Order SO-7/1"
    with qtbot.waitSignal(panel.rows_chosen) as told:
        panel._above.itemActivated.emit(panel._above.topLevelItem(0), 0)
    assert told.args[0] == [factory.gearbox_order]


def test_history_names_fields_in_words(qtbot, factory):
    panel = shown(qtbot, DetailsPanel, factory.outlook())
    panel.show_chosen([factory.late])
    with qtbot.waitSignal(panel.wished) as told:
        panel._tabs.setCurrentWidget(panel._history)
    assert told.args == ["history"]
    entry = AuditEntry(
        sequence=1,
        at=datetime(2026, 12, 1, tzinfo=UTC),
        who="mei",
        table="order_line",
        row_id=uuid4(),
        before={"quantity": "5", "row_version": 1},
        after={"quantity": "8", "row_version": 2},
    )
    panel.show_history([entry])
    line = panel._history.topLevelItem(0)
    assert (line.text(1), line.text(2)) == ("mei", "Changed")
    assert [line.child(0).text(at) for at in range(3)] == ["Quantity", "5", "8"]
    assert line.childCount() == 1


def test_quality_shows_what_is_to_be_inspected(qtbot, factory):
    panel = shown(qtbot, QualityPanel, factory.outlook())
    assert [line[2] for line in texts(panel.grid)] == ["WO-000002"]


def test_the_shop_floor_has_a_list_machine_by_machine(qtbot, factory):
    panel = shown(qtbot, ShopFloorPanel, factory.outlook())
    assert [line[0] for line in texts(panel.grid)] == ["M1", "M2"]


def test_the_dashboard_counts(qtbot, factory):
    panel = shown(qtbot, DashboardPanel, factory.outlook())
    assert [line[0] for line in texts(panel.grid)] == ["SO-7"]
    # M1 is booked 50 minutes of 14 days round the clock, M2 (no work center) 10.
    assert [bar.name for bar in panel.load._bars] == ["Turning", "M2"]
    assert panel.load._bars[0].share == pytest.approx(50 / (14 * 1440))


@pytest.mark.parametrize(("bound", "note"), [(9, "no useful bound"), (400, "60%")])
def test_a_gap_is_a_number_only_where_the_bound_tells_something(factory, bound, note):
    outlook = factory.outlook()
    scenario = replace(outlook.scenario, weighted_lateness=1000, lower_bound=bound)
    shown_figures = figures(replace(outlook, scenario=scenario), 0)
    [lateness] = [each for each in shown_figures if each.key == "weighted_lateness"]
    assert note in lateness.note


def test_the_to_do_list_names_late_orders_drafts_and_findings(qtbot, factory):
    panel = shown(qtbot, TodoPanel, factory.outlook())
    words = [line[2] for line in texts(panel.grid)]
    assert words[0].startswith("Order SO-7/1 will be late by 2 d 9 h")
    assert any("SO-8/1 is a draft" in each for each in words)
    assert len(words) == 3
    with qtbot.waitSignal(panel.opened) as told:
        panel.grid.main.doubleClicked.emit(panel.grid.model.index(0, 0))
    assert told.args == [factory.late]

"""The details panel's reasons: asked for when looked at, shown in the user's language."""

from __future__ import annotations

from domain.orders import OrderLine
from domain.scheduling.build import bookings_from
from domain.scheduling.why import why_late
from tests.builders import NOW, id_maker, make_scenario
from tests.domain.scheduling.plans import planned
from widgets.details.panel import DetailsPanel
from widgets.outlook import Outlook
from widgets.speaking import speak


def test_reasons_are_asked_for_once_looked_at_and_add_up(qtbot, qapp):
    plan, problem, solution = planned(7)
    scenario = make_scenario(now_at=NOW)
    rows = bookings_from(problem, solution, plan, scenario, id_maker(3))
    for row in (scenario, *rows):
        plan.put(row)
    panel = DetailsPanel()
    qtbot.addWidget(panel)
    panel.show_outlook(Outlook(plan=plan, now_at=NOW, scenario=scenario))
    wishes: list[str] = []
    panel.wished.connect(wishes.append)
    lines = [plan.need(OrderLine, line_id) for line_id in problem.line_ids]
    panel.show_chosen([lines[0]])
    assert wishes == []
    panel._tabs.setCurrentWidget(panel._why)
    assert wishes == ["why"]
    why = max((why_late(plan, scenario, line.id) for line in lines), key=lambda w: len(w.advice))
    assert why.advice
    panel.show_why(why)
    last = panel._why.topLevelItemCount() - 1  # between them may stand what rules the date out
    chain, advice = (panel._why.topLevelItem(n) for n in (0, last))
    assert chain.childCount() == len(why.stretches)
    assert advice.childCount() == len(why.advice)
    speak(qapp, "zh")
    qtbot.waitUntil(lambda: panel._why.headerItem().text(3) == "设备")
    speak(qapp, "en")
    qtbot.waitUntil(lambda: panel._why.headerItem().text(3) == "Machine")
    panel.show_chosen([lines[1]])
    assert panel._why.topLevelItemCount() == 0, "the old reasons are not the new line's"
    assert wishes == ["why", "why"]

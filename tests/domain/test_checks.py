from __future__ import annotations

from domain.checks import check_data
from domain.items import LotRule
from tests.builders import (
    make_bom_line,
    make_calendar,
    make_item,
    make_machine,
    make_operator,
    make_plan,
    make_routing_operation,
    make_week,
    make_work_center,
)


def sound():
    """A factory in which nothing is missing."""
    calendar, center = make_calendar(), make_work_center()
    machine = make_machine(work_center_id=center.id, calendar_id=calendar.id)
    item = make_item(code="A")
    step = make_routing_operation(item, work_center_id=center.id, skill="weld", operators=1)
    operator = make_operator("weld")
    return [calendar, *make_week(calendar), center, machine, item, step, operator]


def codes(*rows):
    return sorted(finding.code for finding in check_data(make_plan(*rows)))


def test_a_sound_factory_has_no_finding():
    assert codes(sound()) == []


def test_what_is_missing_is_named():
    rows = sound()
    assert codes(rows[:-1]) == ["skill_missing"]
    assert codes([row for row in rows if row not in rows[1:6]]) == ["calendar_empty"]
    assert codes(rows, make_item(code="B")) == ["routing_missing"]
    assert codes(rows, make_item(code="C", lot_rule=LotRule.FOQ)) == [
        "lot_size_missing",
        "routing_missing",
    ]
    stray = make_work_center(code="EMPTY")
    assert codes(rows, stray, make_routing_operation(rows[-3], 20, work_center_id=stray.id)) == [
        "machine_missing"
    ]


def test_a_cycle_is_told_once():
    rows = sound()
    item = rows[-3]
    other = make_item(code="B")
    step = make_routing_operation(other, work_center_id=rows[-5].id)
    lines = make_bom_line(item, other), make_bom_line(other, item)
    (finding,) = check_data(make_plan(rows, other, step, *lines))
    assert finding.code == "bom_cycle"
    assert set(finding.refs) == {item.id, other.id}

"""Findings about master data: what will not work as it was entered, before any order needs it."""

from __future__ import annotations

from collections.abc import Iterable

from domain.calendars import Calendar, Holiday, Shift
from domain.errors import Finding, Severity
from domain.items import Item
from domain.mrp.lots import has_lot_size_missing
from domain.mrp.structure import Structure
from domain.plan import Plan
from domain.resources import Machine, Operator, Tool
from domain.routings import RoutingOperation


def check_data(plan: Plan) -> list[Finding]:
    """What keeps items from being made, operations from being manned, machines from working.

    The same findings as a planning run gives, for all items and not only for those in demand; a
    cycle in the bills of material is told once. O(rows).
    """
    found: dict[object, Finding] = {}
    structure = Structure(plan)
    for item in plan.table(Item).values():
        fault = structure.fault(item)
        if fault is not None:
            found.setdefault((fault.code, fault.refs), fault)
        if has_lot_size_missing(item):
            params = {"item": item.code, "rule": item.lot_rule}
            finding = Finding("lot_size_missing", Severity.WARNING, (item.id,), params)
            found[finding.code, item.id] = finding
    for finding in (*_skills(plan), *_tools(plan), *_calendars(plan)):
        found[finding.code, finding.refs] = finding
    return list(found.values())


def _skills(plan: Plan) -> Iterable[Finding]:
    """Operations whose skill too few people have."""
    people: dict[str, int] = {}
    for operator in plan.table(Operator).values():
        for skill in set(operator.skills):
            people[skill] = people.get(skill, 0) + 1
    for step in plan.table(RoutingOperation).values():
        wanted = max(1, step.operators)
        if step.skill and people.get(step.skill, 0) < wanted:
            item = plan.get(Item, step.item_id)
            params = {"item": item.code if item else "", "operation": step.number}
            params |= {"skill": step.skill, "wanted": wanted}
            params["there"] = people.get(step.skill, 0)
            yield Finding("skill_missing", Severity.ERROR, (step.id, step.item_id), params)


def _tools(plan: Plan) -> Iterable[Finding]:
    """Operations that need more units of a tool than there are."""
    for step in plan.table(RoutingOperation).values():
        tool = plan.get(Tool, step.tool_id)
        if tool is not None and tool.count < step.tools:
            item = plan.get(Item, step.item_id)
            params = {"item": item.code if item else "", "operation": step.number}
            params |= {"tool": tool.code, "wanted": step.tools, "there": tool.count}
            yield Finding("tool_missing", Severity.ERROR, (step.id, step.item_id), params)


def _calendars(plan: Plan) -> Iterable[Finding]:
    """Machines and people whose calendar never works."""
    for calendar in plan.table(Calendar).values():
        has_shift = bool(plan.where(Shift, calendar_id=calendar.id))
        hours = plan.where(Holiday, calendar_id=calendar.id)
        if has_shift or any(day.start_minute is not None for day in hours):
            continue
        users = [
            *plan.where(Machine, calendar_id=calendar.id),
            *plan.where(Operator, calendar_id=calendar.id),
        ]
        if users:
            params = {"calendar": calendar.code, "count": len(users), "name": users[0].code}
            refs = (calendar.id, *(user.id for user in users))
            yield Finding("calendar_empty", Severity.WARNING, refs, params)

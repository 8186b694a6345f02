"""The facts of a bar in words: for the tool-tip, and for those who listen instead of look."""

from __future__ import annotations

from html import escape
from uuid import UUID

from domain.batches import batch_load, batch_of, capacity_of
from domain.resources import Downtime, Operator
from domain.scenarios import Booking, LockLevel
from widgets.gantt.chart import Chart
from widgets.gantt.data import GanttData
from widgets.gantt.lanes import Lane, LaneKind
from widgets.gantt.scale import to_instant, to_minute
from widgets.outlook import step_title
from widgets.text import (
    enum_text,
    format_day,
    format_duration,
    format_instant,
    format_quantity,
    tr,
)

MOST_LINES = 4  # order lines told of one by one
Fact = tuple[str, str]


def title(data: GanttData, i: int) -> str:
    """Work order, step and item."""
    item = data.item(i)
    step = step_title(data.plan, data.operation(i))
    return f"{data.work_order(i).number} · {step} · {item.name or item.code}"


def facts(data: GanttData, i: int) -> list[Fact]:
    """What is known of a bar, as names and values, the most important first."""
    booking, work_order, item = data.bookings[i], data.work_order(i), data.item(i)
    machine = data.machine(i)
    place = " ".join(filter(None, (machine.code, machine.name))) if machine else ""
    found = [
        ("item", f"{item.code} {item.name}".strip()),
        ("quantity", format_quantity(data.operation(i).amount(work_order), item.unit)),
        ("machine", place or tr("gantt.lane.outside")),
    ]
    setup = int(data.run[i] - data.setup[i])
    if setup:
        began = format_instant(booking.setup_start_at, data.zone)
        found.append(("setup", f"{began} · {format_duration(setup)}"))
    found += [
        ("start", format_instant(booking.run_start_at, data.zone)),
        ("end", format_instant(booking.end_at, data.zone)),
        ("duration", format_duration(int(data.end[i] - data.setup[i]))),
        ("status", enum_text(work_order.status)),
    ]
    if work_order.routing:
        found.append(("routing", work_order.routing))
    share = data.fragility_of(i)
    if share:
        found.append(("risk", tr("gantt.tip.risk", percent=f"{share * 100:.1f}")))
    people = [data.plan.get(Operator, each) for each in booking.operator_ids]
    if people:
        names = tr("value.separator").join(each.name or each.code for each in people if each)
        found.append(("operators", names))
    company = _company(data, booking)
    if company:
        found.append(("batch", company))
    if booking.lock is not LockLevel.NONE:
        found.append(("lock", tr(f"gantt.lock.{booking.lock}")))
    return [(tr(f"gantt.fact.{name}"), value) for name, value in found]


def _company(data: GanttData, booking: Booking) -> str:
    """What runs together with a bar, and how full the machine is; empty on ordinary machines."""
    capacity = capacity_of(data.plan, booking)
    if capacity is None:
        return ""
    together = batch_of(data.plan, booking) or [booking]
    load = format_quantity(batch_load(data.plan, together))
    others = [data.position.get(each.id) for each in together if each.id != booking.id]
    names = [data.work_order(i).number for i in others if i is not None]
    key = "gantt.batch.together" if names else "gantt.batch.alone"
    shown = tr("value.separator").join(names)
    return tr(key, others=shown, load=load, capacity=format_quantity(capacity))


def promises(data: GanttData, work_order_id: UUID) -> list[str]:
    """How the order lines that hang on a work order stand, in words."""
    lines = data.order_lines(work_order_id)
    said: list[str] = []
    for line in lines[:MOST_LINES]:
        slack = data.slack.get(line.id)
        key = "known" if slack is None else "late" if slack < 0 else "early"
        said.append(
            tr(
                f"gantt.promise.{key}",
                order=line.label,
                due=format_day(line.due_on),
                span=format_duration(abs(slack or 0)),
            )
        )
    if len(lines) > MOST_LINES:
        said.append(tr("gantt.promise.more", count=len(lines) - MOST_LINES))
    return said


def bar_tip(data: GanttData, i: int) -> str:
    """The tool-tip of a bar, as rich text."""
    rows = "".join(
        f"<tr><td style='padding-right:8px'>{escape(name)}</td><td>{escape(value)}</td></tr>"
        for name, value in facts(data, i)
    )
    told = "".join(
        f"<br>{escape(each)}" for each in promises(data, data.operation(i).work_order_id)
    )
    return f"<b>{escape(title(data, i))}</b><table>{rows}</table>{told.removeprefix('<br>')}"


def bar_words(data: GanttData, i: int) -> str:
    """A bar in one plain sentence list, for assistive technology."""
    told = [f"{name}: {value}" for name, value in facts(data, i)]
    return "; ".join([title(data, i), *told, *promises(data, data.operation(i).work_order_id)])


def lane_tip(chart: Chart, lane: Lane, minute: float) -> str:
    """The tool-tip of an empty place: what stops the machine there, if anything does."""
    if lane.kind is not LaneKind.MACHINE:
        return ""
    for stop in chart.data.plan.where(Downtime, machine_id=lane.row_id):
        if to_minute(stop.start_at) <= minute < to_minute(stop.end_at):
            return tr(
                "gantt.tip.downtime",
                machine=lane.title,
                start=format_instant(stop.start_at, chart.data.zone),
                end=format_instant(stop.end_at, chart.data.zone),
                reason=stop.reason,
            )
    for row in chart.data.overtime(lane.row_id):
        if to_minute(row.start_at) <= minute < to_minute(row.end_at):
            return tr(
                "gantt.tip.overtime",
                machine=lane.title,
                start=format_instant(row.start_at, chart.data.zone),
                end=format_instant(row.end_at, chart.data.zone),
                cost=format_quantity(row.cost),
            )
    work = chart.worktime(lane.row_id)
    gaps = [] if work is None else work.gaps(minute, minute + 0.5)
    key = "gantt.tip.closed" if len(gaps) else "gantt.tip.free"
    told = tr(key, machine=lane.title, at=format_instant(to_instant(minute), chart.data.zone))
    until = chart.data.now + chart.data.frozen_minutes
    if not chart.data.now <= minute < until:
        return told
    frozen = tr("gantt.tip.frozen", until=format_instant(to_instant(until), chart.data.zone))
    return f"{told}\n{frozen}"

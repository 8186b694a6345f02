"""The Shop floor panel: the dispatch list from the plan in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from PySide6.QtWidgets import QWidget
from typing_extensions import override

from domain.items import Item
from domain.production import Operation, WorkOrder
from domain.resources import Machine, Operator
from domain.scenarios import Booking
from widgets.models.columns import Column, Kind
from widgets.outlook import Outlook, step_title
from widgets.panel import Panel
from widgets.text import tr


@dataclass(frozen=True, slots=True)
class Job:
    """An operation with its machine, time and people."""

    subject: Operation
    step: str
    machine: str
    start_at: datetime
    end_at: datetime
    order: WorkOrder
    item: Item
    people: tuple[str, ...]

    @property
    def id(self) -> UUID:
        """The operation's."""
        return self.subject.id


def jobs(outlook: Outlook) -> list[Job]:
    """Every booked operation that is not over yet, machine by machine in order of time."""
    found = [
        job
        for booking in outlook.bookings.values()
        if booking.end_at > outlook.now_at and (job := _job(outlook, booking)) is not None
    ]
    return sorted(found, key=lambda job: (job.machine, job.start_at))


def _job(outlook: Outlook, booking: Booking) -> Job | None:
    plan = outlook.plan
    operation = plan.get(Operation, booking.operation_id)
    order = plan.get(WorkOrder, operation.work_order_id) if operation else None
    if operation is None or order is None:
        return None
    machine = plan.get(Machine, booking.machine_id)
    people = [plan.get(Operator, each) for each in booking.operator_ids]
    return Job(
        subject=operation,
        step=step_title(plan, operation),
        machine=machine.code if machine else tr("fact.outside"),
        start_at=booking.setup_start_at,
        end_at=booking.end_at,
        order=order,
        item=outlook.item(order.item_id),
        people=tuple(person.name or person.code for person in people if person),
    )


JOB_COLUMNS = (
    Column(key="machine", value=lambda v: v.machine, width=84),
    Column(key="start_at", value=lambda v: v.start_at, kind=Kind.INSTANT, width=126),
    Column(key="end_at", value=lambda v: v.end_at, kind=Kind.INSTANT, width=126),
    Column(key="work_order", value=lambda v: v.order.number, width=104),
    Column(key="operation", value=lambda v: v.step, width=120),
    Column(key="item", value=lambda v: v.item.code, width=110),
    Column(key="item_name", value=lambda v: v.item.name, width=140),
    Column(
        key="quantity",
        value=lambda v: v.subject.amount(v.order),
        kind=Kind.NUMBER,
        unit=lambda v: v.item.unit,
        width=84,
    ),
    Column(key="operators", value=lambda v: v.people, width=140),
)


class ShopFloorPanel(Panel):
    """Who does what next. Wishes: ``print_travellers``, ``show_in_schedule``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("shopfloor", parent)
        self.add_command("print_travellers", "printer")
        self.add_command("show_in_schedule", "chart-gantt")
        self.add_lead("shopfloor.lead")
        self.grid = self.add_grid(JOB_COLUMNS, "dispatch")
        self.grid.set_empty(
            "shopfloor.empty", ("command.run_schedule", lambda: self.wished.emit("run_schedule"))
        )
        self.grid.add_row_action(self.commands["show_in_schedule"])
        self.body.addWidget(self.grid, 1)

    @override
    def refresh(self) -> None:
        self.grid.show_rows(jobs(self.outlook))

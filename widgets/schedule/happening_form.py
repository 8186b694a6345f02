"""What happened, to what, from when: the upper part of the dialog that mends a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from PySide6.QtCore import QDate, QDateTime, Qt, QTime, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QDateTimeEdit,
    QGridLayout,
    QLabel,
    QPushButton,
    QWidget,
)
from typing_extensions import override

from domain.happenings import SUBJECTS, Happening, HappeningKind
from domain.items import Item, ItemType
from domain.orders import PurchaseLine
from domain.production import Operation, WorkOrder
from domain.resources import Machine, Operator
from widgets.outlook import Outlook, step_title
from widgets.schedule.rush_fields import QuantityBox, RushFields
from widgets.search_box import SearchBox
from widgets.speaking import Speaking
from widgets.spin import WholeBox
from widgets.text import enum_text, tr

_USUAL_HOURS = 8
_USUAL_DAYS = 2
_USUAL_PERCENT = 150
_LEAST_WIDTH = 136

# Which fields each kind asks for.
_FIELDS: Mapping[HappeningKind, tuple[str, ...]] = {
    HappeningKind.BREAKDOWN: ("start", "end"),
    HappeningKind.ABSENCE: ("start", "end"),
    HappeningKind.MATERIAL: ("due",),
    HappeningKind.RUSH: ("rush",),
    HappeningKind.SCRAP: ("quantity",),
    HappeningKind.PACE: ("percent",),
}


class HappeningForm(Speaking, QWidget):
    """``wished`` brings a Happening; ``touched`` that something was changed since."""

    wished = Signal(object)
    touched = Signal()

    def __init__(self, outlook: Outlook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outlook = outlook
        self._hints: dict[HappeningKind, UUID] = {}
        self._is_planning = False
        self.kind, self.subject = QComboBox(self), SearchBox(self)
        self.start, self.end = QDateTimeEdit(self), QDateTimeEdit(self)
        self.due = QDateEdit(self)
        self.quantity = QuantityBox(self)
        self.percent = WholeBox(self, 1, 10_000, _USUAL_PERCENT)
        self.percent.setSuffix(" %")
        self.rush = RushFields(outlook, self)
        self.ask = QPushButton(self)
        self._labels: dict[str, QLabel] = {}
        self._lay_out()
        self._set_times()
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.subject.currentIndexChanged.connect(self._keep_chosen)
        self.subject.currentIndexChanged.connect(self._show_unit)
        self.rush.touched.connect(self.touched)
        self.ask.clicked.connect(self._wish)
        for signal in (
            self.subject.currentIndexChanged,
            self.start.dateTimeChanged,
            self.end.dateTimeChanged,
            self.due.dateChanged,
            self.quantity.valueChanged,
            self.percent.valueChanged,
        ):
            signal.connect(lambda *_: self.touched.emit())
        self._show_kind()

    def _lay_out(self) -> None:
        self.kind.addItems([enum_text(kind) for kind in HappeningKind])
        self.ask.setAutoDefault(False)
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        places = (
            ("kind", self.kind, 0, 0),
            ("subject", self.subject, 0, 1),
            ("start", self.start, 0, 2),
            ("end", self.end, 0, 3),
            ("due", self.due, 0, 2),
            ("quantity", self.quantity, 0, 2),
            ("percent", self.percent, 0, 2),
        )
        for name, field, row, column in places:
            label = self._labels[name] = QLabel(self)
            if name != "subject":  # what that is called depends on what happened
                self.say(label.setText, f"mending.{name}")
                self.say(field.setAccessibleName, f"mending.{name}")
            self.say(field.setToolTip, f"mending.{name}.tip")
            label.setBuddy(field)
            grid.addWidget(label, row, column)
            grid.addWidget(field, row + 1, column)
        for edit in (self.start, self.end, self.due):
            edit.setCalendarPopup(True)
        self.say(self.ask.setText, "mending.ask")
        grid.addWidget(self.rush, 2, 0, 1, 4)
        grid.setColumnStretch(1, 1)
        self.subject.setMinimumWidth(_LEAST_WIDTH)
        shown = [self.kind, self.subject, self.start, self.end, self.due, self.quantity]
        shown += [self.percent, *self.rush.fields(), self.ask]
        for before, after in pairwise(shown):
            self.setTabOrder(before, after)

    def _set_times(self) -> None:
        now = self._outlook.now_at.astimezone(self._outlook.zone)
        for edit, hours in ((self.start, 0), (self.end, _USUAL_HOURS)):
            edit.setDisplayFormat("yyyy-MM-dd HH:mm")
            edit.setDateTime(_wall(now + timedelta(hours=hours)))
        self.due.setDisplayFormat("yyyy-MM-dd")
        self.due.setDate(_day(now.date() + timedelta(days=_USUAL_DAYS)))

    def chosen_kind(self) -> HappeningKind:
        """What happened."""
        return list(HappeningKind)[max(0, self.kind.currentIndex())]

    def suggest(self, kind: HappeningKind | None, hints: Mapping[HappeningKind, UUID]) -> None:
        """Begin with a kind, and with what each kind most likely happened to; else as it is."""
        before = self.chosen_kind(), self.subject.chosen()
        self._keep_chosen()
        self._hints |= hints
        if kind is not None:
            self.kind.setCurrentIndex(list(HappeningKind).index(kind))
        self._fill_subjects()
        if before != (self.chosen_kind(), self.subject.chosen()):
            self.touched.emit()

    def set_outlook(self, outlook: Outlook) -> None:
        """Know the rows as they are now; what is chosen stays chosen."""
        self._outlook = outlook
        self._keep_chosen()
        self.rush.set_outlook(outlook)
        self._fill_subjects()

    def set_planning(self, *, is_planning: bool) -> None:
        """While a plan is being made there is none to mend: the button's tip says so."""
        self._is_planning = is_planning
        self._tell_ask()

    def _tell_ask(self) -> None:
        self.ask.setEnabled(self.subject.count() > 0 and not self._is_planning)
        self.ask.setToolTip(tr("mending.wait" if self._is_planning else "mending.ask.tip"))

    def fill(self, happening: Happening) -> None:
        """Show what was asked before."""
        self.suggest(happening.kind, {happening.kind: happening.subject_id})
        zone = self._outlook.zone
        for edit, at in ((self.start, happening.start_at), (self.end, happening.end_at)):
            if at is not None:
                edit.setDateTime(_wall(at.astimezone(zone)))
        if happening.kind is HappeningKind.RUSH:
            self.rush.fill(happening)
            return
        if happening.due_on is not None:
            self.due.setDate(_day(happening.due_on))
        self.quantity.setValue(float(happening.quantity))
        self.percent.setValue(int(happening.percent))

    def _show_kind(self, _at: int = 0) -> None:
        asked = _FIELDS[self.chosen_kind()]
        is_rush = "rush" in asked
        self.rush.setVisible(is_rush)
        self._grid.removeWidget(self.ask)
        self._grid.addWidget(self.ask, 2 if is_rush else 1, 4, Qt.AlignmentFlag.AlignBottom)
        fields: dict[str, QWidget] = {
            "start": self.start,
            "end": self.end,
            "due": self.due,
            "quantity": self.quantity,
            "percent": self.percent,
        }
        for name, field in fields.items():
            field.setVisible(name in asked)
            self._labels[name].setVisible(name in asked)
        self._fill_subjects()
        self.touched.emit()

    def _keep_chosen(self, _at: int = 0) -> None:
        """What is shown is what this kind happened to, also when the list is filled again."""
        chosen = self.subject.chosen()
        if chosen is not None:
            self._hints[self.chosen_kind()] = chosen

    def _fill_subjects(self) -> None:
        kind = self.chosen_kind()
        for tell in (self._labels["subject"].setText, self.subject.setAccessibleName):
            tell(tr(f"mending.subject.{kind.value}"))
        empty = tr(f"mending.nothing.{kind.value}")
        self.subject.fill(sorted(_subjects(self._outlook, kind)), self._hints.get(kind), empty)
        self._tell_ask()
        self._show_unit()

    def _show_unit(self, _at: int = 0) -> None:
        """Quantities are in the unit of what is chosen."""
        plan, row_id = self._outlook.plan, self.subject.chosen()
        order = plan.get(WorkOrder, row_id)
        item = plan.get(Item, order.item_id if order is not None else row_id)
        self.quantity.show_unit(item)
        self.rush.show_item(item)

    def happening(self) -> Happening | None:
        """What is filled in; None: nothing is chosen that it happened to."""
        kind, subject_id, rush = self.chosen_kind(), self.subject.chosen(), self.rush
        if subject_id is None:
            return None
        if kind is HappeningKind.RUSH:
            return Happening(
                kind,
                subject_id,
                due_on=rush.day(),
                quantity=rush.quantity.quantity(),
                priority=rush.priority.value(),
                order_number=rush.number.text(),
                customer_id=rush.customer.chosen(),
            )
        day, zone = self.due.date(), self._outlook.zone
        return Happening(
            kind,
            subject_id,
            start_at=_instant(self.start, zone),
            end_at=_instant(self.end, zone),
            due_on=date(day.year(), day.month(), day.day()),
            quantity=self.quantity.quantity(),
            percent=Decimal(self.percent.value()),
        )

    def _wish(self) -> None:
        happening = self.happening()
        if happening is not None:
            self.wished.emit(happening)

    @override
    def retranslate(self) -> None:
        super().retranslate()
        for at, kind in enumerate(HappeningKind):
            self.kind.setItemText(at, enum_text(kind))
        self._keep_chosen()
        self._fill_subjects()


def _instant(edit: QDateTimeEdit, zone: tzinfo) -> datetime:
    """What a clock on the wall of that zone shows, in UTC."""
    day, time = edit.date(), edit.time()
    wall = datetime(day.year(), day.month(), day.day(), time.hour(), time.minute(), tzinfo=zone)
    return wall.astimezone(UTC)


def _wall(at: datetime) -> QDateTime:
    return QDateTime(QDate(at.year, at.month, at.day), QTime(at.hour, at.minute))


def _day(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)


def _subjects(outlook: Outlook, kind: HappeningKind) -> Iterator[tuple[str, UUID]]:
    """The rows that it may have happened to, under the words that people call them."""
    plan, booked = outlook.plan, outlook.bookings
    for row in plan.table(SUBJECTS[kind]).values():
        match row:
            case Machine() | Operator():
                yield f"{row.code} {row.name}".strip(), row.id
            case Item() if row.type is not ItemType.PHANTOM:
                yield f"{row.code} {row.name}".strip(), row.id
            case PurchaseLine():
                item = outlook.item(row.item_id)
                yield f"{row.order_number}/{row.line} {item.code}", row.id
            case WorkOrder():
                steps = plan.where(Operation, work_order_id=row.id)
                if any(step.id in booked for step in steps):
                    yield f"{row.number} {outlook.item(row.item_id).code}", row.id
            case Operation() if row.id in booked:
                order = plan.get(WorkOrder, row.work_order_id)
                if order is not None:
                    item = outlook.item(order.item_id)
                    yield f"{order.number} {item.code} · {step_title(plan, row)}", row.id
            case _:
                pass

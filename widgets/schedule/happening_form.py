"""What happened, to what, from when: the upper part of the dialog that mends a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from PySide6.QtCore import QDate, QDateTime, Qt, QTime, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDateEdit,
    QDateTimeEdit,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QWidget,
)
from typing_extensions import override

from domain.happenings import SUBJECTS, Happening, HappeningKind
from domain.orders import PurchaseLine
from domain.production import Operation, WorkOrder
from domain.resources import Machine, Operator
from widgets.outlook import Outlook, step_title
from widgets.speaking import Speaking
from widgets.text import enum_text, tr

_USUAL_HOURS = 8
_USUAL_DAYS = 2
_USUAL_PERCENT = 150

# Which fields each kind asks for.
_FIELDS: Mapping[HappeningKind, tuple[str, ...]] = {
    HappeningKind.BREAKDOWN: ("start", "end"),
    HappeningKind.ABSENCE: ("start", "end"),
    HappeningKind.MATERIAL: ("due",),
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
        self.kind, self.subject = QComboBox(self), QComboBox(self)
        self.start, self.end = QDateTimeEdit(self), QDateTimeEdit(self)
        self.due = QDateEdit(self)
        self.quantity = QDoubleSpinBox(self, minimum=0.001, maximum=1e9, decimals=3, value=1.0)
        self.percent = QSpinBox(self, minimum=1, maximum=10_000, value=_USUAL_PERCENT, suffix=" %")
        self.ask = QPushButton(self)
        self._labels: dict[str, QLabel] = {}
        self._lay_out()
        self._set_times()
        self.kind.currentIndexChanged.connect(self._show_kind)
        line = self.subject.lineEdit()
        if line is not None:
            line.editingFinished.connect(self._find_subject)
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
        self.subject.setEditable(True)
        self.subject.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = QCompleter(self.subject.model(), self.subject)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.subject.setCompleter(completer)
        self.ask.setAutoDefault(False)
        grid = QGridLayout(self)
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
        self.say(self.ask.setToolTip, "mending.ask.tip")
        grid.addWidget(self.ask, 1, 4)
        grid.setColumnStretch(1, 1)
        self.subject.setMinimumWidth(240)

    def _set_times(self) -> None:
        now = self._outlook.now_at.astimezone(self._outlook.zone)
        for edit, hours in ((self.start, 0), (self.end, _USUAL_HOURS)):
            edit.setDisplayFormat("yyyy-MM-dd HH:mm")
            edit.setDateTime(_wall(now + timedelta(hours=hours)))
        self.due.setDisplayFormat("yyyy-MM-dd")
        day = now.date() + timedelta(days=_USUAL_DAYS)
        self.due.setDate(QDate(day.year, day.month, day.day))

    def chosen_kind(self) -> HappeningKind:
        """What happened."""
        return list(HappeningKind)[max(0, self.kind.currentIndex())]

    def suggest(self, kind: HappeningKind | None, hints: Mapping[HappeningKind, UUID]) -> None:
        """Begin with a kind, and with what each kind most likely happened to."""
        self._hints = dict(hints)
        if kind is not None:
            self.kind.setCurrentIndex(list(HappeningKind).index(kind))
        self._show_kind()

    def set_outlook(self, outlook: Outlook) -> None:
        """Know the rows as they are now; what is chosen stays chosen."""
        chosen = self.subject.currentData()
        self._outlook = outlook
        if isinstance(chosen, UUID):
            self._hints[self.chosen_kind()] = chosen
        self._fill_subjects()

    def _show_kind(self, _at: int = 0) -> None:
        asked = _FIELDS[self.chosen_kind()]
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

    def _fill_subjects(self) -> None:
        kind = self.chosen_kind()
        for tell in (self._labels["subject"].setText, self.subject.setAccessibleName):
            tell(tr(f"mending.subject.{kind.value}"))
        self.subject.blockSignals(True)
        self.subject.clear()
        for words, row_id in sorted(self._subjects(kind)):
            self.subject.addItem(words, row_id)
        at = self.subject.findData(self._hints.get(kind)) if kind in self._hints else 0
        self.subject.setCurrentIndex(max(0, at))
        self.subject.blockSignals(False)
        self.ask.setEnabled(self.subject.count() > 0)
        empty = "" if self.subject.count() else tr(f"mending.nothing.{kind.value}")
        line = self.subject.lineEdit()
        if line is not None:
            line.setPlaceholderText(empty)

    def _find_subject(self) -> None:
        """Take what was typed for the row with this code, or the only one that has it in its text;
        else show again what is chosen, so that nothing is worked out for another than is read."""
        typed = self.subject.currentText().strip().casefold()
        texts = [self.subject.itemText(at).casefold() for at in range(self.subject.count())]
        named = [at for at, text in enumerate(texts) if f"{text} ".startswith(f"{typed} ")]
        found = named or [at for at, text in enumerate(texts) if typed in text]
        if typed and len(found) == 1:
            self.subject.setCurrentIndex(found[0])
        self.subject.setEditText(self.subject.itemText(self.subject.currentIndex()))

    def _subjects(self, kind: HappeningKind) -> Iterator[tuple[str, UUID]]:
        plan, booked = self._outlook.plan, self._outlook.bookings
        for row in plan.table(SUBJECTS[kind]).values():
            match row:
                case Machine() | Operator():
                    yield f"{row.code} {row.name}".strip(), row.id
                case PurchaseLine():
                    item = self._outlook.item(row.item_id)
                    yield f"{row.order_number}/{row.line} {item.code}", row.id
                case WorkOrder():
                    steps = plan.where(Operation, work_order_id=row.id)
                    if any(step.id in booked for step in steps):
                        yield f"{row.number} {self._outlook.item(row.item_id).code}", row.id
                case Operation() if row.id in booked:
                    order = plan.get(WorkOrder, row.work_order_id)
                    if order is not None:
                        item = self._outlook.item(order.item_id)
                        yield f"{order.number} {item.code} · {step_title(plan, row)}", row.id
                case _:
                    pass

    def happening(self) -> Happening | None:
        """What is filled in; None: nothing is chosen that it happened to."""
        subject_id = self.subject.currentData()
        if not isinstance(subject_id, UUID):
            return None
        day = self.due.date()
        return Happening(
            self.chosen_kind(),
            subject_id,
            start_at=self._instant(self.start),
            end_at=self._instant(self.end),
            due_on=datetime(day.year(), day.month(), day.day(), tzinfo=UTC).date(),
            quantity=Decimal(str(self.quantity.value())),
            percent=Decimal(self.percent.value()),
        )

    def _instant(self, edit: QDateTimeEdit) -> datetime:
        day, time = edit.date(), edit.time()
        zone = self._outlook.zone
        wall = datetime(day.year(), day.month(), day.day(), time.hour(), time.minute(), tzinfo=zone)
        return wall.astimezone(UTC)

    def _wish(self) -> None:
        happening = self.happening()
        if happening is not None:
            self.wished.emit(happening)

    @override
    def retranslate(self) -> None:
        super().retranslate()
        for at, kind in enumerate(HappeningKind):
            self.kind.setItemText(at, enum_text(kind))
        self._fill_subjects()


def _wall(at: datetime) -> QDateTime:
    return QDateTime(QDate(at.year, at.month, at.day), QTime(at.hour, at.minute))

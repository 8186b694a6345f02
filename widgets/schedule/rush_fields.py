"""What a rush order is to bring: quantity, day, urgency, customer and number."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import (
    QDateEdit,
    QGridLayout,
    QLabel,
    QLineEdit,
    QWidget,
)
from typing_extensions import override

from domain.happenings import Happening
from domain.items import Item
from domain.order_entry import next_order_number
from domain.orders import LEAST_URGENT, MOST_URGENT, Customer, OrderLine
from widgets.outlook import Outlook
from widgets.search_box import SearchBox
from widgets.speaking import Speaking
from widgets.spin import NumberBox, WholeBox
from widgets.text import unit_text

_USUAL_DAYS = 2
_MOST = 1e9
_LEAST_WIDTH = 96


class QuantityBox(NumberBox):
    """A quantity above 0 with its unit, without trailing zeros."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, 0.001, _MOST, 3)
        self.setValue(1.0)

    def show_unit(self, item: Item | None) -> None:
        """Name the unit in which an item is counted."""
        self.setSuffix(f" {unit_text(item.unit)}" if item is not None else "")

    def quantity(self) -> Decimal:
        """What is filled in."""
        return Decimal(_plain(self.value()))

    @override
    def textFromValue(self, val: float) -> str:
        return _plain(val).replace(".", self.locale().decimalPoint())


class RushFields(Speaking, QWidget):
    """The second row of the form; ``touched`` tells that something was changed."""

    touched = Signal()

    def __init__(self, outlook: Outlook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quantity = QuantityBox(self)
        self.wanted = QDateEdit(self)
        self.wanted.setCalendarPopup(True)
        self.wanted.setDisplayFormat("yyyy-MM-dd")
        self.priority = WholeBox(self, MOST_URGENT, LEAST_URGENT)
        self.customer, self.number = SearchBox(self), QLineEdit(self)
        self._suggested = ""
        self._outlook = outlook
        self._lay_out()
        self.set_outlook(outlook)
        self.wanted.setDate(_shown(outlook.today + timedelta(days=_USUAL_DAYS)))
        for signal in (
            self.quantity.valueChanged,
            self.wanted.dateChanged,
            self.priority.valueChanged,
            self.customer.currentIndexChanged,
            self.number.textEdited,
        ):
            signal.connect(lambda *_: self.touched.emit())
        self.number.editingFinished.connect(self._suggest_number)

    def fields(self) -> list[QWidget]:
        """Everything to fill in, in the order of reading."""
        return [self.quantity, self.wanted, self.priority, self.customer, self.number]

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        names = ("quantity", "wanted", "priority", "customer", "number")
        for column, (name, field) in enumerate(zip(names, self.fields(), strict=True)):
            label = QLabel(self)
            self.say(label.setText, f"mending.rush.{name}")
            self.say(field.setAccessibleName, f"mending.rush.{name}")
            self.say(field.setToolTip, f"mending.rush.{name}.tip")
            label.setBuddy(field)
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(3, 4)
        grid.setColumnStretch(4, 2)
        for field in (self.quantity, self.customer, self.number):
            field.setMinimumWidth(_LEAST_WIDTH)

    def show_item(self, item: Item | None) -> None:
        """What is asked for, in whose unit the quantity is."""
        self.quantity.show_unit(item)

    def set_outlook(self, outlook: Outlook) -> None:
        """Know customers and orders as they are now; what is filled in stays, but for a number that
        was suggested and that somebody else has taken since."""
        self._outlook = outlook
        self.wanted.setMinimumDate(_shown(outlook.today))
        customers = outlook.plan.table(Customer).values()
        named = sorted((f"{each.code} {each.name}".strip(), each.id) for each in customers)
        self.customer.fill([("", None), *named], self.customer.chosen())
        self._suggest_number()

    def _suggest_number(self) -> None:
        typed, plan = self.number.text().strip(), self._outlook.plan
        is_taken = plan.one(OrderLine, order_number=typed) is not None
        if not typed or (typed == self._suggested and is_taken):
            self._suggested = next_order_number(plan)
            self.number.setText(self._suggested)

    def fill(self, happening: Happening) -> None:
        """Show what was asked before; its number is as good as a suggested one."""
        self.quantity.setValue(float(happening.quantity))
        if happening.due_on is not None:
            self.wanted.setDate(_shown(happening.due_on))
        self.priority.setValue(happening.priority)
        self.customer.choose(happening.customer_id)
        self._suggested = happening.order_number
        self.number.setText(happening.order_number)

    def day(self) -> date:
        """The day on which it is wanted."""
        day = self.wanted.date()
        return date(day.year(), day.month(), day.day())


def _plain(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _shown(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)

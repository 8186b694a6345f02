"""A line of fields to type a wish into: item, one or several quantities, day, priority."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QCompleter,
    QDateEdit,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from domain.items import Item, ItemType
from domain.orders import LEAST_URGENT, MOST_URGENT, Wish
from widgets.models.columns import Column, Kind
from widgets.models.entry import EntryFault, parse
from widgets.speaking import Speaking
from widgets.spin import WholeBox
from widgets.text import tr

_QUANTITY = Column(key="quantity", value=lambda _row: None, kind=Kind.NUMBER, required=True)
_BETWEEN_QUANTITIES = re.compile(r"[;；、\s]+")


class WishForm(Speaking, QWidget):
    """``wished`` brings a list of Wish, one a quantity; ``refused`` why there is none, in words."""

    wished = Signal(object)
    refused = Signal(str)

    def __init__(self, today: date, due_on: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._today = today
        self._items: dict[str, Item] = {}
        self.item, self.quantity = QLineEdit(self), QLineEdit(self)
        self.due_on = QDateEdit(QDate(due_on.year, due_on.month, due_on.day), self)
        self.due_on.setCalendarPopup(True)
        self.due_on.setDisplayFormat("yyyy-MM-dd")
        self.priority = WholeBox(self, MOST_URGENT, LEAST_URGENT, 5)
        self.ask = QPushButton(self, default=True)
        self._lay_out()
        self.ask.clicked.connect(lambda _on=False: self._wish())

    def _lay_out(self) -> None:
        form = QGridLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(8)
        fields = {"item": self.item, "quantity": self.quantity}
        fields |= {"wished_on": self.due_on, "priority": self.priority}
        for column, (name, field) in enumerate(fields.items()):
            label = QLabel(self)
            self.say(label.setText, f"column.{name}")
            self.say(field.setAccessibleName, f"column.{name}")
            label.setBuddy(field)
            form.addWidget(label, 0, column)
            form.addWidget(field, 1, column)
        form.addWidget(self.ask, 1, len(fields))
        self.due_on.setMinimumWidth(116)
        form.setColumnStretch(0, 3)
        form.setColumnStretch(1, 2)
        self.say(self.ask.setText, "promise.ask")
        self.say(self.item.setPlaceholderText, "promise.item_hint")
        self.say(self.quantity.setPlaceholderText, "promise.quantity_hint")

    def set_items(self, items: Iterable[Item]) -> None:
        """Know what can be asked for."""
        sold = (item for item in items if item.type is not ItemType.PHANTOM)
        known = {_named(item).casefold(): item for item in sold}
        if known == self._items:
            return  # somebody may be choosing
        self._items = known
        completer = QCompleter([_named(item) for item in self._items.values()], self.item)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.item.setCompleter(completer)

    def suggest(self, item: Item) -> None:
        """Begin with this item."""
        self.item.setText(_named(item))
        self.quantity.setFocus()

    def _wish(self) -> None:
        try:
            item, quantities = self._typed_item(), self._typed_quantities()
        except EntryFault as fault:
            self.refused.emit(str(fault))
            return
        shown = self.due_on.date()
        due_on = date(shown.year(), shown.month(), shown.day())
        priority = self.priority.value()
        self.wished.emit([Wish(item.id, each, due_on, priority) for each in quantities])

    def _typed_item(self) -> Item:
        typed = " ".join(self.item.text().split()).casefold()
        found = self._items.get(typed)
        if found is None:
            found = next((i for i in self._items.values() if i.code.casefold() == typed), None)
        if found is None:
            self.item.setFocus()
            raise EntryFault(tr("promise.no_item", value=self.item.text()))
        return found

    def _typed_quantities(self) -> list[Decimal]:
        parts = [part for part in _BETWEEN_QUANTITIES.split(self.quantity.text()) if part]
        try:
            return [_quantity(part, self._today) for part in parts or [""]]
        except EntryFault:
            self.quantity.setFocus()
            raise


def _quantity(text: str, today: date) -> Decimal:
    number = parse(_QUANTITY, text, today)
    if not isinstance(number, Decimal) or number <= 0:
        raise EntryFault(tr("promise.no_quantity", value=text))
    return number


def _named(item: Item) -> str:
    return " ".join(f"{item.code} {item.name}".split())

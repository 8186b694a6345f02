"""When can we deliver? A dialog to ask the plan, and to make an order of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSplitter, QWidget
from typing_extensions import override

from domain.items import Item
from domain.orders import Customer, OrderLine, Wish
from widgets.dialogs.frame import Dialog
from widgets.grid.view import GridView
from widgets.orders.asked import ASKED_COLUMNS, Asked
from widgets.orders.ways import WaysTree
from widgets.orders.wish_form import WishForm
from widgets.outlook import Outlook
from widgets.search_box import SearchBox
from widgets.text import format_day, tr

_USUAL_DAYS = 14


@dataclass(frozen=True, slots=True)
class OrderWish:
    """Make an order of what was asked, or give the draft that it is about this due day."""

    asked: Asked
    due_on: date
    order_number: str
    customer_id: UUID | None


class PromiseDialog(Dialog):
    """Wishes above, answers side by side in the middle, the chosen one's ways below.

    ``asked`` brings the list of Asked to be answered by ``show_answers``; ``order_wished`` an
    OrderWish; ``export_wished`` the table. It stays open beside the window.
    """

    asked = Signal(object)
    order_wished = Signal(object)
    export_wished = Signal(object)

    def __init__(self, outlook: Outlook, parent: QWidget | None = None) -> None:
        super().__init__("promise.title", parent)
        self._outlook = outlook
        self._rows: dict[UUID, Asked] = {}
        self._customers: list[Customer] = []
        self.form = WishForm(outlook.today, outlook.today + timedelta(days=_USUAL_DAYS), self)
        self.notice = QLabel(self, wordWrap=True)
        self.grid = GridView(ASKED_COLUMNS, "promises", self)
        self.ways = WaysTree(self)
        self.days, self.number, self.customer = QComboBox(self), QLineEdit(self), SearchBox(self)
        self._lay_out()
        self.form.wished.connect(self._ask)
        self.form.refused.connect(self.grid.say_words)
        self.grid.chosen.rows_selected.connect(lambda _rows: self._show_chosen())
        self.grid.export_wished.connect(lambda: self.export_wished.emit(self.grid))
        self.set_outlook(outlook)
        self.say_notice("")
        self._show_chosen()
        self.resize(1120, 640)

    def _lay_out(self) -> None:
        self.grid.set_empty("promise.empty")
        self.say(self.ways.setAccessibleName, "promise.ways")
        halves = QSplitter(Qt.Orientation.Vertical, self)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.grid)
        halves.addWidget(self.ways)
        halves.setSizes([200, 260])
        self.body.addWidget(self.form)
        self.body.addWidget(self.notice)
        self.body.addWidget(halves, 1)
        self.body.addLayout(self._order_fields())
        self.make = self.add_button("promise.make", self._wish_order)
        self.add_button("words.close", self.reject)

    def _order_fields(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        fields = (("due_on", self.days), ("order_number", self.number), ("customer", self.customer))
        for name, field in fields:
            label = QLabel(self)
            self.say(label.setText, f"column.{name}")
            self.say(field.setAccessibleName, f"column.{name}")
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field, 2 if field is self.number else 3)
        return row

    # what is known

    def set_outlook(self, outlook: Outlook) -> None:
        """Know the items, customers and orders as they are now; answers stay."""
        self._outlook = outlook
        self.form.set_items(outlook.plan.table(Item).values())
        customers = list(outlook.plan.table(Customer).values())
        if customers == self._customers:
            return  # somebody may be choosing
        self._customers = customers
        named = [(customer.name or customer.code, customer.id) for customer in customers]
        self.customer.fill([("", None), *named], self.customer.chosen())

    def suggest_number(self, order_number: str) -> None:
        """Offer a number for the next new order."""
        self.number.setText(order_number)

    def say_notice(self, words: str) -> None:
        """Tell what holds for all answers; empty: nothing."""
        self.notice.setText(words)
        self.notice.setVisible(bool(words))

    # asking and answers

    def ask_for(self, drafts: Iterable[tuple[Wish, OrderLine]]) -> None:
        """Ask for drafts that there are."""
        self._send([self._asked(wish, line.id, line) for wish, line in drafts])

    def show_answers(self, answered: Sequence[Asked]) -> None:
        """Show what was asked with its answers."""
        self._rows.update((row.id, row) for row in answered)
        self.grid.show_rows(self._rows.values())
        self._show_chosen()

    def questions(self) -> list[Asked]:
        """All that was asked, in the order of asking."""
        return list(self._rows.values())

    def _ask(self, wishes: Sequence[Wish]) -> None:
        self.grid.say_words("")
        self._send([self._asked(wish, uuid4(), None) for wish in wishes])

    def _asked(self, wish: Wish, key: UUID, line: OrderLine | None) -> Asked:
        return Asked(key, wish, self._outlook.item(wish.item_id), line)

    def _send(self, rows: Sequence[Asked]) -> None:
        self.show_answers(rows)
        if rows:
            self.grid.chosen.select([rows[0].id])
            self.asked.emit(rows)

    # the chosen answer

    def _chosen(self) -> Asked | None:
        rows = self.grid.chosen.rows()
        return self._rows.get(rows[0].id) if rows else None

    def _show_chosen(self) -> None:
        asked = self._chosen()
        self.ways.show_asked(self._outlook.plan, asked)
        self.days.clear()
        if asked is not None:
            self._offer_days(asked)
        is_draft = asked is not None and asked.line is not None
        self.make.setText(tr("promise.set_day" if is_draft else "promise.make"))
        self.make.setEnabled(asked is not None)
        for field in (self.number, self.customer):
            field.setEnabled(not is_draft)

    def _offer_days(self, asked: Asked) -> None:
        """The wished day and the promised ones; that of the gentle way if the wish is too early."""
        days = {"wished": asked.wish.due_on}
        for name, way in (("gentle", asked.gentle), ("rush", asked.rush)):
            if way is not None:
                days[name] = way.finish_at.astimezone(self._outlook.zone).date()
        for name, day in days.items():
            self.days.addItem(tr(f"promise.day_{name}", day=format_day(day)), day)
        is_late = asked.gentle is not None and asked.gentle.late_minutes > 0
        self.days.setCurrentIndex(1 if is_late else 0)

    def _wish_order(self) -> None:
        asked, due_on = self._chosen(), self.days.currentData()
        if asked is not None and isinstance(due_on, date):
            customer_id = self.customer.chosen()
            self.order_wished.emit(OrderWish(asked, due_on, self.number.text(), customer_id))

    def mark_ordered(self, asked: Asked, line: OrderLine) -> None:
        """What was asked is this order line now."""
        self.show_answers([replace(asked, line=line)])

    @override
    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "make"):
            self.ways.retranslate()
            self._show_chosen()

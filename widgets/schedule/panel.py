"""The Schedule panel: start and stop planning, see how good the plan is, and the Gantt."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from domain.changes import Row
from domain.objectives import ON_TIME, PRESETS, ObjectiveProfile
from domain.orders import OrderLine
from domain.pegging import work_below
from domain.production import Operation, WorkOrder
from domain.resources import Machine, Plant
from domain.scenarios import Booking, Scenario
from widgets.gantt.data import GanttData
from widgets.gantt.view import GanttView
from widgets.next_turn import NextTurn
from widgets.outlook import Outlook
from widgets.panel import Panel
from widgets.schedule.figures import FiguresLine
from widgets.schedule.objectives import amounts_text, profile_name
from widgets.text import format_duration, tr

_MINUTE = timedelta(minutes=1)
_MANY = 1000
"""From so many bars on they are looked up in one turn of the event loop and placed in the next."""
_REDRAW_ALL = 200
"""So many changed bookings that the Gantt is faster laid out anew."""


class SchedulePanel(Panel):
    """The Gantt of the plan in force, or of the plan being made.

    Wishes: ``run_schedule``, ``stop_planning``, ``mend``, ``edit_objectives``, ``odds``,
    ``print_travellers``, ``export_plan``, ``import_workbook``. Moves and locks are signals of
    ``gantt``. ``profile_chosen`` brings the id of the profile to plan after.
    ``gantt_made`` comes once, when there is a factory to show.
    """

    gantt_made = Signal(object)
    profile_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("schedule", parent)
        self.add_command("run_schedule", "play", "F5")
        self.add_command("stop_planning", "square", "Shift+F5")
        self.add_command("mend", "triangle-alert", "F6")
        self.profiles = QComboBox(self)
        self.profiles.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.profiles.activated.connect(
            lambda at: self.profile_chosen.emit(self.profiles.itemData(at))
        )
        self.say(self.profiles.setToolTip, "schedule.profile")
        self.say(self.profiles.setAccessibleName, "schedule.profile")
        self.add_to_bar(self.profiles)
        self.add_command("edit_objectives", "settings")
        self.add_command("odds", "shield-check")
        self.add_command("print_travellers", "printer")
        self.add_command("export_plan", "file-spreadsheet")
        self.gantt: GanttView | None = None
        self._drawn: Mapping[UUID, Booking] = {}
        self._place_soon = NextTurn(self)
        self._is_dirty = True
        self._plan: object = None
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._empty_page())
        self.body.addWidget(self._pages, 1)
        self.quality = FiguresLine(self)
        self.body.addWidget(self.quality)
        self._moved: tuple[int, str] | None = None
        self._offer_words: Callable[[], str] = str
        self._running_words: Callable[[], str] = str
        self._profiles: tuple[list[ObjectiveProfile], UUID] = ([*PRESETS], ON_TIME.id)
        self.show_profiles(*self._profiles)
        self.show_running(is_running=False)

    def _empty_page(self) -> QWidget:
        page = QWidget(self)
        layout = QVBoxLayout(page)
        words = QLabel(page, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.say(words.setText, "schedule.empty")
        button = QPushButton(page)
        self.say(button.setText, "command.import_workbook")
        button.clicked.connect(lambda _on=False: self.wished.emit("import_workbook"))
        layout.addStretch(1)
        layout.addWidget(words)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(1)
        return page

    def note_changed(self, kinds: Collection[type[Row]]) -> None:
        """Rows of these kinds changed; other than bookings, everything is laid out anew."""
        if set(kinds) - {Booking, Scenario, OrderLine}:
            self._is_dirty = True

    def show_running(self, *, is_running: bool, words: Callable[[], str] = str) -> None:
        """Whether a planning run is under way, and how far it has come, in the words of now."""
        self._running_words = words if is_running else str
        if self.gantt is not None:
            self.gantt.empty.show_making(is_making=is_running)
        names = "run_schedule", "stop_planning"
        left, taken = names if is_running else names[::-1]
        has_keyboard = self.buttons[left].hasFocus()
        self.commands[taken].setEnabled(True)
        if has_keyboard:  # else it goes to the next button, whatever that does
            self.buttons[taken].setFocus()
        self.commands[left].setEnabled(False)
        self._tell_quality()

    def show_stopping(self) -> None:
        """The run has been told to end; its last plan is still to be checked and sent."""
        self.show_running(is_running=True, words=partial(tr, "planning.stopping"))

    def show_offer(self, words: Callable[[], str] = str) -> None:
        """Say that what is seen is an offer and not in force; an empty text: it is in force."""
        self._offer_words = words
        self._tell_quality()

    def show_profiles(self, profiles: Sequence[ObjectiveProfile], chosen: UUID) -> None:
        """The profiles there are to plan after, and which one is."""
        self._profiles = (list(profiles), chosen)
        self.profiles.clear()
        for profile in profiles:
            self.profiles.addItem(profile_name(profile), profile.id)
            if profile.id == chosen:
                self.profiles.setCurrentIndex(self.profiles.count() - 1)

    def show_moved(self, count: int | None, key: str = "amount.changes") -> None:
        """How many operations were moved in the making of this plan, and by what, as the key says.

        None: there was no plan to begin with, or somebody has changed it since.
        """
        self._moved = None if count is None else (count, key)
        self._tell_quality()

    @override
    def refresh(self) -> None:
        outlook = self.outlook
        if not outlook.plan.table(Plant):
            self._pages.setCurrentIndex(0)
            self._is_dirty = True
            return
        if self.gantt is None or self._is_dirty or self._plan is not outlook.plan:
            self._lay_out(outlook)
        else:
            self._update(self.gantt, outlook)
        self._pages.setCurrentIndex(1)
        self._tell_quality()

    def _lay_out(self, outlook: Outlook) -> None:
        bookings = outlook.bookings.values()
        data = GanttData(
            outlook.plan,
            bookings,
            outlook.now_at,
            slack=_slack(outlook),
            fragility=_fragility(outlook),
        )
        if self.gantt is None:
            self.gantt = GanttView(data, self)
            is_making = self.commands["stop_planning"].isEnabled()
            self.gantt.empty.show_making(is_making=is_making)
            self._pages.addWidget(self.gantt)
            self.gantt.selection_changed.connect(self._choose)
            self.gantt.mend_requested.connect(self._mend)
            self.gantt_made.emit(self.gantt)
        else:
            self._place_soon.begin(partial(self.gantt.set_data, data), at_once=len(data) < _MANY)
        self._drawn = outlook.bookings
        self._plan, self._is_dirty = outlook.plan, False

    def _update(self, gantt: GanttView, outlook: Outlook) -> None:
        changed, removed = _news(self._drawn, outlook.bookings)
        if len(changed) + len(removed) > _REDRAW_ALL:
            self._lay_out(outlook)
            return
        self._place_soon.end()
        if changed or removed:
            gantt.set_bookings(changed, removed)
        gantt.set_slack(_slack(outlook), outlook.now_at)
        gantt.set_fragility(_fragility(outlook))
        self._drawn = outlook.bookings

    def _tell_quality(self) -> None:
        scenario = self.outlook.scenario
        words = self._running_words()
        if not words and scenario is not None:
            late = sum(1 for fate in self.outlook.fates.values() if fate.late_minutes)
            minutes = sum(fate.late_minutes for fate in self.outlook.fates.values())
            words = tr("schedule.quality", count=late, late=format_duration(minutes))
        offer = self._offer_words()
        said = [offer, words, amounts_text(self.outlook.amounts)]
        if self._moved is not None and self.outlook.amounts and not offer:
            count, key = self._moved
            said.append(tr(key, count=count))
        said = [each for each in said if each]
        is_news = bool(offer or self._running_words())
        self.quality.tell("  ·  ".join(said), is_news=is_news)

    @override
    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint() - self.quality.spared()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.quality.fit(event.size().height())

    def _choose(self, operation_ids: Sequence[UUID]) -> None:
        found = (self.outlook.plan.get(Operation, each) for each in operation_ids)
        self.rows_chosen.emit([row for row in found if row is not None])

    def _mend(self, machine_id: UUID | None) -> None:
        """Something happened to what is selected, or to a machine's row."""
        machine = self.outlook.plan.get(Machine, machine_id)
        if machine is not None:
            self.rows_chosen.emit([machine])
        self.wished.emit("mend")

    @override
    def show_chosen(self, rows: Sequence[Row]) -> None:
        if self.gantt is None or self.gantt.canvas.hasFocus():
            return
        plan = self.outlook.plan
        ids: list[UUID] = []
        for row in rows:
            orders = [row] if isinstance(row, WorkOrder) else []
            if isinstance(row, OrderLine):
                orders = work_below(plan, row)
            if isinstance(row, Operation):
                ids.append(row.id)
            if isinstance(row, Machine):
                ids += [b.operation_id for b in self._drawn.values() if b.machine_id == row.id]
            for order in orders:
                ids += [step.id for step in plan.where(Operation, work_order_id=order.id)]
        self.gantt.highlight_operations(ids)

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self.show_profiles(*self._profiles)
        self._tell_quality()


def _news(
    drawn: Mapping[UUID, Booking], now: Mapping[UUID, Booking]
) -> tuple[list[Booking], set[UUID]]:
    """What is to be drawn anew, and the ids of what is not there any more; both by operation."""
    changed = [
        booking
        for key, booking in now.items()
        if (old := drawn.get(key)) is not booking and old != booking
    ]
    gone = [drawn[key] for key in drawn.keys() - now.keys()]
    gone += [drawn[one.operation_id] for one in changed if one.operation_id in drawn]
    return changed, {booking.id for booking in gone} - {booking.id for booking in changed}


def _fragility(outlook: Outlook) -> Mapping[UUID, float] | None:
    """How often each operation makes an order late, while that holds."""
    return None if outlook.odds is None or outlook.odds_are_old else outlook.odds.fragile


def _slack(outlook: Outlook) -> dict[UUID, int]:
    """Minutes from a line's finish to its due time, below 0 for late ones; unplanned left out."""
    return {
        line_id: (fate.due_at - fate.finish_at) // _MINUTE
        for line_id, fate in outlook.fates.items()
        if fate.finish_at is not None
    }

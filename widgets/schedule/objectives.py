"""The dialog in which planners say what makes a plan good: profiles, their goals and weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import cast
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from domain.objectives import PRESETS, WEIGHT_LIMIT, Goal, ObjectiveProfile
from widgets.dialogs.frame import Dialog
from widgets.spin import NumberBox
from widgets.text import enum_text, format_duration, tr

_ID = Qt.ItemDataRole.UserRole


def profile_name(profile: ObjectiveProfile) -> str:
    """What a profile is called; those that are always there are in the catalogue."""
    return tr(f"profile.{profile.name}") if is_preset(profile) else profile.name


def is_preset(profile: ObjectiveProfile) -> bool:
    """Whether a profile is always there and cannot be changed."""
    return any(profile.id == preset.id for preset in PRESETS)


_IF_ANY = (Goal.BUYING, Goal.OVERTIME)
"""Goals that most factories have nothing to do with: told only where there is any."""


def amounts_text(amounts: Mapping[Goal, int]) -> str:
    """How much of each goal a plan has, in words; no overtime is not worth a word."""
    said = [
        tr(f"amount.{goal.value}", count=amount, time=format_duration(amount))
        for goal in Goal
        if (amount := amounts.get(goal)) is not None and (amount or goal not in _IF_ANY)
    ]
    return "  ·  ".join(said)


class GoalTable(QTableWidget):
    """A profile's goals, those that count first, each with its weight; ``told`` after an edit."""

    told = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.itemChanged.connect(lambda _item: self.told.emit())

    def fill(self, profile: ObjectiveProfile) -> None:
        """Show a profile's goals."""
        row = self.currentRow()
        known = [Goal(goal) for goal in profile.goals if goal in set(Goal)]
        order = [*known, *(goal for goal in Goal if goal not in known)]
        self.blockSignals(True)
        self.setRowCount(len(order))
        headers = ("objectives.goal", "objectives.weight", "objectives.unit")
        self.setHorizontalHeaderLabels([tr(key) for key in headers])
        for at, goal in enumerate(order):
            self._fill_row(at, goal, profile, is_on=goal in known)
        self.blockSignals(False)
        self.resizeColumnToContents(2)
        self.setCurrentCell(max(0, row), 0)

    def _fill_row(self, at: int, goal: Goal, profile: ObjectiveProfile, *, is_on: bool) -> None:
        is_own = not is_preset(profile)
        item = QTableWidgetItem(enum_text(goal))
        item.setToolTip(tr(f"goal.{goal.value}"))
        item.setData(_ID, goal.value)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        if is_own:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
        self.setItem(at, 0, item)
        weight = NumberBox(self, 0, float(WEIGHT_LIMIT), 2)
        weight.setValue(float(profile.weight(goal)))
        weight.setKeyboardTracking(False)
        weight.setAccessibleName(enum_text(goal))
        weight.setEnabled(profile.is_weighted and is_on and is_own)
        weight.valueChanged.connect(lambda _value: self.told.emit())
        self.setCellWidget(at, 1, weight)
        unit = QTableWidgetItem(tr(f"unit.{goal.value}"))
        unit.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.setItem(at, 2, unit)

    def goal(self, row: int) -> Goal:
        """The goal in a row."""
        return Goal(cast("QTableWidgetItem", self.item(row, 0)).data(_ID))

    def ticked(self) -> list[str]:
        """The goals that count, from the top."""
        items = (cast("QTableWidgetItem", self.item(at, 0)) for at in range(self.rowCount()))
        return [it.data(_ID) for it in items if it.checkState() is Qt.CheckState.Checked]

    def weights(self) -> dict[Goal, Decimal]:
        """Every goal's weight."""
        boxes = {self.goal(at): self.cellWidget(at, 1) for at in range(self.rowCount())}
        return {
            goal: round(Decimal(box.value()), 2)
            for goal, box in boxes.items()
            if isinstance(box, NumberBox)
        }


class ObjectivesDialog(Dialog):
    """Every finished edit is told at once: ``edited`` brings a profile as it should be.

    ``duplicated`` and ``deleted`` bring one that is there. ``show_profiles`` shows what came of it.
    """

    edited = Signal(object)
    duplicated = Signal(object)
    deleted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("objectives.title", parent)
        self._profiles: dict[UUID, ObjectiveProfile] = {}
        self._is_filling = False
        self.names = QListWidget(self)
        self.names.currentItemChanged.connect(lambda *_: self._fill())
        self.name = QLineEdit(self)
        self.name.editingFinished.connect(self._tell)
        self.in_order, self.weighed = QRadioButton(self), QRadioButton(self)
        self.weighed.toggled.connect(lambda _on: self._tell())
        self.hint, self.refusal = QLabel(self, wordWrap=True), QLabel(self, wordWrap=True)
        self.goals = GoalTable(self)
        self.goals.told.connect(self._tell)
        self.buttons: dict[str, QToolButton] = {}
        sides = QHBoxLayout()
        sides.setSpacing(16)
        sides.addLayout(self._left(), 2)
        sides.addLayout(self._right(), 3)
        self.body.addLayout(sides, 1)
        self.add_button("words.close", self.accept)
        self.resize(800, 480)

    def _left(self) -> QVBoxLayout:
        side, row = QVBoxLayout(), QHBoxLayout()
        self.say(self.names.setAccessibleName, "objectives.profiles")
        side.addWidget(self.names, 1)
        row.addWidget(self._button("duplicate", "copy", self._duplicate))
        row.addWidget(self._button("delete", "trash-2", self._delete))
        row.addStretch(1)
        side.addLayout(row)
        return side

    def _right(self) -> QVBoxLayout:
        side, row = QVBoxLayout(), QHBoxLayout()
        self.say(self.name.setAccessibleName, "objectives.name")
        self.say(self.name.setPlaceholderText, "objectives.name")
        self.say(self.in_order.setText, "objectives.in_order")
        self.say(self.weighed.setText, "objectives.weighed")
        self.say(self.goals.setAccessibleName, "objectives.goals")
        self.goals.currentCellChanged.connect(lambda *_: self._enable())
        row.addWidget(self._button("up", "arrow-up", lambda: self._move(-1)))
        row.addWidget(self._button("down", "arrow-down", lambda: self._move(1)))
        row.addWidget(self.hint, 99)
        row.addWidget(self.refusal, 99)
        row.addStretch(1)
        for widget in (self.name, self.in_order, self.weighed):
            side.addWidget(widget)
        side.addWidget(self.goals, 1)
        side.addLayout(row)
        return side

    def _button(self, name: str, icon: str, does: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        self.say(button.setToolTip, f"objectives.{name}")
        self.say(button.setAccessibleName, f"objectives.{name}")
        self.show_icon(button, icon)
        button.clicked.connect(lambda _on=False: does())
        self.buttons[name] = button
        return button

    def show_profiles(self, profiles: Sequence[ObjectiveProfile], chosen: UUID | None) -> None:
        """Show these profiles, and of them the one that was shown, else the chosen one."""
        present = self.profile
        is_there = present is not None and present.id in {each.id for each in profiles}
        shown = present.id if present is not None and is_there else chosen
        self._profiles = {profile.id: profile for profile in profiles}
        self.names.blockSignals(True)
        self.names.clear()
        for profile in profiles:
            item = QListWidgetItem(profile_name(profile), self.names)
            item.setData(_ID, profile.id)
            if profile.id == shown:
                self.names.setCurrentItem(item)
        self.names.blockSignals(False)
        self._fill()

    def choose(self, profile_id: UUID) -> None:
        """Show one of the profiles."""
        for at in range(self.names.count()):
            if self.names.item(at).data(_ID) == profile_id:
                self.names.setCurrentRow(at)

    def refuse(self, words: str) -> None:
        """Say why the last edit was not taken, and show what holds."""
        self._fill()
        self.refusal.setText(words)
        self.refusal.show()

    @property
    def profile(self) -> ObjectiveProfile | None:
        """The profile that is shown."""
        if self.names.currentRow() < 0:
            return None
        return self._profiles.get(self.names.currentItem().data(_ID))

    def _fill(self) -> None:
        profile = self.profile
        if profile is None:
            return
        self._is_filling = True
        self.refusal.setText("")
        self.refusal.hide()
        self.name.setText(profile_name(profile))
        self.weighed.setChecked(profile.is_weighted)
        self.in_order.setChecked(not profile.is_weighted)
        self.goals.fill(profile)
        self._is_filling = False
        self._enable()

    def _enable(self) -> None:
        profile = self.profile
        is_own = profile is not None and not is_preset(profile)
        for widget in (self.name, self.in_order, self.weighed, self.buttons["delete"]):
            widget.setEnabled(is_own)
        is_ranked = is_own and profile is not None and not profile.is_weighted
        row, last = self.goals.currentRow(), self.goals.rowCount() - 1
        self.buttons["up"].setEnabled(is_ranked and row > 0)
        self.buttons["down"].setEnabled(is_ranked and 0 <= row < last)
        self.hint.setText("" if is_own else tr("objectives.preset"))
        self.hint.setVisible(not is_own)

    def _tell(self) -> None:
        profile = self.profile
        if self._is_filling or profile is None or is_preset(profile):
            return
        weights = {f"{goal.value}_weight": each for goal, each in self.goals.weights().items()}
        wished = replace(
            profile,
            name=self.name.text().strip(),
            is_weighted=self.weighed.isChecked(),
            goals=tuple(self.goals.ticked()),
            **weights,
        )
        if wished != profile:
            self.edited.emit(wished)

    def _move(self, step: int) -> None:
        profile, row = self.profile, self.goals.currentRow()
        if profile is None:
            return
        order, goal = self.goals.ticked(), self.goals.goal(row)
        if goal not in order or not 0 <= order.index(goal) + step < len(order):
            return
        at = order.index(goal)
        order[at], order[at + step] = order[at + step], order[at]
        self.goals.setCurrentCell(row + step, 0)
        self.edited.emit(replace(profile, goals=tuple(order)))

    def _duplicate(self) -> None:
        if self.profile is not None:
            self.duplicated.emit(self.profile)

    def _delete(self) -> None:
        if self.profile is not None and not is_preset(self.profile):
            self.deleted.emit(self.profile)

    @override
    def retranslate(self) -> None:
        super().retranslate()
        self.show_profiles(list(self._profiles.values()), None)

"""Which profile plans are made after, and the dialog in which profiles are made."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from uuid import UUID, uuid4

from PySide6.QtCore import QObject

from app.planning import PlanningRun
from app.session import Session
from domain import edits
from domain.changes import ChangeSet, Row
from domain.errors import DomainError
from domain.objectives import ON_TIME, PRESETS, ObjectiveProfile
from widgets.schedule.objectives import ObjectivesDialog, profile_name
from widgets.schedule.panel import SchedulePanel
from widgets.text import error_text, tr

_CHOICE = "profile"


class Objectives(QObject):
    """Keeps the panel's choice, the dialog and the planning run on one profile."""

    def __init__(
        self, session: Session, panel: SchedulePanel, planning: PlanningRun, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._panel, self._planning = session, panel, planning
        self._dialog: ObjectivesDialog | None = None
        panel.profile_chosen.connect(self._choose)

    def profiles(self) -> list[ObjectiveProfile]:
        """Those that are always there, then the planners' own by name."""
        own = self._session.bench.plan.table(ObjectiveProfile).values()
        return [*PRESETS, *sorted(own, key=lambda profile: profile.name.casefold())]

    def note_changed(self, kinds: Collection[type[Row]]) -> None:
        """Rows of these kinds changed."""
        if ObjectiveProfile in kinds:
            self.show()

    def show(self) -> None:
        """Show the profiles there are; a choice that is gone falls back to due dates first."""
        profiles = self.profiles()
        wanted = str(self._session.config.get(_CHOICE, ""))
        chosen = next((each for each in profiles if str(each.id) == wanted), ON_TIME)
        self._planning.profile = chosen
        self._panel.show_profiles(profiles, chosen.id)
        if self._dialog is not None:
            self._dialog.show_profiles(profiles, chosen.id)

    def open_dialog(self) -> ObjectivesDialog:
        """Let the planner make and change profiles."""
        dialog = self._dialog = ObjectivesDialog(self._panel.window())
        dialog.edited.connect(lambda it: self._submit(lambda plan: edits.save_profile(plan, it)))
        dialog.duplicated.connect(self._duplicate)
        dialog.deleted.connect(lambda it: self._submit(lambda plan: edits.delete_profile(plan, it)))
        dialog.finished.connect(self._forget)
        dialog.show_profiles(self.profiles(), self._planning.profile.id)
        dialog.open()
        return dialog

    def _forget(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
        self._dialog = None

    def _choose(self, profile_id: UUID) -> None:
        self._session.config[_CHOICE] = str(profile_id)
        self.show()

    def _duplicate(self, profile: ObjectiveProfile) -> None:
        """A copy under a name that is free, shown at once."""
        taken = {profile_name(each).casefold() for each in self.profiles()}
        base = tr("objectives.copy", name=profile_name(profile))
        names = [base, *(f"{base} {number}" for number in range(2, len(taken) + 3))]
        name = next(each for each in names if each.casefold() not in taken)
        copy = replace(profile, id=uuid4(), row_version=0, name=name)
        self._submit(lambda plan: edits.save_profile(plan, copy))
        if self._dialog is not None:
            self._dialog.choose(copy.id)

    def _submit(self, make: Callable[..., ChangeSet]) -> None:
        bench = self._session.bench
        try:
            bench.submit(make(bench.plan))
        except DomainError as error:
            if self._dialog is not None:
                self._dialog.refuse(error_text(error))

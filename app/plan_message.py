"""What the planning process says while it plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection

from typing_extensions import override

from app.meaning import Meaning
from app.parcels import send
from domain.changes import Change, ChangeSet
from domain.errors import DomainError, Finding
from domain.mend_offers import Figures, MendOffer
from domain.objectives import Goal
from domain.scheduling.lateness import LineLateness


@dataclass(frozen=True, slots=True)
class PlanMessage:
    """What the planning process says.

    Numbers come up to ten times a second; ``amounts`` has them of every goal. ``changes`` is a
    whole new plan that passed the checker, as the difference to the rows that were sent: it comes
    with the first plan, about once a second when the plan got better, and at the end, together
    with its ``meaning``, which the window then need not work out. ``findings`` are what could not
    be planned and why. ``error`` ends a run without a plan.
    """

    weighted_lateness: int | None = None
    setup_minutes: int = 0
    lower_bound: int | None = None
    stage: str = ""
    seconds: float = 0
    changes: ChangeSet | None = None
    findings: tuple[Finding, ...] = ()
    error: DomainError | None = None
    is_last: bool = False
    amounts: Mapping[Goal, int] = field(default_factory=dict[Goal, int])
    meaning: Meaning | None = None

    def apart(self) -> tuple[Sequence[object], PlanMessage]:
        """The long lists of its plan, which travel in pieces, and the message without them."""
        if self.changes is None:
            return (), self
        bare = replace(self, changes=replace(self.changes, changes=()))
        if self.meaning is None:
            return self.changes.changes, bare
        fates, amounts = self.meaning
        return (*self.changes.changes, *fates.values()), replace(bare, meaning=({}, amounts))

    def whole(self, items: Sequence[object]) -> PlanMessage:
        """The message with the long lists of its plan put back."""
        if self.changes is None:
            return self
        changes = tuple(item for item in items if isinstance(item, Change))
        whole = replace(self, changes=replace(self.changes, changes=changes))
        if self.meaning is None:
            return whole
        fates = {item.order_line.id: item for item in items if isinstance(item, LineLateness)}
        return replace(whole, meaning=(fates, self.meaning[1]))


@dataclass(frozen=True, slots=True)
class MendMessage(PlanMessage):
    """An offer to mend the plan, or how the search for a better one goes.

    ``changes`` are the offer's; ``before`` is the plan in force.
    """

    offer: MendOffer | None = None
    before: Figures | None = None

    @override
    def apart(self) -> tuple[Sequence[object], PlanMessage]:
        items, bare = PlanMessage.apart(self)
        if self.offer is None:
            return items, bare
        return items, replace(bare, offer=replace(self.offer, changes=None))

    @override
    def whole(self, items: Sequence[object]) -> PlanMessage:
        whole = PlanMessage.whole(self, items)
        if self.offer is None:
            return whole
        return replace(whole, offer=replace(self.offer, changes=whole.changes))


class Outbox:
    """Sends messages, with a plan's changes ahead of them in pieces."""

    def __init__(self, link: Connection) -> None:
        self._link = link

    def send(self, message: PlanMessage) -> None:
        """Send one message."""
        send(self._link, *message.apart())

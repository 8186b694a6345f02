"""When we could deliver what is asked for, in the planner's terms: two offers for every wish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import Finding, Severity
from domain.orders import OrderLine, Wish
from domain.plan import Plan
from domain.scenarios import Scenario
from domain.scheduling.build import build_problem
from domain.scheduling.explain import Cause
from domain.scheduling.promise import Offer, Promise, Promiser
from domain.scheduling.why import Stretch, shown_plan, stretches


@dataclass(frozen=True, slots=True)
class Reason:
    """What ``minutes`` of the time up to the finish go on, wherever on the way that is.

    ``is_own`` tells time of the wished work itself from that of others it has to wait for.
    """

    cause: Cause
    machine_id: UUID | None
    item_ids: tuple[UUID, ...]
    is_own: bool
    minutes: int


@dataclass(frozen=True, slots=True)
class Way:
    """One way to fit a wish into the plan.

    Attributes:
        finish_at: When it would be done.
        late_minutes: How much later than the end of the wished day; 0: in time.
        value_change: Weighted minutes by which the other order lines get later in sum.
        later: The other order lines that get later, with the minutes, the worst first.
        moved: Operations of others that would start over an hour later than planned.
        reasons: What the time up to the finish goes on, the longest first.
        told: What is made otherwise than usual, as that would be late.
    """

    finish_at: datetime
    late_minutes: int
    value_change: int
    later: tuple[tuple[UUID, int], ...]
    moved: int
    reasons: tuple[Reason, ...]
    told: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer to a wish: ``gentle`` moves nothing else, ``rush`` goes first wherever it waits.

    Both are None if it cannot be made; ``findings`` say why. ``value`` is the plan's weighted
    lateness without it.
    """

    wish: Wish
    value: int
    gentle: Way | None
    rush: Way | None
    findings: tuple[Finding, ...]


class Quoter:
    """Answers wishes about one scenario; laying it out takes seconds in a large factory."""

    def __init__(
        self, plan: Plan, scenario: Scenario, asked_at: datetime, new_id: Callable[[], UUID]
    ) -> None:
        """``plan`` must not change afterwards; nothing begins before ``asked_at``.

        One thread at a time may ask.
        """
        self._plan, self.asked_at = plan.copy(), asked_at
        problem = build_problem(plan, scenario.now_at, scenario=scenario)
        solution = shown_plan(problem, plan, scenario)
        self._value = solution.value if solution else 0
        self._promiser = (
            Promiser(plan, problem, solution, new_id, asked_at=asked_at) if solution else None
        )

    def quote(self, wish: Wish) -> Quote | None:
        """Answer a wish; None: nothing is planned that it could be fitted into.

        Raises:
            DomainError: ``value_not_positive``; ``row_missing`` if there is no such item.
        """
        if self._promiser is None:
            return None
        promise = self._promiser.promise(wish)
        gentle, rush = (
            self._way(offer) if offer else None for offer in (promise.gentle, promise.rush)
        )
        return Quote(wish, self._value, gentle, rush, _obstacles(promise))

    def _way(self, offer: Offer) -> Way:
        line = next(row for row in offer.rows if isinstance(row, OrderLine))
        for row in offer.rows:
            self._plan.put(row)
        found = stretches(self._plan, offer.problem, offer.links, line.id)
        for row in offer.rows:
            self._plan.drop(type(row), row.id)
        return Way(
            offer.finish_at,
            offer.late_minutes,
            offer.value_change,
            offer.later_lines,
            offer.moved,
            tuple(_reasons(one for one in found if one.end_at > self.asked_at)),
            offer.told,
        )


def _obstacles(promise: Promise) -> tuple[Finding, ...]:
    """What MRP says about supplies too many is no matter of one wish."""
    return tuple(each for each in promise.findings if each.severity is Severity.ERROR)


def _reasons(found: Iterable[Stretch]) -> list[Reason]:
    """What has been before it was asked is no reason any more, and left out by the caller."""
    totals: Counter[tuple[Cause, UUID | None, tuple[UUID, ...], bool]] = Counter()
    for one in found:
        totals[one.cause, one.machine_id, one.item_ids, one.is_own] += one.minutes
    return [Reason(*key, minutes) for key, minutes in totals.most_common()]

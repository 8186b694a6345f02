"""Stop while a plan is mended: what is offered stays, and nothing more is worked out."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.mend_run import MendRequest, MendRun
from app.plan_message import MendMessage, PlanMessage
from domain.errors import Finding, Severity
from domain.happenings import Happening, HappeningKind
from domain.mend_offers import MendOffer, Way
from domain.objectives import Goal
from domain.scheduling import checks, engine
from domain.scheduling.engine import Progress
from domain.scheduling.problem import Solution
from tests.app.test_mend_run import machine_of, shop
from tests.builders import NOW, at

honest_check = checks.check_plan


class Stopping:
    """A run, and somebody who stops it as soon as an offer of a way is told."""

    def __init__(self, way: Way | None) -> None:
        self.sent: list[MendMessage] = []
        self.stop = threading.Event()
        self._way = way

    def send(self, message: MendMessage) -> None:
        self.sent.append(message)
        if message.offer is not None and message.offer.way is self._way:
            self.stop.set()

    def offers(self) -> list[MendOffer]:
        return [message.offer for message in self.sent if message.offer is not None]

    def run(self) -> PlanMessage:
        """A machine stops for five days."""
        plan = shop()
        stop = Happening(HappeningKind.BREAKDOWN, machine_of(plan, 0).id, NOW, at(7200))
        request = MendRequest(NOW, seconds=60, workers=1, iterations=2, happening=stop)
        return MendRun(plan, request, self).finish(self.stop)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The plans that the checker was asked about."""
    asked: list[object] = []

    def check(plan: object, *rest: object) -> object:
        asked.append(plan)
        return honest_check(plan, *rest)

    monkeypatch.setattr(checks, "check_plan", check)
    return asked


def test_stopped_before_the_first_offer_nothing_is_worked_out(checked: list[object]) -> None:
    run = Stopping(None)
    run.stop.set()
    last = run.run()
    assert (last.is_last, last.error, run.offers(), checked) == (True, None, [], [])


def test_stopped_after_the_push_no_other_way_is_tried_or_said_to_be_as_good(
    checked: list[object],
) -> None:
    run = Stopping(Way.PUSH)
    last = run.run()
    assert (last.is_last, last.error) == (True, None)
    assert [offer.way for offer in run.offers()] == [Way.PUSH]
    assert len(checked) == 1


def test_stopped_after_the_local_repair_planning_anew_has_what_that_has_found(
    checked: list[object],
) -> None:
    run = Stopping(Way.LOCAL)
    last = run.run()
    assert (last.is_last, last.error) == (True, None)
    push, local, anew = run.offers()
    assert (push.way, local.way) == (Way.PUSH, Way.LOCAL)
    assert anew == replace(local, way=Way.GLOBAL)
    assert len(checked) == 2


def test_stopped_while_the_checker_refuses_what_has_begun_is_not_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, asked, let_go = Stopping(Way.PUSH), list[object](), list[object]()
    monkeypatch.setattr("app.mend_run._anew", lambda *rest: let_go.append(rest))

    def check(plan: object, *_: object) -> list[Finding]:
        asked.append(plan)
        return [Finding("machine_overlap", Severity.ERROR)]

    monkeypatch.setattr(checks, "check_plan", check)
    last = run.run()
    assert (last.is_last, last.error) == (True, None)
    assert [(offer.way, offer.changes) for offer in run.offers()] == [(Way.PUSH, None)]
    assert (len(asked), let_go) == (1, [])


class AtOnce(contextlib.nullcontext[Any]):
    """Stands in for telling beside the search: every word is heard before the search goes on."""

    def __init__(self, tell: Callable[[Progress], object]) -> None:
        super().__init__(self)
        self.hear = tell


def test_what_the_search_found_is_offered_before_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A better plan comes right after one that was offered, and none after it; the search goes on
    for some seconds. It is seen before that is over."""
    run, seconds, seen = Stopping(None), [100.0], list[int]()
    monkeypatch.setattr("app.plan_run.Telling", AtOnce)
    monkeypatch.setattr("app.mend_run.time.monotonic", lambda: seconds[0])

    def solve(
        *_: object, start: Solution, on_progress: Callable[[Progress], object], **__: object
    ) -> Solution:
        best = start
        for setup, after in ((-1, 0.0), (-2, 0.5), (None, 0.5), (None, 0.5)):
            seconds[0] += after
            better = None if setup is None else replace(start, setup_minutes=setup)
            best = better or best
            on_progress(Progress(0, 0, dict.fromkeys(Goal, 0), 0, 0.0, 0, "search", better))
            seen.append(len(run.offers()) - 2)  # but for push and local repair
        run.stop.set()
        return best

    monkeypatch.setattr(engine, "solve", solve)
    run.run()
    assert [offer.way for offer in run.offers()][2:] == [Way.GLOBAL, Way.GLOBAL]
    assert seen == [1, 1, 2, 2]

"""A search that goes on while others are told of it."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.telling import Telling
from domain.errors import DomainError
from domain.objectives import Goal
from domain.scheduling.engine import Progress


def progress(value: int, plan: str = "") -> Progress:
    """What a search says; a plan only has a name here."""
    solution = cast("Any", SimpleNamespace(name=plan)) if plan else None
    return Progress(value, 0, dict.fromkeys(Goal, 0), 0, 0.0, 0, "search", solution)


def names(heard: list[Progress]) -> list[tuple[int, str]]:
    """Value and plan of each."""
    return [(each.value, getattr(each.solution, "name", "")) for each in heard]


def test_of_what_comes_while_it_is_busy_the_last_is_told_with_the_newest_plan() -> None:
    heard, is_all_told = list[Progress](), threading.Event()
    may_go_on, is_at_it = threading.Event(), threading.Event()

    def tell(each: Progress) -> None:
        is_at_it.set()
        may_go_on.wait(20)
        heard.append(each)
        if len(heard) == 2:
            is_all_told.set()

    with Telling(tell) as telling:
        telling.hear(progress(5, "first"))
        assert is_at_it.wait(20)
        for each in (progress(4, "second"), progress(3, "third"), progress(3)):
            telling.hear(each)  # which does not wait
        assert heard == []
        may_go_on.set()
        assert is_all_told.wait(20)  # without anything else being heard
    assert names(heard) == [(5, "first"), (3, "third")]


def test_it_ends_when_all_is_told_and_raises_what_went_wrong() -> None:
    heard = list[Progress]()
    with Telling(heard.append) as telling:
        telling.hear(progress(1, "only"))
    assert names(heard) == [(1, "only")]

    def fail(_each: Progress) -> None:
        raise DomainError("plan_missing")

    with pytest.raises(DomainError, match="plan_missing"), Telling(fail) as telling:
        telling.hear(progress(1))

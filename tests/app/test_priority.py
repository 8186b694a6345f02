"""What the window looks for garbage in, and what it leaves out, as the rows of plans."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from app import priority
from app.priority import keep_what_is_new
from domain.changes import Row
from tests.builders import make_work_center


class Circle:
    """Holds itself, as dialogs do."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def _tidy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a window that has tidied up after its start."""
    monkeypatch.setattr(priority, "_is_tidy", True)
    yield
    gc.unfreeze()


def is_looked_through(row: Row) -> bool:
    return any(each is row for each in gc.get_objects())


@pytest.mark.usefixtures("_tidy")
def test_what_is_kept_is_left_out_from_then_on() -> None:
    row = make_work_center()
    assert is_looked_through(row)
    keep_what_is_new()
    assert not is_looked_through(row)


@pytest.mark.usefixtures("_tidy")
def test_what_was_dropped_before_goes_first_if_it_is_looked_for() -> None:
    known = ref(Circle())
    keep_what_is_new(looks_first=True)
    assert known() is None


def test_a_program_that_never_tidied_up_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priority, "_is_tidy", False)
    row = make_work_center()
    keep_what_is_new(looks_first=True)
    assert is_looked_through(row)

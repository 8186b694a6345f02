"""What the window says of a plan: a gap only where the bound tells something."""

import pytest

from app.desk import progress_words
from app.plan_message import PlanMessage
from widgets.text import language, set_language


@pytest.mark.parametrize(("spoken", "words"), [("en", "no useful bound"), ("zh", "暂无")])
def test_a_gap_over_nine_tenths_is_no_number(spoken, words):
    before = language()
    set_language(spoken)
    try:
        useless = progress_words(PlanMessage(100_000, 10, 9_999, "search", 1.0))
        useful = progress_words(PlanMessage(100_000, 10, 10_000, "search", 1.0))
    finally:
        set_language(before)
    assert words in useless
    assert "%" not in useless
    assert "90%" in useful
    assert words not in useful

"""``--language`` may stand before the command or after it."""

from __future__ import annotations

import pytest

from app.__main__ import build_parser


@pytest.mark.parametrize(
    "words", [["--language", "zh", "server", "status"], ["server", "status", "--language", "zh"]]
)
def test_the_language_may_stand_on_either_side(words: list[str]):
    assert build_parser().parse_args(words).language == "zh"

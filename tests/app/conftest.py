"""What the tests of the program share: one planned sample, settings of one's own, English."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from widgets.text import RESOURCES, language, set_language

FIRST_LOOK = RESOURCES / "samples" / "first-look.xlsx"
NOW_TEXT = "2026-12-01T08:00"


@dataclass(frozen=True)
class Called:
    """A finished call of the command line."""

    status: int
    out: str
    err: str

    @property
    def numbers(self) -> Any:
        """The JSON object that its last line is."""
        return json.loads(self.out.splitlines()[-1])


def gantry(*arguments: object, home: Path, spoken: str = "en") -> Called:
    """Call the program in a process of its own, as people do."""
    words = [sys.executable, "-m", "app", "--language", spoken, *map(str, arguments)]
    done = subprocess.run(
        words,
        capture_output=True,
        cwd=RESOURCES.parent,
        env={**os.environ, "GANTRY_HOME": str(home)},
        timeout=300,
        check=False,
    )
    return Called(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


@dataclass(frozen=True)
class Planned:
    """The first sample, planned from the command line."""

    called: Called
    folder: Path


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    folder = tmp_path_factory.mktemp("planned") / "out"
    called = gantry(
        *("plan", FIRST_LOOK, "--now", NOW_TEXT, "--seconds", 2, "--seed", 3, "--workers", 1),
        *("--out", folder, "--json"),
        home=folder.parent,
    )
    assert called.status == 0, called.err
    return Planned(called, folder)


@pytest.fixture(autouse=True)
def _same_language() -> Iterator[None]:
    """A test may speak another language; the next one finds English again."""
    before = language()
    set_language("en")
    yield
    set_language(before)

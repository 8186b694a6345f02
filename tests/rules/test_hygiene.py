"""The project speaks of itself: of no machine it was written on, of no registry, of no person."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from tests.rules.source import sources, tracked_texts

# Written so that this file does not contain what it looks for.
MACHINE_PATHS = re.compile(
    r"/[w]ork/[a-z.]|/[f]arm/|/[r]oot/|/[h]ome/[a-z]+/|[C]:\\Users\\[a-z]|/tmp/[b]rief"
)
REGISTRIES = re.compile(
    r"p[y]pi\.org|python[h]osted|registry\.np[m]|registry\.[y]arnpkg|[d]eb\.debian\.org"
    r"|archive\.[u]buntu\.com|--(extra-)?index[-]url|--find[-]links|--trusted[-]host",
    re.IGNORECASE,
)
LARGEST_FILE_CHARACTERS = 3_000_000
NO_TEXT_READ_WITHOUT_ENCODING = re.compile(
    r"\.(?:read_text|write_text)\((?![^\n]*encoding)(?=[^\n]*\)$)", re.MULTILINE
)


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRIES], ids=["paths", "registries"])
def test_no_file_names_a_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    found = [
        f"{name}:{number} {match[0]}"
        for name, text in tracked_texts()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATHS, "see /wor" + "k/main/x"),
        (MACHINE_PATHS, "C:\\Us" + "ers\\zhang"),
        (REGISTRIES, "https://py" + "pi.org/simple"),
        (REGISTRIES, "pip install --index-" + "url x"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_text_files_are_read_and_written_as_utf8() -> None:
    """Windows would take another encoding; a Chinese one in China."""
    found = [
        f"{source.name}: {match[0]}"
        for source in sources("app", "db", "domain", "widgets", "installer")
        for match in NO_TEXT_READ_WITHOUT_ENCODING.finditer(source.text)
    ]
    assert found == []


def test_no_file_is_huge() -> None:
    assert [name for name, text in tracked_texts() if len(text) > LARGEST_FILE_CHARACTERS] == []


def test_names_fit_every_file_system() -> None:
    """No two names differ in case only, and none has a character Windows refuses."""
    names = [name for name, _ in tracked_texts()]
    assert len({name.casefold() for name in names}) == len(names)
    assert [name for name in names if re.search(r'[<>:"|?*\\]|[ .]$', name)] == []
    assert [
        name for name in names if PurePosixPath(name).stem.lower() in ("con", "nul", "aux")
    ] == []

"""Everything the program says is in the catalogue, whole, in both languages."""

from __future__ import annotations

import json
import re
import string

import pytest

from tests.rules import wording
from tests.rules.source import ROOT, Source, sources
from widgets.text import LANGUAGES, catalogue

CHINESE = re.compile(r"[\u3400-\u9fff]")
# What people may write into a workbook in either language.
EXAMPLES = re.compile(r"\d月\d+日|周[一二三四五六日]|是/否")
# Names and measures that are the same in both languages.
SAME_IN_BOTH = re.compile(
    r"\{[^}]*\}|Gantry|Ctrl|Shift|Alt|PostgreSQL|Excel|CP-SAT|[A-Z]{2,}|\b\w\b"
)
# A language calls itself by its own name, and by its code, wherever it is named.
OWN_NAMES = re.compile(r"(.*\.)?(lang|language\.(en|zh))")
AREAS = sorted({path.name.split(".")[0] for path in (ROOT / "resources" / "i18n").iterdir()})


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_say_the_same_things(area: str) -> None:
    english, chinese = (
        json.loads((ROOT / "resources" / "i18n" / f"{area}.{name}.json").read_text("utf-8"))
        for name in ("en", "zh")
    )
    # A plural of its own is an English matter.
    missing = {key for key in english.keys() ^ chinese.keys() if not key.endswith(".one")}
    assert missing == set()
    differing = {key for key in chinese if placeholders(chinese[key]) != placeholders(english[key])}
    assert differing == set()


def test_every_text_is_in_its_language() -> None:
    english, chinese = catalogue("en"), catalogue("zh")
    assert [
        key
        for key, text in english.items()
        if CHINESE.search(EXAMPLES.sub("", text)) and not OWN_NAMES.fullmatch(key)
    ] == []
    untranslated = [
        key
        for key, text in chinese.items()
        if not CHINESE.search(text) and re.search(r"[A-Za-z]{2,}", SAME_IN_BOTH.sub("", text))
        if not OWN_NAMES.fullmatch(key)
    ]
    assert untranslated == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_is_said_twice(language: str) -> None:
    keys = [
        key
        for path in sorted((ROOT / "resources" / "i18n").glob(f"*.{language}.json"))
        for key, _ in json.loads(path.read_text("utf-8"), object_pairs_hook=list)
    ]
    assert sorted(key for key in set(keys) if keys.count(key) > 1) == []


def test_every_text_the_code_asks_for_exists() -> None:
    texts = catalogue("en")
    missing = [
        f"{each.place} {each.key}"
        for each in wording.asked(sources(*wording.CODING))
        if each.key not in texts
    ]
    assert missing == []


def test_every_placeholder_is_filled() -> None:
    texts = catalogue("en")
    unfilled = [
        f"{each.place} {each.key} {{{name}}}"
        for each in wording.asked(sources(*wording.CODING))
        if each.names is not None and each.key in texts
        for name in placeholders(texts[each.key]) - each.names
    ]
    assert unfilled == []


def test_every_enumeration_has_its_words() -> None:
    assert [key for key in wording.enum_keys() if key not in catalogue("en")] == []


def test_no_text_is_left_over() -> None:
    left = wording.unused(catalogue("en"), sources(*wording.CODING))
    assert [key for key in left if key not in wording.enum_keys()] == []


def test_what_is_asked_for_is_seen() -> None:
    code = (
        Source(
            "x.py",
            "class Lost(StoreError): ...\n"
            "tr('a.b', n=1)\nLost('gone', who=2)\nFinding('late')\nprint('no key')\n"
            "tr(f'stage.{name}')\nuse('first', 'kept.whole')",
        ),
    )
    seen = {(each.key, each.names) for each in wording.asked(code)}
    assert seen == {
        ("a.b", frozenset({"n"})),
        ("error.gone", frozenset({"who"})),
        ("finding.late", None),
    }
    texts = dict.fromkeys(["stage.first", "stage.other", "kept.whole", "kept.whole.one", "old"], "")
    assert wording.unused(texts, code) == ["stage.other", "old"]

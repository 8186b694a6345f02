"""Compiled code is never stale, and what no change has reached is not compiled again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app import compiling

LEAF = "@lean\ndef leaf(): return {value}\n"
CALLER = "from domain.scheduling.leaf import leaf\n@lean\ndef call(): return leaf()\n"
OTHER = "@lean\ndef other(): return 1\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scheduling"
    folder.mkdir()
    (folder / "leaf.py").write_text(LEAF.format(value=1), encoding="utf-8")
    (folder / "caller.py").write_text(CALLER, encoding="utf-8")
    (folder / "other.py").write_text(OTHER, encoding="utf-8")
    (folder / "plain.py").write_text("ONE = 1\n", encoding="utf-8")
    monkeypatch.setattr(compiling, "_SOURCE", folder)
    monkeypatch.setattr(compiling, "_cache_home", lambda: tmp_path / "cache")
    return folder


def kept(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return compiling.keep_compiled_code()


def compile_all(folder: Path) -> None:
    for name in ("leaf.leaf", "caller.call", "other.other"):
        for kind in ("nbi", "1.nbc"):
            path = folder / "scheduling_x" / f"{name}-2.py311.{kind}"
            path.parent.mkdir(exist_ok=True)
            path.write_text(name, encoding="utf-8")


def test_a_change_drops_what_it_reaches_and_no_more(source, monkeypatch):
    first = kept(monkeypatch)
    compile_all(first)
    (source / "leaf.py").write_text(LEAF.format(value=2), encoding="utf-8")
    second = kept(monkeypatch)
    assert second != first
    assert sorted(path.name for path in second.rglob("*.nb*")) == [
        "other.other-2.py311.1.nbc",
        "other.other-2.py311.nbi",
    ]


def test_a_change_without_compiled_functions_changes_nothing(source, monkeypatch):
    first = kept(monkeypatch)
    (source / "plain.py").write_text("ONE = 2\n", encoding="utf-8")
    assert kept(monkeypatch) == first


def test_a_constant_of_a_plain_module_counts_where_it_is_used(source, monkeypatch):
    text = "from domain.scheduling.plain import ONE\n" + OTHER
    (source / "other.py").write_text(text, encoding="utf-8")
    first = kept(monkeypatch)
    (source / "plain.py").write_text("ONE = 2\n", encoding="utf-8")
    assert kept(monkeypatch) != first


def test_only_some_old_folders_stay(source, monkeypatch, tmp_path):
    for value in range(8):
        (source / "leaf.py").write_text(LEAF.format(value=value), encoding="utf-8")
        kept(monkeypatch)
    assert len(list((tmp_path / "cache").iterdir())) <= 5


def test_code_is_kept_also_where_another_process_tidies_away_what_was_to_be_taken_over(
    source, monkeypatch, tmp_path
):
    """Two programs start at once, and the other one finds these to be the oldest."""
    first, copy = kept(monkeypatch), shutil.copy2
    compile_all(first)

    def copy_while_it_goes(*args):
        copy(*args)
        shutil.rmtree(first)

    monkeypatch.setattr(compiling.shutil, "copy2", copy_while_it_goes)
    (source / "leaf.py").write_text(LEAF.format(value=2), encoding="utf-8")
    second = kept(monkeypatch)
    assert second.parent == tmp_path / "cache"
    assert [path.name for path in second.parent.iterdir()] == [second.name]
    assert len(list(second.rglob("*.nb*"))) == 1  # of the two that are still good

"""Settings that several windows share."""

from __future__ import annotations

import json
from pathlib import Path

from app.config import Config


def test_two_windows_keep_each_others_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    one, other = Config(path), Config(path)
    one["language"] = "zh"
    other["density"] = "roomy"
    one["scheme"] = "dark"
    del one["language"]
    assert json.loads(path.read_text(encoding="utf-8")) == {"density": "roomy", "scheme": "dark"}


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("{", encoding="utf-8")
    assert not Config(path)
    assert path.with_suffix(".damaged.json").read_text(encoding="utf-8") == "{"

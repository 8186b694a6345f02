"""The direction app → (widgets | db) → domain, as pyproject.toml states it for import-linter."""

from __future__ import annotations

import subprocess
import sys

from tests.rules.source import ROOT

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_imports_go_one_way() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=None,
        check=False,
    )
    assert done.returncode == 0, done.stdout[done.stdout.find("Contracts") :] + done.stderr

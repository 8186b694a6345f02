#!/usr/bin/env python3
"""Everything to work on Gantry from a fresh clone, on Windows, Debian or Ubuntu.

    python3 installer/dev.py setup             make .venv with all that Gantry needs
    python3 installer/dev.py run [...]         the same, then start Gantry
    python3 installer/dev.py test [...]        the same, then run the tests (arguments go to pytest)
    python3 installer/dev.py check             the same, then lint, types, imports and house rules
    python3 installer/dev.py screenshots DIR   the same, then render every panel to PNG files
    python3 installer/dev.py package           the same, then pack the program into dist/gantry

Needs nothing but Python 3.11 or newer. The second time it takes a second.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - whoever comes with an older one is to be told
    sys.exit(f"Gantry needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

import tomllib

sys.path.insert(0, str(Path(__file__).resolve().parent))

import debian

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
CONSTRAINTS = ROOT / "installer" / "constraints.txt"
STAMP = VENV / "gantry-setup.txt"
COMMANDS = ("setup", "run", "test", "check", "screenshots", "package")


def main() -> int:
    """Do what the command line asks; 0 if all of it went well, 2 for a wrong command."""
    command, *arguments = sys.argv[1:] or [""]
    if command not in COMMANDS or (command == "screenshots" and len(arguments) != 1):
        print(__doc__)
        return 0 if command in ("-h", "--help") else 2
    set_up()
    if command == "setup":
        return 0
    steps = {
        "run": [[PYTHON, "-m", "app", "run", *arguments]],
        "test": [[PYTHON, "-m", "pytest", *(arguments or WHOLE_SUITE)]],
        "screenshots": [[PYTHON, "-m", "app", "screenshots", *arguments]],
        "check": CHECKS,
        "package": PACKAGING,
    }[command]
    failed: list[str] = []
    for step in steps:
        if call(step, is_seen=command == "run"):
            failed.append(" ".join(map(str, step[1:])))
            if command != "check":  # Checks do not need each other, all else does.
                break
    if command == "check":
        print("all checks passed" if not failed else "failed: " + "; ".join(failed))
    return 1 if failed else 0


# On all cores, unless the tests are to share a server: roles there belong to all of them.
WHOLE_SUITE = [] if os.environ.get("GANTRY_TEST_DSN") else ["--numprocesses", "auto"]
CHECKS = [
    [PYTHON, "-m", "ruff", "check", "."],
    [PYTHON, "-m", "ruff", "format", "--check", "."],
    [PYTHON, "-m", "basedpyright"],
    [PYTHON, "-m", "pytest", "tests/rules"],
]
PIP = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
PINNED = ["--constraint", str(CONSTRAINTS)]
# What is compiled here is kept on disk: no planner waits for a compiler.
COMPILING = """
from app.compiling import keep_compiled_code
keep_compiled_code()
from domain.scheduling.engine import warm_up
warm_up()
"""
PACKAGING = [
    [*PIP, *PINNED, "pyinstaller"],
    [PYTHON, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "installer/gantry.spec"],
    [ROOT / "dist" / "gantry" / "gantry", "--self-check"],
]


def call(step: Sequence[str | Path], *, is_seen: bool) -> int:
    """Run a program; without a screen unless it is to be seen."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    if not is_seen:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    try:
        return subprocess.run(step, cwd=ROOT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 130


def set_up() -> None:
    """Make .venv and install what is missing; does nothing if nothing changed since."""
    debian.install_missing(debian.QT_LIBRARIES, "Qt, which draws Gantry's window,")
    wanted = fingerprint()
    if not is_venv_usable():
        make_venv()
    elif STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    print("Installing Gantry's dependencies into .venv …", flush=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tools = [*project["build-system"]["requires"], *project["dependency-groups"]["dev"]]
    run_or_quit([*PIP, *PINNED, *tools])
    run_or_quit([*PIP, *PINNED, "--no-build-isolation", "--editable", str(ROOT)])
    print("Compiling the planner, once …", flush=True)
    run_or_quit([PYTHON, "-c", COMPILING])
    STAMP.write_text(wanted, encoding="utf-8")
    print(f"Ready: {SCRIPTS / 'gantry'}", flush=True)


def fingerprint() -> str:
    """What a set-up depends on: where it is, and the wanted packages."""
    parts = [str(ROOT)]
    parts += [path.read_text(encoding="utf-8") for path in (ROOT / "pyproject.toml", CONSTRAINTS)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_venv_usable() -> bool:
    """Is there a .venv whose Python runs, has pip, and is new enough?"""
    test = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        done = subprocess.run([PYTHON, "-c", test], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def make_venv() -> None:
    """Make a fresh .venv; Debian keeps the module for it in a package of its own."""
    if VENV.exists():
        shutil.rmtree(VENV)
    if debian.lacks_venv():
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        debian.install([f"{version}-venv"], "Python's virtual environments")
    print("Making .venv …", flush=True)
    run_or_quit([sys.executable, "-m", "venv", str(VENV)])


def run_or_quit(command: Sequence[str | Path]) -> None:
    """Run a command; end with its status if it fails, its own words having been printed."""
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status:
        print("failed: " + " ".join(map(str, command)), file=sys.stderr)
        sys.exit(status)


if __name__ == "__main__":
    sys.exit(main())

"""Where compiled code is kept: a folder for each state of the source, so that none is ever stale.

Numba looks only at the file of a compiled function, not at those it calls, and would go on using a
caller's machine code after its callee was changed.
"""

from __future__ import annotations

import os
import shutil
import sys
from hashlib import sha256
from pathlib import Path

from app import VERSION

_SOURCE = Path(__file__).resolve().parents[1] / "domain" / "scheduling"
_KEPT = 3
"""So many folders of earlier states stay, for whoever goes back and forth between them."""


def keep_compiled_code() -> Path:
    """Tell Numba where to keep machine code; call before Numba is imported anywhere."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given)
    home = _cache_home()
    folder = home / f"compiled-{_state()}"
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        if is_new:
            _forget_old(home)
    except OSError:  # no place to keep it: it is compiled anew each time, beside the source
        return _SOURCE
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    return folder


def _cache_home() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "Gantry" / "cache"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "gantry"


def _state() -> str:
    """Changes with every byte of the source; where that is packed away, with the version."""
    digest = sha256(VERSION.encode())
    for path in sorted(_SOURCE.rglob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    digest.update(str(_SOURCE).encode())
    return digest.hexdigest()[:16]


def _forget_old(home: Path) -> None:
    folders = sorted(home.glob("compiled-*"), key=lambda folder: folder.stat().st_mtime)
    for folder in folders[: -_KEPT - 1]:
        shutil.rmtree(folder, ignore_errors=True)

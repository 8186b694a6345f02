"""Where compiled code is kept: a folder for each state of its source, so that none is stale.

Numba looks only at the file of a compiled function, not at those it calls, and would go on using a
caller's machine code after its callee was changed. What no change has reached is taken over from
the folder before.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from app import VERSION

_SOURCE = Path(__file__).resolve().parents[1] / "domain" / "scheduling"
_KEPT = 3
"""So many folders of earlier states stay, for whoever goes back and forth between them."""

_MANIFEST = "modules.json"


def keep_compiled_code() -> Path:
    """Tell Numba where to keep machine code; call before Numba is imported anywhere."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given)
    home, modules = _cache_home(), _states()
    folder = home / f"compiled-{_digest(VERSION, str(_SOURCE), json.dumps(modules))}"
    try:
        if not folder.exists():
            _make(folder, modules)
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


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _states() -> dict[str, str]:
    """What each module with compiled functions depends on, itself included, as a digest.

    Empty where the source is packed away: the version says it all.
    """
    texts = {
        path.relative_to(_SOURCE).with_suffix("").as_posix().replace("/", "."): path.read_text(
            encoding="utf-8"
        )
        for path in sorted(_SOURCE.rglob("*.py"))
    }
    used = {
        name: set(re.findall(r"^from domain\.scheduling\.([\w.]+) import", text, re.MULTILINE))
        for name, text in texts.items()
    }
    states: dict[str, str] = {}
    for name, text in texts.items():
        if "@lean" not in text and "@compiled" not in text:
            continue
        reached, queue = {name}, [name]
        for module in queue:
            queue += sorted(used.get(module, set()) - reached)
            reached |= used.get(module, set())
        states[name] = _digest(*(other + texts.get(other, "") for other in sorted(reached)))
    return states


def _make(folder: Path, modules: dict[str, str]) -> None:
    """A new folder, with what is still good of the one before; the oldest ones go."""
    home = folder.parent
    home.mkdir(parents=True, exist_ok=True)
    earlier = sorted(home.glob("compiled-*"), key=lambda old: old.stat().st_mtime)
    fresh = home / f"new-{os.getpid()}"
    fresh.mkdir(exist_ok=True)
    if earlier:
        with suppress(FileNotFoundError):  # another process tidies it away: the rest is compiled
            _take_over(earlier[-1], fresh, modules)
    (fresh / _MANIFEST).write_text(json.dumps(modules), encoding="utf-8")
    try:
        fresh.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(fresh, ignore_errors=True)
    for old in earlier[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _take_over(old: Path, fresh: Path, modules: dict[str, str]) -> None:
    manifest = old / _MANIFEST
    if not manifest.exists():
        return
    known = json.loads(manifest.read_text(encoding="utf-8"))
    for path in old.rglob("*.nb[ic]"):
        # Numba names its files module.function-line.…; the folder above stands for the package.
        module = path.name.split(".", 1)[0]
        same = [name for name in modules if name.split(".")[-1] == module]
        if same and all(known.get(name) == modules[name] for name in same):
            target = fresh / path.relative_to(old)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)

"""What one person set on one computer: language, look, layouts, the server to talk to.

A JSON file in the user's configuration folder. A damaged file is put aside and the defaults hold,
so that a bad shutdown never keeps the program from starting.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, cast

from typing_extensions import override

from db.locking import locked

_log = logging.getLogger(__name__)


def config_folder() -> Path:
    """Where settings live: ``GANTRY_HOME`` if set, else the platform's place for them."""
    home = os.environ.get("GANTRY_HOME")
    if home:
        return Path(home)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home()) / "Gantry"
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "gantry"


class Config(MutableMapping[str, Any]):
    """Settings by dotted name, kept as JSON values and written at every change.

    Several windows share the file: a change writes its own name alone into what is there by then.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_folder() / "settings.json"
        self._values = self._read()

    def section(self, prefix: str) -> Section:
        """The settings whose names begin with ``prefix.``, for a widget that knows only its own."""
        return Section(self, prefix)

    def _read(self) -> dict[str, Any]:
        try:
            values: object = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            _log.warning("settings unreadable, starting with defaults: %s", error)
            self._put_aside()
            return {}
        return cast("dict[str, Any]", values) if isinstance(values, dict) else {}

    def _put_aside(self) -> None:
        try:
            self.path.replace(self.path.with_suffix(".damaged.json"))
        except OSError as error:
            _log.warning("could not put the damaged settings aside: %s", error)

    def _write(self, name: str) -> None:
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with locked(self.path.with_suffix(".lock")):
                kept = self._read()
                kept.pop(name, None)
                if name in self._values:
                    kept[name] = self._values[name]
                text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
                fresh.write_text(text, encoding="utf-8")
                fresh.replace(self.path)
        except OSError as error:
            _log.warning("settings could not be written: %s", error)

    @override
    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    @override
    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self._values or self._values[name] != value:
            self._values[name] = value
            self._write(name)

    @override
    def __delitem__(self, name: str) -> None:
        del self._values[name]
        self._write(name)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    @override
    def __len__(self) -> int:
        return len(self._values)


class Section(MutableMapping[str, Any]):
    """A part of a Config under a common prefix, read and written through it."""

    def __init__(self, config: Config, prefix: str) -> None:
        self._config = config
        self._prefix = prefix + "."

    @override
    def __getitem__(self, name: str) -> Any:
        return self._config[self._prefix + name]

    @override
    def __setitem__(self, name: str, value: Any) -> None:
        self._config[self._prefix + name] = value

    @override
    def __delitem__(self, name: str) -> None:
        del self._config[self._prefix + name]

    @override
    def __iter__(self) -> Iterator[str]:
        cut = len(self._prefix)
        return (name[cut:] for name in list(self._config) if name.startswith(self._prefix))

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)

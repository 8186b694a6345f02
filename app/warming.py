"""How far the planning process is with compiling its loops, to be seen from the window's process.

Once after an installation or an update that takes minutes; afterwards they are loaded from disk.
"""

from __future__ import annotations

import sys
import threading
from multiprocessing.context import SpawnContext

_LOOK_SECONDS = 0.25


class Warmth:
    """Numbers that the planning process writes and others read, at any time and without waiting.

    There is no lock: a process that is ended while it holds one would stop the window.
    """

    def __init__(self, context: SpawnContext) -> None:
        self._numbers = context.RawArray("i", 3)

    @property
    def done(self) -> int:
        """Functions that are compiled or loaded by now."""
        return self._numbers[0]

    @property
    def total(self) -> int:
        """Functions there are, 0: not known yet.

        Some are left in the end: those rarely needed, and what is loaded as a part of its caller.
        """
        return self._numbers[1]

    @property
    def is_ready(self) -> bool:
        """Whether nobody has to wait any more."""
        return bool(self._numbers[2])

    def warm_up(self) -> None:
        """Compile or load the engine's loops, and tell how far that is; in the planning process."""
        from domain.scheduling.engine import warm_up

        is_over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(is_over,), daemon=True)
        watcher.start()
        try:
            warm_up()
        finally:
            is_over.set()
            watcher.join()
        self._numbers[2] = 1

    def _watch(self, is_over: threading.Event) -> None:
        while True:
            self._numbers[0], self._numbers[1] = _compiled()
            if is_over.wait(_LOOK_SECONDS):
                break
        self._numbers[0], self._numbers[1] = _compiled()


def _compiled() -> tuple[int, int]:
    """How many of the loaded engine's functions are compiled, and how many there are."""
    from numba.core.dispatcher import Dispatcher

    modules = [module for name, module in [*sys.modules.items()] if name.startswith("domain.")]
    values = [value for module in modules for value in [*vars(module).values()]]
    found = {id(one): bool(one.signatures) for one in values if isinstance(one, Dispatcher)}
    return sum(found.values()), len(found)

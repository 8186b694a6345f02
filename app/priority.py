"""Who goes first on a busy computer: the window before the planner and before tidying up."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

_NICE = 10
_TURN_SECONDS = 0.0005
_is_tidy = False
_BELOW_NORMAL = 0x4000
"""`BELOW_NORMAL_PRIORITY_CLASS` of the Windows API."""


def answer_soon() -> None:
    """Let the window's thread have its turn after half a millisecond, not five, in this process.

    Every call from Python into Qt gives the turn to the threads at work behind the window, so that
    one event may wait for it many times.
    """
    sys.setswitchinterval(_TURN_SECONDS)


def tidy_later() -> None:
    """Look for no garbage from here on, in this process, until ``tidy_what_is_new``."""
    gc.disable()


def tidy_what_is_new() -> None:
    """Tidy up once, and from here on only among what is made after this.

    Looking for garbage stops every thread: with a factory loaded for a quarter of a second if it
    goes through all there is, for some milliseconds if it leaves out what is there to stay.
    """
    global _is_tidy  # noqa: PLW0603 - there is one collector in a process
    gc.collect()
    gc.freeze()
    gc.enable()
    _is_tidy = True


@contextmanager
def loading() -> Generator[None]:
    """What is loaded here stays, too; looking for garbage among it waits until it is there."""
    gc.disable()
    try:
        yield
    finally:
        if _is_tidy:
            gc.freeze()
        gc.enable()


def give_way() -> None:
    """Let other processes have the processor first, from here on, in this process.

    The planner uses all cores for as long as it may; a window needs one now and then, but at once.
    Where nothing else wants the processor, this costs no time.
    """
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.SetPriorityClass.argtypes = (wintypes.HANDLE, wintypes.DWORD)
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(_NICE)

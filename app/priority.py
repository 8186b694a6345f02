"""Who goes first on a busy computer: the window before the planner and before tidying up."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

_NICE = 10
_TURN_SECONDS = 0.0001
_is_tidy = False
_BELOW_NORMAL = 0x4000
"""`BELOW_NORMAL_PRIORITY_CLASS` of the Windows API."""


def answer_soon() -> None:
    """Let a thread that waits have its turn after a tenth of a millisecond, not five.

    Every call from Python into Qt, or into the search, gives the turn to the other threads, so that
    one event of the window, or one round of the search, may wait for it many times.
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


def keep_what_is_new(*, looks_first: bool = False) -> None:
    """After tidying up: leave out what has come since, too, whenever garbage is looked for.

    A plan's rows go by themselves when they are dropped. What holds itself in a circle stays for
    good, unless it was dropped by now and this ``looks_first``.
    """
    if _is_tidy:
        if looks_first:
            gc.collect()
        gc.freeze()


@contextmanager
def untidy() -> Generator[None]:
    """Look for no garbage meanwhile: for what makes much and drops it again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def loading() -> Generator[None]:
    """What is loaded here stays, too; looking for garbage among it waits until it is there."""
    with untidy():
        yield
        keep_what_is_new()


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

"""Who goes first on a busy computer: the window before the planner."""

from __future__ import annotations

import os
import sys

_NICE = 5
_TURN_SECONDS = 0.002
_BELOW_NORMAL = 0x4000
"""`BELOW_NORMAL_PRIORITY_CLASS` of the Windows API."""


def answer_soon() -> None:
    """Let the window's thread have its turn after two milliseconds, not five, in this process.

    Every call from Python into Qt gives the turn to the threads at work behind the window, so that
    one event may wait for it many times.
    """
    sys.setswitchinterval(_TURN_SECONDS)


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
